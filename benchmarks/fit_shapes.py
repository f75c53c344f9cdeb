"""Fit the model of the shape rules from labelled pages, and say honestly how good it is.

    python -m benchmarks.fit_shapes CORPUS... --write rules/common/furniture.json     fit on all, write the model
    python -m benchmarks.fit_shapes CORPUS... --cv                                    five-fold cross-validation by host
    python -m benchmarks.fit_shapes CORPUS... --cv --together balanced                and with all other rules
    python -m benchmarks.fit_shapes CORPUS... --check OTHER...                        fit on some, measure on others
    python -m benchmarks.fit_shapes CORPUS... --sound balanced         what ships, on pages whose gold is not broken

CORPUS and OTHER are labelled corpora as `cleaner eval` takes them. A line is chrome if the gold holds at most a quarter
of its words, content from three quarters on; the rest is not counted. The gold bodies themselves, as they are and
reshaped (a sentence a line, wrapped, cut, as verse), are training texts without any chrome, so that clean text stays
clean. The headline is content, whatever the gold says. The model is the mean of three fits (FITS): single ones differ
by more than they should. Needs the `fit` extra.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import textwrap
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from benchmarks.gold import UNSOUND
from cleaner import Cleaner, load_rules
from cleaner.check.corpus import Row, gold_as_input, read_corpus
from cleaner.check.evaluate import Report, measure
from cleaner.check.measures import CHROME, CONTENT, segment_prf, shares_in_gold, shingle_prf, tokens
from cleaner.document import Cleaned
from cleaner.options import PROFILES, Profile
from cleaner.rules.model import Rule
from cleaner.rules.ruleset import RuleSet
from cleaner.text.counts import LineTable, line_table
from cleaner.text.features import line_features
from cleaner.text.model import SCALE, load_model, scores

FOLDS = 5
SHAPES = 2  # of each gold body
STAGES = (30, 60, 90, 150, 250)  # trees after which lines far below the lowest threshold are settled
SETTLED_WRONGLY = 0.0001  # share of the lines above it that each stage may cost
CHARS = 480  # longer lines are left to the wording rules
OPTIONS = {
    "iterations": 150, "depth": 6, "learning_rate": 0.15, "border_count": 16, "l2_leaf_reg": 30, "rsm": 0.5,
    "bootstrap_type": "MVS", "subsample": 0.6, "random_strength": 1, "thread_count": 2, "verbose": 0,
    "allow_writing_files": False,
}  # fmt: skip
THRESHOLDS = (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
FEATURES = [
    "chars", "words", "indent", "closing", "lead", "cased", "lower_words", "numbers", "stops", "commas", "links",
    "tabs", "furniture_share", "prose", "words_above1", "words_below1", "closing_below1", "indent_above1",
    "indent_below1", "words_near2", "closed_near2", "title_near2", "furniture_share_near2", "words_near5",
    "closed_near5", "title_near5", "listed_near5", "digits_near5", "stop_near5", "furniture_share_near5",
    "time_near5", "words_near15", "prose_near15", "closed_near15", "title_near15", "digits_near15", "short_near15",
    "title_up15", "words_down15", "since_related", "since_comment", "since_subscribe", "since_social",
    "since_author", "since_topic", "since_navigation", "since_commerce", "until_comment", "until_legal", "from_top",
    "from_end", "share_before", "share_after", "prose_before", "prose_after", "prose_down8", "core5", "core12",
    "run", "copies_above", "copies_below", "block_lines", "block_mean", "block_prose", "block_lines_below",
    "doc_lines", "doc_mean", "doc_prose", "doc_prose_chars", "doc_blanks", "doc_listed", "doc_title",
    "cohesion", "cohesion_near5", "alike", "alike_near5", "rhythm", "rhythm_near5",
]  # fmt: skip
LESS = [
    "lower_words", "stops", "prose", "core5", "core12", "closed_near2", "closed_near5", "stop_near5", "prose_near15",
    "block_prose", "cohesion", "cohesion_near5",
]  # fmt: skip
MORE = ["furniture_share", "furniture_share_near2", "furniture_share_near5", "links", "copies_above", "copies_below"]
DIRECTIONS = {**dict.fromkeys(LESS, -1), **dict.fromkeys(MORE, 1)}
"""What more of a feature may do to the score, all else equal: raise it (1) or lower it (-1). Words of site furniture
never speak for an article, nor whole sentences for a menu; a fit that may not say otherwise learns fewer sites by
heart."""
LESS_YET = [
    "words", "words_near2", "words_near5", "words_near15", "words_above1", "words_below1", "words_down15",
    "closed_near15", "prose_down8", "block_mean", "doc_prose", "doc_prose_chars", "since_related", "since_comment",
    "since_subscribe", "since_social", "since_topic", "since_navigation", "since_commerce", "until_legal",
]  # fmt: skip
MORE_YET = ["title_near2", "title_near5", "title_near15", "title_up15", "run"]
STRICTER = {**DIRECTIONS, **dict.fromkeys(LESS_YET, -1), **dict.fromkeys(MORE_YET, 1)}
FITS: list[tuple[dict[str, int], float, int]] = [(DIRECTIONS, 0.0, 1), (STRICTER, 0.0, 1), (DIRECTIONS, 0.5, 2)]
"""The model is the mean of these fits: directions, how much more the lines of short texts weigh (as a power of the
length), seed. Each errs on other lines."""


@dataclass
class Set:
    """One corpus as arrays: a row for each non-blank line."""

    name: str
    rows: list[Row]
    lines: list[list[str]]
    table: LineTable
    values: Any
    document: Any
    share: Any
    """Of the line's words that the gold holds; NaN: nobody knows."""
    headline: Any
    fold: Any
    clean: bool
    """Gold bodies: nothing in them is chrome."""

    @property
    def size(self) -> Any:
        return self.table.end - self.table.start


