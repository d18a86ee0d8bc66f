"""The climb of `scalar` for many analyses at once, with any design."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.meta import scalar
from probatum.meta.kernel import Standardised
from probatum.meta.scalar import EPS, NEWTON_EPS, STEPS, STRIDE, Forms, Point
from probatum.meta.types import Bools, Floats

Rows = NDArray[np.int64]


def pick(some: Any, rows: Rows) -> Any:
    """The rows of every field of a named tuple."""
    return type(some)(*(field[rows] for field in some))


def points(part: Standardised, t: Floats, restricted: bool) -> Point[Floats]:
    """The score's parts at t, shape (B,); see `scalar.point_of`."""
    return points_of(t, part.forms(t), restricted)


def points_of(t: Floats, f: Forms[Floats], restricted: bool) -> Point[Floats]:
    """`points` from the forms at t."""
    fall, bend = (f.t1, f.t2) if restricted else (f.w1, f.w2)
    least = 1.0 + t
    a = np.maximum(f.q2 / np.where(f.q3 > 0.0, f.q3, np.inf), least)
    b = np.maximum(fall / np.where(bend > 0.0, bend, np.inf), least)
    return Point(t, f.q2, fall, a, b)


def climb(part: Standardised, t: Floats, low: Floats, high: Floats, restricted: bool) -> Floats:
    """A maximum between `low`, where the likelihood rises, and `high`, where it falls.

    Newton's steps from t in a closing bracket, as `scalar.climb`.
    """
    out = t.copy()
    live = np.arange(len(t))
    for _ in range(STEPS):
        p = points(part, t, restricted)
        rising = p.rise > p.fall
        low, high = np.where(rising, t, low), np.where(rising, high, t)
        new, near = _next(p, low, high)
        out[live] = t = new
        going = np.flatnonzero(~near)
        if not len(going):
            break
        # copying rows costs about as much as one step with them
        if len(going) < 0.7 * len(live):
            live, part = live[going], part.take(going)
            t, low, high = t[going], low[going], high[going]
    return out


def _next(p: Point[Floats], low: Floats, high: Floats) -> tuple[Floats, Bools]:
    """The next value, Newton's or the bracket's middle; and whether it is the last one needed."""
    with np.errstate(divide="ignore", invalid="ignore"):
        new = p.t + scalar.newton(p)
        good = scalar.steep(p) & (low <= new) & (new <= high)
        middle = np.where(high < np.inf, np.sqrt((1.0 + low) * (1.0 + high)), STRIDE * (1.0 + p.t))
    near = good & (np.abs(new - p.t) <= NEWTON_EPS * (1.0 + p.t))
    new = np.where(good, new, middle - 1.0)
    return new, near | (high - low <= EPS * (1.0 + new))
