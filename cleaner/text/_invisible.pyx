"""Looks for some of many code points in one pass. `invisible` says what is meant."""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport uint8_t, uint16_t, uint32_t

from cleaner.text._shared cimport Char, look_up


cdef bint _has_any(const uint8_t *wanted, const Char *text, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t k
    cdef uint8_t found = 0
    for k in range(size):
        found |= look_up(text[k], wanted)
    return found


def has_any(bytes wanted, str text):
    """Whether the text holds a wanted code point. ``wanted``: of each below `BEYOND`, whether it is one, and a nought."""
    cdef const uint8_t *table = wanted
    cdef const void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
    if PyUnicode_KIND(text) == 1:
        return _has_any(table, <const uint8_t *>data, size)
    if PyUnicode_KIND(text) == 2:
        return _has_any(table, <const uint16_t *>data, size)
    return _has_any(table, <const uint32_t *>data, size)
