"""Wilcoxon's signed-rank test with its exact null distribution, ties and zeros included."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.options import typed_options
from probatum.meta.patients.pairs import (
    Alternative,
    PairedTest,
    changes,
    check_alpha,
    check_alternative,
    order_limits,
    tails,
    zeros,
)
from probatum.meta.types import Floats

ZEROS = {
    "wilcoxon": "changes of zero are left out before ranking",
    "pratt": "changes of zero are ranked, then left out",
}
#: pairs up to which the distribution is counted; beyond, the normal one differs by nothing
_COUNTED = 400
#: pairs whose averages of two can be held
_MOST = 5_000


@typed_options
def signed_rank(
    change: ArrayLike | None = None,
    *,
    before: ArrayLike | None = None,
    after: ArrayLike | None = None,
    mu: float = 0.0,
    zero: str = "wilcoxon",
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
) -> PairedTest:
    """Wilcoxon's signed-rank test of paired measurements, exact with ties and zeros.

    Parameters
    ----------
    change : array_like, shape (n,), optional
        Change of each patient; or give `before` and `after`. NaN pairs are left out and counted.
    before, after : array_like, shape (n,), optional
    mu : float
        The change under the null hypothesis.
    zero : {"wilcoxon", "pratt"}
        Changes equal to `mu` are left out before ranking (Wilcoxon), or ranked with the others
        and their ranks left out (Pratt).
    alternative : {"two-sided", "greater", "less"}
        "greater": patients rose.
    alpha : float
        Level of the test; the interval has level 1 - alpha.

    Returns
    -------
    PairedTest
        `statistic` is the sum of the ranks of positive changes, `estimate` the Hodges-Lehmann
        estimate: the median of all averages of two changes.

    Raises
    ------
    BadInput, UnknownOption

    Notes
    -----
    Wilcoxon F (1945), Biometrics Bulletin 1, 80-83; Pratt JW (1959), JASA 54, 655-667; Hodges JL,
    Lehmann EL (1963), Annals of Mathematical Statistics 34, 598-611. Given the sizes of the
    changes each sign is a fair coin, so the distribution of the sum of (mid)ranks is counted
    rank by rank, ties or not, up to 400 pairs; beyond, the normal approximation with continuity
    correction is used. Two-sided p-values are twice the smaller tail. Limits are order
    statistics of the averages of two changes (Tukey 1949, as in Hollander M, Wolfe DA, Chicken
    E, 2014, Nonparametric Statistical Methods, 3.3); with ties the closed interval holds at
    least its level (Noether GE, 1967, JASA 62, 184-188). Changes that differ by rounding alone
    are tied. The distribution of changes is taken to be symmetric.

    Examples
    --------
    Differences in height of plants, crossed less self-fertilised (Darwin 1876), in eighths of
    an inch:

    >>> plants = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    >>> test = signed_rank(plants)
    >>> test.statistic, round(test.pval, 5)
    (96.0, 0.04126)
    >>> test.estimate, test.ci_lb, test.ci_ub
    (25.0, 4.0, 41.5)
    """
    if zero not in ZEROS:
        raise UnknownOption("zero", zero, tuple(ZEROS))
    alpha, alternative_ = check_alpha(alpha), check_alternative(alternative)
    found = changes(change, before, after, mu=mu)
    n = len(found.d)
    if n > _MOST:
        raise BadInput(f"{n} pairs are more than {_MOST}; a t-test of the changes serves as well.")
    none = zeros(found)
    ranks = _doubled_ranks(found.d, none, found.tiny, zero)
    observed = int(ranks[found.d[~none] > 0].sum())
    exact = n <= _COUNTED
    lower, upper = (_counted if exact else _normal)(ranks, observed)
    low, high, attained = _limits(found.d, alpha, alternative_)
    return PairedTest(
        "Wilcoxon signed-rank", n, int(none.sum()), found.left_out, observed / 2,
        tails(lower, upper, alternative_), float(np.median(_averages(found.d))) + found.mu,
        low + found.mu, high + found.mu, alternative_, alpha, attained, exact,
    )  # fmt: skip


def _doubled_ranks(d: Floats, none: np.ndarray, tiny: float, zero: str) -> np.ndarray:
    """Twice the midrank of each change that isn't zero: whole numbers, ties or not."""
    size = np.where(none, 0.0, np.abs(d)) if zero == "pratt" else np.abs(d[~none])
    order = np.argsort(size, kind="stable")
    first = np.ones(len(size), dtype=np.bool_)
    first[1:] = np.diff(size[order]) > tiny
    starts = np.flatnonzero(first)
    ends = np.append(starts[1:], len(size))
    group = np.cumsum(first) - 1
    doubled = np.empty(len(size), dtype=np.int64)
    doubled[order] = (starts + ends + 1)[group]
    return doubled[~none] if zero == "pratt" else doubled


def _distribution(ranks: np.ndarray) -> Floats:
    """P(sum of the ranks with a plus = 0, 1, ...), each sign a fair coin."""
    chance = np.zeros(int(ranks.sum()) + 1)
    chance[0] = 1.0
    top = 0
    for rank in np.sort(ranks):
        chance[: top + 1] *= 0.5
        # what has no plus yet goes up by the rank, once
        moved = chance[: top + 1].copy()
        chance[rank : rank + top + 1] += moved
        top += int(rank)
    return chance


def _counted(ranks: np.ndarray, observed: int) -> tuple[float, float]:
    """P(sum <= observed) and P(sum >= observed)."""
    chance = _distribution(ranks)
    return float(chance[: observed + 1].sum()), float(chance[observed:].sum())


def _normal(ranks: np.ndarray, observed: int) -> tuple[float, float]:
    """The same from the normal distribution, with a continuity correction of half a rank."""
    spread = 0.5 * float(np.sqrt(np.sum(ranks.astype(np.float64) ** 2)))
    if spread == 0.0:
        return 1.0, 1.0
    over = observed - ranks.sum() / 2
    return float(ndtr((over + 1.0) / spread)), float(ndtr(-(over - 1.0) / spread))


def _averages(d: Floats) -> Floats:
    """All averages of two changes, each with itself included, sorted (Walsh 1949)."""
    i, j = np.triu_indices(len(d))
    return np.sort(0.5 * (d[i] + d[j]))


@lru_cache(maxsize=64)
def _below(n: int) -> Floats:
    """P(sum of the ranks 1 to n with a plus <= 0, 1, ...)."""
    total = n * (n + 1) // 2
    if n <= _COUNTED:
        out: Floats = np.cumsum(_distribution(np.arange(1, n + 1)))
    else:
        spread = np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        out = np.asarray(ndtr((np.arange(total + 1) + 0.5 - total / 2) / spread))
    out = out[: total // 2]
    out.setflags(write=False)
    return out


def _limits(d: Floats, alpha: float, alternative: str) -> tuple[float, float, float]:
    return order_limits(_averages(d), _below(len(d)), alpha, alternative)
