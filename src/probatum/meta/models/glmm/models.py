"""The models of `pool_glmm` as likelihood problems: arms, parameters, saturated models."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from probatum.meta.models.counts import GROUPS, Cells
from probatum.meta.models.glmm.families import Binomial, Counts, Hypergeometric, Poisson
from probatum.meta.models.glmm.newton import FEWEST, Maximum, maximise, settled
from probatum.meta.models.glmm.quadrature import Problem
from probatum.meta.types import Bools, Floats

TIMES = ("x1i", "t1i", "x2i", "t2i")
CELLS = {"OR": GROUPS, "IRR": TIMES, "PLO": ("xi", "mi"), "IRLN": ("xi", "ti")}
MODELS = {
    "UM.FS": "unconditional, fixed study effects",
    "UM.RS": "unconditional, random study effects",
    "CM.AL": "conditional, approximate likelihood",
    "CM.EL": "conditional, exact likelihood",
}
#: a start that gains no more than this over equal effects may have slid to tau2 = 0: try others
RISE = 1e-6
#: model types that a measure has (one group has one)
OFFERED = {
    "OR": tuple(MODELS),
    "IRR": ("UM.FS", "UM.RS", "CM.EL"),
    "PLO": ("UM.FS",),
    "IRLN": ("UM.FS",),
}


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """A model of the studies' counts.

    Attributes
    ----------
    equal, random : Problem
        Without and with variation of the effect between studies.
    saturated : Problem or None
        With an effect for each study, where that isn't simply the best that each arm can do.
    arms : tuple of Counts
    n_own : int
        Parameters beside coefficients and variances (fixed study effects).
    first : int
        Where the coefficients begin among the fixed effects.
    effects, variances : ndarray, shape (k,)
        Estimates of each study alone with their variances (infinite where a count is 0).
    rows : int
        Rows of data, for the small-sample criteria.
    """

    equal: Problem
    random: Problem
    saturated: Problem | None
    arms: tuple[Counts, ...]
    n_own: int
    first: int
    effects: Floats
    variances: Floats
    rows: int


def uninformative(measure: str, cells: Cells) -> Bools:
    """Two-group studies without events (or without non-events) in both groups."""
    if measure == "OR":
        none = (cells["ai"] + cells["ci"] == 0) | (cells["bi"] + cells["di"] == 0)
    elif measure == "IRR":
        none = cells["x1i"] + cells["x2i"] == 0
    else:
        none = np.zeros(len(cells["xi"]), dtype=bool)
    return np.asarray(none)


def likelihood(
    measure: str, model: str, cells: Cells, X: Floats, coding: float, cor: bool = False
) -> Likelihood:
    """The likelihood of a model for these counts, with design X (k, p) of the effect."""
    if measure in ("PLO", "IRLN"):
        return _one_arm(_of_one_group(measure, cells), X)
    if model in ("CM.AL", "CM.EL"):
        return _one_arm(_conditional(measure, model, cells), X)
    arms = _two_arms(measure, cells)
    k = len(X)
    half = np.stack([X / 2, -X / 2])
    z = np.array({0.5: (0.5, -0.5), 1.0: (1.0, 0.0), 0.0: (0.0, -1.0)}[coding])
    effects, variances = _contrast(measure, cells)
    if model == "UM.FS":
        own = np.ones(2)
        return Likelihood(
            Problem(arms, half, np.zeros((0, 2)), (), own),
            Problem(arms, half, z[None, :], (0,), own),
            None, arms, k, 0, effects, variances, 2 * k,
        )  # fmt: skip
    both = np.ones((2, k, 1))
    fixed, shared = np.concatenate([both, half], axis=2), np.ones((1, 2))
    # correlated: the effect is c u_0 + l u_1 where the study's level is s u_0
    slopes, effect = ([shared[0], z, z], (0, 0, 1)) if cor else ([shared[0], z], (0, 1))
    return Likelihood(
        Problem(arms, fixed, shared, (0,)),
        Problem(arms, fixed, np.stack(slopes), effect),
        # as metafor codes it: the study's effect is the first group's
        Problem(arms, both, shared, (0,), np.array([1.0, 0.0])),
        arms, 0, 1, effects, variances, 2 * k,
    )  # fmt: skip


def _one_arm(arm: Counts, X: Floats) -> Likelihood:
    none, one = np.zeros((0, 1)), np.ones((1, 1))
    effects = arm.where()
    bend = arm.at(np.where(np.isfinite(effects), effects, 0.0)[:, None]).bend[:, 0]
    with np.errstate(divide="ignore"):
        variances = np.where(np.isfinite(effects), -1 / bend, np.inf)
    return Likelihood(
        Problem((arm,), X[None], none, ()),
        Problem((arm,), X[None], one, (0,)),
        None, (arm,), 0, 0, effects, variances, len(X),
    )  # fmt: skip


def _of_one_group(measure: str, cells: Cells) -> Counts:
    if measure == "PLO":
        return Binomial(cells["xi"], cells["xi"] + cells["mi"])
    return Poisson(cells["xi"], cells["ti"])


def _conditional(measure: str, model: str, cells: Cells) -> Counts:
    """The first group's events given all events of the study."""
    if measure == "IRR":
        events = cells["x1i"] + cells["x2i"]
        return Binomial(cells["x1i"], events, np.log(cells["t1i"] / cells["t2i"]))
    a, b, c, d = (cells[name] for name in GROUPS)
    if model == "CM.AL":
        return Binomial(a, a + c, np.log((a + b) / (c + d)))
    return Hypergeometric(a, a + b, c + d, a + c)


