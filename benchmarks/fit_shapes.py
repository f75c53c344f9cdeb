"""Fit the model of the shape rules from labelled pages, and say honestly how good it is.

    python benchmarks/fit_shapes.py CORPUS... --write rules/common/furniture.json     fit on all, write the model
    python benchmarks/fit_shapes.py CORPUS... --cv                                    five-fold cross-validation by host
    python benchmarks/fit_shapes.py CORPUS... --check OTHER...                        fit on some, measure on others

CORPUS and OTHER are JSON lines (also .zst): rows with `id`, `url`, `title`, `text`, and `gold` (the article body) or
the snippets `with` and `without`. A line is chrome if the gold holds at most a quarter of its words, content from three
quarters on; the rest is not counted. The gold bodies themselves, as they are and reshaped (a sentence a line, wrapped,
cut, as verse), are training texts without any chrome, so that clean text stays clean. The headline is content,
whatever the gold says. Needs the `fit` extra, and the measure (`score.py`) in the folder named by --tools.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sys
import textwrap
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from cleaner.match.around import Around
from cleaner.match.counts import SHORT, Rows, count, rows_of
from cleaner.match.model import NEVER, SCALE, Model, first_scores, load_model, scores
from cleaner.match.table import Table
from cleaner.text.features import OWN

FOLDS = 5
SHAPES = 3  # of each gold body
CHARS = SHORT  # longer lines are left to the wording rules
FLOOR = 0.003  # of the chrome's weight falls below the floor of the first part
OPTIONS = {
    "border_count": 16, "l2_leaf_reg": 30, "bootstrap_type": "MVS", "subsample": 0.6, "random_strength": 1,
    "random_seed": 1, "thread_count": 1, "verbose": 0, "allow_writing_files": False,
}  # fmt: skip
ALONE = {"iterations": 16, "depth": 4, "learning_rate": 0.35}
AROUND = {"iterations": 50, "depth": 5, "learning_rate": 0.25, "rsm": 0.7}
THRESHOLDS = (-0.5, 0.0, 0.3, 0.6, 0.9, 1.2, 1.5, 1.8, 2.1, 2.4, 2.7, 3.0, 3.3, 3.6, 4.0, 4.5, 5.0)
FEATURES_ALONE = [name for name in OWN if name not in ("prose", "closed", "listed", "dense", "furniture")]
FEATURES_AROUND = [
    "score", "score_near2", "score_near5", "score_near15", "score_up5", "score_down5", "doc_prose_chars", "doc_mean",
    "doc_prose", "doc_listed", "doc_lines", "since_comment", "since_related", "until_legal", "since_author",
    "until_comment", "since_subscribe", "padded", "share_before", "prose_before", "prose_after", "from_top",
    "begins_small_near15", "smalls_near15", "gap_above", "gap_below", "gap_below_near5", "closed_near2", "words",
]  # fmt: skip


@dataclass
class Set:
    """One corpus as arrays: a row for each non-blank line."""

    name: str
    rows: list[dict[str, Any]]
    lines: list[list[str]]
    table: Rows
    own: Any
    document: Any
    share: Any
    """Of the line's words that the gold holds; NaN: nobody knows."""
    headline: Any
    fold: Any
    clean: bool
    """Gold bodies: nothing in them is chrome."""

    @property
    def size(self) -> Any:
        return self.own[0]


def host(row: dict[str, Any]) -> str:
    """What must not stand in two folds: the host, or the page where the address tells none."""
    name = urlsplit(row.get("url") or "").hostname or ""
    return row["id"] if not name or "fake" in name else name.removeprefix("www.")


def shares(row: dict[str, Any], label: Callable[[str, str], Iterable[tuple[str, float | None]]]) -> list[float]:
    if (row.get("gold") or "").strip():
        return [math.nan if share is None else share for _, share in label(row["text"], row["gold"])]
    found = []
    for line in filter(str.strip, row["text"].split("\n")):
        inside = any(snippet in line for snippet in row.get("with") or ())
        outside = any(snippet in line for snippet in row.get("without") or ())
        found.append(math.nan if inside == outside else float(inside))
    return found


def headline_of(lines: Sequence[str], title: str, tokens: Callable[[str], list[str]]) -> int | None:
    """Number of the first line that says the page's title, or most of it."""
    said = tokens(title.lower())
    for i, line in enumerate(lines):
        words = tokens(line.lower()) if len(line) <= 250 else []
        if len(words) >= min(3, len(said)) > 1 and (said[: len(words)] == words or words[: len(said)] == said):
            return i
    return None


