"""What rules claim of documents: which rules are asked, of which lines, and in which order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from cleaner.clean.kinds import evaluate
from cleaner.clean.resolve import lines_claimed, lines_taken
from cleaner.clean.view import Claim, View
from cleaner.document import Document
from cleaner.match.plain import find_hits
from cleaner.options import EngineName
from cleaner.origin import language_of
from cleaner.rules.ruleset import RuleSet

if TYPE_CHECKING:
    from cleaner.match.fast import BatchHits, FastEngine


class Evaluator:
    """Evaluates the rules of a rule set on documents, in batches."""

    def __init__(self, ruleset: RuleSet, engine: EngineName) -> None:
        """``engine`` finds the lines that rules match."""
        self._ruleset, self._engine = ruleset, engine

    def views(self, batch: Sequence[Document], *, every: bool = False) -> Sequence[View]:
        """A view of each document, with what rules claim of it. Shape rules are asked last: they depend on what the
        others take. Rules that only keep are asked about claimed lines alone or, with ``every``, about all lines."""
        views = [View(document) for document in batch]
        shapes = self._ruleset.shapes
        later = self._find(views)
        made = [self._evaluate(view, [index for index in view.hits if index not in shapes]) for view in views]
        self._evaluate_later(later, views, [view.lines.filled for view in views] if every else _claimed(views, made))
        shaped = self._evaluate_shapes(views) if shapes else ()
        if shaped and not every:
            self._evaluate_later(later, views, _claimed(views, shaped))
        return views

    def _find(self, views: Sequence[View]) -> BatchHits | None:
        """Give each view the lines and hits that the engine finds. Returns the hits of the whole batch, of which those
        that matter only where others claim something can be asked later; None if nothing is left to ask."""
        ruleset = self._ruleset
        if self._engine == "plain":
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
        languages = self._ruleset.languages
        if code := language_of(view.document.lang):
            return languages - {code}
        return view.other_languages if languages else languages

    def _evaluate(self, view: View, found: Collection[int]) -> Sequence[Claim]:
        """Have those of these rules that concern the document make their claims; gives the new ones. All have hits."""
        if not found:
            return ()
        foreign = self._ruleset.foreign(view.document.url, view.document.lang)
        return evaluate(self._ruleset.rules, [index for index in sorted(found) if index not in foreign], view)

    def _evaluate_later(self, later: BatchHits | None, views: Sequence[View], claimed: Sequence[Sequence[int]]) -> None:
        """Ask the rules that matter only where others claim something. ``claimed``: these lines of each document."""
        if later is not None:
            for number, hits in later.later(claimed, [view.claimed for view in views]).items():
                views[number].hits |= hits
                self._evaluate(views[number], hits)

    def _evaluate_shapes(self, views: Sequence[View]) -> Sequence[Sequence[Claim]]:
        """Have shape rules make their claims, which may ask how much the others take; gives the new ones."""
        from cleaner.match.shapes import shape_hits  # NumPy is loaded where a shape rule runs

        rules, shapes = self._ruleset.rules, self._ruleset.shapes
        for view in views:
            if view.claims:
                view.taken = lines_taken(view.claims, view.lines)
        beside = min(shape.beside for i in shapes if (shape := rules[i].shape))
        asked = [view for view in views if not view.is_clean(beside)]
        texts, hints = [view.document.text for view in asked], [view.document.hints for view in asked]
        shaped = shape_hits({i: rules[i] for i in shapes if rules[i].wording is None}, texts, hints)
        for view, hits in zip(asked, shaped, strict=True):
            view.hits |= hits
        return [self._evaluate(view, [index for index in shapes if index in view.hits]) for view in views]

    @cached_property
    def _fast(self) -> FastEngine:
        from cleaner.match.fast import FastEngine  # NumPy and the scanner are loaded where they are used

        return FastEngine(self._ruleset.rules, self._ruleset.fingerprint)


def _claimed(views: Sequence[View], made: Iterable[Sequence[Claim]]) -> Sequence[Sequence[int]]:
    """The lines of each document that these claims of it would take something of."""
    return [lines_claimed(claims, view.lines) if claims else () for view, claims in zip(views, made, strict=True)]
