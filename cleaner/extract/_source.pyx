"""The source of a page in one pass over its bytes. `source` says what is meant."""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memchr, memcmp, memcpy, strlen

from cleaner.extract._bytes cimport begins, small

from cleaner.extract import source

cdef enum:
    HIDDEN = 10  # names of elements that are left out
    TEXTS = 12  # and, behind them, of those that hold text alone
    NAMES = 14  # and of those whose text is that of the page, word for word

NAMED = source._NAMES
assert len(NAMED) == NAMES and NAMED[:HIDDEN] == (*source._HIDDEN,) and NAMED[HIDDEN:TEXTS] == source._TEXT
assert NAMED[0] == b"!--"
cdef int FOR_GOOD[NAMES]
cdef int NESTED[NAMES]
cdef int SCRIPT = NAMED.index(b"script"), TEMPLATE = NAMED.index(b"template"), FOREIGN = NAMED.index(source._FOREIGN)
cdef int k
for k in range(NAMES):
    FOR_GOOD[k] = source._HIDDEN.get(NAMED[k], True)
    NESTED[k] = NAMED[k] in source._NESTED


cdef inline bint _blank(uint8_t byte) noexcept nogil:
    return byte == 32 or 9 <= byte <= 13


cdef bint _is(const uint8_t *at, const uint8_t *stop, const char *name, Py_ssize_t size) noexcept nogil:
    """Whether an element of that name is named there."""
    if stop - at < size or not begins(at, name, size):
        return False
    return stop - at == size or _blank(at[size]) or at[size] == 47 or at[size] == 62


cdef const uint8_t *_closing(const uint8_t *at, const uint8_t *stop, const char *name, Py_ssize_t size) noexcept nogil:
    """The next closing tag of that name, NULL for none."""
    while True:
        at = <const uint8_t *>memchr(at, 60, stop - at)
        if at is NULL or (at + 1 < stop and at[1] == 47 and _is(at + 2, stop, name, size)):
            return at
        at += 1


cdef const uint8_t *_comment_end(const uint8_t *begin, const uint8_t *stop) noexcept nogil:
    """Behind the comment whose first byte after the opening dashes is ``begin``."""
    cdef const uint8_t *at = begin
    cdef const uint8_t *last
    while True:
        at = <const uint8_t *>memchr(at, 62, stop - at)
        if at is NULL:
            return stop
        last = at - 1
        at += 1
        if last - begin >= 2 and last[0] == 33:
            last -= 1
        if last[0] == 45 and (last - 1)[0] == 45:
            return at


cdef const uint8_t *_empty(const uint8_t *at, const uint8_t *stop) noexcept nogil:
    """Behind the tag if it closes at once, else NULL."""
    while at < stop and at[0] != 60 and at[0] != 62:
        at += 1
    return at + 1 if at < stop and at[0] == 62 and (at - 1)[0] == 47 else NULL


cdef inline bint _told(const uint8_t *name, Py_ssize_t size) noexcept nogil:
    """Whether an attribute of that name is read: a class, role, style, id, that it is hidden, the type of an input, or
    (by parsers) the encoding of a formula's annotation."""
    cdef const uint8_t *end = name + size
    if size == 2:
        return small(name[0]) == 105 and small(name[1]) == 100
    if (size == 6 and begins(name, b"hidden", 6)) or (size == 8 and begins(name, b"encoding", 8)):
        return True
    if size < 4:
        return False
    return (
        (small((end - 1)[0]) == 115 and small((end - 2)[0]) == 115 and small((end - 3)[0]) == 97)
        or (small((end - 1)[0]) == 101 and (
            (small((end - 2)[0]) == 108 and (small((end - 3)[0]) == 111 or small((end - 3)[0]) == 121))
            or (size == 4 and small(name[0]) == 116 and small(name[2]) == 112)))
    )


cdef struct Attribute:
    const uint8_t *begin
    const uint8_t *name_end
    const uint8_t *end


