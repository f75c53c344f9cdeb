# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What `table`, `select`, `prechecks` and `repeats` compute, in one pass over the lines of a batch.

Those modules say what is meant and are used wherever this one could not be compiled; a test holds the two together.
Nothing is checked again here: callers pass arrays that they have made themselves.
"""

cimport cython
from cpython.unicode cimport (
    Py_UNICODE_ISSPACE, PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND, PyUnicode_READ,
)
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memcmp, memcpy, memset

from array import array

cdef enum:
    TAB = 9
    BREAK = 10
    BLANK = 32
    LONG = 400  # as `table`: longer lines are taken to have every kind of character

cdef uint64_t EVERY = 0xFFFFFFFFFFFFFFFF
cdef uint64_t MIX0 = 0x9E3779B97F4A7C15, MIX1 = 0xC2B2AE3D27D4EB4F, MIX2 = 0x165667B19E3779F9  # as `table`

COLUMNS = ("line", "first", "last", "start", "end", "words", "kinds", "key", "key_end", "spoken", "spoken_end")
"""What `table` writes of each line that holds more than blanks: a `Row`."""

cdef struct Row:
    int64_t line, first, last, start, end, words
    uint64_t kinds
    int64_t key, key_end, spoken, spoken_end


ctypedef fused Char:
    uint8_t
    uint16_t
    uint32_t


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
    line that is not blank, without the blanks behind it. ``bits`` are the kinds of characters, ``tab`` that of a tab, which
    the signature does not tell from a blank. Gives the size of the signature and the number of those lines."""
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
    cdef uint32_t known = <uint32_t>codes.shape[0] - 1, code
    cdef int64_t at = written.size, begin = at, rows = written.rows, last
    cdef Py_ssize_t k, start = 0, filled = 0
    cdef uint8_t byte, before = BREAK
    cdef bint tabs = False
    for k in range(size + 1):
        if k < size:
            code = text[k]
            byte = code_of[code if code < known else known]
            tabs |= code == TAB
        else:
            byte = BREAK
        if byte == BREAK:
            written.breaks[written.lines] = offset + k
            if at - begin > 1 or (at - begin == 1 and signed[begin] != BLANK):
                last = at - (before == BLANK)
                out[rows].line, out[rows].first, out[rows].last = written.lines, begin, last
                out[rows].start, out[rows].end = offset + start, offset + filled
                _describe(signed, bytes, out + rows)
                if tabs:
                    out[rows].kinds |= bytes.tab
                rows += 1
            written.lines += 1
            begin, start, tabs = at + 1, k + 1, False
        if byte != BLANK:
            filled = k + 1
        signed[at] = byte
        at += (byte != BLANK) | (before != BLANK)
        before = byte
    written.size, written.rows = at, rows


cdef void _describe(const uint8_t *signed, const Bytes *bytes, Row *row) noexcept nogil:
    """The row's words, its kinds of characters, and its stretches without outer characters, and from its first letter
    to its last."""
    cdef const uint8_t *is_outer = bytes.is_outer
    cdef const uint8_t *is_letter = bytes.is_letter
    cdef int64_t first = row.first, last = row.last, a, b, words = 1
    cdef uint64_t kinds = EVERY if last - first > LONG else 0
    for a in range(first, last):
        words += signed[a] == BLANK
        kinds |= bytes.bits[signed[a]]
    row.kinds, row.words = kinds, words - (signed[first] == BLANK)
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


cdef extern from *:
    """
    #ifdef _MSC_VER
    #include <intrin.h>
    static int _lowest(uint64_t word) { unsigned long at; _BitScanForward64(&at, word); return (int)at; }
    #else
    static int _lowest(uint64_t word) { return __builtin_ctzll(word); }
    #endif
    """
    int _lowest(uint64_t word) noexcept nogil  # number of the lowest bit that is set; there must be one


cdef inline uint64_t _head(const uint8_t *signed, int64_t start, int64_t end) noexcept nogil:
    """The first eight bytes of the stretch, or as many as there are, the first one lowest."""
    cdef uint64_t word
    cdef int64_t size = end - start
    memcpy(&word, signed + start, 8)
    return word if size >= 8 else word & ((<uint64_t>1 << 8 * size) - 1)


cdef inline uint64_t _tail(const uint8_t *signed, int64_t start, int64_t end) noexcept nogil:
    """The last eight bytes of the stretch, or as many as there are, the last one highest."""
    cdef uint64_t word
    cdef int64_t size = end - start
    if size <= 0:
        return 0
    memcpy(&word, signed + end - 8, 8)
    return word if size >= 8 else word >> (64 - 8 * size) << (64 - 8 * size)


cdef inline uint64_t _word(const uint8_t *signed, int64_t start, int64_t end) noexcept nogil:
    return (_head(signed, start, end) * MIX1) ^ (_tail(signed, start, end) * MIX2) ^ <uint64_t>(end - start)


