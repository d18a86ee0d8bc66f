"""Multilevel models and cluster-robust inference, with metafor's sparse matrices as the peer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import probatum as pb
from benchmarks import peers
from benchmarks.cases import Line, Result
from benchmarks.timing import best

PER_STUDY = 5


def simulated(studies: int) -> tuple[Any, Any, dict[str, Any]]:
    """Estimates, variances and groups of a three-level set."""
    rng = np.random.default_rng(1)
    study = np.repeat(np.arange(studies), PER_STUDY)
    k = len(study)
    vi = rng.uniform(0.02, 0.2, k)
    yi = 0.3 + 0.3 * rng.normal(size=studies)[study] + rng.normal(size=k) * np.sqrt(vi + 0.04)
    return yi, vi, {"study": study, "id": np.arange(k), "lab": rng.integers(0, 40, k)}


def three_levels() -> Iterator[Line]:
    """One three-level fit with its full result, its profile intervals, and robust errors."""
    for studies, goal in ((500, 0.010), (20_000, 0.5)):
        yi, vi, data = simulated(studies)

        def fit(yi: Any = yi, vi: Any = vi, data: Any = data) -> pb.MultilevelFit:
            return pb.pool_multilevel(yi, vi, random="~ 1 | study/id", data=data)

        found = fit()
        name = f"three levels, {studies:,} x {PER_STUDY}"
        seconds = best(fit, repeats=10 if studies < 1000 else 4)
        if studies == 500:
            yield _against_metafor(name, seconds, goal, found)
        else:
            yield Result(name, seconds, within=goal)
        profiles = best(found.confint, repeats=3)
        yield Result(f"  profile intervals, {studies:,}", profiles)
        robust = best(lambda f=found: pb.robust(f, "study"), repeats=3)  # type: ignore[misc]
        yield Result(f"  CR2, {studies:,} clusters", robust, within=1.0)
    yi, vi, data = simulated(4_000)
    random = ["~ 1 | study", "~ 1 | lab"]
    crossed = best(lambda: pb.pool_multilevel(yi, vi, random=random, data=data), repeats=3)
    yield Result("crossed, 4,000 x 40, 20,000 rows", crossed)


def _against_metafor(name: str, seconds: float, goal: float, found: pb.MultilevelFit) -> Line:
    values = [*found.data.yi.tolist(), *found.data.vi.tolist()]
    theirs = peers.in_r("multilevel.R", " ".join(map(repr, values)))
    if isinstance(theirs, str):
        return Result(name, seconds, within=goal, note=theirs)
    note = f"against metafor, sparse; log-likelihood {found.ll:.8f} and {theirs['ll']:.8f}"
    peer = float(theirs["seconds"])
    return Result(name, seconds, peer, peer / seconds, at_least=100, within=goal, note=note)


CASES = (three_levels,)
