"""Asks all forms of a word at once. `gate` says what is meant."""

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free

from cleaner.match._prechecks cimport MAX_WORDS, MIN_WORDS, Prechecks
from cleaner.match._shared cimport EVERY, FAR, Batch, Form

cdef enum:
    FEW = 64  # words; lines of so many or more are asked the same
    DEMANDS = 64 * (64 + 2)  # of the forms of one word, at most: each character, and two sets


@cython.final
cdef class Gate:
    def __cinit__(
        self, const uint64_t[:, ::1] first, const uint64_t[:, ::1] last, const uint64_t[:, ::1] length,
        const int64_t[::1] forms,
    ):
        self.first, self.last, self.length, self.forms, self.words = first, last, length, forms, first.shape[0]
        self.counted = <uint64_t *>calloc(self.words * FEW + 1, sizeof(uint64_t))
        self.demands = <Demand *>calloc(self.words * DEMANDS + 1, sizeof(Demand))
        self.ends = <Py_ssize_t *>calloc(self.words + 1, sizeof(Py_ssize_t))
        if not (self.counted and self.demands and self.ends):
            raise MemoryError

    def __dealloc__(self):
        free(self.counted)
        free(self.demands)
        free(self.ends)

    cdef int ask(self, const Form *known, Prechecks rules) except -1:
        """Note what each form asks of a line's characters and number of words, so that all are asked at once."""
        cdef Py_ssize_t word, i, k, count
        cdef const Form *form
        cdef uint64_t bit, each
        for word in range(self.words):
            wanted = {}
            for i in range(64 * word, min(64 * word + 64, self.forms.shape[0])):
                form, bit = known + self.forms[i], <uint64_t>1 << (i - 64 * word)
                if form.least == FAR:  # of a rule that is not in use
                    continue
                for count in range(FEW):
                    if count <= rules.limits[form.rule, MAX_WORDS]:
                        if count >= rules.limits[form.rule, MIN_WORDS] or count == FEW - 1:
                            self.counted[word * FEW + count] |= bit
                asked = {form.some, form.other}
                for k in range(64):
                    asked.add(form.every & <uint64_t>1 << k)
                for each in asked - {0, EVERY}:
                    wanted[each] = wanted.get(each, 0) | bit
            k = self.ends[word - 1] if word else 0
            for each, bit in wanted.items():
                self.demands[k] = Demand(each, ~bit)
                k += 1
            self.ends[word] = k
        return 0

    cdef uint64_t open_for(self, Batch *batch, Py_ssize_t row, Py_ssize_t word) noexcept:
        """The forms of this word that may match the row."""
        cdef const uint8_t *signed = batch.signed
        cdef int64_t size = batch.rows[row].end - batch.rows[row].start, words = batch.rows[row].words
        cdef uint64_t kinds = batch.rows[row].kinds, open_for
        cdef Py_ssize_t k
        open_for = batch.open[word] & self.first[word, signed[batch.rows[row].first]]
        open_for &= self.last[word, signed[batch.rows[row].last - 1]]
        open_for &= self.length[word, size if size < self.length.shape[1] else self.length.shape[1] - 1]
        open_for &= self.counted[word * FEW + (words if words < FEW else FEW - 1)]
        if open_for == 0:
            return 0
        for k in range(self.ends[word - 1] if word else 0, self.ends[word]):
            open_for &= self.demands[k].others | (<uint64_t>0 - <uint64_t>((kinds & self.demands[k].kinds) != 0))
        return open_for