@cython.final
cdef class Words:
    """Numbers of 8-byte words: an open table of twice their number, and a set of bits, small enough for the processor's
    nearest cache, that is asked first."""

    cdef uint64_t *keys
    cdef int32_t *numbers
    cdef uint8_t *bits
    cdef uint64_t mask
    cdef int shift, bits_shift

    def __cinit__(self, const uint64_t[::1] words):
        cdef uint64_t size = 16, slot
        cdef Py_ssize_t i
        self.shift = 60
        while size < 2 * <uint64_t>words.shape[0]:
            size *= 2
            self.shift -= 1
        self.mask = size - 1
        self.bits_shift = self.shift - 3  # eight bits a slot
        self.keys = <uint64_t *>malloc(size * sizeof(uint64_t))
        self.numbers = <int32_t *>malloc(size * sizeof(int32_t))
        self.bits = <uint8_t *>calloc(size, 1)
        if self.keys is NULL or self.numbers is NULL or self.bits is NULL:
            raise MemoryError
        memset(self.numbers, 0xFF, size * sizeof(int32_t))
        for i in range(words.shape[0]):
            slot = (words[i] * MIX0) >> self.shift
            while self.numbers[slot] >= 0:
                slot = (slot + 1) & self.mask
            self.keys[slot], self.numbers[slot] = words[i], <int32_t>i
            slot = (words[i] * MIX1) >> self.bits_shift
            self.bits[slot >> 3] |= 1 << (slot & 7)

    def __dealloc__(self):
        free(self.keys)
        free(self.numbers)
        free(self.bits)

    cdef inline bint may_hold(self, uint64_t word) noexcept nogil:
        """Yes for each of the words, and for few others."""
        cdef uint64_t slot = (word * MIX1) >> self.bits_shift
        return self.bits[slot >> 3] >> (slot & 7) & 1

    cdef inline int32_t number(self, uint64_t word) noexcept nogil:
        """The word's number, or -1."""
        cdef uint64_t slot
        if not self.may_hold(word):
            return -1
        slot = (word * MIX0) >> self.shift
        while self.numbers[slot] >= 0:
            if self.keys[slot] == word:
                return self.numbers[slot]
            slot = (slot + 1) & self.mask
        return -1


cdef enum:
    WINDOW = 8  # bytes of a literal that are looked for, at most
    LONG_OPENING = 6  # bytes by which those windows are asked for that have so many,
    OPENING = 3  # or so many; others by two


cdef inline uint64_t _window(uint64_t word, Py_ssize_t size) noexcept nogil:
    """The lowest bytes of the word, and how many; two windows may be the same, as what stands there is compared."""
    return (word & (EVERY >> (64 - 8 * size))) ^ <uint64_t>size << 56


cdef enum:  # bits of the sets' sizes
    FULL = 17
    SOME = 15
    TINY = 16  # one for each pair of bytes


cdef inline uint64_t _place(uint64_t word, Py_ssize_t bytes, int size) noexcept nogil:
    """Where a set of so many bits has the lowest bytes of the word, so many."""
    return (word << (64 - 8 * bytes)) * MIX0 >> (64 - size)


cdef inline void _add(uint64_t *bits, uint64_t place) noexcept nogil:
    bits[place >> 6] |= <uint64_t>1 << (place & 63)


cdef inline uint64_t _has(const uint64_t *bits, uint64_t place) noexcept nogil:
    """Yes for each word of the set, and for few others."""
    return bits[place >> 6] >> (place & 63) & 1


cdef struct Literal:
    uint64_t head  # its first eight bytes
    int32_t begin, size  # of it in the text of all
    int32_t offset  # of its window in it
    int32_t number  # in the list of all


cdef struct Slot:  # a literal before it is in its place
    uint64_t window
    int32_t number, begin, size


cdef int _by_window(const void *a, const void *b) noexcept nogil:
    cdef const Slot *one = <const Slot *>a
    cdef const Slot *other = <const Slot *>b
    if one.window != other.window:
        return 1 if one.window > other.window else -1
    return one.number - other.number


