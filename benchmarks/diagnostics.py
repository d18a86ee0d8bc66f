"""Refits by the thousand: all subsets, permutations and bootstrap samples of the BCG trials."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np

import probatum as pb
from benchmarks import peers
from benchmarks.cases import Line, Result, Skipped
from benchmarks.data import BCG_LATITUDE, BCG_V, BCG_Y
from benchmarks.timing import best
from probatum.meta import compiled

PERMUTATIONS = 1000
ROUNDS = 20


def refits() -> Iterator[Line]:
    """GOSH and permutations, with what metafor needs for as many (measured on fewer)."""
    values = np.concatenate([BCG_Y, BCG_V, BCG_LATITUDE]).tolist()
    theirs = peers.in_r("diagnostics.R", " ".join(map(repr, values)))
    plain = pb.pool(BCG_Y, BCG_V)
    moderated = pb.pool(BCG_Y, BCG_V, mods=BCG_LATITUDE)
    subsets, threshold = len(pb.gosh(plain).k), compiled.FROM
    for path, start in (("NumPy", 10**12), ("compiled", 1)):
        if path == "compiled" and find_spec("numba") is None:
            yield Skipped("all subsets, compiled", "numba is not installed (probatum[fast])")
            continue
        compiled.FROM = start
        pb.gosh(plain)
        seconds = best(lambda: pb.gosh(plain), repeats=ROUNDS)
        yield _beside(f"{subsets:,} subsets, {path}", seconds, theirs, "gosh", subsets, 0.010)
    compiled.FROM = threshold

    def permute() -> object:
        return pb.permutest(moderated, exact=False, iterations=PERMUTATIONS)

    seconds = best(permute, repeats=ROUNDS)
    name = f"{PERMUTATIONS:,} permutations, a moderator"
    yield _beside(name, seconds, theirs, "permutest", PERMUTATIONS, 0.025)
    if isinstance(theirs, str):
        yield Skipped("subsets and permutations, metafor", theirs)
    for kind in ("parametric", "nonparametric"):
        seconds = best(lambda kind=kind: pb.bootstrap(plain, kind=kind), repeats=ROUNDS)  # type: ignore[misc]
        yield Result(f"1,999 bootstrap samples, {kind}", seconds)


def _beside(
    name: str, seconds: float, theirs: dict[str, float] | str, what: str, times: int, goal: float
) -> Result:
    if isinstance(theirs, str):
        return Result(name, seconds, within=goal)
    peer, note = theirs[what] * times, "metafor, from fewer of them"
    return Result(name, seconds, peer, peer / seconds, at_least=50, within=goal, note=note)


CASES = (refits,)
