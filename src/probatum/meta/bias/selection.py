"""Selection models: pooling when the chance of being seen depends on the p-value."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import chdtrc, log_ndtr, ndtr, ndtri

from probatum.errors import BadInput, UnknownOption
from probatum.meta.bias.weightfunctions import FUNCTIONS, PValues, WeightFunction
from probatum.meta.inference import check_level, critical
from probatum.meta.models.inverse_variance import pool
from probatum.meta.refit import rows_of
from probatum.meta.types import Bools, Floats, MetaFit

ALTERNATIVES = ("greater", "less", "two-sided")
_STEP_UPPER = 100.0  # as in metafor: a weight beyond this says only that the cell is empty
# integrals over a study's outcome run over z = y / standard error, where p(z) is the same for all
# studies and no density is narrower than 1: pieces of width 2 with 12 nodes are exact to rounding
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_WIDTH, _REACH = 2.0, 9.0
_MOST_PIECES = 4000
_IMPOSSIBLE = 1e10


@dataclass(frozen=True, slots=True, eq=False)
class SelectionFit:
    """A fitted selection model; coefficients as in `MetaFit`.

    Attributes
    ----------
    beta, se, zval, pval, ci_lb, ci_ub : ndarray, shape (p,)
    tau2, se_tau2 : float
    delta, se_delta : ndarray, shape (q,)
        Parameters of the selection function; for "stepfun" the weight of each interval of
        p-values, the first being 1. `se_delta` is NaN where a parameter is fixed or at a bound.
    ll : float
        Log-likelihood (ML).
    LRT, LRTdf, LRTp : float
        Likelihood ratio test of no selection.
    vb : ndarray, shape (p, p)
    names : tuple of str
    type : str
    steps : tuple of float
    alternative : str
    k : int
    level : float
    converged : bool
    """

    beta: Floats
    se: Floats
    zval: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    tau2: float
    se_tau2: float
    delta: Floats
    se_delta: Floats
    ll: float
    LRT: float
    LRTdf: int
    LRTp: float
    vb: Floats
    names: tuple[str, ...]
    type: str
    steps: tuple[float, ...]
    alternative: str
    k: int
    level: float
    converged: bool


def selmodel(
    fit: MetaFit, type: str = "stepfun", *, steps: Sequence[float] = (),
    alternative: str = "greater", p_min: float | None = None, level: float | None = None,
) -> SelectionFit:  # fmt: skip
    """Maximum likelihood under selection by p-values.

    Given that a study is seen, its density is w(p) f(y) / integral of w f, with f normal with
    mean x'beta and variance vi + tau2 and p the one-sided p-value of y. Hedges LV (1992),
    Statistical Science 7, 246-255; Vevea JL, Hedges LV (1995), Psychometrika 60, 419-435
    (stepfun). Sources of the other functions: `probatum.meta.bias.weightfunctions.FUNCTIONS`.

    Parameters
    ----------
    fit : MetaFit
        Its data and moderators; an equal-effects fit keeps tau2 = 0.
    type : {"stepfun", "beta", "halfnorm", "negexp", "logistic", "power", "negexppow"}
    steps : sequence of float
        For "stepfun" the p-values at which the weight changes, such as [0.025, 0.5]; for the
        others at most one: below it all studies are seen alike.
    alternative : {"greater", "less", "two-sided"}
        Which results are more likely to be seen.
    p_min : float, optional
        p-values below it count as `p_min`, those above 1 - `p_min` as that; by default the
        function's own limit (1e-5 for "beta" and "power", else 0).
    level : float, optional

    Returns
    -------
    SelectionFit

    Raises
    ------
    UnknownOption, BadInput

    Examples
    --------
    >>> yi = [0.1, 0.5, 0.7, 0.3, 0.9, 0.4, 0.6, 1.1]
    >>> vi = [0.01, 0.05, 0.08, 0.03, 0.2, 0.04, 0.06, 0.3]
    >>> found = selmodel(pool(yi, vi), "stepfun", steps=[0.025])
    >>> bool(found.ll >= pool(yi, vi, method="ML").ll)
    True
    """
    if type != "stepfun" and type not in FUNCTIONS:
        raise UnknownOption("type", type, ["stepfun", *FUNCTIONS])
    if alternative not in ALTERNATIVES:
        raise UnknownOption("alternative", alternative, ALTERNATIVES)
    if p_min is None:
        p_min = 0.0 if type == "stepfun" else FUNCTIONS[type].p_min
    if not 0.0 <= p_min < 0.5:
        raise BadInput(f"p_min is {p_min}; it takes a small probability such as 1e-5.")
    level = fit.level if level is None else check_level(level)
    y, v, X = rows_of(fit)
    cuts = _cuts(type, steps)
    model = (
        _Step(y, v, X, cuts, alternative)
        if type == "stepfun"
        else _Smooth(y, v, X, FUNCTIONS[type], cuts, alternative, p_min)
    )
    free_tau2 = fit.method != "EE"
    plain = pool(y, v, mods=X, intercept=False, method="ML" if free_tau2 else "EE", test="z")
    if len(y) < X.shape[1] + len(model.start) + free_tau2:
        raise BadInput(f"{len(y)} estimates are too few for this selection model.")
    found = _maximise(model, plain, free_tau2)
    return _result(fit, type, cuts, alternative, level, model, plain, found, free_tau2)


def _cuts(type: str, steps: Sequence[float]) -> tuple[float, ...]:
    cuts = tuple(sorted({float(x) for x in steps} - {1.0}))
    if any(not 0.0 < x < 1.0 for x in cuts):
        raise BadInput(f"steps are p-values between 0 and 1; got {list(steps)}.")
    if type == "stepfun" and not cuts:
        raise BadInput("a step function needs steps, such as steps=[0.025].")
    if type != "stepfun" and len(cuts) > 1:
        raise BadInput(f"{type} takes at most one step; got {len(cuts)}.")
    return cuts


def _p_values(z: Floats, alternative: str, floor: float = 0.0) -> PValues:
    """p with its logs, kept between `floor` and 1 - `floor`; z = y / standard error."""
    if alternative == "two-sided":
        size = np.abs(z)
        log_p = np.log(2.0) + log_ndtr(-size)
        log_q = np.log(np.maximum(2.0 * ndtr(size) - 1.0, 1e-300))
        p = 2.0 * ndtr(-size)
    else:
        sign = 1.0 if alternative == "greater" else -1.0
        p, log_p, log_q = ndtr(-sign * z), log_ndtr(-sign * z), log_ndtr(sign * z)
    if floor > 0.0:
        low, high = np.log(floor), np.log1p(-floor)
        p = np.clip(p, floor, 1.0 - floor)
        log_p, log_q = np.clip(log_p, low, high), np.clip(log_q, low, high)
    return PValues(p, log_p, log_q)


# parts of a log-likelihood: its value and its derivatives in the mean and the variance of each
# study and in delta
Parts = tuple[float, Floats, Floats, Floats]


class _Step:
    """Step function: the integrals are differences of normal probabilities."""

    def __init__(
        self, y: Floats, v: Floats, X: Floats, cuts: tuple[float, ...], alternative: str
    ) -> None:
        self.y, self.v, self.X = y, v, X
        n = len(cuts)
        self.start, self.none = np.ones(n), np.ones(n)
        self.lower, self.upper = np.zeros(n), np.full(n, _STEP_UPPER)
        p = _p_values(y / np.sqrt(v), alternative).p
        self.cell = np.searchsorted(np.array(cuts), p, side="left")
        # z limits of each cell, from p = 0 (z infinite) to p = 1
        tails = np.array([0.0, *cuts, 1.0])
        if alternative == "two-sided":
            edge = -ndtri(tails / 2.0)
            self.edges = [(edge, 1.0), (edge, -1.0)]
        else:
            self.edges = [(-ndtri(tails), 1.0 if alternative == "greater" else -1.0)]
        self.counts = np.bincount(self.cell, minlength=n + 1)
        if (self.counts[1:] == 0).any():
            j = 1 + int(np.argmin(self.counts[1:]))
            raise BadInput(
                f"no study has a p-value between {tails[j]:g} and {tails[j + 1]:g}, so its weight "
                "can't be estimated; choose other steps."
            )

    def parts(self, mean: Floats, total: Floats, delta: Floats) -> Parts:
        """Log of weight over integral, with derivatives."""
        weight = np.concatenate([[1.0], delta])
        sigma = np.sqrt(total)
        inside = np.zeros((len(mean), len(weight)))
        d_mean, d_total = np.zeros_like(inside), np.zeros_like(inside)
        for edge, sign in self.edges:
            at = (np.sqrt(self.v)[:, None] * edge - sign * mean[:, None]) / sigma[:, None]
            tail, bell = ndtr(-at), np.exp(-0.5 * np.minimum(at * at, 1e4)) / np.sqrt(2 * np.pi)
            reach = np.where(np.isfinite(at), at, 0.0) * bell
            # cell j lies between edge j (higher z) and edge j + 1
            inside += tail[:, 1:] - tail[:, :-1]
            d_mean += sign * (bell[:, 1:] - bell[:, :-1]) / sigma[:, None]
            d_total += 0.5 * (reach[:, 1:] - reach[:, :-1]) / total[:, None]
        whole = inside @ weight
        with np.errstate(divide="ignore"):
            value = float(np.sum(np.log(weight[self.cell])) - np.sum(np.log(whole)))
            per_cell = self.counts[1:] / weight[1:]
        gradient = per_cell - np.sum(inside[:, 1:] / whole[:, None], axis=0)
        return value, -(d_mean @ weight) / whole, -(d_total @ weight) / whole, gradient


def _kinks(cuts: tuple[float, ...], alternative: str, floor: float) -> Floats:
    """z at which a weight function bends: the limits of p, 0 if two-sided, the step last."""
    two = alternative == "two-sided"
    ends = [floor, 1.0 - floor] if floor > 0.0 else []
    z = [float(-ndtri(p / 2.0 if two else p)) for p in (*ends, *cuts)]
    if alternative == "less":
        z = [-x for x in z]
    return np.array([*([-x for x in z] if two else []), 0.0, *z])


class _Smooth:
    """A smooth function: the integrals by Gauss-Legendre pieces in z, all studies at once."""

    def __init__(
        self, y: Floats, v: Floats, X: Floats, function: WeightFunction,
        cuts: tuple[float, ...], alternative: str, floor: float,
    ) -> None:  # fmt: skip
        self.y, self.v, self.X = y, v, X
        self.alternative, self.function, self.floor = alternative, function, floor
        self.start, self.none = np.array(function.start), np.array(function.none)
        self.lower, self.upper = np.array(function.lower), np.array(function.upper)
        self.own = np.sqrt(v)
        self.seen = _p_values(y / self.own, alternative, floor)
        self.breaks = _kinks(cuts, alternative, floor)
        self.limit = _p_values(self.breaks[-1:], alternative) if cuts else None
        self.low = self.high = 0.0
        self._cover(-12.0, 12.0)

    def _cover(self, low: float, high: float) -> None:
        """Lay the nodes from `low` to `high`, with edges at the breaks."""
        self.low, self.high = min(low, -12.0), max(high, 12.0)
        pieces = min(int(np.ceil((self.high - self.low) / _WIDTH)), _MOST_PIECES)
        edges = np.union1d(np.linspace(self.low, self.high, pieces + 1), self.breaks)
        half = 0.5 * np.diff(edges)[:, None]
        self.z = (edges[:-1, None] + half * (_NODES + 1.0)).ravel()
        self.log_w = np.log(half * _WEIGHTS).ravel()
        self.at = _p_values(self.z, self.alternative, self.floor)

    def _log_weight(self, delta: Floats, at: PValues) -> tuple[Floats, Floats]:
        value, slope = self.function.log_weight(delta, at)
        if self.limit is None:
            return value, slope
        base, base_slope = self.function.log_weight(delta, self.limit)
        beyond = at.p > self.limit.p[0]
        return np.where(beyond, value - base[0], 0.0), np.where(beyond, slope - base_slope, 0.0)

    def parts(self, mean: Floats, total: Floats, delta: Floats) -> Parts:
        """Log of weight over integral, with derivatives."""
        centre, ratio = mean / self.own, total / self.v
        reach = _REACH * np.sqrt(ratio)
        low, high = float(np.min(centre - reach)), float(np.max(centre + reach))
        if low < self.low or high > self.high:
            self._cover(1.2 * min(low, 0.0), 1.2 * max(high, 0.0))
        log_f, slope = self._log_weight(delta, self.at)
        sigma = np.sqrt(ratio)
        off = (self.z[None, :] - centre[:, None]) / sigma[:, None]
        exponent = (log_f + self.log_w)[None, :] - 0.5 * off * off
        top = np.max(exponent, axis=1, keepdims=True)
        share = np.exp(exponent - top)
        whole = share.sum(axis=1)
        share /= whole[:, None]
        seen, seen_slope = self._log_weight(delta, self.seen)
        log_integral = np.log(whole) + top[:, 0] - np.log(sigma) - 0.5 * np.log(2.0 * np.pi)
        moved = np.vecdot(share, off)
        d_mean = -moved / np.sqrt(total)
        d_total = -0.5 * (np.vecdot(share, off * off) - 1.0) / total
        gradient = seen_slope.sum(axis=1) - slope @ share.sum(axis=0)
        return float(np.sum(seen) - np.sum(log_integral)), d_mean, d_total, gradient


Model = _Step | _Smooth


def _log_likelihood(model: Model, theta: Floats, free_tau2: bool) -> tuple[float, Floats]:
    """Log-likelihood and gradient in (beta, tau2, delta); tau2 is left out where it is fixed."""
    p = model.X.shape[1]
    beta = theta[:p]
    tau2 = float(theta[p]) if free_tau2 else 0.0
    delta = theta[p + free_tau2 :]
    mean, total = model.X @ beta, model.v + tau2
    off = model.y - mean
    value, d_mean, d_total, d_delta = model.parts(mean, total, delta)
    value += float(-0.5 * np.sum(np.log(2.0 * np.pi * total) + off * off / total))
    d_mean = d_mean + off / total
    d_total = d_total - 0.5 / total + 0.5 * (off / total) ** 2
    spread = [np.array([d_total.sum()])] if free_tau2 else []
    return value, np.concatenate([model.X.T @ d_mean, *spread, d_delta])


def _maximise(model: Model, plain: MetaFit, free_tau2: bool) -> tuple[Floats, float, bool]:
    """The best of several starts, polished by Newton's method on what is not at a bound."""
    p = model.X.shape[1]
    bounds: Bounds = [(None, None)] * p + ([(0.0, None)] if free_tau2 else [])
    bounds += [(a, b if np.isfinite(b) else None) for a, b in zip(model.lower, model.upper)]

    def down(theta: Floats) -> tuple[float, Floats]:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            value, gradient = _log_likelihood(model, theta, free_tau2)
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            return _IMPOSSIBLE, np.zeros_like(gradient)
        return -value, -gradient

    candidates = sorted(_starts(model, plain, free_tau2), key=lambda theta: down(theta)[0])
    best: tuple[float, Floats] | None = None
    for theta in candidates[:_CLIMBS]:
        found = minimize(
            down, theta, jac=True, method="L-BFGS-B", bounds=bounds,
            options={"maxiter": 300, "ftol": 1e-11, "gtol": 1e-7},
        )  # fmt: skip
        if best is None or found.fun < best[0] - 1e-9:
            best = (float(found.fun), np.asarray(found.x))
    assert best is not None
    theta, value, settled = _polish(down, best[1], bounds)
    return theta, -value, settled


