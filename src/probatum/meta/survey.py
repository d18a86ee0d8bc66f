"""The rare likelihoods with more than one maximum: all of them are found, the highest is taken."""

from __future__ import annotations

import numpy as np

from probatum.meta import scalar
from probatum.meta.climb import Rows, climb, pick, points
from probatum.meta.kernel import Batch, log_likelihood
from probatum.meta.scalar import STRIDE, Point
from probatum.meta.types import Bools, Floats

_ROUNDS = 200
# an interval this narrow (relative) that is still undecided holds a maximum and a minimum that
# all but cancel: the likelihood changes by less than 1e-12 k within it
_NARROW = 1e-4


def survey(
    batch: Batch, zero: Point[Floats], top: Point[Floats], limit: Floats, restricted: bool
) -> Floats:
    """The highest maximum of each likelihood, on the standard scale; shape (B,).

    From 0 to the one known and beyond it, pieces are divided until every one is proven to have
    no maximum, or just one.

    Parameters
    ----------
    zero, top : Point
        The score at 0, and at a maximum.
    limit : ndarray, shape (B,)
        The limit of the centre a (see `scalar`).
    """
    row, low, high = _peaks(batch, zero, top, limit, restricted)
    best = top.t.copy()
    if len(row):
        part = batch.take(row)
        found = climb(part.standard, 0.5 * (low + high), low, high, restricted)
        there = log_likelihood(part, found * part.unit, restricted=restricted)
        record = log_likelihood(batch, best * batch.unit, restricted=restricted)
        for i, value, ll in zip(row, found, there):
            if ll > record[i]:
                best[i], record[i] = value, ll
    return best


def _peaks(
    batch: Batch, zero: Point[Floats], top: Point[Floats], limit: Floats, restricted: bool
) -> tuple[Rows, Floats, Floats]:
    """Brackets of all maxima other than `top` and 0: row, lower and upper end."""
    t = top.t
    inner = np.flatnonzero(t > 0.0)
    end = Point(*(np.full(len(t), np.inf) for _ in Point._fields))
    row = np.concatenate((inner, np.arange(len(t))))
    p = _join(pick(zero, inner), top)
    q = _join(pick(top, inner), end)
    out = [(row[:0], t[:0], t[:0])]
    for _ in range(_ROUNDS):
        done, peak = _decide(p, q, limit[row])
        out.append((row[peak], p.t[peak], q.t[peak]))
        rest = np.flatnonzero(~(done | peak))
        if not len(rest):
            break
        row, p, q = row[rest], pick(p, rest), pick(q, rest)
        with np.errstate(over="ignore"):
            middle = np.where(
                np.isinf(q.t), STRIDE * (1.0 + p.t), np.sqrt((1.0 + p.t) * (1.0 + q.t))
            )
        m = points(batch.standard.take(row), middle - 1.0, restricted)
        row, p, q = np.concatenate((row, row)), _join(p, m), _join(m, q)
    rows, low, high = (np.concatenate(c) for c in zip(*out))
    return rows, low, high


def _decide(p: Point[Floats], q: Point[Floats], limit: Floats) -> tuple[Bools, Bools]:
    """Which intervals have no maximum inside, and which have exactly one."""
    closed = np.isfinite(q.t)
    with np.errstate(invalid="ignore"):
        done = scalar.falls_until(p, np.where(closed, scalar.centre(q), limit))
        done |= closed & (scalar.rises_from(p, q) | scalar.dips_once(p, q))
        narrow = closed & (q.t - p.t <= _NARROW * (1.0 + p.t))
        peak = closed & ~done & (p.rise > p.fall) & (q.rise < q.fall)
        peak &= narrow | scalar.turns_once(p, q)
    return done | (narrow & ~peak), peak


def _join(p: Point[Floats], q: Point[Floats]) -> Point[Floats]:
    return Point(*(np.concatenate(pair) for pair in zip(p, q)))