@cython.final
cdef class Literals:
    """Some literals, looked for at once. Of each, eight bytes are looked for (of shorter ones, all), and the rest is
    compared where these stand. What hardly any place has is asked first, of sets of bits that stay in the processor's
    nearest cache, as no automaton of so many literals does."""

    cdef bytes text
    cdef Literal *known  # those with the same window side by side
    cdef uint64_t full[1 << (FULL - 6)]  # sets of bits: openings of windows from six bytes on,
    cdef uint64_t some[1 << (SOME - 6)]  # from three,
    cdef uint64_t tiny[1 << (TINY - 6)]  # of others
    cdef int32_t *heads  # of each window's number the first of them, and one behind the last
    cdef Words windows

    def __cinit__(self, list literals, const int64_t[::1] offsets, list numbers):
        """``offsets``: where those bytes begin in each. See `rarity.windows`. ``numbers``: which of the literals are
        looked for."""
        cdef Py_ssize_t number, begin = 0, k, at = -1, size, n = len(numbers)
        cdef uint64_t window
        cdef const uint8_t *text
        cdef Slot *slots = <Slot *>malloc((n + 1) * sizeof(Slot))
        self.text = b"".join([literals[number] for number in numbers])
        text = self.text
        memset(self.full, 0, sizeof(self.full))
        memset(self.some, 0, sizeof(self.some))
        memset(self.tiny, 0, sizeof(self.tiny))
        self.known = <Literal *>calloc(n + 1, sizeof(Literal))
        self.heads = <int32_t *>calloc(n + 2, sizeof(int32_t))
        if slots is NULL or self.known is NULL or self.heads is NULL:
            free(slots)
            raise MemoryError
        for k in range(n):
            number = numbers[k]
            slots[k].number, slots[k].begin = <int32_t>number, <int32_t>begin
            slots[k].size = <int32_t>len(<bytes>literals[number])
            size = min(slots[k].size - offsets[number], WINDOW)
            window = 0
            memcpy(&window, text + begin + offsets[number], size)
            slots[k].window = _window(window, size)
            begin += slots[k].size
            self.add_opening(window, size)
        qsort(slots, n, sizeof(Slot), &_by_window)
        windows = array("Q")
        for k in range(n):
            if k == 0 or slots[k].window != slots[k - 1].window:
                at += 1
                windows.append(slots[k].window)
                self.heads[at] = <int32_t>k
            self.heads[at + 1] = <int32_t>k + 1
            number = slots[k].number
            self.known[k] = Literal(0, slots[k].begin, slots[k].size, <int32_t>offsets[number], <int32_t>number)
            memcpy(&self.known[k].head, text + slots[k].begin, min(slots[k].size, 8))
        free(slots)
        self.windows = Words(windows)

    def __dealloc__(self):
        free(self.known)
        free(self.heads)

    cdef void add_opening(self, uint64_t word, Py_ssize_t size) noexcept:
        """Add the lowest bytes of the word, a window of so many, to the set that is asked about it."""
        cdef uint64_t behind
        if size >= LONG_OPENING:
            _add(self.full, _place(word, LONG_OPENING, FULL))
        elif size >= OPENING:
            _add(self.some, _place(word, OPENING, SOME))
        else:
            for behind in range(256 if size == 1 else 1):
                _add(self.tiny, word | behind << 8)

    cdef inline bint opens_full(self, uint64_t word) noexcept nogil:
        """Whether a window of six bytes or more may begin with these."""
        return _has(self.full, _place(word, LONG_OPENING, FULL)) != 0

    cdef inline bint opens_some(self, uint64_t word) noexcept nogil:
        """The same of three bytes to five."""
        return _has(self.some, _place(word, OPENING, SOME)) != 0

    cdef inline bint opens_tiny(self, uint64_t word) noexcept nogil:
        """The same of one or two."""
        return _has(self.tiny, word & 0xFFFF) != 0

    cdef int64_t next(self, const uint8_t *signed, int64_t at, int64_t last) noexcept nogil:
        """The first place from ``at`` on where a window may begin, or ``last``."""
        cdef uint64_t word
        while at < last:
            memcpy(&word, signed + at, 8)
            if self.opens_full(word) or self.opens_some(word) or self.opens_tiny(word):
                break
            at += 1
        return at


@cython.final
cdef class Lists:
    """For each of some keys, numbered, the forms that it selects."""

    cdef const int64_t[::1] first, count, forms

    def __cinit__(self, const int64_t[::1] first, const int64_t[::1] count, const int64_t[::1] forms):
        self.first, self.count, self.forms = first, count, forms


@cython.final
cdef class Index:
    """For each of some words, the forms that it selects. See `lookup.Index`."""

    cdef Words words
    cdef Lists lists

    def __cinit__(self, const uint64_t[::1] words, *lists):
        self.words, self.lists = Words(words), Lists(*lists)


cdef enum:  # states, as `automaton`
    DEAD, OPEN, BEGUN


cdef struct Text:
    int kind
    const void *data


@cython.final
cdef class Automata:
    """Read lines for forms. See `automaton.Automata`."""

    cdef const int64_t[::1] of, least, width, first
    cdef const uint8_t[::1] raw, moves, folded, written
    cdef const uint8_t[:, ::1] kinds

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


cdef enum:  # as `prechecks._Limits`, and the columns of `prechecks.Prechecks.shares`
    MIN_CHARS, MAX_CHARS, MIN_WORDS, MAX_WORDS, HEAD, TAIL, ABOVE, BELOW, ZONED
    HEAD_SHARE = 0
    TAIL_SHARE = 1
    BODY = 2


cdef enum:
    FAR = 0x7FFFFFFF
    LENGTHY = 160  # from a line's first letter to its last: few forms allow for such lines, which hold most of a text
    MOST_SCANS = 32  # sets of languages whose literals are looked for apart from all others,
    MOST_LANGUAGES = 4  # of so many languages at most: the few literals of these take little memory
    FEW = 64  # words; lines of so many or more are asked the same
    DEMANDS = 64 * (64 + 2)  # of the forms of one word, at most: each character, and two sets


cdef struct Form:
    uint64_t every, some, other  # `required.RequiredChars`: each of these characters, and one of each of these sets
    int64_t rule
    int32_t least, most
    int32_t first, last  # numbers of sets of characters
    int32_t group  # number of the languages that the rule removes something in
    uint64_t asked  # the question, by its number, at which it was asked last


cdef struct Asked:  # of the rows on one side of a hit. See `conditions.Near`
    int64_t within  # how far away they are; 0: none is asked
    int64_t first, last  # automata, one of which passes every line that is as asked


cdef struct Beside:  # an automaton for rows around a hit, and what the rows have that it passes
    uint64_t every, some, other  # as in `Form`
    int64_t form
    int32_t most
    int32_t first, last


cdef enum:
    HEARD = 64  # rows whose answers to a question are remembered, a bit each


cdef struct Heard:  # what some rows have said to one question
    int64_t begin  # the first of them, counted through all batches
    uint64_t known, yes


cdef struct Demand:  # of some forms of the gate
    uint64_t kinds  # one of these characters
    uint64_t others  # the forms that do not ask for it


cdef struct Batch:
    Text *texts
    const uint8_t *signed
    const Row *rows
    const int64_t *owner
    const int64_t *bounds
    const int64_t *base
    const int64_t *sizes
    const uint8_t *titled
    const uint8_t *concerned
    const uint8_t *answers
    Py_ssize_t titles, groups, answering  # columns of these
    int64_t begin  # its first row, counted through all batches
    uint64_t *open  # the forms of the gate that concern the text that is asked
    int64_t *found  # rows, and a form that may match each
    Py_ssize_t room, size  # of what is found