_CLIMBS = 4


def _starts(model: Model, plain: MetaFit, free_tau2: bool) -> list[Floats]:
    """Places to start from: no selection, and weak and strong selection of either kind."""
    base = max(plain.tau2, 0.05 * float(np.median(model.v)))
    levels = [
        sorted({float(none), *(min(float(one) * f, float(top)) for f in (0.2, 1.0, 5.0))})
        for none, one, top in zip(model.none, model.start, model.upper)
    ]
    if len(levels) > 3:  # step functions of many steps: all weights alike
        same = [np.full(len(levels), f) for f in (1.0, 0.2, 5.0)]
    else:
        same = [np.array(d) for d in itertools.product(*levels)]
    spread = max(float(plain.se[0]), 1e-8)
    out = []
    for delta in same:
        for scale in (1.0, 0.1, 3.0) if free_tau2 else (1.0,):
            for shift in (0.0, -2.0, 2.0):
                beta = plain.beta.copy()
                beta[0] += shift * spread
                tau2 = [np.array([base * scale])] if free_tau2 else []
                out.append(np.concatenate([beta, *tau2, np.maximum(delta, model.lower)]))
    return out


Down = Callable[[Floats], tuple[float, Floats]]
Bounds = list[tuple[float | None, float | None]]


def _at_bound(theta: Floats, gradient: Floats, bounds: Bounds) -> Bools:
    """Parameters that rest on a bound (with the downhill direction beyond it)."""
    low = np.array([a is not None and x <= a + 1e-12 for x, (a, _) in zip(theta, bounds)])
    high = np.array([b is not None and x >= b - 1e-12 for x, (_, b) in zip(theta, bounds)])
    return np.asarray((low & (gradient >= 0)) | (high & (gradient <= 0)))


