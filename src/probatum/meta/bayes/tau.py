"""The posterior of tau, on the pieces over which it is integrated."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.polynomial import legendre

from probatum.meta.bayes.intervals import several, shortest
from probatum.meta.bayes.priors import TauPrior
from probatum.meta.types import Floats

# tau is integrated on a log scale in pieces with Gauss-Legendre nodes: the integrand is analytic
# there in a strip of half-width pi/2, so the rule is exact to rounding long before this many
_PIECES, _NODES = 160, 10
_TINY = 1e-10  # smallest tau, relative to the smallest standard error; below it nothing changes
_HUGE = 1e9  # largest, relative to the spread of the estimates
_AT, _WEIGHTS = legendre.leggauss(_NODES)
# values at the nodes -> coefficients of the polynomial through them, in Legendre polynomials
_TO_SERIES = (legendre.legvander(_AT, _NODES - 1) * _WEIGHTS[:, None]).T * (
    np.arange(_NODES)[:, None] + 0.5
)


def grid(y: Floats, v: Floats, prior: TauPrior) -> tuple[Floats, Floats, Floats]:
    """Edges of the pieces, and nodes and weights, in log tau."""
    low = np.log(_TINY * np.sqrt(v.min()))
    span = max(float(np.ptp(y)), float(np.sqrt(v.max())))
    high = np.log(min(prior.upper, _HUGE * span))
    low = min(low, high - 1.0)
    edges = np.linspace(low, high, _PIECES + 1)
    half = 0.5 * np.diff(edges)[:, None]
    x = edges[:-1, None] + half * (_AT + 1.0)
    return edges, x.ravel(), np.broadcast_to(half * _WEIGHTS, x.shape).ravel()


class TauPosterior:
    """Posterior of tau, piecewise on the quadrature's own nodes."""

    def __init__(self, edges: Floats, x: Floats, w: Floats, log_post: Floats) -> None:
        self._edges = edges
        mass = np.exp(log_post) * w
        self._cum = np.concatenate([[0.0], np.cumsum(mass.reshape(_PIECES, _NODES).sum(axis=1))])
        whole = float(self._cum[-1])
        self.nodes = np.exp(x)
        self.weights = mass / whole
        self._cum /= whole
        # density of log tau, its slope and its integral from the start of a piece, as series
        half = 0.5 * np.diff(edges)
        density = _TO_SERIES @ np.exp(log_post).reshape(_PIECES, _NODES).T / whole
        self._density = density
        self._slope = legendre.legder(density) / half
        self._below = legendre.legint(density, lbnd=-1.0) * half

    def _series(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Distribution function, density and slope at x = log tau."""
        x = np.clip(x, self._edges[0], self._edges[-1])
        piece = np.clip(np.searchsorted(self._edges, x, side="right") - 1, 0, _PIECES - 1)
        low, high = self._edges[piece], self._edges[piece + 1]
        at = 2.0 * (x - low) / (high - low) - 1.0
        below, density, slope = (
            np.asarray(legendre.legval(at, series[:, piece], tensor=False), dtype=np.float64)
            for series in (self._below, self._density, self._slope)
        )
        return self._cum[piece] + below, density, slope

    def derivatives(self, tau: Floats) -> tuple[Floats, Floats, Floats]:
        """Distribution function of tau, density and its slope."""
        below, density, slope = self._series(np.log(tau))
        return below, density / tau, (slope - density) / tau**2

    @overload
    def cdf(self, tau: float) -> float: ...
    @overload
    def cdf(self, tau: Floats) -> Floats: ...

    def cdf(self, tau: float | Floats) -> float | Floats:
        """Probability of a value below `tau`."""
        t = np.asarray(tau, dtype=np.float64)
        with np.errstate(divide="ignore"):
            out = np.where(t > 0.0, self._series(np.log(np.maximum(t, 0.0)))[0], 0.0)
        return out if np.ndim(tau) else float(out)

    def rough(self, p: Floats) -> Floats:
        """Quantiles by interpolation between the ends of the pieces."""
        return np.asarray(np.exp(np.interp(p, self._cum, self._edges)))

    @overload
    def quantile(self, p: float) -> float: ...
    @overload
    def quantile(self, p: Floats) -> Floats: ...

    def quantile(self, p: float | Floats) -> float | Floats:
        """The value below which a share p lies: Newton's method within a piece."""
        goal = np.atleast_1d(np.asarray(p, dtype=np.float64))
        piece = np.clip(np.searchsorted(self._cum, goal, side="right") - 1, 0, _PIECES - 1)
        low, high = self._edges[piece], self._edges[piece + 1]
        start, end = self._cum[piece], self._cum[piece + 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            x = low + (high - low) * np.nan_to_num((goal - start) / (end - start), nan=0.5)
        for _ in range(100):
            below, density, _ = self._series(x)
            over = below >= goal
            high, low = np.where(over, x, high), np.where(over, low, x)
            with np.errstate(divide="ignore", invalid="ignore"):
                new = x - (below - goal) / density
            inside = (new > low) & (new < high)
            new = np.where(inside, new, 0.5 * (low + high))
            # a Newton step this short leaves an error of its square
            settled = (inside & (np.abs(new - x) <= 1e-9)) | (high - low <= 1e-15)
            x = new
            if settled.all():
                break
        out = np.exp(x)
        return out if np.ndim(p) else float(out[0])

    @property
    def average(self) -> float:
        """Posterior mean (infinite where the integral does not exist is not detected)."""
        return float(self.weights @ self.nodes)

    def central(self, level: float) -> tuple[float, float]:
        """Interval with equal tails."""
        tail = 0.5 * (1.0 - level / 100.0)
        low, high = self.quantile(np.array([tail, 1.0 - tail]))
        return float(low), float(high)

    def shortest(self, level: float) -> tuple[float, float]:
        """Shortest interval; it begins at 0 where the density there is no lower than at its end."""
        from_zero = self.quantile(level / 100.0)
        _, density, _ = self.derivatives(np.array([self.nodes[0], from_zero]))
        _, low, high = several(self, 1.0 - level / 100.0)
        if density[0] >= density[1] and from_zero <= 1.02 * float(np.min(high - low)):
            return 0.0, from_zero
        low_end, high_end = shortest(self, level)
        if from_zero <= (high_end - low_end) * (1.0 + 1e-9):
            return 0.0, from_zero
        return low_end, high_end
