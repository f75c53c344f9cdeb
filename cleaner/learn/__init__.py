"""Learn a site's chrome from its documents, as a rule file that people can read.

>>> from cleaner import Document
>>> from cleaner.learn import learn
>>> pages = [
...     Document("Home\\n" + " ".join(f"word{i * j}" for j in range(30)) + "\\nAbout us\\nLegal", url="https://example.org/x")
...     for i in range(9)
... ]
>>> sorted(rule.kind for rule in learn(pages).rules)
['line', 'section', 'section']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from cleaner.document import Document, check
from cleaner.errors import UsageError
from cleaner.learn.mine import LEAST_SAMPLE, SAMPLE, Harvest, Sighting
from cleaner.learn.pages import MIN_PAGES, MIN_SHARE, read_page
from cleaner.learn.proposal import SitePack
from cleaner.learn.propose import MAX_LOSS, propose_pack
from cleaner.origin import site_of

if TYPE_CHECKING:
    from cleaner.rules.ruleset import RuleSet

__all__ = ["Harvest", "Sighting", "SitePack", "learn", "learn_packs"]


def learn(
    documents: Iterable[Document],
    *,
    site: Callable[[Document], str] | None = None,
    min_support: float = MIN_SHARE,
    max_loss: float = MAX_LOSS,
    sample: int = SAMPLE,
) -> RuleSet:
    """The rules learned from documents of one or many sites, ready for ``Cleaner(rules=…)``; the bundled rules are not
    among them.

    ``site`` says where a document belongs (default: the host of its URL; documents without one are skipped).
    ``min_support`` is the share of a site's pages that a line must be on, ``max_loss`` the share of its own text
    that a rule may take, ``sample`` the number of documents of each site that are examined. The order of documents
    does not matter. Raises UsageError for numbers that make no sense, TypeError for an item that is no document, or not
    one of texts.
    """
    from cleaner.learn.packfile import as_ruleset

    for name, share, least in (("min_support", min_support, 0.01), ("max_loss", max_loss, 0)):
        if not (isinstance(share, (int, float)) and least <= share <= 1):
            raise UsageError(f"{name} is a share from {least} to 1, not {share!r}")
    if not (isinstance(sample, int) and sample >= LEAST_SAMPLE):
        raise UsageError(f"sample is a number of documents, {LEAST_SAMPLE} or more, not {sample!r}")
    with Harvest(sample=sample) as harvest:
        harvest.add(_sightings(documents, site or (lambda document: site_of(document.url))))
        return as_ruleset(list(learn_packs(harvest, min_support=min_support, max_loss=max_loss)))


def learn_packs(
    harvest: Harvest, *, min_support: float = MIN_SHARE, max_loss: float = MAX_LOSS, fewest: int = MIN_PAGES
) -> Iterator[SitePack]:
    """What was learned about each site, ordered by name; sites that yield no rules are left out."""
    for site, documents in harvest.sites():
        if documents < fewest:
            continue
        sample = list(harvest.pages(site))
        if len(sample) >= fewest:
            pages = [read_page(item.text, item.id, item.date, item.title) for item in sample]
            hosts = tuple(sorted({item.host for item in sample} - {""}))
            pack = propose_pack(site, pages, documents, hosts, min_share=min_support, max_loss=max_loss)
            if pack.rules:
                yield pack


def _sightings(documents: Iterable[Document], site: Callable[[Document], str]) -> Iterator[Sighting]:
    for number, document in enumerate(documents):
        if not isinstance(document, Document):
            raise TypeError(f"learn takes Documents; item {number} is {type(document).__name__}")
        check(document)
        if name := site(document):
            if not isinstance(name, str):
                raise TypeError(f"site gives the name of a document's site as a str, not as {type(name).__name__}")
            id = document.id or document.url or ""
            yield Sighting(name, site_of(document.url), id, document.date or "", document.title or "", document.text)