@cython.final
cdef class Gate:
    """Forms that no word selects: a bit for each in words of 64. See `gate.Gate`."""

    cdef Py_ssize_t words
    cdef const uint64_t[:, ::1] first, last, length
    cdef const int64_t[::1] forms
    cdef uint64_t *counted  # of each word and number of words in a line, FEW at most: the forms that allow for it
    cdef Demand *demands  # of the forms of each word
    cdef Py_ssize_t *ends  # of each word's demands

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

    cdef int ask(self, const Form *known, const int64_t[:, ::1] limits) except -1:
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
                    if count <= limits[form.rule, MAX_WORDS]:
                        if count >= limits[form.rule, MIN_WORDS] or count == FEW - 1:
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


@cython.final
cdef class Selection:
    """Finds the candidates of a batch. Made from the columns of `select.Selector` and `prechecks.Prechecks`."""

    cdef Index keys, spoken, opening, closing
    cdef Lists said
    cdef list literals
    cdef const int64_t[::1] windows
    cdef dict scans  # which languages a text may be in -> what to look for in its lines, and in lengthy ones
    cdef const int64_t[::1] wordless
    cdef const uint64_t[::1] opening_masks, opening_marks, closing_masks, closing_marks
    cdef Gate gate
    cdef Form *forms
    cdef const uint8_t[:, ::1] first_allowed, last_allowed
    cdef const int64_t[:, ::1] limits
    cdef const double[:, ::1] shares
    cdef Automata automata, conditions
    cdef const int64_t[::1] asks_title
    cdef const int64_t[:, ::1] asks, near
    cdef Beside *beside
    cdef const uint8_t[:, ::1] beside_first, beside_last
    cdef int64_t max_line
    cdef uint64_t questions  # one for each row that was asked
    cdef int64_t rows  # of all batches so far
    cdef Heard *heard  # of each question about neighbours, at the number of its first automaton

    def __cinit__(self, **columns):
        self.keys, self.spoken = Index(*columns["keys"]), Index(*columns["spoken"])
        self.opening, self.closing = Index(*columns["opening"]), Index(*columns["closing"])
        self.literals, self.windows, self.said = columns["literals"], columns["windows"], Lists(*columns["said"])
        self.scans = {}
        self.wordless = columns["wordless"]
        self.opening_masks, self.opening_marks = columns["opening_masks"], columns["opening_marks"]
        self.closing_masks, self.closing_marks = columns["closing_masks"], columns["closing_marks"]
        self.limits, self.shares = columns["limits"], columns["shares"]
        self.first_allowed, self.last_allowed = columns["first"][1], columns["last"][1]
        self._keep(columns)
        self.gate = Gate(*columns["gate"])
        self.gate.ask(self.forms, self.limits)
        self.automata = Automata(*columns["automata"])
        self.conditions, self.near = columns["conditions"], columns["near"].asks
        self._keep_near(columns["near"])
        self.asks_title, self.asks, self.max_line = columns["asks_title"], columns["asks"], columns["max_line"]

    def __dealloc__(self):
        free(self.forms)
        free(self.beside)
        free(self.heard)

    cdef int _keep(self, dict columns) except -1:
        """Put what is known of each form side by side: one piece of the processor's cache for each that is asked."""
        cdef const int64_t[::1] rule = columns["rule_of"], first = columns["first"][0], last = columns["last"][0]
        cdef const int64_t[::1] least = columns["least"], most = columns["most"], group = columns["group"]
        cdef const uint64_t[::1] every = columns["all"]
        cdef const uint64_t[:, ::1] any = columns["any"]
        cdef Py_ssize_t k
        self.forms = <Form *>malloc((rule.shape[0] + 1) * sizeof(Form))
        if self.forms is NULL:
            raise MemoryError
        for k in range(rule.shape[0]):
            self.forms[k] = Form(
                every[k], any[0, k], any[1, k], rule[k], <int32_t>min(least[k], FAR), <int32_t>min(most[k], FAR),
                <int32_t>first[k], <int32_t>last[k], <int32_t>group[rule[k]], 0,
            )
        return 0

    cdef int _keep_near(self, near) except -1:
        """The same for what is asked of the rows around a hit. See `conditions.Near`."""
        cdef const int64_t[::1] automata = near.automata, first = near.first[0], last = near.last[0], most = near.most
        cdef const uint64_t[:, ::1] chars = near.chars
        cdef Py_ssize_t k, size = automata.shape[0]
        self.beside_first, self.beside_last = near.first[1], near.last[1]
        self.beside = <Beside *>malloc((size + 1) * sizeof(Beside))
        self.heard = <Heard *>calloc(size + 1, sizeof(Heard))
        if self.beside is NULL or self.heard is NULL:
            raise MemoryError
        for k in range(size):
            self.beside[k] = Beside(
                chars[k, 0], chars[k, 1], chars[k, 2], automata[k], <int32_t>min(most[k], FAR), <int32_t>first[k],
                <int32_t>last[k],
            )
        return 0

    def candidates(
        self, list texts, const uint8_t[::1] signed, const int64_t[:, ::1] table, const int64_t[::1] owner,
        const int64_t[::1] bounds, const int64_t[::1] base, const int64_t[::1] sizes, const uint8_t[:, ::1] titled,
        const uint8_t[:, ::1] concerned, const uint8_t[:, ::1] answers, const int64_t[::1] asked,
    ):
        """See `search.Search.candidates`. The arguments are the texts, what `table` wrote, eight bytes behind the
        signature included, the columns of `table.BatchTable`, and the rows that are asked."""
        cdef Batch batch
        cdef Py_ssize_t k
        batch.signed = &signed[0]
        batch.room, batch.size = 1 << 10, 0
        batch.found = <int64_t *>malloc(2 * batch.room * sizeof(int64_t))
        batch.texts = <Text *>malloc(len(texts) * sizeof(Text))
        batch.open = <uint64_t *>malloc((self.gate.words + 1) * sizeof(uint64_t))
        if batch.found is NULL or batch.texts is NULL or batch.open is NULL:
            free(batch.found)
            free(batch.texts)
            free(batch.open)
            raise MemoryError
        for k in range(len(texts)):
            batch.texts[k] = Text(PyUnicode_KIND(texts[k]), PyUnicode_DATA(texts[k]))
        batch.rows = <const Row *>&table[0, 0]
        batch.owner, batch.bounds, batch.base, batch.sizes = &owner[0], &bounds[0], &base[0], &sizes[0]
        batch.titled, batch.titles = &titled[0, 0], titled.shape[1]
        batch.concerned, batch.groups = &concerned[0, 0], concerned.shape[1]
        batch.answers, batch.answering = &answers[0, 0], answers.shape[1]
        batch.begin, self.rows = self.rows, self.rows + table.shape[0]
        try:
            self._rows(&batch, asked, [self._scans_of(&batch, k) for k in range(len(texts))])
            return self._told(&batch, texts)
        finally:
            free(batch.found)
            free(batch.texts)
            free(batch.open)

    cdef list _told(self, Batch *batch, list texts):
        """What was found, row by row. To make Python's objects may let other threads ask this selection meanwhile."""
        cdef list told = []
        cdef str text
        cdef Py_ssize_t k = 0, begin
        cdef int64_t row, owner, base
        while k < batch.size:
            begin, row = k, batch.found[2 * k]
            while k < batch.size and batch.found[2 * k] == row:
                k += 1
            owner = batch.owner[row]
            base, text = batch.base[owner], texts[owner]
            raw = text[batch.rows[row].start - base : batch.rows[row].end - base]
            forms = tuple([batch.found[2 * i + 1] for i in range(begin, k)])
            told.append((owner, batch.rows[row].line, raw, forms))
        return told

    cdef tuple _scans_of(self, Batch *batch, Py_ssize_t text):
        """The literals to look for in a text: those of forms that concern it, and of these again those of forms that
        allow for lengthy lines."""
        languages = batch.concerned[text * batch.groups : (text + 1) * batch.groups]
        if languages not in self.scans and (languages.count(1) > MOST_LANGUAGES or len(self.scans) > MOST_SCANS):
            languages = b"\1" * batch.groups
        found = self.scans.get(languages)
        if found is None:
            found = self.scans[languages] = tuple([
                Literals(self.literals, self.windows, self._wanted(languages, least)) for least in (0, LENGTHY)
            ])
        return found

    cdef list _wanted(self, const uint8_t *concerned, int64_t least):
        """The numbers of the literals of forms that are in one of these languages and allow for a line as long."""
        cdef list numbers = []
        cdef const Form *form
        cdef int64_t key, k
        for key in range(len(self.literals)):
            for k in range(self.said.first[key], self.said.first[key] + self.said.count[key]):
                form = &self.forms[self.said.forms[k]]
                if form.least == FAR or not concerned[form.group]:  # of a rule that is not in use, or of others
                    continue
                if form.most >= least and self.limits[form.rule, MAX_CHARS] >= least:
                    numbers.append(key)
                    break
        return numbers

    cdef int _rows(self, Batch *batch, const int64_t[::1] asked, list scans) except -1:
        """Look for what may match these rows. ``scans``: of each text, as `_scans_of` gives them."""
        cdef Py_ssize_t i, row, begin
        cdef int64_t text = -1
        cdef bint lengthy
        for i in range(asked.shape[0]):
            row = asked[i]
            if batch.owner[row] != text:
                text = batch.owner[row]
                self._open(batch, text)
            if batch.rows[row].end - batch.rows[row].start > self.max_line:
                continue
            begin = batch.size
            self.questions += 1
            self._row(batch, row)
            lengthy = batch.rows[row].spoken_end - batch.rows[row].spoken >= LENGTHY
            self._scan(batch, row, <Literals>(<tuple>scans[text])[lengthy])
            if batch.size - begin > 1:
                qsort(batch.found + 2 * begin, batch.size - begin, 2 * sizeof(int64_t), &_by_form)
        return 0

    cdef void _open(self, Batch *batch, int64_t text) noexcept:
        """Note which forms of the gate concern the text."""
        cdef const int64_t[::1] forms = self.gate.forms
        cdef Py_ssize_t i
        memset(batch.open, 0, self.gate.words * sizeof(uint64_t))
        for i in range(forms.shape[0]):
            batch.open[i >> 6] |= <uint64_t>self._concerns(batch, text, self.forms + forms[i]) << (i & 63)

    cdef int _row(self, Batch *batch, Py_ssize_t row) except -1:
        """Add what may match the row."""
        cdef const uint8_t *signed = batch.signed
        cdef int64_t first = batch.rows[row].first, last = batch.rows[row].last
        cdef int64_t start, end
        cdef uint64_t word, open_for
        cdef Py_ssize_t i
        start, end = batch.rows[row].key, batch.rows[row].key_end
        self._look_up(batch, row, self.keys, _word(signed, start, end))
        start, end = batch.rows[row].spoken, batch.rows[row].spoken_end
        self._look_up(batch, row, self.spoken, _word(signed, start, end))
        if start == end:
            for i in range(self.wordless.shape[0]):
                self._offer(batch, row, self.wordless[i])
        word = _head(signed, start, last)
        for i in range(self.opening_masks.shape[0]):
            self._look_up(batch, row, self.opening, (word & self.opening_masks[i]) ^ self.opening_marks[i])
        word = _tail(signed, first, end)
        for i in range(self.closing_masks.shape[0]):
            self._look_up(batch, row, self.closing, (word & self.closing_masks[i]) ^ self.closing_marks[i])
        for i in range(self.gate.words):
            open_for = self.gate.open_for(batch, row, i)
            while open_for:
                self._offer(batch, row, self.gate.forms[64 * i + _lowest(open_for)])
                open_for &= open_for - 1
        return 0

    cdef int _scan(self, Batch *batch, Py_ssize_t row, Literals literals) except -1:
        """Add the forms that hang on a literal of the row."""
        cdef int64_t at = batch.rows[row].first, last = batch.rows[row].last
        cdef uint64_t word
        while (at := literals.next(batch.signed, at, last)) < last:
            memcpy(&word, batch.signed + at, 8)
            if literals.opens_full(word):
                self._compare(batch, row, literals, at, word, LONG_OPENING, WINDOW)
            if literals.opens_some(word):
                self._compare(batch, row, literals, at, word, OPENING, LONG_OPENING - 1)
            if literals.opens_tiny(word):
                self._compare(batch, row, literals, at, word, 1, OPENING - 1)
            at += 1
        return 0

    cdef inline int _compare(
        self, Batch *batch, Py_ssize_t row, Literals literals, int64_t at, uint64_t word, Py_ssize_t least,
        Py_ssize_t most,
    ) except -1:
        """Add the forms of the literals that have one of the windows, from so many bytes to so many, that begin here."""
        cdef Py_ssize_t size
        cdef uint64_t window
        for size in range(least, most + 1):
            window = _window(word, size)
            if literals.windows.may_hold(window) and at + size <= batch.rows[row].last:
                self._compare_with(batch, row, literals, at, literals.windows.number(window))
        return 0

    cdef int _compare_with(
        self, Batch *batch, Py_ssize_t row, Literals literals, int64_t at, int32_t window
    ) except -1:
        """Add the forms of the literals that have the window of this number, which stands here; -1: there is none."""
        cdef const Literal *literal
        cdef const uint8_t *text = literals.text
        cdef int64_t begin
        cdef int32_t k
        if window < 0:
            return 0
        for k in range(literals.heads[window], literals.heads[window + 1]):
            literal = literals.known + k
            begin = at - literal.offset
            if begin >= batch.rows[row].first and begin + literal.size <= batch.rows[row].last:
                if _head(batch.signed, begin, begin + literal.size) == literal.head and (
                    literal.size <= 8
                    or memcmp(batch.signed + begin + 8, text + literal.begin + 8, literal.size - 8) == 0
                ):
                    self._offer_all(batch, row, self.said, literal.number)
        return 0

    cdef inline int _look_up(self, Batch *batch, Py_ssize_t row, Index index, uint64_t word) except -1:
        """Add the forms that the word selects, if any."""
        cdef int32_t number = index.words.number(word)
        if number >= 0:
            self._offer_all(batch, row, index.lists, number)
        return 0

    cdef int _offer_all(self, Batch *batch, Py_ssize_t row, Lists lists, int32_t key) except -1:
        cdef int64_t k
        for k in range(lists.first[key], lists.first[key] + lists.count[key]):
            self._offer(batch, row, lists.forms[k])
        return 0

    cdef int _offer(self, Batch *batch, Py_ssize_t row, int64_t form) except -1:
        """Add the form if the row is as it demands; once a row, however often it says the form's literal."""
        if self.forms[form].asked == self.questions:
            return 0
        self.forms[form].asked = self.questions
        if not self._fits(batch, row, form) or not self._beside(batch, row, self.forms[form].rule):
            return 0
        if not _passes(self.automata, form, batch, row):
            return 0
        return _note(batch, row, form)

    cdef bint _beside(self, Batch *batch, Py_ssize_t row, int64_t rule) noexcept:
        """Whether the rows above and below may say what the rule asks of them. See `conditions.Near`."""
        cdef const Asked *asked = <const Asked *>&self.near[rule, 0]
        if not self._side(batch, row, -1, asked) or not self._side(batch, row, 1, asked + 2):
            return False
        return self._side(batch, row, -1, asked + 4) or self._side(batch, row, 1, asked + 4)

    cdef bint _side(self, Batch *batch, Py_ssize_t row, int step, const Asked *asked) noexcept:
        """The same for one direction: what is asked there, and behind it what is asked of the rows between."""
        if asked[1].within and not self._says(batch, row, 1, step, asked + 1):
            return False
        return not asked.within or self._says(batch, row, 2 if asked[1].within else 1, step, asked)

    cdef bint _says(self, Batch *batch, Py_ssize_t row, int64_t nearest, int step, const Asked *asked) noexcept:
        """Whether one of the next rows in this direction, from the nearest on, may say what is asked."""
        cdef int64_t owner = batch.owner[row], low, high
        low, high = (row + nearest, row + asked.within) if step > 0 else (row - asked.within, row - nearest)
        low, high = max(low, batch.bounds[owner]), min(high, batch.bounds[owner + 1] - 1)
        while low <= high:
            if self._one_says(batch, low, min(high, low + HEARD - 1), asked):
                return True
            low += HEARD
        return False

    cdef bint _one_says(self, Batch *batch, int64_t low, int64_t high, const Asked *asked) noexcept:
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
            at = _lowest(rows & ~heard.known)
            heard.known |= <uint64_t>1 << at
            if self._reads(batch, heard.begin + at - batch.begin, asked):
                heard.yes |= <uint64_t>1 << at
        return heard.yes & rows != 0

    cdef bint _reads(self, Batch *batch, int64_t row, const Asked *asked) noexcept:
        """Whether a row may say what is asked."""
        cdef int64_t size = batch.rows[row].end - batch.rows[row].start, k
        cdef uint64_t kinds = batch.rows[row].kinds
        cdef uint8_t first = batch.signed[batch.rows[row].first], last = batch.signed[batch.rows[row].last - 1]
        cdef const Beside *each
        if size > self.max_line:
            return False
        for k in range(asked.first, asked.last):
            each = self.beside + k
            if size > each.most or not _has_kinds(kinds, each.every, each.some, each.other):
                continue
            if self.beside_first[each.first, first] and self.beside_last[each.last, last]:
                if _passes(self.conditions, each.form, batch, row):
                    return True
        return False

    cdef bint _fits(self, Batch *batch, Py_ssize_t row, int64_t number) noexcept:
        """Whether the row is as the form demands."""
        cdef const Form *form = &self.forms[number]
        cdef int64_t size = batch.rows[row].end - batch.rows[row].start
        if not self._concerns(batch, batch.owner[row], form):
            return False
        if size < form.least or size > form.most:
            return False
        if not _has_kinds(batch.rows[row].kinds, form.every, form.some, form.other):
            return False
        if not self.first_allowed[form.first, batch.signed[batch.rows[row].first]]:
            return False
        if not self.last_allowed[form.last, batch.signed[batch.rows[row].last - 1]]:
            return False
        return self._holds(batch, row, form.rule)

    cdef bint _holds(self, Batch *batch, Py_ssize_t row, int64_t rule) noexcept:
        """Whether the row can fulfil the conditions of the rule. See `prechecks.Prechecks.allow`."""
        cdef const int64_t *limit = &self.limits[rule, 0]
        cdef int64_t words = batch.rows[row].words
        if batch.rows[row].end - batch.rows[row].start < limit[MIN_CHARS]:
            return False
        if batch.rows[row].spoken_end - batch.rows[row].spoken > limit[MAX_CHARS]:
            return False
        if words < limit[MIN_WORDS] or words > limit[MAX_WORDS]:
            return False
        if limit[ZONED] and not self._in_zone(batch, row, rule):
            return False
        if limit[ABOVE] and not _is_prefix(batch, row, -1, limit[ABOVE]):
            return False
        return not limit[BELOW] or _is_prefix(batch, row, 1, limit[BELOW])

    cdef inline bint _concerns(self, Batch *batch, int64_t text, const Form *form) noexcept:
        """Whether the form may match anything of the text: by the text's languages, its title, and the other rules that
        claim something of it."""
        cdef const uint8_t *answers = batch.answers + text * batch.answering
        cdef const int64_t *asks = &self.asks[form.rule, 0]
        cdef int64_t title = self.asks_title[form.rule]
        if not batch.concerned[text * batch.groups + form.group]:
            return False
        if title and not batch.titled[text * batch.titles + title - 1]:
            return False
        return answers[asks[0]] and answers[asks[1]] and answers[asks[2]]

    cdef bint _in_zone(self, Batch *batch, Py_ssize_t row, int64_t rule) noexcept:
        cdef const int64_t *limit = &self.limits[rule, 0]
        cdef const double *share = &self.shares[rule, 0]
        cdef int64_t owner = batch.owner[row], size = batch.sizes[owner]
        cdef int64_t start = batch.rows[row].start - batch.base[owner]
        cdef int64_t end = batch.rows[row].end - batch.base[owner]
        cdef int64_t rank = row - batch.bounds[owner], left = batch.bounds[owner + 1] - row
        return (
            rank < limit[HEAD]
            or left <= limit[TAIL]
            or end <= size * share[HEAD_SHARE]
            or start >= size * (1 - share[TAIL_SHARE])
            or (start >= size * share[BODY] and end <= size * (1 - share[BODY]))
        )


