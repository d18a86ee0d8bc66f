"""Limit meta-analysis: the effect in studies of infinite size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.inference import check_level, critical
from probatum.meta.options import typed_options
from probatum.meta.refit import rows_of
from probatum.meta.types import Floats, MetaFit, need

ESTIMATORS = ("beta0", "betalim", "mulim")


@dataclass(frozen=True, slots=True, eq=False)
class LimitFit:
    """A limit meta-analysis.

    Attributes
    ----------
    estimate, se, zval, pval, ci_lb, ci_ub : float
        Adjusted for small-study effects.
    estimator : {"beta0", "betalim", "mulim"}
    intercept, slope : float
        Line of the generalised radial plot: the bias alpha, and beta.
    limits : ndarray, shape (k,)
        Each study's estimate if it had infinite size.
    G2 : float
        Share (percent) of the limits' spread in the radial plot that the line leaves unexplained:
        heterogeneity beyond small-study effects.
    Q, Qp : float
        Cochran's test of all heterogeneity.
    Q_small, Q_smallp : float
        Its part due to small-study effects (one degree of freedom).
    Q_rest, Q_restp : float
        Its part beyond them (k - 2 degrees of freedom).
    tau2 : float
        As in the fit.
    fit : MetaFit
        The fit it was made of.
    k : int
    level : float
    """

    estimate: float
    se: float
    zval: float
    pval: float
    ci_lb: float
    ci_ub: float
    estimator: str
    intercept: float
    slope: float
    limits: Floats
    G2: float
    Q: float
    Qp: float
    Q_small: float
    Q_smallp: float
    Q_rest: float
    Q_restp: float
    tau2: float
    k: int
    level: float
    fit: MetaFit

    def at(self, se: float) -> float:
        """Effect that the model expects of studies with this standard error."""
        return float(self.slope + np.sqrt(se**2 + self.tau2) * self.intercept)


@typed_options
def limitmeta(fit: MetaFit, *, estimator: str = "beta0", level: float | None = None) -> LimitFit:
    """Limit meta-analysis of a random-effects fit.

    The random-effects model gets a bias alpha that shrinks with the total standard error,
    yi = beta + sqrt(vi + tau2) (alpha + error): in the generalised radial plot, of
    yi / sqrt(vi + tau2) on 1 / sqrt(vi + tau2), alpha is the intercept and beta the slope. As a
    study grows without end its error vi vanishes and its estimate goes to the limit
    beta + tau (yi - beta) / sqrt(vi + tau2), whose mean is beta + tau alpha. Rücker G, Schwarzer
    G, Carpenter JR, Binder H, Schumacher M (2011). Biostatistics 12, 122-142.

    Parameters
    ----------
    fit : MetaFit
        Without moderators; its tau2 is used.
    estimator : {"beta0", "betalim", "mulim"}
        The mean of the limits that the line implies, beta + tau alpha; the slope of a line
        through the limits' own radial plot; the limits' inverse variance mean.
    level : float, optional

    Returns
    -------
    LimitFit

    Raises
    ------
    UnknownOption, BadInput

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.4, 0.5, 0.9, 0.2], [0.01, 0.04, 0.09, 0.16, 0.02], method="DL")
    >>> found = limitmeta(fit)
    >>> bool(found.estimate < fit.beta[0])
    True
    """
    need(fit, "MetaFit")
    if estimator not in ESTIMATORS:
        raise UnknownOption("estimator", estimator, ESTIMATORS)
    y, v, _ = rows_of(fit)
    if fit.moderated:
        raise BadInput("a limit meta-analysis is for a fit without moderators.")
    level = fit.level if level is None else check_level(level)
    k, tau2 = len(y), float(fit.tau2)
    if k < 3:
        raise BadInput(f"a limit meta-analysis needs at least three studies; there are {k}.")
    own, total = np.sqrt(v), np.sqrt(v + tau2)
    if np.ptp(own) <= 1e-9 * np.max(own):
        raise BadInput(f"all {k} studies have the same standard error: nothing to extrapolate.")
    intercept, slope, _ = _radial(y, total)
    limits = slope + np.sqrt(tau2) * (y - slope) / total
    line, rest = _radial(limits, own), _radial(y, own)[2]
    estimate, se = {
        "beta0": (slope + np.sqrt(tau2) * intercept, _slope_error(total)),
        "betalim": (line[1], _slope_error(own)),
        "mulim": (float(limits @ v**-1 / np.sum(1 / v)), float(np.sum(1 / v) ** -0.5)),
    }[estimator]
    z = limits / own
    Q = float(np.sum((y - np.sum(y / v) / np.sum(1 / v)) ** 2 / v))
    reach = float(critical(level, None)) * se
    return LimitFit(
        estimate=float(estimate), se=se, zval=float(estimate / se),
        pval=float(2.0 * ndtr(-abs(estimate / se))), ci_lb=float(estimate - reach),
        ci_ub=float(estimate + reach), estimator=estimator, intercept=intercept, slope=slope,
        limits=limits, G2=float(100.0 * line[2] / np.sum((z - z.mean()) ** 2)), Q=Q,
        Qp=float(chdtrc(k - 1, Q)), Q_small=Q - rest, Q_smallp=float(chdtrc(1, max(0.0, Q - rest))),
        Q_rest=rest, Q_restp=float(chdtrc(k - 2, rest)), tau2=tau2, k=k, level=level,
        fit=fit,
    )  # fmt: skip


def _radial(y: Floats, se: Floats) -> tuple[float, float, float]:
    """Line through a radial plot by least squares: intercept, slope, residual sum of squares."""
    x, z = 1.0 / se, y / se
    off = x - x.mean()
    slope = float(off @ z / (off @ off))
    intercept = float(z.mean() - slope * x.mean())
    left = z - intercept - slope * x
    return intercept, slope, float(left @ left)


def _slope_error(se: Floats) -> float:
    """Standard error of a radial plot's slope, whose errors have variance 1."""
    x = 1.0 / se
    return float(np.sum((x - x.mean()) ** 2) ** -0.5)
