"""The table of the lines of a batch, in one pass over their code points. `table` says what is meant.

Nothing is checked again: callers pass arrays that they have made themselves.
"""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from cleaner.match._shared cimport BLANK, BREAK, EVERY, Char, Row

cdef enum:
    TAB = 9
    LONG = 400  # as `table`: longer lines are taken to have every kind of character

COLUMNS = ("line", "first", "last", "start", "end", "words", "kinds", "key", "key_end", "spoken", "spoken_end")
"""What `table` writes of each line that holds more than blanks: a `Row`."""


cdef struct Bytes:
    const uint8_t *is_outer
    const uint8_t *is_letter
    const uint64_t *bits
    uint64_t tab


cdef struct Written:
    uint8_t *signed
    int64_t size
    int64_t *breaks
    int64_t lines
    int64_t rows


def table(
    list texts, const uint8_t[::1] codes, const uint8_t[::1] is_outer, const uint8_t[::1] is_letter,
    const uint64_t[::1] bits, uint64_t tab, uint8_t[::1] signed, int64_t[::1] breaks, int64_t[:, ::1] out,
):
    """Write the collapsed signature of the joined texts, the ends of all their lines, and a row of ``out`` for each
    line that is not blank, without the blanks behind it. ``bits`` are the kinds of characters, ``tab`` that of a tab,
    which the signature does not tell from a blank. Gives the size of the signature and the number of those lines."""
    cdef Bytes known = Bytes(&is_outer[0], &is_letter[0], &bits[0], tab)
    cdef Written written = Written(&signed[0], 0, &breaks[0], 0, 0)
    cdef Row *rows = <Row *>&out[0, 0]
    cdef int64_t offset = 0
    cdef Py_ssize_t size
    cdef int kind
    cdef void *data
    for text in texts:
        kind, data, size = PyUnicode_KIND(text), PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text)
        if kind == 1:
            _sign(<const uint8_t *>data, size, offset, codes, &known, &written, rows)
        elif kind == 2:
            _sign(<const uint16_t *>data, size, offset, codes, &known, &written, rows)
        else:
            _sign(<const uint32_t *>data, size, offset, codes, &known, &written, rows)
        offset += size + 1
    return written.size - (written.size > 0), written.rows


cdef void _sign(
    const Char *text, Py_ssize_t size, int64_t offset, const uint8_t[::1] codes, const Bytes *bytes, Written *written,
    Row *out,
) noexcept:
    """Add one text, which begins at this offset of the joined texts, and a line break."""
    cdef uint8_t *signed = written.signed
    cdef const uint8_t *code_of = &codes[0]
    cdef uint32_t known = <uint32_t>codes.shape[0] - 1
    cdef int64_t at = written.size, begin, last
    cdef Row *row
    cdef Py_ssize_t k, start = 0, stop, filled
    cdef uint8_t byte, before
    cdef bint tabs = False
    for k in range(size):
        tabs |= text[k] == TAB
    while start <= size:
        stop, begin, before = start, at, BREAK
        while stop < size and text[stop] != BREAK:
            stop += 1
        for k in range(start, stop):
            byte = _code(text[k], code_of, known)
            signed[at] = byte
            at += (byte != BLANK) | (before != BLANK)
            before = byte
        written.breaks[written.lines] = offset + stop
        if at - begin > 1 or (at - begin == 1 and before != BLANK):
            row, last, filled = out + written.rows, at - (before == BLANK), stop
            while _code(text[filled - 1], code_of, known) == BLANK:
                filled -= 1
            row.line, row.first, row.last = written.lines, begin, last
            row.start, row.end = offset + start, offset + filled
            _describe(signed, bytes, row)
            if tabs and _has_tab(text, start, stop):
                row.kinds |= bytes.tab
            written.rows += 1
        written.lines += 1
        signed[at] = BREAK
        at, start = at + 1, stop + 1
    written.size = at


cdef inline uint8_t _code(Char char, const uint8_t *code_of, uint32_t known) noexcept:
    """The byte that stands for the code point."""
    if Char is uint8_t:
        return code_of[char]
    else:
        return code_of[char if char < known else known]


cdef bint _has_tab(const Char *text, Py_ssize_t start, Py_ssize_t end) noexcept:
    cdef Py_ssize_t k
    for k in range(start, end):
        if text[k] == TAB:
            return True
    return False


cdef void _describe(const uint8_t *signed, const Bytes *bytes, Row *row) noexcept nogil:
    """The row's words, its kinds of characters, and its stretches without outer characters, and from its first letter
    to its last."""
    cdef const uint8_t *is_outer = bytes.is_outer
    cdef const uint8_t *is_letter = bytes.is_letter
    cdef int64_t first = row.first, last = row.last, a, b, words = 1
    cdef uint64_t kinds = 0
    for a in range(first, last):
        words += signed[a] == BLANK
    row.words = words - (signed[first] == BLANK)
    for a in range(first, last if last - first <= LONG else first):
        kinds |= bytes.bits[signed[a]]
    row.kinds = kinds if last - first <= LONG else EVERY
    a, b = first, last
    while a < b and is_outer[signed[a]]:
        a += 1
    while b > a and is_outer[signed[b - 1]]:
        b -= 1
    row.key, row.key_end = a, b
    a, b = first, last
    while a < b and not is_letter[signed[a]]:
        a += 1
    while b > a and not is_letter[signed[b - 1]]:
        b -= 1
    row.spoken, row.spoken_end = a, b


def divide(
    const int64_t[:] line, const int64_t[::1] breaks, const int64_t[::1] lines, const int64_t[::1] titles,
    int64_t[::1] bounds, int64_t[::1] heads, int64_t[::1] owner, int64_t[::1] base, int64_t[::1] sizes,
):
    """Fill the columns of `table.BatchTable` from the lines that the rows are, the ends of all lines, the first line of
    each text, and the line of each text's title."""
    cdef Py_ssize_t text, row = 0, texts = lines.shape[0] - 1, at
    for text in range(texts):
        bounds[text] = row
        base[text] = breaks[lines[text] - 1] + 1 if lines[text] > 0 else 0
        sizes[text] = breaks[lines[text + 1] - 1] - base[text]
        while row < line.shape[0] and line[row] < lines[text + 1]:
            owner[row] = text
            row += 1
    bounds[texts] = row
    at = row
    for text in range(texts):
        heads[text] = -1
        if titles[text] >= 0:
            while at < line.shape[0] and line[at] < titles[text]:
                at += 1
            if at < line.shape[0] and line[at] == titles[text]:
                heads[text] = at
