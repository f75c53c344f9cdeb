"""Where forms are looked up: by words of eight bytes, and by literals anywhere in a line."""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

from cleaner.match._shared cimport MIX0, MIX1


@cython.final
cdef class Words:
    """Numbers of 8-byte words: an open table of twice their number, and a set of bits, small enough for the processor's
    nearest cache, that is asked first."""

    cdef uint64_t *keys
    cdef int32_t *numbers
    cdef uint8_t *bits
    cdef uint64_t mask
    cdef int shift, bits_shift

    cdef inline bint may_hold(self, uint64_t word) noexcept nogil:
        """Yes for each of the words, and for few others."""
        cdef uint64_t slot = (word * MIX1) >> self.bits_shift
        return self.bits[slot >> 3] >> (slot & 7) & 1

    cdef inline int32_t number(self, uint64_t word) noexcept nogil:
        """The word's number, or -1."""
        cdef uint64_t slot
        if not self.may_hold(word):
            return -1
        slot = (word * MIX0) >> self.shift
        while self.numbers[slot] >= 0:
            if self.keys[slot] == word:
                return self.numbers[slot]
            slot = (slot + 1) & self.mask
        return -1


cdef enum:  # bits of the sets' sizes
    FULL = 17
    SOME = 15
    TINY = 16  # one for each pair of bytes


cdef struct Literal:
    uint64_t head  # its first eight bytes
    int32_t begin, size  # of it in the text of all
    int32_t offset  # of its window in it
    int32_t number  # in the list of all


@cython.final
cdef class Literals:
    """Some literals, looked for at once. Of each, eight bytes are looked for (of shorter ones, all), and the rest is
    compared where these stand. What hardly any place has is asked first, of sets of bits that stay in the processor's
    nearest cache, as no automaton of so many literals does."""

    cdef bytes text
    cdef Literal *known  # those with the same window side by side
    cdef uint64_t full[1 << (FULL - 6)]  # sets of bits: openings of windows from six bytes on,
    cdef uint64_t some[1 << (SOME - 6)]  # from three,
    cdef uint64_t tiny[1 << (TINY - 6)]  # of others
    cdef int32_t *heads  # of each window's number the first of them, and one behind the last
    cdef Words windows
    cdef int32_t *found  # numbers of literals, in the list of all
    cdef Py_ssize_t room

    cdef void add_opening(self, uint64_t word, Py_ssize_t size) noexcept
    cdef Py_ssize_t scan(self, const uint8_t *signed, int64_t first, int64_t last) except -1
    cdef Py_ssize_t compare(
        self, const uint8_t *signed, int64_t first, int64_t last, int64_t at, Py_ssize_t least, Py_ssize_t most,
        Py_ssize_t count,
    ) except -1
    cdef int note(self, int32_t number, Py_ssize_t count) except -1


@cython.final
cdef class Lists:
    """For each of some keys, numbered, the forms that it selects."""

    cdef const int64_t[::1] first, count, forms


@cython.final
cdef class Index:
    """For each of some words, the forms that it selects. See `lookup.Index`."""

    cdef Words words
    cdef Lists lists
