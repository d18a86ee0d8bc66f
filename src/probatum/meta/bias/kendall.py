"""Kendall's rank correlation with its exact distribution."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from probatum.meta.types import Floats

_EXACT = 150  # beyond, counting takes long and the normal law is right to 4 digits


def kendall(x: Floats, y: Floats) -> tuple[float, float, bool]:
    """Kendall's tau-b, its two-sided p-value, and whether that is exact.

    Kendall MG (1938), Biometrika 30, 81-93; with ties Kendall MG (1945), Biometrika 33, 239-251.
    Exact for up to 150 pairs without ties, otherwise normal.

    Examples
    --------
    >>> kendall(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0]))
    (0.3333333333333333, 1.0, True)
    """
    n = len(x)
    score = int(_signs(x, y))
    pairs = n * (n - 1) / 2
    tx, ty = _ties(x), _ties(y)
    lost_x, lost_y = (float((t * (t - 1) / 2).sum()) for t in (tx, ty))
    if lost_x == pairs or lost_y == pairs:
        return float("nan"), float("nan"), False
    tau = score / np.sqrt((pairs - lost_x) * (pairs - lost_y))
    if n <= _EXACT and not lost_x and not lost_y:
        return float(tau), _exact(n, score), True
    z = score / np.sqrt(_variance(n, tx, ty))
    return float(tau), float(2.0 * ndtr(-abs(z))), False


def _signs(x: Floats, y: Floats) -> float:
    """Concordant minus discordant pairs, a row at a time so that memory stays linear."""
    return float(
        sum(np.sum(np.sign(x[i] - x[:i]) * np.sign(y[i] - y[:i])) for i in range(1, len(x)))
    )


def _ties(x: Floats) -> Floats:
    return np.unique(x, return_counts=True)[1].astype(np.float64)


def _variance(n: int, tx: Floats, ty: Floats) -> float:
    def moment(t: Floats) -> tuple[float, float, float]:
        return (
            float((t * (t - 1) * (2 * t + 5)).sum()),
            float((t * (t - 1) * (t - 2)).sum()),
            float((t * (t - 1)).sum()),
        )

    (a1, b1, c1), (a2, b2, c2) = moment(tx), moment(ty)
    whole = n * (n - 1) * (2 * n + 5)
    out = (whole - a1 - a2) / 18.0 + c1 * c2 / (2.0 * n * (n - 1))
    return out + (b1 * b2 / (9.0 * n * (n - 1) * (n - 2)) if n > 2 else 0.0)


def _exact(n: int, score: int) -> float:
    """Two-sided p from the number of orders with each count of inversions."""
    counts = np.ones(1)
    for size in range(2, n + 1):
        counts = np.convolve(counts, np.ones(size)) / size
    concordant = (n * (n - 1) // 2 + score) // 2
    tail = counts[: concordant + 1].sum() if score < 0 else counts[concordant:].sum()
    return float(min(1.0, 2.0 * tail))
