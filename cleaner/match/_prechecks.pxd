"""Conditions of rules that the table of lines can answer. `prechecks` says what is meant."""

cimport cython
from libc.stdint cimport int64_t

from cleaner.match._shared cimport Batch

cdef enum:  # as `prechecks._Limits`
    MIN_CHARS, MAX_CHARS, MIN_WORDS, MAX_WORDS, HEAD, TAIL, ABOVE, BELOW, ZONED, REPEATED


@cython.final
cdef class Prechecks:
    """The conditions of all rules."""

    cdef const int64_t[:, ::1] limits, asks
    cdef const double[:, ::1] shares
    cdef const int64_t[::1] group, asks_title
    cdef bint hold(self, Batch *batch, Py_ssize_t row, int64_t rule) noexcept
    cdef bint concern(self, Batch *batch, int64_t text, int64_t rule) noexcept
    cdef bint in_zone(self, Batch *batch, Py_ssize_t row, int64_t rule) noexcept