cdef inline int _attribute(const uint8_t **place, const uint8_t *stop, Attribute *found) noexcept nogil:
    """Read a tag's next attribute as a parser does. 1: here it is, 0: the tag ends at ``place``, -1: with the page."""
    cdef const uint8_t *at = place[0]
    while at < stop and (_blank(at[0]) or at[0] == 47):
        at += 1
    if at >= stop:
        return -1
    if at[0] == 62:
        place[0] = at
        return 0
    found.begin = at
    at += 1  # a "=" here belongs to the name
    while at < stop and not (_blank(at[0]) or at[0] == 47 or at[0] == 62 or at[0] == 61):
        at += 1
    found.name_end = at
    while at < stop and _blank(at[0]):
        at += 1
    if at < stop and at[0] == 61:
        at += 1
        while at < stop and _blank(at[0]):
            at += 1
        if at < stop and (at[0] == 34 or at[0] == 39):
            at = <const uint8_t *>memchr(at + 1, at[0], stop - at - 1)
            at = stop if at is NULL else at + 1
        else:
            while at < stop and not (_blank(at[0]) or at[0] == 62):
                at += 1
    else:
        at = found.name_end
    found.end = place[0] = at
    return 1


cdef const uint8_t *_attributes(const uint8_t *at, const uint8_t *stop, uint8_t **out) noexcept nogil:
    """Write the attributes of a tag that are read; where the tag ends. NULL: nowhere."""
    cdef Attribute one
    cdef const uint8_t *behind = at  # the last attribute
    cdef Py_ssize_t size
    cdef int more
    while (more := _attribute(&at, stop, &one)) > 0:
        behind = at
        size = one.name_end - one.begin
        if _told(one.begin, size) or memchr(one.begin, 34, size) is not NULL:
            out[0][0] = 32
            memcpy(out[0] + 1, one.begin, one.end - one.begin)
            out[0] += 1 + (one.end - one.begin)
    if more < 0:
        return NULL
    if at > behind and (at - 1)[0] == 47:
        memcpy(out[0], b" /", 2)
        out[0] += 2
    return at


def visible(bytes page):
    """`source.visible`, and behind the head without the attributes that nobody reads: most of a page's bytes."""
    cdef const uint8_t *data = page
    cdef const uint8_t *stop = data + len(page)
    cdef const uint8_t *at = data
    cdef const uint8_t *done = data  # what is before it is written or left out
    cdef const uint8_t *end
    cdef const uint8_t *last[NAMES]
    cdef const char *names[NAMES]
    cdef Py_ssize_t sizes[NAMES]
    cdef bint whole = False  # whether tags keep all attributes, as what looks like one may be in a declaration
    cdef bint behind = False, xml = source._XML.match(page) is not None, scripts_end = True
    cdef int k, which
    cdef uint8_t first
    # Blanks are put where none part attributes.
    cdef Py_ssize_t room = len(page) + len(page) // 2 + 64, written, closed
    cdef uint8_t *out = <uint8_t *>malloc(room)
    cdef uint8_t *to = out
    cdef uint8_t *mark
    cdef Attribute one
    cdef list opened = []  # elements that may hold one another, and what is written that stands before each
    cdef int open_now[NAMES]
    cdef bytes listing
    if out is NULL:
        raise MemoryError
    for k in range(NAMES):
        names[k], sizes[k], last[k], open_now[k] = NAMED[k], len(NAMED[k]), NULL, 0
    while True:
        at = <const uint8_t *>memchr(at, 60, stop - at)
        if at is NULL or at + 1 >= stop:
            break
        first = small(at[1])
        if first == 47:
            if not (behind or opened) and _is(at + 2, stop, b"head", 4):
                behind = True
            if opened:
                which = -1
                for k in range(1, HIDDEN):
                    if open_now[k] and _is(at + 2, stop, names[k], sizes[k]):
                        which = k
                        break
                if which >= 0:
                    k = -1
                    while k != which:
                        k, written = opened.pop()
                        open_now[k] -= 1
                    if written >= 0:
                        to = out + written
                        at = done = _behind(at + 2, stop)
                        continue
            at += 2
            whole = whole or (behind and not 97 <= small(at[0]) <= 122)  # a page's bytes end in a zero
            continue
        which = -1
        if first == 33:
            if stop - at >= 4 and at[2] == 45 and at[3] == 45:
                which = 0
        elif first == 115 or first == 110 or first == 116 or first == 105 or first == 120 or (
            first == 112 and stop - at > 2 and small(at[2]) == 108
        ):
            for k in range(1, NAMES):
                if _is(at + 1, stop, names[k], sizes[k]):
                    which = k
                    break
        if which > 0 and (xml or which == FOREIGN or (opened and opened[len(opened) - 1][0] == FOREIGN)):
            end = _empty(at + 1 + sizes[which], stop)
            if end is not NULL:
                memcpy(to, done, at - done)
                to += at - done
                if not FOR_GOOD[which]:
                    to[0] = 32
                    to += 1
                at = done = end
                continue
        if which >= TEXTS:
            memcpy(to, done, at - done)
            to += at - done
            listing, closed = source.verbatim(page, NAMED[which], at + 1 + sizes[which] - data)
            written = to - out
            room += len(listing)
            mark = <uint8_t *>realloc(out, room)
            if mark is NULL:
                free(out)
                raise MemoryError
            out = mark
            to = out + written
            memcpy(to, <const char *>listing, len(listing))
            to += len(listing)
            at = done = data + closed
            continue
        if which >= HIDDEN:
            at = _closing(at + 1 + sizes[which], stop, names[which], sizes[which])
            if at is NULL:
                break
            continue
        if which >= 0:
            memcpy(to, done, at - done)
            to += at - done
            if not FOR_GOOD[which]:
                to[0] = 32
                to += 1
                if last[which] is NULL:
                    last[which] = _last_closing(at, stop, names[which], sizes[which])
                if last[which] < at:
                    at = done = _behind(at, stop)
                    continue
            if NESTED[which]:
                done = at
                at += 1 + sizes[which]
                written = -1 if which == TEMPLATE and source._SHADOW.match(page, at - data) else to - out
                opened.append((which, written))
                open_now[which] += 1
                while _attribute(&at, stop, &one) > 0:
                    pass
                continue
            if which == 0:
                done = _comment_end(at + 4, stop) if stop - at > 4 else stop
            else:
                at += 1 + sizes[which]
                end = _closing(at, stop, names[which], sizes[which])
                if which == SCRIPT and scripts_end and end is not NULL and page.find(b"<!--", at - data, end - data) >= 0:
                    closed = source.script_end(page, at - data)
                    scripts_end = closed >= 0
                    if scripts_end:
                        end = data + closed
                if end is NULL:
                    done = stop
                    break
                done = _behind(end, stop)
            at = done
            continue
        if not 97 <= first <= 122:
            whole = whole or (behind and (first == 33 or first == 63))
            at += 1
            continue
        end = at + 2
        while end < stop and not (_blank(end[0]) or end[0] == 47 or end[0] == 62):
            end += 1
        if not (behind or opened):
            behind = _is(at + 1, stop, b"body", 4)
        if end < stop and end[0] != 62:
            mark = to + (end - done)
            if behind and not whole:
                memcpy(to, done, end - done)
            at = _attributes(end, stop, &mark)
            if at is NULL:
                break
            if behind and not whole:
                to = mark
                done = at
        else:
            at = end
    memcpy(to, done, stop - done)
    to += stop - done
    found = PyBytes_FromStringAndSize(<char *>out, to - out)
    free(out)
    return found


