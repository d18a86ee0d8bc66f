"""Selection models: pooling when the chance of being seen depends on the p-value."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.bias.ascent import climb, resting
from probatum.meta.bias.seen import Model, Smooth, Step, log_likelihood, value_only
from probatum.meta.bias.weightfunctions import ALTERNATIVES, FUNCTIONS, PValues, p_values
from probatum.meta.columns import floats
from probatum.meta.inference import check_level, critical
from probatum.meta.models.inverse_variance import pool
from probatum.meta.options import typed_options
from probatum.meta.refit import rows_of
from probatum.meta.types import Bools, Floats, MetaFit, need

_CLIMBS = 16  # starts that are followed to the top
_PROMISE = 1e-7  # log-likelihood that another step may promise where a climb has settled
_REFINEMENTS, _SAME = 3, 1e-9  # nodes are doubled twice until the maximum is the same


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
    p_min : float
        p-values below it count as it, those above 1 - `p_min` as that.
    fit : MetaFit
        The fit it was made of.
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
    p_min: float
    fit: MetaFit

    def weight(self, p: Any, delta: Any = None) -> Floats:
        """Chance of being seen at these p-values, relative to p = 0 (at "beta" in its own units).

        Parameters
        ----------
        p : array
            By the alternative of the model.
        delta : array of shape (q,), optional
            Other parameters than those estimated.

        Examples
        --------
        >>> yi = [0.1, 0.5, 0.7, 0.3, 0.9, 0.4, 0.6, 1.1]
        >>> vi = [0.01, 0.05, 0.08, 0.03, 0.2, 0.04, 0.06, 0.3]
        >>> found = selmodel(pool(yi, vi), "stepfun", steps=[0.025])
        >>> bool((found.weight([0.01, 0.4]) == found.delta).all())
        True
        """
        p = np.asarray(p, dtype=np.float64)
        own = self.delta if delta is None else np.asarray(delta, dtype=np.float64)
        if self.type == "stepfun":
            step: Floats = own[np.searchsorted(np.array(self.steps), p, side="left")]
            return step

        def log_weight(at: Floats) -> Floats:
            at = np.clip(at, max(self.p_min, 1e-300), 1.0 - max(self.p_min, 1e-16))
            return FUNCTIONS[self.type].log_weight(own, PValues(at, np.log(at), np.log1p(-at)))[0]

        if not self.steps:
            return np.exp(log_weight(p))
        limit = np.array(self.steps[0])
        return np.where(p <= limit, 1.0, np.exp(log_weight(p) - log_weight(limit)))

    def observed(self) -> Floats:
        """p-values of the studies, by the alternative of the model."""
        y, v, _ = rows_of(self.fit)
        return p_values(y / np.sqrt(v), self.alternative).p


@typed_options
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
    need(fit, "MetaFit")
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
    if not fit.own_weights or fit.tau2_given:
        raise BadInput(
            "a selection model estimates tau2 and weights by its likelihood; fit without weights=, "
            "weighted=False and tau2=."
        )
    cuts = _cuts(type, steps)
    unit = float(np.sqrt(np.median(v)))  # all is fitted on the scale where this is 1
    y, v = y / unit, v / unit**2
    model = (
        Step(y, v, X, cuts, alternative)
        if type == "stepfun"
        else Smooth(y, v, X, FUNCTIONS[type], cuts, alternative, p_min)
    )
    free_tau2 = fit.method != "EE"
    plain = pool(y, v, mods=X, intercept=False, method="ML" if free_tau2 else "EE", test="z")
    if len(y) < X.shape[1] + len(model.start) + free_tau2:
        raise BadInput(f"{len(y)} estimates are too few for this selection model.")
    top = _maximise(model, plain, free_tau2)
    LRT = max(0.0, 2.0 * (top.ll - plain.ll))
    top = _rescaled(top, unit, X.shape[1], free_tau2, len(y))
    return _result(fit, type, cuts, alternative, level, top, LRT, free_tau2, len(y), p_min)


def _cuts(type: str, steps: Sequence[float]) -> tuple[float, ...]:
    cuts = tuple(sorted({float(x) for x in np.ravel(floats(steps, "steps"))} - {1.0}))
    if any(not 0.0 < x < 1.0 for x in cuts):
        raise BadInput(f"steps are p-values between 0 and 1; got {list(steps)}.")
    if type == "stepfun" and not cuts:
        raise BadInput("a step function needs steps, such as steps=[0.025].")
    if type != "stepfun" and len(cuts) > 1:
        raise BadInput(f"{type} takes at most one step; got {len(cuts)}.")
    return cuts


@dataclass(frozen=True, slots=True, eq=False)
class _Top:
    """The highest point found; the covariance is NaN for parameters at a bound."""

    theta: Floats
    ll: float
    covariance: Floats
    settled: bool


def _maximise(model: Model, plain: MetaFit, free_tau2: bool) -> _Top:
    """The best of several starts, each climbed by Newton's method."""
    p = model.X.shape[1]
    lower = np.concatenate([np.full(p, -np.inf), np.zeros(int(free_tau2)), model.lower])
    upper = np.concatenate([np.full(p + free_tau2, np.inf), model.upper])
    starts = np.clip(_starts(model, plain, free_tau2), lower, upper)
    seen = value_only(model, starts.reshape(-1, starts.shape[-1]), free_tau2)
    seen = np.nan_to_num(seen, nan=-np.inf).reshape(starts.shape[:2])
    theta = starts[np.arange(len(starts)), np.argmax(seen, axis=1)]
    theta = theta[np.argsort(-seen.max(axis=1), kind="stable")[:_CLIMBS]]
    for _ in range(_REFINEMENTS):
        theta, value, gradient, hessian = climb(
            lambda at: log_likelihood(model, at, free_tau2), theta, lower, upper
        )
        best = int(np.nanargmax(value))
        if isinstance(model, Step):
            break
        if _same_with_finer_nodes(model, theta[best : best + 1], value[best], free_tau2):
            break
    free = ~resting(theta[best], gradient[best], lower, upper)
    free &= np.diagonal(hessian[best]) != 0.0  # the others don't matter here
    covariance, settled = _inverse(gradient[best], hessian[best], free)
    return _Top(theta[best], float(value[best]), covariance, settled)


