"""From levels of agreement to a probability: a logistic model whose weights stand in model.json."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from probatum.records.dedup.features import LEVELS

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Levels = dict[str, NDArray[Any]]

_SPEAK = ("volumes", "issues", "pages", "dois", "pmids", "venue", "abstracts", "numbers", "kinds",
          "author", "names", "words")  # fmt: skip


def _none_against(x: Levels) -> Bools:
    """A year apart is the year online and the year in print."""
    out: Bools = np.logical_and.reduce([x["years"] >= -1, *(x[name] >= 0 for name in _SPEAK)])
    return out


#: What agrees or disagrees together counts for more (or less) than each alone: name, sign, test.
TOGETHER: dict[str, tuple[int, Callable[[Levels], Bools]]] = {
    "volume and page": (1, lambda x: (x["volumes"] > 0) & (x["pages"] >= 2)),
    "title, author and page": (
        1, lambda x: (x["title"] >= 2) & (x["author"] >= 1) & (x["pages"] >= 2)),
    "title, author, year and journal": (
        1, lambda x: (x["title"] >= 2) & (x["words"] >= 0) & (x["author"] == 2)
        & (x["years"] == 1) & (x["venue"] > 0)),
    "title, authors and volume": (
        1, lambda x: (x["title"] >= 3) & (x["author"] == 2) & (x["names"] >= 1) & (x["venue"] > 0)
        & (x["volumes"] > 0) & (x["pages"] >= -1) & ~x["generic"]),
    "title, authors, volume and issue": (
        1, lambda x: (x["title"] >= 3) & (x["author"] == 2) & (x["names"] >= 1) & (x["years"] == 1)
        & (x["volumes"] > 0) & (x["issues"] > 0) & (x["pages"] >= -1) & ~x["generic"]),
    "title, authors, volume and page": (
        1, lambda x: (x["title"] >= 3) & (x["author"] >= 1) & (x["names"] >= 1)
        & (x["volumes"] > 0) & (x["pages"] >= 3)),
    "volume and issue": (1, lambda x: (x["volumes"] > 0) & (x["issues"] > 0)),
    "identifier, title and author": (
        1, lambda x: ((x["dois"] > 0) | (x["pmids"] > 0)) & ((x["title"] >= 1) | (x["part"] > 0))
        & (x["author"] >= 0)),
    "title and abstract": (1, lambda x: (x["title"] >= 2) & (x["abstracts"] == 2)),
    "title, and nothing against": (1, lambda x: (x["title"] >= 2) & _none_against(x)),
    "part, and nothing against": (1, lambda x: (x["part"] > 0) & _none_against(x)),
    "pages and author": (1, lambda x: (x["pages"] == 4) & (x["author"] == 2)),
    "other volume and page": (-1, lambda x: (x["volumes"] < 0) & (x["pages"] < 0)),
    "other journal and page": (-1, lambda x: (x["venue"] < 0) & (x["pages"] < 0)),
    "other journal and volume": (-1, lambda x: (x["venue"] < 0) & (x["volumes"] < 0)),
    "other issue and page": (-1, lambda x: (x["issues"] < 0) & (x["pages"] < 0)),
    "other author and title": (-1, lambda x: (x["author"] < 0) & (x["title"] < 2)),
    "generic title without a place": (
        -1, lambda x: x["generic"] & (x["pages"] < 2) & (x["dois"] < 1)),
}  # fmt: skip


def terms() -> list[tuple[str, int]]:
    """All terms and the sign each weight must have: agreement never counts against."""
    out = []
    for field, (low, high) in LEVELS.items():
        out += [(f"{field} <= {level}", -1) for level in range(-1, low - 1, -1)]
        out += [(f"{field} >= {level}", 1) for level in range(1, high + 1)]
    return out + [(name, sign) for name, (sign, _) in TOGETHER.items()]


def design(compared: pl.DataFrame) -> Floats:
    """One row per pair, one column per term of `terms`, 0 or 1."""
    x: Levels = {field: compared[field].to_numpy() for field in LEVELS}
    x["generic"] = (compared["generic_a"] | compared["generic_b"]).to_numpy()
    columns: list[Bools] = []
    for field, (low, high) in LEVELS.items():
        columns += [x[field] <= level for level in range(-1, low - 1, -1)]
        columns += [x[field] >= level for level in range(1, high + 1)]
    columns += [test(x) for _, test in TOGETHER.values()]
    return np.column_stack(columns).astype(np.float64)


@cache
def parameters() -> dict[str, Any]:
    """What model.json holds: weights, thresholds, and how they were found."""
    told: dict[str, Any] = json.loads(Path(__file__).with_name("model.json").read_text("utf-8"))
    return told


def thresholds() -> tuple[float, float]:
    """Probabilities from which a pair is merged, and from which it is shown to a person."""
    return float(parameters()["auto"]), float(parameters()["queue"])


def sure(scored: pl.DataFrame) -> pl.DataFrame:
    """The pairs that are merged without a person."""
    auto, _ = thresholds()
    return scored.filter((pl.col("score") >= auto) & (pl.col("veto") == ""))


def probability(compared: pl.DataFrame) -> Floats:
    """That both records of each pair are one work."""
    out: Floats = 1 / (1 + np.exp(-log_odds(compared)))
    return out


def log_odds(compared: pl.DataFrame) -> Floats:
    """Of one work, from all terms, and from the veto where the pairs have a column for it."""
    told = parameters()
    weights = np.array([told["weights"].get(name, 0.0) for name, _ in terms()])
    score: Floats = design(compared) @ weights + told["intercept"]
    if "veto" in compared.columns:
        of_veto = told["vetoes"]
        score = score + np.array([of_veto.get(name, 0.0) for name in compared["veto"]])
    return score
