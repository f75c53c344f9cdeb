"""Finds the candidates of a batch, in one pass over its lines. `search` says what is meant.

Nothing is checked again: callers pass arrays that they have made themselves.
"""

cimport cython
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc, qsort, realloc
from libc.string cimport memset

from cleaner.match._automaton cimport Automata
from cleaner.match._conditions cimport Neighbours
from cleaner.match._gate cimport Gate
from cleaner.match._lookup cimport Index, Lists, Literals
from cleaner.match._prechecks cimport MAX_CHARS, Prechecks
from cleaner.match._shared cimport FAR, Batch, Form, Row, Text, has_kinds, head_of, lowest, tail_of, word_of

cdef enum:
    LENGTHY = 160  # from a line's first letter to its last: few forms allow for such lines, which hold most of a text
    MOST_SCANS = 32  # sets of languages whose literals are looked for apart from all others,
    MOST_LANGUAGES = 4  # of so many languages at most: the few literals of these take little memory


@cython.final
cdef class Selection:
    """Finds the candidates of a batch. Made from the columns of `select.Selector`, and what else rules ask of a row."""

    cdef Index keys, spoken, opening, closing
    cdef Lists said
    cdef list literals
    cdef const int64_t[::1] windows
    cdef dict scans  # which languages a text may be in -> what to look for in its lines, and in lengthy ones
    cdef const int64_t[::1] wordless
    cdef const uint64_t[::1] opening_masks, opening_marks, closing_masks, closing_marks
    cdef Gate gate
    cdef Form *forms
    cdef const uint8_t[:, ::1] first_allowed, last_allowed
    cdef Automata automata
    cdef Prechecks prechecks
    cdef Neighbours neighbours
    cdef int64_t longest
    cdef uint64_t questions  # one for each row that was asked

    def __cinit__(self, int64_t longest, **columns):
        """A row of more code points than ``longest`` has no candidates, and says nothing to its neighbours."""
        self.prechecks, self.automata = Prechecks(*columns["prechecks"]), Automata(*columns["automata"])
        self.neighbours, self.longest = Neighbours(*columns["neighbours"], longest), longest
        self.keys, self.spoken = Index(*columns["keys"]), Index(*columns["spoken"])
        self.opening, self.closing = Index(*columns["opening"]), Index(*columns["closing"])
        self.literals, self.windows, self.said = columns["literals"], columns["windows"], Lists(*columns["said"])
        self.scans = {}
        self.wordless = columns["wordless"]
        self.opening_masks, self.opening_marks = columns["opening_masks"], columns["opening_marks"]
        self.closing_masks, self.closing_marks = columns["closing_masks"], columns["closing_marks"]
        self.first_allowed, self.last_allowed = columns["first"][1], columns["last"][1]
        self._keep(columns)
        self.gate = Gate(*columns["gate"])
        self.gate.ask(self.forms, self.prechecks)

    def __dealloc__(self):
        free(self.forms)

    cdef int _keep(self, dict columns) except -1:
        """Put what is known of each form side by side: one piece of the processor's cache for each that is asked."""
        cdef const int64_t[::1] rule = columns["rules"], first = columns["first"][0], last = columns["last"][0]
        cdef const int64_t[::1] least = columns["least"], most = columns["most"]
        cdef const uint64_t[::1] every = columns["all"]
        cdef const uint64_t[:, ::1] any = columns["any"]
        cdef Py_ssize_t k
        self.forms = <Form *>malloc((rule.shape[0] + 1) * sizeof(Form))
        if self.forms is NULL:
            raise MemoryError
        for k in range(rule.shape[0]):
            self.forms[k] = Form(
                every[k], any[0, k], any[1, k], rule[k], <int32_t>min(least[k], FAR), <int32_t>min(most[k], FAR),
                <int32_t>first[k], <int32_t>last[k], 0,
            )
        return 0

    def candidates(
        self, list texts, const uint8_t[::1] signed, const int64_t[:, ::1] table, const int64_t[::1] owner,
        const int64_t[::1] bounds, const int64_t[::1] base, const int64_t[::1] sizes, const uint8_t[:, ::1] titled,
        const uint8_t[:, ::1] concerned, const uint8_t[:, ::1] answers, const uint8_t[:, ::1] repeated,
        const int64_t[::1] asked,
    ):
        """See `search.Search.candidates`. The arguments are the texts, what `table` wrote, eight bytes behind the
        signature included, the columns of `table.BatchTable`, and the rows that are asked."""
        cdef Batch batch
        cdef Py_ssize_t k
        batch.signed = &signed[0]
        batch.room, batch.size = 1 << 10, 0
        batch.found = <int64_t *>malloc(2 * batch.room * sizeof(int64_t))
        batch.texts = <Text *>malloc(len(texts) * sizeof(Text))
        batch.open = <uint64_t *>malloc((self.gate.words + 1) * sizeof(uint64_t))
        if batch.found is NULL or batch.texts is NULL or batch.open is NULL:
            free(batch.found)
            free(batch.texts)
            free(batch.open)
            raise MemoryError
        for k in range(len(texts)):
            batch.texts[k] = Text(PyUnicode_KIND(texts[k]), PyUnicode_DATA(texts[k]))
        batch.rows = <const Row *>&table[0, 0]
        batch.owner, batch.bounds, batch.base, batch.sizes = &owner[0], &bounds[0], &base[0], &sizes[0]
        batch.titled, batch.titles = &titled[0, 0], titled.shape[1]
        batch.concerned, batch.groups = &concerned[0, 0], concerned.shape[1]
        batch.answers, batch.answering = &answers[0, 0], answers.shape[1]
        batch.repeated, batch.repeating = &repeated[0, 0], repeated.shape[1]
        self.neighbours.meet(&batch, table.shape[0])
        try:
            self._rows(&batch, asked, [self._scans_of(&batch, k) for k in range(len(texts))])
            return self._told(&batch, texts)
        finally:
            free(batch.found)
            free(batch.texts)
            free(batch.open)

    cdef list _told(self, Batch *batch, list texts):
        """What was found, row by row. To make Python's objects may let other threads ask this selection meanwhile."""
        cdef list told = []
        cdef str text
        cdef Py_ssize_t k = 0, begin
        cdef int64_t row, owner, base
        while k < batch.size:
            begin, row = k, batch.found[2 * k]
            while k < batch.size and batch.found[2 * k] == row:
                k += 1
            owner = batch.owner[row]
            base, text = batch.base[owner], texts[owner]
            raw = text[batch.rows[row].start - base : batch.rows[row].end - base]
            forms = tuple([batch.found[2 * i + 1] for i in range(begin, k)])
            told.append((owner, batch.rows[row].line, raw, forms))
        return told

    cdef tuple _scans_of(self, Batch *batch, Py_ssize_t text):
        """The literals to look for in a text: those of forms that concern it, and of these again those of forms that
        allow for lengthy lines."""
        languages = batch.concerned[text * batch.groups : (text + 1) * batch.groups]
        if languages not in self.scans and (languages.count(1) > MOST_LANGUAGES or len(self.scans) > MOST_SCANS):
            languages = b"\1" * batch.groups
        found = self.scans.get(languages)
        if found is None:
            found = self.scans[languages] = tuple([
                Literals(self.literals, self.windows, self._wanted(languages, least)) for least in (0, LENGTHY)
            ])
        return found

    cdef list _wanted(self, const uint8_t *concerned, int64_t least):
        """The numbers of the literals of forms that are in one of these languages and allow for a line as long."""
        cdef list numbers = []
        cdef Prechecks rules = self.prechecks
        cdef const Form *form
        cdef int64_t key, k
        for key in range(len(self.literals)):
            for k in range(self.said.first[key], self.said.first[key] + self.said.count[key]):
                form = &self.forms[self.said.forms[k]]
                if form.least == FAR or not concerned[rules.asks[form.rule].group]:  # of a rule not in use, or of others
                    continue
                if form.most >= least and rules.limits[form.rule, MAX_CHARS] >= least:
                    numbers.append(key)
                    break
        return numbers

    cdef int _rows(self, Batch *batch, const int64_t[::1] asked, list scans) except -1:
        """Look for what may match these rows. ``scans``: of each text, as `_scans_of` gives them."""
        cdef Py_ssize_t i, row, begin
        cdef int64_t text = -1
        cdef bint lengthy
        for i in range(asked.shape[0]):
            row = asked[i]
            if batch.owner[row] != text:
                text = batch.owner[row]
                self._open(batch, text)
            if batch.rows[row].end - batch.rows[row].start > self.longest:
                continue
            begin = batch.size
            self.questions += 1
            self._row(batch, row)
            lengthy = batch.rows[row].spoken_end - batch.rows[row].spoken >= LENGTHY
            self._scan(batch, row, <Literals>(<tuple>scans[text])[lengthy])
            if batch.size - begin > 1:
                qsort(batch.found + 2 * begin, batch.size - begin, 2 * sizeof(int64_t), &_by_form)
        return 0

    cdef void _open(self, Batch *batch, int64_t text) noexcept:
        """Note which forms of the gate concern the text."""
        cdef const int64_t[::1] forms = self.gate.forms
        cdef Py_ssize_t i
        cdef bint concern
        memset(batch.open, 0, self.gate.words * sizeof(uint64_t))
        for i in range(forms.shape[0]):
            concern = self.prechecks.concern(batch, text, self.forms[forms[i]].rule)
            batch.open[i >> 6] |= <uint64_t>concern << (i & 63)

    cdef int _row(self, Batch *batch, Py_ssize_t row) except -1:
        """Add what may match the row."""
        cdef const uint8_t *signed = batch.signed
        cdef int64_t first = batch.rows[row].first, last = batch.rows[row].last
        cdef int64_t start, end
        cdef uint64_t word, open_for
        cdef Py_ssize_t i
        start, end = batch.rows[row].key, batch.rows[row].key_end
        self._look_up(batch, row, self.keys, word_of(signed, start, end))
        start, end = batch.rows[row].spoken, batch.rows[row].spoken_end
        self._look_up(batch, row, self.spoken, word_of(signed, start, end))
        if start == end:
            for i in range(self.wordless.shape[0]):
                self._offer(batch, row, self.wordless[i])
        word = head_of(signed, start, last)
        for i in range(self.opening_masks.shape[0]):
            self._look_up(batch, row, self.opening, (word & self.opening_masks[i]) ^ self.opening_marks[i])
        word = tail_of(signed, first, end)
        for i in range(self.closing_masks.shape[0]):
            self._look_up(batch, row, self.closing, (word & self.closing_masks[i]) ^ self.closing_marks[i])
        for i in range(self.gate.words):
            open_for = self.gate.open_for(batch, row, i)
            while open_for:
                self._ask(batch, row, self.gate.forms[64 * i + lowest(open_for)])
                open_for &= open_for - 1
        return 0

    cdef int _scan(self, Batch *batch, Py_ssize_t row, Literals literals) except -1:
        """Add the forms that hang on a literal of the row."""
        cdef Py_ssize_t k
        for k in range(literals.scan(batch.signed, batch.rows[row].first, batch.rows[row].last)):
            self._offer_all(batch, row, self.said, literals.found[k])
        return 0

    cdef inline int _look_up(self, Batch *batch, Py_ssize_t row, Index index, uint64_t word) except -1:
        """Add the forms that the word selects, if any."""
        cdef int32_t number = index.words.number(word)
        if number >= 0:
            self._offer_all(batch, row, index.lists, number)
        return 0

    cdef int _offer_all(self, Batch *batch, Py_ssize_t row, Lists lists, int32_t key) except -1:
        cdef int64_t k
        for k in range(lists.first[key], lists.first[key] + lists.count[key]):
            self._offer(batch, row, lists.forms[k])
        return 0

    cdef int _offer(self, Batch *batch, Py_ssize_t row, int64_t form) except -1:
        """Add the form if it concerns the text and the row is as it demands; once a row, however often it says the
        form's literal."""
        if self.forms[form].asked == self.questions:
            return 0
        self.forms[form].asked = self.questions
        if not self.prechecks.concern(batch, batch.owner[row], self.forms[form].rule):
            return 0
        return self._ask(batch, row, form)

    cdef int _ask(self, Batch *batch, Py_ssize_t row, int64_t form) except -1:
        """Add the form, which concerns the text, if the row is as it demands."""
        if not self._fits(batch, row, form) or not self.neighbours.may_hold(batch, row, self.forms[form].rule):
            return 0
        if not self.automata.passes(form, batch, row):
            return 0
        return _note(batch, row, form)

    cdef bint _fits(self, Batch *batch, Py_ssize_t row, int64_t number) noexcept:
        """Whether the row is as the form demands."""
        cdef const Form *form = &self.forms[number]
        cdef int64_t size = batch.rows[row].end - batch.rows[row].start
        if size < form.least or size > form.most:
            return False
        if not has_kinds(batch.rows[row].kinds, form.every, form.some, form.other):
            return False
        if not self.first_allowed[form.first, batch.signed[batch.rows[row].first]]:
            return False
        if not self.last_allowed[form.last, batch.signed[batch.rows[row].last - 1]]:
            return False
        return self.prechecks.hold(batch, row, form.rule)


cdef int _note(Batch *batch, Py_ssize_t row, int64_t form) except -1:
    """Add the row and the form to what is found."""
    cdef int64_t *more
    if batch.size == batch.room:
        more = <int64_t *>realloc(batch.found, 4 * batch.room * sizeof(int64_t))
        if more is NULL:
            raise MemoryError
        batch.found, batch.room = more, 2 * batch.room
    batch.found[2 * batch.size], batch.found[2 * batch.size + 1] = row, form
    batch.size += 1
    return 0


cdef int _by_form(const void *a, const void *b) noexcept nogil:
    cdef int64_t x = (<const int64_t *>a)[1], y = (<const int64_t *>b)[1]
    return (x > y) - (x < y)
