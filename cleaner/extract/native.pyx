# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The same as `source`, `markup`, `classes`, `features` and `scorer`, in few passes over a page and no object per line.

Those modules say what is meant and are used wherever this one could not be compiled; a test holds the two together.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.math cimport fmax, fmin
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memchr, memcmp, memcpy, memset, strlen

from collections import Counter

import numpy as np

from cleaner.extract import classes, features, markup, source
from cleaner.extract.markup import PageLines, Unbalanced

cdef enum:
    WITHIN = 17  # kinds of elements that a line may lie in
    GROUPS = 14  # groups of class names
    AROUND = 7
    CONTAINER = 7
    REACHES = 3
    BLOCK = 64  # lines that are asked the same question at once; TOGETHER, below

assert WITHIN == len(features._WITHIN) and GROUPS == len(classes.CLASSES) and REACHES == len(features._REACHES)
assert AROUND == len(features.AROUND) and CONTAINER == len(features._CONTAINER)

cdef const int64_t[::1] ID_AT = markup._PLACE
cdef const uint64_t[::1] CODES = markup._CODES
cdef uint64_t FACTOR = markup._FACTOR
cdef int SHIFT = markup._SHIFT
cdef int UNKNOWN = markup.UNKNOWN, A = markup.ID["a"], PARAGRAPH = markup._PARAGRAPH
cdef const uint8_t[::1] BREAK = markup._BREAK
cdef const uint8_t[::1] IS_VOID = markup._IS_VOID.view(np.uint8), IS_SILENT = markup._IS_SILENT.view(np.uint8)
cdef const uint8_t[::1] IS_LISTING = markup._IS_LISTING.view(np.uint8), IS_LIST = markup._IS_LIST.view(np.uint8)
cdef const uint8_t[::1] TAG_CODE = markup._CODE, BLANK = markup._BLANK, KEPT = markup._KEPT
cdef const int64_t[::1] WHICH = features._WHICH, LEVEL = features._LEVEL, KIND = features._KIND
cdef const uint8_t[::1] BODY = features._BODY.view(np.uint8), ENDS = features._ENDS
cdef const int64_t[::1] MORE = features._MORE, HALVES = features._HALVES
cdef int P = features._P, LIST = features._LIST, HEADING = features._HEADING
cdef double MOST = features._MOST, NEARLY_ALL = features._NEARLY_ALL
cdef int LONGEST = classes._LONGEST
cdef const int64_t[::1] REACH = features._REACH.ravel().copy()
cdef const int64_t[::1] DOUBTFUL = np.array(features._DOUBTFUL, np.int64)
cdef const uint8_t[::1] WORDS = np.frombuffer(classes._WORDS, np.uint8)
cdef double STOPPED = features.STOPPED[1], UNSTOPPED = features.STOPPED[0]

# The first row of each block of features.
cdef int OWN = 0, IN = OWN + 6, HEADINGS = IN + WITHIN, ROUND = HEADINGS + 5, MAINS = ROUND + AROUND * CONTAINER
cdef int CLASS = MAINS + 11, BELOW = CLASS + GROUPS, PLACE = BELOW + GROUPS, NEAR = PLACE + 9
cdef int ROWS = len(features.FEATURES)
assert ROWS == NEAR + 3 * REACHES


def _machine():
    """All words of all groups as one automaton: next state by state and letter, and the groups told of there."""
    letters = "-:" + "abcdefghijklmnopqrstuvwxyz"
    symbol = np.full(256, len(letters), np.uint8)
    for i, letter in enumerate(letters):
        symbol[ord(letter)] = i
    tree, told = [{}], [0]
    for bit, words in enumerate(classes.CLASSES.values()):
        for word in words.split():
            state = 0
            for letter in word:
                if letter not in tree[state]:
                    tree[state][letter] = len(tree)
                    tree.append({})
                    told.append(0)
                state = tree[state][letter]
            told[state] |= 1 << bit
    moves = np.zeros((len(tree), 32), np.uint16)
    back, queue = [0] * len(tree), [0]
    for state in queue:
        told[state] |= told[back[state]]
        moves[state] = moves[back[state]]
        for letter, child in tree[state].items():
            back[child] = int(moves[back[state], letters.index(letter)]) if state else 0
            moves[state, letters.index(letter)] = child
            queue.append(child)
    return symbol, moves, np.array(told, np.uint32)


cdef const uint8_t[::1] SYMBOL
cdef const uint16_t[:, ::1] MOVES
cdef const uint32_t[::1] TOLD
SYMBOL, MOVES, TOLD = _machine()
SYMBOL = np.asarray(SYMBOL)[np.asarray(WORDS)]  # of a byte as it stands on the page
cdef int EDGE = 0  # symbol of "-"


cdef struct Tag:
    int64_t start, end  # bytes of the page
    int64_t at  # bytes of the stream before it
    int32_t name
    int32_t match  # place of the other tag of its pair; its own where there is none
    int32_t holder  # place of the innermost block element that is open behind it, -1 for none
    int32_t level  # number of such elements
    int32_t line  # lines that began before it
    int32_t listing, in_list
    int32_t broken  # tags up to this one that break the line
    uint32_t mask
    uint8_t closing, breaks, block, hidden


cdef struct Line:
    int64_t begin, size  # bytes of the stream
    int64_t chars, good, linked, in_p
    int32_t tag, level
    double link
    int32_t groups[GROUPS]
    int32_t in_list


