"""What databases do to one work, and works that look alike: a few pairs of each kind."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("polars")

sys.path.insert(0, str(Path(__file__).parents[3]))
from benchmarks.dedup_kinds import OTHER, SAME, rows
from benchmarks.dedup_same import HARD

from probatum.records.dedup.engine import duplicates


def test_kinds() -> None:
    data, pairs = rows(4, seed=2)
    assert set(pairs) == set(SAME) | set(OTHER)
    found = duplicates(data)
    cluster = dict(found.clusters.select("id", "cluster").iter_rows())
    asked = {frozenset((cluster[a], cluster[b])) for a, b in found.queue.select("a", "b").rows()}
    wrong = [k for k in OTHER if any(cluster[a] == cluster[b] for a, b in pairs[k])]
    missed = {k: [(a, b) for a, b in pairs[k] if cluster[a] != cluster[b]] for k in SAME}
    lost = [
        pair
        for kind in SAME
        for pair in missed[kind]
        if frozenset(cluster[name] for name in pair) not in asked
    ]
    assert wrong == []
    assert sum(len(missed[kind]) for kind in SAME if kind not in HARD) <= 4
    assert len(lost) <= 1
