"""Permutation tests of a location-scale model: first of its location, then of its scale."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from probatum.meta.design import INTERCEPT
from probatum.meta.diagnostics.orders import TIE, chosen, versions
from probatum.meta.models.location_scale import LocationScaleFit
from probatum.meta.models.location_scale.likelihood import Likelihood
from probatum.meta.models.location_scale.links import LINKS
from probatum.meta.models.location_scale.search import maximise, on_the_edge
from probatum.meta.types import Floats

_CELLS = 2_000_000  # numbers of (versions, starts, rows) held at once
_STARTS = 60  # of one version, at most


@dataclass(frozen=True, slots=True, eq=False)
class LocationScalePermutation:
    """Permutation p-values of both parts.

    Attributes
    ----------
    names, names_alpha : tuple of str
    pval, pval_alpha : ndarray, shape (p,) and (q,)
        Share of the versions with a test statistic at least as far from 0; NaN for a scale that
        has an intercept alone, and where the fit itself has no statistic.
    QMp, QSp : float
        The same for the omnibus tests of the moderators.
    versions, versions_alpha : int
        Versions with a statistic, the observed one among them.
    without, without_alpha : int
        Versions without one, which are not counted: on the edge of the identity link, or where
        the likelihood is flat.
    exact, exact_alpha : bool
        Whether these were all versions that there are.
    """

    names: tuple[str, ...]
    names_alpha: tuple[str, ...]
    pval: Floats
    pval_alpha: Floats
    QMp: float
    QSp: float
    versions: int
    versions_alpha: int
    without: int
    without_alpha: int
    exact: bool
    exact_alpha: bool


class _Statistics(NamedTuple):
    """Squared z of each coefficient (n, c), and the omnibus chi2 (n,)."""

    each: Floats
    together: Floats


class _Part(NamedTuple):
    pval: Floats
    omnibus: float
    versions: int
    without: int
    exact: bool


Change = NDArray[Any]
Refit = Callable[[Change], _Statistics]


def permute_location_scale(
    fit: LocationScaleFit, exact: bool | None, iterations: int, seed: int | None
) -> LocationScalePermutation:
    """Test the coefficients of both parts; see `probatum.meta.diagnostics.permutation.permutest`.

    For the location the signs of the estimates are flipped or, with moderators, the rows of X
    exchanged while Z stays; for the scale the rows of Z are exchanged while all else stays.
    """
    alone = fit.names == (INTERCEPT,)
    where = _part(fit, _location(fit, alone), alone, exact, iterations, seed)
    if fit.names_alpha == (INTERCEPT,):
        spread = _Part(np.full(1, np.nan), math.nan, 0, 0, False)
    else:
        spread = _part(fit, _scale(fit), False, exact, iterations, seed)
    return LocationScalePermutation(
        fit.names, fit.names_alpha, where.pval, spread.pval, where.omnibus, spread.omnibus,
        where.versions, spread.versions, where.without, spread.without, where.exact, spread.exact,
    )  # fmt: skip


def _part(
    fit: LocationScaleFit, again: Refit, signs: bool, exact: bool | None, iterations: int,
    seed: int | None,
) -> _Part:  # fmt: skip
    every = chosen(2**fit.k if signs else math.factorial(min(fit.k, 170)), exact, iterations)
    seen = again(np.ones((1, fit.k)) if signs else np.arange(fit.k)[None])
    beyond, together, tried, lost = np.zeros(seen.each.shape[1]), 0.0, 0, 0
    for change in _pieces(fit, versions(fit.k, signs, every, iterations, seed)):
        found = again(change)
        known = np.isfinite(found.together) & np.isfinite(found.each).all(axis=1)
        each, omnibus = found.each[known], found.together[known]
        beyond += (each >= seen.each * (1.0 - TIE) ** 2).sum(axis=0)
        together += float((omnibus >= seen.together * (1.0 - TIE)).sum())
        tried, lost = tried + len(each), lost + len(change) - len(each)
    if not np.isfinite(seen.together[0]):
        return _Part(np.full(len(beyond), np.nan), math.nan, tried, lost, every)
    return _Part(beyond / tried, together / tried, tried, lost, every)


def _pieces(fit: LocationScaleFit, changes: Iterator[Change]) -> Iterator[Change]:
    size = max(1, _CELLS // (fit.k * _STARTS * (len(fit.beta) + len(fit.alpha))))
    for change in changes:
        for start in range(0, len(change), size):
            yield change[start : start + size]


def _location(fit: LocationScaleFit, signs: bool) -> Refit:
    def again(change: Change) -> _Statistics:
        X = np.broadcast_to(fit.X, (len(change), *fit.X.shape)) if signs else fit.X[change]
        y = change * fit.yi if signs else np.broadcast_to(fit.yi, (len(change), fit.k))
        model, alpha = _fitted(fit, y, X, np.broadcast_to(fit.Z, (len(change), *fit.Z.shape)))
        found = model.at(alpha, np.arange(len(change))).fit
        return _squared(found.coef, found.unscaled_cov, fit.names)

    return again


def _scale(fit: LocationScaleFit) -> Refit:
    def again(change: Change) -> _Statistics:
        n = len(change)
        model, alpha = _fitted(
            fit,
            np.broadcast_to(fit.yi, (n, fit.k)),
            np.broadcast_to(fit.X, (n, *fit.X.shape)),
            fit.Z[change],
        )
        rows = np.arange(n)
        cov = model.covariance(alpha, rows)
        cov[on_the_edge(model, alpha, rows).any(axis=1)] = np.nan
        return _squared(alpha, cov, fit.names_alpha)

    return again


def _fitted(fit: LocationScaleFit, y: Floats, X: Floats, Z: Floats) -> tuple[Likelihood, Floats]:
    v = np.broadcast_to(fit.vi, y.shape)
    restricted = fit.method == "REML"
    model = Likelihood(y, v, X, Z, restricted=restricted, link=LINKS[fit.link])
    # the search tries levels of its own: any sensible one will do as their centre
    level = np.full(len(y), float(np.mean(fit.tau2)))
    return model, maximise(model, level).alpha


def _squared(b: Floats, cov: Floats, names: tuple[str, ...]) -> _Statistics:
    first = 1 if names[0] == INTERCEPT and len(names) > 1 else 0
    with np.errstate(divide="ignore", invalid="ignore"):
        each = b**2 / np.diagonal(cov, axis1=1, axis2=2)
    usable = np.isfinite(cov).all(axis=(1, 2))
    together = np.full(len(b), np.nan)
    tested, inner = b[usable, first:], cov[usable, first:, first:]
    solved = np.linalg.solve(inner, tested[..., None])[..., 0]
    together[usable] = np.vecdot(tested, solved)
    return _Statistics(each, together)
