"""What surrounds each line, and where it stands in its text, in few passes over a batch. `features` says what is meant.

Everything here is whole numbers in arrays that the callers own. Nothing is checked again: callers pass arrays that
they have made themselves.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from cleaner.text._counts cimport CHARS, LISTED, PROSE, TITLE, WORDS
from cleaner.text._shared cimport least, most, percent, slot_of

from cleaner.text import measure

cdef int FAR = measure.FAR, LONG = measure.LONG, MARKED_WORDS = measure.MARKED_WORDS

cdef enum:  # as `features.KINDS`
    OF_LINE, OF_PLACE, OF_NEIGHBOUR, OF_WINDOW, SINCE, UNTIL


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
        slot = slot_of(<uint64_t>hashes[first], mask)
        while seen[slot] and key[slot] != hashes[first]:
            slot = (slot + 1) & mask
        key[slot] = hashes[first]
        out[first] = <int32_t>least(seen[slot], 9)
        seen[slot] += 1
        first += step
