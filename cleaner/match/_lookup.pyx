"""Makes the tables in which forms are looked up, and scans for literals. `lookup` says what is meant."""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memcmp, memcpy, memset

from cleaner.match._shared cimport EVERY, MIX0, MIX1, head_of

from array import array


@cython.final
cdef class Words:
    def __cinit__(self, const uint64_t[::1] words):
        cdef uint64_t size = 16, slot
        cdef Py_ssize_t i
        self.shift = 60
        while size < 2 * <uint64_t>words.shape[0]:
            size *= 2
            self.shift -= 1
        self.mask = size - 1
        self.bits_shift = self.shift - 3  # eight bits a slot
        self.keys = <uint64_t *>malloc(size * sizeof(uint64_t))
        self.numbers = <int32_t *>malloc(size * sizeof(int32_t))
        self.bits = <uint8_t *>calloc(size, 1)
        if self.keys is NULL or self.numbers is NULL or self.bits is NULL:
            raise MemoryError
        memset(self.numbers, 0xFF, size * sizeof(int32_t))
        for i in range(words.shape[0]):
            slot = (words[i] * MIX0) >> self.shift
            while self.numbers[slot] >= 0:
                slot = (slot + 1) & self.mask
            self.keys[slot], self.numbers[slot] = words[i], <int32_t>i
            slot = (words[i] * MIX1) >> self.bits_shift
            self.bits[slot >> 3] |= 1 << (slot & 7)

    def __dealloc__(self):
        free(self.keys)
        free(self.numbers)
        free(self.bits)


cdef enum:
    WINDOW = 8  # bytes of a literal that are looked for, at most
    LONG_OPENING = 6  # bytes by which those windows are asked for that have so many,
    OPENING = 3  # or so many; others by two


cdef inline uint64_t _window(uint64_t word, Py_ssize_t size) noexcept nogil:
    """The lowest bytes of the word, and how many; two windows may be the same, as what stands there is compared."""
    return (word & (EVERY >> (64 - 8 * size))) ^ <uint64_t>size << 56


cdef inline uint64_t _place(uint64_t word, Py_ssize_t bytes, int size) noexcept nogil:
    """Where a set of so many bits has the lowest bytes of the word, so many."""
    return (word << (64 - 8 * bytes)) * MIX0 >> (64 - size)


cdef inline void _add(uint64_t *bits, uint64_t place) noexcept nogil:
    bits[place >> 6] |= <uint64_t>1 << (place & 63)


cdef inline uint64_t _has(const uint64_t *bits, uint64_t place) noexcept nogil:
    """Yes for each word of the set, and for few others."""
    return bits[place >> 6] >> (place & 63) & 1


cdef struct Slot:  # a literal before it is in its place
    uint64_t window
    int32_t number, begin, size


cdef int _by_window(const void *a, const void *b) noexcept nogil:
    cdef const Slot *one = <const Slot *>a
    cdef const Slot *other = <const Slot *>b
    if one.window != other.window:
        return 1 if one.window > other.window else -1
    return one.number - other.number


