"""Intercept-only analyses seen from their most precise estimate: the sums behind every fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probatum.meta.scalar import Forms, combine, forms_at
from probatum.meta.types import Bools, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Anchored:
    """B analyses on the scale of `scalar`: the smallest variance is 1, its estimate 0.

    Attributes
    ----------
    d, v : ndarray, shape (B, k)
        Differences from the anchor's estimate (0 in padded rows), and variances (infinite for
        the anchor and in padded rows).
    anchor : ndarray, shape (B,)
        The anchor's estimate on the data's scale.
    """

    d: Floats
    v: Floats
    anchor: Floats

    def take(self, rows: NDArray[np.int64]) -> Anchored:
        """The analyses that `rows` selects."""
        d, v = (x.T.take(rows, axis=1).T for x in (self.d, self.v))
        return Anchored(d, v, self.anchor[rows])

    def forms(self, t: Floats) -> Forms[Floats]:
        """Forms at t, shape (B,), on this scale."""
        w = self.v + t[:, None]
        np.divide(1.0, w, out=w)
        power, term = w.copy(), np.empty_like(w)
        sums = []
        for i in range(3):
            if i:
                power *= w
            sums.append(np.add.reduce(power, axis=-1))
            np.multiply(power, self.d, out=term)
            sums.append(np.add.reduce(term, axis=-1))
            term *= self.d
            sums.append(np.add.reduce(term, axis=-1))
        return combine(1.0 / (1.0 + t), *sums)


def anchored(y: Floats, v: Floats, unit: Floats, mask: Bools | None) -> Anchored:
    """`Anchored` from (B, k) arrays, of which `mask` tells the real rows (None: all)."""
    rows = np.arange(len(y))
    at = v.argmin(axis=-1)
    anchor = y[rows, at]
    # the batch runs along memory, for long loops
    d, scaled = np.empty(y.shape[::-1]).T, np.empty(y.shape[::-1]).T
    np.subtract(y, anchor[:, None], out=d)
    d /= np.sqrt(unit)[:, None]
    if mask is not None:
        d *= mask
    np.divide(v, unit[:, None], out=scaled)
    scaled[rows, at] = np.inf
    return Anchored(d, scaled, anchor)


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
        return Anchored(powers[None, :, 1], v[None], self.anchor).take(rows)

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
