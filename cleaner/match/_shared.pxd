"""What the compiled loops of this folder share: the lines of a batch, and eight bytes of their signatures as a word."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

cdef extern from *:
    """
    #define EVERY UINT64_C(0xFFFFFFFFFFFFFFFF)
    #define MIX0 UINT64_C(0x9E3779B97F4A7C15)
    #define MIX1 UINT64_C(0xC2B2AE3D27D4EB4F)
    #define MIX2 UINT64_C(0x165667B19E3779F9)
    #ifdef _MSC_VER
    #include <intrin.h>
    static int lowest(uint64_t word) { unsigned long at; _BitScanForward64(&at, word); return (int)at; }
    #else
    static int lowest(uint64_t word) { return __builtin_ctzll(word); }
    #endif
    """
    const uint64_t EVERY
    const uint64_t MIX0, MIX1, MIX2  # as `table`
    int lowest(uint64_t word) noexcept nogil  # number of the lowest bit that is set; there must be one

cdef enum:
    BREAK = 10
    BLANK = 32


ctypedef fused Char:  # of a string, by its kind
    uint8_t
    uint16_t
    uint32_t


cdef struct Row:  # a line that holds more than blanks, as `_table.COLUMNS`
    int64_t line, first, last, start, end, words
    uint64_t kinds
    int64_t key, key_end, spoken, spoken_end


cdef struct Text:
    int kind
    const void *data


cdef struct Batch:
    Text *texts
    const uint8_t *signed
    const Row *rows
    const int64_t *owner
    const int64_t *bounds
    const int64_t *base
    const int64_t *sizes
    const uint8_t *titled
    const uint8_t *concerned
    const uint8_t *answers
    const uint8_t *repeated
    Py_ssize_t titles, groups, answering, repeating  # columns of these
    int64_t begin  # its first row, counted through all batches
    uint64_t *open  # the forms of the gate that concern the text that is asked
    int64_t *found  # rows, and a form that may match each
    Py_ssize_t room, size  # of what is found


cdef struct Form:
    uint64_t every, some, other  # `required.RequiredChars`: each of these characters, and one of each of these sets
    int64_t rule
    int32_t least, most
    int32_t first, last  # numbers of sets of characters
    uint64_t asked  # the question, by its number, at which it was asked last


cdef enum:
    FAR = 0x7FFFFFFF  # no line is as long; `Form.least` of a rule that is not in use


cdef inline bint has_kinds(uint64_t kinds, uint64_t every, uint64_t some, uint64_t other) noexcept nogil:
    """Whether a line with these kinds of characters has what is required. See `required.RequiredChars`."""
    return (kinds & every) == every and (kinds & some) != 0 and (kinds & other) != 0


cdef inline uint64_t head_of(const uint8_t *signed, int64_t start, int64_t end) noexcept nogil:
    """The first eight bytes of the stretch, or as many as there are, the first one lowest."""
    cdef uint64_t word
    cdef int64_t size = end - start
    memcpy(&word, signed + start, 8)
    return word if size >= 8 else word & ((<uint64_t>1 << 8 * size) - 1)


cdef inline uint64_t tail_of(const uint8_t *signed, int64_t start, int64_t end) noexcept nogil:
    """The last eight bytes of the stretch, or as many as there are, the last one highest."""
    cdef uint64_t word
    cdef int64_t size = end - start
    if size <= 0:
        return 0
    memcpy(&word, signed + end - 8, 8)
    return word if size >= 8 else word >> (64 - 8 * size) << (64 - 8 * size)


cdef inline uint64_t word_of(const uint8_t *signed, int64_t start, int64_t end) noexcept nogil:
    """One word for the ends and the length of the stretch. See `table.words_of`."""
    return (head_of(signed, start, end) * MIX1) ^ (tail_of(signed, start, end) * MIX2) ^ <uint64_t>(end - start)