cdef int _note(Batch *batch, Py_ssize_t row, int64_t form) except -1:
    """Add the row and the form to what is found."""
    cdef int64_t *more
    if batch.size == batch.room:
        more = <int64_t *>realloc(batch.found, 4 * batch.room * sizeof(int64_t))
        if more is NULL:
            raise MemoryError
        batch.found, batch.room = more, 2 * batch.room
    batch.found[2 * batch.size], batch.found[2 * batch.size + 1] = row, form
    batch.size += 1
    return 0


cdef inline bint _has_kinds(uint64_t kinds, uint64_t every, uint64_t some, uint64_t other) noexcept nogil:
    """Whether a line with these kinds of characters has what is required. See `required.RequiredChars`."""
    return (kinds & every) == every and (kinds & some) != 0 and (kinds & other) != 0


cdef inline bint _passes(Automata automata, int64_t form, Batch *batch, Py_ssize_t row) noexcept:
    """Whether the form may match the row."""
    cdef int64_t owner = batch.owner[row], base = batch.base[owner]
    return automata.allow(
        form, batch.texts + owner, batch.rows[row].start - base, batch.rows[row].end - base
    )


cdef bint _is_prefix(Batch *batch, Py_ssize_t row, int step, int64_t which) noexcept:
    """Whether the first bytes of the row and its neighbour are as one being the other's beginning demands."""
    cdef int64_t owner = batch.owner[row], other = row + step, brief = row, whole = other, size, start, begin
    if other < batch.bounds[owner] or other >= batch.bounds[owner + 1]:
        return False
    if which == 2:
        brief, whole = other, row
    start, begin = _solid_first(batch, brief), _solid_first(batch, whole)
    size = _solid_last(batch, brief) - start
    if _solid_last(batch, whole) - begin <= size:
        return False
    return _head(batch.signed, start, start + size) == _head(batch.signed, begin, begin + size)


