"""Forms that no word selects: a bit for each in words of 64. `gate` says what is meant."""

cimport cython
from libc.stdint cimport int64_t, uint64_t

from cleaner.match._prechecks cimport Prechecks
from cleaner.match._shared cimport Batch, Form


cdef struct Demand:  # of some forms of the gate
    uint64_t kinds  # one of these characters
    uint64_t others  # the forms that do not ask for it


@cython.final
cdef class Gate:
    """Forms that no word selects: a bit for each in words of 64. See `gate.Gate`."""

    cdef Py_ssize_t words
    cdef const uint64_t[:, ::1] first, last, length
    cdef const int64_t[::1] forms
    cdef uint64_t *counted  # of each word and number of words in a line, FEW at most: the forms that allow for it
    cdef Demand *demands  # of the forms of each word
    cdef Py_ssize_t *ends  # of each word's demands

    cdef int ask(self, const Form *known, Prechecks rules) except -1
    cdef uint64_t open_for(self, Batch *batch, Py_ssize_t row, Py_ssize_t word) noexcept
