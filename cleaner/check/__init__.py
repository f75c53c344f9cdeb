"""Does a pack keep its promises, and does a text match its gold?"""
