"""Mixtures of normal distributions: what is left when tau is integrated out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np
from scipy.special import ndtr, ndtri

from probatum.meta.bayes.intervals import shortest
from probatum.meta.types import Floats

_STEPS = 200
# components that differ by less become one with their mean and variance, which leaves an error of
# the square; lighter ones than this carry nothing
_ALIKE, _LIGHT = 1e-6, 1e-22


@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture of normals, one component per node of tau.

    Attributes
    ----------
    weight, mean, sd : ndarray, shape (m,)
    """

    weight: Floats
    mean: Floats
    sd: Floats

    @classmethod
    def over_tau(cls, weight: Floats, mean: Floats, sd: Floats) -> Mixture:
        """A mixture with one component per tau, in rising order.

        Those of the smallest tau, which hardly differ, become one.
        """
        change = np.maximum(np.abs(sd - sd[0]), np.abs(mean - mean[0])) > _ALIKE * sd[0]
        n = int(np.argmax(change)) if change.any() else len(weight)
        first = weight[:n] / max(float(weight[:n].sum()), 1e-300)
        middle = float(first @ mean[:n])
        spread = float(np.sqrt(first @ (sd[:n] ** 2 + (mean[:n] - middle) ** 2)))
        joined = [
            np.append(a, b[n:])
            for a, b in ((weight[:n].sum(), weight), (middle, mean), (spread, sd))
        ]
        keep = joined[0] > _LIGHT
        return cls(*(x[keep] for x in joined))

    def density(self, x: Floats | float) -> Floats:
        """Density at x."""
        return self._standard(x)[1]

    def cdf(self, x: Floats | float) -> Floats:
        """Probability of a value below x."""
        return self._standard(x)[0]

    def derivatives(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Distribution function, density and its slope."""
        z = (np.asarray(x, dtype=np.float64)[..., None] - self.mean) / self.sd
        bell = np.exp(-0.5 * z * z) * (self.weight / (self.sd * np.sqrt(2.0 * np.pi)))
        return np.asarray(ndtr(z) @ self.weight), bell.sum(axis=-1), -((z * bell) @ (1.0 / self.sd))

    def _standard(self, x: Floats | float) -> tuple[Floats, Floats]:
        below, density, _ = self.derivatives(np.asarray(x, dtype=np.float64))
        return below, density

    @property
    def average(self) -> float:
        """Mean of the mixture."""
        return float(self.weight @ self.mean)

    @property
    def spread(self) -> float:
        """Standard deviation of the mixture."""
        off = self.mean - self.average
        return float(np.sqrt(self.weight @ (self.sd**2 + off**2)))

    @cached_property
    def _table(self) -> tuple[Floats, Floats]:
        """Places from far below to far above, and the probabilities of values below them."""
        share = np.cumsum(self.weight)
        middle = int(np.searchsorted(share, 0.5 * share[-1]))
        x = self.mean[middle] + self.sd[middle] * np.sinh(np.linspace(-4.0, 4.0, 49))
        return x, self.cdf(x)

    def rough(self, p: Floats) -> Floats:
        """Quantiles by interpolation: two or three digits."""
        x, below = self._table
        return np.asarray(np.interp(p, below, x))

    @overload
    def quantile(self, p: float) -> float: ...
    @overload
    def quantile(self, p: Floats) -> Floats: ...

    def quantile(self, p: float | Floats) -> float | Floats:
        """The value below which a share p lies: Newton's method between quantiles of components.

        The quantile of a mixture lies between the smallest and the largest of its components'.
        """
        goal = np.atleast_1d(np.asarray(p, dtype=np.float64))
        each = self.mean + self.sd * ndtri(goal)[:, None]
        low, high = each.min(axis=1), each.max(axis=1)
        x = np.clip(self.rough(goal), low, high)
        for _ in range(_STEPS):
            below, density = self._standard(x)
            over = below >= goal
            high, low = np.where(over, x, high), np.where(over, low, x)
            with np.errstate(divide="ignore", invalid="ignore"):
                new = x - (below - goal) / density
            inside = (new > low) & (new < high)
            new = np.where(inside, new, 0.5 * (low + high))
            # a Newton step this short leaves an error of its square
            settled = np.abs(new - x) <= np.where(inside, 1e-9, 4e-16) * self.sd.min()
            settled |= high - low <= 4e-16 * np.maximum(np.abs(high), np.abs(low))
            x = new
            if settled.all():
                break
        return x if np.ndim(p) else float(x[0])

    def central(self, level: float) -> tuple[float, float]:
        """Interval with equal tails; `level` in percent."""
        tail = 0.5 * (1.0 - level / 100.0)
        low, high = self.quantile(np.array([tail, 1.0 - tail]))
        return float(low), float(high)

    def shortest(self, level: float) -> tuple[float, float]:
        """Shortest interval that holds `level` percent (for one peak: that of highest density)."""
        return shortest(self, level)
