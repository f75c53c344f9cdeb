"""Asks the rows around a hit. `conditions` says what is meant."""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free, malloc

from cleaner.match._shared cimport EVERY, FAR, Batch, has_kinds, lowest

cdef enum:
    HEARD = 64  # rows whose answers to a question are remembered, a bit each


@cython.final
cdef class Neighbours:
    def __cinit__(self, near, Automata automata, int64_t longest):
        """``near``: a `conditions.Near`. A row of more code points than ``longest`` says nothing."""
        cdef const int64_t[::1] form = near.automata, first = near.first[0], last = near.last[0], most = near.most
        cdef const uint64_t[:, ::1] chars = near.chars
        cdef Py_ssize_t k, size = form.shape[0]
        self.asks, self.automata, self.longest = near.asks, automata, longest
        self.first, self.last = near.first[1], near.last[1]
        self.beside = <Beside *>malloc((size + 1) * sizeof(Beside))
        self.heard = <Heard *>calloc(size + 1, sizeof(Heard))
        if self.beside is NULL or self.heard is NULL:
            raise MemoryError
        for k in range(size):
            self.beside[k] = Beside(
                chars[k, 0], chars[k, 1], chars[k, 2], form[k], <int32_t>min(most[k], FAR), <int32_t>first[k],
                <int32_t>last[k],
            )

    def __dealloc__(self):
        free(self.beside)
        free(self.heard)

    cdef void meet(self, Batch *batch, int64_t rows) noexcept:
        """Count the batch's rows, so that no answer of an earlier batch is taken for one of its."""
        batch.begin = self.rows
        self.rows += rows

    cdef bint may_hold(self, Batch *batch, Py_ssize_t row, int64_t rule) noexcept:
        """Whether the rows above and below may say what the rule asks of them. See `conditions.Near`."""
        cdef const Asked *asked = <const Asked *>&self.asks[rule, 0]
        if not self.side(batch, row, -1, asked) or not self.side(batch, row, 1, asked + 2):
            return False
        return self.side(batch, row, -1, asked + 4) or self.side(batch, row, 1, asked + 4)

    cdef bint side(self, Batch *batch, Py_ssize_t row, int step, const Asked *asked) noexcept:
        """The same for one direction: what is asked there, and behind it what is asked of the rows between."""
        if asked[1].within and not self.says(batch, row, 1, step, asked + 1):
            return False
        return not asked.within or self.says(batch, row, 2 if asked[1].within else 1, step, asked)

    cdef bint says(self, Batch *batch, Py_ssize_t row, int64_t nearest, int step, const Asked *asked) noexcept:
        """Whether one of the next rows in this direction, from the nearest on, may say what is asked."""
        cdef int64_t owner = batch.owner[row], low, high
        low, high = (row + nearest, row + asked.within) if step > 0 else (row - asked.within, row - nearest)
        low, high = max(low, batch.bounds[owner]), min(high, batch.bounds[owner + 1] - 1)
        while low <= high:
            if self.one_says(batch, low, min(high, low + HEARD - 1), asked):
                return True
            low += HEARD
        return False

    cdef bint one_says(self, Batch *batch, int64_t low, int64_t high, const Asked *asked) noexcept:
        """The same of the rows from ``low`` to ``high``. Rows near one another ask the same of the same rows, so the
        latest answers are remembered."""
        cdef Heard *heard = self.heard + asked.first
        cdef int64_t at = batch.begin + low - heard.begin
        cdef uint64_t rows
        if at < 0 or at >= HEARD:
            at, heard.begin, heard.known, heard.yes = 0, batch.begin + low, 0, 0
        elif at + high - low >= HEARD:
            heard.begin, heard.known, heard.yes = heard.begin + at, heard.known >> at, heard.yes >> at
            at = 0
        rows = EVERY >> (HEARD - 1 - (high - low)) << at
        while not heard.yes & rows and rows & ~heard.known:
            at = lowest(rows & ~heard.known)
            heard.known |= <uint64_t>1 << at
            if self.reads(batch, heard.begin + at - batch.begin, asked):
                heard.yes |= <uint64_t>1 << at
        return heard.yes & rows != 0

    cdef bint reads(self, Batch *batch, int64_t row, const Asked *asked) noexcept:
        """Whether a row may say what is asked."""
        cdef int64_t size = batch.rows[row].end - batch.rows[row].start, k
        cdef uint64_t kinds = batch.rows[row].kinds
        cdef uint8_t first = batch.signed[batch.rows[row].first], last = batch.signed[batch.rows[row].last - 1]
        cdef const Beside *each
        if size > self.longest:
            return False
        for k in range(asked.first, asked.last):
            each = self.beside + k
            if size > each.most or not has_kinds(kinds, each.every, each.some, each.other):
                continue
            if self.first[each.first, first] and self.last[each.last, last]:
                if self.automata.passes(each.form, batch, row):
                    return True
        return False
