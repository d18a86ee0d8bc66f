"""From scored pairs to clusters, links and the queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from probatum.records.dedup import model
from probatum.records.dedup.components import Components
from probatum.records.dedup.links import LINK_SCHEMA

_UNLIKE = 0.02  # what is less probable than this is not held together by a third record
# a queue shows what is at least so probable; what is less, only while it is short: up to a share
# of the records, or a few pairs
_ALWAYS, _SHARE, _FEW = 0.1, 0.015, 10


@dataclass(frozen=True, slots=True)
class Decided:
    """What stands already and is not touched: clusters by record id, and pairs kept apart."""

    clusters: Mapping[str, str] = field(default_factory=dict)
    distinct: Iterable[tuple[str, str]] = ()


def standing(ids: pl.Series, decided: Decided) -> pl.DataFrame:
    """Pairs of rows ``a b`` that one decided cluster holds: its first row with each."""
    cluster = pl.Series("cluster", [decided.clusters.get(i) for i in ids], dtype=pl.String)
    rows = cluster.to_frame().with_row_index("b").drop_nulls("cluster")
    return rows.select(pl.col("b").first().over("cluster").alias("a"), "b")


def components(
    records: pl.DataFrame, ids: pl.Series, scored: pl.DataFrame, decided: Decided
) -> Components:
    """Join the surest pairs first, none where that would hold together what is apart."""
    works = Components(len(records), facts=[records["pmid"].fill_null("").to_list()])
    works.stand(standing(ids, decided).rows())
    unsure = (pl.col("veto") != "") | (pl.col("score") < _UNLIKE)
    works.keep_apart(scored.filter(pl.col("near") & unsure).select("a", "b").rows())
    works.keep_apart(_told_apart(ids, decided))
    for a, b in _surest(scored, ids).iter_rows():
        works.join(a, b)
    return works


def _told_apart(ids: pl.Series, decided: Decided) -> list[tuple[int, int]]:
    told = list(decided.distinct)
    at = {i: row for row, i in enumerate(ids)} if told else {}
    return [(at[a], at[b]) for a, b in told if a in at and b in at]


def _surest(scored: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """Pairs to be merged; ids break ties, so that the order of the table decides nothing."""
    sure = model.sure(scored)
    names = pl.DataFrame({"a": ids.gather(sure["a"]), "b": ids.gather(sure["b"])})
    ties = (names.min_horizontal().alias("one"), names.max_horizontal().alias("two"))
    ordered = sure.with_columns(*ties).sort("score", "one", "two", descending=[True, False, False])
    return ordered.select("a", "b")


def names(works: Components, ids: pl.Series, decided: Decided) -> pl.Series:
    """Each row's cluster: as it was decided, else the id of its first record."""
    roots = [works.root(row) for row in range(len(ids))]
    known = {
        works.root(row): decided.clusters[i] for row, i in enumerate(ids) if i in decided.clusters
    }
    listed = ids.to_list()
    return pl.Series([known.get(root, listed[root]) for root in roots], dtype=pl.String)


def queue(
    scored: pl.DataFrame, clusters: pl.Series, ids: pl.Series, decided: Decided, count: int
) -> pl.DataFrame:
    """Pairs for a person, the most probable of any two clusters, the most probable first.

    Improbable pairs are the more the larger a field is; so that nobody need look at hundreds to
    find one, they fill the queue up to a share of the `count` records and no further.
    """
    apart = pl.DataFrame(
        _told_apart(ids, decided), schema={"a": pl.UInt32, "b": pl.UInt32}, orient="row"
    )
    _, least = model.thresholds()
    maybe = scored.filter(
        (pl.col("score") >= least) & ~pl.col("distinct") & (pl.col("veto") != "kind")
    )
    sides = pl.DataFrame({"a": clusters.gather(maybe["a"]), "b": clusters.gather(maybe["b"])})
    maybe = maybe.with_columns(
        sides["a"].alias("cluster_a"), sides["b"].alias("cluster_b"),
        sides.min_horizontal().alias("one"), sides.max_horizontal().alias("two"),
    )  # fmt: skip
    for left, right in (("a", "b"), ("b", "a")):
        maybe = maybe.join(
            apart, left_on=["a", "b"], right_on=[left, right], how="anti", maintain_order="left"
        )
    ordered = maybe.filter(pl.col("one") != pl.col("two")).sort(
        "score", "one", "two", "a", "b", descending=[True, False, False, False, False]
    )
    queued = ordered.unique(["one", "two"], keep="first", maintain_order=True)
    probable = int((queued["score"] >= _ALWAYS).sum())
    return queued.head(max(probable, int(_SHARE * count), _FEW))


def marked(queued: pl.DataFrame, clusters: pl.Series) -> list[int]:
    """One row of each queued pair, the lone record before one of a larger cluster."""
    counted = clusters.value_counts()
    size = dict(zip(counted[clusters.name], counted["count"], strict=True))
    rows: set[int] = set()
    for a, b, one, two in queued.select("a", "b", "cluster_a", "cluster_b").iter_rows():
        if a not in rows and b not in rows:
            rows.add(a if size[one] == 1 and size[two] > 1 else b)
    return sorted(rows)


def links(
    scored: pl.DataFrame, queued: pl.DataFrame, clusters: pl.Series, ids: pl.Series
) -> pl.DataFrame:
    """Auto links inside clusters, then the queue."""
    sure = model.sure(scored)
    sure = sure.filter(clusters.gather(sure["a"]) == clusters.gather(sure["b"]))
    every = pl.concat([
        sure.select("a", "b", "score", "rule", "veto", pl.lit("auto").alias("status")),
        queued.select("a", "b", "score", "rule", "veto", pl.lit("queue").alias("status")),
    ])  # fmt: skip
    named = every.with_columns(ids.gather(every["a"]).alias("a"), ids.gather(every["b"]).alias("b"))
    return named.cast(LINK_SCHEMA)  # type: ignore[arg-type]
