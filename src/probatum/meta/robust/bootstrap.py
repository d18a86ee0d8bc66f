"""Cluster wild bootstrap tests of coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from probatum.errors import BadInput, UnknownOption
from probatum.meta.comparing import contrast_rows
from probatum.meta.options import typed_options
from probatum.meta.robust.working import Fit, working
from probatum.meta.types import Floats, need

AUXILIARY = ("rademacher", "mammen", "webb")
_CELLS = 2_000_000  # numbers of (versions, clusters, contrasts) held at once


@dataclass(frozen=True, slots=True, eq=False)
class WildBootstrap:
    """A test by cluster wild bootstrap.

    Attributes
    ----------
    estimate : ndarray, shape (q,)
        The combinations of the coefficients.
    statistic : float
        Their Wald statistic by the plain sandwich.
    pval : float
    versions : int
        Bootstrap data sets.
    exact : bool
        Whether they are all sign patterns rather than a sample.
    distribution : ndarray, shape (versions,)
        The statistic in each.
    """

    estimate: Floats
    statistic: float
    pval: float
    versions: int
    exact: bool
    distribution: Floats


@typed_options
def wild_bootstrap(
    fit: Fit, contrasts: Any, cluster: Any = None, *, iterations: int = 1999,
    auxiliary: str = "rademacher", seed: int = 20240,
) -> WildBootstrap:  # fmt: skip
    """Test that combinations of the coefficients are 0, by resampling clusters' residuals.

    Estimates are made anew from the fit under the null hypothesis and its residuals, those of
    each cluster multiplied by one random number of mean 0 and variance 1; variances and
    correlations stay as fitted.

    Parameters
    ----------
    fit : MetaFit or MultilevelFit
    contrasts : sequence of int, or array of shape (q, p)
        Positions of coefficients (from 0) that are tested to be 0, or rows of weights.
    cluster : array of shape (k_all,), or name of a grouping factor of the fit
        By default the estimates' own clusters.
    iterations : int
        With "rademacher" and no more than this many sign patterns, each of these is taken once.
    auxiliary : {"rademacher", "mammen", "webb"}
        Distribution of the random numbers; "webb" is for very few clusters.
    seed : int

    Returns
    -------
    WildBootstrap

    Raises
    ------
    BadInput, UnknownOption

    Notes
    -----
    Joshi M, Pustejovsky JE, Beretvas SN (2022), Research Synthesis Methods 13, 457-477, section
    2.3, with the working model kept; Cameron AC, Gelbach JB, Miller DL (2008), Review of Economics
    and Statistics 90, 414-427; Webb MD (2023), Canadian Journal of Economics 56, 839-858.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.3, 0.5, 0.2, 0.8], [0.02, 0.02, 0.03, 0.03, 0.02], test="z")
    >>> out = wild_bootstrap(fit, [0], ["A", "A", "B", "C", "D"])
    >>> out.exact, out.pval
    (True, 0.125)
    """
    need(fit, "MetaFit", "MultilevelFit")
    if auxiliary not in AUXILIARY:
        raise UnknownOption("auxiliary", auxiliary, AUXILIARY)
    if iterations < 1:
        raise BadInput(f"iterations is {iterations}; it takes at least 1.")
    w = working(fit, cluster)
    if w.spread is not None:
        raise BadInput(
            "the wild bootstrap is for fits with the model's own weights; leave out weights= and "
            "weighted=False, or use robust()."
        )
    L = contrast_rows(contrasts, fit.p)
    C = L @ w.root
    # coefficients under the null: the constrained ones, in the coordinates of `Working`
    away = C.T @ np.linalg.solve(C @ C.T, L @ fit.beta)
    null = w.scores(w.resid + w.X @ away)
    cross = w.sums(w.WX[:, :, None] * w.X[:, None, :])
    multipliers, exact = _multipliers(w.clusters, iterations, auxiliary, seed)
    found = _statistics(np.ones((1, w.clusters)), null, cross, C)[0]
    distribution = _statistics(multipliers, null, cross, C)
    beyond = distribution >= found * (1.0 - 1e-10)
    count = np.count_nonzero(beyond)
    pval = count / len(beyond) if exact else (count + 1.0) / (len(beyond) + 1.0)
    return WildBootstrap(
        L @ fit.beta, float(found), float(pval), len(distribution), exact, distribution
    )


def _multipliers(m: int, iterations: int, auxiliary: str, seed: int) -> tuple[Floats, bool]:
    """Random numbers of each version and cluster, and whether they are all sign patterns."""
    if auxiliary == "rademacher" and m < 31 and 2**m <= iterations:
        return np.array(list(product((1.0, -1.0), repeat=m))), True
    rng = np.random.default_rng(seed)
    if auxiliary == "rademacher":
        return rng.choice(np.array([-1.0, 1.0]), size=(iterations, m)), False
    if auxiliary == "webb":
        steps = np.sqrt([0.5, 1.0, 1.5])
        return rng.choice(np.concatenate([-steps, steps]), size=(iterations, m)), False
    root5 = np.sqrt(5.0)
    low = rng.random((iterations, m)) < (root5 + 1.0) / (2.0 * root5)
    return np.where(low, (1.0 - root5) / 2.0, (1.0 + root5) / 2.0), False


def _statistics(eta: Floats, null: Floats, cross: Floats, C: Floats) -> Floats:
    """Wald statistic of each version by the plain sandwich.

    A version's coefficients differ from the null's by its summed scores, and a cluster's residual
    score is its own less what the new coefficients explain.
    """
    m, q = len(null), len(C)
    out = np.empty(len(eta))
    size = max(1, _CELLS // (m * q))
    for start in range(0, len(eta), size):
        part = eta[start : start + size]
        moved = part @ null
        along = moved @ C.T
        explained = np.einsum("qa,nab,rb->rnq", C, cross, moved, optimize=True)
        scores = part[:, :, None] * (null @ C.T) - explained
        meat = np.swapaxes(scores, 1, 2) @ scores
        out[start : start + size] = _quadratic(along, meat)
    return out


def _quadratic(along: Floats, meat: Floats) -> Floats:
    """along' meat^-1 along of each version (0 where there is no spread at all)."""
    try:
        solved = np.linalg.solve(meat, along[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        solved = (np.linalg.pinv(meat) @ along[:, :, None])[:, :, 0]
    return np.asarray(np.sum(along * solved, axis=1))
