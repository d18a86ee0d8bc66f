"""Intercept-only analyses seen from their most precise estimate: the sums behind every fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probatum.meta.scalar import Forms, combine, forms_at
from probatum.meta.types import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Anchored:
    """B analyses on the scale of `scalar`: the smallest variance is 1, its estimate 0.

    Attributes
    ----------
    d, v : ndarray, shape (k, B)
        Differences from the anchor's estimate, and variances (infinite for the anchor and in
        padded rows). The batch runs along memory, for long loops.
    anchor : ndarray, shape (B,)
        The anchor's estimate on the data's scale.
    scratch : ndarray, shape (n,)
        Memory that is used again at every step: fresh pages cost more than the arithmetic.
    """

    d: Floats
    v: Floats
    anchor: Floats
    scratch: Floats

    def take(self, rows: NDArray[np.int64]) -> Anchored:
        """The analyses that `rows` selects."""
        need = 3 * len(self.d) * len(rows)
        scratch = self.scratch if need <= len(self.scratch) else np.empty(need)
        d, v = (x.take(rows, axis=1) for x in (self.d, self.v))
        return Anchored(d, v, self.anchor[rows], scratch)

    def forms(self, t: Floats) -> Forms[Floats]:
        """Forms at t, shape (B,), on this scale."""
        w, power, term = self.scratch[: 3 * self.d.size].reshape(3, *self.d.shape)
        np.add(self.v, t, out=w)
        np.divide(1.0, w, out=w)
        sums = []
        for i in range(3):
            of = w if i == 0 else np.multiply(power if i == 2 else w, w, out=power)
            np.multiply(of, self.d, out=term)
            sums += [_sum(of), _sum(term), np.einsum("kb,kb->b", term, self.d)]
        return combine(1.0 / (1.0 + t), *sums)


def _sum(x: Floats) -> Floats:
    out: Floats = np.add.reduce(x, axis=0)
    return out


def anchored(y: Floats, v: Floats, unit: Floats) -> Anchored:
    """`Anchored` from (B, k) arrays."""
    rows = np.arange(len(y))
    at = v.argmin(axis=-1)
    anchor = y[rows, at]
    d, scaled = np.empty(y.shape[::-1]), np.empty(y.shape[::-1])
    np.subtract(y.T, anchor, out=d)
    d /= np.sqrt(unit)
    np.divide(v.T, unit, out=scaled)
    scaled[at, rows] = np.inf
    return Anchored(d, scaled, anchor, np.empty(3 * d.size))


class One(NamedTuple):
    """One analysis of `Anchored`, as `scalar.moments` takes it.

    Attributes
    ----------
    problem : tuple of ndarray
        What the functions of `scalar` call `one`: in each row 1, d and d^2, shape (k, 3); the
        variances, shape (k,), infinite for the anchor; a scratch, shape (3, k), and its rows.
    unit, anchor : ndarray, shape (1,)
        The smallest variance, and the anchor's estimate.
    limit : float
        See `solvers.far`.
    """

    problem: tuple[Floats, ...]
    unit: Floats
    anchor: Floats
    limit: float

    def take(self, rows: NDArray[np.int64]) -> Anchored:
        """Copies of the analysis, one for each of `rows`."""
        powers, v, *_ = self.problem
        return Anchored(powers[:, 1:2], v[:, None], self.anchor, np.empty(0)).take(rows)

    def forms(self, t: Floats) -> Forms[Floats]:
        """Forms at t, shape (1,), on this scale."""
        return boxed(forms_at(self.problem, float(t[0])))


def boxed(f: Forms[float]) -> Forms[Floats]:
    """The same forms as arrays of one number."""
    return Forms(*np.array(f)[:, None])


def one(y: Floats, v: Floats) -> One:
    """`One` from arrays of shape (k,)."""
    k, at = len(y), int(v.argmin())
    unit = v[at]
    powers = np.empty((k, 3))
    powers[:, 0] = 1.0
    d = (y - y[at]) / unit**0.5
    powers[:, 1] = d
    np.multiply(d, d, out=powers[:, 2])
    scaled = v / unit
    off = d - np.add.reduce(d) / k
    off *= off
    total = float(np.add.reduce(off))
    limit = max(1.0, float(off.dot(scaled)) / total) if total > 0.0 else 1.0
    scaled[at] = np.inf
    scratch, end = np.empty((3, k)), at + 1
    return One((powers, scaled, scratch, *scratch), v[at:end], y[at:end], limit)
