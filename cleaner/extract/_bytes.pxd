"""What the compiled loops of this folder say of bytes."""

from libc.stdint cimport uint8_t


cdef inline uint8_t small(uint8_t byte) noexcept nogil:
    return byte + 32 if 65 <= byte <= 90 else byte


cdef inline bint begins(const uint8_t *at, const char *word, Py_ssize_t size) noexcept nogil:
    """Whether that word, in small letters, stands there in any."""
    cdef Py_ssize_t i
    for i in range(size):
        if small(at[i]) != <uint8_t>word[i]:
            return False
    return True
