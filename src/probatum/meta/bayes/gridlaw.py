"""Distributions on equal steps, and mixtures of them with normals and a point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import sici

from probatum.meta.bayes.mixture import Mixture
from probatum.meta.types import Floats


@dataclass(frozen=True, slots=True, eq=False)
class GridLaw:
    """A smooth density known on equal steps that resolve it.

    Between the steps it is the sum of sinc functions through its values: exact for what the
    trapezoidal rule integrates exactly (Stenger F, 1981, SIAM Review 23, 165-224).

    Attributes
    ----------
    x, mass : ndarray, shape (n,)
        Places, and density times step.
    """

    x: Floats
    mass: Floats

    def cdf(self, at: Floats) -> Floats:
        """Probability of a value below `at`, shape (m,)."""
        step = self.x[1] - self.x[0]
        waves = sici(np.pi * (np.asarray(at)[:, None] - self.x) / step)[0] / np.pi
        return np.asarray((0.5 + waves) @ self.mass)


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """A posterior averaged over models: continuous parts and a point at `origin`.

    Attributes
    ----------
    parts : tuple of (float, GridLaw or Mixture)
        Weight and law.
    point : float
        Probability of `origin` itself.
    origin : float
        0 for an effect; minus infinity for the log of tau.
    low, high : float
        Ends beyond which nothing lies.
    """

    parts: tuple[tuple[float, GridLaw | Mixture], ...]
    point: float
    origin: float
    low: float
    high: float

    def cdf(self, x: float) -> float:
        """Probability of a value up to x."""
        return self._continuous(x) + (self.point if x >= self.origin else 0.0)

    def _continuous(self, x: float) -> float:
        return float(sum(w * law.cdf(np.array([x]))[0] for w, law in self.parts))

    def quantile(self, p: float) -> float:
        """The value up to which a share p lies."""
        start = self._continuous(self.origin) if np.isfinite(self.origin) else 0.0
        if start <= p <= start + self.point or not self.parts:
            return self.origin
        low, high = self.low, self.high
        if p < start:
            high = self.origin
        elif np.isfinite(self.origin):
            low = self.origin
        # a point at the lower end lies below everything else
        goal = p if p < start else p - self.point
        ends = [self._continuous(x) - goal for x in (low, high)]
        if ends[0] >= 0.0:
            return low
        if ends[1] <= 0.0:
            return high
        return float(brentq(lambda x: self._continuous(x) - goal, low, high, xtol=1e-10))
