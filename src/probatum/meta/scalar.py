"""One intercept-only analysis in plain arithmetic: the search for tau2, number by number.

Runs as it is for a single fit; `compiled` hands the same functions to Numba for large batches.
Everything that Numba compiles is in this file, whose time stamp guards Numba's cache. `solvers`
is the same search with arrays for numbers: many analyses, or any design.

**Scale.** Here the smallest sampling variance is 1, and the estimates are differences from the
most precise one: the *anchor*, which has the largest weight at every tau2. Its weight is kept
apart from the sums over the others, so that no sum cancels by more than a factor k, however
unequal the variances, and nothing overflows.

**The score.** For REML the derivative of the log-likelihood in t = tau2 is
(y'PPy - tr P) / 2 (Viechtbauer 2005). With l_j the eigenvalues of A'VA, where A is an orthonormal
basis of the residual space, and c = A'y rotated into their basis,

    rise(t) = y'PPy = sum c_j^2 / (l_j + t)^2        fall(t) = tr P = sum 1 / (l_j + t)

and for ML fall(t) = sum 1 / (v_i + t). By the Cauchy-Schwarz inequality both "centres"

    a(t) = -2 rise / rise' - t                       b(t) = -fall / fall' - t

never fall as t grows; they stay between the smallest and the largest variance (Poincaré's
separation theorem), and a(t) goes to r'Vr / r'r with r the unweighted residuals. Since a' >= 0
and b' >= 0, the values at one point bound both functions to either side of it; `falls_until`,
`rises_from` and their two companions prove from this, without a grid, that an interval has no
maximum, or just one.
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

Number = TypeVar("Number")
MATCH_Q, ML, REML = range(3)  # the kinds of search
CONVERGED, BOUNDARY, FAILED = 2, 3, 4
STEPS = 120
NEWTON_EPS = 1e-7  # Newton is quadratic: its error is of the order of its last step squared
EPS = 1e-14
SMALLEST = 1e-12  # a tau2 below this is smaller than the rounding error of the smallest variance
ROUNDING = 1e-13  # relative error of the distances a and b, generously
STRIDE = 4.0  # by which tau2 + the smallest variance grows from point to point of a proof
_TRIES = 40


class Forms(NamedTuple, Generic[Number]):
    """What the estimating equations of tau2 need at one value of it (numbers, or arrays (B,)).

    `q1 q2 q3` are y'Py, y'PPy, y'PPPy; `t1 t2` are tr P and tr PP; `w1 w2` the sums of the
    weights and of their squares; `mean` is the weighted mean (of an intercept-only analysis).
    """

    q1: Number
    q2: Number
    q3: Number
    t1: Number
    t2: Number
    w1: Number
    w2: Number
    mean: Number


class Point(NamedTuple, Generic[Number]):
    """The score at t: its two parts, and their distances from the centres, a + t and b + t."""

    t: Number
    rise: Number
    fall: Number
    a: Number
    b: Number


def original(f: Forms[Any], unit: Any, anchor: Any) -> Forms[Any]:
    """Forms on the scale of the data, from those on the scale where the smallest variance is 1."""
    square = unit * unit
    return Forms(
        f.q1, f.q2 / unit, f.q3 / square, f.t1 / unit, f.t2 / square, f.w1 / unit,
        f.w2 / square, anchor + f.mean * unit**0.5,
    )  # fmt: skip


def combine(
    w: Any, r1: Any, s11: Any, s12: Any, r2: Any, s21: Any, s22: Any, r3: Any, s31: Any, s32: Any
) -> Forms[Any]:
    """Forms from the anchor's weight w and the others' sums: r_i of w^i, s_ij of w^i d^j.

    Written so that no difference of nearly equal sums is taken.
    """
    w1 = w + r1
    ww = w * w
    w2 = ww + r2
    m = s11 / w1
    q1 = s12 - s11 * m
    q2 = s22 - m * (2.0 * s21 - m * w2)
    # y'PPPy is a weighted sum of squares about the mean of u = w (d - m), seen from the anchor's
    shift = w * m
    e1 = s21 - m * r2 + shift * r1
    e2 = s32 - m * (2.0 * s31 - m * r3) + shift * (2.0 * (s21 - m * r2) + shift * r1)
    q3 = e2 - e1 * e1 / w1
    t1 = (r1 * (2.0 * w + r1) - r2) / w1
    t2 = (
        ww * (r1 * r1 + 3.0 * r2) + 2.0 * w * (r1 * r2 - r3) + r1 * (r1 * r2 - 2.0 * r3) + r2 * r2
    ) / (w1 * w1)
    return Forms(q1, q2, q3, t1, t2, w1, w2, m)


def moments(one: Any, t: float) -> Any:
    """The sums that `combine` takes, for the problem of an `anchored.One`.

    Numba compiles `moments_loop` instead.
    """
    powers, v, w, first, second, third = one
    np.add(v, t, first)
    np.divide(1.0, first, first)
    np.multiply(first, first, second)
    np.multiply(second, first, third)
    return w.dot(powers).ravel().tolist()


def moments_loop(one: Any, t: float) -> Any:
    """`moments` as a loop, for d and the variances; these are infinite for the anchor."""
    d, v = one
    r1 = r2 = r3 = s11 = s21 = s31 = s12 = s22 = s32 = 0.0
    for i in range(len(d)):
        x = d[i]
        w = 1.0 / (v[i] + t)
        ww = w * w
        www = ww * w
        r1 += w
        r2 += ww
        r3 += www
        s11 += w * x
        s21 += ww * x
        s31 += www * x
        xx = x * x
        s12 += w * xx
        s22 += ww * xx
        s32 += www * xx
    return r1, s11, s12, r2, s21, s22, r3, s31, s32


def forms_at(one: Any, t: float) -> Forms[float]:
    """The forms at t."""
    r1, s11, s12, r2, s21, s22, r3, s31, s32 = moments(one, t)
    return combine(1.0 / (1.0 + t), r1, s11, s12, r2, s21, s22, r3, s31, s32)


def point_of(t: float, f: Forms[float], restricted: bool) -> Point[float]:
    """The score's parts; distances no smaller than theory allows, where they are 0 / 0."""
    fall, bend = (f.t1, f.t2) if restricted else (f.w1, f.w2)
    a = f.q2 / f.q3 if f.q3 > 0.0 else 0.0
    b = fall / bend if bend > 0.0 else 0.0
    return Point(t, f.q2, fall, max(a, 1.0 + t), max(b, 1.0 + t))


