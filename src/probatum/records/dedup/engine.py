"""From a table of records to the works among them."""

from __future__ import annotations

import polars as pl

from probatum.records.dedup import deciding, scoring
from probatum.records.dedup.blocking import blocks
from probatum.records.dedup.columns import as_table
from probatum.records.dedup.deciding import Decided
from probatum.records.dedup.identical import first_of_twins
from probatum.records.dedup.links import LINK_SCHEMA, Duplicates
from probatum.records.dedup.normalise import normalise
from probatum.records.dedup.studies import studies


def duplicates(data: pl.DataFrame, *, decided: Decided | None = None) -> Duplicates:
    """Find records that are the same work.

    Parameters
    ----------
    data : polars.DataFrame
        Columns of `columns.COLUMNS` (or `columns.ALIASES`); only ``id`` must be there.
    decided : Decided, optional
        Records that it names keep their clusters as they are. Only pairs with a new record are
        looked at; a new record can join a decided cluster, and never makes two of them one.

    Examples
    --------
    >>> import polars as pl
    >>> found = duplicates(pl.DataFrame({
    ...     "id": ["a", "b", "c"],
    ...     "title": ["Ketamine for heroin addiction", "KETAMINE FOR HEROIN ADDICTION.", "Sleep"],
    ...     "author": ["Krupitsky, E. M.", "Krupitsky EM", "Roe, J."],
    ...     "year": [2002, 2002, 2010],
    ...     "pages": ["273-283", "273-83", "4"],
    ... }))
    >>> found.clusters["cluster"].to_list()
    ['a', 'a', 'c']
    """
    table = as_table(data)
    decided = decided or Decided()
    known = table["id"].is_in(list(decided.clusters))
    twins = first_of_twins(table, known)
    own = pl.int_range(len(table), dtype=pl.UInt32, eager=True)
    rows = ((twins == own) | known).arg_true()
    records, ids = normalise(table[rows]), table["id"].gather(rows)
    new = ~known.gather(rows) if decided.clusters else None

    found = blocks(records, new=new)
    scored = scoring.score(records, found.pairs)
    scored = scoring.closed(records, scored, deciding.standing(ids, decided), new)
    works = deciding.components(records, ids, scored, decided)
    clusters = deciding.names(works, ids, decided)
    queued = deciding.queue(scored, clusters, ids, decided)
    links = deciding.links(scored, queued, clusters, ids)
    waiting = ids.gather(deciding.marked(queued, clusters))
    return Duplicates(
        clusters=_of_all(table["id"], twins, ids, clusters, waiting, known),
        links=pl.concat([_twin_links(table["id"], twins, known), links]),
        studies=studies(clusters, records, scored.filter("study")),
        left_out=found.left_out,
        compared=len(found.pairs),
    )


def _of_all(
    every: pl.Series, twins: pl.Series, ids: pl.Series, clusters: pl.Series, waiting: pl.Series,
    known: pl.Series,
) -> pl.DataFrame:  # fmt: skip
    """The cluster of each record, a twin's being that of its first."""
    compared = pl.DataFrame({"id": ids, "cluster": clusters})
    of = every.gather(twins).zip_with(~known, every)
    named = pl.DataFrame({"id": every, "of": of}).join(
        compared, left_on="of", right_on="id", how="left", maintain_order="left"
    )
    queue = pl.when(pl.col("id").is_in(waiting.implode())).then(pl.lit("queue"))
    return named.select("id", "cluster", queue.otherwise(pl.lit("auto")).alias("status"))


def _twin_links(every: pl.Series, twins: pl.Series, known: pl.Series) -> pl.DataFrame:
    own = pl.int_range(len(every), dtype=pl.UInt32, eager=True)
    at = ((twins != own) & ~known).arg_true()
    return pl.DataFrame({"a": every.gather(twins.gather(at)), "b": every.gather(at)}).select(
        "a", "b", pl.lit(1.0).alias("score"), pl.lit("identical").alias("rule"),
        pl.lit("").alias("veto"), pl.lit("auto").alias("status"),
    ).cast(LINK_SCHEMA)  # type: ignore[arg-type]  # fmt: skip
