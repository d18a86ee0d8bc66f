"""Profile likelihood intervals of variances and correlations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtri

from probatum.meta.inference import check_level
from probatum.meta.models.multilevel.components import Component
from probatum.meta.models.multilevel.layout import layout_of
from probatum.meta.models.multilevel.likelihood import Point
from probatum.meta.models.multilevel.search import Bounds, at, climb, elsewhere
from probatum.meta.models.multilevel.types import MultilevelFit
from probatum.meta.options import typed_options
from probatum.meta.types import Floats


@dataclass(frozen=True, slots=True, eq=False)
class ComponentIntervals:
    """Estimate and limits of each estimated component; all of shape (components,).

    Attributes
    ----------
    names : tuple of str
    estimate, ci_lb, ci_ub : ndarray
        Variances and correlations; a limit at the end of the parameter's range means that the
        likelihood does not fall far enough before it.
    level : float
        In percent.
    """

    names: tuple[str, ...]
    estimate: Floats
    ci_lb: Floats
    ci_ub: Floats
    level: float

    def to_dict(self) -> dict[str, list[Any]]:
        """The rows as plain columns."""
        numbers = ("estimate", "ci_lb", "ci_ub")
        return {"component": list(self.names), **{n: getattr(self, n).tolist() for n in numbers}}


@typed_options
def confint(fit: MultilevelFit, *, level: float | None = None) -> ComponentIntervals:
    """Where twice the log-likelihood, the rest maximised, falls by the chi-square quantile.

    Hardy RJ, Thompson SG (1996). Statistics in Medicine 15, 619-629, eq. 9, with the restricted
    likelihood for REML.

    Examples
    --------
    >>> from probatum.meta.models.multilevel.fit import pool_multilevel
    >>> fit = pool_multilevel([0.1, 0.5, 0.6, -0.2, 0.9, 0.1], [0.02] * 6, random="~ 1 | study",
    ...                       data={"study": [1, 1, 2, 3, 4, 5]})
    >>> fit.confint().ci_ub.round(2).tolist()
    [1.07]
    """
    level = fit.level if level is None else check_level(level)
    drop = float(chdtri(1, 1.0 - level / 100.0))
    found = []
    for profiled in _profiles(fit):
        limits = [profiled.natural(_crossing(profiled, drop, side)) for side in (-1.0, 1.0)]
        found.append((profiled.name, profiled.value, min(limits), max(limits)))
    names = tuple(row[0] for row in found)
    numbers = np.array([row[1:] for row in found], dtype=np.float64).reshape(-1, 3)
    return ComponentIntervals(names, numbers[:, 0], numbers[:, 1], numbers[:, 2], level)


@dataclass(frozen=True, slots=True, eq=False)
class ComponentProfile:
    """The log-likelihood along one component, all other parameters at their best.

    Attributes
    ----------
    component : Component
    at, ll : ndarray, shape (m,)
        Values of the component in rising order, and the log-likelihood there.
    ci_lb, ci_ub : float
        As `confint` gives them.
    """

    component: Component
    at: Floats
    ll: Floats
    ci_lb: float
    ci_ub: float


def profiles(
    fit: MultilevelFit, *, level: float | None = None, points: int = 33
) -> tuple[ComponentProfile, ...]:
    """The profile of every estimated component, some way beyond its interval.

    Hardy RJ, Thompson SG (1996). Statistics in Medicine 15, 619-629, with the restricted
    likelihood for REML.

    Parameters
    ----------
    fit : MultilevelFit
    level : float, optional
        Of the interval, in percent; the fit's by default.
    points : int
        How many values of each.

    Examples
    --------
    >>> from probatum.meta.models.multilevel.fit import pool_multilevel
    >>> fit = pool_multilevel([0.1, 0.5, 0.6, -0.2, 0.9, 0.1], [0.02] * 6, random="~ 1 | study",
    ...                       data={"study": [1, 1, 2, 3, 4, 5]})
    >>> (curve,) = profiles(fit)
    >>> bool(abs(curve.ll.max() - fit.ll) < 1e-9), round(curve.ci_ub, 2)
    (True, 1.07)
    """
    level = fit.level if level is None else check_level(level)
    drop = float(chdtri(1, 1.0 - level / 100.0))
    estimated = [c for c in fit.components if not c.fixed]
    return tuple(
        _curve(profiled, component, fit.ll, drop, points)
        for profiled, component in zip(_profiles(fit), estimated)
    )


def _curve(
    profiled: _Profiled, component: Component, top: float, drop: float, points: int
) -> ComponentProfile:
    best = float(profiled.point.theta[profiled.index])
    ends = [_crossing(profiled, drop, side) for side in (-1.0, 1.0)]
    found = [(component.value, top)]
    for side, end in zip((-1.0, 1.0), ends):
        last = side * min(side * profiled.end(side), side * (best + 1.25 * (end - best)))
        if last == best:
            continue
        # closer together near the estimate, where the curve bends most
        xs = best + (last - best) * np.linspace(0.0, 1.0, points // 2 + 1)[1:] ** 2
        for x, there in zip(xs, _sweep(profiled, xs)):
            if there is not None:
                found.append((profiled.natural(float(x)), top - profiled.point.ll + there.ll))
    at, ll = np.array(sorted(found)).T
    limits = [profiled.natural(end) for end in ends]
    return ComponentProfile(component, at, ll, min(limits), max(limits))


def _sweep(profiled: _Profiled, xs: Floats) -> list[Point | None]:
    """The maximum at each x: sought from the fit's, and from the one before, there and back.

    The rest of the parameters can have several maxima, of which one start finds one.
    """
    tops: list[Point | None] = [_held(profiled, profiled.point.theta, float(x)) for x in xs]
    for order in (range(len(xs)), range(len(xs) - 1, -1, -1)):
        before: Point | None = None
        for i in order:
            other = None if before is None else _held(profiled, before.theta, float(xs[i]))
            here = tops[i]
            if here is None or (other is not None and other.ll > here.ll):
                tops[i] = other
            before = tops[i]
    return tops


def _held(profiled: _Profiled, theta: Floats, x: float) -> Point | None:
    """The maximum with the parameter held at x, sought from `theta`."""
    theta = theta.copy()
    theta[profiled.index] = x
    start = at(profiled.point.model, theta)
    return None if start is None else climb(start, profiled.bounds.holding(profiled.index)).point


@dataclass(frozen=True, slots=True, eq=False)
class _Profiled:
    """A component as one of the search's parameters."""

    name: str
    value: float
    point: Point
    bounds: Bounds
    index: int
    kind: str
    scale: float

    def natural(self, x: float) -> float:
        """The component's value at the parameter's value x."""
        if self.kind == "angle":
            return math.cos(x)
        return (x * self.scale) ** 2 if self.kind == "sd" else x * self.scale

    def end(self, side: float) -> float:
        """The parameter's limit on that side."""
        if self.kind == "angle":
            return 0.0 if side < 0 else math.pi
        return float((self.bounds.lower if side < 0 else self.bounds.upper)[self.index])


