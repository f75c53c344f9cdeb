"""Reads lines. `automaton` says what is meant."""

cimport cython
from cpython.unicode cimport Py_UNICODE_ISSPACE, PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t

from cleaner.match._shared cimport Batch, Char, Text


cdef enum:  # states, as `automaton`
    DEAD, OPEN, BEGUN


@cython.final
cdef class Automata:
    def __cinit__(
        self, const int64_t[::1] of, const uint8_t[::1] raw, const uint8_t[:, ::1] kinds, const int64_t[::1] least,
        const int64_t[::1] width, const int64_t[::1] first, const uint8_t[::1] moves, const uint8_t[::1] folded,
        const uint8_t[::1] written,
    ):
        """Also takes the kinds of code points, of lines that are seen folded and as written."""
        self.of, self.raw, self.kinds, self.width, self.first, self.moves = of, raw, kinds, width, first, moves
        self.least, self.folded, self.written = least, folded, written

    def may(self, tuple forms, str text, int64_t start, int64_t end, int64_t longest):
        """Whether one of the forms may match this stretch of the text, but for the blanks at its end; None stands for
        any. In a stretch that is longer nothing matches."""
        cdef Text whole = Text(PyUnicode_KIND(text), PyUnicode_DATA(text))
        cdef int64_t form
        while end > start and Py_UNICODE_ISSPACE(PyUnicode_READ(whole.kind, <void *>whole.data, end - 1)):
            end -= 1
        if end - start > longest:
            return False
        if forms is None:
            return True
        for form in forms:
            if self.allow(form, &whole, start, end):
                return True
        return False

    cdef bint allow(self, int64_t form, const Text *text, int64_t start, int64_t end) noexcept:
        """Whether the form may match this stretch of the text."""
        cdef int64_t number = self.of[form]
        if number < 0:
            return True
        if end - start < self.least[number]:
            return False
        if text.kind == 1:
            return self.reads(<const uint8_t *>text.data + start, end - start, number)
        if text.kind == 2:
            return self.reads(<const uint16_t *>text.data + start, end - start, number)
        return self.reads(<const uint32_t *>text.data + start, end - start, number)

    cdef bint passes(self, int64_t form, Batch *batch, Py_ssize_t row) noexcept:
        """Whether the form may match the row."""
        cdef int64_t owner = batch.owner[row], base = batch.base[owner]
        return self.allow(form, batch.texts + owner, batch.rows[row].start - base, batch.rows[row].end - base)

    cdef bint reads(self, const Char *line, int64_t size, int64_t number) noexcept:
        cdef const uint8_t *kind_of = &self.written[0] if self.raw[number] else &self.folded[0]
        cdef const uint8_t *column = &self.kinds[number, 0]
        cdef const uint8_t *moves = &self.moves[self.first[number]]
        cdef uint32_t known = <uint32_t>self.folded.shape[0] - 1, code
        cdef int64_t width = self.width[number], k
        cdef uint8_t state = BEGUN
        for k in range(size):
            code = line[k]
            state = moves[state * width + column[kind_of[code if code < known else known]]]
            if state <= OPEN:
                return state == OPEN
        return moves[state * width + width - 1] == OPEN
