"""Generalised linear mixed models of counts, with metafor as the peer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import probatum as pb
from benchmarks import peers
from benchmarks.cases import Line, Result, Skipped
from benchmarks.data import BCG_CELLS
from benchmarks.timing import best

GOALS = {"UM.FS": None, "UM.RS": None, "CM.AL": None, "CM.EL": 0.010}


def mixed_models() -> Iterator[Line]:
    """One fit of each model of the odds ratio."""
    cells = np.concatenate(list(BCG_CELLS.values())).tolist()
    theirs = peers.in_r("counts.R", " ".join(map(repr, cells)))
    es = pb.effect_sizes(measure="OR", **BCG_CELLS)
    for model, goal in GOALS.items():
        tau2 = pb.pool_glmm(es, model=model).tau2
        seconds = best(lambda model=model: pb.pool_glmm(es, model=model), repeats=10)  # type: ignore[misc]
        name = f"mixed model of counts, {model}"
        if isinstance(theirs, str):
            yield Result(name, seconds, within=goal)
            continue
        peer, reached = theirs[model]
        note = f"metafor; tau2 {tau2:.6f} and {reached or np.nan:.6f}"
        yield Result(name, seconds, peer, peer / seconds, at_least=2, within=goal, note=note)
    if isinstance(theirs, str):
        yield Skipped("mixed models of counts, metafor", theirs)


CASES = (mixed_models,)
