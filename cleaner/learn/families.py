"""One site, several templates: sections, languages, a redesign. Pages that share their common lines are a family."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from cleaner.learn.pages import Page, least_pages

SMALLEST: Final = 0.1
"""Least share of a site's pages, and ..."""

FEWEST: Final = 5
"""... least number of pages for a family of their own."""

ALIKE: Final = 0.5
"""Least share of the lighter page's common lines, weighed by their pages, that two pages of one family both have."""


class Families:
    """The families of a site's pages; ``page.family`` is the number of the family a page belongs to, -1 for none."""

    def __init__(self, pages: Sequence[Page], counts: Counter[str]) -> None:
        least = least_pages(len(pages), SMALLEST)
        common = {key: count for key, count in counts.items() if count >= least}
        signs = [frozenset(key for key in page.keys if key in common) for page in pages]
        weights = [sum(common[key] for key in sign) for sign in signs]
        leaders: list[int] = []
        members: list[list[int]] = []
        for number in sorted(range(len(pages)), key=lambda number: (-weights[number], number)):
            best, share = -1, 0.0
            for family, leader in enumerate(leaders):
                both = sum(common[key] for key in signs[number] & signs[leader])
                if (alike := both / max(1, min(weights[number], weights[leader]))) > share:
                    best, share = family, alike
            if best >= 0 and (share >= ALIKE or not weights[number]):
                members[best].append(number)
            elif len(leaders) < 20:
                leaders.append(number)
                members.append([number])
        self.sizes: list[int] = []
        for page in pages:
            page.family = -1
        for numbers in members:
            if len(numbers) >= max(FEWEST, least) or len(members) == 1:
                for number in numbers:
                    pages[number].family = len(self.sizes)
                self.sizes.append(len(numbers))
        self.pages = len(pages)

    @property
    def smallest(self) -> int:
        """Pages of the smallest family."""
        return min(self.sizes, default=self.pages)

    def share(self, on: Iterable[int]) -> float:
        """The largest share that pages of these families (one item a page) make up of any family, or of all pages."""
        counts = Counter(on)
        shares = [counts[family] / size for family, size in enumerate(self.sizes) if counts[family] >= 3]
        return max([counts.total() / self.pages, *shares])
