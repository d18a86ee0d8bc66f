"""The funnel plot with contours (Peters et al. 2008, J Clin Epidemiol 61:991)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from .axis import Axis
from .marks import clear_ticks
from .measuring import text_width
from .scene import Circle, Item, Line, Polygon, Role, Scene, Text

# two-sided normal quantiles at 0.99, 0.95 and 0.90, and what fills the cone inside them
CONTOURS: tuple[tuple[float, Role], ...] = (
    (2.5758293035489004, "band2"),
    (1.959963984540054, "band3"),
    (1.6448536269514722, "paper"),
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


def funnel_scene(data: FunnelData, *, narrow: bool = False) -> Scene:
    """Lay out a funnel plot: standard error downwards, zones where p < 0.10, 0.05, 0.01.

    Examples
    --------
    >>> scene = funnel_scene(FunnelData((0.1, -0.2), (0.1, 0.3), 0.0, "t", "d"))
    >>> scene.height
    440.0
    """
    width, height = (340.0, 340.0) if narrow else (640.0, 440.0)
    left, right, top, bottom = 52.0, width - 20, 12.0, height - 80
    marks = [
        (y, s, made)
        for y, s, made in zip(data.yi, data.sei, data.filled or (False,) * len(data.yi))
        if math.isfinite(y) and math.isfinite(s) and s >= 0
    ]
    points = [(y, s) for y, s, _ in marks]
    deepest = max((s for _, s in points), default=1.0) * 1.08 or 1.0
    axis = _axis(data, points, deepest, left, right)

    def x(value: float) -> float:
        return axis.x(math.exp(value) if data.scale == "log" else value)

    def y(se: float) -> float:
        return top + se / deepest * (bottom - top)

    items: list[Item] = []
    if data.null is not None:
        items.append(_box(left, right, top, bottom, "band1"))
        for z, role in CONTOURS:
            half = z * deepest
            corners = ((data.null, 0.0), (data.null + half, deepest), (data.null - half, deepest))
            items.append(Polygon(tuple((x(v), y(s)) for v, s in corners), role))
    if math.isfinite(data.center):
        items.append(Line(x(data.center), top, x(data.center), bottom, "accent", 1.2))
        for sign in (-1, 1):
            edge = data.center + sign * CONTOURS[1][0] * deepest
            items.append(Line(x(data.center), top, x(edge), bottom, "accent", 1, "4 3"))
    # filled ones first: what was found is never hidden by what was not
    for e, s, made in sorted(marks, key=lambda mark: not mark[2]):
        items.append(Circle(x(e), y(s), 4.0, *(("paper", "ink") if made else ("ink",))))
    items += [Line(left, bottom, right, bottom), Line(left, top, left, bottom)]
    items.append(
        Text((left + right) / 2, bottom + 38, data.effect, "middle", "muted", 12.5, mark="axis")
    )
    for value, label in clear_ticks(axis):
        items.append(Line(axis.x(value), bottom, axis.x(value), bottom + 5))
        items.append(Text(axis.x(value), bottom + 19, label, "middle", "muted", 12, mark="axis"))
    for value, label in Axis(0.0, deepest, 0, 1, "linear").ticks(6):
        items.append(Line(left - 4, y(value), left, y(value)))
        items.append(Text(left - 7, y(value) + 4, label, "end", "muted", 12, mark="axis"))
    items.append(Text(left + 6, top + 12, "standard error ↓", size=12))
    items += _legend(data, bottom + 62, width)
    return Scene(width, height, tuple(items), data.title, data.desc)


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


def _legend(data: FunnelData, y: float, width: float) -> list[Item]:
    """One swatch for each zone of the contours, and what an open mark is."""
    zones: tuple[tuple[Role, str], ...] = (
        ("paper", "p > 0.10"),
        ("band3", "0.05–0.10"),
        ("band2", "0.01–0.05"),
        ("band1", "< 0.01"),
    )
    items: list[Item] = []
    x = 0.0
    for role, words in zones if data.null is not None else ():
        items += [_box(x, x + 12, y - 10, y + 1, "rule"), _box(x + 1, x + 11, y - 9, y, role)]
        items.append(Text(x + 15, y, words, "start", "muted", 12, mark="axis"))
        x += 15 + text_width(words, 12) + 9
    if any(data.filled):
        words = "filled in, no data"
        if x + 15 + text_width(words, 12) > width:
            x, y = 0.0, y + 17
        items.append(Circle(x + 6, y - 4.5, 4.0, "paper", "ink"))
        items.append(Text(x + 15, y, words, "start", "muted", 12, mark="axis"))
    return items


def _box(left: float, right: float, top: float, bottom: float, fill: Role) -> Polygon:
    return Polygon(((left, top), (right, top), (right, bottom), (left, bottom)), fill)
