"""Pairs of records -> probability, rule and veto, so many at once as memory should hold."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from probatum.records.dedup import model
from probatum.records.dedup.features import compare
from probatum.records.dedup.rules import rule
from probatum.records.dedup.studies import one_study
from probatum.records.dedup.vetoes import vetoed

_CHUNK = 200_000  # pairs at once: bounds memory, never the result
_CLOSED = 60  # components up to this size are compared each with each


def score(records: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """``a b score rule veto distinct study`` of the pairs that are worth more than a look."""
    parts = [_score(records, pairs[at : at + _CHUNK]) for at in range(0, len(pairs) or 1, _CHUNK)]
    return pl.concat(parts)


def _score(records: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    compared = vetoed(compare(records, pairs))
    scored = compared.with_columns(pl.Series("score", model.probability(compared)))
    return scored.select(
        "a", "b", pl.col("score").round(6), rule(), "veto", "distinct",
        (one_study() | (pl.col("veto") == "kind")).alias("study"),
    )  # fmt: skip


def closed(
    records: pl.DataFrame, scored: pl.DataFrame, joined: pl.DataFrame, new: pl.Series | None
) -> pl.DataFrame:
    """`scored` with the pairs that only a third record brings together.

    `joined` are pairs that stand already.
    """
    edges = pl.concat([model.sure(scored).select("a", "b"), joined.select("a", "b")])
    loose = _loose(len(records), edges)
    sized = pl.DataFrame(
        {"row": pl.int_range(len(records), dtype=pl.UInt32, eager=True), "of": loose}
    )
    sized = sized.filter(pl.len().over("of").is_between(3, _CLOSED))
    inside = sized.join(sized, on="of", suffix="_b").filter(pl.col("row") < pl.col("row_b"))
    pairs = inside.select(pl.col("row").alias("a"), pl.col("row_b").alias("b")).sort("a", "b")
    if new is not None:
        pairs = pairs.filter(new.gather(pairs["a"]) | new.gather(pairs["b"]))
    missing = pairs.join(scored, on=["a", "b"], how="anti", maintain_order="left")
    found = score(records, missing)
    # what shows no reason to be compared is as unlike as can be
    unlike = missing.join(found, on=["a", "b"], how="anti", maintain_order="left").with_columns(
        pl.lit(0.0).alias("score"), pl.lit("").alias("rule"), pl.lit("unlike").alias("veto"),
        pl.lit(False).alias("distinct"), pl.lit(False).alias("study"),
    )  # fmt: skip
    every = pl.concat([scored, found, unlike])
    return every.with_columns(
        (
            pl.Series("x", loose).gather(every["a"]) == pl.Series("y", loose).gather(every["b"])
        ).alias("near")
    )


def _loose(count: int, edges: pl.DataFrame) -> pl.Series:
    """The component of each row if nothing were ever refused."""
    a, b = edges["a"].to_numpy(), edges["b"].to_numpy()
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(count, count))
    return pl.Series(connected_components(graph, directed=False)[1], dtype=pl.UInt32)
