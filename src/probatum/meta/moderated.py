"""Many analyses with a few moderators: the sums behind every fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probatum.meta.leverage import pair_traces, traces
from probatum.meta.scalar import Forms
from probatum.meta.types import Floats

#: from so many analyses on, and up to so many columns, this beats an analysis at a time
MANY, FEW_COLUMNS = 8, 6
#: a trace below this share of its first term is taken in a way that doesn't cancel
LITTLE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Moderated:
    """B analyses with p columns, on the scale where the smallest variance is 1.

    The columns are whitened and made orthonormal one after the other, for all analyses at once.
    Gram-Schmidt is done twice, which makes it as good as Householder's method (Giraud L, Langou J,
    Rozložník M, van den Eshof J, 2005, Numerische Mathematik 101, 87-100).

    Attributes
    ----------
    y, v : ndarray, shape (k, B)
        The batch runs along memory, for long loops.
    X : ndarray, shape (p, k, B)
    anchor : float
        0: the estimates are as they are, but for the scale.
    """

    y: Floats
    v: Floats
    X: Floats
    anchor: float = 0.0

    def take(self, rows: NDArray[np.int64]) -> Moderated:
        """The analyses that `rows` selects."""
        y, v, X = (x.take(rows, axis=-1) for x in (self.y, self.v, self.X))
        return Moderated(y, v, X)

    def forms(self, t: Floats) -> Forms[Floats]:
        """Forms at t, shape (B,), on this scale (`mean` is NaN)."""
        w = 1.0 / (self.v + t)
        root = np.sqrt(w)
        Q: list[Floats] = []
        for column in self.X:
            q = column * root
            for _ in range(2 if Q else 0):
                _remove(q, Q)
            q /= np.sqrt(_dot(q, q))
            Q.append(q)
        rz = self.y * root
        _remove(rz, Q)
        py = root * rz
        u = root * py
        w1, w2 = np.add.reduce(w, axis=0), _dot(w, w)
        q3, t1, t2 = _dot(u, u), w1, w2
        for i, q in enumerate(Q):
            wq = w * q
            q3 = q3 - _dot(q, u) ** 2
            t1 = t1 - _dot(wq, q)
            t2 = t2 - 2.0 * _dot(wq, wq)
            for j, other in enumerate(Q[: i + 1]):
                t2 = t2 + (1.0 if i == j else 2.0) * _dot(wq, other) ** 2
        lost = np.flatnonzero((t1 < LITTLE * w1) | (t2 < LITTLE * w2))
        if len(lost):  # most of the weight lies in a few studies: little is left of the difference
            rows = np.stack([q[:, lost].T for q in Q], axis=-1)
            t1[lost], t2[lost] = traces(rows, w.T[lost]), pair_traces(rows, w.T[lost], w.T[lost])
        return Forms(_dot(rz, rz), _dot(py, py), q3, t1, t2, w1, w2, np.full(t.shape, np.nan))


def _remove(x: Floats, Q: list[Floats]) -> None:
    """Take from x what lies along each of Q."""
    for q in Q:
        x -= q * _dot(q, x)


def _dot(a: Floats, b: Floats) -> Floats:
    out: Floats = np.einsum("kb,kb->b", a, b)
    return out


def moderated(y: Floats, v: Floats, X: Floats, unit: Floats) -> Moderated:
    """`Moderated` from (B, k) and (B, k, p) arrays; `unit` are the smallest variances."""
    columns = np.ascontiguousarray(X.transpose(2, 1, 0))
    return Moderated(_along(y.T, np.sqrt(unit)), _along(v.T, unit), columns)


def _along(x: Floats, unit: Floats) -> Floats:
    """x / unit, the batch along memory."""
    return np.divide(x, unit, out=np.empty(x.shape))
