from libc.stdint cimport uint8_t, uint32_t

cdef enum:
    GROUPS = 14  # of class names

cdef uint32_t groups_of(const uint8_t *tag, const uint8_t *end, const uint8_t *stop) noexcept
