"""One site, several templates: sections, languages, a redesign. Pages that share their common lines are a family.

Templates may have a menu or a foot in common. So the pages of a family are compared once more, by the lines that only
some of them have, and are families of their own where these lines are a template's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from cleaner.learn.pages import SURE, Page, is_sentence, least_pages

SMALLEST: Final = 0.1
"""Least share of a site's pages for a family of their own, of three pages at least."""

ALIKE: Final = 0.5
"""Least overlap of two pages of a family: what the common lines that both have weigh, of what those of the lighter page
weigh. A line weighs as many as the pages that have it."""

MOST: Final = 20
"""Families that are told apart."""


class Families:
    """The families of a site's pages; some pages are of none."""

    def __init__(self, pages: Sequence[Page], counts: Counter[str]) -> None:
        self._pages = len(pages)
        least = least_pages(self._pages, SMALLEST)
        groups = _groups(range(self._pages), pages, {key: count for key, count in counts.items() if count >= least})
        if len(groups) > 1:
            groups = [group for group in groups if len(group) >= least]
        families = [family for group in groups for family in _templates(group, pages, counts, least) or [group]]
        self._of = {number: family for family, numbers in enumerate(families) for number in numbers}
        self._sizes = [*map(len, families)]

    def least(self, share: float) -> int:
        """Number of pages that a share of the smallest family amounts to; see `least_pages`."""
        return least_pages(min(self._sizes, default=self._pages), share)

    def share(self, on: Collection[int]) -> float:
        """The largest share of a family, or of all pages, that these pages make up. They are given by their numbers."""
        counts = Counter(map(self._of.get, on))
        shares = [counts[family] / size for family, size in enumerate(self._sizes) if counts[family] >= 3]
        return max([len(on) / self._pages, *shares])


def _groups(numbers: Iterable[int], pages: Sequence[Page], common: Mapping[str, int]) -> list[list[int]]:
    """These pages in groups that share these common lines, the pages with the most of them first."""
    signs = {number: common.keys() & pages[number].keys for number in numbers}
    weights = {number: sum(common[key] for key in sign) for number, sign in signs.items()}
    groups: list[list[int]] = []
    for number in sorted(weights, key=lambda number: (-weights[number], number)):
        best, share = -1, 0.0
        for group, (leader, *_) in enumerate(groups):
            both = sum(common[key] for key in signs[number] & signs[leader])
            if (alike := both / max(1, min(weights[number], weights[leader]))) > share:
                best, share = group, alike
        if share >= ALIKE:
            groups[best].append(number)
        elif len(groups) < MOST:
            groups.append([number])
    return groups


def _templates(group: Sequence[int], pages: Sequence[Page], counts: Counter[str], least: int) -> list[list[int]]:
    """The families in a group that shares no more than a menu: two or more, each with its own template; or none."""
    on = Counter(key for number in group for key in {*pages[number].keys})
    fewest, most = least_pages(len(group), SMALLEST), (1 - SMALLEST) * len(group)
    some = {key: count for key, count in on.items() if fewest <= count < most}
    found = []
    for part in _groups(group, pages, some):
        if len(part) < least:
            continue
        inside = Counter(key for number in part for key in some.keys() & pages[number].keys)
        strangers = (1 - SURE) * (len(group) - len(part))
        own = {key for key, count in inside.items() if count >= SURE * len(part) and on[key] - count <= strangers}
        if sum(_is_framed(pages[number], own, counts) for number in part) >= SURE * len(part):
            found.append(part)
    return found if len(found) > 1 else []


def _is_framed(page: Page, own: set[str], counts: Counter[str]) -> bool:
    """Whether lines of a template stand round the text of the page: above three quarters of it, and below half, as
    comments may follow. What an article of a certain kind says itself, such as a table of facts, stands in one place.
    """
    texts = [at for at, key in enumerate(page.keys) if counts[key] == 1 and is_sentence(page.lines[at])]
    frame = [at for at, key in enumerate(page.keys) if key in own and not is_sentence(page.lines[at])]
    return bool(texts and frame) and frame[0] < texts[len(texts) // 4] and frame[-1] > texts[len(texts) // 2]