cdef inline int64_t _solid_first(Batch *batch, Py_ssize_t row) noexcept:
    """Where the row begins, the blank before it aside."""
    return batch.rows[row].first + (batch.signed[batch.rows[row].first] == BLANK)


cdef inline int64_t _solid_last(Batch *batch, Py_ssize_t row) noexcept:
    return batch.rows[row].last - (batch.signed[batch.rows[row].last - 1] == BLANK)


cdef int _by_form(const void *a, const void *b) noexcept nogil:
    cdef int64_t x = (<const int64_t *>a)[1], y = (<const int64_t *>b)[1]
    return (x > y) - (x < y)


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


def repeats(
    const uint8_t[::1] signed, const int64_t[:, ::1] table, const int64_t[::1] bounds, const int64_t[::1] heads,
    uint8_t[:, ::1] out,
):
    """Mark in the rows of ``out``, named `REPEATS`, which rows of the table may be repeats. See `repeats`."""
    cdef const uint8_t *at = &signed[0]
    cdef const Row *rows = <const Row *>&table[0, 0]
    cdef Py_ssize_t text, row, titles, low, high
    for text in range(bounds.shape[0] - 1):
        low, high, titles = bounds[text], bounds[text + 1], 0
        if low == high:
            continue
        _like_title(at, rows, low, high, low, out)
        if heads[text] >= 0:
            _like_title(at, rows, low, high, heads[text], out)
        for row in range(low, high):
            titles += out[TITLE, row]
        if titles == 1:  # where it stands first, it stays: one row alone concerns nobody
            for row in range(low, high):
                out[TITLE, row] = 0
        for row in range(low, high - 1):
            out[PREFIX, row] = rows[row].key < rows[row].key_end and _begins(at, rows + row, rows + row + 1)
        _said_twice(at, rows, low, high, out)


