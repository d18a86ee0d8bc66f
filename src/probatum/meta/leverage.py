"""Traces of a projection in which one study may weigh more than all others together.

With leverages h = diag QQ', tr PD is the sum of w d (1 - h), and 1 - h keeps no digit of what is
left where a leverage is near 1. It is then taken from the other rows: since QQ' is a projection,
1 - h = (1 - h)^2 + sum of (q_i'q_j)^2 over the others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probatum.meta.types import Bools, Floats

#: above this, 1 - h is taken from the other rows; at most 2p - 1 rows of an analysis are above
DOMINANT = 0.5
Rows = tuple[NDArray[np.intp], ...]


def traces(Q: Floats, a: Floats) -> Floats:
    """tr (I - QQ') A for a diagonal A: Q of shape (..., k, p), A as (..., k).

    Examples
    --------
    >>> w = np.array([1e12, 1.0, 1.0])
    >>> float(traces(np.sqrt(w / w.sum())[:, None], w))
    3.999999999994
    """
    h = _sum(Q * Q)
    left = 1.0 - h
    if (h > DOMINANT).any():
        at = np.nonzero(h > DOMINANT)
        left[at] = _from_others(_along(Q, at))
    return _sum(a * left)


def pair_traces(Q: Floats, a: Floats, b: Floats) -> Floats:
    """tr (I - QQ') A (I - QQ') B for diagonal A and B; shapes as in `traces`."""
    h = _sum(Q * Q)
    large = h > DOMINANT
    if not large.any():
        return _small(Q, h, a, b)
    out = np.array(_small(Q, h, np.where(large, 0.0, a), np.where(large, 0.0, b)))
    at = np.nonzero(large)
    np.add.at(out, at[:-1], _of_rows(at, _along(Q, at), large, a, b))
    return out


def _small(Q: Floats, h: Floats, a: Floats, b: Floats) -> Floats:
    qt = np.swapaxes(Q, -1, -2)
    qaq, qbq = qt @ (a[..., None] * Q), qt @ (b[..., None] * Q)
    return _sum(a * b * (1.0 - 2.0 * h)) + _sum(_sum(qaq * qbq))


def _of_rows(at: Rows, along: Floats, large: Bools, a: Floats, b: Floats) -> Floats:
    """What the pairs with each dominant row add; two dominant rows meet once."""
    batch, i = at[:-1], at[-1][:, None]
    met = large[batch] & (np.arange(along.shape[-1]) < i)
    pairs = np.where(met, 0.0, along) * (a[at][:, None] * b[batch] + b[at][:, None] * a[batch])
    return a[at] * b[at] * _from_others(along) ** 2 + _sum(pairs)


def _along(Q: Floats, at: Rows) -> Floats:
    """(q_i'q_j)^2 of the rows at `at` with all rows of their analysis, 0 with themselves."""
    out: Floats = (Q[at[:-1]] @ Q[at][..., None])[..., 0] ** 2
    out[np.arange(len(out)), at[-1]] = 0.0
    return out


def _from_others(along: Floats) -> Floats:
    """The smaller root s of s = s^2 + sum: 1 - h of a leverage above 1/2."""
    total = _sum(along)
    return np.asarray(2.0 * total / (1.0 + np.sqrt(np.maximum(0.0, 1.0 - 4.0 * total))))


def _sum(x: Floats) -> Floats:
    out: Floats = np.add.reduce(x, axis=-1)
    return out
