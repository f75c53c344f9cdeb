"""Asks the conditions of rules that the table of lines can answer. `prechecks` says what is meant."""

cimport cython
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc

from cleaner.match._shared cimport BLANK, Batch, head_of

cdef enum:  # the columns of `prechecks.Prechecks.shares`
    HEAD_SHARE, TAIL_SHARE, BODY


@cython.final
cdef class Prechecks:
    def __cinit__(
        self, const int64_t[:, ::1] limits, const double[:, ::1] shares, const int64_t[::1] group,
        const int64_t[:, ::1] asks, const int64_t[::1] asks_title,
    ):
        cdef Py_ssize_t k, i
        self.limits, self.shares = limits, shares
        self.asks = <Asks *>malloc((group.shape[0] + 1) * sizeof(Asks))
        if self.asks is NULL:
            raise MemoryError
        for k in range(group.shape[0]):
            self.asks[k].group, self.asks[k].title = <int32_t>group[k], <int32_t>asks_title[k]
            for i in range(3):
                self.asks[k].others[i] = <int32_t>asks[k, i]

    def __dealloc__(self):
        free(self.asks)

    cdef bint hold(self, Batch *batch, Py_ssize_t row, int64_t rule) noexcept:
        """Whether the row can fulfil the conditions of the rule. See `prechecks.Prechecks.allow`."""
        cdef const int64_t *limit = &self.limits[rule, 0]
        cdef int64_t words = batch.rows[row].words
        if batch.rows[row].end - batch.rows[row].start < limit[MIN_CHARS]:
            return False
        if batch.rows[row].spoken_end - batch.rows[row].spoken > limit[MAX_CHARS]:
            return False
        if words < limit[MIN_WORDS] or words > limit[MAX_WORDS]:
            return False
        if limit[ZONED] and not self.in_zone(batch, row, rule):
            return False
        if limit[REPEATED] and not batch.repeated[(limit[REPEATED] - 1) * batch.repeating + row]:
            return False
        if limit[ABOVE] and not _is_prefix(batch, row, -1, limit[ABOVE]):
            return False
        return not limit[BELOW] or _is_prefix(batch, row, 1, limit[BELOW])

    cdef bint in_zone(self, Batch *batch, Py_ssize_t row, int64_t rule) noexcept:
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
    return head_of(batch.signed, start, start + size) == head_of(batch.signed, begin, begin + size)


cdef inline int64_t _solid_first(Batch *batch, Py_ssize_t row) noexcept:
    """Where the row begins, the blank before it aside."""
    return batch.rows[row].first + (batch.signed[batch.rows[row].first] == BLANK)


cdef inline int64_t _solid_last(Batch *batch, Py_ssize_t row) noexcept:
    return batch.rows[row].last - (batch.signed[batch.rows[row].last - 1] == BLANK)
