"""What rules ask of the rows around a hit. `conditions` says what is meant."""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

from cleaner.match._automaton cimport Automata
from cleaner.match._shared cimport Batch


cdef struct Asked:  # of the rows on one side of a hit. See `conditions.Near`
    int64_t within  # how far away they are; 0: none is asked
    int64_t first, last  # automata, one of which passes every line that is as asked


cdef struct Beside:  # an automaton for rows around a hit, and what the rows have that it passes
    uint64_t every, some, other  # as in `Form`
    int64_t form
    int32_t most
    int32_t first, last


cdef struct Heard:  # what some rows have said to one question
    int64_t begin  # the first of them, counted through all batches
    uint64_t known, yes


@cython.final
cdef class Neighbours:
    """Asks the rows around a hit. See `conditions.Near`."""

    cdef const int64_t[:, ::1] asks
    cdef Automata automata
    cdef Beside *beside
    cdef Heard *heard  # of each question, at the number of its first automaton
    cdef const uint8_t[:, ::1] first, last
    cdef int64_t longest
    cdef int64_t rows  # of all batches so far

    cdef void meet(self, Batch *batch, int64_t rows) noexcept
    cdef bint may_hold(self, Batch *batch, Py_ssize_t row, int64_t rule) noexcept
    cdef bint side(self, Batch *batch, Py_ssize_t row, int step, const Asked *asked) noexcept
    cdef bint says(self, Batch *batch, Py_ssize_t row, int64_t nearest, int step, const Asked *asked) noexcept
    cdef bint one_says(self, Batch *batch, int64_t low, int64_t high, const Asked *asked) noexcept
    cdef bint reads(self, Batch *batch, int64_t row, const Asked *asked) noexcept