cdef const uint8_t *_behind(const uint8_t *at, const uint8_t *stop) noexcept nogil:
    """Behind the tag in which that byte lies."""
    at = <const uint8_t *>memchr(at, 62, stop - at)
    return stop if at is NULL else at + 1


cdef const uint8_t *_last_closing(const uint8_t *at, const uint8_t *stop, const char *name, Py_ssize_t size) noexcept nogil:
    """The last closing tag of that name; ``at - 1`` for none."""
    cdef const uint8_t *back = stop
    while back > at:
        back -= 1
        if back[0] == 60 and back + 1 < stop and back[1] == 47 and _is(back + 2, stop, name, size):
            return back
    return at - 1


def attribute_pairs(bytes page):
    """`source.attribute_pairs`."""
    cdef const uint8_t *at = page
    cdef const uint8_t *stop = at + len(page)
    cdef Attribute one
    cdef int64_t pairs = 0, before, single = 0
    cdef const char *raw
    cdef int more
    cdef bint is_single
    while True:
        at = <const uint8_t *>memchr(at, 60, stop - at)
        if at is NULL or at + 1 >= stop:
            return pairs
        at += 1
        if not 97 <= small(at[0]) <= 122:
            if stop - at > 3 and memcmp(at, b"!--", 3) == 0:
                at = _comment_end(at + 3, stop)
            continue
        raw = NULL
        if _is(at, stop, b"script", 6):
            raw = b"script"
        elif _is(at, stop, b"style", 5):
            raw = b"style"
        is_single = _is(at, stop, b"html", 4) or _is(at, stop, b"body", 4)
        while at < stop and not (_blank(at[0]) or at[0] == 47 or at[0] == 62):
            at += 1
        before = single if is_single else 0
        while (more := _attribute(&at, stop, &one)) > 0:
            pairs += before
            before += 1
        if more < 0:
            return pairs
        if is_single:
            single = before
        if raw is not NULL:
            at = _closing(at, stop, raw, strlen(raw))
            if at is NULL:
                return pairs
