"""What the compiled loops of this folder share."""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef enum:
    BEYOND = 0xFFFF  # as `characters`: its tables have one entry for all code points from here on


ctypedef fused Char:  # of a string, by its kind
    uint8_t
    uint16_t
    uint32_t


cdef inline int64_t percent(int64_t part, int64_t whole) noexcept nogil:
    return part * 100 // (whole if whole > 1 else 1)


cdef inline int64_t least(int64_t a, int64_t b) noexcept nogil:
    return a if a < b else b


cdef inline int64_t most(int64_t a, int64_t b) noexcept nogil:
    return a if a > b else b


cdef inline uint8_t look_up(uint32_t code, const uint8_t *table) noexcept nogil:
    """What a table says of a code point."""
    return table[code if code < BEYOND else BEYOND]


cdef inline uint64_t slot_of(uint64_t key, uint64_t mask) noexcept nogil:
    """Where a hash table of ``mask + 1`` slots has a key, or would."""
    return ((key ^ (key >> 29)) * <uint64_t>0x9E3779B97F4A7C15 >> 20) & mask
