"""What is measured about each line of a page, in few passes over its tags and lines. `features` says what is meant."""

cimport cython
from libc.math cimport fmax, fmin
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from cleaner.extract._classes cimport GROUPS, groups_of
from cleaner.extract._markup cimport Line, Page, Tag

from collections import Counter

import numpy as np

from cleaner.extract import features, markup
from cleaner.extract.markup import PageLines, Unbalanced

cdef enum:
    WITHIN = 17  # kinds of elements that a line may lie in
    AROUND = 7
    CONTAINER = 7
    REACHES = 3

assert WITHIN == len(features._WITHIN) and REACHES == len(features._REACHES)
assert AROUND == len(features.AROUND) and CONTAINER == len(features._CONTAINER)

cdef const int64_t[::1] WHICH = features._WHICH, LEVEL = features._LEVEL, KIND = features._KIND
cdef const uint8_t[::1] BODY = features._BODY.view(np.uint8), ENDS = features._ENDS
cdef const int64_t[::1] MORE = features._MORE, HALVES = features._HALVES
cdef int A = markup.ID["a"], P = features._P, LIST = features._LIST, HEADING = features._HEADING
cdef double MOST = features._MOST, NEARLY_ALL = features._NEARLY_ALL
cdef const int64_t[::1] REACH = features._REACH.ravel().copy()
cdef const int64_t[::1] DOUBTFUL = np.array(features._DOUBTFUL, np.int64)
cdef double STOPPED = features.STOPPED[1], UNSTOPPED = features.STOPPED[0]

# The first row of each block of features.
cdef int OWN = 0, IN = OWN + 6, HEADINGS = IN + WITHIN, ROUND = HEADINGS + 5, MAINS = ROUND + AROUND * CONTAINER
cdef int CLASS = MAINS + 11, BELOW = CLASS + GROUPS, PLACE = BELOW + GROUPS, NEAR = PLACE + 9
cdef int ROWS = len(features.FEATURES)
assert ROWS == NEAR + 3 * REACHES


@cython.final
cdef class Measured(Page):
    """A page, and what is measured about its lines: rows of features, a column each line."""

    cdef int64_t *totals  # of chars, good, linked, in_p, fine: lines + 1 each

    def __dealloc__(self):
        free(self.totals)

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
                            tag.mask = groups_of(self.data + tag.start, self.data + tag.end, self.data + self.size)
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


def measure(bytes html, str title=""):
    """The lines of a serialised page of that title with their features: `features.measure`. Raises Unbalanced."""
    cdef Measured page = Measured(html)
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
