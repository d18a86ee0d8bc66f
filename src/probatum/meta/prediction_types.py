"""Conventions for prediction intervals, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import logit

from probatum.errors import BadInput, UnknownOption
from probatum.meta import kenward_roger
from probatum.meta.inference import coefficients, critical
from probatum.meta.kernel import forms, single
from probatum.meta.quadratic_form import residual_cdf
from probatum.meta.refit import method_of, rows_of, weights_of
from probatum.meta.scalar import CONVERGED
from probatum.meta.solvers import Estimate
from probatum.meta.types import Floats, MetaFit


@dataclass(frozen=True, slots=True)
class PredictionType:
    """pred +/- c sqrt(se^2 + tau2): whose se, and which quantile c.

    Attributes
    ----------
    name, source : str
    meaning : str
        For a reader; k estimates, p coefficients.
    test : str or None
        The test whose standard error it takes; the fit's own where None.
    df : str
        "own" is the test's (normal for "z"), "normal", "k-p", "k-p-1", "KR", "KR-1".
    """

    name: str
    meaning: str
    source: str
    test: str | None
    df: str


_CELLS = 1_000_000  # of (draw, study) held at once
_NEAR = 1e-3  # to which the ends of a scale are found
_RILEY = "Riley RD, Higgins JPT, Deeks JJ (2011). BMJ 342, d549"
_HTS = (
    "Higgins JPT, Thompson SG, Spiegelhalter DJ (2009). Journal of the Royal Statistical Society A "
    "172, 137-159"
)
_VERONIKI = "Veroniki AA et al. (2019). Research Synthesis Methods 10, 23-43"
_PARTLETT = "Partlett C, Riley RD (2017). Statistics in Medicine 36, 301-317"
_NNF = "Nagashima K, Noma H, Furukawa TA (2019). Statistical Methods in Medical Research 28, 1689"

PREDICTION_TYPES = {
    t.name: t
    for t in (
        PredictionType("default", "the fit's own test (metafor's default)", _RILEY, None, "own"),
        PredictionType("t", "own error, t with k - p (metafor's t)", _VERONIKI, None, "k-p"),
        PredictionType("Riley", "own error, t with k - p - 1 (metafor's)", _RILEY, None, "k-p-1"),
        PredictionType(
            "S", "Wald error, normal (meta's S)",
            "Skipka G (2006). The inclusion of the estimated inter-study variation into forest "
            "plots for random effects meta-analysis. 14th Cochrane Colloquium, Dublin",
            "z", "normal",
        ),
        PredictionType("V", "Wald error, t with k - p (meta's V)", _VERONIKI, "z", "k-p"),
        PredictionType("HTS", "Wald error, t with k - p - 1 (meta's HTS)", _HTS, "z", "k-p-1"),
        PredictionType("HK", "Hartung-Knapp, t with k - p (meta's HK)", _PARTLETT, "knha", "k-p"),
        PredictionType(
            "HK-PR", "Hartung-Knapp, t with k - p - 1 (meta's HK-PR)", _PARTLETT, "knha", "k-p-1"
        ),
        PredictionType("KR", "Kenward-Roger (meta's KR)", _PARTLETT, "kr", "KR"),
        PredictionType("KR-PR", "Kenward-Roger, df less 1 (meta's KR-PR)", _PARTLETT, "kr", "KR-1"),
        PredictionType("NNF", "confidence distribution of tau2 (meta's NNF)", _NNF, None, ""),
    )
}  # fmt: skip


def prediction_type(name: str) -> PredictionType:
    """The convention of that name, in capitals or not.

    Raises
    ------
    UnknownOption
    """
    folded = {n.casefold(): t for n, t in PREDICTION_TYPES.items()}
    found = folded.get(str(name).casefold())
    if found is None:
        raise UnknownOption("predtype", name, list(PREDICTION_TYPES))
    return found


def half_widths(fit: MetaFit, X: Floats, kind: PredictionType, level: float) -> Floats:
    """Half the width of the interval at each row of X (m, p).

    Raises
    ------
    BadInput
        If no degrees of freedom are left, or the convention is for other fits.
    """
    vb, own = fit.vb, fit.degrees_of(X)
    if kind.test not in (None, fit.test):
        vb, own = _by_test(fit, X, str(kind.test))
    at = {
        "own": own, "normal": None, "k-p": fit.k - fit.p, "k-p-1": fit.k - fit.p - 1,
        "KR": own, "KR-1": None if own is None else own - 1.0,
    }  # fmt: skip
    df = at[kind.df]
    if df is not None and np.min(df) <= 0:
        raise BadInput(f"{fit.k} estimates leave no degrees of freedom for predtype={kind.name!r}.")
    spread = np.sqrt(np.einsum("ij,jk,ik->i", X, vb, X) + fit.tau2)
    return np.asarray(critical(level, None if df is None else np.asarray(df, float)) * spread)


def _by_test(fit: MetaFit, X: Floats, test: str) -> tuple[Floats, Floats | None]:
    """The covariance that another test would give, and its degrees of freedom at the rows of X."""
    if test == "kr":
        kenward_roger.check_applies(method_of(fit), own_weights=fit.own_weights)
    batch = single(*rows_of(fit), a=weights_of(fit))
    tau2 = np.array([fit.tau2])
    found = Estimate(tau2, np.array([CONVERGED]), batch.zero, forms(batch, tau2))
    vb = coefficients(batch, found, test=test).vb[0]
    return vb, kenward_roger.degrees_of(fit, X) if test == "kr" else None


def bootstrap_limits(
    fit: MetaFit, level: float, *, draws: int, seed: int | None
) -> tuple[float, float]:
    """The prediction interval of Nagashima, Noma and Furukawa.

    tau2 is drawn from its confidence distribution, 1 - P(Q <= q; tau2) for Cochran's Q with its
    exact distribution; the average given that tau2 is a t variable with k - 1 degrees of freedom,
    by Hartung's standard error; a new study's effect is normal about it. The limits are quantiles
    of those effects. (2019, Statistical Methods in Medical Research 28, 1689-1702, section 3.)

    Raises
    ------
    BadInput
        For a fit with moderators, or under two estimates.
    """
    y, v, X = rows_of(fit)
    if fit.p > 1 or not (X == 1.0).all():
        raise BadInput('predtype="NNF" is for a fit without moderators.')
    if not fit.own_weights or fit.tau2_given:
        raise BadInput(
            'predtype="NNF" draws tau2 and has its own weights: fit without weights=, '
            "weighted=False and tau2=."
        )
    if fit.k < 2:
        raise BadInput('predtype="NNF" needs at least two estimates.')
    if draws < 100:
        raise BadInput(f"draws is {draws}; it takes at least 100.")
    rng = np.random.default_rng(seed)
    tau2 = tau2_quantiles(y, v, rng.random(draws))
    mean, se = np.empty((2, draws))
    size = max(1, _CELLS // fit.k)
    for rows in (slice(i, i + size) for i in range(0, draws, size)):
        w = 1.0 / (v + tau2[rows, None])
        total = w.sum(axis=1)
        mean[rows] = w @ y / total
        scatter = (w * (y - mean[rows, None]) ** 2).sum(axis=1)
        se[rows] = np.sqrt(scatter / total / (fit.k - 1))
    t, z = rng.standard_t(fit.k - 1, draws), rng.standard_normal(draws)
    effects = mean + z * np.sqrt(tau2) - t * se
    tail = 0.5 * (1.0 - level / 100.0)
    low, high = np.quantile(effects, [tail, 1.0 - tail])
    return float(low), float(high)


def tau2_quantiles(y: Floats, v: Floats, u: Floats) -> Floats:
    """Quantiles u of the confidence distribution of tau2 that Cochran's Q gives; 0 up to its atom.

    By a spline through 100 exact values, equally spaced on a scale that is linear near 0 and
    logarithmic beyond: the error is some 1e-6 in u, against 1e-2 / sqrt(draws / 10,000) from
    drawing.
    """
    ones, a = np.ones((len(y), 1)), v.min() / v
    q, shift = float(a @ (y - a @ y / a.sum()) ** 2), 1e-3 * float(np.median(v))

    def height(x: Floats) -> Floats:
        total = v + (np.exp(x) - shift)[:, None]
        below = residual_cdf(np.full(len(x), q), ones, a, total)
        return np.asarray(logit(np.clip(1.0 - below, 1e-15, 1.0 - 1e-15)))

    wanted, zero = logit(np.clip(u, 1e-15, 1.0 - 1e-15)), float(np.log(shift))
    atom = height(np.array([zero]))[0]
    if wanted.max() <= atom:
        return np.zeros(len(u))
    least = zero if wanted.min() <= atom else _where(height, zero, float(wanted.min()))
    most = _where(height, zero, float(wanted.max()))
    x = np.linspace(max(least - 2.0 * _NEAR, zero), most + 2.0 * _NEAR, 100)
    known = height(x)
    rising = np.concatenate(([True], np.diff(np.maximum.accumulate(known)) > 1e-12))
    curve = CubicSpline(known[rising], x[rising])
    out = np.exp(curve(np.clip(wanted, known[0], known[rising][-1]))) - shift
    return np.where(wanted <= atom, 0.0, np.maximum(out, 0.0))


def _where(height: Callable[[Floats], Floats], zero: float, target: float) -> float:
    """Where a rising function reaches the target, to within `_NEAR`."""
    from scipy.optimize import brentq  # slow to load, and only this interval needs it

    def excess(x: float) -> float:
        return float(height(np.array([x]))[0]) - target

    high = zero + 8.0
    while excess(high) < 0.0:
        high += 4.0
    return float(brentq(excess, zero, high, xtol=_NEAR))
