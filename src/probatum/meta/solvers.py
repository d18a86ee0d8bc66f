"""The two root searches behind tau2, for a whole batch: the generalised Q, and the likelihoods."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probatum.meta.kernel import Batch, Forms, forms, log_likelihood, project
from probatum.meta.types import Bools, Floats

Codes = NDArray[np.int8]
_CONVERGED, _BOUNDARY, _FAILED = 2, 3, 4
_STEPS = 120
_GRID = 22
_AROUND = np.array([[-1], [0], [1]])
_STEPS_OF_GRID = np.linspace(0.0, 1.0, _GRID)
# cells of the (batch, grid, k) scan held at once: about a second-level cache
_SCAN_CELLS = 60_000
_EPS = 1e-13
_NEWTON_EPS = 1e-7  # Newton is quadratic: its error is the square of its last step


def smallest_v(batch: Batch) -> Floats:
    """Smallest sampling variance of each analysis: the scale on which tau2 can matter."""
    return np.asarray(batch.v.min(axis=-1))


def solve_q(batch: Batch, target: Floats) -> tuple[Floats, Codes]:
    """The tau2 at which the generalised Q statistic y'Py equals `target`; 0 if Q(0) is below.

    Q is convex and falls in tau2 (its derivatives are -y'PPy and 2 y'PPPy), so Newton's steps
    from 0 climb to the root and never pass it: no bracket is needed.

    Returns
    -------
    tau2, status : ndarray, shape (B,)
    """
    tau2 = np.zeros(len(batch.y))
    status = np.full(tau2.shape, _CONVERGED, dtype=np.int8)
    scale = smallest_v(batch)
    live = np.arange(len(tau2))
    part, goal = batch, target
    for step in range(_STEPS):
        f = forms(part, tau2[live])
        excess = f.q1 - goal
        if step == 0:
            status[live[excess <= 0.0]] = _BOUNDARY
        move = np.where(excess > 0.0, excess / np.where(f.q2 > 0.0, f.q2, 1.0), 0.0)
        new = tau2[live] + move
        going = (move > _EPS * (new + scale[live])) & np.isfinite(new)
        tau2[live] = np.where(np.isfinite(new), new, tau2[live])
        if not going.any():
            return tau2, status
        if not going.all():
            live = live[going]
            part, goal = part.take(going), goal[going]
    status[live] = _FAILED
    return tau2, status


def score(f: Forms, restricted: bool) -> tuple[Floats, Floats]:
    """Twice the first and second derivatives of the profile log-likelihood in tau2."""
    if restricted:
        return f.q2 - f.t1, f.t2 - 2.0 * f.q3
    return f.q2 - f.w1, f.w2 - 2.0 * f.q3


def upper_bound(batch: Batch) -> Floats:
    """A value above which both log-likelihoods fall.

    y'PPy <= RSS / (min v + t)^2 and tr P >= (k - p) / (max v + t), with RSS of the unweighted
    fit; where these bounds meet (a quadratic in t) the score has turned negative for good.
    """
    real = batch.mask.astype(np.float64)
    if batch.ones:
        off = (batch.y - (batch.y.sum(axis=-1) / batch.k)[:, None]) * real
        rss = np.vecdot(off, off)
    else:
        rss = project(batch.y, batch.X, real).rss
    low = smallest_v(batch)
    high = batch.v.max(axis=-1) if batch.full else np.where(batch.mask, batch.v, 0).max(axis=-1)
    n = np.maximum(batch.df, 1.0)
    b = 2.0 * n * low - rss
    c = n * low * low - rss * high
    root = np.sqrt(np.maximum(b * b - 4.0 * n * c, 0.0))
    return np.asarray(np.maximum((root - b) / (2.0 * n), 0.0))


def maximise(batch: Batch, *, restricted: bool) -> tuple[Floats, Codes]:
    """Global maximum of the (restricted) profile log-likelihood over tau2 >= 0.

    The likelihood can have several maxima, so it is scanned from 0 to a bound beyond which it
    falls, on a grid that is even in log(tau2 + min v); the best point's neighbourhood is then
    searched by Newton's method, kept inside a bracket by bisection, to rounding error.

    Returns
    -------
    tau2, status : ndarray, shape (B,)
    """
    scale = smallest_v(batch)
    grid = _grid(scale, upper_bound(batch))
    best, start = _scan(batch, grid, restricted)
    return _climb(batch, grid, best, start, scale, restricted)


def _grid(scale: Floats, top: Floats) -> Floats:
    span = np.log1p(top / scale)
    return np.asarray(scale[:, None] * np.expm1(span[:, None] * _STEPS_OF_GRID))


def _scan(batch: Batch, grid: Floats, restricted: bool) -> tuple[NDArray[np.int64], Floats]:
    """Index of the best grid point of each analysis, and a start for Newton's method near it.

    Done in slices that fit the cache.
    """
    total, k = batch.y.shape
    size = max(1, _SCAN_CELLS // (k * batch.p * _GRID))
    best, start = np.empty(total, dtype=np.int64), np.empty(total)
    for first in range(0, total, size):
        rows = slice(first, first + size)
        part = batch if size >= total else batch.take(rows)
        ll = log_likelihood(part, grid[rows], restricted=restricted)
        best[rows], start[rows] = _peak(ll, grid[rows])
    return best, start


def _peak(ll: Floats, grid: Floats) -> tuple[NDArray[np.int64], Floats]:
    """The best grid point, and the top of the parabola through it and its neighbours."""
    best = ll.argmax(axis=1)
    rows = np.arange(len(best))
    inner = np.minimum(np.maximum(best, 1), _GRID - 2)
    three = (rows, inner + _AROUND)
    left, mid, right = ll[three]
    bend = 2.0 * mid - left - right
    shift = 0.5 * (right - left) / np.where(bend > 0.0, bend, np.inf)
    a, b, c = grid[three]
    top = b + shift * np.where(shift > 0.0, c - b, b - a)
    return best, np.where(best == inner, top, grid[rows, best])


def _climb(
    batch: Batch, grid: Floats, best: NDArray[np.int64], start: Floats, scale: Floats,
    restricted: bool,
) -> tuple[Floats, Codes]:  # fmt: skip
    """Newton's method on the score from the grid's best point, inside its neighbours."""
    live = np.arange(len(best))
    a = grid[live, np.maximum(best - 1, 0)]
    b = grid[live, np.minimum(best + 1, _GRID - 1)]
    t, size, part = start, scale, batch
    tau2, status = start.copy(), np.full(len(best), _CONVERGED, dtype=np.int8)
    for _ in range(_STEPS):
        slope, curve = score(forms(part, t), restricted)
        # at a maximum the slope falls through 0: keep it positive on the left
        rising = slope > 0.0
        a, b = np.where(rising, t, a), np.where(rising, b, t)
        new, newton = _newton_or_middle(t, a, b, slope, curve)
        # after a Newton step that small the next would be below rounding error
        near = np.where(newton, _NEWTON_EPS, _EPS) * (t + size)
        going = (np.abs(new - t) > near) & (b > a)
        left = int(np.count_nonzero(going))
        if left == len(live):
            t = new
            continue
        tau2[live] = new
        if left == 0:
            break
        live, part = live[going], part.take(going)
        t, a, b, size = new[going], a[going], b[going], size[going]
    else:
        tau2[live], status[live] = t, _FAILED
    # a search that closed in on the edge: smaller than the rounding error of vi
    tau2[tau2 < 1e-12 * scale] = 0.0
    status[(tau2 == 0.0) & (status == _CONVERGED)] = _BOUNDARY
    return tau2, status


def _newton_or_middle(
    t: Floats, a: Floats, b: Floats, slope: Floats, curve: Floats
) -> tuple[Floats, Bools]:
    """Newton's step where it stays in the bracket, its middle elsewhere; and where it did."""
    concave: Bools = curve < 0.0
    step = slope / np.where(concave, -curve, 1.0)
    new = t + step
    # at the edge 0 with a falling likelihood the bracket has no width: stay
    inside = concave & (new >= a) & (new <= b)
    return np.where(inside, new, 0.5 * (a + b)), inside