def centre(p: Any) -> Any:
    """The centre a, rounded up: it is a small difference where t is large."""
    return p.a * (1.0 + ROUNDING) - p.t


def falls_until(p: Any, limit: Any) -> Any:
    """Whether the likelihood falls from p on, as long as the centre a is at most `limit`.

    There rise <= rise(p) (A / (A + x))^2 and fall >= fall(p) B / (B + x), x to the right of p,
    with A = limit + p.t and B = p.b: where these meet is a quadratic equation in x.
    """
    share = p.rise / p.fall
    far = share * (limit + p.t)
    return (share <= 1.0 + 1e-9) & (far < 2.0 * p.b * (1.0 + abs(1.0 - share) ** 0.5))


def rises_from(p: Any, q: Any) -> Any:
    """Whether the likelihood rises from p to q.

    Left of q rise >= rise(q) (A / (A - x))^2 and fall <= fall(q) B / (B - x), with A = q.a and
    B = b(p) + q.t: both hold at q; between, their difference is concave, so p decides.
    """
    gap = q.t - p.t
    share = q.rise / q.fall
    grows = q.a / (q.a * (1.0 + ROUNDING) - gap)
    return (share >= 1.0 - 1e-9) & (share * grows * grows > 1.0 + gap / p.b)


def turns_once(p: Any, q: Any) -> Any:
    """Whether rise / fall decreases from p to q: one maximum, if it rises at p and falls at q."""
    return centre(q) - 2.0 * (p.b * (1.0 - ROUNDING) - p.t) < p.t


def dips_once(p: Any, q: Any) -> Any:
    """Whether rise / fall increases from p to q: one minimum, if it falls at p and rises at q."""
    return (p.a * (1.0 - ROUNDING) - p.t) - 2.0 * (q.b * (1.0 + ROUNDING) - q.t) > q.t


def steep(p: Any) -> Any:
    """Whether rise / fall decreases at p, as it does at a maximum."""
    return p.a / p.b < 2.0


def newton(p: Any) -> Any:
    """Step of Newton's method on fall / rise = 1, which is linear in t for equal variances.

    Where that increases: where `steep`.
    """
    return (p.rise / p.fall - 1.0) * p.a / (2.0 - p.a / p.b)


def climb(one: Any, start: float, restricted: bool) -> float:
    """A maximum right of 0, where the likelihood rises: Newton's steps in a closing bracket."""
    low, high, t = 0.0, np.inf, start
    for _ in range(STEPS):
        p = point_of(t, forms_at(one, t), restricted)
        if p.rise > p.fall:
            low = t
        else:
            high = t
        new = t + newton(p) if steep(p) else -1.0
        if low <= new <= high:
            if abs(new - t) <= NEWTON_EPS * (1.0 + t):
                return new
        elif high == np.inf:
            new = STRIDE * (1.0 + t) - 1.0
        else:
            new = (1.0 + low) ** 0.5 * (1.0 + high) ** 0.5 - 1.0
        t = new
        if high - low <= EPS * (1.0 + t):
            return t
    return t