def fold_of(url: str | None, id: str | None) -> int:
    """Fold of a page: by its host, or by itself where the address tells none."""
    name = urlsplit(url or "").hostname or ""
    return zlib.crc32((str(id) if not name or "fake" in name else name.removeprefix("www.")).encode()) % FOLDS


def shares(row: Row) -> list[float]:
    """Share of each non-blank line's words that the gold holds, or what the snippets say; NaN: nobody knows."""
    text = row.document.text
    if row.gold.strip():
        return [math.nan if share is None else share for _, share in shares_in_gold(text, row.gold)]
    found = []
    for line in filter(str.strip, text.split("\n")):
        inside = any(snippet in line for snippet in row.wanted)
        outside = any(snippet in line for snippet in row.unwanted)
        found.append(math.nan if inside == outside else float(inside))
    return found


def headline_of(lines: Sequence[str], title: str) -> int | None:
    """Number of the first line that says the page's title, or most of it."""
    said = tokens(title.lower())
    for i, line in enumerate(lines):
        words = tokens(line.lower()) if len(line) <= 250 else []
        if len(words) >= min(3, len(said)) > 1 and (said[: len(words)] == words or words[: len(said)] == said):
            return i
    return None


def build(name: str, rows: list[Row], clean: bool = False) -> Set:
    table = line_table([row.document.text for row in rows])
    lines = [[line for line in row.document.text.split("\n") if line.strip()] for row in rows]
    document = np.repeat(np.arange(len(rows)), [len(part) for part in lines])
    assert len(document) == len(table)
    share = np.ones(len(table)) if clean else np.concatenate([shares(row) for row in rows])
    headline = np.zeros(len(table), bool)
    heads = np.cumsum([0] + [len(part) for part in lines])
    for row, part, head in zip(rows, lines, heads, strict=False):
        place = headline_of(part, row.document.title or "")
        if place is not None:
            headline[head + place] = True
    fold = np.array([fold_of(row.document.url, row.document.id) for row in rows])[document]
    return Set(name, rows, lines, table, line_features(table, FEATURES), document, share, headline, fold, clean)