def _two_arms(measure: str, cells: Cells) -> tuple[Counts, Counts]:
    if measure == "IRR":
        return Poisson(cells["x1i"], cells["t1i"]), Poisson(cells["x2i"], cells["t2i"])
    a, b, c, d = (cells[name] for name in GROUPS)
    return Binomial(a, a + b), Binomial(c, c + d)


def _contrast(measure: str, cells: Cells) -> tuple[Floats, Floats]:
    """Effects of the studies alone; infinite variances where a count is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "IRR":
            x1, x2 = cells["x1i"], cells["x2i"]
            return np.log(x1 / cells["t1i"]) - np.log(x2 / cells["t2i"]), 1 / x1 + 1 / x2
        a, b, c, d = (cells[name] for name in GROUPS)
        return np.log(a / b) - np.log(c / d), 1 / a + 1 / b + 1 / c + 1 / d


def saturated(model: Likelihood) -> tuple[float, Floats, Floats]:
    """Log-likelihood with an effect for each study; the effects, and their information (k, k)."""
    if model.saturated is None:
        ll = float(np.sum([arm.best().sum() for arm in model.arms]))
        with np.errstate(divide="ignore"):
            weight = np.where(np.isfinite(model.variances), 1 / model.variances, 0.0)
        return ll, np.where(weight > 0, model.effects, 0.0), np.diag(weight)
    start = np.nan_to_num(np.clip(model.effects, -3.0, 3.0))
    best = _maximum(model.saturated, np.array([_level(model)]), np.array([0.5]), start)
    at = best.at
    assert at.h_own is not None
    assert at.cross is not None
    assert best.alpha is not None
    inner = -at.hessian.sum(axis=0)
    information = np.diag(-at.h_own) - at.cross @ np.linalg.solve(inner, at.cross.T)
    return best.ll, best.alpha, information


def _maximum(problem: Problem, b: Floats, lam: Floats, alpha: Floats | None) -> Maximum:
    few = FEWEST[max(1, problem.d)]
    return settled(problem, maximise(problem, b, lam, alpha, few), few)


def _level(model: Likelihood) -> float:
    """A usual value of the arms' own predictors."""
    found = np.concatenate([arm.where() for arm in model.arms])
    # a study whose margins allow one table alone has none
    return float(np.median(np.clip(found[~np.isnan(found)], -15, 15)))


def fit_equal(model: Likelihood) -> Maximum:
    """The model without variation of the effect."""
    problem = model.equal
    b = np.zeros(problem.p)
    if model.first:
        b[0] = _level(model)
    alpha = None
    if problem.own is not None:
        alpha = np.mean([np.clip(arm.where(), -15, 15) for arm in model.arms], axis=0)
    elif not model.first:
        b[0] = _level(model)
    return _maximum(problem, b, np.full(len(problem.effect), 0.5), alpha)


def fit_random(model: Likelihood, equal: Maximum, tau2: float) -> Maximum:
    """The model with variation of the effect, from several starts where the first slides to 0."""
    problem, found = model.random, []
    few = FEWEST[problem.d]
    for size in (max(np.sqrt(tau2), 0.2), 1.0, 3.0):
        for lam in _starts(problem, equal.lam, size):
            found.append(maximise(problem, equal.b, lam, equal.alpha, few))
        if any(one.converged and one.ll > equal.ll + RISE for one in found):
            break
    best = max(found, key=lambda one: (one.converged, one.ll))
    return settled(problem, best, few)


def _starts(problem: Problem, before: Floats, size: float) -> list[Floats]:
    """Parameters of the variation to begin with; where it is correlated, from both sides too."""
    if len(problem.effect) == len(before) + 1:
        return [np.append(before, size)]
    sides = [(0.0, 1.0), (0.7, 0.7), (-0.7, 0.7)]
    return [np.concatenate([before, size * np.array(side)]) for side in sides]


@dataclass(frozen=True, slots=True)
class Spread:
    """Variation of the effect, and of the studies' levels where they are random.

    `sigma2` is NaN where studies have fixed effects, `rho` where none is estimated.
    """

    tau2: float = 0.0
    se_tau2: float = math.nan
    sigma2: float = math.nan
    rho: float = math.nan


def spread(model: Likelihood, best: Maximum, covariance: Floats) -> Spread:
    """The variances that a maximum stands for, `covariance` being that of (b, lambda)."""
    first = len(model.equal.effect)
    sigma2 = float(best.lam[0] ** 2) if first else math.nan
    lam = best.lam[first:]
    if not len(lam):
        return Spread(sigma2=sigma2)
    tau2 = float(lam @ lam)
    variance = float(lam @ covariance[-len(lam) :, -len(lam) :] @ lam)
    rho = math.nan
    if len(lam) == 2 and tau2 > 0:
        rho = float(np.sign(best.lam[0]) * lam[0]) / math.sqrt(tau2)
    return Spread(tau2, 2 * math.sqrt(max(variance, 0.0)), sigma2, rho)
