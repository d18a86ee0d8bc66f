"""Both records of a pair in one row, and what every comparison of their columns needs."""

from __future__ import annotations

from typing import Any

import polars as pl
from rapidfuzz import process

_SIDES = (
    "title", "plain", "second", "first", "first_names", "initial", "people", "journal",
    "year", "volume", "issue", "issue_end", "suppl", "page", "page_end", "mark", "doi", "pmid",
    "issn", "abstract", "digits", "label", "notice", "generic", "kind", "language", "own", "entry",
)  # fmt: skip

_ALIKE = 0.55  # titles less alike than this need a place or an id in common


def sides(records: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Both records of each pair in one row, as ``title_a``, ``title_b`` and so on."""
    left = records.select(pl.col(c).alias(f"{c}_a") for c in _SIDES)[pairs["a"]]
    right = records.select(pl.col(c).alias(f"{c}_b") for c in _SIDES)[pairs["b"]]
    return pl.concat([pairs, left, right], how="horizontal")


def reason() -> pl.Expr:
    a, b = pl.col("abstract_a"), pl.col("abstract_b")
    spans = pl.col("page_end_a") > pl.col("page_a")
    return pl.any_horizontal(
        pl.col("alike") >= _ALIKE,
        pl.col("part") > 0,
        equal("doi"),
        equal("pmid"),
        equal("page")
        & (equal("volume") | equal("year"))
        & (pl.col("first_a") == pl.col("first_b")),
        equal("page") & equal("page_end") & equal("volume") & spans,
        (a.str.len_chars() >= 50) & (a.str.head(50) == b.str.head(50)),
        pl.col("entry_a") & pl.col("entry_b"),
    ).fill_null(False)


def equal(column: str) -> pl.Expr:
    return pl.col(f"{column}_a") == pl.col(f"{column}_b")


def same(column: str) -> pl.Expr:
    """1 where both are known and equal, -1 where they differ, else 0."""
    return pl.when(equal(column)).then(1).when(~equal(column)).then(-1).otherwise(0)


def scored(left: pl.Series, right: pl.Series, scorer: Any, **more: Any) -> pl.Series:
    """A rapidfuzz scorer over two columns, pair by pair, on all cores."""
    if not len(left):
        return pl.Series([], dtype=pl.Float32)
    scores = process.cpdist(left.to_list(), right.to_list(), scorer=scorer, workers=-1, **more)
    return pl.Series(scores, dtype=pl.Float32)


def at_rows(both: pl.DataFrame, mask: pl.Expr) -> tuple[pl.Series, pl.DataFrame]:
    """Where the mask holds, and these rows."""
    at = both.select(mask.fill_null(False).alias("m")).to_series().arg_true()
    return at, both[at]
