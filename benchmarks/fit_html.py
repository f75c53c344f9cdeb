"""Fit the judgement of lines by which web pages are read, and say honestly how good it is.

    python -m benchmarks.fit_html [--corpora FOLDER] [--sets readability wcxb-dev traf-dev] --cv [--told]
    python -m benchmarks.fit_html … --write cleaner/extract/lines.json

A line counts as text as far as the gold holds its words (`shares_in_gold`), weighted by its part of the gold; lines of
pages that only have snippets count where a snippet says so, and of pages whose gold is broken (`gold.BROKEN`)
only lines that it holds. `--cv` prints the figures of five-fold cross-validation by host, of the extractor alone and
with the rules of --profile on top: for the fast path and, with `--told`, for the one that trafilatura has a say in.
`--check SET` fits on the other sets and measures on that one. The model is a sum of oblivious trees (CatBoost), the
mean of BAG fits that differ in their seed, written as whole numbers. Needs the `fit` extra.
"""

from __future__ import annotations

import argparse
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from benchmarks.fit_shapes import saved
from benchmarks.gold import BROKEN
from benchmarks.html_pages import SETS, figures, labelled_pages
from benchmarks.texts import CORPORA
from cleaner import Cleaner
from cleaner.check.corpus import Row
from cleaner.check.measures import CONTENT, shares_in_gold, tokens
from cleaner.document import Document
from cleaner.extract import precise
from cleaner.extract.agree import agreed
from cleaner.extract.charset import to_utf8
from cleaner.extract.fast import THRESHOLD, Extraction, ParsedPage, adjusted, assemble, parse_page
from cleaner.extract.features import FEATURES
from cleaner.extract.markup import Frameset, Unbalanced