cdef class Page:
    """A page that is being read: its tags, its text as one stream of bytes, its lines."""

    cdef bytes page
    cdef const uint8_t *data
    cdef Py_ssize_t size, count, lines, length
    cdef Tag *tags
    cdef Line *line
    cdef uint8_t *stream
    cdef int64_t *totals  # of chars, good, linked, in_p, fine: lines + 1 each
    cdef bint spaced  # whether a listing holds blanks

    def __cinit__(self, bytes page):
        self.page = page
        self.data = page
        self.size = len(page)

    def __dealloc__(self):
        free(self.tags)
        free(self.line)
        free(self.stream)
        free(self.totals)

    # --- tags

    cdef void find_tags(self) except *:
        if not self.plain():
            start, end = markup._spans(self.page, np.frombuffer(self.page, np.uint8))
            self.take(start, end)
        self.name()
        self.pair()

    cdef bint plain(self) except -1:
        """Find where the tags begin and end. 0 where a "<" or ">" stands outside of any or within one."""
        cdef const uint8_t *data = self.data
        cdef const uint8_t *stop = data + self.size
        cdef const uint8_t *at = data
        cdef const uint8_t *begin
        cdef const uint8_t *end
        cdef const uint8_t *other
        cdef Py_ssize_t room = 1024, n = 0
        self.tags = <Tag *>malloc(room * sizeof(Tag))
        if self.tags is NULL:
            raise MemoryError
        while True:
            begin = at
            while True:
                begin = <const uint8_t *>memchr(begin, 60, stop - begin)
                if begin is NULL or _opens(begin, stop):
                    break
                begin += 1
            if memchr(at, 62, (stop if begin is NULL else begin) - at) is not NULL:
                return False
            if begin is NULL:
                break
            end = <const uint8_t *>memchr(begin, 62, stop - begin)
            if end is NULL:
                return False
            other = begin + 1
            while True:
                other = <const uint8_t *>memchr(other, 60, end - other)
                if other is NULL:
                    break
                if _opens(other, stop):
                    return False
                other += 1
            if n == room:
                room *= 2
                self.grow(room)
            self.tags[n].start = begin - data
            self.tags[n].end = end + 1 - data
            n += 1
            at = end + 1
        self.count = n
        return n > 0

    cdef int grow(self, Py_ssize_t room) except -1:
        cdef Tag *more = <Tag *>realloc(self.tags, room * sizeof(Tag))
        if more is NULL:
            raise MemoryError
        self.tags = more
        return 0

    cdef int take(self, const int64_t[::1] start, const int64_t[::1] end) except -1:
        cdef Py_ssize_t i
        self.count = start.shape[0]
        self.grow(self.count)
        for i in range(self.count):
            self.tags[i].start = start[i]
            self.tags[i].end = end[i]
        return 0

    cdef void name(self) noexcept:
        cdef Py_ssize_t i, k
        cdef int32_t broken = 0
        cdef uint64_t code
        cdef Tag *tag
        cdef const uint8_t *at
        for i in range(self.count):
            tag = &self.tags[i]
            tag.closing = self.data[tag.start + 1] == 47
            at = self.data + min(tag.start + 1 + tag.closing, self.size - 8)
            code = 0
            for k in range(8):
                if at[k] == 32 or at[k] == 62:
                    break
                code |= <uint64_t>at[k] << (8 * k)
            k = ID_AT[(code * FACTOR) >> SHIFT]
            tag.name = k if CODES[k] == code else UNKNOWN
            tag.breaks = BREAK[tag.name]
            broken += tag.breaks > 0
            tag.broken = broken
            tag.block = tag.breaks > 0 and not IS_VOID[tag.name]
            tag.match = i

    cdef int pair(self) except -1:
        """Match opening and closing tags. Raises Unbalanced."""
        cdef Py_ssize_t i, depth = 0
        cdef int32_t other
        cdef Tag *tags = self.tags
        cdef int32_t *stack = <int32_t *>malloc(self.count * sizeof(int32_t))
        if stack is NULL:
            raise MemoryError
        for i in range(self.count):
            if tags[i].closing:
                if not depth:
                    depth = -1
                    break
                depth -= 1
                other = stack[depth]
                tags[i].match = other
                tags[other].match = i
            elif not IS_VOID[tags[i].name]:
                stack[depth] = i
                depth += 1
        free(stack)
        if depth:
            raise Unbalanced
        return 0

    # --- lines

    cdef int write(self) except -1:
        """The text of the page as one stream, blanks collapsed, and the state of listings and of what is not seen."""
        cdef Tag *tags = self.tags
        cdef Tag *tag
        cdef Tag *before
        cdef Py_ssize_t i, k, stop, o = 0
        cdef uint8_t code, byte
        cdef const uint8_t *data = self.data
        cdef const uint8_t *table
        cdef bint full = True, some = b'style="' in self.page or b'hidden="' in self.page, blank
        cdef int32_t listings = 0, lists = 0
        cdef uint8_t *out = <uint8_t *>malloc(self.size + self.count + 1)
        if out is NULL:
            raise MemoryError
        self.stream = out
        for i in range(self.count):
            tag = &tags[i]
            before = &tags[i - 1] if i else NULL
            tag.listing = before.listing if i else 0
            tag.in_list = before.in_list if i else 0
            tag.hidden = before.hidden if i else 0
            if tag.closing:
                if IS_LISTING[tag.name]:
                    tag.listing = tags[tag.match - 1].listing if tag.match else 0
                elif IS_LIST[tag.name]:
                    tag.in_list = tags[tag.match - 1].in_list if tag.match else 0
                tag.hidden = tags[tag.match - 1].hidden if tag.match else 0
            elif IS_LISTING[tag.name]:
                listings += 1
                tag.listing = listings
            elif IS_LIST[tag.name]:
                lists += 1
                tag.in_list = lists
            elif IS_SILENT[tag.name]:
                tag.hidden = True
            elif some and tag.match > i and tags[tag.match].broken == tag.broken and not (tag.breaks or tag.hidden):
                tag.hidden = _not_displayed(data + tag.start, tag.end - tag.start)
            stop = tags[i + 1].start if i + 1 < self.count else self.size
            if tag.hidden:
                stop = tag.end
            code = 0 if tag.hidden else TAG_CODE[tag.breaks]
            if not tag.listing and tag.end < stop:
                blank = True
                for k in range(tag.end, stop):
                    if data[k] > 32:
                        blank = False
                        break
                if blank:
                    stop = tag.end
                    if not code:
                        code = 32
            tag.at = o
            if code:
                if full:
                    out[o] = code
                    o += 1
                    full = False
                elif code == 10:
                    out[o - 1] = 10
            table = &KEPT[0] if tag.listing else &BLANK[0]
            for k in range(tag.end, stop):
                byte = table[data[k]]
                if byte == 32 or byte == 10:
                    if full:
                        out[o] = byte
                        o += 1
                        full = False
                    elif byte == 10:
                        out[o - 1] = 10
                else:
                    out[o] = byte
                    o += 1
                    full = True
                    if byte < 10:
                        self.spaced = True
        self.length = o
        return 0

    cdef list cut(self):
        """The lines as text; where they lie, in ``line``."""
        cdef str text = PyUnicode_DecodeUTF8(<const char *>self.stream, self.length, "replace")
        cdef list rows, parts = []
        cdef str row
        cdef Py_ssize_t n = 0, begin = 0, end
        cdef int32_t k = 0
        cdef int64_t at
        cdef const uint8_t *found
        cdef Line *line
        if "&" in text:
            text = markup._meant(text)
        rows = text.split("\n")
        self.line = <Line *>malloc((len(rows) + 1) * sizeof(Line))
        if self.line is NULL:
            raise MemoryError
        for row in rows:
            found = <const uint8_t *>memchr(self.stream + begin, 10, self.length - begin)
            end = self.length if found is NULL else found - self.stream
            row = row.strip()
            if self.spaced:
                row = row.replace("\2", " ").replace("\3", "\t").rstrip()
            if row:
                parts.append(row)
                line = &self.line[n]
                line.begin, line.size = begin, end - begin
                at = begin + (self.stream[begin] == 32)
                while k + 1 < self.count and self.tags[k + 1].at <= at:
                    k += 1
                line.tag = k
                n += 1
            begin = end + 1
        self.lines = n
        return parts

    cdef tuple columns(self):
        """Of each line: whether a blank line stands above it, its size, its listing, its list."""
        cdef Py_ssize_t i, n = self.lines
        cdef int64_t paragraphs = 0, last = 0
        cdef int32_t k = -1
        gap = np.empty(n, np.uint8)
        size, listing, in_list = np.empty((3, n), np.int64)
        cdef uint8_t[::1] gaps = gap
        cdef int64_t[::1] sizes = size, listings = listing, lists = in_list
        for i in range(n):
            while k < self.line[i].tag:
                k += 1
                paragraphs += self.tags[k].breaks == PARAGRAPH
            gaps[i] = paragraphs > last
            last = paragraphs
            sizes[i] = self.line[i].size
            listings[i] = self.tags[k].listing
            lists[i] = self.tags[k].in_list
        return gap.view(np.bool_), size, listing, in_list

    # --- features

    cdef void letters(self, list text, float[:, ::1] out) noexcept:
        """Length, words, small letters, ends."""
        cdef Py_ssize_t i, k
        cdef int64_t chars, words, small, halves
        cdef uint8_t byte, after
        cdef const uint8_t *stream = self.stream
        cdef Line *line
        cdef str row
        cdef Py_UCS4 last
        for i in range(self.lines):
            line = &self.line[i]
            chars, words, small, halves = line.size, 1, 0, 0
            for k in range(line.begin, line.begin + line.size):
                byte = stream[k]
                if byte == 32 and k + 1 < self.length:
                    words += 1
                    after = stream[k + 1]
                    small += 97 <= after <= 122 or after >= 128
                elif byte >= 128:
                    chars += MORE[byte]
                    halves += HALVES[byte]
            words += halves // 2
            chars = chars if chars > 1 else 1
            row = <str>text[i]
            k = len(row) - 1
            last = row[k]
            byte = ENDS[<uint32_t>last & 0xFFFF]
            out[OWN, i] = <float>chars
            out[OWN + 1, i] = <float>words
            out[OWN + 2, i] = <float>(<double>small / <double>words)
            out[OWN + 3, i] = byte > 0
            out[OWN + 4, i] = byte > 1
            line.chars = <int64_t>out[OWN, i]

    cdef void links(self, float[:, ::1] out) noexcept:
        """Share of each line that lies in links."""
        cdef Py_ssize_t i, k = 0
        cdef int64_t done = 0, a, b
        cdef Line *line
        for i in range(self.lines):
            line = &self.line[i]
            a = self.covered(line.begin, &k, &done)
            b = self.covered(line.begin + line.size, &k, &done)
            line.link = fmin(<double>(b - a) / <double>(line.size if line.size > 1 else 1), 1.0)
            out[OWN + 5, i] = <float>line.link

    cdef int64_t covered(self, int64_t place, Py_ssize_t *k, int64_t *done) noexcept:
        """Bytes of the stream in links before ``place``. ``k``: the next tag to look at, ``done``: what lies before it."""
        cdef Tag *tag
        cdef Tag *end
        while k[0] < self.count:
            tag = &self.tags[k[0]]
            if tag.name != A or tag.match <= k[0]:
                if tag.at > place:
                    break
                k[0] += 1
                continue
            end = &self.tags[tag.match]
            if end.at > place:
                return done[0] + (place - tag.at if place > tag.at else 0)
            done[0] += end.at - tag.at
            k[0] = tag.match
        return done[0]

    cdef int walk(self, float[:, ::1] out) except -1:
        """What the elements round each line are: their kinds, headings, blocks, the groups of their class names."""
        cdef Py_ssize_t i = 0, k, g
        cdef int32_t inside[WITHIN]
        cdef int32_t groups[GROUPS]
        cdef Tag *tags = self.tags
        cdef Tag *tag
        cdef Tag *opened
        cdef Line *line
        cdef int64_t which, level = 0
        cdef int sign
        memset(inside, 0, sizeof(inside))
        memset(groups, 0, sizeof(groups))
        for k in range(self.count):
            tag = &tags[k]
            tag.line = i
            tag.mask = 0
            tag.holder = tags[k - 1].holder if k else -1
            tag.level = tags[k - 1].level if k else 0
            opened = &tags[tag.match] if tag.closing else tag
            sign = -1 if tag.closing else 1
            if tag.match != k:
                which = WHICH[opened.name]
                if which >= 0:
                    inside[which] += sign
                if opened.block:
                    if tag.closing:
                        tag.holder = tags[tag.match - 1].holder if tag.match else -1
                        tag.level -= 1
                    else:
                        tag.holder = k
                        tag.level += 1
                        if not BODY[tag.name] and tags[tag.match].at > tag.at:
                            tag.mask = self.groups_of(tag)
                    if opened.mask:
                        for g in range(GROUPS):
                            if opened.mask >> g & 1:
                                groups[g] += sign
            if not tag.closing and LEVEL[tag.name]:
                level = LEVEL[tag.name]
            while i < self.lines and self.line[i].tag == k:
                line = &self.line[i]
                for g in range(WITHIN):
                    out[IN + g, i] = inside[g] if inside[g] < 3 else 3
                memcpy(line.groups, groups, sizeof(groups))
                line.in_list = inside[LIST] > 0
                line.level = level if inside[HEADING] > 0 else 0
                out[HEADINGS, i] = line.level
                out[HEADINGS + 1, i] = KIND[tag.name]
                line.good = 0
                if line.chars > 50 and line.link < 0.4:
                    line.good = line.chars if out[OWN + 3, i] > 0 else line.chars // 3
                if inside[P] <= 0:
                    line.good //= 2
                line.linked = <int64_t>(line.link * <double>line.chars)
                line.in_p = line.chars if inside[P] > 0 else 0
                i += 1
        return 0

    cdef uint32_t groups_of(self, Tag *tag) noexcept:
        """The groups that an element's class, id, role and style speak of."""
        cdef const uint8_t *data = self.data
        cdef const uint8_t *q = data + tag.start  # behind a quotation mark
        cdef const uint8_t *end = data + tag.end
        cdef const uint8_t *stop
        cdef const uint8_t *limit
        cdef uint32_t told = 0
        cdef uint32_t state
        while True:
            q = <const uint8_t *>memchr(q, 34, end - q)
            if q is NULL:
                return told
            q += 1
            if (q - 2)[0] != 61 or not (
                memcmp(q - 6, b"lass", 4) == 0 or memcmp(q - 5, b" id=", 4) == 0
                or memcmp(q - 6, b"role", 4) == 0 or memcmp(q - 6, b"tyle", 4) == 0
            ):
                continue
            limit = data + self.size
            stop = <const uint8_t *>memchr(q, 34, limit - q)
            if stop is NULL:
                return told
            limit = stop if stop < q + LONGEST else q + LONGEST
            state = MOVES[0, EDGE]
            told |= TOLD[state]
            stop = q
            while stop < limit:
                state = MOVES[state, SYMBOL[stop[0]]]
                told |= TOLD[state]
                stop += 1
            told |= TOLD[MOVES[state, EDGE]]

    cdef void headings(self, float[:, ::1] out) noexcept:
        """How far the headings above and below are."""
        cdef int64_t i, head = -1, following = self.lines
        for i in range(self.lines):
            if self.line[i].level > 0:
                head = i
            out[HEADINGS + 2, i] = min(i - head, 200)
            out[HEADINGS + 3, i] = self.line[head].level if head >= 0 else 7
        for i in range(self.lines - 1, -1, -1):
            if self.line[i].level > 0:
                following = i
            out[HEADINGS + 4, i] = min(following - i, 200)

    cdef int sum(self) except -1:
        """Running sums over the lines."""
        cdef Py_ssize_t i, n = self.lines + 1
        cdef int64_t *totals = <int64_t *>calloc(5 * n, sizeof(int64_t))
        cdef Line *line
        cdef int64_t doubt
        cdef Py_ssize_t g
        if totals is NULL:
            raise MemoryError
        self.totals = totals
        for i in range(self.lines):
            line = &self.line[i]
            doubt = 1 + 2 * line.in_list
            for g in range(DOUBTFUL.shape[0]):
                if line.groups[DOUBTFUL[g]] > 0:
                    doubt += 3
                    break
            totals[i + 1] = totals[i] + line.chars
            totals[n + i + 1] = totals[n + i] + line.good
            totals[2 * n + i + 1] = totals[2 * n + i] + line.linked
            totals[3 * n + i + 1] = totals[3 * n + i] + line.in_p
            totals[4 * n + i + 1] = totals[4 * n + i] + line.good // doubt
        return 0

    cdef inline int64_t held(self, int which, Py_ssize_t tag) noexcept:
        """How much of one of the sums lies in an element."""
        cdef const int64_t *row = self.totals + which * (self.lines + 1)
        return row[self.tags[self.tags[tag].match].line] - row[self.tags[tag].line]

    cdef Py_ssize_t deepest(self, double enough) noexcept:
        """The deepest block that holds so much of the text that nothing speaks against."""
        cdef Py_ssize_t k, best = -1, first = -1
        cdef Tag *tags = self.tags
        for k in range(self.count):
            if not tags[k].block or tags[k].match <= k:
                continue
            if first < 0:
                first = k
            if (best < 0 or tags[k].level > tags[best].level) and <double>self.held(4, k) >= enough:
                best = k
        return best if best >= 0 else first if first >= 0 else 0

    cdef Py_ssize_t above(self, Py_ssize_t block) noexcept:
        """The block in which a block lies."""
        return self.tags[block - 1].holder if block else -1

    cdef Py_ssize_t root(self) except -1:
        """The first block of the page. Raises Unbalanced where there is none: a serialiser writes a body at least."""
        cdef Py_ssize_t i
        for i in range(self.count):
            if self.tags[i].block and self.tags[i].match > i:
                return i
        raise Unbalanced

    cdef int containers(self, int64_t headline, float[:, ::1] out) except -1:
        """What the elements round each line hold, upwards from its own, downwards from the page's main one."""
        cdef Py_ssize_t i, g, n = self.lines, k, last, reached = 0
        cdef Tag *tags = self.tags
        cdef Line *line
        cdef int64_t all_chars = max(1, self.totals[n]), all_good = max(1, self.totals[2 * n + 1])
        cdef double fine = max(1, self.totals[5 * n + 4])
        cdef Py_ssize_t main = self.deepest(MOST * fine), wide = self.deepest(NEARLY_ALL * fine), own, root
        cdef int64_t enough = max(400, all_good // 7), here, depth = tags[main].level
        cdef bint inside
        cdef int32_t outer[GROUPS]
        cdef int32_t *opened  # by level the block opened last
        root = self.root()
        own = root
        if headline >= 0:
            k = tags[self.line[headline].tag].holder
            while k >= 0 and self.held(1, k) < enough:
                k = self.above(k)
            own = k if k >= 0 else root
        memset(outer, 0, sizeof(outer))
        k = main
        while k >= 0:
            for g in range(GROUPS):
                outer[g] += tags[k].mask >> g & 1
            k = self.above(k)
        opened = <int32_t *>malloc((self.count + 2) * sizeof(int32_t))
        if opened is NULL:
            raise MemoryError
        opened[1] = root
        for i in range(n):
            line = &self.line[i]
            here = tags[line.tag].level
            while reached <= line.tag:
                if tags[reached].holder == reached:
                    opened[tags[reached].level] = reached
                reached += 1
            inside = main <= line.tag < tags[main].match
            last = -1
            for g in range(5):
                k = opened[max(here - g, 1)]
                self.container(k, last, i, g, all_chars, all_good, out)
                last = k
            for g in range(1, 3):
                k = opened[min(depth + g, here) if inside else 1]
                self.container(k, -1, i, 4 + g, all_chars, all_good, out)
            out[MAINS, i] = 0 if inside else -1 if line.tag < main else 1
            out[MAINS + 1, i] = here - depth if inside else -1
            out[MAINS + 2, i] = self.held(0, main)
            out[MAINS + 3, i] = <float>(<double>self.held(4, main) / fine)
            inside = wide <= line.tag < tags[wide].match
            out[MAINS + 4, i] = 0 if inside else -1 if line.tag < wide else 1
            out[MAINS + 5, i] = here - tags[wide].level if inside else -1
            inside = own <= line.tag < tags[own].match
            out[MAINS + 6, i] = inside
            out[MAINS + 7, i] = here - tags[own].level if inside else -1
            out[MAINS + 8, i] = self.held(0, own)
            out[MAINS + 9, i] = <float>(<double>self.held(1, own) / <double>all_good)
            out[MAINS + 10, i] = 301 if headline < 0 else max(-50, min(300, i - headline))
            inside = main <= line.tag < tags[main].match
            for g in range(GROUPS):
                out[CLASS + g, i] = min(line.groups[g], 3)
                out[BELOW + g, i] = max(0, min(3, line.groups[g] - outer[g])) if inside else -1
        free(opened)
        return 0

    cdef void container(
        self, Py_ssize_t block, Py_ssize_t same, Py_ssize_t i, Py_ssize_t where, int64_t all_chars, int64_t all_good,
        float[:, ::1] out,
    ) noexcept:
        """The numbers of one block round line ``i``; if it is the ``same`` as the last one, its numbers."""
        cdef Py_ssize_t k
        cdef double chars, good, some
        if block == same:
            for k in range(CONTAINER):
                out[ROUND + k * AROUND + where, i] = out[ROUND + k * AROUND + where - 1, i]
            return
        chars, good = <double>self.held(0, block), <double>self.held(1, block)
        some = fmax(chars, 1)
        out[ROUND + where, i] = <float>chars
        out[ROUND + AROUND + where, i] = <float>(chars / <double>all_chars)
        out[ROUND + 2 * AROUND + where, i] = self.tags[self.tags[block].match].line - self.tags[block].line
        out[ROUND + 3 * AROUND + where, i] = <float>(good / <double>all_good)
        out[ROUND + 4 * AROUND + where, i] = <float>(good / some)
        out[ROUND + 5 * AROUND + where, i] = <float>(<double>self.held(2, block) / some)
        out[ROUND + 6 * AROUND + where, i] = <float>(<double>self.held(3, block) / some)

    cdef void place(self, list text, float[:, ::1] out):
        """Where on the page each line stands, and how often it is said."""
        cdef Py_ssize_t i, n = self.lines
        cdef int64_t first = -1
        cdef int64_t chars = self.totals[n], good = self.totals[2 * n + 1]
        cdef double all_chars = max(1, chars), all_good = max(1, good)
        said = Counter(text)
        for i in range(n):
            if self.line[i].level == 1:
                first = i
                break
        for i in range(n):
            out[PLACE, i] = i
            out[PLACE + 1, i] = <float>(<double>i / <double>n)
            out[PLACE + 2, i] = <float>(<double>self.totals[i] / all_chars)
            out[PLACE + 3, i] = <float>(<double>self.totals[n + 1 + i] / all_good)
            out[PLACE + 4, i] = n
            out[PLACE + 5, i] = <float>chars
            out[PLACE + 6, i] = <float>good
            out[PLACE + 7, i] = <int64_t>said[text[i]]
            out[PLACE + 8, i] = max(-50, min(300, i - first))

    cdef int near(self, float[:, ::1] out) except -1:
        """How much text and how many link lines stand near each line."""
        cdef Py_ssize_t i, r, n = self.lines, a, b, row
        cdef double *texts = <double *>malloc(2 * (n + 1) * sizeof(double))
        cdef double *links = texts + n + 1
        if texts is NULL:
            raise MemoryError
        texts[0] = links[0] = 0
        for i in range(n):
            texts[i + 1] = fmin(out[OWN, i], 400) * (1 - self.line[i].link)
        for i in range(n):
            texts[i + 1] *= STOPPED if out[OWN + 4, i] > 0 else UNSTOPPED
        for i in range(n):
            texts[i + 1] += texts[i]
            links[i + 1] = links[i] + (self.line[i].link > 0.5)
        for r in range(REACHES):
            row = NEAR + 3 * r
            for i in range(n):
                a, b = max(i - REACH[r], 0), min(i + REACH[r] + 1, n)
                out[row, i] = <float>((texts[b] - texts[a]) / <double>(b - a))
                out[row + 1, i] = <float>((links[b] - links[a]) / <double>(b - a))
                out[row + 2, i] = <float>((texts[b] - texts[i + 1]) / <double>REACH[r])
        free(texts)
        return 0


cdef inline bint _opens(const uint8_t *at, const uint8_t *stop) noexcept nogil:
    """Whether a "<" is the beginning of a tag."""
    return at + 1 < stop and (97 <= at[1] <= 122 or at[1] == 47)


cdef inline uint8_t _small(uint8_t byte) noexcept nogil:
    return byte + 32 if 65 <= byte <= 90 else byte


cdef inline bint _begins(const uint8_t *at, const char *word, Py_ssize_t size) noexcept nogil:
    """Whether that word, in small letters, stands there in any."""
    cdef Py_ssize_t i
    for i in range(size):
        if _small(at[i]) != <uint8_t>word[i]:
            return False
    return True


cdef int _not_displayed(const uint8_t *at, Py_ssize_t size) except -1:
    """Whether a tag says that its element is not displayed."""
    cdef const uint8_t *end = at + size
    cdef const uint8_t *begin
    while True:
        at = <const uint8_t *>memchr(at, 34, end - at)
        if at is NULL:
            return False
        at += 1
        if not memcmp(at - 9, b" hidden=", 8):
            return True
        if memcmp(at - 8, b" style=", 7):
            continue
        begin = at
        while at < end and at[0] != 34:
            if _begins(at, b"display", 7):
                return markup.not_displayed(begin[: end - begin].partition(b'"')[0])
            at += 1


def measure(bytes html, str title=""):
    """The lines of a serialised page of that title with their features: `features.measure`. Raises Unbalanced."""
    cdef Page page = Page(html)
    cdef list text
    page.find_tags()
    page.write()
    text = page.cut()
    lines = PageLines(text, *page.columns())
    values = np.empty((ROWS, page.lines), np.float32)
    cdef float[:, ::1] out = values
    if page.lines:
        page.root()
        page.letters(text, out)
        page.links(out)
        page.walk(out)
        page.headings(out)
        page.sum()
        page.containers(features._headline(text, values[HEADINGS], title), out)
        page.place(text, out)
        page.near(out)
    return features.MeasuredPage(lines, values)


cdef extern from *:
    """
    /* In C for `restrict`: only with it does the compiler ask several lines with one instruction. */
    #if defined(_MSC_VER)
    #define restrict __restrict
    #endif
    #define TOGETHER 64
    static void ask_all(const float *restrict row, float border, int32_t bit, int32_t *restrict leaf) {
        for (int j = 0; j < TOGETHER; j++) leaf[j] |= -(int32_t)(row[j] > border) & bit;
    }
    static void ask_some(const float *restrict row, float border, int32_t bit, int32_t *restrict leaf, int some) {
        for (int j = 0; j < some; j++) leaf[j] |= -(int32_t)(row[j] > border) & bit;
    }
    static void add_leaves(const int32_t *restrict leaf, const int32_t *restrict worth, int32_t *restrict total) {
        for (int j = 0; j < TOGETHER; j++) total[j] += worth[leaf[j]];
    }
    """
    const int TOGETHER
    void ask_all(const float *row, float border, int32_t bit, int32_t *leaf) noexcept nogil
    void ask_some(const float *row, float border, int32_t bit, int32_t *leaf, int some) noexcept nogil
    void add_leaves(const int32_t *leaf, const int32_t *worth, int32_t *total) noexcept nogil


def score(
    const float[:, ::1] values, const int64_t[:, ::1] asked, const float[:, ::1] borders, const int32_t[:, ::1] leaves,
    int64_t bias, int64_t[::1] out,
):
    """The score of each column of ``values``. Trees × levels: the row asked and its border; trees × leaves: their worth."""
    cdef Py_ssize_t n = values.shape[1], base, wide, tree, level, j
    cdef int32_t leaf[BLOCK]
    cdef int32_t total[BLOCK]
    for base in range(0, n, BLOCK):
        wide = min(n - base, <Py_ssize_t>BLOCK)
        memset(total, 0, sizeof(total))
        for tree in range(asked.shape[0]):
            memset(leaf, 0, sizeof(leaf))
            for level in range(asked.shape[1]):
                if wide == BLOCK:
                    ask_all(&values[asked[tree, level], base], borders[tree, level], 1 << level, leaf)
                else:
                    ask_some(&values[asked[tree, level], base], borders[tree, level], 1 << level, leaf, wide)
            add_leaves(leaf, &leaves[tree, 0], total)
        for j in range(wide):
            out[base + j] = total[j] + bias


# --- before a page is parsed


cdef enum:
    HIDDEN = 10  # names of elements that are left out
    TEXTS = 12  # and, behind them, of those that hold text alone
    NAMES = 14  # and of those whose text is that of the page, word for word

NAMED = source._NAMES
assert len(NAMED) == NAMES and NAMED[:HIDDEN] == (*source._HIDDEN,) and NAMED[HIDDEN:TEXTS] == source._TEXT
assert NAMED[0] == b"!--"
cdef int FOR_GOOD[NAMES]
cdef int NESTED[NAMES]
cdef int SCRIPT = NAMED.index(b"script"), TEMPLATE = NAMED.index(b"template"), FOREIGN = NAMED.index(source._FOREIGN)
cdef int k
for k in range(NAMES):
    FOR_GOOD[k] = source._HIDDEN.get(NAMED[k], True)
    NESTED[k] = NAMED[k] in source._NESTED


cdef inline bint _blank(uint8_t byte) noexcept nogil:
    return byte == 32 or 9 <= byte <= 13


cdef bint _is(const uint8_t *at, const uint8_t *stop, const char *name, Py_ssize_t size) noexcept nogil:
    """Whether an element of that name is named there."""
    cdef uint8_t after
    if stop - at < size or not _begins(at, name, size):
        return False
    if stop - at == size:
        return True
    after = _small(at[size])
    return not (97 <= after <= 122 or 48 <= after <= 57 or after == 45)


cdef const uint8_t *_closing(const uint8_t *at, const uint8_t *stop, const char *name, Py_ssize_t size) noexcept nogil:
    """The next closing tag of that name, NULL for none."""
    while True:
        at = <const uint8_t *>memchr(at, 60, stop - at)
        if at is NULL or (at + 1 < stop and at[1] == 47 and _is(at + 2, stop, name, size)):
            return at
        at += 1


cdef const uint8_t *_comment_end(const uint8_t *begin, const uint8_t *stop) noexcept nogil:
    """Behind the comment whose first byte after the opening dashes is ``begin``."""
    cdef const uint8_t *at = begin
    cdef const uint8_t *last
    while True:
        at = <const uint8_t *>memchr(at, 62, stop - at)
        if at is NULL:
            return stop
        last = at - 1
        at += 1
        if last - begin >= 2 and last[0] == 33:
            last -= 1
        if last[0] == 45 and (last - 1)[0] == 45:
            return at


cdef const uint8_t *_empty(const uint8_t *at, const uint8_t *stop) noexcept nogil:
    """Behind the tag if it closes at once, else NULL."""
    while at < stop and at[0] != 60 and at[0] != 62:
        at += 1
    return at + 1 if at < stop and at[0] == 62 and (at - 1)[0] == 47 else NULL


cdef inline bint _told(const uint8_t *name, Py_ssize_t size) noexcept nogil:
    """Whether an attribute of that name is read: a class, role, style, id, that it is hidden, the type of an input, or
    (by parsers) the encoding of a formula's annotation."""
    cdef const uint8_t *end = name + size
    if size == 2:
        return _small(name[0]) == 105 and _small(name[1]) == 100
    if (size == 6 and _begins(name, b"hidden", 6)) or (size == 8 and _begins(name, b"encoding", 8)):
        return True
    if size < 4:
        return False
    return (
        (_small((end - 1)[0]) == 115 and _small((end - 2)[0]) == 115 and _small((end - 3)[0]) == 97)
        or (_small((end - 1)[0]) == 101 and (
            (_small((end - 2)[0]) == 108 and (_small((end - 3)[0]) == 111 or _small((end - 3)[0]) == 121))
            or (size == 4 and _small(name[0]) == 116 and _small(name[2]) == 112)))
    )


cdef struct Attribute:
    const uint8_t *begin
    const uint8_t *name_end
    const uint8_t *end


cdef inline int _attribute(const uint8_t **place, const uint8_t *stop, Attribute *found) noexcept nogil:
    """Read a tag's next attribute as a parser does. 1: here it is, 0: the tag ends at ``place``, -1: with the page."""
    cdef const uint8_t *at = place[0]
    while at < stop and (_blank(at[0]) or at[0] == 47):
        at += 1
    if at >= stop:
        return -1
    if at[0] == 62:
        place[0] = at
        return 0
    found.begin = at
    at += 1  # a "=" here belongs to the name
    while at < stop and not (_blank(at[0]) or at[0] == 47 or at[0] == 62 or at[0] == 61):
        at += 1
    found.name_end = at
    while at < stop and _blank(at[0]):
        at += 1
    if at < stop and at[0] == 61:
        at += 1
        while at < stop and _blank(at[0]):
            at += 1
        if at < stop and (at[0] == 34 or at[0] == 39):
            at = <const uint8_t *>memchr(at + 1, at[0], stop - at - 1)
            at = stop if at is NULL else at + 1
        else:
            while at < stop and not (_blank(at[0]) or at[0] == 62):
                at += 1
    else:
        at = found.name_end
    found.end = place[0] = at
    return 1


cdef const uint8_t *_attributes(const uint8_t *at, const uint8_t *stop, uint8_t **out) noexcept nogil:
    """Write the attributes of a tag that are read; where the tag ends. NULL: nowhere."""
    cdef Attribute one
    cdef const uint8_t *behind = at  # the last attribute
    cdef int more
    while (more := _attribute(&at, stop, &one)) > 0:
        behind = at
        if _told(one.begin, one.name_end - one.begin):
            out[0][0] = 32
            memcpy(out[0] + 1, one.begin, one.end - one.begin)
            out[0] += 1 + (one.end - one.begin)
    if more < 0:
        return NULL
    if at > behind and (at - 1)[0] == 47:
        memcpy(out[0], b" /", 2)
        out[0] += 2
    return at


def visible(bytes page):
    """`source.visible`, and behind the head without the attributes that nobody reads: most of a page's bytes."""
    cdef const uint8_t *data = page
    cdef const uint8_t *stop = data + len(page)
    cdef const uint8_t *at = data
    cdef const uint8_t *done = data  # what is before it is written or left out
    cdef const uint8_t *end
    cdef const uint8_t *last[NAMES]
    cdef const char *names[NAMES]
    cdef Py_ssize_t sizes[NAMES]
    cdef bint behind = False, xml = source._XML.match(page) is not None, scripts_end = True
    cdef int k, which
    cdef uint8_t first
    # Blanks are put where none part attributes.
    cdef Py_ssize_t room = len(page) + len(page) // 2 + 64, written, closed
    cdef uint8_t *out = <uint8_t *>malloc(room)
    cdef uint8_t *to = out
    cdef uint8_t *mark
    cdef list opened = []  # elements that may hold one another, and what is written that stands before each
    cdef int open_now[NAMES]
    cdef int unseen = 0  # of them those that go if they end
    cdef bytes listing
    if out is NULL:
        raise MemoryError
    for k in range(NAMES):
        names[k], sizes[k], last[k], open_now[k] = NAMED[k], len(NAMED[k]), NULL, 0
    while True:
        at = <const uint8_t *>memchr(at, 60, stop - at)
        if at is NULL or at + 1 >= stop:
            break
        first = _small(at[1])
        if first == 47:
            if not behind and _is(at + 2, stop, b"head", 4):
                behind = True
            if opened:
                which = -1
                for k in range(1, HIDDEN):
                    if open_now[k] and _is(at + 2, stop, names[k], sizes[k]):
                        which = k
                        break
                if which >= 0:
                    k = -1
                    while k != which:
                        k, written = opened.pop()
                        open_now[k] -= 1
                        unseen -= written >= 0
                    if written >= 0:
                        to = out + written
                        at = done = _behind(at + 2, stop)
                        continue
            at += 2
            continue
        which = -1
        if first == 33:
            if stop - at >= 4 and at[2] == 45 and at[3] == 45:
                which = 0
        elif first == 115 or first == 110 or first == 116 or first == 105 or first == 120 or (
            first == 112 and stop - at > 2 and _small(at[2]) == 108
        ):
            for k in range(1, NAMES):
                if _is(at + 1, stop, names[k], sizes[k]):
                    which = k
                    break
        if which > 0 and (xml or which == FOREIGN or (opened and opened[len(opened) - 1][0] == FOREIGN)):
            end = _empty(at + 1 + sizes[which], stop)
            if end is not NULL:
                memcpy(to, done, at - done)
                to += at - done
                if not FOR_GOOD[which]:
                    to[0] = 32
                    to += 1
                at = done = end
                continue
        if which >= TEXTS:
            memcpy(to, done, at - done)
            to += at - done
            listing, closed = source.verbatim(page, NAMED[which], at + 1 + sizes[which] - data)
            written = to - out
            room += len(listing)
            mark = <uint8_t *>realloc(out, room)
            if mark is NULL:
                free(out)
                raise MemoryError
            out = mark
            to = out + written
            memcpy(to, <const char *>listing, len(listing))
            to += len(listing)
            at = done = data + closed
            continue
        if which >= HIDDEN:
            at = _closing(at + 1 + sizes[which], stop, names[which], sizes[which])
            if at is NULL:
                break
            continue
        if which >= 0:
            memcpy(to, done, at - done)
            to += at - done
            if not FOR_GOOD[which]:
                to[0] = 32
                to += 1
                if last[which] is NULL:
                    last[which] = _last_closing(at, stop, names[which], sizes[which])
                if last[which] < at:
                    at = done = _behind(at, stop)
                    continue
            if NESTED[which]:
                done = at
                at += 1 + sizes[which]
                written = -1 if which == TEMPLATE and source._SHADOW.match(page, at - data) else to - out
                opened.append((which, written))
                open_now[which] += 1
                unseen += written >= 0
                continue
            if which == 0:
                done = _comment_end(at + 4, stop) if stop - at > 4 else stop
            else:
                at += 1 + sizes[which]
                end = _closing(at, stop, names[which], sizes[which])
                if which == SCRIPT and scripts_end and end is not NULL and page.find(b"<!--", at - data, end - data) >= 0:
                    closed = source.script_end(page, at - data)
                    scripts_end = closed >= 0
                    if scripts_end:
                        end = data + closed
                if end is NULL:
                    done = stop
                    break
                done = _behind(end, stop)
            at = done
            continue
        if not 97 <= first <= 122:
            at += 1
            continue
        end = at + 2
        while end < stop and not (_blank(end[0]) or end[0] == 47 or end[0] == 62):
            end += 1
        if not behind:
            behind = _is(at + 1, stop, b"body", 4)
        if not unseen and end < stop and end[0] != 62:
            mark = to + (end - done)
            if behind:
                memcpy(to, done, end - done)
            at = _attributes(end, stop, &mark)
            if at is NULL:
                break
            if behind:
                to = mark
                done = at
        else:
            at = end
    memcpy(to, done, stop - done)
    to += stop - done
    found = PyBytes_FromStringAndSize(<char *>out, to - out)
    free(out)
    return found


cdef const uint8_t *_behind(const uint8_t *at, const uint8_t *stop) noexcept nogil:
    """Behind the tag in which that byte lies."""
    at = <const uint8_t *>memchr(at, 62, stop - at)
    return stop if at is NULL else at + 1


cdef const uint8_t *_last_closing(const uint8_t *at, const uint8_t *stop, const char *name, Py_ssize_t size) noexcept nogil:
    """The last closing tag of that name; ``at - 1`` for none."""
    cdef const uint8_t *back = stop
    while back > at:
        back -= 1
        if back[0] == 60 and back + 1 < stop and back[1] == 47 and _is(back + 2, stop, name, size):
            return back
    return at - 1


def attribute_pairs(bytes page):
    """`source.attribute_pairs`."""
    cdef const uint8_t *at = page
    cdef const uint8_t *stop = at + len(page)
    cdef Attribute one
    cdef int64_t pairs = 0, before, single = 0
    cdef const char *raw
    cdef int more
    cdef bint is_single
    while True:
        at = <const uint8_t *>memchr(at, 60, stop - at)
        if at is NULL or at + 1 >= stop:
            return pairs
        at += 1
        if not 97 <= _small(at[0]) <= 122:
            if stop - at > 3 and memcmp(at, b"!--", 3) == 0:
                at = _comment_end(at + 3, stop)
            continue
        raw = NULL
        if _is(at, stop, b"script", 6):
            raw = b"script"
        elif _is(at, stop, b"style", 5):
            raw = b"style"
        is_single = _is(at, stop, b"html", 4) or _is(at, stop, b"body", 4)
        while at < stop and not (_blank(at[0]) or at[0] == 47 or at[0] == 62):
            at += 1
        before = single if is_single else 0
        while (more := _attribute(&at, stop, &one)) > 0:
            pairs += before
            before += 1
        if more < 0:
            return pairs
        if is_single:
            single = before
        if raw is not NULL:
            at = _closing(at, stop, raw, strlen(raw))
            if at is NULL:
                return pairs


cdef uint64_t NOT_ASCII = 0x8080808080808080


def is_utf8(bytes page):
    """Whether the bytes are UTF-8, as Python's decoder has it."""
    cdef const uint8_t *at = page
    cdef const uint8_t *stop = at + len(page)
    cdef uint64_t eight
    cdef uint32_t code
    cdef int more, k
    while at < stop:
        if stop - at >= 8:
            memcpy(&eight, at, 8)
            if not eight & NOT_ASCII:
                at += 8
                continue
        if at[0] < 128:
            at += 1
            continue
        if 0xC2 <= at[0] < 0xE0:
            more, code = 1, at[0] & 0x1F
        elif 0xE0 <= at[0] < 0xF0:
            more, code = 2, at[0] & 0x0F
        elif 0xF0 <= at[0] < 0xF5:
            more, code = 3, at[0] & 0x07
        else:
            return False
        if stop - at <= more:
            return False
        at += 1
        for k in range(more):
            if at[0] & 0xC0 != 0x80:
                return False
            code = code << 6 | (at[0] & 0x3F)
            at += 1
        if (more == 2 and (code < 0x800 or 0xD800 <= code < 0xE000)) or (more == 3 and not 0x10000 <= code < 0x110000):
            return False
    return True
