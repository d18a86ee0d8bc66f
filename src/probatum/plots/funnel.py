"""The funnel plot with contours (Peters et al. 2008, J Clin Epidemiol 61:991)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .axis import Axis
from .frame import Frame, Sign, area, axes, box, legend
from .labels import Mark, along, named
from .scene import Circle, Curve, Item, Line, Polygon, Role, Scene

# two-sided normal quantiles at 0.99, 0.95 and 0.90, and what fills the cone inside them
_STEPS = 60
CONTOURS: tuple[tuple[float, Role], ...] = (
    (2.5758293035489004, "band2"),
    (1.959963984540054, "band3"),
    (1.6448536269514722, "paper"),
)


_ZONES: tuple[tuple[Sign, str], ...] = (
    ("paper", "p > 0.10"),
    ("band3", "0.05–0.10"),
    ("band2", "0.01–0.05"),
    ("band1", "< 0.01"),
)


@dataclass(frozen=True, slots=True)
class FunnelData:
    """Effects on the analysis scale (log for ratios) and their standard errors."""

    yi: tuple[float, ...]
    sei: tuple[float, ...]
    center: float
    title: str
    desc: str
    scale: Literal["log", "linear"] = "linear"
    null: float | None = 0.0  # analysis scale; None: no contours
    effect: str = "Effect"
    filled: tuple[bool, ...] = ()  # which are no data but filled in; empty: none
    trends: tuple[Trend, ...] = ()
    names: tuple[str, ...] = ()  # beside the marks, "" for none; empty: none at all


@dataclass(frozen=True, slots=True)
class Trend:
    """How the effect changes with the standard error, by a model of small studies."""

    name: str
    at: Callable[[float], float]  # effect on the analysis scale at a standard error
    dash: str = ""


def funnel_scene(data: FunnelData, *, narrow: bool = False) -> Scene:
    """Lay out a funnel plot: standard error downwards, zones where p < 0.10, 0.05, 0.01.

    Examples
    --------
    >>> scene = funnel_scene(FunnelData((0.1, -0.2), (0.1, 0.3), 0.0, "t", "d"))
    >>> scene.width
    640.0
    """
    width, left, right, top, bottom = area(narrow)
    k = len(data.yi)
    marks = [
        (y, s, made, name)
        for y, s, made, name in zip(
            data.yi, data.sei, data.filled or (False,) * k, data.names or ("",) * k
        )
        if math.isfinite(y) and math.isfinite(s) and s >= 0
    ]
    points = [(y, s) for y, s, *_ in marks]
    deepest = max((s for _, s in points), default=1.0) * 1.08 or 1.0
    across = _axis(data, points, deepest, left, right)
    frame = Frame(across, Axis(0.0, deepest, top, bottom, "linear"))

    def at(value: float, se: float) -> tuple[float, float]:
        return frame.at(math.exp(value) if data.scale == "log" else value, se)

    items: list[Item] = []
    if data.null is not None:
        items.append(box(left, top, right, bottom, "band1"))
        for z, role in CONTOURS:
            half = z * deepest
            corners = ((data.null, 0.0), (data.null + half, deepest), (data.null - half, deepest))
            items.append(Polygon(tuple(at(*c) for c in corners), role))
    if math.isfinite(data.center):
        items.append(Line(*at(data.center, 0), *at(data.center, deepest), "accent", 1.4))
        for sign in (-1, 1):
            edge = data.center + sign * CONTOURS[1][0] * deepest
            items.append(Line(*at(data.center, 0), *at(edge, deepest), "accent", 1, "5 3"))
    for trend in data.trends:
        depths = [deepest * i / _STEPS for i in range(_STEPS + 1)]
        line = tuple(at(trend.at(depth), depth) for depth in depths)
        items.append(Curve(line, "ink", 1.6, trend.dash))
    # filled ones first: what was found is never hidden by what was not
    for e, s, made, _ in sorted(marks, key=lambda mark: not mark[2]):
        items.append(Circle(*at(e, s), 4.0, *(("paper", "ink") if made else ("ink",))))
    lines = [(i.x1, i.y1, i.x2, i.y2) for i in items if isinstance(i, Line)]
    taken = [piece for x1, y1, x2, y2 in lines for piece in along([(x1, y1), (x2, y2)])]
    beside = [Mark(*at(e, s), 4.0, name) for e, s, _, name in marks]
    items += named(beside, (left + 2, top, width, bottom - 2), taken)
    items += axes(frame, data.effect, "Standard error ↓")
    below, used = legend(_signs(data), bottom + 66, width)
    return Scene(width, bottom + 52 + used, (*items, *below), data.title, data.desc)


def _axis(
    data: FunnelData, points: list[tuple[float, float]], deepest: float, left: float, right: float
) -> Axis:
    """Wide enough for every point and for the outermost contour, which stands around the null."""
    center = data.center if math.isfinite(data.center) else data.null or 0.0
    cone = CONTOURS[1][0] * deepest
    if data.null is not None:
        cone = CONTOURS[0][0] * deepest + abs(data.null - center)
    reach = 1.04 * max([abs(y - center) for y, _ in points] + [cone])
    lo, hi = center - reach, center + reach
    if data.scale == "log":
        return Axis(math.exp(max(lo, -700)), math.exp(min(hi, 700)), left, right, "log")
    return Axis(lo, hi, left, right, "linear")


def _signs(data: FunnelData) -> list[tuple[Sign, str]]:
    """One swatch for each zone of the contours, and what lines and open marks are."""
    signs: list[tuple[Sign, str]] = [] if data.null is None else list(_ZONES)
    if math.isfinite(data.center):
        signs += [("strong", "pooled effect"), ("cone", "95% of studies, if all estimate it")]
    signs += [("inkdots" if trend.dash else "ink", trend.name) for trend in data.trends]
    return signs + ([("ring", "filled in, no data")] if any(data.filled) else [])
