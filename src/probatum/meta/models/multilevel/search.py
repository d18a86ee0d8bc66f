"""The maximum of a likelihood over variance components, within their bounds.

Steps by average information, to which a secant term is added for what it leaves out of the
curvature (Dennis JE, Gay DM, Welsch RE, 1981, ACM Transactions on Mathematical Software 7,
348-368), damped until they climb; components that press against a bound are held there. From
several starts: likelihoods of variance components can have more than one maximum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from probatum.meta.models.multilevel.likelihood import Likelihood, Point
from probatum.meta.models.multilevel.structures import Parameter
from probatum.meta.types import Bools, Floats

_STEPS = 100
_CLIMBED = 1e-9  # Newton decrement: twice the log-likelihood that is left to gain
_DONE = 1e-14
_FLAT = 1e-8  # curvature, relative to the largest, below which a direction counts as flat
_SAME = 1e-7  # log-likelihoods of one and the same maximum


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """Where parameters may lie, and which may move at all.

    Attributes
    ----------
    lower, upper : ndarray, shape (q,)
    free : ndarray of bool, shape (q,)
    is_sd : ndarray of bool, shape (q,)
        Standard deviations, whose derivative is 0 at 0 whether or not that is the maximum.
    """

    lower: Floats
    upper: Floats
    free: Bools
    is_sd: Bools

    @classmethod
    def of(cls, parameters: Sequence[Parameter], free: Bools) -> Bounds:
        """The bounds of these parameters."""
        return cls(
            np.array([p.lower for p in parameters]),
            np.array([p.upper for p in parameters]),
            free,
            np.array([p.kind == "sd" for p in parameters], dtype=np.bool_),
        )

    def holding(self, index: int) -> Bounds:
        """The same with one parameter fixed."""
        free = self.free.copy()
        free[index] = False
        return replace(self, free=free)

    def clip(self, theta: Floats) -> Floats:
        """The nearest parameters within the bounds."""
        return np.clip(theta, self.lower, self.upper)

    @property
    def _is_spread(self) -> Bools:
        """Variances and standard deviations."""
        return np.asarray(np.isinf(self.upper) & (self.lower == 0.0))

    def sizes(self, theta: Floats) -> Floats:
        """The scale of each parameter: its own for variances beyond a typical sampling one's."""
        return np.where(self._is_spread, np.maximum(theta, 1.0), 1.0)

    def reach(self, old: Floats, new: Floats) -> Floats:
        """Within bounds, and no wild step: variances and standard deviations at most tenfold.

        A standard deviation shrinks to a tenth at most, too, unless it is almost 0.
        """
        low = np.where(self.is_sd & (old > 1e-6), 0.1 * old, self.lower)
        high = np.where(self._is_spread, 10.0 * old + 1.0, self.upper)
        return np.clip(new, low, high)

    def inside(self, theta: Floats) -> Bools:
        """Parameters that may move and are at no bound."""
        return np.asarray(self.free & (theta > self.lower) & (theta < self.upper))

    def moving(self, point: Point) -> Bools:
        """Parameters that may move, but for those that a bound stops."""
        theta, g = point.theta, point.gradient
        stopped = ((theta <= self.lower) & (g <= 0.0)) | ((theta >= self.upper) & (g >= 0.0))
        return np.asarray(self.free & ~stopped)


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where a search ended.

    Attributes
    ----------
    converged : bool
    missing : ndarray, shape (q, q)
        Curvature that the average information leaves out, as far as it was learnt.
    starts : int
        From how many places it was searched.
    """

    point: Point
    converged: bool
    missing: Floats
    starts: int = 1


def maximum(
    model: Likelihood, starts: Sequence[Sequence[Floats]], bounds: Bounds, *, thorough: bool
) -> Maximum:
    """The highest maximum found from the best start of each family.

    Unless the search is to be thorough, two families that lead to one place are enough.
    """
    best_of = [_best(model, family, bounds) for family in starts]
    ranked = sorted((p for p in best_of if p is not None), key=lambda p: -p.ll)
    if not bounds.free.any():
        return Maximum(ranked[0], True, _nothing(ranked[0]))
    found: list[Maximum] = []
    for point in ranked:
        found.append(climb(point, bounds))
        top = max(m.point.ll for m in found)
        level = [m for m in found if top - m.point.ll < _SAME]
        best = max(level, key=lambda m: (m.converged, m.point.ll))
        if sum(m.converged for m in level) > 1 and not thorough:
            break
    if thorough:
        best = _mirrored(best, bounds)
    return replace(polish(best, bounds), starts=len(found))


def _mirrored(best: Maximum, bounds: Bounds) -> Maximum:
    """The maximum with each correlation's sign changed, if it is higher."""
    for i in np.flatnonzero(bounds.free & (bounds.lower < 0.0) & np.isfinite(bounds.upper)):
        theta = best.point.theta.copy()
        theta[i] = -theta[i]
        start = at(best.point.model, bounds.clip(theta))
        other = None if start is None else climb(start, bounds)
        if other is not None and other.point.ll > best.point.ll + _SAME:
            best = other
    return best


