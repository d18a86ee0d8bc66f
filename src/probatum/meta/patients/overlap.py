"""Single cases: how far the measurements of one person before and during treatment overlap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from probatum.errors import BadInput, UnknownOption
from probatum.meta.options import typed_options
from probatum.meta.patients.pairs import (
    ROUNDING,
    Alternative,
    check_alpha,
    check_alternative,
    floats,
    tails,
)
from probatum.meta.types import Floats

BETTER = ("higher", "lower")
TRENDS = {
    "none": "phase against phase",
    "baseline": "less the trend of the baseline",
    "both": "less the trend of the baseline, plus that of treatment",
}
#: measurements up to which the distribution of ranks is counted
_COUNTED = 100


@dataclass(frozen=True, slots=True, eq=False)
class Overlap:
    """An index of overlap between two phases of one person.

    Attributes
    ----------
    index : str
    estimate, se : float
    ci_lb, ci_ub : float
        NaN for Tau-U, whose distribution is known only where nothing changed.
    statistic : float
        Pairs that improved less pairs that grew worse, of those that the index compares.
    pairs : int
        How many it is divided by.
    pval : float
    exact : bool
        Whether the p-value was counted over all ways to part the measurements.
    n_before, n_during, n_left_out : int
    alternative : str
    alpha : float
    """

    index: str
    estimate: float
    se: float
    ci_lb: float
    ci_ub: float
    statistic: float
    pairs: int
    pval: float
    exact: bool
    n_before: int
    n_during: int
    n_left_out: int
    alternative: str
    alpha: float

    @property
    def reject(self) -> bool:
        """Whether the p-value is no larger than alpha."""
        return self.pval <= self.alpha


@dataclass(frozen=True, slots=True, eq=False)
class _Phases:
    """Complete measurements of both phases in order of time, higher being better.

    `sign (N, N)` is 1 where the column is better than the row, -1 where worse, 0 where tied.
    """

    m: int
    n: int
    sign: Floats
    left_out: int

    @property
    def between(self) -> Floats:
        """Signs of the comparisons of a measurement before (row) with one during (column)."""
        return self.sign[: self.m, self.m :]


def _phases(before: ArrayLike, during: ArrayLike, better: str) -> _Phases:
    if better not in BETTER:
        raise UnknownOption("better", better, BETTER)
    a, b = floats(before, "before"), floats(during, "during")
    known = [x[~np.isnan(x)] for x in (a, b)]
    for name, x in zip(("before", "during"), known):
        if not len(x):
            raise BadInput(f"{name} has no measurement; each phase needs one or more.")
    x = np.concatenate(known)
    gap = (x[None, :] - x[:, None]) * (1 if better == "higher" else -1)
    sign = np.where(np.abs(gap) <= ROUNDING * np.abs(x).max(), 0.0, np.sign(gap))
    return _Phases(len(known[0]), len(known[1]), sign, len(a) + len(b) - len(x))


@typed_options
def nap(
    before: ArrayLike,
    during: ArrayLike,
    *,
    better: Literal["higher", "lower"] = "higher",
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
) -> Overlap:
    """Nonoverlap of all pairs: how often a measurement under treatment is the better one.

    Parameters
    ----------
    before, during : array_like
        Measurements of one person without and with treatment; NaN are left out and counted.
    better : {"higher", "lower"}
        Which values are the better ones.
    alternative : {"two-sided", "greater", "less"}
        "greater": treatment improved.
    alpha : float
        Level of the test; the interval has level 1 - alpha.

    Returns
    -------
    Overlap
        `estimate` is 0.5 without an effect and 1 without overlap.

    Raises
    ------
    BadInput, UnknownOption

    Notes
    -----
    Parker RI, Vannest K (2009), Behavior Therapy 40, 357-367: the share of the pairs of one
    measurement from each phase in which the later is better, ties counting one half. It is the
    area under the ROC curve, and Mann and Whitney's U over the number of pairs. The p-value is
    theirs, counted over all ways to part the measurements, ties included, up to 100 (normal
    beyond). Standard error: unbiased (Sen PK, 1967, Sankhya A 29, 95-102), NaN for a phase of
    one. Interval: Newcombe RG (2006), Statistics in Medicine 25, 559-573, method 5. All of
    these take the measurements to be independent, which those of one person seldom are.

    Examples
    --------
    >>> found = nap([20, 20, 26, 25, 22, 23], [28, 25, 24, 27, 30, 30, 29])
    >>> round(found.estimate, 4), round(found.se, 4), round(found.pval, 4)
    (0.9167, 0.0676, 0.0093)
    >>> round(found.ci_lb, 4), round(found.ci_ub, 4)
    (0.5973, 0.986)
    """
    alpha, alternative_ = check_alpha(alpha), check_alternative(alternative)
    p = _phases(before, during, better)
    s, pairs = float(p.between.sum()), p.m * p.n
    estimate = (s / pairs + 1) / 2
    exact = p.m + p.n <= _COUNTED
    lower, upper = _parted(p, s) if exact else _normal(s, _spread(p, _weights(p, "none")))
    low, high = _newcombe(estimate, p.m, p.n, alpha, alternative_)
    return Overlap(
        "NAP", estimate, _sen(p, estimate), low, high, s, pairs,
        tails(lower, upper, alternative_), exact, p.m, p.n, p.left_out, alternative_, alpha,
    )  # fmt: skip


def _parted(p: _Phases, s: float) -> tuple[float, float]:
    """P(S <= s) and P(S >= s), every choice of the later measurements being as likely."""
    doubled = np.sort((1 + p.m + p.n + p.sign.sum(axis=0)).astype(np.int64))  # twice the midranks
    top = int(doubled[-p.n :].sum())
    ways = np.zeros((p.n + 1, top + 1))
    ways[0, 0] = 1.0
    for rank in doubled:
        # right-hand side first, so each measurement is taken once
        ways[1:, rank:] += ways[:-1, : top + 1 - rank].copy()
    chance = ways[p.n] / ways[p.n].sum()
    # S = twice the later ranks' sum, less what it is on average
    at = round(s + p.n * (p.m + p.n + 1))
    return float(chance[: at + 1].sum()), float(chance[at:].sum())


def _normal(s: float, spread: float) -> tuple[float, float]:
    if spread == 0.0:
        return 1.0, 1.0
    return float(ndtr(s / spread)), float(ndtr(-s / spread))


def _sen(p: _Phases, estimate: float) -> float:
    """Root of the unbiased variance of a share of pairs (Sen 1967)."""
    m, n = p.m, p.n
    if m < 2 or n < 2:
        return math.nan
    q = (p.between + 1) / 2
    rows, columns = float(np.sum(q.sum(axis=1) ** 2)), float(np.sum(q.sum(axis=0) ** 2))
    total = rows / (m * n) + columns / (m * n) - float(np.sum(q**2)) / (m * n)
    variance = (total - (m + n - 1) * estimate**2) / ((m - 1) * (n - 1))
    return math.sqrt(max(variance, 0.0))


def _newcombe(
    estimate: float, m: int, n: int, alpha: float, alternative: str
) -> tuple[float, float]:
    """Limits where the estimate is z standard errors away, by the variance there (method 5)."""
    z = -float(ndtri(alpha / 2 if alternative == "two-sided" else alpha))
    half = (m + n) / 2 - 1

    def away(x: float) -> float:
        inner = 1 + half * ((1 - x) / (2 - x) + x / (1 + x))
        return (estimate - x) ** 2 - z * z * x * (1 - x) * inner / (m * n)

    low = 0.0 if estimate <= 0 else float(brentq(away, 0.0, estimate, xtol=1e-13))
    high = 1.0 if estimate >= 1 else float(brentq(away, estimate, 1.0, xtol=1e-13))
    if alternative == "greater":
        return low, 1.0
    return (0.0, high) if alternative == "less" else (low, high)


@typed_options
def tau_u(
    before: ArrayLike,
    during: ArrayLike,
    *,
    trend: Literal["none", "baseline", "both"] = "baseline",
    better: Literal["higher", "lower"] = "higher",
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
) -> Overlap:
    """Tau-U: improvement between phases, less what the baseline was already heading for.

    Parameters
    ----------
    before, during : array_like
        Measurements of one person without and with treatment, in order of time; NaN are left
        out and counted.
    trend : {"none", "baseline", "both"}
        "none": S between the phases over m n, which is 2 NAP - 1. "baseline": less Kendall's S
        of the baseline, over m n too, so that it may leave -1 to 1. "both": also plus Kendall's
        S within treatment, over all pairs.
    better, alternative, alpha
        As in `nap`.

    Returns
    -------
    Overlap
        `se` and the p-value (normal) rest on the exact variance over all orders of the
        measurements, ties included.

    Raises
    ------
    BadInput, UnknownOption

    Notes
    -----
    Parker RI, Vannest KJ, Davis JL, Sauber SB (2011), Behavior Therapy 42, 284-299. Authors and
    programs differ in the denominator; over m n is what the authors' calculator and most papers
    use. The variance is Kendall's where trend is "none" and nothing is tied: m n (m + n + 1)/3;
    for the others the same moments are summed over the pairs that enter, each with its sign
    (Kendall MG, 1970, Rank Correlation Methods, chapters 4 and 5).

    Examples
    --------
    >>> found = tau_u([2, 3, 5, 3], [4, 5, 5, 7, 6])
    >>> found.estimate, found.statistic, found.pairs
    (0.65, 13.0, 20)
    """
    if trend not in TRENDS:
        raise UnknownOption("trend", trend, tuple(TRENDS))
    alpha, alternative_ = check_alpha(alpha), check_alternative(alternative)
    p = _phases(before, during, better)
    weights = _weights(p, trend)
    s = float(np.sum(np.triu(weights) * p.sign))
    pairs = math.comb(p.m + p.n, 2) if trend == "both" else p.m * p.n
    spread = _spread(p, weights)
    return Overlap(
        "Tau-U" if trend != "none" else "Tau", s / pairs, spread / pairs, math.nan, math.nan,
        s, pairs, tails(*_normal(s, spread), alternative_), False,
        p.m, p.n, p.left_out, alternative_, alpha,
    )  # fmt: skip


def _weights(p: _Phases, trend: str) -> Floats:
    """How each pair of measurements counts: 1, -1 (trend of the baseline), or not at all."""
    later = np.arange(p.m + p.n) >= p.m
    out: Floats = (later[:, None] != later[None, :]).astype(np.float64)
    if trend != "none":
        out[: p.m, : p.m] = -1.0
    if trend == "both":
        out[p.m :, p.m :] = 1.0
    np.fill_diagonal(out, 0.0)
    return out


def _spread(p: _Phases, weights: Floats) -> float:
    """SD of the weighted sum of signs over all orders of the measurements.

    Signs of two pairs are related only where they share a measurement; the mean products of a
    sign with itself and with one that shares its first member are those of the data.
    """
    N = p.m + p.n
    rows = p.sign.sum(axis=1)
    itself = float(np.sum(p.sign**2))
    same = itself / (N * (N - 1))
    shared = (float(np.sum(rows**2)) - itself) / (N * (N - 1) * (N - 2)) if N > 2 else 0.0
    turned = np.triu(weights) - np.tril(weights)
    squares = float(np.sum(np.triu(weights) ** 2))
    together = float(np.sum(turned.sum(axis=1) ** 2)) - 2 * squares
    return math.sqrt(max(same * squares + shared * together, 0.0))
