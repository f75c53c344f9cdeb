"""Automata that read lines for forms. `automaton` says what is meant."""

cimport cython
from libc.stdint cimport int64_t, uint8_t

from cleaner.match._shared cimport Batch, Char, Text


@cython.final
cdef class Automata:
    """Read lines for forms. See `automaton.Automata`."""

    cdef const int64_t[::1] of, least, width, first
    cdef const uint8_t[::1] raw, moves, folded, written
    cdef const uint8_t[:, ::1] kinds

    cdef bint allow(self, int64_t form, const Text *text, int64_t start, int64_t end) noexcept
    cdef bint reads(self, const Char *line, int64_t size, int64_t number) noexcept
    cdef bint passes(self, int64_t form, Batch *batch, Py_ssize_t row) noexcept
