"""Bytes and records: files in any compression and format become documents, and documents bytes again.

Nothing here knows what cleaning is: a record goes out, what is left of its text comes back.
"""
