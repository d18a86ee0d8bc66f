"""Rows that are the same in every column but the id: an export imported twice."""

from __future__ import annotations

import polars as pl

from probatum.records.dedup.columns import COLUMNS

# with none of these, a row tells too little to say that its twin is no other work
_ENOUGH = ("author", "year", "journal", "doi", "pmid", "pages", "abstract", "registry")
_LONG_TITLE = 25


def tells_enough() -> pl.Expr:
    """Whether a row says enough that its twin can be no other work."""
    title = pl.col("title")
    return (pl.col("doi") != "") | (
        (title != "")
        & pl.any_horizontal(
            title.str.len_chars() >= _LONG_TITLE, *(pl.col(name) != "" for name in _ENOUGH)
        )
    )


def first_of_twins(table: pl.DataFrame, known: pl.Series) -> pl.Series:
    """For each row the first row that is the same, a decided one (`known`) before others."""
    told = [name for name in COLUMNS if name != "id"]
    row = pl.int_range(len(table), dtype=pl.UInt32, eager=True).alias("row")
    # a hash finds the few rows worth comparing cell by cell
    alike = table.select(pl.struct(told).hash(seed=3)).to_series().is_duplicated()
    some = table.with_columns(row, known.alias("known")).filter(
        alike & table.select(tells_enough()).to_series()
    )
    first = pl.col("row").sort_by(~pl.col("known"), maintain_order=True).first().over(told)
    return row.scatter(some["row"], some.select(first).to_series())
