"""The exact small-sample correction of standardised mean differences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gamma

Floats = NDArray[np.float64]

# coefficients of w^-4 and w^-6 of the series below (that of w^-2 is 1/64)
C4, C6 = -19 / 8192, 631 / 524288


def correction(m: Floats) -> Floats:
    """Hedges' exact J(m) = gamma(m/2) / (sqrt(m/2) gamma((m - 1)/2)).

    Hedges 1981, J Educ Stat 6:107, eq. 6e. The usual difference of log-gammas loses digits as m
    grows; here large m use the asymptotic series of the ratio about w = m/2 - 3/4, whose first
    term left out is under 1e-17 (Tricomi & Erdelyi 1951, Pacific J Math 1:133).

    Parameters
    ----------
    m : ndarray
        Degrees of freedom.

    Returns
    -------
    ndarray
        J(m), NaN where m is 1 or less.

    Examples
    --------
    >>> correction(np.array([10.0, 1e9])).round(12).tolist()
    [0.922745608053, 0.99999999925]
    """
    m = np.where(m > 1, m, np.nan)
    small = np.where(m <= 300, m, 300.0)
    direct = gamma(small / 2) / (np.sqrt(small / 2) * gamma((small - 1) / 2))
    large = np.where(m > 300, m, 300.0)
    u = 1 / (large / 2 - 0.75) ** 2
    series = np.sqrt(1 - 1.5 / large) * (1 + u * (1 / 64 + u * (C4 + u * C6)))
    return np.where(m <= 300, direct, np.where(m > 300, series, np.nan))
