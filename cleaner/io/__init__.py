"""Bytes and records: files in any compression and format become documents, and documents bytes again.

Nothing here knows how to clean: a record goes out, and its cleaned text comes back.
"""
