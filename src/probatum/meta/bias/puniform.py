"""p-uniform*: every estimate judged within what it was, statistically significant or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri, log_ndtr, ndtri

from probatum.errors import BadInput, UnknownOption
from probatum.meta.bias.ascent import climb
from probatum.meta.bias.seen import Moments, Own, conditional_moments, log_likelihood
from probatum.meta.inference import check_level
from probatum.meta.models.inverse_variance import pool
from probatum.meta.options import typed_options
from probatum.meta.refit import rows_of
from probatum.meta.types import Floats, MetaFit, need

SIDES = ("greater", "less")
_FAR = 200.0  # standard deviations beyond which an interval is open


@dataclass(frozen=True, slots=True)
class PUniform:
    """p-uniform* by maximum likelihood.

    Attributes
    ----------
    beta, se, ci_lb, ci_ub : float
        Mean true effect; its interval by profile likelihood, infinite where the likelihood never
        falls far enough. Where it has no maximum within 100 standard deviations of the estimates,
        as when all lie just beyond the critical value, `beta` is infinite, tau2 NaN and
        `converged` False.
    tau2, tau2_lb, tau2_ub : float
        Variance of true effects with its profile likelihood interval.
    ll : float
        Log-likelihood given which estimates are significant.
    LRT, LRTp : float
        Likelihood ratio test of a mean of 0 (one degree of freedom).
    LRT_tau2, LRTp_tau2 : float
        The same of tau2 = 0. As 0 is the least that tau2 can be, the p-value is conservative.
    LRT_bias, LRTp_bias : float
        Test of publication bias: against the random-effects estimates of mean and tau2 by Paule
        and Mandel (two degrees of freedom).
    k, k_significant : int
    side : str
    step, level : float
    converged : bool
    """

    beta: float
    se: float
    ci_lb: float
    ci_ub: float
    tau2: float
    tau2_lb: float
    tau2_ub: float
    ll: float
    LRT: float
    LRTp: float
    LRT_tau2: float
    LRTp_tau2: float
    LRT_bias: float
    LRTp_bias: float
    k: int
    k_significant: int
    side: str
    step: float
    level: float
    converged: bool


@typed_options
def puniform(
    fit: MetaFit, *, side: str = "greater", step: float = 0.025, level: float | None = None
) -> PUniform:
    """p-uniform*: the mean effect and its variance, given which estimates are significant.

    An estimate with a one-sided p-value up to `step` has a normal density cut off at the
    critical value, the others have what is left of it: that is a selection model in which the
    two groups may have been seen with any two chances. van Aert RCM, van Assen MALM (2021).
    Correcting for publication bias in a meta-analysis with the p-uniform* method (preprint,
    doi:10.31222/osf.io/zqjr9); there the maximum likelihood method.

    Parameters
    ----------
    fit : MetaFit
        Its data; without moderators.
    side : {"greater", "less"}
        Where the significant results that were sought lie.
    step : float
        One-sided p-value up to which a result counts as significant (0.025 for two-sided tests
        at 0.05).
    level : float, optional

    Returns
    -------
    PUniform

    Raises
    ------
    UnknownOption, BadInput

    Examples
    --------
    >>> yi = [0.1, 0.5, 0.7, 0.3, 0.9, 0.4, 0.6, 1.1]
    >>> vi = [0.01, 0.05, 0.08, 0.03, 0.2, 0.04, 0.06, 0.3]
    >>> found = puniform(pool(yi, vi))
    >>> found.k_significant, bool(found.beta < pool(yi, vi).beta[0])
    (6, True)
    """
    need(fit, "MetaFit")
    if side not in SIDES:
        raise UnknownOption("side", side, SIDES)
    if not 0.0 < step < 1.0:
        raise BadInput(f"step is {step}; it takes a one-sided p-value such as 0.025.")
    y, v, _ = rows_of(fit)
    if fit.moderated:
        raise BadInput("p-uniform* is for a fit without moderators.")
    level = fit.level if level is None else check_level(level)
    if len(y) < 2:
        raise BadInput("p-uniform* needs at least two estimates.")
    sign, unit = (1.0 if side == "greater" else -1.0), float(np.sqrt(np.median(v)))
    model = _Conditional(sign * y / unit, v / unit**2, step)
    return _result(model, sign * unit, unit, side, step, level)


class _Conditional:
    """Each estimate's density over its integral on its own side of the critical value."""

    def __init__(self, y: Floats, v: Floats, step: float) -> None:
        self.y, self.v, self.X = y, v, np.ones((len(y), 1))
        self.edge = -float(ndtri(step)) * np.sqrt(v)
        self.significant = y >= self.edge
        self.sign = np.where(self.significant, 1.0, -1.0)

    def own(self, delta: Floats) -> Own:
        """All weights are 1 on an estimate's own side."""
        n = len(delta)
        return np.zeros(n), np.zeros((n, 0)), np.zeros((n, 0, 0))

    def moments(self, mean: Floats, total: Floats, delta: Floats) -> Moments:
        """Moments of the normal tail above the critical value, or mirrored below it."""
        a = self.sign * (self.edge - mean) / np.sqrt(total)
        log_tail = log_ndtr(-a)
        u = conditional_moments(a, log_tail)
        u[::2] *= self.sign
        shape = (0, *mean.shape)
        return Moments(log_tail, u, np.zeros((3, *shape)), np.zeros((0, *shape)))

    @property
    def place(self) -> tuple[float, float]:
        """Centre of the estimates, and a standard deviation of one."""
        return float(np.mean(self.y)), float(np.sqrt(np.var(self.y) + np.median(self.v)))

    def at(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        """Log-likelihood in (mean, tau2) with two derivatives."""
        return log_likelihood(self, theta, True)

    def value(self, mean: float, tau2: float) -> float:
        return float(self.at(np.array([[mean, tau2]]))[0][0])


def _spreads(model: _Conditional) -> Floats:
    """Values of tau2 to start from."""
    return np.array([0.0, 0.1, 1.0, 10.0]) * model.place[1] ** 2


def _maximum(model: _Conditional) -> tuple[Floats, float, Floats, Floats]:
    centre, wide = model.place
    starts = np.array(
        [[centre + s * wide, t] for s in (-6.0, -3.0, -1.0, 0.0, 1.0) for t in _spreads(model)]
    )
    theta, value, gradient, hessian = climb(
        model.at, starts, np.array([-np.inf, 0.0]), np.array([np.inf, np.inf])
    )
    best = int(np.nanargmax(value))
    return theta[best], float(value[best]), gradient[best], hessian[best]


def _profile(model: _Conditional, held: int, at: float) -> float:
    """Highest log-likelihood with one parameter held (0 the mean, 1 tau2)."""
    free = 1 - held
    if free == 1:
        starts, lower = _spreads(model), 0.0
    else:
        centre, wide = model.place
        starts = centre + np.hypot(wide, np.sqrt(at)) * np.array([-6.0, -3.0, -1.0, 0.0, 1.0])
        lower = -np.inf

    def line(x: Floats) -> tuple[Floats, Floats, Floats]:
        theta = np.full((len(x), 2), at)
        theta[:, free] = x[:, 0]
        value, gradient, hessian = model.at(theta)
        return value, gradient[:, free : free + 1], hessian[:, free : free + 1, free : free + 1]

    value = climb(line, starts[:, None], np.array([lower]), np.array([np.inf]))[1]
    return float(np.nanmax(value))


def _limit(
    model: _Conditional, held: int, top: Floats, ll: float, drop: float, direction: float
) -> float:
    """Where the profile has fallen by `drop`; infinite (or 0 for tau2) where it never does."""
    centre, wide = model.place
    start, unit = float(top[held]), wide if held == 0 else wide**2
    floor = 0.0 if held == 1 else -np.inf

    def short(x: float) -> float:
        return ll - drop - _profile(model, held, x)

    near, reach = start, 0.1 * unit
    while direction * (near - (centre if held == 0 else 0.0)) < _FAR * unit:
        far = max(start + direction * reach, floor)
        if short(far) > 0.0:
            return float(brentq(short, *sorted((near, far)), xtol=1e-10, rtol=1e-12))
        if far == floor:
            return floor
        near, reach = far, 2.0 * reach
    return direction * np.inf


def _result(
    model: _Conditional, scale: float, unit: float, side: str, step: float, level: float
) -> PUniform:
    """Tests and intervals, back on the scale of the data."""
    top, ll, gradient, hessian = _maximum(model)
    free = np.array([True, top[1] > 0.0])
    place = np.ix_(free, free)
    try:
        np.linalg.cholesky(-hessian[place])
        inverse = np.linalg.inv(-hessian[place])
        se = float(np.sqrt(inverse[0, 0]))
        settled = bool(gradient[free] @ inverse @ gradient[free] < 1e-7)
    except np.linalg.LinAlgError:
        se, settled = float("nan"), False
    centre, wide = model.place
    if abs(float(top[0]) - centre) > 0.5 * _FAR * wide:
        settled, best = False, (scale * float(np.sign(top[0]) * np.inf), float("nan"))
    else:
        best = (scale * float(top[0]), unit**2 * float(top[1]))
    drop = 0.5 * float(chdtri(1, 1.0 - level / 100.0))
    limits = [_limit(model, held, top, ll, drop, way) for held in (0, 1) for way in (-1.0, 1.0)]
    ends = sorted((scale * limits[0], scale * limits[1]))
    plain = pool(model.y, model.v, method="PM", test="z")
    tests = [
        max(0.0, 2.0 * (ll - other))
        for other in (
            _profile(model, 0, 0.0), _profile(model, 1, 0.0),
            model.value(float(plain.beta[0]), plain.tau2),
        )
    ]  # fmt: skip
    return PUniform(
        beta=best[0], se=unit * se, ci_lb=ends[0], ci_ub=ends[1],
        tau2=best[1], tau2_lb=unit**2 * limits[2], tau2_ub=unit**2 * limits[3],
        ll=ll - len(model.y) * float(np.log(unit)), LRT=tests[0], LRTp=float(chdtrc(1, tests[0])),
        LRT_tau2=tests[1], LRTp_tau2=float(chdtrc(1, tests[1])), LRT_bias=tests[2],
        LRTp_bias=float(chdtrc(2, tests[2])), k=len(model.y),
        k_significant=int(model.significant.sum()), side=side, step=step, level=level,
        converged=settled,
    )  # fmt: skip
