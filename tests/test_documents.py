"""Documents that are no pages, and hold no chrome, stay as they are: those of Python, of its packages, and our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.installed import KINDS
from cleaner import Cleaner
from cleaner.options import PROFILES, Profile

ROOT = Path(__file__).parent.parent
OWN = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_our_own_documents_lose_nothing(path: Path, profile: Profile) -> None:
    assert [removal.text for removal in Cleaner(profile).clean(path.read_text("utf-8")).removals] == []


@pytest.mark.parametrize(
    ("kind", "most"),
    [("manual", 0.0005), ("sources", 0.0005), ("descriptions", 0.0025), ("licences", 0.006)],
)
def test_documents_that_come_with_python_lose_next_to_nothing(kind: str, most: float) -> None:
    """Bounds of some 1.5 to 5 times what `python -m benchmarks.clean_stays_clean` last printed: versions differ."""
    documents = list(KINDS[kind]())
    results = Cleaner().clean_many(documents)
    lost = sum(removal.end - removal.start for result in results for removal in result.removals)
    assert len(documents) > 20
    assert lost <= most * sum(len(document.text) for document in documents)
