"""The labelled sets of ../shared/bench/dedup, and the scorer that their README describes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from probatum.records.dedup.links import Duplicates

FOLDER = Path(__file__).parents[2] / "shared" / "bench" / "dedup"
SETS = ("cytology", "digital_work")


def labelled(name: str) -> pl.DataFrame:
    return pl.read_csv(FOLDER / f"{name}.csv", infer_schema_length=0)


@dataclass(frozen=True, slots=True)
class Score:
    """Wrongly merged works, missed duplicates, and those missed that no queue shows either."""

    records: int
    duplicates: int
    wrong: int
    missed: int
    lost: int
    queue: int

    def __str__(self) -> str:
        return (
            f"wrong {self.wrong:3}  missed {self.missed:4} of {self.duplicates}  "
            f"precision {self.precision:.4f}  recall {self.recall:.4f}, with queue "
            f"{self.recall_with_queue:.4f}  queue {self.queue} "
            f"({100 * self.queue / self.records:.2f}%)"
        )

    @property
    def precision(self) -> float:
        right = self.duplicates - self.missed
        return right / (right + self.wrong) if right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return 1 - self.missed / self.duplicates if self.duplicates else 1.0

    @property
    def recall_with_queue(self) -> float:
        return 1 - self.lost / self.duplicates if self.duplicates else 1.0


def score(data: pl.DataFrame, clusters: pl.Series, queue: pl.DataFrame, marked: int) -> Score:
    """A cluster of k records of t works counts t - 1 wrong and k - t right; the rest is missed.

    `queue` has the pairs ``a b`` for a person, `marked` how many records these concern.
    """
    gold = data["cluster"].to_list()
    total = len(gold) - len(set(gold))
    wrong, missed = _wrong_and_missed(gold, clusters.to_list(), total)
    lost = _wrong_and_missed(gold, _with_queue(data, clusters, queue), total)[1]
    return Score(len(gold), total, wrong, missed, lost, marked)


def _wrong_and_missed(gold: list[str], found: list[str], total: int) -> tuple[int, int]:
    held: dict[str, list[str]] = defaultdict(list)
    for cluster, work in zip(found, gold, strict=True):
        held[cluster].append(work)
    wrong = sum(len(set(works)) - 1 for works in held.values())
    right = sum(len(works) - len(set(works)) for works in held.values())
    return wrong, total - right


def _with_queue(data: pl.DataFrame, clusters: pl.Series, queue: pl.DataFrame) -> list[str]:
    """The clusters if a person had answered the whole queue rightly."""
    work = dict(zip(data["id"], data["cluster"], strict=True))
    of = dict(zip(data["id"], clusters, strict=True))
    joined = {cluster: cluster for cluster in set(clusters)}

    def root(cluster: str) -> str:
        while joined[cluster] != cluster:
            cluster = joined[cluster]
        return cluster

    for a, b in queue.select("a", "b").iter_rows():
        if work[a] == work[b]:
            joined[root(of[a])] = root(of[b])
    return [root(cluster) for cluster in clusters]


def of(data: pl.DataFrame, found: Duplicates) -> Score:
    marked = int((found.clusters["status"] == "queue").sum())
    return score(data, found.clusters["cluster"], found.queue, marked)
