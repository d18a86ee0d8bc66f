"""Duplicates by kind: what databases do to one work, and works that look like another's copy.

    python -m benchmarks.dedup_kinds [--each 200] [--seed 1] [--without abstract ...]

Two records per pair, as two databases tell them. In `SAME` the second is one work with the first
and suffered what the kind says; in `OTHER` it is another work. All pairs stand in one table, so
that each is also compared with all the others. Printed: what became of each kind.
"""

from __future__ import annotations

import argparse
import sys
from random import Random

import polars as pl

from benchmarks.dedup_other import OTHER
from benchmarks.dedup_same import SAME
from benchmarks.medical_records import DATABASES, Field, Row


def rows(each: int, seed: int) -> tuple[pl.DataFrame, dict[str, list[tuple[str, str]]]]:
    """The table with ``id cluster``, and the pairs of ids of each kind."""
    world = Field(Random(seed))
    r = world.random
    out: list[Row] = []
    pairs: dict[str, list[tuple[str, str]]] = {}

    def add(kind: str, both: tuple[Row, Row], clusters: tuple[str, str]) -> None:
        names = (f"r{len(out):06}", f"r{len(out) + 1:06}")
        for row, name, cluster in zip(both, names, clusters, strict=True):
            out.append({**row, "id": name, "cluster": cluster})
        pairs.setdefault(kind, []).append(names)

    for kind, spoil in SAME.items():
        for at in range(each):
            work = world.work()
            one, two = (database(r, work) for database in r.sample(DATABASES, 2))
            spoil(r, work, two)
            add(kind, (one, two), (f"{kind} {at}",) * 2)
    for kind, relative in OTHER.items():
        for at in range(each):
            work = world.work()
            made = relative(world, work)
            works = made if isinstance(made, tuple) else (work, made)
            told = tuple(database(r, w) for database, w in zip(r.sample(DATABASES, 2), works))
            add(kind, (told[0], told[1]), (f"{kind} {at}", f"{kind} {at} b"))
    r.shuffle(out)
    return pl.DataFrame(out), pairs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", nargs="*", default=[], help="columns that the table lacks")
    args = parser.parse_args()
    from benchmarks.dedup_score import of
    from probatum.records.dedup.engine import duplicates

    data, pairs = rows(args.each, args.seed)
    data = data.drop(args.without)
    found = duplicates(data)
    cluster = dict(found.clusters.select("id", "cluster").iter_rows())
    asked = {frozenset((cluster[a], cluster[b])) for a, b in found.queue.select("a", "b").rows()}
    print(f"{'kind':42} {'pairs':>6} {'merged':>7} {'asked':>6} {'apart':>6}")
    for kind, names in pairs.items():
        merged = [cluster[a] == cluster[b] for a, b in names]
        queued = [
            not m and frozenset((cluster[a], cluster[b])) in asked
            for m, (a, b) in zip(merged, names, strict=True)
        ]
        told = (sum(merged), sum(queued), len(names) - sum(merged) - sum(queued))
        mark = "" if kind in SAME else "two works"
        print(f"{kind:42} {len(names):6} {told[0]:7} {told[1]:6} {told[2]:6} {mark}")
    print(of(data, found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