def _hessian(down: Down, theta: Floats, free: Bools) -> Floats:
    """Central differences of the analytic gradient, over the free parameters."""
    place = np.flatnonzero(free)
    out = np.empty((len(place), len(place)))
    for i, j in enumerate(place):
        step = 1e-5 * max(abs(theta[j]), 1e-2)
        up, low = theta.copy(), theta.copy()
        up[j] += step
        low[j] -= step
        out[i] = (down(up)[1][place] - down(low)[1][place]) / (2.0 * step)
    return 0.5 * (out + out.T)


def _polish(down: Down, theta: Floats, bounds: Bounds) -> tuple[Floats, float, bool]:
    value, gradient = down(theta)
    lower = np.array([-np.inf if a is None else a for a, _ in bounds])
    upper = np.array([np.inf if b is None else b for _, b in bounds])
    for _ in range(30):
        free = ~_at_bound(theta, gradient, bounds)
        if _flat(theta, gradient, free):
            break
        hessian = _hessian(down, theta, free)
        try:
            np.linalg.cholesky(hessian)
        except np.linalg.LinAlgError:
            break
        step = np.zeros_like(theta)
        step[free] = -np.linalg.solve(hessian, gradient[free])
        for shrink in (1.0, 0.5, 0.25, 0.1, 0.02):
            trial = np.clip(theta + shrink * step, lower, upper)
            trial_value, trial_gradient = down(trial)
            if trial_value < value:
                break
        else:
            break
        theta, value, gradient = trial, trial_value, trial_gradient
    return theta, value, _flat(theta, gradient, ~_at_bound(theta, gradient, bounds))


