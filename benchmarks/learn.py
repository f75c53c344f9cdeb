"""Learning a site's chrome: how fast, in how much memory, and how well.

python -m benchmarks.learn speed --documents 1000000 --sites 2000
python -m benchmarks.learn traps              made-up sites, each with a trap
python -m benchmarks.learn corpus [PATH]      the labelled sites beside the project, where present
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.learn_sites import SITES, dump, made_pages, taken
from benchmarks.texts import CORPORA
from cleaner import Cleaner
from cleaner.learn import Harvest, Sighting, learn, learn_packs
from cleaner.options import Guard
from cleaner.origin import site_of
from cleaner.rules.load import load_rules
from cleaner.rules.ruleset import RuleSet

CORPUS = CORPORA / "sites-dev.wet.jsonl.zst"


def speed(documents: int, sites: int) -> None:
    """Learn from generated documents; time spent on making them is not counted."""
    size = 0
    making = 0.0

    def sightings() -> Iterator[Sighting]:
        nonlocal size, making
        source = dump(documents, sites)
        while True:
            start = time.process_time()
            document = next(source, None)
            making += time.process_time() - start
            if document is None:
                return
            size += len(document.text)
            host, id = site_of(document.url), document.id or ""
            yield Sighting(host, host, id, "", document.title or "", document.text)

    start = time.process_time()
    with Harvest() as harvest:
        harvest.add(sightings())
        mined = time.process_time() - start - making
        rules = sum(len(pack.rules) for pack in learn_packs(harvest))
    seconds = time.process_time() - start - making
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{documents:,} documents, {size / 1e6:,.0f} MB, {sites:,} sites: {rules:,} rules")
    print(
        f"{size / 1e6 / seconds:.1f} MB/s a core ({mined:.0f} s of {seconds:.0f} s reading), peak memory {peak:.0f} MB"
    )


def traps(count: int) -> None:
    """Share of chrome that goes and of content that is lost, by made-up site, learned from all pages and from ten."""
    for name in SITES:
        pages = made_pages(name, count)
        size = sum(len(line) for page in pages for line, is_content in page.lines if is_content)
        shown = []
        for sample in (pages, pages[:: max(1, count // 10)][:10]):
            cleaner = Cleaner(rules=learn([page.document for page in sample]), on_guard="cut")
            removed, lost = taken(pages, cleaner)
            shown.append(f"removed {removed:6.1%} lost {sum(map(len, lost)) / size:7.3%}")
        print(f"{name:12} {'   from ten: '.join(shown)}")


def corpus(path: Path) -> None:
    """The measures of `cleaner eval` with learned rules, with the bundled ones as well, and with the guard."""
    from cleaner.check.corpus import read_corpus
    from cleaner.check.evaluate import measure

    rows = read_corpus(path)
    by_site: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        by_site.setdefault(site_of(row.document.url), []).append(number)

    def show(name: str, taught: Sequence[int], measured: Sequence[int], bundled: bool, guard: Guard) -> None:
        learned = learn([rows[number].document for number in taught])
        both = RuleSet((*load_rules().rules, *learned.rules)) if bundled else learned
        cleaner = Cleaner(rules=both, on_guard=guard)
        chosen = [rows[number] for number in measured]
        report = measure(chosen, list(cleaner.clean_many(row.document for row in chosen)))
        assert report.shingle is not None and report.chrome_removed is not None and report.content_lost is not None
        print(f"{name:46} {report.chrome_removed:.1%} at {report.content_lost:.2%}, shingle F1 {report.shingle[2]:.3f}")

    everything = range(len(rows))
    ten = [n for numbers in by_site.values() for n in numbers[:: max(1, len(numbers) // 10)][:10]]
    even, odd = ([n for numbers in by_site.values() for n in numbers[k::2]] for k in (0, 1))
    show("learned rules alone", everything, everything, False, "cut")
    show("bundled rules too", everything, everything, True, "cut")
    show("bundled rules too, guarded pages kept whole", everything, everything, True, "keep")
    show("learned on ten documents a site", ten, everything, True, "cut")
    show("learned on one half, measured on the other", even, odd, True, "cut")
    show("learned on the other half, measured on it", odd, odd, True, "cut")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["speed", "traps", "corpus"])
    parser.add_argument("path", nargs="?", type=Path, default=CORPUS)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--sites", type=int, default=500)
    parser.add_argument("--pages", type=int, default=120)
    options = parser.parse_args()
    if options.what == "speed":
        speed(options.documents, options.sites)
    elif options.what == "traps":
        traps(options.pages)
    elif not options.path.is_file():
        print(f"{options.path}: no such corpus")
    else:
        corpus(options.path)


if __name__ == "__main__":
    main()
