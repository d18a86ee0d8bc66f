"""Tests and confidence intervals of the coefficients, for a whole batch."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from scipy.special import chdtrc, fdtrc, ndtr, ndtri, stdtr, stdtrit

from probatum.errors import BadInput, UnknownOption
from probatum.meta import kenward_roger
from probatum.meta.kernel import Batch, project, weights
from probatum.meta.solvers import Estimate
from probatum.meta.tau2 import Tau2Method
from probatum.meta.types import Floats

_EPS = float(np.finfo(np.float64).eps)
TESTS = ("z", "t", "knha", "adhoc", "kr")


class Tested(NamedTuple):
    """Coefficients with their tests and confidence limits: numbers, or arrays of one shape."""

    beta: Any
    se: Any
    stat: Any
    pval: Any
    ci_lb: Any
    ci_ub: Any


class Coefficients(NamedTuple):
    """Coefficients with their covariance; the leading axis is the batch's.

    Attributes
    ----------
    beta : ndarray, shape (B, p)
    vb : ndarray, shape (B, p, p)
    df : ndarray, shape (B, p)
        Degrees of freedom of t-tests.
    s2w, rss, logdet : ndarray, shape (B,)
        Knapp-Hartung factor; y'Py and log det X'WX of the weighted fit.
    """

    beta: Floats
    vb: Floats
    df: Floats
    s2w: Floats
    rss: Floats
    logdet: Floats


def check_test(test: str, how: Tau2Method, *, own_weights: bool) -> None:
    """Whether `test` exists, and is for fits by this estimator of tau2 and with such weights.

    Raises
    ------
    UnknownOption, BadInput
    """
    if test not in TESTS:
        raise UnknownOption("test", test, TESTS)
    if test == "kr":
        kenward_roger.check_applies(how, own_weights=own_weights)


def check_level(level: float) -> float:
    """The confidence level, in percent.

    Raises
    ------
    BadInput
        If it is no number between 1 and 100: 0.95 is taken for a slip, not for 0.95 percent.
    """
    try:
        value = float("nan") if isinstance(level, bool) else float(level)
    except (TypeError, ValueError):
        raise BadInput(f"level is {level!r}; it takes a percentage such as 95.") from None
    if 0.0 < value < 1.0:
        raise BadInput(f"level is in percent: write level={100 * value:g}, not level={value:g}.")
    if not 1.0 <= value < 100.0:
        raise BadInput(f"level is {value:g}; it takes a percentage below 100, such as 95.")
    return value


@lru_cache(maxsize=256)
def _quantile(df: float, tail: float) -> float:
    return -float(stdtrit(df, tail))


def critical(level: float, df: Floats | float | None) -> Floats:
    """Two-sided quantile: of t with `df` degrees of freedom, of the normal where df is None."""
    tail = 0.5 * (1.0 - level / 100.0)
    if df is None:
        return np.asarray(-ndtri(tail))
    if np.size(df) == 1:
        return np.asarray(_quantile(float(np.asarray(df).item()), tail))
    distinct, place = np.unique(df, return_inverse=True)  # the quantile is slow, df are few
    return np.asarray(-stdtrit(distinct, tail)[place]).reshape(np.shape(df))


def coefficients(batch: Batch, found: Estimate[Floats], *, test: str) -> Coefficients:
    """Coefficients at the tau2 found, with their covariance.

    The Knapp-Hartung factor s2w = y'Py / (k - p) scales the covariance (Hartung J, Knapp G,
    2001, Statistics in Medicine 20, 3875-3889; with moderators Knapp G, Hartung J, 2003, 22,
    2693-2710); "adhoc" keeps it from falling below 1. It is taken from the weighted fit even
    when the coefficients have other weights. "kr" is in `kenward_roger`.
    """
    if test == "kr":
        fit = project(batch.y, batch.X, weights(batch, found.tau2))
        vb, df = kenward_roger.adjusted(fit, found.at.t2)
        return Coefficients(fit.coef, vb, df, np.ones(len(df)), fit.rss, fit.logdet)
    if batch.ones:
        at = found.at
        rss, logdet = at.q1, np.log(at.w1)
        beta, vb = at.mean[:, None], 1.0 / at.w1[:, None, None]
    else:
        fit = project(batch.y, batch.X, weights(batch, found.tau2))
        rss, logdet, beta, vb = fit.rss, fit.logdet, fit.coef, fit.unscaled_cov
    if batch.a is not None:
        beta, vb = _other_weights(batch, batch.a, found.tau2)
    s2w = _scale(rss, batch.df, test)
    df = np.broadcast_to(batch.df[:, None], beta.shape)
    return Coefficients(beta, vb * s2w[:, None, None], df, s2w, rss, logdet)


def infer(
    batch: Batch, found: Estimate[Floats], *, test: str, level: float
) -> tuple[Coefficients, Tested]:
    """`coefficients` with their tests and intervals, arrays of shape (B, p)."""
    c = coefficients(batch, found, test=test)
    var = c.vb[..., 0] if batch.p == 1 else np.diagonal(c.vb, axis1=-2, axis2=-1)
    return c, tested(c.beta, var, c.df, test, level)


def by_forms(test: str, a: Floats | None) -> bool:
    """Whether the inference on a mean with weights `a` needs nothing but the forms at tau2."""
    return a is None and test != "kr"


def mean_of(found: Estimate[Any], df: Any, *, test: str, level: float) -> tuple[Tested, Any]:
    """`infer` for weighted means, which need nothing but the forms at tau2; and s2w.

    For arrays of shape (B,), or numbers; for every test but "kr" (see `by_forms`).
    """
    beta, var, s2w = mean_and_variance(found, df, test=test)
    return tested(beta, var, df, test, level), s2w


def mean_and_variance(found: Estimate[Any], df: Any, *, test: str) -> tuple[Any, Any, Any]:
    """Weighted means, their variances, and s2w."""
    s2w = _scale(found.at.q1, df, test)
    return found.at.mean, s2w / found.at.w1, s2w


def tested(beta: Any, var: Any, df: Any, test: str, level: float) -> Tested:
    """Tests and intervals of coefficients with variances `var`: numbers, or arrays of one shape."""
    se = np.sqrt(var)
    with np.errstate(divide="ignore", invalid="ignore"):
        stat = np.divide(beta, se)
    away = -abs(stat)
    if test == "z":
        pval, half = 2.0 * ndtr(away), critical(level, None) * se
    else:
        pval, half = 2.0 * stdtr(df, away), critical(level, df) * se
    return Tested(beta, se, stat, pval, beta - half, beta + half)


def _scale(rss: Any, df: Any, test: str) -> Any:
    if test in ("z", "t"):
        return 1.0 + 0.0 * rss
    # estimates that agree to rounding error have no scatter
    s2w = rss * (rss > _EPS) / df
    return np.maximum(s2w, 1.0) if test == "adhoc" else s2w


def _other_weights(batch: Batch, a: Floats, tau2: Floats) -> tuple[Floats, Floats]:
    """Least squares with weights A, and its covariance (X'AX)^-1 X'ASAX (X'AX)^-1.

    S is the model's covariance diag(vi + tau2): Viechtbauer W (2010), Journal of Statistical
    Software 36(3), section 2.3; equal weights are ordinary least squares.
    """
    fit = project(batch.y, batch.X, a)
    inverse = np.linalg.inv(fit.R)
    scaled = a * (batch.real_v + tau2[:, None])
    middle = np.swapaxes(fit.Q, -1, -2) @ (scaled[..., None] * fit.Q)
    return fit.coef, inverse @ middle @ np.swapaxes(inverse, -1, -2)


def omnibus(
    beta: Floats, vb: Floats, tested: slice, df: float, test: str
) -> tuple[float, float, tuple[float, float]]:
    """Wald test that the `tested` coefficients of one fit are all 0: QM, QMp, QMdf."""
    b, v = beta[tested], vb[tested, tested]
    m = len(b)
    if m == 1:
        wald = float(b[0] ** 2 / v[0, 0]) if v[0, 0] > 0.0 else float("nan")
    elif np.all(np.diagonal(v) > 0.0):
        # equilibrated, so that moderators on very different scales keep their digits
        root = np.sqrt(np.diagonal(v))
        z = b / root
        wald = float(z @ np.linalg.solve(v / np.outer(root, root), z))
    else:
        wald = float("nan")
    if test == "z":
        return wald, float(chdtrc(m, wald)), (float(m), float("nan"))
    return wald / m, float(fdtrc(m, df, wald / m)), (float(m), df)
