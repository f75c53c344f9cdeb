"""The public class `Cleaner`: made of rules and options, it turns texts into cleaned texts."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cleaner.clean.kinds import ask
from cleaner.clean.resolve import lines_claimed, lines_taken, marks_of, removals_of
from cleaner.clean.view import Claim, View
from cleaner.clean.visible import in_original, without_invisible
from cleaner.document import Cleaned, Document, Removal, check
from cleaner.errors import UsageError, check_choice
from cleaner.match.plain import find_hits
from cleaner.options import ENGINES, GUARDS, MAX_REMOVED, PROFILES, EngineName, Guard, Profile
from cleaner.origin import language_of
from cleaner.rules.load import PATHS, PathLike, listed, load_rules
from cleaner.rules.ruleset import RuleSet

if TYPE_CHECKING:
    from cleaner.match.fast import BatchHits, FastEngine

_BATCH: Final = 512
_BATCH_CHARS: Final = 1_000_000
"""Most documents, and most code points, that ``clean_many`` hands to the engine at once."""


@dataclass(frozen=True, init=False)
class Cleaner:
    """Removes site chrome from texts. What becomes of a text depends on it, its metadata and these options alone:

    - ``profile``: how much to remove; ``careful``, ``balanced`` or ``thorough``.
    - ``rules``: rule files, or folders of them, to add to the bundled ones. Or a finished ``RuleSet``, which is used as
      it is: ``select`` and ``ignore`` are then refused, and ``profile`` only sets the default of ``max_removed``.
    - ``select``, ``ignore``: run only, or do not run, the rules that are so named: ids, packs, categories or globs.
    - ``max_removed``: the largest share (0 to 1) of a text's code points that may be removed. By default 0.5, 0.9 or
      0.98, by profile.
    - ``on_guard``: what to do where the rules would take more: ``keep`` gives the text as it was, ``cut`` what is left
      all the same. The result says that it is ``guarded`` either way.
    - ``engine``: ``fast``; or ``plain``, slow and simple, which defines what rules mean. Both remove the same.

    Its attributes are these options, and the ``ruleset`` made of them; none can be set afterwards.

    Raises RuleError for rule files that do not load, UsageError for options that make no sense, TypeError for those of
    a wrong type, such as a single string where a list is wanted.
    """

    ruleset: RuleSet
    profile: Profile
    max_removed: float
    on_guard: Guard
    engine: EngineName

    def __init__(
        self,
        profile: Profile = "balanced",
        rules: RuleSet | Sequence[PathLike] = (),
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        max_removed: float | None = None,
        on_guard: Guard = "keep",
        engine: EngineName = "fast",
    ) -> None:
        check_choice("profile", profile, PROFILES)
        check_choice("on_guard", on_guard, GUARDS)
        check_choice("engine", engine, ENGINES)
        if isinstance(rules, RuleSet):
            if select or ignore:
                raise UsageError("a RuleSet is taken as it is: give select and ignore to load_rules, which makes it")
            ruleset = rules
        else:
            paths = listed("rules", rules, PATHS)
            ruleset = load_rules(*paths, profile=profile, select=select, ignore=ignore)
        if max_removed is not None and not (isinstance(max_removed, (int, float)) and 0 <= max_removed <= 1):
            raise UsageError(f"max_removed is a share from 0 to 1, not {max_removed!r}")
        share = MAX_REMOVED[profile] if max_removed is None else float(max_removed)
        self.__dict__.update(ruleset=ruleset, profile=profile, max_removed=share, on_guard=on_guard, engine=engine)

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hex, of everything that decides what this cleaner does to a text: version, rules, guard."""
        from cleaner import __version__

        said = (__version__, self.ruleset.fingerprint, repr(self.max_removed), self.on_guard)
        return hashlib.sha256("\n".join(said).encode()).hexdigest()

    def clean(self, text: str, *, url: str | None = None, lang: str | None = None, title: str | None = None) -> Cleaned:
        """The text without its chrome. ``url`` enables the rules of its site, ``lang`` (BCP 47, such as ``de``) leaves
        out the packs of other languages, ``title`` lets rules find the headline and where the page repeats it. Raises
        TypeError for what is no str."""
        if not isinstance(text, str):
            raise TypeError(f"clean takes a str, not {type(text).__name__}")
        return self.clean_document(Document(text, url=url, lang=lang, title=title))

    def clean_document(self, document: Document) -> Cleaned:
        """The document's text without its chrome; what is known of the document is used as by ``clean``. Raises
        TypeError for what is no Document, or one whose parts are of other types."""
        if not isinstance(document, Document):
            raise TypeError(f"clean_document takes a Document, not {type(document).__name__}")
        check(document)
        return next(self._clean_batch([document]))

    def clean_many(self, documents: Iterable[str | Document]) -> Iterator[Cleaned]:
        """The texts or documents cleaned, lazily and in their order: several times as fast as a loop over ``clean``.

        Up to 512 of them are read before the first result comes. Raises TypeError for an item that is neither; where
        ``documents`` raises, what came before is cleaned first.
        """
        one = isinstance(documents, (str, bytes, Document, Mapping))
        if one or getattr(documents, "ndim", 1) != 1:  # a mapping and a frame would give their names for texts
            raise TypeError(f"clean_many takes many texts or Documents, not one {type(documents).__name__}")
        return self._clean_many(iter(documents))

    def _clean_many(self, documents: Iterable[str | Document]) -> Iterator[Cleaned]:
        batch: list[Document] = []
        chars = 0
        source = enumerate(documents)
        while True:
            try:
                number, item = next(source)
                batch.append(document := _document(item, number))
            except StopIteration:
                break
            except Exception:
                yield from self._clean_batch(batch)
                raise
            chars += len(document.text)
            if chars >= _BATCH_CHARS or len(batch) >= _BATCH:
                yield from self._clean_batch(batch)
                batch, chars = [], 0
        yield from self._clean_batch(batch)

    def claims(self, document: Document) -> list[Claim]:
        """Everything that rules claim of the document, before `resolve` applies keep rules and settles overlaps."""
        return self._asked([without_invisible(document)], every=True)[0].claims

    def _clean_batch(self, batch: Sequence[Document]) -> Iterator[Cleaned]:
        for document, view in zip(batch, self._asked([*map(without_invisible, batch)]), strict=True):
            yield self._cleaned(view, document.text) if view.claims else Cleaned(document.text)

    def _asked(self, batch: Sequence[Document], *, every: bool = False) -> Sequence[View]:
        """A view of each document, with what rules claim of it. Shape rules are asked last: they depend on what the
        others take. Rules that only keep are asked about claimed lines alone or, with ``every``, about all lines."""
        views = [View(document) for document in batch]
        shapes = self.ruleset.shapes
        later = self._find(views)
        made = [self._ask(view, [index for index in view.hits if index not in shapes]) for view in views]
        self._ask_later(later, views, [view.lines.filled for view in views] if every else _claimed(views, made))
        shaped = self._ask_shapes(views) if shapes else ()
        if shaped and not every:
            self._ask_later(later, views, _claimed(views, shaped))
        return views

    def _find(self, views: Sequence[View]) -> BatchHits | None:
        """Give each view the lines and hits that the engine finds. Returns the hits of the whole batch, of which those
        that matter only where others claim something can be asked later; None if nothing is left to ask."""
        ruleset = self.ruleset
        if self.engine == "plain":
            for view in views:
                active = ruleset.active(view.document.url, view.document.lang)
                view.hits = find_hits(view.lines, ruleset.rules, active)
            return None
        texts, titles = [view.document.text for view in views], [view.document.title for view in views]
        hits = self._fast.find(texts, titles, [*map(self._other_languages, views)])
        for view, found in zip(views, hits, strict=True):
            if found is not None:
                view.lines, view.hits = found
        return hits

    def _other_languages(self, view: View) -> frozenset[str]:
        """Those languages of rules that the document is not in: as its language tag says or, without one, its text."""
        languages = self.ruleset.languages
        if code := language_of(view.document.lang):
            return languages - {code}
        return view.other_languages if languages else languages

    def _ask(self, view: View, found: Collection[int]) -> Sequence[Claim]:
        """Have those of these rules that concern the document make their claims; gives the new ones. All have hits."""
        if not found:
            return ()
        foreign = self.ruleset.foreign(view.document.url, view.document.lang)
        return ask(self.ruleset.rules, [index for index in sorted(found) if index not in foreign], view)

    def _ask_later(self, later: BatchHits | None, views: Sequence[View], claimed: Sequence[Sequence[int]]) -> None:
        """Ask the rules that matter only where others claim something. ``claimed``: these lines of each document."""
        if later is not None:
            for number, hits in later.later(claimed, [view.claimed for view in views]).items():
                views[number].hits |= hits
                self._ask(views[number], hits)

    def _ask_shapes(self, views: Sequence[View]) -> Sequence[Sequence[Claim]]:
        """Have shape rules make their claims, which may ask how much the others take; gives the new ones."""
        from cleaner.match.shapes import shape_hits  # NumPy is loaded where a shape rule runs

        rules, shapes = self.ruleset.rules, self.ruleset.shapes
        for view in views:
            if view.claims:
                view.taken = lines_taken(view.claims, view.lines)
        beside = min(shape.beside for i in shapes if (shape := rules[i].shape))
        asked = [view for view in views if beside <= len(view.taken)]
        texts, hints = [view.document.text for view in asked], [view.document.hints for view in asked]
        shaped = shape_hits({i: rules[i] for i in shapes if rules[i].wording is None}, texts, hints)
        for view, hits in zip(asked, shaped, strict=True):
            view.hits |= hits
        return [self._ask(view, [index for index in shapes if index in view.hits]) for view in views]

    @cached_property
    def _fast(self) -> FastEngine:
        from cleaner.match.fast import FastEngine  # NumPy and the scanner are loaded where they are used

        return FastEngine(self.ruleset.rules, self.ruleset.fingerprint)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "_fast"}

    def _cleaned(self, view: View, came: str) -> Cleaned:
        """What the claims result in. A text of which nothing is removed is returned as the very object that came."""
        text = view.lines.text
        removals = removals_of(view.claims, view.lines)
        marks = marks_of(view.claims, view.lines)
        gone = sum(removal.end - removal.start for removal in removals)
        guarded = gone > self.max_removed * len(text)
        if len(text) != len(original := str.__str__(came)):
            removals, marks = in_original(removals, original), in_original(marks, original)
        if not removals or (guarded and self.on_guard == "keep"):
            return Cleaned(came, guarded=guarded, marks=marks)
        return Cleaned(_without(original, removals), removals, guarded, _outside(marks, removals))