def build(name: str, rows: list[dict[str, Any]], tools: Any, clean: bool = False) -> Set:
    bounds = np.cumsum([0] + [row["text"].count("\n") + 1 for row in rows])
    table = rows_of(Table([row["text"] for row in rows]), bounds)
    lines = [[line for line in row["text"].split("\n") if line.strip()] for row in rows]
    document = np.repeat(np.arange(len(rows)), [len(part) for part in lines])
    assert len(document) == len(table)
    share = np.ones(len(table)) if clean else np.concatenate([shares(row, tools.label) for row in rows])
    headline = np.zeros(len(table), bool)
    heads = np.cumsum([0] + [len(part) for part in lines])
    for row, part, head in zip(rows, lines, heads, strict=False):
        place = headline_of(part, row.get("title") or "", tools.tokens)
        if place is not None:
            headline[head + place] = True
    fold = np.array([zlib.crc32(host(row).encode()) % FOLDS for row in rows])[document]
    return Set(name, rows, lines, table, count(table), document, share, headline, fold, clean)


def reshaped(text: str, rnd: random.Random) -> str:
    """A gold body in another shape that articles have."""
    lines = text.split("\n")
    begin = rnd.randrange(len(lines))
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
        lambda: "\n".join(line for line in filled if len(line) < 100),
        lambda: half + "\n\n" + "\n".join(f"  {i}. {line}" for i, line in enumerate(rest, 1)),
        lambda: half + "\n\n" + "\n".join(f"  • {line}" for line in rest),
        lambda: half + "\n\n" + "\n".join(f"{i}. ^ {line}. Retrieved {i + 1990}." for i, line in enumerate(rest, 1)),
        lambda: "\n\n".join(textwrap.indent("\n".join(textwrap.wrap(line, 66)), "   ") for line in filled),
        lambda: half + "\n\n" + "\n".join("\t\t".join(line.split(" ", 3)) for line in rest),
    ]
    return rnd.choice(shapes)()


def gold_sets(name: str, rows: list[dict[str, Any]], tools: Any) -> list[Set]:
    """The gold bodies of a corpus as texts of their own, half of them under their headline, and reshaped."""
    plain, other = [], []
    for row in rows:
        if not (row.get("gold") or "").strip():
            continue
        rnd = random.Random(row["id"])
        title = " ".join((row.get("title") or "").split())
        under = title and rnd.random() < 0.5
        plain.append({**row, "text": f"{title}\n\n{row['gold']}" if under else row["gold"]})
        shapes = [reshaped(row["gold"], rnd) for _ in range(SHAPES)]
        other += [{**row, "text": shape} for shape in shapes if shape.strip()]
    both = (("gold", plain), ("reshaped", other))
    return [build(f"{name}: {what}", part, tools, clean=True) for what, part in both if part]


def targets(part: Set) -> tuple[Any, Any]:
    """Class (1: chrome) and weight of each line: about its length, and no document weighs more than 60,000."""
    known = ~np.isnan(part.share) & ((part.share <= 0.25) | (part.share >= 0.75))
    chrome = (part.share <= 0.25) & ~part.headline
    weight = np.where(known, np.minimum(part.size, 400) + 10.0, 0.0)
    weight = np.where(part.headline, np.maximum(weight, 600.0), weight)
    if ".wet" not in part.name and not part.clean:
        weight *= 2
    if len(part.rows) < 300:  # a small set, of other languages and kinds of page
        weight *= 2
    total = np.bincount(part.document, weights=weight, minlength=len(part.rows))
    weight *= np.minimum(1, 60_000 / np.maximum(total, 1))[part.document]
    return chrome.astype(int), np.where(part.size <= CHARS, weight, 0)


def fit(sets: Sequence[Set], without: int | None) -> str:
    """Model file of all lines but those of one fold."""
    rng = np.random.default_rng(0)
    samples = []
    for part in sets:
        chrome, weight = targets(part)
        share = np.clip(weight / 60, 0.35, 1)  # light lines stand for several of their kind
        if part.name.endswith("reshaped"):
            share = share / 2
        rows = np.flatnonzero((weight > 0) & (rng.random(len(weight)) < share) & (part.fold != without))
        samples.append((part, rows, chrome[rows], (weight / share)[rows] / 100))
    classes = np.concatenate([chrome for _, _, chrome, _ in samples])
    weights = np.concatenate([weight for *_, weight in samples])

    def trees(names: Sequence[str], values: list[Any], options: dict[str, Any]) -> dict[str, Any]:
        from catboost import CatBoostClassifier, Pool

        booster = CatBoostClassifier(**OPTIONS, **options)
        booster.fit(Pool(np.concatenate(values, axis=1).T.astype(np.float32), classes, weight=weights))
        return written(booster, names)

    at = [OWN.index(name) for name in FEATURES_ALONE]
    alone = trees(FEATURES_ALONE, [part.own[at][:, rows] for part, rows, *_ in samples], ALONE)
    begun = {"chars": CHARS, "floor": NEVER, "alone": alone, "around": alone}
    model = load_model(json.dumps(begun))
    values, first = [], []
    for part, rows, *_ in samples:
        score = first_scores(part.own, model)[1]
        values.append(Around(part.table, part.own, score, rows).read(FEATURES_AROUND))
        first.append(score[rows])
    around = trees(FEATURES_AROUND, values, AROUND)
    return model_text(CHARS, floor_of(np.concatenate(first), classes * weights), alone, around)


