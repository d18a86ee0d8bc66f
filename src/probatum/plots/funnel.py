"""The funnel plot with contours (Peters et al. 2008, J Clin Epidemiol 61:991)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from .axis import Axis
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
    null: float = 0.0  # analysis scale
    effect: str = "Effect"


def funnel_scene(data: FunnelData, *, narrow: bool = False) -> Scene:
    """Lay out a funnel plot: standard error downwards, zones where p < 0.10, 0.05, 0.01.

    Examples
    --------
    >>> scene = funnel_scene(FunnelData((0.1, -0.2), (0.1, 0.3), 0.0, "t", "d"))
    >>> scene.height
    420.0
    """
    width, height = (340.0, 320.0) if narrow else (640.0, 420.0)
    left, right, top, bottom = 52.0, width - 12, 12.0, height - 74
    points = [(y, s) for y, s in zip(data.yi, data.sei) if math.isfinite(y) and math.isfinite(s)]
    deepest = max((s for _, s in points), default=1.0) * 1.05 or 1.0
    # wide enough for the outermost contour, which stands around the null
    reach = 1.04 * max(
        [abs(y - data.center) for y, _ in points]
        + [CONTOURS[0][0] * deepest + abs(data.null - data.center)]
    )
    lo, hi = data.center - reach, data.center + reach
    log = data.scale == "log"
    axis = (
        Axis(math.exp(lo), math.exp(hi), left, right, "log")
        if log
        else Axis(lo, hi, left, right, "linear")
    )

    def x(value: float) -> float:
        return axis.x(math.exp(value) if log else value)

    def y(se: float) -> float:
        return top + se / deepest * (bottom - top)

    items: list[Item] = [_box(left, right, top, bottom, "band1")]
    for z, role in CONTOURS:
        half = z * deepest
        corners = ((data.null, 0.0), (data.null + half, deepest), (data.null - half, deepest))
        items.append(Polygon(tuple((x(v), y(s)) for v, s in corners), role))
    items.append(Line(x(data.center), top, x(data.center), bottom, "accent", 1.2))
    for sign in (-1, 1):
        edge = data.center + sign * 1.959963984540054 * deepest
        items.append(Line(x(data.center), top, x(edge), bottom, "accent", 1, "4 3"))
    items += [Circle(x(e), y(s), 4.0, "ink") for e, s in points]
    items += [
        Line(left, bottom, right, bottom, "ink"),
        Line(left, top, left, bottom, "ink"),
        Text((left + right) / 2, bottom + 38, data.effect, "middle", "muted", 12.5, mark="axis"),
        Text(
            left,
            bottom + 58,
            "Shaded zones, from the middle: p = 0.10 to 0.05, to 0.01, below",
            "start",
            "muted",
            12,
            mark="axis",
        ),
    ]
    for value, label in axis.ticks(5 if narrow else 7):
        items.append(Line(axis.x(value), bottom, axis.x(value), bottom + 5, "ink"))
        items.append(Text(axis.x(value), bottom + 19, label, "middle", "muted", 12, mark="axis"))
    for value, label in Axis(0.0, deepest, 0, 1, "linear").ticks(6):
        items.append(Line(left - 4, y(value), left, y(value), "ink"))
        items.append(Text(left - 7, y(value) + 4, label, "end", "muted", 12, mark="axis"))
    items.append(Text(left + 6, top + 12, "standard error ↓", "start", "muted", 12))
    return Scene(width, height, tuple(items), data.title, data.desc)


def _box(left: float, right: float, top: float, bottom: float, fill: Role) -> Polygon:
    return Polygon(((left, top), (right, top), (right, bottom), (left, bottom)), fill)
