"""Permutation tests of a fit's coefficients."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta.columns import yes_or_no
from probatum.meta.design import INTERCEPT
from probatum.meta.diagnostics.orders import TIE, chosen, versions
from probatum.meta.diagnostics.permutation_scale import (
    LocationScalePermutation,
    permute_location_scale,
)
from probatum.meta.inference import check_level
from probatum.meta.models.location_scale import LocationScaleFit
from probatum.meta.options import typed_options
from probatum.meta.refit import Refits, refit, rows_of
from probatum.meta.types import Floats, MetaFit, need

_MOST_FOR_LIMITS = 50_000  # versions that are kept, and fitted again for every value
_FARTHEST = 1e4  # standard errors from the estimate within which limits are looked for


@dataclass(frozen=True, slots=True, eq=False)
class Permutation:
    """Permutation p-values.

    Attributes
    ----------
    names : tuple of str
    pval : ndarray, shape (p,)
        Share of the versions with a test statistic at least as far from 0.
    QMp : float
        The same for the omnibus test of the moderators.
    versions : int
        Versions tried, the observed one among them.
    exact : bool
        Whether these were all there are.
    ci_lb, ci_ub : ndarray, shape (p,)
        Confidence limits; NaN where not asked for, infinite where no value can be refuted: the
        versions are too few.
    """

    names: tuple[str, ...]
    pval: Floats
    QMp: float
    versions: int
    exact: bool
    ci_lb: Floats
    ci_ub: Floats


@overload
def permutest(
    fit: LocationScaleFit, *, exact: bool | None = ..., iterations: int = ..., ci: bool = ...,
    level: float | None = ..., seed: int | None = ...,
) -> LocationScalePermutation: ...  # fmt: skip
@overload
def permutest(
    fit: MetaFit, *, exact: bool | None = ..., iterations: int = ..., ci: bool = ...,
    level: float | None = ..., seed: int | None = ...,
) -> Permutation: ...  # fmt: skip
@typed_options
def permutest(
    fit: MetaFit | LocationScaleFit, *, exact: bool | None = None, iterations: int = 1000,
    ci: bool = False, level: float | None = None, seed: int | None = 0,
) -> Permutation | LocationScalePermutation:  # fmt: skip
    """Test the coefficients by permutation.

    Without moderators the signs of the estimates are flipped, with moderators the rows of the
    design are exchanged, and the model is fitted again each time. Follmann DA, Proschan MA
    (1999), Biometrics 55, 732-737; Higgins JPT, Thompson SG (2004), Statistics in Medicine 23,
    1663-1682.

    Parameters
    ----------
    fit : MetaFit or LocationScaleFit
        Of a location-scale model both parts are tested: the rows of X are exchanged for the one
        (or signs flipped), the rows of Z for the other.
    exact : bool, optional
        Try all versions; by default where there are at most 50,000.
    iterations : int
        Versions to draw otherwise, the observed one among them.
    ci : bool
        Find confidence limits too: how far a coefficient can be moved, by changing the estimates,
        before the test of the same versions refutes it (Follmann & Proschan 1999, sec. 3). This
        takes some 60 times as long for each coefficient. The p-value falls in steps; where it
        crosses the level more than once, one crossing is found.
    level : float, optional
        Of the limits, in percent; the fit's by default.
    seed : int or None
        None draws others at every call.

    Returns
    -------
    Permutation or LocationScalePermutation

    Raises
    ------
    BadInput
        If `exact` asks for more versions than can be tried, iterations is under 2, or limits are
        asked for of a location-scale model.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.5, 0.3, 0.4, 0.6], [0.01, 0.02, 0.03, 0.02], method="DL", test="z")
    >>> found = permutest(fit)
    >>> found.pval.tolist(), found.versions
    ([0.125], 16)
    """
    if isinstance(fit, LocationScaleFit):
        if yes_or_no("ci", ci):
            raise BadInput("ci=True is for fits of pool(); a location-scale model has no limits.")
        return permute_location_scale(fit, exact, iterations, seed)
    need(fit, "MetaFit")
    ci = yes_or_no("ci", ci)
    exact = exact if exact is None else yes_or_no("exact", exact)
    alone = fit.p == 1 and fit.names[0] == INTERCEPT
    total = 2**fit.k if alone else math.factorial(min(fit.k, 170))
    every = chosen(total, exact, iterations)
    if ci and (total if every else iterations) > _MOST_FOR_LIMITS:
        raise BadInput(f"limits take at most {_MOST_FOR_LIMITS:,} versions; use exact=False.")
    level = fit.level if level is None else check_level(level)
    pieces: Iterable[NDArray[Any]] = versions(fit.k, alone, every, iterations, seed)
    pieces = list(pieces) if ci else pieces  # the same for every value that is tested
    tested = slice(1, None) if fit.names[0] == INTERCEPT and fit.p > 1 else slice(0, None)
    observed = _observed(fit, rows_of(fit)[0])
    seen, omnibus = np.abs(observed.zval[0]), _wald(observed, tested)[0]
    beyond, together, tried = np.zeros(fit.p), 0.0, 0
    for change in pieces:
        again = _again(fit, change, rows_of(fit)[0])
        beyond += (np.abs(again.zval) >= seen * (1.0 - TIE)).sum(axis=0)
        together += float((_wald(again, tested) >= omnibus * (1.0 - TIE)).sum())
        tried += len(change)
    limits = np.full((fit.p, 2), np.nan)
    if ci:
        alpha = 1.0 - level / 100.0
        limits[:] = [[_limit(fit, pieces, j, alpha, side) for side in (-1.0, 1.0)]
                     for j in range(fit.p)]  # fmt: skip
    return Permutation(
        fit.names, beyond / tried, together / tried, tried, every, limits[:, 0], limits[:, 1]
    )


def _observed(fit: MetaFit, y: Floats) -> Refits:
    return refit(fit, np.ones((1, fit.k), dtype=np.bool_), y=y)


def _again(fit: MetaFit, change: NDArray[Any], y: Floats) -> Refits:
    """The fit of some versions: signs are real numbers, orders are whole ones."""
    masks = np.ones((len(change), fit.k), dtype=np.bool_)
    if change.dtype.kind == "f":
        return refit(fit, masks, y=change * y)
    return refit(fit, masks, y=y, X=rows_of(fit)[2][change])


def _limit(
    fit: MetaFit, pieces: Iterable[NDArray[Any]], j: int, alpha: float, side: float
) -> float:
    """Where the p-value of coefficient j falls to alpha, below (-1) or above (1) the estimate."""
    y, _, X = rows_of(fit)

    def refuted(value: float) -> bool:
        moved = y - X[:, j] * value
        seen = float(np.abs(_observed(fit, moved).zval[0, j])) * (1.0 - TIE)
        found = [np.abs(_again(fit, change, moved).zval[:, j]) >= seen for change in pieces]
        return bool(np.concatenate(found).mean() <= alpha)

    step = max(float(fit.se[j]), 1e-12)
    low, high = 0.0, 2.0 * step
    while not refuted(float(fit.beta[j]) + side * high):
        low, high = high, 2.0 * high
        if high > _FARTHEST * step:
            return side * math.inf
    while high - low > 1e-9 * (step + high):
        middle = 0.5 * (low + high)
        if refuted(float(fit.beta[j]) + side * middle):
            high = middle
        else:
            low = middle
    return float(fit.beta[j]) + side * 0.5 * (low + high)


def _wald(r: Refits, tested: slice) -> Floats:
    b, v = r.beta[:, tested], r.vb[:, tested, tested]
    if b.shape[1] == 1:
        with np.errstate(divide="ignore", invalid="ignore"):  # versions that all agree have v = 0
            return np.asarray(b[:, 0] ** 2 / v[:, 0, 0])
    return np.asarray(np.einsum("bi,bi->b", b, np.linalg.solve(v, b[..., None])[..., 0]))
