"""Selection models, with metafor as the peer, and Bayesian pooling."""

from __future__ import annotations

from collections.abc import Iterator

import probatum as pb
from benchmarks import peers
from benchmarks.cases import Line, Result, Skipped
from benchmarks.data import BCG_V, BCG_Y
from benchmarks.timing import best
from probatum.meta.bias.selection import SelectionFit

GOAL = 0.010
TYPES = ("stepfun", "beta", "halfnorm", "negexp", "logistic", "power")


def selection_models() -> Iterator[Line]:
    """Maximum likelihood of each selection model on the BCG trials."""
    values = [*BCG_Y.tolist(), *BCG_V.tolist()]
    theirs = peers.in_r("bias.R", " ".join(map(repr, values)))
    plain = pb.pool(BCG_Y, BCG_V, method="ML", test="z")
    for type in TYPES:
        steps = [0.025] if type == "stepfun" else []

        def fit(type: str = type, steps: list[float] = steps) -> SelectionFit:
            return pb.selmodel(plain, type, steps=steps, alternative="less")

        found, seconds = fit(), best(fit, repeats=20)
        name = f"selection model, {type}"
        if isinstance(theirs, str):
            yield Result(name, seconds, within=GOAL)
            continue
        peer, ll = theirs[type]
        note = f"log-likelihood {found.ll:.8f} and {'none' if ll is None else format(ll, '.8f')}"
        yield Result(name, seconds, peer, peer / seconds, at_least=5, within=GOAL, note=note)
    if isinstance(theirs, str):
        yield Skipped("selection models, metafor", theirs)


def bayes() -> Iterator[Line]:
    """One Bayesian random-effects fit with shortest intervals; and all shrunken effects."""
    fit = pb.pool_bayes(BCG_Y, BCG_V)
    seconds = best(lambda: pb.pool_bayes(BCG_Y, BCG_V), repeats=20)
    yield Result("Bayesian pooling", seconds, within=GOAL)
    yield Result("  shrinkage, 13 studies", best(fit.shrinkage, repeats=10))


CASES = (selection_models, bayes)
