"""Conditions of rules that the table of lines can answer. `prechecks` says what is meant."""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t

from cleaner.match._shared cimport Batch

cdef enum:  # as `prechecks._Limits`
    MIN_CHARS, MAX_CHARS, MIN_WORDS, MAX_WORDS, HEAD, TAIL, ABOVE, BELOW, ZONED, REPEATED


cdef struct Asks:  # of a rule, what must be so of the whole text; side by side, as each form that is offered is asked
    int32_t group  # number of the languages that it removes something in
    int32_t title  # number of the wording that the title has, counted from 1; 0: any
    int32_t others[3]  # columns of the rules that claim something


@cython.final
cdef class Prechecks:
    """The conditions of all rules."""

    cdef const int64_t[:, ::1] limits
    cdef const double[:, ::1] shares
    cdef Asks *asks
    cdef bint hold(self, Batch *batch, Py_ssize_t row, int64_t rule) noexcept

    cdef inline bint concern(self, Batch *batch, int64_t text, int64_t rule) noexcept:
        """Whether the rule may hold anywhere in the text: by the text's languages, its title, and the other rules that
        claim something of it."""
        cdef const uint8_t *answers = batch.answers + text * batch.answering
        cdef const Asks *asks = self.asks + rule
        if not batch.concerned[text * batch.groups + asks.group]:
            return False
        if asks.title and not batch.titled[text * batch.titles + asks.title - 1]:
            return False
        return answers[asks.others[0]] and answers[asks.others[1]] and answers[asks.others[2]]

    cdef bint in_zone(self, Batch *batch, Py_ssize_t row, int64_t rule) noexcept
