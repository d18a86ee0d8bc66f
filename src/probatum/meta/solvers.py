"""The two searches behind tau2, for a whole batch: the generalised Q, and the likelihoods.

Both work on the scale where the smallest sampling variance of each analysis is 1. `scalar` has
the theory, and the same searches for one analysis.
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from probatum.meta import scalar
from probatum.meta.anchored import One, boxed
from probatum.meta.climb import climb, pick, points, points_of
from probatum.meta.kernel import Batch, Standardised, project
from probatum.meta.scalar import (
    BOUNDARY,
    CONVERGED,
    FAILED,
    MATCH_Q,
    ML,
    NEWTON_EPS,
    REML,
    SMALLEST,
    STEPS,
    Forms,
    Number,
    Point,
    original,
)
from probatum.meta.survey import survey
from probatum.meta.types import Floats

Codes = NDArray[np.int8]


class Estimate(NamedTuple, Generic[Number]):
    """A tau2 for each analysis of a batch: arrays of shape (B,), or numbers for a single one.

    Attributes
    ----------
    tau2 : float or ndarray
    status : int or ndarray
        How it was reached: a key of `tau2.STATUS`.
    zero, at : Forms
        The forms at 0 and at tau2.
    """

    tau2: Number
    status: Any
    zero: Forms[Number]
    at: Forms[Number]


def solve_q(batch: Batch, target: Floats) -> Estimate[Floats]:
    """The tau2 at which the generalised Q statistic y'Py equals `target`; 0 if Q(0) is below.

    Newton's method on 1 / Q, which is concave in tau2 (a harmonic mean of linear functions), so
    that its steps from 0 climb to the root and never pass it: no bracket is needed.
    """
    part = batch.standard
    t = np.zeros(len(batch.y))
    f = zero = part.forms(t)
    above = (f.q1 > target) & (f.q2 > 0.0)
    status = np.where(above, CONVERGED, BOUNDARY).astype(np.int8)
    live = np.flatnonzero(above)
    part, f, goal = part.take(live), pick(f, live), target[live]
    for _ in range(STEPS):
        if not len(live):
            break
        step = np.maximum((f.q1 / goal - 1.0) * (f.q1 / f.q2), 0.0)
        t[live] += step
        going = np.flatnonzero(step > NEWTON_EPS * (1.0 + t[live]))
        if len(going) < len(live):
            live, part, goal = live[going], part.take(going), goal[going]
        f = part.forms(t[live])
    status[live] = FAILED
    return _estimate(batch, t, status, zero, batch.standard.forms(t))


def _estimate(
    batch: Batch, t: Floats, status: Codes, zero: Forms[Floats], at: Forms[Floats]
) -> Estimate[Floats]:
    """`Estimate` from what was found on the standard scale."""
    unit, anchor = batch.unit, batch.standard.anchor
    return Estimate(t * unit, status, original(zero, unit, anchor), original(at, unit, anchor))


def maximise(batch: Batch, *, restricted: bool) -> Estimate[Floats]:
    """Global maximum of the (restricted) profile log-likelihood over tau2 >= 0.

    Newton's method climbs to a maximum. That there is no other is then proven from the shape of
    the score (see `scalar`); where the quick proof fails, the half-line is divided until every
    piece is decided, and the highest maximum is taken.
    """
    standard = batch.standard
    if isinstance(standard, One):
        tau2, code, *both = search_one(batch, REML if restricted else ML)
        return Estimate(np.array((tau2,)), np.array((code,)), *map(boxed, both))
    nil, limit = np.zeros(len(batch.y)), far(batch)
    at = at_zero = standard.forms(nil)
    zero = top = points_of(nil, at_zero, restricted)
    t = _first_maximum(standard, zero, (at_zero.q1 - batch.df) / at_zero.t1, restricted)
    if t.any():
        at = standard.forms(t)
        top = points_of(t, at, restricted)
    sure = scalar.falls_until(top, limit) & ((t == 0.0) | scalar.rises_from(zero, top))
    if not sure.all():
        rows = np.flatnonzero(~sure)
        found = survey(batch.take(rows), pick(zero, rows), pick(top, rows), limit[rows], restricted)
        moved = np.flatnonzero(found != t[rows])
        if len(moved):
            rows = rows[moved]
            t[rows] = found[moved]
            at = Forms(*(x.copy() for x in at))  # it may be the forms at 0
            for field, value in zip(at, standard.take(rows).forms(t[rows])):
                field[rows] = value
    status = np.where(t > 0.0, CONVERGED, BOUNDARY).astype(np.int8)
    return _estimate(batch, t, status, at_zero, at)


def highest(batch: Batch, tau2: Floats, *, restricted: bool) -> Estimate[Floats]:
    """The highest maximum of each likelihood, where `tau2` is one that may have company."""
    standard, t = batch.standard, tau2 / batch.unit
    at_zero = standard.forms(np.zeros(len(t)))
    zero = points_of(np.zeros(len(t)), at_zero, restricted)
    best = survey(batch, zero, points(standard, t, restricted), far(batch), restricted)
    status = np.where(best > 0.0, CONVERGED, BOUNDARY).astype(np.int8)
    return _estimate(batch, best, status, at_zero, standard.forms(best))


def _first_maximum(
    part: Standardised, zero: Point[Floats], crude: Floats, restricted: bool
) -> Floats:
    """A maximum of each likelihood: 0, or one found from a crude estimate of tau2."""
    t = np.zeros(len(zero.t))
    up = np.flatnonzero(zero.rise > zero.fall)
    if not len(up):
        return t
    start = pick(zero, up)
    with np.errstate(divide="ignore", invalid="ignore"):
        guess = np.where(scalar.steep(start), scalar.newton(start), 0.0)
    first = np.maximum(np.maximum(guess, crude[up]), 0.0)
    low, high = np.zeros(len(up)), np.full(len(up), np.inf)
    found = climb(part.take(up), first, low, high, restricted)
    t[up] = np.where(found < SMALLEST, 0.0, found)
    return t


def search_one(batch: Batch, kind: int) -> Estimate[float]:
    """A search of `scalar` (its `kind`) for one intercept-only analysis, number by number."""
    one, df = cast(One, batch.standard), float(batch.df[0])
    if kind == MATCH_Q:
        t, zero, at = scalar.match_q(one.problem, df)
    else:
        t, sure, zero, at = scalar.maximise(one.problem, df, one.limit, kind == REML)
        if not sure:
            low = points_of(np.zeros(1), boxed(zero), kind == REML)
            top = points_of(np.array((t,)), boxed(at), kind == REML)
            t = float(survey(batch, low, top, np.array((one.limit,)), kind == REML)[0])
            at = scalar.forms_at(one.problem, t)
    unit, anchor = float(one.unit[0]), float(one.anchor[0])
    code = CONVERGED if t > 0.0 else BOUNDARY
    return Estimate(t * unit, code, original(zero, unit, anchor), original(at, unit, anchor))


def far(batch: Batch) -> Floats:
    """The limit of the score's centre a as tau2 grows, on the standard scale: r'Vr / r'r."""
    if batch.ones:
        off = batch.y - (np.add.reduce(batch.y, axis=-1) / batch.k)[:, None]
        if not batch.full:
            off *= batch.mask
    else:
        off = project(batch.y, batch.X, batch.real).rz
    off *= off
    total = np.add.reduce(off, axis=-1)
    off *= batch.real_v
    mean = np.add.reduce(off, axis=-1) / np.where(total > 0.0, total, 1.0)
    return np.asarray(np.maximum(mean / batch.unit, 1.0))