def reshaped(text: str, rnd: random.Random) -> str:
    """A gold body in another shape that articles have."""
    lines = text.split("\n")
    begin = rnd.randrange(len(lines))
    margin = " " * rnd.randrange(1, 9)  # plain text as typed: RFCs, mails, old books
    filled = [line.strip() for line in lines if line.strip()]
    half = "\n\n".join(filled[: len(filled) // 2])  # prose, and then a list, references, a table
    rest = [line[: rnd.randrange(20, 160)] for line in filled[len(filled) // 2 :]]
    shapes: list[Callable[[], str]] = [
        lambda: re.sub(r"\n\s*\n", "\n", text),
        lambda: re.sub(r"\n+", "\n\n", text),
        lambda: re.sub(r'([.!?。！？][”"’)]?) *(?=\S)', r"\1\n", text),
        lambda: re.sub(r'([.!?][”"’)]?) +', r"\1\n\n", text),
        lambda: re.sub(r"[,;:] +|([.!?]) +", lambda match: (match[1] or "") + "\n", text),
        lambda: "\n".join(lines[begin : begin + rnd.randrange(3, 40)]),
        lambda: "\n".join("\n".join(textwrap.wrap(line, 72)) for line in lines),
        lambda: "\n".join(textwrap.fill(line, 72, initial_indent=margin, subsequent_indent=margin) for line in lines),
        lambda: "\n".join(line for line in filled if len(line) < 100),
        lambda: half + "\n\n" + "\n".join(f"  {i}. {line}" for i, line in enumerate(rest, 1)),
        lambda: half + "\n\n" + "\n".join(f"  • {line}" for line in rest),
        lambda: half + "\n\n" + "\n".join("\t\t".join(line.split(" ", 3)) for line in rest),
    ]
    return rnd.choice(shapes)()


def with_text(row: Row, text: str) -> Row:
    return replace(row, document=replace(row.document, text=text))


def gold_sets(name: str, rows: list[Row]) -> list[Set]:
    """The gold bodies of a corpus as texts of their own, half of them under their headline, and reshaped."""
    plain, other = [], []
    for row in rows:
        if not row.gold.strip():
            continue
        rnd = random.Random(row.document.id)
        title = " ".join((row.document.title or "").split())
        under = title and rnd.random() < 0.5
        plain.append(with_text(row, f"{title}\n\n{row.gold}" if under else row.gold))
        shapes = [reshaped(row.gold, rnd) for _ in range(SHAPES)]
        other += [with_text(row, shape) for shape in shapes if shape.strip()]
    both = (("gold", plain), ("reshaped", other))
    return [build(f"{name}: {what}", part, clean=True) for what, part in both if part]


def broken(part: Set) -> Any:
    """Whether each line is of a page whose gold is broken."""
    return np.array([row.document.id in UNSOUND for row in part.rows])[part.document]


def left_out(part: Set) -> float:
    """Share of the code points in lines that the gold does not hold that are of such pages."""
    size = np.where(part.share <= CHROME, part.size, 0)
    return float(size[broken(part)].sum() / max(1, size.sum()))


def targets(part: Set, power: float) -> tuple[Any, Any]:
    """Class (1: chrome) and weight of each line: about its length, and no document weighs more than 60,000.

    By ``power`` lines of a text of more than 6,000 code points weigh less, those of a shorter one more.
    """
    known = (part.share >= CONTENT) | ((part.share <= CHROME) & ~broken(part))
    chrome = (part.share <= CHROME) & ~part.headline
    weight = np.where(known, np.minimum(part.size, 400) + 10.0, 0.0)
    weight = np.where(part.headline, np.maximum(weight, 600.0), weight)
    if ".wet" not in part.name and not part.clean:
        weight *= 2
    if len(part.rows) < 300:  # a small set, of other languages and kinds of page
        weight *= 2
    total = np.bincount(part.document, weights=weight, minlength=len(part.rows))
    weight *= np.minimum(1, 60_000 / np.maximum(total, 1))[part.document]
    length = np.bincount(part.document, weights=part.size, minlength=len(part.rows))
    weight *= ((6_000 / np.maximum(length, 300)) ** power)[part.document]
    return chrome.astype(int), np.where(part.size <= CHARS, weight, 0)


def fit(sets: Sequence[Set], without: int | None, options: dict[str, Any]) -> str:
    """Model file of all lines but those of one fold."""
    from catboost import CatBoostClassifier, Pool

    boosters = []
    for directions, power, seed in FITS:
        values, classes, weights = [], [], []
        rng = np.random.default_rng(0)
        for part in sets:
            chrome, weight = targets(part, power)
            share = np.clip(weight / 150, 0.2, 1)  # light lines stand for several of their kind
            rows = np.flatnonzero((weight > 0) & (rng.random(len(weight)) < share) & (part.fold != without))
            values.append(part.values[:, rows].T)
            classes.append(chrome[rows])
            weights.append((weight / share)[rows] / 100)
        constraints = [directions.get(name, 0) for name in FEATURES]
        booster = CatBoostClassifier(**options, monotone_constraints=constraints, random_seed=seed)
        table = np.concatenate(values).astype(np.float32)
        booster.fit(Pool(table, np.concatenate(classes), weight=np.concatenate(weights)))
        boosters.append(booster)
    return with_floors(written(boosters), sets)


def written(boosters: Sequence[Any]) -> str:
    """The model file for the mean of what was fitted: scores in whole thousandths, borders rounded down."""
    fits = [saved(booster) for booster in boosters]
    bias = round(sum(data["scale_and_bias"][1][0] for data in fits) / len(fits) * SCALE)
    found = [tree for together in zip(*(data["oblivious_trees"] for data in fits), strict=True) for tree in together]
    trees = []
    levels = max(len(tree["splits"] or ()) for tree in found)
    for tree in filter(lambda tree: tree["splits"], found):
        splits = [[FEATURES[s["float_feature_index"]], math.floor(s["border"])] for s in tree["splits"]]
        leaves = [round(value / len(fits) * SCALE) for value in tree["leaf_values"]]
        while len(splits) < levels:
            splits, leaves = [*splits, splits[0]], leaves * 2
        trees.append({"splits": splits, "leaves": leaves})
    return model_text({"chars": CHARS, "bias": bias, "floors": []}, trees)


def saved(booster: Any) -> Any:
    """A fitted CatBoost model as the values of its JSON."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        booster.save_model(f"{folder}/model.json", format="json")
        return json.loads(Path(folder, "model.json").read_text())


def with_floors(text: str, sets: Sequence[Set]) -> str:
    """The model with the scores below which its first trees settle a line: hardly any line that the whole model takes
    for chrome at the lowest threshold of a bundled rule falls below one of them."""
    shapes = [rule.shape for rule in load_rules(profile="thorough").rules if rule.shape and rule.shape.model]
    lowest = min(shape.threshold for shape in shapes)
    data = json.loads(text)
    whole = load_model(text)
    chosen = [scores(part.table, whole) >= lowest * SCALE for part in sets]
    for end in STAGES:
        begun = load_model(json.dumps({**data, "trees": data["trees"][:end], "floors": []}))
        found = [scores(part.table, begun)[rows] for part, rows in zip(sets, chosen, strict=True)]
        data["floors"].append([end, int(np.quantile(np.concatenate(found), SETTLED_WRONGLY))])
    return model_text({key: data[key] for key in ("chars", "bias", "floors")}, data["trees"])


def model_text(head: dict[str, Any], trees: list[dict[str, Any]]) -> str:
    """The file: a tree a line."""
    used = {name for tree in trees for name, _ in tree["splits"]}
    names = json.dumps([name for name in FEATURES if name in used])
    body = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
    said = ", ".join(f'"{key}": {value}' for key, value in head.items())
    return f'{{"features": {names},\n{said},\n"trees": [\n{body}\n]}}\n'


# --- measures


def outcome(part: Set, gone: Any, full: bool) -> str:
    """What removing the lines does: chrome removed / content lost, and F1 where asked for."""
    known = ~np.isnan(part.share)
    chrome, content = known & (part.share <= CHROME), known & (part.share >= CONTENT)
    said = f"{part.size[content & gone].sum() / max(1, part.size[content].sum()):7.3%} lost"
    if part.clean:
        return said
    said = f"{part.size[chrome & gone].sum() / max(1, part.size[chrome].sum()):6.1%} removed {said}"
    if not full:
        return said
    heads = np.cumsum([0] + [len(lines) for lines in part.lines])
    texts = [
        "\n".join(line for line, drop in zip(lines, gone[head:], strict=False) if not drop)
        for lines, head in zip(part.lines, heads, strict=False)
    ]
    both = list(zip(part.rows, texts, strict=True))
    if pairs := [(text, row.gold) for row, text in both if row.gold.strip()]:
        return f"{said}  F1 {shingle_prf(pairs).f1:.4f}"
    return f"{said}  segment F1 {segment_prf((text, row.wanted, row.unwanted) for row, text in both).f1:.4f}"


def report(part: Set, score: Any, full: bool) -> None:
    print(part.name)
    if full and not part.clean:
        print(f"  as it is     {outcome(part, np.zeros(len(score), bool), True)}")
    for threshold in THRESHOLDS:
        gone = (score >= threshold * SCALE) & ~part.headline
        heads = int(((score >= threshold * SCALE) & part.headline).sum())
        print(f"  >= {threshold:4.1f}      {outcome(part, gone, full)}  headlines hit {heads}", flush=True)


def held_out(part: Set, models: Sequence[str]) -> Any:
    """The score of each line by the model of its fold, which has not seen its host."""
    found = np.stack([scores(part.table, load_model(text)) for text in models])
    return found[part.fold, np.arange(len(part.table))]


def together(paths: Sequence[str], profile: Profile, models: Sequence[str]) -> None:
    """What all bundled rules do, each page cleaned with the model that has not seen its host; its gold body, too."""
    rules = Cleaner(profile).ruleset.rules
    cleaners = [Cleaner(profile, RuleSet(tuple(with_model(rule, text) for rule in rules))) for text in models]
    for path in paths:
        rows = read_corpus(path)
        measured = measure(rows, clean_by_fold(cleaners, rows))
        clean = gold_as_input(rows)
        size = sum(len(row.document.text) for row in clean)
        lost = size - sum(len(result.text) for result in clean_by_fold(cleaners, clean))
        print(f"{said_of(path, profile, measured)}, of clean gold {lost / max(1, size):.3%}", flush=True)


def sound(paths: Sequence[str], profile: Profile) -> None:
    """What all bundled rules do, with the model that ships, on the pages whose gold is whole."""
    cleaner = Cleaner(profile)
    for path in paths:
        rows = [row for row in read_corpus(path) if row.document.id not in UNSOUND]
        measured = measure(rows, list(cleaner.clean_many(row.document for row in rows)))
        print(f"{said_of(path, profile, measured)}, {len(rows)} pages", flush=True)


def said_of(path: str, profile: Profile, measured: Report) -> str:
    """What a corpus comes to, in one line."""
    said = [Path(path).name, profile]
    if measured.shingle and measured.chrome_removed is not None and measured.content_lost is not None:
        said.append(f"shingle F1 {measured.shingle[2]:.4f}, chrome removed {measured.chrome_removed:.1%}")
        said.append(f"content lost {measured.content_lost:.2%}")
    if measured.segment:
        said.append(f"segment F1 {measured.segment[2]:.4f}")
    return ", ".join(said)


def with_model(rule: Rule, text: str) -> Rule:
    shape = rule.shape
    return rule if shape is None or shape.model is None else replace(rule, shape=replace(shape, model=text))


def clean_by_fold(cleaners: Sequence[Cleaner], rows: Sequence[Row]) -> list[Cleaned]:
    folds = [fold_of(row.document.url, row.document.id) for row in rows]
    results: list[Cleaned | None] = [None] * len(rows)
    for fold, cleaner in enumerate(cleaners):
        own = [i for i, each in enumerate(folds) if each == fold]
        for i, result in zip(own, cleaner.clean_many(rows[i].document for i in own), strict=True):
            results[i] = result
    return [result for result in results if result is not None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="+")
    parser.add_argument("--cv", action="store_true", help="cross-validate")
    parser.add_argument("--together", nargs="+", default=[], choices=PROFILES, help="with --cv: all rules, cleaning")
    parser.add_argument("--sound", choices=PROFILES, help="only measure what ships on pages whose gold is whole")
    parser.add_argument("--check", nargs="+", default=[], metavar="OTHER", help="measure on others")
    parser.add_argument("--write", metavar="FILE", help="write the model fitted on everything")
    parser.add_argument("--full", action="store_true", help="F1 as well (slow)")
    parser.add_argument("--iterations", type=int, default=OPTIONS["iterations"])
    args = parser.parse_args()
    options = {**OPTIONS, "iterations": args.iterations}
    if args.sound:
        sound(args.corpus, args.sound)
        return
    sets, seen = load_sets(args.corpus)
    if args.cv:
        models = [fit(sets, fold, options) for fold in range(FOLDS)]
        for part in sets:
            report(part, held_out(part, models), args.full)
        for profile in args.together:
            together(args.corpus, profile, models)
    if args.check or args.write:
        text = fit(sets, None, options)
        model = load_model(text)
        for part in load_sets(args.check, seen)[0]:
            report(part, scores(part.table, model), args.full)
        if args.write:
            Path(args.write).write_text(text, encoding="utf-8")


def load_sets(paths: Sequence[str], seen: set[int] | None = None) -> tuple[list[Set], set[int]]:
    """The corpora, and their gold bodies, each page's once."""
    seen = set() if seen is None else seen
    sets = []
    for path in paths:
        rows = read_corpus(path)
        name = Path(path).name.removesuffix(".zst").removesuffix(".jsonl")
        sets.append(build(name, rows))
        print(f"{name}: {left_out(sets[-1]):.1%} of what the gold does not hold is left out, as the gold is broken")
        fresh = [row for row in rows if row.gold and zlib.crc32(row.gold.encode()) not in seen]
        seen |= {zlib.crc32(row.gold.encode()) for row in fresh}
        sets += gold_sets(name, fresh)
    return sets, seen


if __name__ == "__main__":
    main()
