"""What was found: links between records, each with its score and reason, and what they decide."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from probatum.records.dedup.blocking import LeftOut

#: ``a b`` ids, ``score`` the probability of one work, ``rule`` what speaks for it, ``veto`` what
#: forbids to merge by itself ("" where nothing), ``status`` auto or queue.
LINK_SCHEMA = {
    "a": pl.String, "b": pl.String, "score": pl.Float64, "rule": pl.String, "veto": pl.String,
    "status": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Which records are one work, what a person should look at, and which are one study.

    Attributes
    ----------
    clusters : polars.DataFrame
        ``id cluster status`` in the order of the records. ``cluster`` is the id of its first
        record and follows from auto links alone; ``status`` is "queue" for a record that may
        belong to another cluster too.
    links : polars.DataFrame
        `LINK_SCHEMA`. Auto links hold the clusters together; queue links are for a person.
    studies : polars.DataFrame
        ``a b registered``: clusters that name one trial, proposed as reports of one study.
    left_out : tuple of LeftOut
        Blocks too large to compare all their records.
    compared : int
        How many pairs were compared.
    """

    clusters: pl.DataFrame
    links: pl.DataFrame
    studies: pl.DataFrame
    left_out: tuple[LeftOut, ...]
    compared: int

    @property
    def queue(self) -> pl.DataFrame:
        """Links that a person should judge, the most probable first."""
        return self.links.filter(pl.col("status") == "queue")

    def summary(self) -> dict[str, int]:
        """Counts: records, works, merged records, records and pairs in the queue."""
        records = len(self.clusters)
        works = self.clusters["cluster"].n_unique()
        return {
            "records": records,
            "works": works,
            "merged": records - works,
            "queue_records": int((self.clusters["status"] == "queue").sum()),
            "queue_pairs": len(self.queue),
            "studies": len(self.studies),
            "compared": self.compared,
            "blocks_left_out": len(self.left_out),
        }