def _claimed(views: Sequence[View], made: Iterable[Sequence[Claim]]) -> Sequence[Sequence[int]]:
    """The lines of each document that these claims of it would take something of."""
    return [lines_claimed(claims, view.lines) if claims else () for view, claims in zip(views, made, strict=True)]


def _document(item: object, number: int) -> Document:
    """One of many texts or documents, as a document. Raises TypeError for anything else."""
    document = Document(item) if isinstance(item, str) else item
    if not isinstance(document, Document):
        raise TypeError(f"clean_many takes str and Document; item {number} is {type(item).__name__}")
    check(document)
    return document


def _outside(marks: Sequence[Removal], removals: Sequence[Removal]) -> tuple[Removal, ...]:
    """The marks of which something is left by the removals, which are sorted and disjoint."""
    starts: list[int] = []
    ends: list[int] = []
    for removal in removals:
        if ends and ends[-1] == removal.start:  # two rules that take one part each take it all
            ends[-1] = removal.end
        else:
            starts.append(removal.start)
            ends.append(removal.end)
    near = (bisect_right(starts, mark.start) - 1 for mark in marks)
    return tuple(mark for mark, at in zip(marks, near, strict=True) if at < 0 or ends[at] < mark.end)


def _without(text: str, removals: Sequence[Removal]) -> str:
    """The text minus the removals."""
    parts = []
    at = 0
    for removal in removals:
        parts.append(text[at : removal.start])
        at = removal.end
    parts.append(text[at:])
    return "".join(parts)
