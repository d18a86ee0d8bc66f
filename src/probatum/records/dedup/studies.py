"""The second level: works that seem to report one study. Proposed to a person, never decided."""

from __future__ import annotations

import polars as pl

_MOST_NUMBERS = 3  # a text that names more trials is about them, not from them
_MOST_WORKS = 50  # a number named by more works is a cohort or a register, not one report's trial


def one_study() -> pl.Expr:
    """Pairs that are no duplicates, yet bear one title and the same people: abstract and paper."""
    return (
        (pl.col("title") >= 3)
        & (pl.col("names") >= 1)
        & (pl.col("years") >= -2)
        & (pl.col("numbers") == 0)
        & (pl.col("notice_a") == pl.col("notice_b"))
        & ~pl.col("generic_a")
        & ~pl.col("generic_b")
    )


def studies(clusters: pl.Series, records: pl.DataFrame, alike: pl.DataFrame) -> pl.DataFrame:
    """Pairs of clusters and the reason to think of one study.

    `clusters` has the cluster of each row of `records`; `alike` the pairs of rows ``a b veto``
    that `one_study` or a veto "kind" proposed.
    """
    named = (
        records.select("registered")
        .with_columns(clusters.alias("cluster"))
        .filter(pl.col("registered").list.len().is_between(1, _MOST_NUMBERS))
        .explode("registered", empty_as_null=False, keep_nulls=False)
        .unique(maintain_order=True)
        .filter(pl.len().over("registered").is_between(2, _MOST_WORKS))
        .with_columns(pl.col("cluster").first().over("registered").alias("a"))
        .select(
            "a", pl.col("cluster").alias("b"),
            (pl.lit("both name ") + pl.col("registered")).alias("reason"),
        )
    )  # fmt: skip
    kind = pl.when(pl.col("veto") == "kind").then(pl.lit("a preprint or thesis and another report"))
    titled = alike.select(
        clusters.gather(alike["a"]).alias("a"), clusters.gather(alike["b"]).alias("b"),
        kind.otherwise(pl.lit("one title and the same people")).alias("reason"),
    )  # fmt: skip
    out = pl.concat([named, titled]).filter(pl.col("a") != pl.col("b"))
    return out.unique(["a", "b"], keep="first", maintain_order=True)
