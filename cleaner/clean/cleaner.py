"""The public class `Cleaner`: made of rules and options, it turns texts into cleaned texts."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cleaner.cache import without_cached
from cleaner.clean.evaluator import Evaluator
from cleaner.clean.resolve import joined, marks_of, removals_of
from cleaner.clean.view import Claim, View
from cleaner.clean.visible import as_seen, in_original
from cleaner.document import Cleaned, Document, Removal, check
from cleaner.errors import UsageError, check_choice
from cleaner.options import ENGINES, GUARDS, MAX_REMOVED, PROFILES, EngineName, Guard, Profile
from cleaner.rules.load import PATHS, PathLike, listed, load_rules
from cleaner.rules.ruleset import RuleSet

_BATCH: Final = 512
_BATCH_CHARS: Final = 1_000_000
"""Most documents, and most code points, that ``clean_many`` hands to the engine at once."""


@dataclass(frozen=True, init=False)
class Cleaner:
    """Removes site chrome from texts. What becomes of a text depends on it, its metadata and these options alone:

    - ``profile``: how much to remove; ``careful``, ``balanced`` or ``thorough``.
    - ``rules``: rule files, or folders of them, to add to the bundled ones. Or a finished ``RuleSet``, which is used as
      it is: ``select`` and ``ignore`` are then refused, and ``profile`` only sets the default of ``max_removed``.
    - ``select``, ``ignore``: run only, or do not run, the rules that are so named: ids, packs, categories or globs. An
      empty ``select`` chooses all.
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
        return self._evaluator.views([as_seen(document)], every=True)[0].claims

    def _clean_batch(self, batch: Sequence[Document]) -> Iterator[Cleaned]:
        views = self._evaluator.views([*map(as_seen, batch)])
        for document, view in zip(batch, views, strict=True):
            yield self._cleaned(view, document.text) if view.claims else Cleaned(document.text)

    @cached_property
    def _evaluator(self) -> Evaluator:
        return Evaluator(self.ruleset, self.engine)

    def __getstate__(self) -> dict[str, object]:
        return without_cached(self)

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


def _document(item: object, number: int) -> Document:
    """One of many texts or documents, as a document. Raises TypeError for anything else."""
    document = Document(item) if isinstance(item, str) else item
    if not isinstance(document, Document):
        raise TypeError(f"clean_many takes str and Document; item {number} is {type(item).__name__}")
    check(document)
    return document


def _outside(marks: Sequence[Removal], removals: Sequence[Removal]) -> tuple[Removal, ...]:
    """The marks of which something is left by the removals, which are sorted and disjoint."""
    starts, ends = joined((removal.start, removal.end) for removal in removals)  # two rules may take it all together
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