@cython.final
cdef class Literals:
    def __cinit__(self, list literals, const int64_t[::1] offsets, list numbers):
        """``offsets``: where those bytes begin in each. See `rarity.windows`. ``numbers``: which of the literals are
        looked for."""
        cdef Py_ssize_t number, begin = 0, k, at = -1, size, n = len(numbers)
        cdef uint64_t window
        cdef const uint8_t *text
        cdef Slot *slots = <Slot *>malloc((n + 1) * sizeof(Slot))
        self.text = b"".join([literals[number] for number in numbers])
        text = self.text
        memset(self.full, 0, sizeof(self.full))
        memset(self.some, 0, sizeof(self.some))
        memset(self.tiny, 0, sizeof(self.tiny))
        self.known = <Literal *>calloc(n + 1, sizeof(Literal))
        self.heads = <int32_t *>calloc(n + 2, sizeof(int32_t))
        self.room = 64  # grows
        self.found = <int32_t *>malloc(self.room * sizeof(int32_t))
        if slots is NULL or self.known is NULL or self.heads is NULL or self.found is NULL:
            free(slots)
            raise MemoryError
        for k in range(n):
            number = numbers[k]
            slots[k].number, slots[k].begin = <int32_t>number, <int32_t>begin
            slots[k].size = <int32_t>len(<bytes>literals[number])
            size = min(slots[k].size - offsets[number], WINDOW)
            window = 0
            memcpy(&window, text + begin + offsets[number], size)
            slots[k].window = _window(window, size)
            begin += slots[k].size
            self.add_opening(window, size)
        qsort(slots, n, sizeof(Slot), &_by_window)
        windows = array("Q")
        for k in range(n):
            if k == 0 or slots[k].window != slots[k - 1].window:
                at += 1
                windows.append(slots[k].window)
                self.heads[at] = <int32_t>k
            self.heads[at + 1] = <int32_t>k + 1
            number = slots[k].number
            self.known[k] = Literal(0, slots[k].begin, slots[k].size, <int32_t>offsets[number], <int32_t>number)
            memcpy(&self.known[k].head, text + slots[k].begin, min(slots[k].size, 8))
        free(slots)
        self.windows = Words(windows)

    def __dealloc__(self):
        free(self.known)
        free(self.heads)
        free(self.found)

    cdef void add_opening(self, uint64_t word, Py_ssize_t size) noexcept:
        """Add the lowest bytes of the word, a window of so many, to the set that is asked about it."""
        cdef uint64_t behind
        if size >= LONG_OPENING:
            _add(self.full, _place(word, LONG_OPENING, FULL))
        elif size >= OPENING:
            _add(self.some, _place(word, OPENING, SOME))
        else:
            for behind in range(256 if size == 1 else 1):
                _add(self.tiny, word | behind << 8)

    cdef Py_ssize_t scan(self, const uint8_t *signed, int64_t first, int64_t last) except -1:
        """Write to ``found`` which of the literals stand in the stretch, some perhaps several times; gives how many it
        wrote. Up to eight bytes behind the stretch are read."""
        cdef Py_ssize_t count = 0
        cdef int64_t at
        cdef uint64_t word
        for at in range(first, last):
            memcpy(&word, signed + at, 8)
            if _has(self.full, _place(word, LONG_OPENING, FULL)):
                count = self.compare(signed, first, last, at, LONG_OPENING, WINDOW, count)
            if _has(self.some, _place(word, OPENING, SOME)):
                count = self.compare(signed, first, last, at, OPENING, LONG_OPENING - 1, count)
            if _has(self.tiny, word & 0xFFFF):
                count = self.compare(signed, first, last, at, 1, OPENING - 1, count)
        return count

    cdef Py_ssize_t compare(
        self, const uint8_t *signed, int64_t first, int64_t last, int64_t at, Py_ssize_t least, Py_ssize_t most,
        Py_ssize_t count,
    ) except -1:
        """Write behind so many others which literals have a window, from so many bytes to so many, that begins here."""
        cdef const uint8_t *text = self.text
        cdef const Literal *literal
        cdef int64_t begin
        cdef Py_ssize_t size
        cdef int32_t window, k
        cdef uint64_t word
        memcpy(&word, signed + at, 8)
        for size in range(least, min(most, last - at) + 1):
            window = self.windows.number(_window(word, size))
            if window < 0:
                continue
            for k in range(self.heads[window], self.heads[window + 1]):
                literal = self.known + k
                begin = at - literal.offset
                if begin < first or begin + literal.size > last:
                    continue
                if head_of(signed, begin, begin + literal.size) == literal.head and (
                    literal.size <= 8
                    or memcmp(signed + begin + 8, text + literal.begin + 8, literal.size - 8) == 0
                ):
                    self.note(literal.number, count)
                    count += 1
        return count

    cdef int note(self, int32_t number, Py_ssize_t count) except -1:
        """Write the number behind so many others."""
        cdef int32_t *more
        if count == self.room:
            more = <int32_t *>realloc(self.found, 2 * self.room * sizeof(int32_t))
            if more is NULL:
                raise MemoryError
            self.found, self.room = more, 2 * self.room
        self.found[count] = number
        return 0


@cython.final
cdef class Lists:
    def __cinit__(self, const int64_t[::1] first, const int64_t[::1] count, const int64_t[::1] forms):
        self.first, self.count, self.forms = first, count, forms


@cython.final
cdef class Index:
    def __cinit__(self, const uint64_t[::1] words, *lists):
        self.words, self.lists = Words(words), Lists(*lists)
