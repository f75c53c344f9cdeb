"""Bytes that are UTF-8. `charset` says what is meant."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

cdef uint64_t NOT_ASCII = 0x8080808080808080


def is_utf8(bytes page):
    """Whether the bytes are UTF-8, as Python's decoder has it."""
    cdef const uint8_t *at = page
    cdef const uint8_t *stop = at + len(page)
    cdef uint64_t eight
    cdef uint32_t code
    cdef int more, k
    while at < stop:
        if stop - at >= 8:
            memcpy(&eight, at, 8)
            if not eight & NOT_ASCII:
                at += 8
                continue
        if at[0] < 128:
            at += 1
            continue
        if 0xC2 <= at[0] < 0xE0:
            more, code = 1, at[0] & 0x1F
        elif 0xE0 <= at[0] < 0xF0:
            more, code = 2, at[0] & 0x0F
        elif 0xF0 <= at[0] < 0xF5:
            more, code = 3, at[0] & 0x07
        else:
            return False
        if stop - at <= more:
            return False
        at += 1
        for k in range(more):
            if at[0] & 0xC0 != 0x80:
                return False
            code = code << 6 | (at[0] & 0x3F)
            at += 1
        if (more == 2 and (code < 0x800 or 0xD800 <= code < 0xE000)) or (more == 3 and not 0x10000 <= code < 0x110000):
            return False
    return True
