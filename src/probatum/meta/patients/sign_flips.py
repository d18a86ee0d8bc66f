"""Permutation test of paired measurements: every pattern of signs is tried."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from probatum.errors import BadInput
from probatum.meta.options import typed_options
from probatum.meta.patients.pairs import (
    Alternative,
    Changes,
    PairedTest,
    changes,
    check_alpha,
    check_alternative,
    order_limits,
    tails,
    zeros,
)
from probatum.meta.types import Floats

#: pairs up to which all 2^n patterns are tried
_EXACT = 20
#: numbers held at once where patterns are drawn
_PIECE = 2_000_000


@typed_options
def sign_flips(
    change: ArrayLike | None = None,
    *,
    before: ArrayLike | None = None,
    after: ArrayLike | None = None,
    mu: float = 0.0,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    iterations: int = 100_000,
    seed: int | None = 0,
) -> PairedTest:
    """Exact permutation test of the mean change, with its interval by inversion.

    Parameters
    ----------
    change : array_like, shape (n,), optional
        Change of each patient; or give `before` and `after`. NaN pairs are left out and counted.
    before, after : array_like, shape (n,), optional
    mu : float
        The change under the null hypothesis.
    alternative : {"two-sided", "greater", "less"}
        "greater": patients rose.
    alpha : float
        Level of the test; the interval has level 1 - alpha.
    iterations : int
        Patterns of signs to draw for more than 20 pairs; up to 20 all are tried.
    seed : int or None
        None draws others at every call.

    Returns
    -------
    PairedTest
        `statistic` and `estimate` are the mean change (the statistic from `mu`).

    Raises
    ------
    BadInput, UnknownOption

    Notes
    -----
    Fisher RA (1935), The Design of Experiments, section 21. Under a symmetric distribution about
    mu each sign is a fair coin; the p-value is the share of the patterns whose mean is at least
    as far out, the observed one among them (ties up to rounding count). A pattern's mean reaches
    the observed one exactly where the mean of the flipped changes is at most mu, so the interval
    that inverts the test ends at order statistics of the means of subsets (Hartigan JA, 1969,
    JASA 64, 1303-1317). Drawn patterns give the same with fewer steps.

    Examples
    --------
    >>> plants = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    >>> test = sign_flips(plants)
    >>> round(test.pval * 2**15), round(test.pval, 5)
    (1726, 0.05267)
    >>> round(test.estimate, 3), round(test.ci_lb, 3), round(test.ci_ub, 3)
    (20.933, -0.167, 41.0)
    """
    alpha, alternative_ = check_alpha(alpha), check_alternative(alternative)
    found = changes(change, before, after, mu=mu)
    n = len(found.d)
    exact = n <= _EXACT
    if not exact and iterations < 2:
        raise BadInput(f"iterations is {iterations}; ask for at least 2.")
    means, flat = _all_means(found) if exact else _drawn_means(found, iterations, seed)
    patterns = len(means) + 1  # flipping nothing always counts as at least as far out
    upper = (1 + int(np.count_nonzero(means <= flat))) / patterns
    lower = (1 + int(np.count_nonzero(means >= -flat))) / patterns
    below = np.arange(1, len(means) + 1) / patterns
    low, high, attained = order_limits(np.sort(means), below, alpha, alternative_)
    mean = float(found.d.mean())
    return PairedTest(
        "permutation of signs", n, int(zeros(found).sum()), found.left_out, mean,
        tails(lower, upper, alternative_), mean + found.mu, low + found.mu, high + found.mu,
        alternative_, alpha, attained, exact,
    )  # fmt: skip


def _all_means(found: Changes) -> tuple[Floats, float]:
    """Means of all subsets but the empty one, and the rounding of such a mean."""
    sums, sizes = np.zeros(1), np.zeros(1)
    for change in found.d:
        sums = np.concatenate([sums, sums + change])
        sizes = np.concatenate([sizes, sizes + 1])
    return sums[1:] / sizes[1:], found.tiny


def _drawn_means(found: Changes, iterations: int, seed: int | None) -> tuple[Floats, float]:
    """Means of random subsets: each patient in or out by a fair coin, none of them empty."""
    rng = np.random.default_rng(seed)
    n, wanted = len(found.d), iterations - 1
    out: list[Floats] = []
    while wanted > 0:
        size = min(wanted, max(1, _PIECE // n))
        inside = rng.integers(0, 2, size=(size, n), dtype=np.int8).astype(np.float64)
        counts = inside.sum(axis=1)
        kept = counts > 0
        out.append(inside[kept] @ found.d / counts[kept])
        wanted -= int(kept.sum())
    return np.concatenate(out), found.tiny
