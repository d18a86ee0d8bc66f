"""From a table of records to the works among them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from probatum.records.dedup import deciding, scoring
from probatum.records.dedup.blocking import LeftOut, blocks
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
    made = settle(records, ids, scored, decided=decided, new=new)
    return made.of_all(table["id"], twins, found.left_out, len(found.pairs), known=known)


@dataclass(frozen=True, slots=True)
class Settled:
    """What scored pairs decide of the records that were compared: their ids, clusters and links."""

    ids: pl.Series
    clusters: pl.Series
    waiting: pl.Series
    links: pl.DataFrame
    studies: pl.DataFrame

    def of_all(
        self, every: pl.Series, twins: pl.Series, left_out: tuple[LeftOut, ...], compared: int,
        *, known: pl.Series | None = None,
    ) -> Duplicates:  # fmt: skip
        """The same for every record: `twins` has the first row that is the same as each."""
        if known is None:
            known = pl.repeat(False, len(every), eager=True)
        named = _of_all(every, twins, self.ids, self.clusters, self.waiting, known)
        return Duplicates(
            clusters=named,
            links=pl.concat([_twin_links(every, twins, known), self.links]),
            studies=self.studies,
            left_out=left_out,
            compared=compared,
        )


def settle(
    records: pl.DataFrame, ids: pl.Series, scored: pl.DataFrame, *,
    decided: Decided | None = None, new: pl.Series | None = None, count: int | None = None,
) -> Settled:  # fmt: skip
    """From scored pairs of rows to works, links and the queue.

    `count` is how many records there are where `records` has only those with a pair.
    """
    decided = decided or Decided()
    scored = scoring.closed(records, scored, deciding.standing(ids, decided), new)
    works = deciding.components(records, ids, scored, decided)
    clusters = deciding.names(works, ids, decided)
    queued = deciding.queue(scored, clusters, ids, decided, count or len(ids))
    return Settled(
        ids=ids,
        clusters=clusters,
        waiting=ids.gather(deciding.marked(queued, clusters)),
        links=deciding.links(scored, queued, clusters, ids),
        studies=studies(clusters, records, scored.filter("study")),
    )


def _of_all(
    every: pl.Series, twins: pl.Series, ids: pl.Series, clusters: pl.Series, waiting: pl.Series,
    known: pl.Series,
) -> pl.DataFrame:  # fmt: skip
    """The cluster of each record, a twin's being that of its first."""
    compared = pl.DataFrame({"id": ids, "cluster": clusters})
    of = every.gather(twins).zip_with(~known, every)
    named = (
        pl.DataFrame({"id": every, "of": of})
        .join(compared, left_on="of", right_on="id", how="left", maintain_order="left")
        .with_columns(pl.col("cluster").fill_null(pl.col("of")))
    )  # without a pair: its own
    queue = pl.when(pl.col("id").is_in(waiting.implode())).then(pl.lit("queue"))
    return named.select("id", "cluster", queue.otherwise(pl.lit("auto")).alias("status"))


def _twin_links(every: pl.Series, twins: pl.Series, known: pl.Series) -> pl.DataFrame:
    own = pl.int_range(len(every), dtype=pl.UInt32, eager=True)
    at = ((twins != own) & ~known).arg_true()
    return pl.DataFrame({"a": every.gather(twins.gather(at)), "b": every.gather(at)}).select(
        "a", "b", pl.lit(1.0).alias("score"), pl.lit("identical").alias("rule"),
        pl.lit("").alias("veto"), pl.lit("auto").alias("status"),
    ).cast(LINK_SCHEMA)  # type: ignore[arg-type]  # fmt: skip
