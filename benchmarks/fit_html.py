"""Fit the judgement of lines by which the fast path reads web pages, and say honestly how good it is.

    python benchmarks/fit_html.py [--corpora ../shared/corpora] [--sets readability wcxb-dev traf-dev] --cv
    python benchmarks/fit_html.py … --write cleaner/extract/lines.json

A line counts as text as far as the gold holds its words (`score.label`), weighted by its part of the gold; lines of
pages that only have snippets count where a snippet says so. `--cv` prints the figures of five-fold cross-validation by
host, at several thresholds; `--check SET` fits on the other sets and measures on that one. The model is a sum of
oblivious trees (CatBoost), written as whole numbers. Needs the `fit` extra, and `score.py` in the folder --tools.
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from html_pages import Row, figures, labelled_pages

from cleaner.extract.charset import to_utf8
from cleaner.extract.fast import lines_of
from cleaner.extract.features import FEATURES
from cleaner.extract.markup import Unbalanced

FOLDS = 5
SCALE = 1000
THRESHOLDS = (-600, -400, -200, 0)
WEIGHT = {"readability": 3.0, "traf-dev": 2.0}
"""Small sets and those of other languages speak louder, or English blogs would decide alone."""
OPTIONS: dict[str, Any] = {
    "loss_function": "CrossEntropy", "iterations": 120, "depth": 6, "learning_rate": 0.12, "l2_leaf_reg": 5,
    "border_count": 32, "rsm": 0.4, "bootstrap_type": "Bernoulli", "subsample": 0.8, "random_seed": 1,
    "thread_count": 2, "verbose": 0, "allow_writing_files": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """One page, measured and labelled."""

    set: str
    row: Row
    fold: int
    text: list[str]
    values: Any
    """FEATURES × lines."""
    target: Any
    """How much of each line the gold holds; NaN where nobody says."""
    weight: Any


def labelled(score: Any, name: str, row: Row, page: bytes) -> Labelled | None:
    """A page of a set with what its gold says about its lines; None for one without lines."""
    try:
        read = lines_of(to_utf8(page)).page
    except Unbalanced:
        return None
    text = read.lines.text
    if not text:
        return None
    tokens = np.array([len(score.tokens(line)) for line in text], dtype=np.float64)
    target = np.full(len(text), np.nan)
    if (row.get("gold") or "").strip():
        shares = [share for _, share in score.label("\n".join(text), row["gold"])]
        target[:] = [np.nan if share is None else share for share in shares]
        weight = (tokens + 1) / (len(score.tokens(row["gold"])) + 50)
    else:
        for told, value in (("without", 0.0), ("with", 1.0)):
            for snippet in row.get(told) or ():
                target[[snippet in line for line in text]] = value
        weight = np.minimum((tokens + 5) / 600, 0.03)
    host = (urlsplit(row.get("url") or "").hostname or str(row["id"])).removeprefix("www.")
    fold = zlib.crc32(host.encode()) % FOLDS
    return Labelled(name, row, fold, text, read.values, target, weight * 100 * WEIGHT.get(name, 1.0))


def fit(pages: list[Labelled], features: list[int]) -> Any:
    """The fitted CatBoost model."""
    from catboost import CatBoostClassifier

    known = [~np.isnan(page.target) for page in pages]
    model = CatBoostClassifier(**OPTIONS)
    return model.fit(
        np.concatenate([page.values[features][:, ok].T for page, ok in zip(pages, known, strict=True)]),
        np.concatenate([page.target[ok] for page, ok in zip(pages, known, strict=True)]),
        sample_weight=np.concatenate([page.weight[ok] for page, ok in zip(pages, known, strict=True)]),
    )


def judged(model: Any, pages: list[Labelled], features: list[int]) -> list[Any]:
    """Scores of each page's lines, in thousandths of log-odds."""
    return [model.predict(page.values[features].T, prediction_type="RawFormulaVal") * SCALE for page in pages]


def report(score: Any, pages: list[Labelled], scores: list[Any]) -> None:
    """Print the figures of each set at each threshold."""
    for name in dict.fromkeys(page.set for page in pages):
        chosen = [i for i, page in enumerate(pages) if page.set == name]
        rows = [pages[i].row for i in chosen]
        for threshold in THRESHOLDS:
            texts = ["\n".join(np.array(pages[i].text)[scores[i] >= threshold].tolist()) for i in chosen]
            print(f"{name:12s} {threshold:6d} {figures(score, rows, texts)}", flush=True)


def best(model: Any, features: list[int], count: int) -> list[int]:
    """The features that matter most, in their own order."""
    order = np.argsort(-np.asarray(model.get_feature_importance()))[:count]
    return sorted(features[i] for i in order)


def written(model: Any, features: list[int]) -> dict[str, Any]:
    """What the model's file holds: whole numbers, and only the features that are asked for."""
    path = Path(sys.argv[0]).with_suffix(".tmp.json")
    model.save_model(str(path), format="json")
    data = json.loads(path.read_text())
    path.unlink()
    trees = data["oblivious_trees"]
    scale, (bias,) = data["scale_and_bias"]
    used = sorted({split["float_feature_index"] for tree in trees for split in tree["splits"]})
    place = {feature: i for i, feature in enumerate(used)}
    depth = OPTIONS["depth"]
    splits, leaves = [], []
    for tree in trees:
        asked = [[place[s["float_feature_index"]], float(np.float32(s["border"]))] for s in tree["splits"]]
        values = [round(value * scale * SCALE) for value in tree["leaf_values"]]
        # A tree that stopped early asks its first question again, which changes nothing but its shape.
        while len(asked) < depth:
            asked.append(asked[0])
            values = values + values
        splits.append(asked)
        leaves.append(values)
    names = [FEATURES[features[i]] for i in used]
    return {"features": names, "bias": round(bias * SCALE), "splits": splits, "leaves": leaves}


def main() -> None:
    """Measure by cross-validation or on another set, or fit on everything and write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--tools", type=Path, default=Path("../shared/tools"))
    parser.add_argument("--sets", nargs="+", default=["readability", "wcxb-dev", "traf-dev"])
    parser.add_argument("--features", type=int, default=72, help="number of features that the model may ask for")
    parser.add_argument("--cv", action="store_true")
    parser.add_argument("--check", choices=["readability", "wcxb-dev", "traf-dev"])
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.tools))
    import score

    found = (labelled(score, name, row, page) for name in arguments.sets
             for row, page in labelled_pages(arguments.corpora, name))  # fmt: skip
    pages = [page for page in found if page is not None]
    features = best(fit(pages, list(range(len(FEATURES)))), list(range(len(FEATURES))), arguments.features)
    if arguments.cv:
        scores: dict[int, Any] = {}
        for fold in range(FOLDS):
            model = fit([page for page in pages if page.fold != fold], features)
            held = [i for i, page in enumerate(pages) if page.fold == fold]
            scores.update(zip(held, judged(model, [pages[i] for i in held], features), strict=True))
        report(score, pages, [scores[i] for i in range(len(pages))])
    if arguments.check:
        rest = [page for page in pages if page.set == arguments.check]
        model = fit([page for page in pages if page.set != arguments.check], features)
        report(score, rest, judged(model, rest, features))
    if arguments.write:
        model = fit(pages, features)
        arguments.write.write_text(json.dumps(written(model, features), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
