"""The standard bivariate normal distribution, and the correlation that gives it a probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, owens_t

Floats = NDArray[np.float64]

TWO_PI = 2 * np.pi
# bisection leaves theta within pi/2^30 of the root; Newton's steps then reach rounding
HALVINGS, STEPS = 30, 6


def density(h: Floats, k: Floats, r: Floats) -> Floats:
    """Density at (h, k) with correlation r."""
    q = (h * h - 2 * r * h * k + k * k) / (1 - r * r)
    out: Floats = np.exp(-q / 2) / (TWO_PI * np.sqrt(1 - r * r))
    return out


def both_below(h: Floats, k: Floats, r: Floats) -> Floats:
    """P(X <= h and Y <= k) with correlation r, by Owen's T function (Owen 1956, eq. 2.1).

    Owen DB (1956), Annals of Mathematical Statistics 27, 1075-1090.

    Examples
    --------
    >>> float(both_below(np.array(0.0), np.array(0.0), np.array(0.5)).round(12))
    0.333333333333
    """
    s = np.sqrt((1 - r) * (1 + r))
    # T(0, a) is the limit from either side, as long as the value keeps one
    h, k = np.where(h == 0, 1e-300, h), np.where(k == 0, 1e-300, k)
    t = owens_t(h, (k - r * h) / (h * s)) + owens_t(k, (h - r * k) / (k * s))
    out: Floats = (ndtr(h) + ndtr(k)) / 2 - t - np.where(np.sign(h) * np.sign(k) < 0, 0.5, 0.0)
    return out


def correlation_for(h: Floats, k: Floats, p: Floats) -> Floats:
    """The correlation at which P(X <= h and Y <= k) is p.

    The probability rises with theta = asin(r), its derivative being the density times the root of
    1 - r^2 (Plackett 1954, Biometrika 41:351): bisection brackets theta, Newton finishes.

    Returns
    -------
    ndarray
        NaN where no correlation inside -1 to 1 gives p.
    """
    low, high = np.full(p.shape, -np.pi / 2), np.full(p.shape, np.pi / 2)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        under = both_below(h, k, np.sin(middle)) < p
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    theta = (low + high) / 2
    for _ in range(STEPS):
        r = np.sin(theta)
        slope = density(h, k, r) * np.sqrt((1 - r) * (1 + r))
        theta = theta - (both_below(h, k, r) - p) / slope
    inside = np.abs(theta) < np.pi / 2
    return np.where(inside, np.sin(theta), np.nan)
