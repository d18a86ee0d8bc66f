"""Averages over studies, for variance formulas that assume a common value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def weighted_mean(x: Floats, weights: Floats) -> float:
    """Mean over the studies where value and weight are known; NaN where there is none.

    Examples
    --------
    >>> weighted_mean(np.array([1.0, 4.0, np.nan]), np.array([2.0, 1.0, 5.0]))
    2.0
    """
    known = np.isfinite(x) & np.isfinite(weights)
    return float(np.sum(weights[known] * x[known]) / np.sum(weights[known]))
