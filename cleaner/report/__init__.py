"""Cleaned documents, and learned rules, as one HTML page."""
