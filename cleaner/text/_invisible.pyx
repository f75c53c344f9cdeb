"""Looks for some of many code points in one pass. `invisible` says what is meant."""

from cpython cimport array
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport uint8_t, uint16_t, uint32_t

from array import array as Array

from cleaner.text._shared cimport Char, look_up

cdef enum:
    STRETCH = 256  # code points that are looked at together


cdef array.array _NONE = Array("q")


cdef array.array _places(const uint8_t *wanted, const Char *text, Py_ssize_t size):
    cdef array.array places = array.copy(_NONE)
    cdef Py_ssize_t first, last, k, found = 0
    cdef uint8_t some
    for first in range(0, size, STRETCH):
        last, some = min(first + STRETCH, size), 0
        for k in range(first, last):
            some |= look_up(text[k], wanted)
        if some:
            array.resize_smart(places, found + STRETCH)
            for k in range(first, last):
                if look_up(text[k], wanted):
                    places.data.as_longlongs[found] = k
                    found += 1
    array.resize(places, found)
    return places


def places(bytes wanted, str text):
    """Where the text has a wanted code point. ``wanted``: of each below `BEYOND`, whether it is one, and a nought."""
    cdef const uint8_t *table = wanted
    cdef const void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
    if PyUnicode_KIND(text) == 1:
        return _places(table, <const uint8_t *>data, size)
    if PyUnicode_KIND(text) == 2:
        return _places(table, <const uint16_t *>data, size)
    return _places(table, <const uint32_t *>data, size)
