# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The same numbers as `counts`, `features` and `model`, in one pass over the code points of a batch.

Those modules say what is meant and are used wherever this one could not be compiled; a test holds the two together.
Everything here is whole numbers in arrays that the callers own. Nothing is checked again: callers pass arrays that
they have made themselves.
"""

cimport cython
from cpython.unicode cimport (
    Py_UNICODE_ISSPACE, PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND, PyUnicode_READ,
)
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memset

from array import array

from cleaner.text import characters as ch
from cleaner.text import measure
from cleaner.text.vocabulary import GROUPS

cdef enum:
    BREAK = 10
    BEYOND = 0xFFFF
    CLASSES = 16
    MAX_GROUPS = 16

# Classes, as `characters` numbers them.
cdef int BLANK = ch.BLANK, UPPER = ch.UPPER, LOWER = ch.LOWER, CASELESS = ch.CASELESS, DENSE = ch.DENSE
cdef int DIGIT = ch.DIGIT, TAB = ch.TAB
cdef int SAMPLE = measure.SAMPLE, TOO_LONG = measure.TOO_LONG, GLANCE = measure.GLANCE, LONG = measure.LONG
cdef int FAR = measure.FAR
cdef int PROSE_LINE = measure.PROSE_LINE, PROSE_SENTENCE = measure.PROSE_SENTENCE
cdef int MARKED_WORDS = measure.MARKED_WORDS
cdef int LONG_WORD = measure.LONG_WORD, STEM = measure.STEM
cdef int ALIKE = measure.ALIKE, RHYTHM = measure.RHYTHM
cdef int64_t HEARD = measure.HEARD, REACH = measure.REACH
cdef uint64_t BASE = ch.BASE, MIX = ch.MIX
cdef int SLOT_SHIFT = 64 - ch._SLOT_BITS

OWN = (
    "chars", "words", "indent", "letters_a_word", "capitals", "caseless", "digits", "closing", "lead", "closed",
    "listed", "prose", "cased", "title", "lower_words", "short", "numbers", "furniture", "furniture_share",
    *ch.COUNTED, *GROUPS, "cohesion", "alike", "rhythm",
)
"""What `count` writes, a row each; the last three are written by `cohere` and `compare`."""

cdef enum:
    CHARS, WORDS, INDENT, LETTERS_A_WORD, CAPITALS, CASELESS_SHARE, DIGITS, CLOSING, LEAD, CLOSED
    LISTED, PROSE, CASED, TITLE, LOWER_WORDS, SHORT, NUMBERS, FURNITURE, FURNITURE_SHARE, COUNTED

cdef enum:  # as `features.KINDS`
    OF_LINE, OF_PLACE, OF_NEIGHBOUR, OF_WINDOW, SINCE, UNTIL

cdef int GROUP_ROWS = COUNTED + len(ch.COUNTED)
cdef int GROUP_COUNT = len(GROUPS)
cdef int STOP_GROUP = list(GROUPS).index("stop"), TIME_GROUP = list(GROUPS).index("time")

cdef uint64_t powers[8]  # of the base of the hash, for the letters of a stem
cdef int _power
powers[0] = 1
for _power in range(1, 8):
    powers[_power] = powers[_power - 1] * BASE

cdef int COHESION = OWN.index("cohesion"), LIKE = OWN.index("alike"), BEAT = OWN.index("rhythm")

cdef int[:] counted_classes = array("i", ch.COUNTED.values())


cdef inline int64_t percent(int64_t part, int64_t whole) noexcept nogil:
    return part * 100 // (whole if whole > 1 else 1)


cdef inline int64_t least(int64_t a, int64_t b) noexcept nogil:
    return a if a < b else b


cdef inline int64_t most(int64_t a, int64_t b) noexcept nogil:
    return a if a > b else b


cdef inline uint8_t look_up(uint32_t code, const uint8_t *table) noexcept nogil:
    """What a table of `BEYOND` code points, and one entry for all above, says of the code point."""
    return table[code if code < BEYOND else BEYOND]


cdef inline uint32_t letter_of(uint32_t code, const uint32_t *both) noexcept nogil:
    """Class and lower-case form of a code point."""
    return both[code if code < BEYOND else BEYOND]


cdef extern from "Python.h":
    object PyUnicode_FromKindAndData(int kind, const void *data, Py_ssize_t size)


ctypedef fused Unit:
    uint16_t
    uint32_t


cdef object _folded(const void *data, int kind, Py_ssize_t size, const uint16_t *table, Unit *out):
    """A string of so many code points, each as the table has it, by way of ``out``."""
    cdef Py_ssize_t i
    cdef uint32_t code
    for i in range(size):
        code = PyUnicode_READ(kind, <void *>data, i)
        out[i] = <Unit>(table[code] if code <= BEYOND else code)
    return PyUnicode_FromKindAndData(sizeof(Unit), out, size)


def fold(const uint16_t[::1] table, str text):
    """The text, of which each code point of the first plane is as the table has it. See `fold`."""
    cdef int kind = PyUnicode_KIND(text)
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
    cdef void *out = malloc(size * (4 if kind == 4 else 2) + 1)
    if out is NULL:
        raise MemoryError
    try:
        if kind == 4:
            return _folded(PyUnicode_DATA(text), kind, size, &table[0], <uint32_t *>out)
        return _folded(PyUnicode_DATA(text), kind, size, &table[0], <uint16_t *>out)
    finally:
        free(out)


ctypedef fused Char:
    uint8_t
    uint16_t
    uint32_t


cdef bint _has_any(const uint8_t *wanted, const Char *text, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t k
    cdef uint8_t found = 0
    for k in range(size):
        found |= look_up(text[k], wanted)
    return found


def has_any(const uint8_t[::1] wanted, str text):
    """Whether the text holds a wanted code point. ``wanted``: of each below `BEYOND`, whether it is one, and a nought."""
    cdef const void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
    if PyUnicode_KIND(text) == 1:
        return _has_any(&wanted[0], <const uint8_t *>data, size)
    if PyUnicode_KIND(text) == 2:
        return _has_any(&wanted[0], <const uint16_t *>data, size)
    return _has_any(&wanted[0], <const uint32_t *>data, size)


cdef struct SmallWord:
    uint64_t hash  # 0: nothing is here
    uint64_t languages  # bits
    uint64_t text  # the last one that had the word, by its number


@cython.final
cdef class SmallWords:
    """Words, and the languages that have each. See `language`."""

    cdef SmallWord *words
    cdef uint64_t mask, text
    cdef uint32_t dense

    def __cinit__(self, list words, const uint64_t[::1] languages, uint32_t dense):
        """``dense``: from this code point on a letter is a word."""
        cdef uint64_t size = 16, word
        cdef Py_ssize_t i
        while size < 4 * <uint64_t>len(words):
            size *= 2
        self.mask, self.dense = size - 1, dense
        self.words = <SmallWord *>calloc(size, sizeof(SmallWord))
        if self.words is NULL:
            raise MemoryError
        for i in range(len(words)):
            word = 0
            for char in words[i]:
                word = (word + <uint32_t>ord(char)) * BASE
            self.at(word)[0] = SmallWord(word, languages[i], 0)

    def __dealloc__(self):
        free(self.words)

    cdef inline SmallWord *at(self, uint64_t word) noexcept:
        """Where the word stands, or would."""
        cdef uint64_t slot = ((word ^ (word >> 32)) * MIX >> 32) & self.mask
        while self.words[slot].hash and self.words[slot].hash != word:
            slot = (slot + 1) & self.mask
        return self.words + slot

    def count(self, str text, uint8_t[::1] counts):
        """Add to the counts of its languages each word that the text has between blanks, once."""
        cdef const void *data = PyUnicode_DATA(text)
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
        self.text += 1
        if PyUnicode_KIND(text) == 1:
            self.read(<const uint8_t *>data, size, counts)
        elif PyUnicode_KIND(text) == 2:
            self.read(<const uint16_t *>data, size, counts)
        else:
            self.read(<const uint32_t *>data, size, counts)

    cdef void read(self, const Char *text, Py_ssize_t size, uint8_t[::1] counts) noexcept:
        cdef uint64_t word = 0
        cdef Py_ssize_t k
        cdef uint32_t code
        for k in range(size):
            code = text[k]
            if code >= self.dense:
                self.add(code * BASE, counts)
            if not Py_UNICODE_ISSPACE(code):
                word = (word + code) * BASE
            elif word:
                self.add(word, counts)
                word = 0
        if word:
            self.add(word, counts)

    cdef int add(self, uint64_t word, uint8_t[::1] counts) noexcept:
        cdef SmallWord *known = self.at(word)
        cdef uint64_t languages = known.languages
        cdef int place = 0
        if known.hash and known.text != self.text:
            known.text = self.text
            while languages:
                counts[place] += languages & 1
                languages >>= 1
                place += 1
        return 0


def find_lines(
    const uint32_t[::1] codes, const int64_t[::1] sizes, const uint8_t[::1] classes, int64_t[:, ::1] out,
    int64_t[::1] heads,
):
    """The non-blank lines of texts of these sizes, joined by line breaks: document, line, indent, start, end, first, last
    and gap of each in the rows of ``out``, and the first of each document in ``heads``. Gives the number of lines and
    that of documents that have one. See `counts.line_table`."""
    cdef Py_ssize_t text, n = 0, head, k, documents = 0
    cdef int64_t at = 0, stop, begin, a, b, line, before
    for text in range(sizes.shape[0]):
        head, line, before = n, 0, -1
        stop = at + sizes[text]
        while at <= stop:
            begin = at
            while at < stop and codes[at] != BREAK:
                at += 1
            a, b = begin, at
            while a < b and look_up(codes[a], &classes[0]) == BLANK:
                a += 1
            if a < b:
                while look_up(codes[b - 1], &classes[0]) == BLANK:
                    b -= 1
                out[0, n], out[1, n], out[2, n], out[3, n], out[4, n], out[5, n] = text, line, a - begin, a, b, head
                out[7, n] = 9 if n == head else least(line - before - 1, 8)
                before = line
                n += 1
            line += 1
            at += 1
        if n > head:
            heads[documents] = head
            documents += 1
        for k in range(head, n):
            out[6, k] = n - 1
    out[7, n] = 9
    return n, documents


cdef struct Tally:  # what is counted in a line
    int64_t by_class[CLASSES]  # code points, by their class
    int64_t heads[CLASSES]  # tokens, by the class that they begin with
    int64_t groups[MAX_GROUPS]  # tokens, by their group of the vocabulary
    int64_t words, tokens
    int64_t short  # tokens of at most three letters that begin with a small one
    uint64_t said, made  # hashes of what it says and how it is made


def count(
    const uint32_t[::1] codes, const int64_t[::1] start, const int64_t[::1] end, const int64_t[::1] indent,
    const uint32_t[::1] both, const uint8_t[::1] classes, const uint64_t[::1] keys, const uint8_t[::1] groups,
    const int64_t[::1] closing, const int64_t[::1] lead, int32_t[:, ::1] own, int64_t[::1] hashes,
    int64_t[::1] makes,
):
    """What each line has of itself: the rows named `OWN`, and hashes of what it says and how it is made. See
    `counts.count`."""
    cdef Tally tally
    cdef const uint32_t *line
    cdef int64_t size, seen
    cdef Py_ssize_t i
    for i in range(start.shape[0]):
        line, size = &codes[start[i]], end[i] - start[i]
        seen = least(size, GLANCE if size > TOO_LONG else SAMPLE)
        _read(line, seen, &both[0], &keys[0], &groups[0], &tally)
        _edges(line, size, &classes[0], &closing[0], &lead[0], own, i)
        _write(&tally, size, seen, own, i)
        own[INDENT, i] = <int32_t>least(indent[i], 99)
        hashes[i] = <int64_t>(tally.said + <uint64_t>size * 1000003)
        makes[i] = <int64_t>tally.made


cdef void _read(
    const uint32_t *line, int64_t seen, const uint32_t *both, const uint64_t *keys, const uint8_t *groups, Tally *tally
) noexcept nogil:
    """Count what the line has among so many code points."""
    cdef int64_t k = 0, words = 0, tokens = 0, short = 0, begin
    cdef uint32_t found
    cdef int kind, head
    cdef bint solid = False, is_solid
    cdef uint64_t small, word, power, said = 0, said_power = 1, before = 0, made = 0, made_power = 1
    memset(tally, 0, sizeof(Tally))
    while k < seen:
        found = letter_of(line[k], both)
        kind, small = found >> 16, found & BEYOND
        if UPPER <= kind <= DIGIT:
            head, begin, word, power = kind, k, 0, 1
            _make(1 if kind == UPPER else 2 if kind == DIGIT else 3, &before, &made, &made_power)
            while UPPER <= kind <= DIGIT:
                tally.by_class[kind] += 1
                word += small * power
                power *= BASE
                said += small * said_power
                said_power *= BASE
                k += 1
                if k == seen:
                    break
                found = letter_of(line[k], both)
                kind, small = found >> 16, found & BEYOND
            words += not solid
            solid = True
            tokens += 1
            tally.heads[head] += 1
            short += head == LOWER and k - begin <= 3
            _say(word, keys, groups, tally.groups)
            continue
        tally.by_class[kind] += 1
        said += small * said_power
        said_power *= BASE
        k += 1
        is_solid = kind != BLANK and kind != TAB
        words += is_solid and not solid
        solid = is_solid
        if is_solid:
            _make(small + 4, &before, &made, &made_power)
    tally.words, tally.tokens, tally.short = words + tally.by_class[DENSE] // 2, tokens, short
    tally.said, tally.made = said, made


cdef void _edges(
    const uint32_t *line, int64_t size, const uint8_t *classes, const int64_t *closing, const int64_t *lead,
    int32_t[:, ::1] own, Py_ssize_t i,
) noexcept nogil:
    """How the line ends and begins."""
    cdef int64_t close = closing[look_up(line[size - 1], classes)], begin = lead[look_up(line[0], classes)]
    if close == 3 and closing[look_up(line[most(size - 2, 0)], classes)] == 1:
        close = 1
    own[CLOSING, i], own[LEAD, i] = <int32_t>close, <int32_t>begin
    own[CLOSED, i] = 100 if close == 1 else 0
    own[LISTED, i] = 100 if begin == 3 else 0


cdef void _write(Tally *tally, int64_t size, int64_t seen, int32_t[:, ::1] own, Py_ssize_t i) noexcept nogil:
    """What follows from the counts of a line, of whose code points so many were seen."""
    cdef int64_t *by_class = tally.by_class
    cdef int64_t *heads = tally.heads
    cdef int64_t letters = by_class[UPPER] + by_class[LOWER] + by_class[CASELESS] + by_class[DENSE]
    cdef int64_t words = least(tally.words * size // seen, LONG), cased = heads[UPPER] + heads[LOWER], furniture = 0, k
    own[CHARS, i] = <int32_t>least(size, LONG)
    own[WORDS, i] = <int32_t>words
    own[PROSE, i] = 100 if words >= PROSE_LINE or (words >= PROSE_SENTENCE and own[CLOSED, i]) else 0
    own[LETTERS_A_WORD, i] = <int32_t>(letters * 10 // most(tally.words, 1))
    own[CAPITALS, i] = <int32_t>percent(by_class[UPPER], by_class[UPPER] + by_class[LOWER])
    own[CASELESS_SHARE, i] = <int32_t>percent(by_class[CASELESS] + by_class[DENSE], letters)
    own[DIGITS, i] = <int32_t>percent(by_class[DIGIT], seen - by_class[BLANK] - by_class[TAB])
    for k in range(counted_classes.shape[0]):
        own[COUNTED + k, i] = <int32_t>by_class[counted_classes[k]]
    own[CASED, i] = <int32_t>cased
    own[TITLE, i] = <int32_t>percent(heads[UPPER], cased)
    own[LOWER_WORDS, i] = <int32_t>percent(heads[LOWER], tally.tokens)
    own[SHORT, i] = <int32_t>percent(tally.short, tally.tokens)
    own[NUMBERS, i] = <int32_t>percent(heads[DIGIT], tally.tokens)
    for k in range(GROUP_COUNT):
        own[GROUP_ROWS + k, i] = <int32_t>tally.groups[k]
        if k != STOP_GROUP and k != TIME_GROUP:
            furniture += tally.groups[k]
    own[FURNITURE, i] = <int32_t>furniture
    own[FURNITURE_SHARE, i] = <int32_t>percent(furniture, tally.tokens)
    own[GROUP_ROWS + STOP_GROUP, i] = <int32_t>percent(tally.groups[STOP_GROUP], tally.tokens)


def compare(
    const int64_t[::1] start, const int64_t[::1] end, const int64_t[::1] first, const int64_t[::1] makes,
    int32_t[:, ::1] own,
):
    """Fill in the rows ``alike`` and ``rhythm``. See `counts.alike`."""
    cdef Py_ssize_t n = start.shape[0], i, j, k
    for i in range(n):
        own[LIKE, i] = own[BEAT, i] = 0
    for i in range(n):
        if end[i] - start[i] > SAMPLE:
            continue
        for k in range(1, least(ALIKE, n - 1 - i) + 1):
            j = i + k
            if first[j] != first[i]:
                break
            if makes[j] != makes[i] or end[j] - start[j] > SAMPLE:
                continue
            own[LIKE, i] += 1
            own[LIKE, j] += 1
            j += k
            if k <= RHYTHM and j < n and first[j] == first[i] and makes[j] == makes[i] and end[j] - start[j] <= SAMPLE:
                own[BEAT, i] = own[BEAT, i + k] = own[BEAT, j] = 100


cdef inline void _make(uint64_t sort, uint64_t *before, uint64_t *make, uint64_t *power) noexcept nogil:
    """Add a word or sign of this sort to how a line is made; words of the same sort in a row count as one."""
    if sort > 3 or sort != before[0]:
        make[0] += sort * power[0]
        power[0] *= BASE
        before[0] = sort


cdef inline void _say(uint64_t word, const uint64_t *keys, const uint8_t *groups, int64_t *counts) noexcept nogil:
    """Count the word for its group, if it has one. See `characters.spoken`."""
    cdef uint64_t slot = ((word ^ (word >> 32)) * MIX) >> SLOT_SHIFT
    cdef int group = groups[slot] if keys[slot] == word else 0
    if keys[slot ^ 1] == word:
        group = groups[slot ^ 1]
    if group:
        counts[group - 1] += 1


def cohere(
    const uint32_t[::1] codes, const int64_t[::1] start, const int64_t[::1] end, const int64_t[::1] heads,
    const uint32_t[::1] both, int32_t[:, ::1] own,
):
    """Fill in the row ``cohesion``. See `counts.cohesion`."""
    cdef Py_ssize_t number, last, n = start.shape[0]
    cdef Words words = Words()
    for number in range(heads.shape[0]):
        last = heads[number + 1] if number + 1 < heads.shape[0] else n
        words.cohere(codes, start, end, &both[0], heads[number], last, own)


cdef struct Entry:
    uint64_t word
    int32_t line  # the last prose line that says it, + 1; 0: none
    int32_t lines  # how many do


@cython.final
cdef class Words:
    """The long words of a text, line by line, and in how many prose lines each of them stands."""

    cdef uint64_t *said
    cdef int64_t room, size
    cdef Entry *entries
    cdef uint64_t slots, mask

    def __dealloc__(self):
        free(self.said)
        free(self.entries)

    cdef int cohere(
        self, const uint32_t[::1] codes, const int64_t[::1] start, const int64_t[::1] end, const uint32_t *both,
        int64_t first, int64_t last, int32_t[:, ::1] own,
    ) except -1:
        """For the lines ``first`` to ``last``, which are one text."""
        cdef int64_t i, k, told, stop = first
        cdef int64_t *begin = <int64_t *>malloc((last - first + 1) * sizeof(int64_t))  # of each line's words
        if begin is NULL:
            raise MemoryError
        try:
            self.size = 0
            while stop < last and start[stop] - start[first] < REACH:
                begin[stop - first] = self.size
                self.read(&codes[start[stop]], least(end[stop] - start[stop], HEARD), both)
                stop += 1
            begin[stop - first] = self.size
            self.clear()
            for i in range(first, stop):
                if own[PROSE, i]:
                    for k in range(begin[i - first], begin[i - first + 1]):
                        self.said[k] = self.say(self.said[k], i)
            for i in range(first, stop):
                told = 0
                for k in range(begin[i - first], begin[i - first + 1]):
                    if own[PROSE, i]:
                        told += self.entries[self.said[k]].lines > 1
                    else:
                        told += self.entries[self.slot(self.said[k])].lines > 0
                own[COHESION, i] = <int32_t>percent(told, begin[i - first + 1] - begin[i - first])
        finally:
            free(begin)
        for i in range(stop, last):
            own[COHESION, i] = 100
        return 0

    cdef int clear(self) except -1:
        """Make room in the table for all words that have been read."""
        cdef uint64_t size = 16
        while size < 2 * <uint64_t>self.size:
            size *= 2
        if size > self.slots:
            free(self.entries)
            self.slots = 0
            self.entries = <Entry *>malloc(size * sizeof(Entry))
            if self.entries is NULL:
                raise MemoryError
            self.slots = size
        self.mask = size - 1
        memset(self.entries, 0, size * sizeof(Entry))
        return 0

    cdef inline uint64_t slot(self, uint64_t word) noexcept:
        """Where the word stands, or would."""
        cdef uint64_t slot = _slot(<int64_t>word, self.mask)
        while self.entries[slot].line and self.entries[slot].word != word:
            slot = (slot + 1) & self.mask
        return slot

    cdef inline uint64_t say(self, uint64_t word, int64_t line) noexcept:
        """Count the word for this prose line; gives where it stands."""
        cdef uint64_t slot = self.slot(word)
        cdef Entry *entry = self.entries + slot
        if entry.line != line + 1:
            entry.word, entry.line = word, <int32_t>(line + 1)
            entry.lines += 1
        return slot

    cdef int read(self, const uint32_t *line, int64_t size, const uint32_t *both) except -1:
        """Add the words of a line."""
        cdef int64_t k = 0, begin, stop, stem = STEM, long_word = LONG_WORD
        cdef uint32_t found, before, letters = UPPER << 16, span = ((CASELESS + 1 - UPPER) << 16) - 1
        cdef uint64_t word
        cdef uint64_t *more
        if self.size + size > self.room:
            more = <uint64_t *>realloc(self.said, 2 * (self.size + size) * sizeof(uint64_t))
            if more is NULL:
                raise MemoryError
            self.said, self.room = more, 2 * (self.size + size)
        while k < size:
            found = letter_of(line[k], both)
            if found - letters <= span:
                begin, word, stop = k, 0, least(k + stem, size)
                while found - letters <= span:
                    word += (found & BEYOND) * powers[k - begin]
                    k += 1
                    if k == stop:
                        break
                    found = letter_of(line[k], both)
                while k < size and letter_of(line[k], both) - letters <= span:
                    k += 1
                if k - begin >= long_word:
                    self.said[self.size] = word
                    self.size += 1
            elif found >> 16 == DENSE:
                while True:
                    before = found & BEYOND
                    k += 1
                    if k == size:
                        break
                    found = letter_of(line[k], both)
                    if found >> 16 != DENSE:
                        break
                    self.said[self.size] = before + (found & BEYOND) * BASE
                    self.size += 1
            else:
                k += 1
        return 0


def surround(
    const int32_t[:, ::1] own, const int32_t[:, ::1] places, const int64_t[::1] first, const int64_t[::1] last,
    const int32_t[:, ::1] asked, int32_t[:, ::1] out,
):
    """For each row of ``asked`` - kind (as in `features.KINDS`), row of ``own`` or ``places``, low and high - a row of
    ``out``. See `features`."""
    cdef Py_ssize_t n = own.shape[1], row, i
    cdef int kind, source, low, high
    cdef int64_t near, begin, size
    cdef int64_t *sums = <int64_t *>malloc((n + 1) * sizeof(int64_t))
    if sums is NULL:
        raise MemoryError
    for row in range(asked.shape[0]):
        kind, source, low, high = asked[row, 0], asked[row, 1], asked[row, 2], asked[row, 3]
        if kind == OF_LINE:
            out[row] = own[source]
        elif kind == OF_PLACE:
            out[row] = places[source]
        elif kind == OF_NEIGHBOUR:
            for i in range(n):
                out[row, i] = own[source, i + low] if first[i] <= i + low <= last[i] else -1
        elif kind == OF_WINDOW:
            sums[0] = 0
            for i in range(n):
                sums[i + 1] = sums[i] + own[source, i]
            for i in range(n):
                begin = least(most(i + low, first[i]), last[i] + 1)
                size = most(least(i + high, last[i]) + 1, begin) - begin
                out[row, i] = <int32_t>((sums[begin + size] - sums[begin]) // most(size, 1))
        elif kind == SINCE:
            near = -1
            for i in range(n):
                if _marks(own, source, i):
                    near = i
                out[row, i] = <int32_t>(least(i - near, FAR - 1) if near >= first[i] else FAR)
        elif kind == UNTIL:
            near = n
            for i in range(n - 1, -1, -1):
                if _marks(own, source, i):
                    near = i
                out[row, i] = <int32_t>(least(near - i, FAR - 1) if near <= last[i] else FAR)
    free(sums)


cdef inline bint _marks(const int32_t[:, ::1] own, int source, Py_ssize_t i) noexcept nogil:
    """Whether the line is what distances are taken to: prose, or short and with a word of the group."""
    return own[source, i] > 0 and (source == PROSE or own[WORDS, i] <= MARKED_WORDS)


def place(
    const int32_t[:, ::1] own, const int64_t[::1] hashes, const int64_t[::1] heads, const int64_t[::1] gap,
    int32_t[:, ::1] out,
):
    """The rows named `PLACES`: where each line stands in its text. See `features`."""
    cdef Py_ssize_t number, n = own.shape[1]
    cdef int64_t head, end
    cdef int64_t *sums = <int64_t *>malloc(2 * (n + 1) * sizeof(int64_t))
    if sums is NULL:
        raise MemoryError
    for number in range(heads.shape[0]):
        head = heads[number]
        end = heads[number + 1] if number + 1 < heads.shape[0] else n
        _positions(own, head, end, sums, sums + n + 1, out)
        _blocks(own, gap, head, end, out)
        _document(own, gap, head, end, sums, sums + n + 1, out)
        if _copies(&hashes[head], end - head, &out[COPIES_ABOVE, head], &out[COPIES_BELOW, head]):
            free(sums)
            raise MemoryError
    free(sums)


PLACES = (
    "from_top", "from_end", "share_before", "share_after", "prose_before", "prose_after", "prose_up8", "prose_down8",
    "core5", "core12", "run", "blank_above", "blank_below", "copies_above", "copies_below", "block_lines",
    "block_place", "block_mean", "block_prose", "block_lines_below", "doc_lines", "doc_mean", "doc_prose",
    "doc_prose_chars", "doc_blanks", "doc_listed", "doc_title",
)
"""What `place` writes, a row each."""

cdef enum:
    FROM_TOP, FROM_END, SHARE_BEFORE, SHARE_AFTER, PROSE_BEFORE, PROSE_AFTER, PROSE_UP, PROSE_DOWN
    CORE_NEAR, CORE_WIDE, RUN, BLANK_ABOVE, BLANK_BELOW, COPIES_ABOVE, COPIES_BELOW, BLOCK_LINES
    BLOCK_PLACE, BLOCK_MEAN, BLOCK_PROSE, BLOCK_LINES_BELOW, DOC_LINES, DOC_MEAN, DOC_PROSE
    DOC_PROSE_CHARS, DOC_BLANKS, DOC_LISTED, DOC_TITLE


cdef void _positions(
    const int32_t[:, ::1] own, int64_t head, int64_t end, int64_t *chars, int64_t *prose, int32_t[:, ::1] out
) noexcept nogil:
    """Running sums of code points, all and in prose lines, from 0 at ``head`` on, and what follows from them."""
    cdef int64_t i, above = head - 1, below = end
    chars[head] = prose[head] = 0
    for i in range(head, end):
        chars[i + 1] = chars[i] + own[CHARS, i]
        prose[i + 1] = prose[i] + (own[CHARS, i] if own[PROSE, i] else 0)
    for i in range(head, end):
        out[FROM_TOP, i] = <int32_t>least(i - head, 999)
        out[FROM_END, i] = <int32_t>least(end - 1 - i, 999)
        out[SHARE_BEFORE, i] = <int32_t>percent(chars[i], chars[end])
        out[SHARE_AFTER, i] = <int32_t>percent(chars[end] - chars[i + 1], chars[end])
        out[PROSE_BEFORE, i] = <int32_t>percent(prose[i], prose[end])
        out[PROSE_AFTER, i] = <int32_t>percent(prose[end] - prose[i + 1], prose[end])
        out[PROSE_UP, i] = <int32_t>least(prose[i] - prose[most(i - 8, head)], LONG)
        out[PROSE_DOWN, i] = <int32_t>least(prose[least(i + 8, end - 1) + 1] - prose[i + 1], LONG)
        out[RUN, i] = <int32_t>above
        if own[PROSE, i]:
            above = i
    for i in range(end - 1, head - 1, -1):
        out[RUN, i] = <int32_t>least(below - out[RUN, i] - 1, 999)
        if own[PROSE, i]:
            below = i
    _core(prose, head, end, 5, &out[CORE_NEAR, 0])
    _core(prose, head, end, 12, &out[CORE_WIDE, 0])


cdef void _core(const int64_t *prose, int64_t head, int64_t end, int64_t width, int32_t *out) noexcept nogil:
    cdef int64_t i, widest = 0
    for i in range(head, end):
        widest = most(widest, prose[least(i + width, end - 1) + 1] - prose[most(i - width, head)])
    for i in range(head, end):
        out[i] = <int32_t>percent(prose[least(i + width, end - 1) + 1] - prose[most(i - width, head)], widest)


cdef void _blocks(
    const int32_t[:, ::1] own, const int64_t[::1] gap, int64_t head, int64_t end, int32_t[:, ::1] out
) noexcept nogil:
    cdef int64_t i, begin = head, stop, size, chars, prose, before = head
    while begin < end:
        stop, chars, prose = begin, 0, 0
        while stop == begin or (stop < end and gap[stop] == 0):
            chars += own[CHARS, stop]
            prose += own[PROSE, stop]
            stop += 1
        size = stop - begin
        for i in range(begin, stop):
            out[BLANK_ABOVE, i] = <int32_t>gap[i]
            out[BLANK_BELOW, i] = <int32_t>gap[i + 1]
            out[BLOCK_LINES, i] = <int32_t>least(size, 999)
            out[BLOCK_PLACE, i] = <int32_t>least(i - begin, 999)
            out[BLOCK_MEAN, i] = <int32_t>(chars // size)
            out[BLOCK_PROSE, i] = <int32_t>(prose // size)
            out[BLOCK_LINES_BELOW, i] = 0
        for i in range(before, begin):
            out[BLOCK_LINES_BELOW, i] = <int32_t>least(size, 999)
        before, begin = begin, stop


cdef void _document(
    const int32_t[:, ::1] own, const int64_t[::1] gap, int64_t head, int64_t end, const int64_t *chars,
    const int64_t *prose, int32_t[:, ::1] out,
) noexcept nogil:
    cdef int64_t i, lines = end - head, prose_lines = 0, blanks = 0, listed = 0, title = 0
    for i in range(head, end):
        prose_lines += own[PROSE, i]
        blanks += 100 if gap[i] > 0 else 0
        listed += own[LISTED, i]
        title += own[TITLE, i]
    for i in range(head, end):
        out[DOC_LINES, i] = _step(lines, 8, 20, 50, 150, 400)
        out[DOC_MEAN, i] = _step(chars[end] // lines, 30, 50, 80, 120, 200)
        out[DOC_PROSE, i] = <int32_t>(prose_lines // lines // 20)
        out[DOC_PROSE_CHARS, i] = <int32_t>(percent(prose[end], chars[end]) // 20)
        out[DOC_BLANKS, i] = <int32_t>(blanks // lines // 25)
        out[DOC_LISTED, i] = <int32_t>(listed // lines // 25)
        out[DOC_TITLE, i] = <int32_t>(title // lines // 15)


cdef inline int _step(int64_t value, int a, int b, int c, int d, int e) noexcept nogil:
    """How many of these the value is above."""
    return (value > a) + (value > b) + (value > c) + (value > d) + (value > e)


cdef int _copies(const int64_t *hashes, int64_t n, int32_t *above, int32_t *below) noexcept nogil:
    """For each line of a text how many lines above and below it have its hash, at most 9. 1: no memory."""
    cdef uint64_t size = 4
    cdef int64_t *key
    cdef int32_t *seen
    while size < <uint64_t>(2 * n):
        size *= 2
    key = <int64_t *>malloc(size * sizeof(int64_t))
    seen = <int32_t *>malloc(size * sizeof(int32_t))
    if key is not NULL and seen is not NULL:
        _seen_before(hashes, 0, n, 1, above, key, seen, size - 1)
        _seen_before(hashes, n - 1, -1, -1, below, key, seen, size - 1)
        size = 0
    free(key)
    free(seen)
    return size > 0


cdef void _seen_before(
    const int64_t *hashes, int64_t first, int64_t stop, int64_t step, int32_t *out, int64_t *key, int32_t *seen,
    uint64_t mask,
) noexcept nogil:
    """For each line on this way how many before it have its hash, at most 9. ``key``, ``seen``: room for a table."""
    cdef uint64_t slot
    memset(seen, 0, (mask + 1) * sizeof(int32_t))
    while first != stop:
        slot = _slot(hashes[first], mask)
        while seen[slot] and key[slot] != hashes[first]:
            slot = (slot + 1) & mask
        key[slot] = hashes[first]
        out[first] = <int32_t>least(seen[slot], 9)
        seen[slot] += 1
        first += step


cdef inline uint64_t _slot(int64_t key, uint64_t mask) noexcept nogil:
    return ((<uint64_t>key ^ (<uint64_t>key >> 29)) * MIX >> 20) & mask


cdef extern from *:
    """
    /* In C for `restrict`, without which the compiler does not compare many lines with one instruction, and for versions
       of the functions that use wider ones where the processor has them. */
    #if defined(_MSC_VER)
    #define restrict __restrict
    #endif
    #if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
    #define WIDE __attribute__((target_clones("avx2", "default")))
    #else
    #define WIDE
    #endif
    #if defined(__GNUC__) && !defined(__clang__)  /* two questions at once would be asked of one line after the other */
    #define ONE_QUESTION __attribute__((optimize("no-loop-unroll-and-jam")))
    #else
    #define ONE_QUESTION
    #endif
    #define TOGETHER 64
    WIDE static void rank_lines(
        const int32_t *restrict values, const int32_t *restrict borders, int count, uint8_t *restrict ranks
    ) {
        for (int j = 0; j < TOGETHER; j++) ranks[j] = 0;
        for (int b = 0; b < count; b++)
            for (int j = 0; j < TOGETHER; j++) ranks[j] += values[j] > borders[b];
    }
    WIDE ONE_QUESTION static void ask_trees(
        const uint8_t *restrict ranks, const int32_t *restrict features, const int32_t *restrict places,
        const int32_t *restrict leaves, int trees, int levels, int32_t *restrict total
    ) {
        for (int tree = 0; tree < trees; tree++) {
            uint8_t leaf[TOGETHER] = {0};
            for (int level = 0; level < levels; level++) {
                const uint8_t *rank = ranks + features[tree * levels + level] * TOGETHER;
                const uint8_t border = (uint8_t)places[tree * levels + level], bit = (uint8_t)(1 << level);
                for (int j = 0; j < TOGETHER; j++) leaf[j] |= (uint8_t)(-(rank[j] > border)) & bit;
            }
            const int32_t *worth = leaves + (tree << levels);
            for (int j = 0; j < TOGETHER; j++) total[j] += worth[leaf[j]];
        }
    }
    """
    enum:
        TOGETHER  # lines that are asked the same question at once
    void rank_lines(const int32_t *values, const int32_t *borders, int count, uint8_t *ranks) noexcept nogil
    void ask_trees(
        const uint8_t *ranks, const int32_t *features, const int32_t *places, const int32_t *leaves, int trees,
        int levels, int32_t *total
    ) noexcept nogil


def score(
    const int32_t[:, ::1] values, const int64_t[::1] rows, const int32_t[::1] borders, const int32_t[::1] bounds,
    const int32_t[:, ::1] features, const int32_t[:, ::1] places, const int32_t[:, ::1] leaves, const int64_t[::1] ends,
    const int64_t[::1] floors, int64_t bias, int64_t never, int64_t[::1] out,
):
    """The score of these columns of ``values``. The borders of feature k are ``borders[bounds[k]:bounds[k + 1]]``,
    rising; a tree asks on each level whether its feature is above its border, the one at this place among the
    feature's. Lines below a floor after so many trees as ``ends`` says are not asked on. See `model`."""
    cdef Py_ssize_t lines = rows.shape[0], i, k, part, left, begin = 0
    cdef int64_t *which = <int64_t *>malloc((lines + 1) * sizeof(int64_t))
    cdef uint8_t *ranks = <uint8_t *>malloc(values.shape[0] * TOGETHER)  # how many of its borders a value is above
    cdef uint8_t *used = <uint8_t *>malloc(values.shape[0])
    if which is NULL or ranks is NULL or used is NULL:
        free(which)
        free(ranks)
        free(used)
        raise MemoryError
    for i in range(lines):
        which[i] = rows[i]
        out[rows[i]] = bias
    for part in range(ends.shape[0]):
        if lines == 0:
            break
        memset(used, 0, values.shape[0])
        for i in range(begin, ends[part]):
            for k in range(features.shape[1]):
                used[features[i, k]] = 1
        _ask(which, lines, values, borders, bounds, features, places, leaves, begin, ends[part], ranks, used, out)
        begin, left = ends[part], 0
        for i in range(lines):
            if out[which[i]] < floors[part]:
                out[which[i]] = never
            else:
                which[left] = which[i]
                left += 1
        lines = left
    free(which)
    free(ranks)
    free(used)