def floor_of(scores: Any, weights: Any) -> int:
    """The first score that hardly any chrome falls below."""
    order = np.argsort(scores, kind="stable")
    below = np.cumsum(weights[order]) <= FLOOR * weights.sum()
    return int(scores[order][below.sum()])


def written(booster: Any, names: Sequence[str]) -> dict[str, Any]:
    """What was fitted, as a model file has it: scores in whole thousandths, borders rounded down."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        booster.save_model(f"{folder}/model.json", format="json")
        data = json.loads(Path(folder, "model.json").read_text())
    trees: list[dict[str, Any]] = []
    levels = max(len(tree["splits"]) for tree in data["oblivious_trees"])
    for tree in data["oblivious_trees"]:
        splits = [[names[s["float_feature_index"]], math.floor(s["border"])] for s in tree["splits"]]
        leaves = [round(value * SCALE) for value in tree["leaf_values"]]
        while len(splits) < levels:
            splits, leaves = [*splits, splits[0]], leaves * 2
        trees.append({"splits": splits, "leaves": leaves})
    used = {name for tree in trees for name, _ in tree["splits"]}
    bias = round(data["scale_and_bias"][1][0] * SCALE)
    return {"features": [name for name in names if name in used], "bias": bias, "trees": trees}


def model_text(chars: int, floor: int, alone: dict[str, Any], around: dict[str, Any]) -> str:
    """The file: a tree a line."""

    def text(part: dict[str, Any]) -> str:
        trees = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in part["trees"])
        return f'{{"features": {json.dumps(part["features"])}, "bias": {part["bias"]}, "trees": [\n{trees}\n]}}'

    return f'{{"chars": {chars}, "floor": {floor},\n"alone": {text(alone)},\n"around": {text(around)}}}\n'


def scores_of(part: Set, model: Model) -> Any:
    """Every row's score, NEVER for those that the model leaves alone."""
    result = np.full(len(part.table), NEVER)
    picked, score = scores(part.table, model, part.own)
    result[picked] = score
    return result


# --- measures


def outcome(part: Set, gone: Any, tools: Any, full: bool) -> str:
    """What removing the lines does: chrome removed / content lost, and F1 where asked for."""
    known = ~np.isnan(part.share)
    chrome, content = known & (part.share <= 0.25), known & (part.share >= 0.75)
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
    if pairs := [(text, row["gold"]) for row, text in both if (row.get("gold") or "").strip()]:
        return f"{said}  F1 {tools.shingle_prf(pairs)[2]:.4f}"
    measured, _, _ = tools.score(part.rows, {row["id"]: text for row, text in both})
    return f"{said}  segment F1 {measured['segment'][2]:.4f}"


def report(part: Set, score: Any, tools: Any, full: bool) -> None:
    print(part.name)
    if full and not part.clean:
        print(f"  as it is     {outcome(part, np.zeros(len(score), bool), tools, True)}")
    for threshold in THRESHOLDS:
        gone = (score >= threshold * SCALE) & ~part.headline
        heads = int(((score >= threshold * SCALE) & part.headline).sum())
        print(f"  >= {threshold:4.1f}      {outcome(part, gone, tools, full)}  headlines hit {heads}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="+")
    parser.add_argument("--cv", action="store_true", help="cross-validate")
    parser.add_argument("--check", nargs="+", default=[], metavar="OTHER", help="measure on others")
    parser.add_argument("--write", metavar="FILE", help="write the model fitted on everything")
    parser.add_argument("--full", action="store_true", help="F1 as well (slow)")
    parser.add_argument("--tools", default="../shared/tools", help="folder of score.py")
    args = parser.parse_args()
    sys.path.insert(0, args.tools)
    import score as tools

    sets, seen = load_sets(args.corpus, tools)
    if args.cv:
        results = [np.zeros(len(part.table), np.int64) for part in sets]
        for fold in range(FOLDS):
            model = load_model(fit(sets, fold))
            for part, result in zip(sets, results, strict=True):
                result[part.fold == fold] = scores_of(part, model)[part.fold == fold]
        for part, result in zip(sets, results, strict=True):
            report(part, result, tools, args.full)
    if args.check or args.write:
        text = fit(sets, None)
        model = load_model(text)
        for part in load_sets(args.check, tools, seen)[0]:
            report(part, scores_of(part, model), tools, args.full)
        if args.write:
            Path(args.write).write_text(text, encoding="utf-8")


def load_sets(paths: Sequence[str], tools: Any, seen: set[int] | None = None) -> tuple[list[Set], set[int]]:
    """The corpora, and their gold bodies, each page's once."""
    seen = set() if seen is None else seen
    sets = []
    for path in paths:
        rows = tools.load(path)
        name = Path(path).name.removesuffix(".zst").removesuffix(".jsonl")
        sets.append(build(name, rows, tools))
        fresh = [row for row in rows if row.get("gold") and zlib.crc32(row["gold"].encode()) not in seen]
        seen |= {zlib.crc32(row["gold"].encode()) for row in fresh}
        sets += gold_sets(name, fresh, tools)
    return sets, seen


if __name__ == "__main__":
    main()
