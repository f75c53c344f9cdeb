"""Counts the small words of a text, letters and words in one pass. `language` says what is meant."""

cimport cython
from cpython.unicode cimport Py_UNICODE_ISSPACE, PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from cleaner.text._shared cimport Char, slot_of

cdef uint64_t BASE = 0xD1342543DE82EF95  # of the hash of a word


cdef inline uint64_t after(uint64_t word, uint32_t code) noexcept nogil:
    """The hash of a word with one more code point, which may be zero."""
    return (word + code + 1) * BASE


cdef struct SmallWord:
    uint64_t hash  # of a word; a letter that counts within words stands for itself; 0: nothing is here
    uint64_t languages  # bits
    uint64_t text  # the last one that had the word, by its number


@cython.final
cdef class SmallWords:
    """Words, and the languages that have each. See `language`."""

    cdef SmallWord *words
    cdef uint64_t mask, text
    cdef uint32_t dense

    def __cinit__(self, dict known, frozenset letters):
        """``known``: word -> numbers of its languages. ``letters``: those of them that count within words, too."""
        cdef uint64_t size = 16, word, languages
        while size < 4 * <uint64_t>len(known):
            size *= 2
        self.mask, self.dense = size - 1, <uint32_t>ord(min(letters))
        self.words = <SmallWord *>calloc(size, sizeof(SmallWord))
        if self.words is NULL:
            raise MemoryError
        for text, places in known.items():
            word = languages = 0
            for char in text:
                word = <uint32_t>ord(char) if text in letters else after(word, <uint32_t>ord(char))
            for place in places:
                languages |= <uint64_t>1 << <int>place
            self.at(word)[0] = SmallWord(word, languages, 0)

    def __dealloc__(self):
        free(self.words)

    cdef inline SmallWord *at(self, uint64_t word) noexcept:
        """Where the word stands, or would."""
        cdef uint64_t slot = slot_of(word, self.mask)
        while self.words[slot].hash and self.words[slot].hash != word:
            slot = (slot + 1) & self.mask
        return self.words + slot

    def count(self, str text, bytearray counts):
        """Add to the counts of its languages each word that the text has between blanks, once."""
        cdef const void *data = PyUnicode_DATA(text)
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
        cdef uint8_t *of_each = counts
        self.text += 1
        if PyUnicode_KIND(text) == 1:
            self.read(<const uint8_t *>data, size, of_each)
        elif PyUnicode_KIND(text) == 2:
            self.read(<const uint16_t *>data, size, of_each)
        else:
            self.read(<const uint32_t *>data, size, of_each)

    cdef void read(self, const Char *text, Py_ssize_t size, uint8_t *counts) noexcept:
        cdef uint64_t word = 0
        cdef Py_ssize_t k
        cdef uint32_t code
        for k in range(size):
            code = text[k]
            if code >= self.dense:
                self.add(code, counts)
            if not Py_UNICODE_ISSPACE(code):
                word = after(word, code)
            elif word:
                self.add(word, counts)
                word = 0
        if word:
            self.add(word, counts)

    cdef void add(self, uint64_t word, uint8_t *counts) noexcept:
        cdef SmallWord *known = self.at(word)
        cdef uint64_t languages = known.languages
        cdef int place = 0
        if known.hash and known.text != self.text:
            known.text = self.text
            while languages:
                counts[place] += languages & 1
                languages >>= 1
                place += 1
