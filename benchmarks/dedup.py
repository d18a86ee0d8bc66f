"""Duplicates: the labelled sets beside bib-dedupe, and how time and memory grow.

    python -m benchmarks.dedup [--scale 10000 100000 1000000] [--no-peer] [--disagreements]

Each run is a process of its own, so that its peak memory is its own. The time is that of finding
duplicates in a table already read; importing is told apart.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.dedup_score import FOLDER, SETS, Score, labelled, score
from probatum.records.dedup.model import parameters

SCALES = (10_000, 100_000, 1_000_000)
GOALS = {10_000: (1.0, None), 100_000: (6.0, 1024), 1_000_000: (90.0, 4096)}  # seconds, MB
PEER_WAITS = 1200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", nargs="*", type=int, default=list(SCALES))
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--disagreements", action="store_true", help="list them by id")
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        return _worker(*args.worker)
    return report(args.scale, peer=not args.no_peer, listed=args.disagreements)


def report(scale: list[int], *, peer: bool = True, listed: bool = False) -> int:
    """Print both tables; 1 where one of our goals is missed."""
    missed = 0
    if FOLDER.is_dir():
        for name in SETS:
            data = labelled(name)
            ours = _run("ours", FOLDER / f"{name}.csv")
            _line(f"duplicates, {name}", "ours", ours, _score(data, ours))
            if name in (unseen := parameters().get("unseen", {})):
                print(f"{'':32} {'':10} {Score(**unseen[name])}  by weights that have not seen it")
            if peer:
                told = _run("bib-dedupe", FOLDER / f"{name}.csv")
                _line("", "bib-dedupe", told, _score(data, told))
            if listed:
                _disagreements(data, ours)
    else:
        print(f"duplicates: {FOLDER} is not here; the labelled sets are skipped")
    with tempfile.TemporaryDirectory() as folder:
        for count in scale:
            missed += _grown(count, Path(folder))
    return int(missed > 0)


def _grown(count: int, folder: Path) -> int:
    """One line of the scaling table, on made-up records; whether its goal is missed."""
    path = folder / f"{count}.csv"
    # in a process of its own: what the generator takes is no part of ours
    code = (
        "import sys; from benchmarks.synthetic_records import records;"
        "records(int(sys.argv[1]), seed=3).write_csv(sys.argv[2])"
    )
    subprocess.run([sys.executable, "-c", code, str(count), str(path)], check=True)
    told = _run("ours", path)
    _line(
        f"duplicates, {count:,} made up",
        "ours",
        told,
        _score(pl.read_csv(path, infer_schema=False), told),
    )
    seconds, memory = GOALS.get(count, (None, None))
    late = seconds is not None and told.get("seconds", 0) > seconds
    large = memory is not None and told.get("mb", 0) > memory
    if late or large:
        print(f"    goal MISSED: {seconds} s, {memory} MB")
    return int(late or large)


def _run(tool: str, path: Path) -> dict[str, Any]:
    """What a worker of its own found and took."""
    command = [sys.executable, "-m", "benchmarks.dedup", "--worker", tool, str(path)]
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=PEER_WAITS, check=False
        )
    except subprocess.TimeoutExpired:
        return {"skipped": f"not done after {PEER_WAITS} s"}
    if run.returncode:
        return {"skipped": (run.stderr.strip().splitlines() or ["no reason told"])[-1]}
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def _worker(tool: str, path: str) -> int:
    data = pl.read_csv(path, infer_schema=False)
    began = time.perf_counter()
    told = (_ours if tool == "ours" else _peer)(data, began)
    told["mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    told["children_mb"] = round(children)
    print(json.dumps(told))
    return 0


def _ours(data: pl.DataFrame, began: float) -> dict[str, Any]:
    from probatum.records.dedup.engine import duplicates

    loaded = time.perf_counter()
    found = duplicates(data)
    return {
        "import": loaded - began,
        "seconds": time.perf_counter() - loaded,
        "clusters": found.clusters["cluster"].to_list(),
        "queue": found.queue.select("a", "b").rows(),
        "marked": int((found.clusters["status"] == "queue").sum()),
        "left_out": sum(one.records for one in found.left_out),
    }


def _peer(data: pl.DataFrame, began: float) -> dict[str, Any]:
    """bib-dedupe as its documentation says: block, match, merge; its queue is its "maybe"."""
    import pandas as pd
    from bib_dedupe.bib_dedupe import block, cluster, match, prep

    frame = data.drop("cluster", "is_dup", strict=False).rename({"id": "ID", "type": "ENTRYTYPE"})
    frame = frame.fill_null("").with_columns(pl.lit("").alias("abstract"))
    frame = pd.DataFrame(frame.to_dict(as_series=False))  # to_pandas() would need pyarrow
    loaded = time.perf_counter()
    pairs = match(block(prep(frame, verbosity_level=0), verbosity_level=0), verbosity_level=0)
    of = {name: group[0] for group in cluster(pairs) for name in group}
    maybe = pairs[pairs["duplicate_label"] == "maybe"]
    return {
        "import": loaded - began,
        "seconds": time.perf_counter() - loaded,
        "clusters": [of.get(name, name) for name in data["id"]],
        "queue": maybe[["ID_1", "ID_2"]].to_numpy().tolist(),
        "marked": int(maybe["ID_2"].nunique()),
    }


def _score(data: pl.DataFrame, told: dict[str, Any]) -> Score | None:
    if "skipped" in told:
        return None
    queue = pl.DataFrame(told["queue"], schema={"a": pl.String, "b": pl.String}, orient="row")
    return score(data, pl.Series(told["clusters"], dtype=pl.String), queue, told["marked"])


def _line(what: str, tool: str, told: dict[str, Any], s: Score | None) -> None:
    if s is None:
        print(f"{what:32} {tool:10} skipped: {told['skipped']}")
        return
    memory = f"{told['mb']} MB" + (f" + {told['children_mb']}" if told["children_mb"] > 50 else "")
    took = f"{told['seconds']:.2f} s (+{told['import']:.2f} import)  {memory}"
    print(f"{what:32} {tool:10} {s}  {took}")


def _disagreements(data: pl.DataFrame, told: dict[str, Any]) -> None:
    """Each work cut apart and each cluster of several works, by the ids of its records."""
    both = data.select("id", "cluster").with_columns(pl.Series("found", told["clusters"]))
    for what, by, other in (("missed", "cluster", "found"), ("wrong", "found", "cluster")):
        for (group,), rows in both.group_by([by], maintain_order=True):
            if rows[other].n_unique() > 1:
                parts = rows.group_by(other, maintain_order=True).agg("id")["id"].to_list()
                print(f"    {what} ({group}): " + " | ".join(", ".join(ids) for ids in parts))


if __name__ == "__main__":
    sys.exit(main())