REPEATS = ("line", "prefix", "title", "title_end")

cdef enum:
    SAID_TWICE, PREFIX, TITLE, TITLE_END


cdef int _said_twice(
    const uint8_t *signed, const Row *rows, Py_ssize_t low, Py_ssize_t high, uint8_t[:, ::1] out,
) except -1:
    """Mark the rows of a text whose key another one has as well."""
    cdef uint64_t size = 4, slot, word
    cdef Py_ssize_t row
    while size < <uint64_t>(2 * (high - low)):
        size *= 2
    cdef uint64_t *words = <uint64_t *>malloc(size * sizeof(uint64_t))
    cdef int32_t *seen = <int32_t *>malloc(size * sizeof(int32_t))  # the first row that has the word; -1: none
    if words is NULL or seen is NULL:
        free(words)
        free(seen)
        raise MemoryError
    memset(seen, 0xFF, size * sizeof(int32_t))
    for row in range(low, high):
        if rows[row].key == rows[row].key_end:
            continue
        word = _word(signed, rows[row].key, rows[row].key_end)
        slot = (word * MIX0 >> 32) & (size - 1)
        while seen[slot] >= 0 and words[slot] != word:
            slot = (slot + 1) & (size - 1)
        if seen[slot] >= 0:
            out[SAID_TWICE, row] = out[SAID_TWICE, low + seen[slot]] = 1
        else:
            words[slot], seen[slot] = word, <int32_t>(row - low)
    free(words)
    free(seen)
    return 0


cdef bint _begins(const uint8_t *signed, const Row *row, const Row *other) noexcept:
    """Whether the first bytes of one key may be all of the other's beginning."""
    cdef int64_t size = min(row.key_end - row.key, 8)
    return _head(signed, row.key, row.key + size) == _head(signed, other.key, min(other.key + size, other.key_end))


cdef void _like_title(
    const uint8_t *signed, const Row *rows, Py_ssize_t low, Py_ssize_t high, int64_t title, uint8_t[:, ::1] out,
) noexcept:
    cdef int64_t start = rows[title].key, end = rows[title].key_end, size = end - start, seen = min(size, 8)
    cdef uint64_t whole = _word(signed, start, end), tail = _tail(signed, end - seen, end)
    cdef Py_ssize_t row
    for row in range(low, high):
        start, end = rows[row].key, rows[row].key_end
        if start == end:
            continue
        if _word(signed, start, end) == whole:
            out[TITLE, row] = 1
        if size and end - start > size and _tail(signed, end - seen, end) == tail:
            out[TITLE_END, row] = 1
