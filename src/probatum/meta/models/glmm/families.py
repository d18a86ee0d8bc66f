"""What counts say of a linear predictor: log-likelihood with first and second derivative."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, log1p, xlog1py, xlogy

from probatum.meta.types import Floats

Ints = NDArray[np.int64]


class Derivatives(NamedTuple):
    """Log-likelihood, its slope and its curvature, each of the shape of the predictor."""

    value: Floats
    slope: Floats
    bend: Floats


class Counts(Protocol):
    """Counts of k studies in one arm.

    `at` takes predictors of shape (k, Q) without the offset; `best` is the greatest
    log-likelihood that any predictor gives, shape (k,), `where` the predictor that gives it
    (infinite where nothing or everything was counted).
    """

    def at(self, eta: Floats) -> Derivatives: ...

    def best(self) -> Floats: ...

    def where(self) -> Floats: ...


class Binomial:
    """y of n people, with log odds eta + offset."""

    def __init__(self, y: Floats, n: Floats, offset: Floats | float = 0.0) -> None:
        self.y, self.n = y[:, None], n[:, None]
        self.offset = np.broadcast_to(np.asarray(offset, np.float64), y.shape)[:, None]
        self.constant = gammaln(n + 1) - gammaln(y + 1) - gammaln(n - y + 1)

    def at(self, eta: Floats) -> Derivatives:
        """See `Counts`."""
        e = eta + self.offset
        p = expit(e)
        log_one = np.where(e > 0, e, 0.0) + log1p(np.exp(-np.abs(e)))
        value = self.constant[:, None] + self.y * e - self.n * log_one
        return Derivatives(value, self.y - self.n * p, -self.n * p * expit(-e))

    def best(self) -> Floats:
        """See `Counts`."""
        y, n = self.y[:, 0], self.n[:, 0]
        p = y / np.where(n > 0, n, 1.0)
        out: Floats = self.constant + xlogy(y, p) + xlog1py(n - y, -p)
        return out

    def where(self) -> Floats:
        """See `Counts`."""
        with np.errstate(divide="ignore"):
            out: Floats = np.log(self.y[:, 0]) - np.log(self.n[:, 0] - self.y[:, 0])
        return out - self.offset[:, 0]


class Poisson:
    """y events in person-time t, with log rate eta."""

    def __init__(self, y: Floats, t: Floats) -> None:
        self.y, self.offset = y[:, None], np.log(t)[:, None]
        self.constant = -gammaln(y + 1)

    def at(self, eta: Floats) -> Derivatives:
        """See `Counts`."""
        e = eta + self.offset
        mean = np.exp(np.minimum(e, 500.0))
        return Derivatives(self.constant[:, None] + self.y * e - mean, self.y - mean, -mean)

    def best(self) -> Floats:
        """See `Counts`."""
        y = self.y[:, 0]
        out: Floats = self.constant + xlogy(y, y) - y
        return out

    def where(self) -> Floats:
        """See `Counts`."""
        with np.errstate(divide="ignore"):
            out: Floats = np.log(self.y[:, 0])
        return out - self.offset[:, 0]


class Hypergeometric:
    """First cells of 2x2 tables with all margins fixed and log odds ratio eta.

    Fisher's noncentral hypergeometric distribution: the weight of x is C(n1, x) C(n2, m - x)
    e^(x eta) over the x that the margins allow, summed exactly from the greatest term. The
    supports of all tables lie end to end in one array.
    """

    def __init__(self, a: Floats, n1: Floats, n2: Floats, m: Floats) -> None:
        low, high = np.maximum(0.0, m - n2), np.minimum(n1, m)
        size = (high - low + 1).astype(np.int64)
        self.starts: Ints = np.concatenate([[0], np.cumsum(size)[:-1]])
        self.of: Ints = np.repeat(np.arange(len(a)), size)
        x = np.arange(int(size.sum()), dtype=np.float64) - self.starts[self.of] + low[self.of]
        self.a, self.low, self.high, self.x = a, low, high, x
        n, rest = n1[self.of], n2[self.of]
        left = m[self.of] - x
        weight = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
        weight += gammaln(rest + 1) - gammaln(left + 1) - gammaln(rest - left + 1)
        # from the observed cell: large coefficients cancel before anything is exponentiated
        self.weight = weight - weight[self.starts + (a - low).astype(np.int64)][self.of]
        self.away = x - a[self.of]

    def at(self, eta: Floats) -> Derivatives:
        """See `Counts`."""
        terms = self.weight[:, None] + self.away[:, None] * eta[self.of]
        top = np.maximum.reduceat(terms, self.starts, axis=0)
        e = np.exp(terms - top[self.of])
        total = np.add.reduceat(e, self.starts, axis=0)
        mean = np.add.reduceat(e * self.away[:, None], self.starts, axis=0) / total
        spread = self.away[:, None] - mean[self.of]
        variance = np.add.reduceat(e * spread**2, self.starts, axis=0) / total
        return Derivatives(-top - np.log(total), -mean, -variance)

    def best(self) -> Floats:
        """See `Counts`."""
        theta = self.where()
        inside = np.isfinite(theta)
        value = self.at(np.where(inside, theta, 0.0)[:, None]).value[:, 0]
        return np.where(inside, value, 0.0)

    def where(self) -> Floats:
        """See `Counts`: the conditional estimates."""
        return self._estimates

    @cached_property
    def _estimates(self) -> Floats:
        """By Newton's steps in a bracket, until a step is lost in rounding."""
        ends = np.where(self.a <= self.low, -np.inf, np.where(self.a >= self.high, np.inf, 0.0))
        ends = np.where(self.low == self.high, np.nan, ends)
        theta = np.zeros_like(self.a)
        low, high = np.full_like(theta, -60.0), np.full_like(theta, 60.0)
        for _ in range(200):
            d = self.at(theta[:, None])
            slope, bend = d.slope[:, 0], d.bend[:, 0]
            low, high = np.where(slope > 0, theta, low), np.where(slope > 0, high, theta)
            with np.errstate(divide="ignore", invalid="ignore"):
                new = theta - slope / bend
            done = np.abs(new - theta) <= 1e-14 * (1 + np.abs(theta))
            new = np.where(done | ((new > low) & (new < high)), new, (low + high) / 2)
            theta = new
            if np.all(done | (ends != 0.0)):
                break
        return np.where(ends == 0.0, theta, ends)