def _best(model: Likelihood, family: Sequence[Floats], bounds: Bounds) -> Point | None:
    points = [at(model, bounds.clip(theta)) for theta in family]
    return max((p for p in points if p is not None), key=lambda p: p.ll, default=None)


def at(model: Likelihood, theta: Floats) -> Point | None:
    """The likelihood there; None where rounding leaves no positive definite covariance."""
    try:
        point = model.at(theta)
        return point if np.isfinite(point.ll) else None
    except np.linalg.LinAlgError:
        return None


def climb(point: Point, bounds: Bounds) -> Maximum:
    """The maximum above a point, to within `_CLIMBED`."""
    found = _ascend(point, bounds)
    if not found.converged:
        found = _quasi_newton(found, bounds)
    return _escape(found, bounds)


def elsewhere(point: Point, bounds: Bounds) -> Point:
    """A higher maximum with one spread less or one correlation turned round, or the same point."""
    best = point
    turned = bounds.free & (bounds.lower < 0.0) & np.isfinite(bounds.upper)
    for i in np.flatnonzero((bounds.free & bounds._is_spread) | turned):
        theta = point.theta.copy()
        theta[i] = -theta[i] if turned[i] else 0.0
        start = at(point.model, bounds.clip(theta))
        other = point if start is None else climb(start, bounds).point
        if other.ll > best.ll + _SAME:
            best = other
    return best


def _nothing(point: Point) -> Floats:
    return np.zeros((len(point.theta), len(point.theta)))


def _ascend(point: Point, bounds: Bounds) -> Maximum:
    damping, missing = 1e-4, _nothing(point)
    for _ in range(_STEPS):
        move = bounds.moving(point)
        if not move.any():
            return Maximum(point, True, missing)
        g, H = point.gradient[move], _curvature(point, missing, move, bounds)
        if _decrement(H, g) < _CLIMBED:
            return Maximum(point, True, missing)
        while damping < 1e12:
            theta = point.theta.copy()
            theta[move] += np.linalg.solve(H + damping * np.diag(np.diagonal(H)), g)
            higher = at(point.model, bounds.reach(point.theta, theta))
            if higher is not None and higher.ll > point.ll:
                missing = _learn(missing, point, higher)
                point, damping = higher, max(damping / 10.0, 1e-6)
                break
            damping *= 8.0
        else:
            return Maximum(point, _decrement(H, g) < 1e-6, missing)
    return Maximum(point, False, missing)


def _curvature(point: Point, missing: Floats, move: Bools, bounds: Bounds) -> Floats:
    """Average information, with what it leaves out where that keeps it positive definite.

    A parameter on which the likelihood hardly depends (a correlation where a variance is 0) gets
    a least curvature, relative to the others' on scales of their own.
    """
    scale = bounds.sizes(point.theta)[move]
    A = point.information[np.ix_(move, move)]
    own = np.diagonal(A) * scale**2
    least = np.where(own < _least(own), _least(own), 0.0)
    A = A + np.diag((1e-12 * own + least) / scale**2)
    H = A + missing[np.ix_(move, move)]
    root = np.sqrt(np.abs(np.diagonal(H)))
    return H if root.all() and _positive(H / np.outer(root, root), 1e-6) else A


def _least(curvature: Floats) -> float:
    return _FLAT * float(curvature.max(initial=0.0)) + 1e-300


def flat(point: Point, bounds: Bounds) -> Bools:
    """Parameters on which the likelihood does not depend here."""
    own = np.diagonal(point.information) * bounds.sizes(point.theta) ** 2
    return np.asarray(own < _least(own[bounds.free]))


def _learn(missing: Floats, old: Point, new: Point) -> Floats:
    """The secant term that explains how the gradient changed (Dennis et al. 1981, eq. 3.3-3.5)."""
    step, turn = new.theta - old.theta, old.gradient - new.gradient
    wanted = turn - new.information @ step
    along = float(turn @ step)
    if along < 1e-8 * float(np.linalg.norm(turn) * np.linalg.norm(step)):
        return missing
    had = float(step @ missing @ step)
    if had != 0.0:
        missing = missing * min(1.0, abs(float(step @ wanted) / had))
    rest = wanted - missing @ step
    both = np.outer(rest, turn) / along
    out = missing + both + both.T - np.outer(turn, turn) * float(rest @ step) / along**2
    return np.asarray(out)