FOLDS = 5
SCALE = 1000
BAG = 4
"""Fits whose mean is the model: with few pages, which lines a fit happens to see moves the figures."""
WEIGHT = {"readability": 3.0, "traf-dev": 2.0}
"""Small sets and those of other languages speak louder, or English blogs would decide alone."""
OPTIONS: dict[str, Any] = {
    "loss_function": "CrossEntropy", "iterations": 150, "depth": 6, "learning_rate": 0.1, "l2_leaf_reg": 8,
    "border_count": 32, "rsm": 0.4, "bootstrap_type": "Bernoulli", "subsample": 0.8,
    "thread_count": 2, "verbose": 0, "allow_writing_files": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """One page, measured and labelled."""

    set: str
    row: Row
    fold: int
    parsed: ParsedPage
    told: Extraction | None
    """What trafilatura finds, if it was asked."""
    target: Any
    """How much of each line the gold holds; NaN where nobody says."""
    weight: Any

    @property
    def values(self) -> Any:
        """FEATURES × lines."""
        return self.parsed.values


def labelled(name: str, row: Row, page: bytes, ask: bool) -> Labelled | None:
    """A page of a set with what its gold says about its lines; None for one without lines. ``ask`` trafilatura, too."""
    utf8 = to_utf8(page)
    try:
        parsed = parse_page(utf8)
    except (Frameset, Unbalanced):
        return None
    text = parsed.lines.text
    if not text:
        return None
    size = np.array([len(tokens(line)) for line in text], dtype=np.float64)
    target = np.full(len(text), np.nan)
    if row.gold.strip():
        shares = [share for _, share in shares_in_gold("\n".join(text), row.gold)]
        target[:] = [np.nan if share is None else share for share in shares]
        if row.document.id in BROKEN:
            target[target < CONTENT] = np.nan
        weight = (size + 1) / (len(tokens(row.gold)) + 50)
    else:
        for snippets, value in ((row.unwanted, 0.0), (row.wanted, 1.0)):
            for snippet in snippets:
                target[[snippet in line for line in text]] = value
        weight = np.minimum((size + 5) / 600, 0.03)
    url = row.document.url
    host = (urlsplit(url or "").hostname or row.document.id or "").removeprefix("www.")
    fold = zlib.crc32(host.encode()) % FOLDS
    told = precise.find(utf8.decode("utf-8", "replace"), url, False, 60) if ask else None
    return Labelled(name, row, fold, parsed, told, target, weight * 100 * WEIGHT.get(name, 1.0))


def fit(pages: list[Labelled], features: list[int], seeds: int = BAG) -> list[Any]:
    """The fitted CatBoost models, one for each seed."""
    from catboost import CatBoostClassifier

    known = [~np.isnan(page.target) for page in pages]
    values = np.concatenate([page.values[features][:, ok].T for page, ok in zip(pages, known, strict=True)])
    target = np.concatenate([page.target[ok] for page, ok in zip(pages, known, strict=True)])
    weight = np.concatenate([page.weight[ok] for page, ok in zip(pages, known, strict=True)])
    models = (CatBoostClassifier(**OPTIONS, random_seed=seed) for seed in range(seeds))
    return [model.fit(values, target, sample_weight=weight) for model in models]


def judged(models: list[Any], pages: list[Labelled], features: list[int]) -> list[Any]:
    """Scores of each page's lines, in thousandths of log-odds."""
    return [
        np.mean([model.predict(page.values[features].T, prediction_type="RawFormulaVal") for model in models], axis=0)
        * SCALE
        for page in pages
    ]


def held_out(pages: list[Labelled], features: list[int]) -> list[Any]:
    """The same by cross-validation: each page is judged by models that have not seen its host."""
    scores: dict[int, Any] = {}
    for fold in range(FOLDS):
        models = fit([page for page in pages if page.fold != fold], features)
        held = [i for i, page in enumerate(pages) if page.fold == fold]
        scores.update(zip(held, judged(models, [pages[i] for i in held], features), strict=True))
    return [scores[i] for i in range(len(pages))]


def report(cleaner: Cleaner, pages: list[Labelled], scores: list[Any]) -> None:
    """Print the figures of each set and path, alone and cleaned."""
    for name in dict.fromkeys(page.set for page in pages):
        chosen = [(page, told) for page, told in zip(pages, scores, strict=True) if page.set == name]
        rows = [page.row for page, _ in chosen]
        ways = {"fast": [adjusted(page.parsed, told) >= THRESHOLD for page, told in chosen]}
        if any(page.told for page, _ in chosen):
            ways["trafilatura"] = [
                agreed(page.parsed, told, page.told.text) if page.told else alone
                for (page, told), alone in zip(chosen, ways["fast"], strict=True)
            ]
        for way, kept in ways.items():
            found = [assemble(page.parsed, keep) for (page, _), keep in zip(chosen, kept, strict=True)]
            documents = [
                Document(one.text, url=row.document.url, title=one.title, lang=one.lang)
                for one, row in zip(found, rows, strict=True)
            ]
            alone = figures(rows, [document.text for document in documents])
            cleaned = figures(rows, [result.text for result in cleaner.clean_many(documents)])
            print(f"{name:12s} {way:12s} alone {alone}  cleaned {cleaned}", flush=True)


def best(model: Any, features: list[int], count: int) -> list[int]:
    """The features that matter most, in their own order."""
    order = np.argsort(-np.asarray(model.get_feature_importance()))[:count]
    return sorted(features[i] for i in order)


def written(models: list[Any], features: list[int]) -> dict[str, Any]:
    """What the model's file holds: whole numbers, and only the features that are asked for."""
    trees, bias = [], 0.0
    for model in models:
        data = saved(model)
        scale, (base,) = data["scale_and_bias"]
        bias += base / len(models)
        worth = SCALE * scale / len(models)
        trees += [(tree["splits"], np.array(tree["leaf_values"]) * worth) for tree in data["oblivious_trees"]]
    used = sorted({split["float_feature_index"] for asked, _ in trees for split in asked})
    place = {feature: i for i, feature in enumerate(used)}
    splits, leaves = [], []
    for questions, given in trees:
        asked = [[place[s["float_feature_index"]], float(np.float32(s["border"]))] for s in questions]
        values = [round(value) for value in given.tolist()]
        # A tree that stopped early asks its first question again, which changes nothing but its shape.
        while len(asked) < OPTIONS["depth"]:
            asked.append(asked[0])
            values = values + values
        splits.append(asked)
        leaves.append(values)
    names = [FEATURES[features[i]] for i in used]
    return {"features": names, "bias": round(bias * SCALE), "splits": splits, "leaves": leaves}


def main() -> None:
    """Measure by cross-validation or on another set, or fit on everything and write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=CORPORA)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--features", type=int, default=72, help="number of features that the model may ask for")
    parser.add_argument("--cv", action="store_true")
    parser.add_argument("--told", action="store_true", help="measure the path with trafilatura as well")
    parser.add_argument("--profile", default="balanced")
    parser.add_argument("--check", choices=SETS)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    pages = [
        found
        for name in arguments.sets
        for row, page in labelled_pages(arguments.corpora, name)
        if (found := labelled(name, row, page, arguments.told))
    ]
    everything = list(range(len(FEATURES)))
    features = best(fit(pages, everything, 1)[0], everything, arguments.features)
    cleaner = Cleaner(profile=arguments.profile)
    if arguments.cv:
        report(cleaner, pages, held_out(pages, features))
    if arguments.check:
        rest = [page for page in pages if page.set == arguments.check]
        models = fit([page for page in pages if page.set != arguments.check], features)
        report(cleaner, rest, judged(models, rest, features))
    if arguments.write:
        models = fit(pages, features)
        arguments.write.write_text(json.dumps(written(models, features), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
