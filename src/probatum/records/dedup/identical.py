"""Rows that are the same in every column but the id: an export imported twice."""

from __future__ import annotations

import polars as pl

from probatum.records.dedup.columns import COLUMNS

# with none of these, a row tells too little to say that its twin is no other work
_ENOUGH = ("author", "year", "journal", "doi", "pmid", "pages", "abstract", "registry")
_LONG_TITLE = 25


def first_of_twins(table: pl.DataFrame, known: pl.Series) -> pl.Series:
    """For each row the first row that is the same, a decided one (`known`) before others."""
    told = [name for name in COLUMNS if name != "id"]
    title = pl.col("title")
    enough = (pl.col("doi") != "") | (
        (title != "")
        & pl.any_horizontal(
            title.str.len_chars() >= _LONG_TITLE, *(pl.col(name) != "" for name in _ENOUGH)
        )
    )
    frame = table.with_columns(
        known.alias("known"), pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")
    )
    first = pl.col("row").sort_by(~pl.col("known"), maintain_order=True).first().over(told)
    return frame.select(pl.when(enough).then(first).otherwise("row")).to_series()