def _profiles(fit: MultilevelFit) -> list[_Profiled]:
    """Every estimated component, in the order of the fit's."""
    model, out = fit.fitted_model, []
    components = iter(fit.components)
    parameters = model.random.parameters
    for i, part in enumerate(model.random.parts):
        pairwise = part.structure is not None and part.structure.pairwise
        stop = part.at.start + part.variances if pairwise else part.at.stop
        for index in range(part.at.start, stop):
            c = next(components)
            if not c.fixed:
                kind, scale = parameters[index].kind, 1.0
                if kind in ("variance", "sd"):
                    scale = model.unit if kind == "variance" else math.sqrt(model.unit)
                elif part.structure is not None:
                    scale = part.structure.lag_unit
                out.append(
                    _Profiled(c.name, c.value, model.point, model.bounds, index, kind, scale)
                )
        if pairwise:
            for a, b in zip(*np.triu_indices(part.variances, 1)):
                c = next(components)
                if not c.fixed:
                    out.append(_paired(fit, i, int(a), int(b), c.name, c.value))
    return out


def _paired(fit: MultilevelFit, i: int, a: int, b: int, name: str, value: float) -> _Profiled:
    """A correlation of struct UN: its levels are put first, so that it is one parameter."""
    model = fit.fitted_model
    part, effects = model.random.parts[i], model.random.effects
    theta = model.point.theta.copy()
    effects[i], theta[part.at] = part.leading(a, b, theta[part.at])
    likelihood = model.point.model.relaid(layout_of(model.V.scaled(model.unit), effects))
    index = part.at.start + part.variances
    return _Profiled(name, value, likelihood.at(theta), model.bounds, index, "angle", 1.0)


def _crossing(profiled: _Profiled, drop: float, side: float) -> float:
    """Where the profile has fallen by `drop`, or the parameter's end.

    Newton's method on the signed root of the fall, whose derivative is the gradient's component
    (the others are 0 on the profile), kept within a bracket. The rest climbs from where it was,
    which may lead to the lower of two maxima: a crossing counts once no other is found there.
    """
    point, index, goal = profiled.point, profiled.index, math.sqrt(drop)
    end = profiled.end(side)
    near = best = float(point.theta[index])
    if near == end:
        return end
    far, x, warm = math.nan, near + side * goal * _width(point, index), point.theta
    for _ in range(100):
        x = min(x, end) if side > 0 else max(x, end)
        there = _held(profiled, warm, x)
        if there is None:
            far, x = x, 0.5 * (near + x)
            continue
        fall = _fall(point, there)
        ended = abs(far - near) < 1e-13 * max(abs(far), abs(near))
        if ended or abs(fall - goal) < 1e-8:
            there = elsewhere(there, profiled.bounds.holding(index))
            if _fall(point, there) >= min(fall, goal) - 1e-8:
                return near if ended else x
            fall, far = _fall(point, there), math.nan
        warm = there.theta
        if fall < goal:
            if x == end:
                return end
            near = x
        else:
            far = x
        slope = -float(there.gradient[index]) / fall if fall > 0.0 else 0.0
        step = x - (fall - goal) / slope if slope * side > 0.0 else math.nan
        x = _next(step, near, far, best, side)
    return x


def _fall(top: Point, there: Point) -> float:
    """The root of the likelihood ratio."""
    return math.sqrt(max(2.0 * (top.ll - there.ll), 0.0))


def _next(step: float, near: float, far: float, best: float, side: float) -> float:
    """The next place to look at: Newton's, if it lies in the bracket and goes no wild way."""
    if math.isnan(far):
        widest = near + side * 10.0 * max(abs(near - best), 1e-3)
        inside = (step - near) * side > 0.0 and (widest - step) * side > 0.0
        return step if inside else near + side * 2.0 * max(abs(near - best), 1e-3)
    inside = (step - near) * side > 0.0 and (far - step) * side > 0.0
    return step if inside else 0.5 * (near + far)


def _width(point: Point, index: int) -> float:
    """About one standard error."""
    information = float(point.information[index, index])
    return 1.0 / math.sqrt(information) if information > 1e-12 else 0.5
