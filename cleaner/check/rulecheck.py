"""Does a pack keep its promises? Its examples are run, alone and together with other packs, and its rules are linted.

Reports what the loader cannot see in one file: one problem for each finding, with file, line and rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice, repeat, tee
from typing import Final, NamedTuple

from cleaner.cache import CachedItems
from cleaner.clean.cleaner import Cleaner
from cleaner.document import Document, Removal
from cleaner.errors import Problem
from cleaner.match.literals import required_literals
from cleaner.options import EngineName
from cleaner.rules.build import build_ruleset
from cleaner.rules.model import Example, Pack, Rule, Wording
from cleaner.rules.ruleset import RuleSet
from cleaner.rules.trial import blows_up
from cleaner.rules.wording import Matcher, conditions
from cleaner.text.fold import fold

_SHORT: Final = 3
"""Fewest characters of a literal of `starts`, `ends` or `contains`; CJK characters count twice."""


def check_packs(packs: Sequence[Pack], among: Sequence[Pack] = (), engine: EngineName = "fast") -> list[Problem]:
    """What is wrong with the packs, beyond what loading them says.

    Every example is run with its rule alone, by the plain engine, which has nothing to make ready. Every look-alike is
    also run as a user runs it: by ``engine``, under the balanced profile, with all rules of ``among`` (the packs
    themselves and, usually, the bundled ones). Those of learned packs are not: they show what their own rule leaves,
    not what no other may take.
    """
    everything = {rule.id: rule for pack in (*among, *packs) for rule in pack.rules}
    together = _Together(packs, among, engine)
    touched = together.touched(
        document_of(rule, example)
        for pack in packs
        if not pack.learned
        for rule in pack.rules
        for example in pack.keep.get(rule.id, ())
    )
    known = _Known(CachedItems("quick", _is_quick), CachedItems("selected", _is_selected))
    problems: list[Problem] = []
    for pack in packs:
        for rule in pack.rules:
            alone = Cleaner(rules=_alone(rule, everything), on_guard="cut", engine="plain")
            for line, message in (*_check_examples(rule, pack, alone, together, touched), *_lint(rule, known)):
                problems.append(Problem(pack.path, line or pack.lines[rule.id], rule.id, message))
    for kept in known:
        kept.save()
    return [*problems, *_duplicates(packs)]


def unproven(packs: Iterable[Pack]) -> Iterator[Problem]:
    """The patterns that match no line of the examples of their rules, in this pack: nobody has seen them match.

    A rule that extends another one has its patterns, which are named once. Learned packs are left out, whose patterns
    were seen on pages.
    """
    for pack in packs:
        if pack.learned:
            continue
        wordings = [(rule, rule.wording) for rule in pack.rules if rule.wording]
        proven: set[str] = set()
        for rule, wording in wordings:
            examples = (pack.keep if rule.kind == "keep" else pack.remove).get(rule.id, ())
            lines = {line for example in examples for line in example.before.split("\n")}
            new = (pattern for pattern in wording.regex if pattern not in proven)
            proven.update([pattern for pattern in new if _says(wording, pattern, lines)])
        for rule, wording in wordings:
            for pattern in wording.regex:
                if pattern not in proven:
                    proven.add(pattern)  # so that it is named once
                    message = f"no example has a line for regex '''{pattern}''': write one, or leave it out"
                    yield Problem(pack.path, pack.lines[rule.id], rule.id, message)


def _says(wording: Wording, pattern: str, lines: Iterable[str]) -> bool:
    """Whether a wording matches one of the lines by this pattern."""
    alone = Matcher(Wording(regex=(pattern,), case=wording.case, unless=wording.unless))
    return any(alone.matches(line, fold(line)) for line in lines)


def _alone(rule: Rule, everything: Mapping[str, Rule]) -> RuleSet:
    """The rule set of one rule, which removes what it would otherwise only mark. The rules whose hits it asks for are
    in it as well, silent. That others take lines of the text (``beside``) is not asked."""
    silent: dict[str, Rule] = {}

    def add_asked_by(asking: Rule) -> None:
        for id in asking.asks_for:
            if id in everything and id not in silent:
                add_asked_by(everything[id])
                silent[id] = replace(everything[id], action="silent")

    add_asked_by(rule)
    shape = rule.shape and replace(rule.shape, beside=0)
    return RuleSet((*silent.values(), replace(rule, shape=shape, action="remove")))


class _Together:
    """All packs as a user runs them, and what they take of a text.

    Building the engine of a new rule set of this size takes many seconds, while that of the bundled rules is cached. So
    where the packs only add rules, the two sets are run one after the other: claims depend on the text alone, and what
    neither set removes, both together do not remove either. Only if one removes something are all run together.
    """

    def __init__(self, packs: Sequence[Pack], among: Sequence[Pack], engine: EngineName) -> None:
        self._packs, self._engine = [*{pack.path: pack for pack in (*among, *packs)}.values()], engine
        build_ruleset(self._packs)  # tunes that name no rule are told even where no example is run
        own = {pack.path for pack in packs}
        others = [pack for pack in among if pack.path not in own]
        known = {rule.id for pack in others for rule in pack.rules}
        adds = others and not any(
            pack.tunes or pack.disable or any(rule.id in known for rule in pack.rules) for pack in packs
        )
        self._parts = (
            [self._cleaner(part) for part in (others, packs)] if adds and all(map(_closed, (others, packs))) else []
        )

    def _cleaner(self, packs: Sequence[Pack]) -> Cleaner:
        return Cleaner(rules=build_ruleset(packs), on_guard="cut", engine=self._engine)

    @cached_property
    def _all(self) -> Cleaner:
        return self._cleaner(self._packs)

    def touched(self, documents: Iterable[Document]) -> Iterator[bool]:
        """Whether all rules may take something of each of these documents, which are best given all at once."""
        cleaners = self._parts or [self._all]
        runs = [
            cleaner.clean_many(given) for cleaner, given in zip(cleaners, tee(documents, len(cleaners)), strict=True)
        ]
        for results in zip(*runs, strict=True):
            yield any(result.removals for result in results)

    def taken(self, rule: Rule, example: Example) -> Sequence[Removal]:
        """What all rules take of an example of the rule."""
        return self._all.clean_document(document_of(rule, example)).removals


def _closed(packs: Sequence[Pack]) -> bool:
    """Whether the rules ask for hits of one another only."""
    rules = [rule for pack in packs for rule in pack.rules]
    return {id for rule in rules for id in rule.asks_for} <= {rule.id for rule in rules}


class _Known(NamedTuple):
    """What `_lint` asks of patterns, which takes long to find."""

    quick: CachedItems[str, bool]
    """Whether it is not slow; else it may be."""
    selected: CachedItems[str, bool]
    """Whether it requires literals."""


def _is_quick(pattern: str) -> bool:
    return blows_up(pattern) is None


def _is_selected(pattern: str) -> bool:
    return required_literals(pattern) is not None


def _check_examples(
    rule: Rule, pack: Pack, alone: Cleaner, together: _Together, touched: Iterator[bool]
) -> Iterator[tuple[int, str]]:
    """(line, or 0 for the rule's own; message) for each thing wrong with a rule's examples. ``touched`` says of the
    next look-alikes whether all rules together may take something of them."""
    remove, keep = pack.remove.get(rule.id, ()), pack.keep.get(rule.id, ())
    if not pack.learned:
        if len(remove) < 2:
            yield 0, f"{len(remove)} remove example(s): give at least two texts that must go"
        if len(keep) < max(2, len(remove)):
            yield 0, f"{len(keep)} keep example(s) for {max(2, len(remove))} to remove: give a look-alike for each"
        for examples in (remove, keep):
            for example in dict.fromkeys(example for example in examples if examples.count(example) > 1):
                yield example.line, f"example {_short(example.before)} is there twice: give another one"
    for example in remove:
        if fault := _fault(rule, example, alone, must_go=rule.kind != "keep"):
            yield example.line, fault
    touches = repeat(False, len(keep)) if pack.learned else islice(touched, len(keep))
    for example, touches_it in zip(keep, touches, strict=True):
        if fault := _fault(rule, example, alone, must_go=rule.kind == "keep"):
            yield example.line, fault
        elif touches_it and (taken := together.taken(rule, example)):
            names = ", ".join(sorted({removal.rule for removal in taken}))
            yield example.line, f"the look-alike {_short(example.before)} loses {_short(taken[0].text)} to {names}"


def _lint(rule: Rule, known: _Known) -> Iterator[tuple[int, str]]:
    """The same for what is wrong with a rule whatever its examples; ``known`` of each pattern."""
    wordings = [wording for wording in (rule.wording, *conditions(rule)) if wording]
    for pattern in dict.fromkeys(pattern for wording in wordings for pattern in wording.regex):
        if not known.quick[pattern] and (reason := blows_up(pattern)):
            yield 0, f"regex '''{pattern}''' {reason}"
    if rule.wording:
        yield from _lint_wording(rule, rule.wording, known)
    if rule.section and "end" in rule.section.until and not (rule.zone or rule.sites):
        yield 0, "a section to the end of the text needs a zone, e.g. zone = { tail = 0.4 }"


def _lint_wording(rule: Rule, wording: Wording, known: _Known) -> Iterator[tuple[int, str]]:
    for literal in (*wording.starts, *wording.ends, *wording.contains):
        if sum(2 if ord(char) >= 0x2E80 else 1 for char in literal) < _SHORT:
            yield 0, f"literal {literal!r} is too short to mean anything inside a line: make it a phrase"
    unselected = (pattern for pattern in wording.regex if not known.selected[pattern])
    if not rule.unfiltered and (pattern := next(unselected, None)):
        message = (
            f"regex '''{pattern}''' holds no literal of three letters to select it by: "
            "add one, or say unfiltered = true with a zone or max_chars"
        )
        yield 0, message
    if rule.unfiltered and not (rule.zone or rule.max_chars or rule.max_words or rule.sites):
        yield 0, "unfiltered = true needs a limit: zone, max_chars, max_words or site"


def document_of(rule: Rule, example: Example) -> Document:
    """The document that an example stands for: of the rule's own site and language, where it names no other."""
    url = example.url or (f"https://{rule.sites[0]}/" if rule.sites else None)
    lang = example.lang or (min(rule.lang) if rule.lang else None)
    return Document(example.before, url=url, lang=lang, title=example.title, hints=dict(example.markup) or None)


def _fault(rule: Rule, example: Example, alone: Cleaner, *, must_go: bool) -> str | None:
    """What is wrong with the result of the rule alone on an example, or None."""
    shown = _short(example.before)
    if rule.kind == "keep":
        hit = any(claim.rule.id == rule.id for claim in alone.claims(document_of(rule, example)))
        return None if hit == must_go else f"example {shown} is {'not ' if must_go else ''}protected"
    result = alone.clean_document(document_of(rule, example))
    if must_go and result.text.strip() != example.after.strip():
        return f"example {shown} must become {_short(example.after)}, but {_short(result.text)} is left"
    if not must_go and result.removals:
        return f"look-alike {shown} loses {_short(result.removals[0].text)}"
    return None


_CONDITIONS: Final = tuple(
    "zone min_words max_words min_chars max_chars alone above below near sites not_sites".split()
)
"""What lets a rule leave alone a line that it names."""


def _duplicates(packs: Iterable[Pack]) -> Iterator[Problem]:
    """Phrases that two rules of one language take wherever they stand: one of the two can never be named for it."""
    seen: dict[tuple[str, tuple[str, ...], str], str] = {}
    for pack in packs:
        for rule in pack.rules:
            if rule.kind != "line" or not rule.wording or any(getattr(rule, name) for name in _CONDITIONS):
                continue
            for phrase in (*rule.wording.phrases, *rule.wording.numbered):
                other = seen.setdefault((phrase, rule.lang, rule.action), rule.id)
                if other != rule.id:
                    said = phrase.replace("0", "{n}") if phrase in rule.wording.numbered else phrase
                    message = f"phrase {said!r} is in {other} too: keep one of them"
                    yield Problem(pack.path, pack.lines[rule.id], rule.id, message)


def _short(text: str) -> str:
    shown = repr(text)
    return shown if len(shown) <= 90 else shown[:60] + " … " + shown[-25:]
