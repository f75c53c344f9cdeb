"""Asks fitted trees about many lines with one instruction. `scorer` says what is meant."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset


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
    enum:
        TOGETHER  # lines that are asked the same question at once
    void ask_all(const float *row, float border, int32_t bit, int32_t *leaf) noexcept nogil
    void ask_some(const float *row, float border, int32_t bit, int32_t *leaf, int some) noexcept nogil
    void add_leaves(const int32_t *leaf, const int32_t *worth, int32_t *total) noexcept nogil


def score(
    const float[:, ::1] values, const int64_t[:, ::1] asked, const float[:, ::1] borders, const int32_t[:, ::1] leaves,
    int64_t bias, int64_t[::1] out,
):
    """The score of each column of ``values``. Trees × levels: the row asked and its border; trees × leaves: their worth."""
    cdef Py_ssize_t n = values.shape[1], base, wide, tree, level, j
    cdef int32_t leaf[TOGETHER]
    cdef int32_t total[TOGETHER]
    for base in range(0, n, TOGETHER):
        wide = min(n - base, <Py_ssize_t>TOGETHER)
        memset(total, 0, sizeof(total))
        for tree in range(asked.shape[0]):
            memset(leaf, 0, sizeof(leaf))
            for level in range(asked.shape[1]):
                if wide == TOGETHER:
                    ask_all(&values[asked[tree, level], base], borders[tree, level], 1 << level, leaf)
                else:
                    ask_some(&values[asked[tree, level], base], borders[tree, level], 1 << level, leaf, wide)
            add_leaves(leaf, &leaves[tree, 0], total)
        for j in range(wide):
            out[base + j] = total[j] + bias
