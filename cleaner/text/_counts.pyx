"""The lines of a batch, and what is counted in each, in one pass over their code points. `counts` says what is meant.

Everything here is whole numbers in arrays that the callers own. Nothing is checked again: callers pass arrays that
they have made themselves.
"""

cimport cython
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memset

from cleaner.text._shared cimport BEYOND, Char, least, look_up, most, percent, slot_of

from array import array

from cleaner.text import characters as ch
from cleaner.text import measure
from cleaner.text.vocabulary import GROUPS

cdef enum:
    BREAK = 10
    CLASSES = 16
    MAX_GROUPS = 16

# Classes, as `characters` numbers them.
cdef int BLANK = ch.BLANK, UPPER = ch.UPPER, LOWER = ch.LOWER, CASELESS = ch.CASELESS, DENSE = ch.DENSE
cdef int DIGIT = ch.DIGIT, TAB = ch.TAB
cdef int SAMPLE = measure.SAMPLE, TOO_LONG = measure.TOO_LONG, GLANCE = measure.GLANCE, LONG = measure.LONG
cdef int PROSE_LINE = measure.PROSE_LINE, PROSE_SENTENCE = measure.PROSE_SENTENCE
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


cdef inline uint32_t letter_of(uint32_t code, const uint32_t *both) noexcept nogil:
    """Class and lower-case form of a code point."""
    return both[code if code < BEYOND else BEYOND]


cdef int64_t _copy(const Char *text, Py_ssize_t size, uint32_t *codes) noexcept nogil:
    cdef int64_t breaks = 0
    cdef Py_ssize_t k
    for k in range(size):
        codes[k] = text[k]
        breaks += text[k] == BREAK
    return breaks


def join(list texts, uint32_t[::1] codes):
    """Write the code points of the texts, each with a line break behind it; gives how many line breaks there are."""
    cdef uint32_t *at = &codes[0]
    cdef int64_t breaks = len(texts)
    cdef const void *data
    cdef Py_ssize_t size
    for text in texts:
        data, size = PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text)
        if PyUnicode_KIND(text) == 1:
            breaks += _copy(<const uint8_t *>data, size, at)
        elif PyUnicode_KIND(text) == 2:
            breaks += _copy(<const uint16_t *>data, size, at)
        else:
            breaks += _copy(<const uint32_t *>data, size, at)
        at[size] = BREAK
        at += size + 1
    return breaks


def find_lines(
    const uint32_t[::1] codes, const int64_t[::1] sizes, const uint8_t[::1] classes, int64_t[:, ::1] out,
    int64_t[::1] heads,
):
    """The non-blank lines of texts of these sizes, joined by line breaks: document, line, indent, start, end, first, last
    and gap of each in the rows of ``out``, and the first of each document in ``heads``. Gives the number of lines and
    that of documents that have one. See `counts.line_table`."""
    cdef Py_ssize_t text, n = 0, head, k, documents = 0
    cdef const uint32_t *code = &codes[0]
    cdef const uint8_t *class_of = &classes[0]
    cdef int64_t at = 0, stop, begin, a, b, line, before
    for text in range(sizes.shape[0]):
        head, line, before = n, 0, -1
        stop = at + sizes[text]
        while at <= stop:
            begin = at
            while at < stop and code[at] != BREAK:
                at += 1
            a, b = begin, at
            while a < b and look_up(code[a], class_of) == BLANK:
                a += 1
            if a < b:
                while look_up(code[b - 1], class_of) == BLANK:
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
    """Count the word for its group, if it has one. See `characters.known_words`."""
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
        cdef uint64_t slot = slot_of(word, self.mask)
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
