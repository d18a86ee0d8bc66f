"""The shortest interval of a distribution."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from probatum.meta.types import Floats

_TAILS = 17  # places of the lower tail that are looked at before one is refined
_STEPS = 60


class Law(Protocol):
    """A distribution: quantiles, rough ones, its distribution function and two derivatives."""

    def rough(self, p: Floats) -> Floats: ...
    def quantile(self, p: Floats) -> Floats: ...
    def derivatives(self, x: Floats) -> tuple[Floats, Floats, Floats]: ...


def shortest(law: Law, level: float) -> tuple[float, float]:
    """Shortest interval that holds `level` percent.

    At its ends a and b the densities are equal: Newton's method on F(b) - F(a) = level and
    f(a) = f(b) from the shortest of several intervals; golden section where that does not settle.
    """
    out = 1.0 - level / 100.0
    tails, low, high = several(law, out)
    best = int(np.argmin(high - low))
    found = _equal_densities(law, 1.0 - out, np.array([low[best], high[best]]))
    if found is not None and found[1] - found[0] <= 1.02 * (high[best] - low[best]):
        return found
    around = np.concatenate([[1e-12 * out], tails, [out * (1.0 - 1e-12)]])
    return _golden(law, out, float(around[best]), float(around[best + 2]))


def several(law: Law, out: float) -> tuple[Floats, Floats, Floats]:
    """Intervals that leave out a share `out`, roughly: lower tails, lower and upper ends."""
    tails = out * np.sin(np.linspace(0.0, 0.5 * np.pi, _TAILS + 2)[1:-1]) ** 2
    low, high = np.split(law.rough(np.concatenate([tails, 1.0 - out + tails])), 2)
    return tails, low, high


def _ends(law: Law, out: float, tail: float) -> tuple[float, float]:
    low, high = law.quantile(np.array([tail, 1.0 - out + tail]))
    return float(low), float(high)


def _equal_densities(law: Law, held: float, x: Floats) -> tuple[float, float] | None:
    for _ in range(_STEPS):
        below, density, slope = law.derivatives(x)
        miss = np.array([below[1] - below[0] - held, density[1] - density[0]])
        turn = np.array([[-density[0], density[1]], [-slope[0], slope[1]]])
        if not (slope[0] > 0.0 > slope[1]):  # not on the two sides of one peak
            return None
        step = np.linalg.solve(turn, miss)
        wide = x[1] - x[0]
        step *= min(1.0, 0.25 * wide / max(float(np.abs(step).max()), 1e-300))
        x = x - step
        if np.abs(step).max() <= 1e-9 * wide:  # what is left is of the order of its square
            return float(x[0]), float(x[1])
    return None


def _golden(law: Law, out: float, a: float, b: float) -> tuple[float, float]:
    ratio = 0.5 * (np.sqrt(5.0) - 1.0)

    def width(tail: float) -> float:
        low, high = _ends(law, out, tail)
        return high - low

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
    return _ends(law, out, 0.5 * (a + b))
