"""Which rows of a batch may repeat others. `repeats` says what is meant."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from cleaner.match._shared cimport MIX0, Row, head_of, tail_of, word_of

cdef enum:  # as `repeats.KINDS`
    SAID_TWICE, PREFIX, TITLE, TITLE_END


def repeats(
    const uint8_t[::1] signed, const int64_t[:, ::1] table, const int64_t[::1] bounds, const int64_t[::1] heads,
    uint8_t[:, ::1] out,
):
    """Mark in the rows of ``out`` which rows of the table may be repeats. See `repeats.marks`."""
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
        word = word_of(signed, rows[row].key, rows[row].key_end)
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
    return head_of(signed, row.key, row.key + size) == head_of(signed, other.key, min(other.key + size, other.key_end))


cdef void _like_title(
    const uint8_t *signed, const Row *rows, Py_ssize_t low, Py_ssize_t high, int64_t title, uint8_t[:, ::1] out,
) noexcept:
    cdef int64_t start = rows[title].key, end = rows[title].key_end, size = end - start, seen = min(size, 8)
    cdef uint64_t whole = word_of(signed, start, end), tail = tail_of(signed, end - seen, end)
    cdef Py_ssize_t row
    for row in range(low, high):
        start, end = rows[row].key, rows[row].key_end
        if start == end:
            continue
        if word_of(signed, start, end) == whole:
            out[TITLE, row] = 1
        if size and end - start > size and tail_of(signed, end - seen, end) == tail:
            out[TITLE_END, row] = 1
