"""Mixtures of normal distributions: what is left when tau is integrated out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from probatum.meta.types import Floats

_STEPS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """A mixture of normals, one component per node of tau.

    Attributes
    ----------
    weight, mean, sd : ndarray, shape (m,)
    """

    weight: Floats
    mean: Floats
    sd: Floats

    def density(self, x: Floats | float) -> Floats:
        """Density at x."""
        z = (np.asarray(x, dtype=np.float64)[..., None] - self.mean) / self.sd
        return np.asarray(np.exp(-0.5 * z * z) / (self.sd * np.sqrt(2.0 * np.pi)) @ self.weight)

    def cdf(self, x: Floats | float) -> Floats:
        """Probability of a value below x."""
        z = (np.asarray(x, dtype=np.float64)[..., None] - self.mean) / self.sd
        return np.asarray(ndtr(z) @ self.weight)

    @property
    def average(self) -> float:
        """Mean of the mixture."""
        return float(self.weight @ self.mean)

    @property
    def spread(self) -> float:
        """Standard deviation of the mixture."""
        off = self.mean - self.average
        return float(np.sqrt(self.weight @ (self.sd**2 + off**2)))

    def quantile(self, p: float) -> float:
        """The value below which a share p lies (bisection to rounding error)."""
        used = self.weight > 0
        reach = 40.0 * self.sd[used]
        low = float(np.min(self.mean[used] - reach))
        high = float(np.max(self.mean[used] + reach))
        for _ in range(_STEPS):
            middle = 0.5 * (low + high)
            if middle in (low, high):
                break
            if float(self.cdf(middle)) < p:
                low = middle
            else:
                high = middle
        return 0.5 * (low + high)

    def central(self, level: float) -> tuple[float, float]:
        """Interval with equal tails; `level` in percent."""
        tail = 0.5 * (1.0 - level / 100.0)
        return self.quantile(tail), self.quantile(1.0 - tail)

    def shortest(self, level: float) -> tuple[float, float]:
        """Shortest interval that holds `level` percent (for one peak: that of highest density)."""
        return shortest(self.quantile, level)


def shortest(quantile: Callable[[float], float], level: float) -> tuple[float, float]:
    """Shortest interval of a distribution given by its quantiles: golden section on the tail."""
    out = 1.0 - level / 100.0
    a, b = 0.0, out
    ratio = 0.5 * (np.sqrt(5.0) - 1.0)

    def width(tail: float) -> float:
        tail = min(max(tail, 1e-12), out - 1e-12)
        return float(quantile(1.0 - out + tail) - quantile(tail))

    c, d = b - ratio * (b - a), a + ratio * (b - a)
    wc, wd = width(c), width(d)
    while b - a > 1e-9 * out:
        if wc <= wd:
            b, d, wd = d, c, wc
            c = b - ratio * (b - a)
            wc = width(c)
        else:
            a, c, wc = c, d, wd
            d = a + ratio * (b - a)
            wd = width(d)
    tail = 0.5 * (a + b)
    return float(quantile(tail)), float(quantile(1.0 - out + tail))