cdef void _ask(
    const int64_t *which, Py_ssize_t lines, const int32_t[:, ::1] values, const int32_t[::1] borders,
    const int32_t[::1] bounds, const int32_t[:, ::1] features, const int32_t[:, ::1] places,
    const int32_t[:, ::1] leaves, Py_ssize_t first, Py_ssize_t last, uint8_t *ranks, const uint8_t *used,
    int64_t[::1] out,
) noexcept:
    """Add to ``out`` what these trees say of these lines, which are asked about the features that are used."""
    cdef Py_ssize_t base, wide, k, j
    cdef int32_t row[TOGETHER]
    cdef int32_t total[TOGETHER]
    if first == last:
        return
    memset(row, 0, sizeof(row))
    for base in range(0, lines, TOGETHER):
        wide = least(lines - base, TOGETHER)
        for k in range(values.shape[0]):
            if used[k] and bounds[k] < bounds[k + 1]:
                for j in range(wide):
                    row[j] = values[k, which[base + j]]
                rank_lines(row, &borders[bounds[k]], bounds[k + 1] - bounds[k], ranks + k * TOGETHER)
        memset(total, 0, sizeof(total))
        ask_trees(
            ranks, &features[first, 0], &places[first, 0], &leaves[first, 0], <int>(last - first),
            <int>features.shape[1], total,
        )
        for j in range(wide):
            out[which[base + j]] += total[j]