def proven(one: Any, zero: Point[float], top: Point[float], far: float, restricted: bool) -> bool:
    """Whether `top` is certainly the only maximum; False where this quick proof doesn't suffice."""
    p = top
    for _ in range(_TRIES):
        if falls_until(p, far):
            break
        t = STRIDE * (1.0 + p.t) - 1.0
        q = point_of(t, forms_at(one, t), restricted)
        if not falls_until(p, centre(q)):
            return False
        p = q
    else:
        return False
    if top.t == 0.0 or rises_from(zero, top):
        return True
    q = top
    for _ in range(_TRIES):
        t = (1.0 + q.t) / min(STRIDE, (1.0 + q.t) ** 0.5) - 1.0
        p = point_of(t, forms_at(one, t), restricted)
        if not rises_from(p, q):
            return False
        if rises_from(zero, p):
            return True
        q = p
    return False


def maximise(one: Any, df: float, far: float, restricted: bool) -> Any:
    """A maximum of the (restricted) likelihood, whether it is proven the only one, and the forms.

    Returns
    -------
    t, sure, zero, top : float, bool, Forms, Forms
        `zero` at 0, `top` at t.
    """
    at_zero = forms_at(one, 0.0)
    zero = point_of(0.0, at_zero, restricted)
    t = 0.0
    if zero.rise > zero.fall:
        guess = zero.t + newton(zero) if steep(zero) else 0.0
        t = climb(one, max(guess, (at_zero.q1 - df) / at_zero.t1, 0.0), restricted)
    if t < SMALLEST:
        return 0.0, proven(one, zero, zero, far, restricted), at_zero, at_zero
    at_top = forms_at(one, t)
    top = point_of(t, at_top, restricted)
    return t, proven(one, zero, top, far, restricted), at_zero, at_top


def match_q(one: Any, goal: float) -> Any:
    """The tau2 at which y'Py = goal (0 if it is smaller at once), and the forms at 0 and there.

    1 / y'Py is concave in tau2, as a harmonic mean of linear functions: Newton's steps on it
    climb from 0 to the root and never pass it.
    """
    at_zero = forms_at(one, 0.0)
    f, t = at_zero, 0.0
    for _ in range(STEPS):
        if f.q1 <= goal or f.q2 <= 0.0:
            break
        step = (f.q1 / goal - 1.0) * (f.q1 / f.q2)
        t += step
        f = forms_at(one, t)
        if step <= NEWTON_EPS * (1.0 + t):
            break
    return t, at_zero, f


def search_each(y: Any, v: Any, begin: Any, size: Any, kind: int, out: Any) -> None:
    """Many analyses of at least two estimates, one after the other: what `compiled` runs.

    Parameters
    ----------
    y, v : ndarray, shape (n,)
        All estimates; analysis i has `size[i]` of them from `begin[i]` on.
    kind : int
        `MATCH_Q` for y'Py = k - 1, `ML` or `REML` for the highest likelihood.
    out : ndarray, shape (18, B)
        Filled with tau2, whether it is certain, and the forms at 0 and at tau2.
    """
    most = 0
    for i in range(len(size)):
        most = max(most, size[i])
    d, scaled = np.empty(most), np.empty(most)
    for i in range(len(size)):
        first, k = begin[i], size[i]
        at = first
        mean = 0.0
        for j in range(first, first + k):
            if v[j] < v[at]:
                at = j
        unit, anchor = v[at], y[at]
        root = unit**0.5
        for j in range(k):
            d[j] = (y[first + j] - anchor) / root
            scaled[j] = v[first + j] / unit
            mean += d[j] / k
        total = limit = 0.0
        for j in range(k):
            off = (d[j] - mean) ** 2
            total += off
            limit += off * scaled[j]
        limit = max(1.0, limit / total) if total > 0.0 else 1.0
        scaled[at - first] = np.inf
        one = (d[:k], scaled[:k])
        if kind == MATCH_Q:
            t, zero, top = match_q(one, k - 1.0)
            sure = True
        else:
            t, sure, zero, top = maximise(one, k - 1.0, limit, kind == REML)
        out[0, i], out[1, i] = t * unit, sure
        zero, top = original(zero, unit, anchor), original(top, unit, anchor)
        for j in range(8):
            out[2 + j, i], out[10 + j, i] = zero[j], top[j]