def _flat(theta: Floats, gradient: Floats, free: Bools) -> bool:
    """Whether a step of each parameter's own size would change the log-likelihood by nothing."""
    return bool(np.all(np.abs(gradient[free]) * (np.abs(theta[free]) + 1e-2) < 1e-6))


def _result(
    fit: MetaFit, type: str, cuts: tuple[float, ...], alternative: str, level: float,
    model: Model, plain: MetaFit, found: tuple[Floats, float, bool], free_tau2: bool,
) -> SelectionFit:  # fmt: skip
    theta, ll, settled = found
    p = model.X.shape[1]

    def down(at: Floats) -> tuple[float, Floats]:
        value, gradient = _log_likelihood(model, at, free_tau2)
        return -value, -gradient

    bounds: Bounds = [(None, None)] * p + ([(0.0, None)] if free_tau2 else [])
    bounds += list(zip(model.lower, model.upper))
    free = ~_at_bound(theta, down(theta)[1], bounds)
    covariance = np.full((len(theta), len(theta)), np.nan)
    place = np.flatnonzero(free)
    try:
        covariance[np.ix_(place, place)] = np.linalg.inv(_hessian(down, theta, free))
    except np.linalg.LinAlgError:
        settled = False
    variance = np.diagonal(covariance)
    se = np.sqrt(np.where(variance > 0, variance, np.nan))
    beta, delta = theta[:p], theta[p + free_tau2 :]
    z = beta / se[:p]
    reach = float(critical(level, None)) * se[:p]
    first = np.array([1.0]) if type == "stepfun" else np.array([])
    fixed = np.full(len(first), np.nan)
    LRT = max(0.0, 2.0 * (ll - plain.ll))
    return SelectionFit(
        beta=beta, se=se[:p], zval=z, pval=2.0 * ndtr(-np.abs(z)), ci_lb=beta - reach,
        ci_ub=beta + reach, tau2=float(theta[p]) if free_tau2 else 0.0,
        se_tau2=float(se[p]) if free_tau2 else float("nan"),
        delta=np.concatenate([first, delta]),
        se_delta=np.concatenate([fixed, se[p + free_tau2 :]]), ll=ll, LRT=LRT,
        LRTdf=len(delta), LRTp=float(chdtrc(len(delta), LRT)), vb=covariance[:p, :p],
        names=fit.names, type=type, steps=cuts, alternative=alternative, k=len(model.y),
        level=level, converged=settled,
    )  # fmt: skip
