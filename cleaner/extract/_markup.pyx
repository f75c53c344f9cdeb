"""The tags and the lines of a page in one pass over its bytes. `markup` says what is meant."""

from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memchr, memcmp

from cleaner.extract._bytes cimport begins

import numpy as np

from cleaner.extract import markup
from cleaner.extract.markup import PageLines, Unbalanced

cdef const int64_t[::1] ID_AT = markup._PLACE
cdef const uint64_t[::1] CODES = markup._CODES
cdef uint64_t FACTOR = markup._FACTOR
cdef int SHIFT = markup._SHIFT
cdef int UNKNOWN = markup.UNKNOWN, PARAGRAPH = markup._PARAGRAPH
cdef const uint8_t[::1] BREAK = markup._BREAK
cdef const uint8_t[::1] IS_VOID = markup._IS_VOID.view(np.uint8), IS_SILENT = markup._IS_SILENT.view(np.uint8)
cdef const uint8_t[::1] IS_LISTING = markup._IS_LISTING.view(np.uint8), IS_LIST = markup._IS_LIST.view(np.uint8)
cdef const uint8_t[::1] TAG_CODE = markup._CODE, BLANK = markup._BLANK, KEPT = markup._KEPT


cdef class Page:
    def __cinit__(self, bytes page):
        self.page = page
        self.data = page
        self.size = len(page)

    def __dealloc__(self):
        free(self.tags)
        free(self.line)
        free(self.stream)

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


cdef inline bint _opens(const uint8_t *at, const uint8_t *stop) noexcept nogil:
    """Whether a "<" is the beginning of a tag."""
    return at + 1 < stop and (97 <= at[1] <= 122 or at[1] == 47)


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
            if begins(at, b"display", 7):
                return markup.not_displayed(begin[: end - begin].partition(b'"')[0])
            at += 1
