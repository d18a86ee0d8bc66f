"""Bootstrap samples of a fit by `pool`, all fitted at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta.columns import plain
from probatum.meta.diagnostics.simulation import drawn
from probatum.meta.kernel import project
from probatum.meta.refit import Refits, refit, rows_of, weights_of
from probatum.meta.types import Bools, Floats, MetaFit

_CELLS = 2_000_000  # numbers of (samples, rows, columns) held at once
Ints = NDArray[np.int64]


class Resampled(NamedTuple):
    """What a bootstrap has of its fields (see `bootstrap.Bootstrap`)."""

    names: tuple[str, ...]
    estimate: Floats
    replicates: Floats
    acceleration: Floats


def _statistics(r: Refits) -> Floats:
    return np.column_stack([r.beta, r.tau2, r.I2])


def _found(fit: MetaFit, replicates: list[Floats], acceleration: Floats) -> Resampled:
    estimate = np.array([*fit.beta, fit.tau2, fit.I2])
    names = (*fit.names, "tau2", "I2")
    return Resampled(names, estimate, np.concatenate(replicates), acceleration)


def _pieces(iterations: int, cells: int) -> Iterator[int]:
    size = max(1, _CELLS // cells)
    for start in range(0, iterations, size):
        yield min(size, iterations - start)


def from_model(fit: MetaFit, iterations: int, rng: np.random.Generator) -> Resampled:
    """Fits of estimates drawn from the model."""
    out = []
    for many in _pieces(iterations, fit.k * fit.p):
        masks = np.ones((many, fit.k), dtype=np.bool_)
        out.append(_statistics(refit(fit, masks, y=drawn(fit, many, rng))))
    skewed = _skewness(fit) / 6.0
    return _found(fit, out, np.array([0.0] * fit.p + [skewed, skewed]))


def _skewness(fit: MetaFit) -> float:
    """Skewness of the score of tau2: y'PPy / 2 is a sum of chi-squares."""
    y, v, X = rows_of(fit)
    w = 1.0 / (v + fit.tau2)
    Q = project(y, X, w).Q
    h = np.sum(Q * Q, axis=1)
    once, twice = Q.T @ (w[:, None] * Q), Q.T @ ((w * w)[:, None] * Q)
    square = float(np.sum(w * w * (1.0 - 2.0 * h)) + np.sum(once * once))
    cube = float(np.sum(w**3 * (1.0 - 3.0 * h)) + 3.0 * np.sum(twice * once))
    cube -= float(np.trace(once @ once @ once))
    return cube / (0.5 * square) ** 1.5 if square > 0.0 else float("nan")


def _codes(fit: MetaFit, cluster: Any) -> Ints:
    """Number of each fitted row's cluster."""
    if cluster is None:
        codes = np.arange(fit.k)
    else:
        values = np.asarray(plain(cluster))
        if values.shape != (len(fit.data),):
            raise BadInput(f"cluster has {values.size} rows; there are {len(fit.data)} estimates.")
        _, codes = np.unique(values[fit.included], return_inverse=True)
    if codes.max(initial=0) < 1:
        raise BadInput("resampling needs at least two studies or clusters.")
    return codes


def from_studies(
    fit: MetaFit, iterations: int, cluster: Any, rng: np.random.Generator
) -> Resampled:
    """Fits of studies (or clusters of estimates) drawn with replacement."""
    y, v, X = rows_of(fit)
    codes = _codes(fit, cluster)
    order, size = np.argsort(codes, kind="stable"), np.bincount(codes)
    a = weights_of(fit)
    moderated = fit.p > 1 or not bool((X == 1.0).all())
    out = []
    for many in _pieces(iterations, fit.k * fit.p):
        rows, masks = gathered_rows(rng.integers(0, len(size), (many, len(size))), size)
        rows = order[rows]
        out.append(_statistics(refit(
            fit, masks, y=y[rows], v=v[rows], X=X[rows] if moderated else None,
            a=None if a is None else a[rows],
        )))  # fmt: skip
    without = _statistics(refit(fit, codes != np.arange(len(size))[:, None]))
    return _found(fit, out, jackknife_acceleration(without))


def gathered_rows(draws: Ints, size: Ints) -> tuple[Ints, Bools]:
    """The rows that drawn clusters hold, and which places they fill.

    Parameters
    ----------
    draws : ndarray, shape (B, m)
        Clusters, whose rows stand one after the other.
    size : ndarray, shape (clusters,)
        Their numbers of rows.

    Returns
    -------
    rows, masks : ndarray, shape (B, most rows of a draw)
        Row 0 where the mask is False.
    """
    begin, many = np.cumsum(size) - size, size[draws]
    ends = np.cumsum(many.ravel())
    total = many.sum(axis=1)
    # each drawn cluster's rows count up from its first
    flat = np.repeat(begin[draws.ravel()] - (ends - many.ravel()), many.ravel())
    flat += np.arange(len(flat))
    masks = np.arange(int(total.max())) < total[:, None]
    rows = np.zeros(masks.shape, dtype=np.int64)
    rows[masks] = flat
    return rows, masks


def jackknife_acceleration(without: Floats) -> Floats:
    """Acceleration of each statistic from its values without each cluster, shape (clusters, q)."""
    away = np.mean(without, axis=0) - without
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sum(away**3, axis=0) / (6.0 * np.sum(away**2, axis=0) ** 1.5))
