"""The density of what is seen: a normal density times a weight of its p-value, over its integral.

Every selection model gives the same few moments, from which value, gradient and Hessian of its
log-likelihood follow; all for several starts at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from probatum.errors import BadInput
from probatum.meta.bias.weightfunctions import Jet, PValues, WeightFunction, p_values
from probatum.meta.types import Floats

STEP_UPPER = 100.0  # as in metafor: a weight beyond this says only that the cell is empty
# integrals over a study's outcome run over z = y / standard error, where p(z) is the same for all
# studies and no density is narrower than 1
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_REACH = 9.0
_MOST_PIECES = 4000
_AT_ONCE = 60_000  # numbers in one block of the integrals, which then stays in the cache
_LOG_ROOT = 0.5 * np.log(2.0 * np.pi)


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Averages over what a study could have shown, weighted by the chance of being seen.

    S starts, k studies, q parameters of the weight function; u = (y - mean) / sd, and s_a is the
    derivative of log w in delta_a.

    Attributes
    ----------
    log_integral : ndarray, shape (S, k)
        Log of the integral of w times the normal density.
    u : ndarray, shape (4, S, k)
        Averages of u, u^2, u^3, u^4.
    s : ndarray, shape (3, q, S, k)
        Averages of s_a, s_a u, s_a u^2.
    ss : ndarray, shape (q, q, S, k)
        Averages of s_a s_b + d s_a / d delta_b.
    """

    log_integral: Floats
    u: Floats
    s: Floats
    ss: Floats


# log w of the studies as they were: value (S,), gradient (S, q), Hessian (S, q, q)
Own = tuple[Floats, Floats, Floats]


class Step:
    """Step function: the integrals are differences of normal probabilities."""

    def __init__(
        self, y: Floats, v: Floats, X: Floats, cuts: tuple[float, ...], alternative: str
    ) -> None:
        self.y, self.v, self.X = y, v, X
        n = len(cuts)
        self.start, self.none = np.ones(n), np.ones(n)
        self.lower, self.upper = np.zeros(n), np.full(n, STEP_UPPER)
        p = p_values(y / np.sqrt(v), alternative).p
        self.cell = np.searchsorted(np.array(cuts), p, side="left")
        # z limits of each cell, from p = 0 (z infinite) to p = 1
        tails = np.array([0.0, *cuts, 1.0])
        if alternative == "two-sided":
            edge = -ndtri(tails / 2.0)
            self.edges = [(edge, 1.0), (edge, -1.0)]
        else:
            self.edges = [(-ndtri(tails), 1.0 if alternative == "greater" else -1.0)]
        self.counts = np.bincount(self.cell, minlength=n + 1)
        if (self.counts[1:] == 0).any():
            j = 1 + int(np.argmin(self.counts[1:]))
            raise BadInput(
                f"no study has a p-value between {tails[j]:g} and {tails[j + 1]:g}, so its weight "
                "can't be estimated; choose other steps."
            )

    def own(self, delta: Floats) -> Own:
        """Log weight of the cells the studies lie in."""
        n = self.counts[1:].astype(np.float64)
        with np.errstate(divide="ignore"):
            value = np.log(delta) @ n
        return value, n / delta, -(n / delta**2)[..., None] * np.eye(len(n))

    def moments(self, mean: Floats, total: Floats, delta: Floats) -> Moments:
        """Moments by the incomplete moments of the normal distribution in each cell."""
        sigma, own = np.sqrt(total), np.sqrt(self.v)
        cells = np.zeros((5, *mean.shape, len(self.counts)))
        for edge, sign in self.edges:
            at = (own[:, None] * edge - sign * mean[..., None]) / sigma[..., None]
            above = _tail_moments(np.clip(at, -38.0, 38.0))
            # cell j lies between edge j (higher z) and edge j + 1
            inside = above[..., 1:] - above[..., :-1]
            inside[1::2] *= sign
            cells += inside
        weight = np.concatenate([np.ones((len(delta), 1)), delta], axis=1)
        parts = np.matmul(cells, weight[:, :, None])[..., 0]
        whole = parts[0]
        s = np.moveaxis(cells[:3, ..., 1:], -1, 1) / whole
        # the integral is linear in the weights
        return Moments(
            np.log(whole), parts[1:] / whole, s, np.zeros((s.shape[1], s.shape[1], 1, 1))
        )

    def log_integral(self, mean: Floats, total: Floats, delta: Floats) -> Floats:
        """The first of the moments alone."""
        return self.moments(mean, total, delta).log_integral