def _same_with_finer_nodes(model: Smooth, theta: Floats, value: float, free_tau2: bool) -> bool:
    """Twice, as a cliff between two nodes may hide from one of two rules."""
    off = 0.0
    for _ in range(2):
        model.refine()
        off = max(off, abs(float(value_only(model, theta, free_tau2)[0]) - value))
    return off < _SAME


def _inverse(gradient: Floats, hessian: Floats, free: Bools) -> tuple[Floats, bool]:
    """Inverse of the observed information, and whether another step promises nothing."""
    out = np.full(hessian.shape, np.nan)
    place = np.ix_(free, free)
    try:
        np.linalg.cholesky(-hessian[place])
    except np.linalg.LinAlgError:
        return out, False
    out[place] = np.linalg.inv(-hessian[place])
    return out, bool(gradient[free] @ out[place] @ gradient[free] < _PROMISE)


def _rescaled(top: _Top, unit: float, p: int, free_tau2: bool, k: int) -> _Top:
    """Back on the scale of the data."""
    scale = np.ones(len(top.theta))
    scale[:p] = unit
    if free_tau2:
        scale[p] = unit**2
    ll = top.ll - k * float(np.log(unit))
    return _Top(top.theta * scale, ll, top.covariance * np.outer(scale, scale), top.settled)


def _starts(model: Model, plain: MetaFit, free_tau2: bool) -> Floats:
    """Places to start from, shape (weight functions, places, parameters).

    The weight functions are none, weak and strong selection of either kind; the places are means
    up to four standard deviations of an estimate away, and smaller and larger tau2.
    """
    typical = float(np.median(model.v))
    base = max(plain.tau2, 0.05 * typical)
    levels = [
        sorted(
            {none, *(min(one * f, top) for f in (0.2, 1.0, 5.0)), *([low] if low > 1e-3 else [])}
        )
        for none, one, low, top in zip(model.none, model.start, model.lower, model.upper)
    ]
    if len(levels) > 3:  # step functions of many steps: all weights alike
        weights = [np.full(len(levels), f) for f in (1.0, 0.2, 5.0)]
    else:
        weights = [np.array(d) for d in itertools.product(*levels)]
    places = []
    for shift in (-4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0):
        for scale in (1.0, 0.1, 3.0)[: 3 if abs(shift) < 3.0 else 1] if free_tau2 else (1.0,):
            beta = plain.beta.copy()
            beta[0] += shift * np.sqrt(plain.tau2 + typical)
            places.append([*beta, *([base * scale] if free_tau2 else [])])
    return np.array([[[*place, *delta] for place in places] for delta in weights])


def _result(
    fit: MetaFit, type: str, cuts: tuple[float, ...], alternative: str, level: float,
    top: _Top, LRT: float, free_tau2: bool, k: int, p_min: float,
) -> SelectionFit:  # fmt: skip
    theta, covariance = top.theta, top.covariance
    p = len(fit.names)
    variance = np.diagonal(covariance)
    se = np.sqrt(np.where(variance > 0, variance, np.nan))
    beta, delta = theta[:p], theta[p + free_tau2 :]
    z = beta / se[:p]
    reach = float(critical(level, None)) * se[:p]
    first = np.array([1.0]) if type == "stepfun" else np.array([])
    fixed = np.full(len(first), np.nan)
    return SelectionFit(
        beta=beta, se=se[:p], zval=z, pval=2.0 * ndtr(-np.abs(z)), ci_lb=beta - reach,
        ci_ub=beta + reach, tau2=float(theta[p]) if free_tau2 else 0.0,
        se_tau2=float(se[p]) if free_tau2 else float("nan"),
        delta=np.concatenate([first, delta]),
        se_delta=np.concatenate([fixed, se[p + free_tau2 :]]), ll=top.ll, LRT=LRT,
        LRTdf=len(delta), LRTp=float(chdtrc(len(delta), LRT)), vb=covariance[:p, :p],
        names=fit.names, type=type, steps=cuts, alternative=alternative, k=k,
        level=level, converged=top.settled, p_min=p_min, fit=fit,
    )  # fmt: skip
