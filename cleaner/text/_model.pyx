"""Asks the trees of a model about many lines with one instruction. `model` says what is meant."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from cleaner.text._shared cimport least


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
