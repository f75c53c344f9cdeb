"""Folds a string in one pass. `fold` says what is meant."""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND, PyUnicode_READ
from libc.stdint cimport uint16_t, uint32_t
from libc.stdlib cimport free, malloc

from cleaner.text._shared cimport BEYOND

cdef extern from "Python.h":
    object PyUnicode_FromKindAndData(int kind, const void *data, Py_ssize_t size)


ctypedef fused Unit:
    uint16_t
    uint32_t


cdef object _folded(const void *data, int kind, Py_ssize_t size, const uint16_t *table, Unit *out):
    """A string of so many code points, each as the table has it, by way of ``out``."""
    cdef Py_ssize_t i
    cdef uint32_t code
    for i in range(size):
        code = PyUnicode_READ(kind, <void *>data, i)
        out[i] = <Unit>(table[code] if code <= BEYOND else code)
    return PyUnicode_FromKindAndData(sizeof(Unit), out, size)


def fold(bytes table, str text):
    """The text, of which each code point of the first plane is as the table, of two bytes each, has it."""
    cdef const uint16_t *units = <const uint16_t *><const char *>table
    cdef int kind = PyUnicode_KIND(text)
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
    cdef void *out = malloc(size * (4 if kind == 4 else 2) + 1)
    if out is NULL:
        raise MemoryError
    try:
        if kind == 4:
            return _folded(PyUnicode_DATA(text), kind, size, units, <uint32_t *>out)
        return _folded(PyUnicode_DATA(text), kind, size, units, <uint16_t *>out)
    finally:
        free(out)