def _tail_moments(a: Floats) -> Floats:
    """Integrals of u^0 to u^4 times the normal density, from a to infinity."""
    tail, bell = ndtr(-a), np.exp(-0.5 * a * a - _LOG_ROOT)
    square = a * a
    return np.stack(
        [tail, bell, a * bell + tail, (square + 2.0) * bell,
         a * (square + 3.0) * bell + 3.0 * tail]
    )  # fmt: skip


class Smooth:
    """A smooth function: the integrals by Gauss-Legendre pieces in z, all studies at once.

    What lies far out, where the function is flat, is a normal tail in closed form.
    """

    def __init__(
        self, y: Floats, v: Floats, X: Floats, function: WeightFunction,
        cuts: tuple[float, ...], alternative: str, floor: float,
    ) -> None:  # fmt: skip
        self.y, self.v, self.X = y, v, X
        self.alternative, self.function, self.floor = alternative, function, floor
        self.start, self.none = np.array(function.start), np.array(function.none)
        self.lower, self.upper = np.array(function.lower), np.array(function.upper)
        self.root = np.sqrt(v)
        self.seen = p_values(y / self.root, alternative, floor)
        self.breaks = _kinks(cuts, alternative, floor)
        self.limit = p_values(self.breaks[-1:], alternative) if cuts else None
        self.width, self.high = function.width, 0.0
        if floor > 0.0:
            self._lay(float(-ndtri(floor / 2.0 if alternative == "two-sided" else floor)))

    def refine(self) -> None:
        """Halve the pieces."""
        self.width *= 0.5
        self._lay(self.high)

    def _lay(self, high: float) -> None:
        """Lay the nodes from -`high` to `high`, with edges at the breaks."""
        self.high = high
        pieces = min(int(np.ceil(2.0 * high / self.width)), _MOST_PIECES)
        breaks = self.breaks[np.abs(self.breaks) < high]
        edges = np.union1d(np.linspace(-high, high, pieces + 1), breaks)
        half = 0.5 * np.diff(edges)[:, None]
        self.z = (edges[:-1, None] + half * (_NODES + 1.0)).ravel()
        self.log_w = np.log(half * _WEIGHTS).ravel() - _LOG_ROOT
        # the nodes, then the two ends, whose weight holds for all that lies beyond
        self.at = p_values(np.append(self.z, [-high, high]), self.alternative, self.floor)

    def _cover(self, centre: Floats, sigma: Floats, delta: Floats) -> None:
        """Lay the nodes anew where they don't reach to flat ground or to where nothing is left."""
        if self.floor > 0.0:
            return
        need = float(np.max(np.abs(centre) + _REACH * sigma))
        flat = self.function.flat(delta) if self.function.flat else np.inf
        if min(need, flat) > self.high:
            self._lay(min(1.2 * need, flat))

    def own(self, delta: Floats) -> Own:
        """Log weight of the studies' own p-values."""
        here = _LogWeight(self, delta, self.seen)
        second = _square(np.moveaxis(here.curve.sum(axis=1), -1, 0), here.q)
        return here.value.sum(axis=1), here.slope.sum(axis=1), np.moveaxis(second, -1, 0)

    def moments(self, mean: Floats, total: Floats, delta: Floats) -> Moments:
        """Moments, a block of studies at a time."""
        log_integral, u, s, ss = self._in_blocks(_averages, mean, total, delta)
        return Moments(log_integral, u, s, _square(ss, delta.shape[1]))

    def log_integral(self, mean: Floats, total: Floats, delta: Floats) -> Floats:
        """The first of the moments alone."""
        return self._in_blocks(_log_whole, mean, total, delta)[0]

    def _in_blocks(
        self, average: Average, mean: Floats, total: Floats, delta: Floats
    ) -> list[Floats]:
        centre, sigma = mean / self.root, np.sqrt(total / self.v)
        self._cover(centre, sigma, delta)
        weight = _LogWeight(self, delta, self.at)
        block = max(1, _AT_ONCE // (len(delta) * len(self.z)))
        parts = [
            average(_Masses(self, centre[:, i : i + block], sigma[:, i : i + block], weight))
            for i in range(0, mean.shape[1], block)
        ]
        return [np.concatenate(x, axis=-1) for x in zip(*parts)]


class _Masses:
    """What each node, and then each tail, holds of the integrals, relative to exp(top)."""

    def __init__(self, model: Smooth, centre: Floats, sigma: Floats, weight: _LogWeight) -> None:
        self.weight = weight
        n = len(model.z)
        self.u = (model.z - centre[..., None]) / sigma[..., None]
        self.square = self.u * self.u
        # masses are over dz; the tails are probabilities, so they take the factor sigma
        self.log_sd = np.log(sigma)
        self.edge = np.stack([model.high + centre, model.high - centre], axis=-1)
        self.edge /= sigma[..., None]
        self.log_tail = log_ndtr(-self.edge)
        mass = np.empty((*centre.shape, n + 2))
        np.multiply(self.square, -0.5, out=mass[..., :n])
        mass[..., :n] += (weight.value[:, :n] + model.log_w)[:, None, :]
        mass[..., n:] = weight.value[:, None, n:] + self.log_tail + self.log_sd[..., None]
        self.top = np.max(mass, axis=-1)
        mass -= self.top[..., None]
        self.mass = np.exp(mass, out=mass)


Average = Callable[[_Masses], tuple[Floats, ...]]


def _log_whole(m: _Masses) -> tuple[Floats]:
    return (np.log(m.mass.sum(axis=-1)) + m.top - m.log_sd,)


def _averages(m: _Masses) -> tuple[Floats, ...]:
    """Log integral and the averages that `Moments` holds."""
    n, q = m.u.shape[-1], m.weight.q
    beyond = conditional_moments(m.edge, m.log_tail)
    beyond[::2, ..., 0] *= -1.0  # odd moments of the lower tail
    far = m.mass[..., n:]
    once, twice = np.empty_like(m.mass), np.empty_like(m.mass)
    for r, (column, power) in enumerate(((once, m.u), (twice, m.square))):
        np.multiply(m.mass[..., :n], power, out=column[..., :n])
        np.multiply(far, beyond[r], out=column[..., n:])
    u = np.stack(
        [once.sum(-1), twice.sum(-1),
         np.vecdot(once[..., :n], m.square) + np.vecdot(far, beyond[2]),
         np.vecdot(twice[..., :n], m.square) + np.vecdot(far, beyond[3])]
    )  # fmt: skip
    sums = np.matmul(m.mass, m.weight.averaged)
    s = np.empty((3, *sums.shape[:-1], q))
    s[0] = sums[..., 1 : 1 + q]
    s[1], s[2] = np.matmul(once, m.weight.slope), np.matmul(twice, m.weight.slope)
    whole = sums[..., 0]
    return (
        np.log(whole) + m.top - m.log_sd, u / whole, np.moveaxis(s, -1, 1) / whole,
        np.moveaxis(sums[..., 1 + q :], -1, 0) / whole,
    )  # fmt: skip


class _LogWeight:
    """log w at n p-values for S starts: value (S, n), slope (S, n, q), curve (S, n, pairs)."""

    def __init__(self, model: Smooth, delta: Floats, at: PValues) -> None:
        self.q = q = delta.shape[1]
        columns = delta.T[:, :, None]
        jet = model.function.log_weight(columns, at)
        size = (len(delta), len(at.p))
        self.value, self.slope = np.empty(size), np.empty((*size, q))
        self.curve = np.empty((*size, q * (q + 1) // 2))
        self._fill(jet, None if model.limit is None else model.function.log_weight(
            columns, model.limit
        ))  # fmt: skip
        if model.limit is not None:
            seen_alike = at.p <= model.limit.p[0]
            for part in (self.value, self.slope, self.curve):
                part[:, seen_alike] = 0.0

    def _fill(self, jet: Jet, base: Jet | None) -> None:
        self.value[...] = jet[0]
        for part, columns in ((self.slope, jet[1]), (self.curve, jet[2])):
            for a, column in enumerate(columns):
                part[..., a] = column
        if base is not None:
            self.value -= base[0]
            for part, columns in ((self.slope, base[1]), (self.curve, base[2])):
                for a, column in enumerate(columns):
                    part[..., a] -= column

    @cached_property
    def averaged(self) -> Floats:
        """1, s_a, and s_a s_b + ds_a/ddelta_b: what is averaged, shape (S, n, .)."""
        out = np.empty((*self.value.shape, 1 + self.q + self.curve.shape[-1]))
        out[..., 0], out[..., 1 : 1 + self.q] = 1.0, self.slope
        pairs = _pairs(self.q)
        for i, (a, b) in enumerate(pairs):
            out[..., 1 + self.q + i] = self.slope[..., a] * self.slope[..., b] + self.curve[..., i]
        return out


def _pairs(q: int) -> list[tuple[int, int]]:
    return [(a, b) for a in range(q) for b in range(a, q)]


def _square(upper: Floats, q: int) -> Floats:
    """A symmetric (q, q, ...) array from its upper triangle."""
    out = np.empty((q, q, *upper.shape[1:]))
    for (a, b), value in zip(_pairs(q), upper):
        out[a, b] = out[b, a] = value
    return out


def conditional_moments(a: Floats, log_tail: Floats) -> Floats:
    """Moments u to u^4 of a normal variable given that it is above a."""
    hazard = np.exp(-0.5 * a * a - _LOG_ROOT - log_tail)
    square = a * a
    return np.stack(
        [hazard, 1.0 + a * hazard, (square + 2.0) * hazard, 3.0 + a * (square + 3.0) * hazard]
    )


def _kinks(cuts: tuple[float, ...], alternative: str, floor: float) -> Floats:
    """z at which a weight function bends: the limits of p, 0 if two-sided, the step last.

    Two-sided, 1 - p is about z near 0, so that its powers need pieces that shrink towards it.
    """
    two = alternative == "two-sided"
    ends = [floor, 1.0 - floor] if floor > 0.0 else []
    z = [float(-ndtri(p / 2.0 if two else p)) for p in (*ends, *cuts)]
    if alternative == "less":
        z = [-x for x in z]
    if not two:
        return np.array([0.0, *z])
    graded = 4.0 ** -np.arange(1.0, 9.0)  # down to z of the largest p, 1 - 1e-5
    return np.array([*(-x for x in z), *-graded, 0.0, *graded, *z])


Model = Step | Smooth
# value (S,), gradient (S, d), Hessian (S, d, d)
Value = tuple[Floats, Floats, Floats]


class Seen(Protocol):
    """What `log_likelihood` needs of a model."""

    y: Floats
    v: Floats
    X: Floats

    def own(self, delta: Floats) -> Own: ...
    def moments(self, mean: Floats, total: Floats, delta: Floats) -> Moments: ...


def _unpacked(model: Seen, theta: Floats, free_tau2: bool) -> tuple[Floats, Floats, Floats]:
    """Mean and variance of each study, and delta."""
    p = model.X.shape[1]
    tau2 = theta[:, p : p + 1] if free_tau2 else np.zeros((len(theta), 1))
    return theta[:, :p] @ model.X.T, model.v + tau2, theta[:, p + free_tau2 :]


def value_only(model: Model, theta: Floats, free_tau2: bool) -> Floats:
    """Log-likelihood without derivatives, shape (S,)."""
    mean, T, delta = _unpacked(model, theta, free_tau2)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        square = (model.y - mean) ** 2 / T
        parts = model.log_integral(mean, T, delta) + 0.5 * np.log(2.0 * np.pi * T) + 0.5 * square
        return np.asarray(model.own(delta)[0] - parts.sum(axis=1))


def log_likelihood(model: Seen, theta: Floats, free_tau2: bool) -> Value:
    """Log-likelihood in (beta, tau2, delta) with two derivatives; tau2 is left out if fixed.

    With u = (y - mean) / sd and T the variance, d log f / d mean = u / sd and d log f / dT =
    (u^2 - 1) / 2T; the Hessian of a log-integral is the covariance of such scores plus the average
    of their derivatives.
    """
    p = model.X.shape[1]
    mean, T, delta = _unpacked(model, theta, free_tau2)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        m = model.moments(mean, T, delta)
        own, own_slope, own_curve = model.own(delta)
        off, sd = model.y - mean, np.sqrt(T)
        e = off / sd
        value = own - np.sum(m.log_integral + 0.5 * np.log(2.0 * np.pi * T) + 0.5 * e * e, axis=1)
        u1, u2, u3, u4 = m.u
        s0, s1, s2 = m.s
        d_mean = (e - u1) / sd
        d_total = 0.5 * (e * e - u2) / T
        mm = -(u2 - u1 * u1) / T
        mt = -(e - u1 + 0.5 * (u3 - u1 * u2)) / (T * sd)
        tt = (u2 - e * e - 0.25 * (u4 - u2 * u2)) / (T * T)
        md = -(s1 - s0 * u1) / sd
        td = -0.5 * (s2 - s0 * u2) / T
        d_delta = own_slope - s0.sum(axis=-1).T
        dd = own_curve - np.moveaxis((m.ss - s0[:, None] * s0).sum(axis=-1), -1, 0)
    gradient, hessian = np.empty_like(theta), np.empty((*theta.shape, theta.shape[1]))
    gradient[:, :p], gradient[:, p + free_tau2 :] = d_mean @ model.X, d_delta
    hessian[:, :p, :p] = (model.X.T * mm[:, None, :]) @ model.X
    beyond = np.moveaxis(md @ model.X, 0, 2)
    hessian[:, :p, p + free_tau2 :], hessian[:, p + free_tau2 :, p + free_tau2 :] = beyond, dd
    hessian[:, p + free_tau2 :, :p] = np.swapaxes(beyond, 1, 2)
    if free_tau2:
        gradient[:, p] = d_total.sum(axis=1)
        hessian[:, p, p] = tt.sum(axis=1)
        hessian[:, :p, p] = hessian[:, p, :p] = mt @ model.X
        hessian[:, p, p + 1 :] = hessian[:, p + 1 :, p] = td.sum(axis=-1).T
    return value, gradient, hessian