def _left(point: Point, missing: Floats, bounds: Bounds) -> float:
    """About twice the log-likelihood that is left to gain."""
    move = bounds.moving(point)
    if not move.any():
        return 0.0
    return _decrement(_curvature(point, missing, move, bounds), point.gradient[move])


def _decrement(A: Floats, g: Floats) -> float:
    try:
        return float(g @ np.linalg.solve(A, g))
    except np.linalg.LinAlgError:
        return float("inf")


def _quasi_newton(found: Maximum, bounds: Bounds) -> Maximum:
    """By L-BFGS-B, where the steps did not settle."""
    from scipy.optimize import minimize

    model, start, free = found.point.model, found.point.theta, bounds.free

    def fall(x: Floats) -> tuple[float, Floats]:
        theta = start.copy()
        theta[free] = x
        point = at(model, theta)
        if point is None:
            return 1e300, np.zeros(len(x))
        return -point.ll, -point.gradient[free]

    limits = list(zip(bounds.lower[free], bounds.upper[free]))
    out = minimize(
        fall, start[free], jac=True, method="L-BFGS-B", bounds=limits,
        options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-9},
    )  # fmt: skip
    theta = start.copy()
    theta[free] = out.x
    point = at(model, bounds.clip(theta))
    if point is None or point.ll < found.point.ll:
        return found
    return Maximum(point, _left(point, _nothing(point), bounds) < 1e-6, _nothing(point))


def _escape(found: Maximum, bounds: Bounds) -> Maximum:
    """Leave standard deviations of 0 where a larger one is likelier."""
    for i in np.flatnonzero(bounds.is_sd & bounds.free):
        if found.point.theta[i] > 1e-5:
            continue
        for size in (1e-3, 3e-2, 0.3):
            theta = found.point.theta.copy()
            theta[i] = size
            other = at(found.point.model, theta)
            if other is not None and other.ll > found.point.ll + 1e-10:
                found = _ascend(other, bounds)
                break
    return found


def polish(found: Maximum, bounds: Bounds) -> Maximum:
    """The last digits, by undamped steps that may no longer show in the likelihood."""
    point, missing = _settle(found.point, bounds), found.missing
    before = np.inf
    for _ in range(20):
        inside = bounds.inside(point.theta) & bounds.moving(point)
        if not inside.any():
            break
        g, H = point.gradient[inside], _curvature(point, missing, inside, bounds)
        left = _decrement(H, g)
        if not _DONE < left < min(1e-2, 4.0 * before):
            break
        theta = point.theta.copy()
        theta[inside] += np.linalg.solve(H, g)
        higher = at(point.model, bounds.clip(theta))
        if higher is None or higher.ll < point.ll - 1e-12 * abs(point.ll):
            break
        missing = _learn(missing, point, higher)
        before, point = left, higher
    settled = found.converged or _left(point, missing, bounds) < 1e-6
    return replace(found, point=point, missing=missing, converged=settled)


def _settle(point: Point, bounds: Bounds) -> Point:
    """Parameters that a search brought next to a bound, put on it if that is no worse."""
    reach = 1e-6
    low = bounds.free & (point.theta < bounds.lower + reach)
    high = bounds.free & (point.theta > bounds.upper - reach)
    if not (low | high).any():
        return point
    theta = np.where(low, bounds.lower, np.where(high, bounds.upper, point.theta))
    other = at(point.model, theta)
    return other if other is not None and other.ll >= point.ll - 1e-10 else point


def _positive(H: Floats, least: float = 0.0) -> bool:
    return bool(np.all(np.linalg.eigvalsh(H) > least))


def observed(point: Point, inside: Bools) -> Floats:
    """Observed information of the parameters `inside`: differences of the exact gradient.

    Central differences of fourth order over 2% of a standard error, or of the distance to 0.
    """
    index = np.flatnonzero(inside)
    diagonal = np.diagonal(point.information)[index]
    H = np.empty((len(index), len(index)))
    for j, i in enumerate(index):
        h = 0.02 / np.sqrt(diagonal[j]) if diagonal[j] > 0.0 else 1e-4
        h = min(h, 0.01 * abs(point.theta[i]) if point.theta[i] != 0.0 else h)
        slope = np.zeros(len(index))
        for step, weight in ((1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0)):
            theta = point.theta.copy()
            theta[i] += step * h
            slope = slope + weight * point.model.at(theta).gradient[index]
        H[:, j] = -slope / (12.0 * h)
    return np.asarray(0.5 * (H + H.T))
