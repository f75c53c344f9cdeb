"""Reads the attributes of an element letter by letter. `classes` says what is meant."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memchr, memcmp

import numpy as np

from cleaner.extract import classes

cdef int LONGEST = classes._LONGEST

assert GROUPS == len(classes.CLASSES)


def _machine():
    """All words of all groups as one automaton: the symbol of each byte, the next state by state and symbol,
    and the groups told of there."""
    letters = "-:" + "abcdefghijklmnopqrstuvwxyz"
    symbol = np.array([letters.find(chr(byte)) & 31 for byte in classes._WORDS], np.uint8)  # 31: no letter
    tree, told = [{}], [0]
    for bit, words in enumerate(classes.CLASSES.values()):
        for word in words.split():
            state = 0
            for letter in word:
                if letter not in tree[state]:
                    tree[state][letter] = len(tree)
                    tree.append({})
                    told.append(0)
                state = tree[state][letter]
            told[state] |= 1 << bit
    moves = np.zeros((len(tree), 32), np.uint16)
    back, queue = [0] * len(tree), [0]
    for state in queue:
        told[state] |= told[back[state]]
        moves[state] = moves[back[state]]
        for letter, child in tree[state].items():
            back[child] = int(moves[back[state], letters.index(letter)]) if state else 0
            moves[state, letters.index(letter)] = child
            queue.append(child)
    return symbol, moves, np.array(told, np.uint32)


cdef const uint8_t[::1] SYMBOL  # of a byte as it stands on the page
cdef const uint16_t[:, ::1] MOVES
cdef const uint32_t[::1] TOLD
SYMBOL, MOVES, TOLD = _machine()
cdef int EDGE = 0  # symbol of "-"


cdef uint32_t groups_of(const uint8_t *tag, const uint8_t *end, const uint8_t *stop) noexcept:
    """The groups that an element's class, id, role and style speak of; its tag ends there, and the page."""
    cdef const uint8_t *q = tag  # behind a quotation mark
    cdef const uint8_t *at
    cdef const uint8_t *limit
    cdef uint32_t told = 0
    cdef uint32_t state
    while True:
        q = <const uint8_t *>memchr(q, 34, end - q)
        if q is NULL:
            return told
        q += 1
        if (q - 2)[0] != 61 or not (
            memcmp(q - 6, b"lass", 4) == 0 or memcmp(q - 5, b" id=", 4) == 0
            or memcmp(q - 6, b"role", 4) == 0 or memcmp(q - 6, b"tyle", 4) == 0
        ):
            continue
        limit = <const uint8_t *>memchr(q, 34, stop - q)
        if limit is NULL:
            return told
        limit = min(limit, q + LONGEST)
        at = q
        state = MOVES[0, EDGE]
        told |= TOLD[state]
        while at < limit:
            state = MOVES[state, SYMBOL[at[0]]]
            told |= TOLD[state]
            at += 1
        told |= TOLD[MOVES[state, EDGE]]
