from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

from cleaner.extract._classes cimport GROUPS


cdef struct Tag:
    int64_t start, end  # bytes of the page
    int64_t at  # bytes of the stream before it
    int32_t name
    int32_t match  # place of the other tag of its pair; its own where there is none
    int32_t holder  # place of the innermost block element that is open behind it, -1 for none
    int32_t level  # number of such elements
    int32_t line  # lines that began before it
    int32_t listing, in_list
    int32_t broken  # tags up to this one that break the line
    uint32_t mask
    uint8_t closing, breaks, block, hidden


cdef struct Line:
    int64_t begin, size  # bytes of the stream
    int64_t chars, good, linked, in_p
    int32_t tag, level
    double link
    int32_t groups[GROUPS]
    int32_t in_list


cdef class Page:
    """A page that is being read: its tags, its text as one stream of bytes, its lines."""

    cdef bytes page
    cdef const uint8_t *data
    cdef Py_ssize_t size, count, lines, length
    cdef Tag *tags
    cdef Line *line
    cdef uint8_t *stream
    cdef bint spaced  # whether a listing holds blanks

    cdef void find_tags(self) except *
    cdef bint plain(self) except -1
    cdef int grow(self, Py_ssize_t room) except -1
    cdef int take(self, const int64_t[::1] start, const int64_t[::1] end) except -1
    cdef void name(self) noexcept
    cdef int pair(self) except -1
    cdef int write(self) except -1
    cdef list cut(self)
    cdef tuple columns(self)
