"""The radial plot (Galbraith): standardised estimates against their precision."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import ndtri

from probatum.meta.options import typed_options

from ..meta.refit import rows_of, slab_of
from ..meta.types import Floats, MetaFit
from .axis import Axis
from .display import Display, number, scaled, the_fit
from .figure import Figure
from .frame import NAME, Frame, Sign, area, around, axes, from_zero, legend
from .labels import Mark, along, named
from .marks import TICK
from .measuring import text_width
from .registry import drawing
from .scene import Circle, Curve, Item, Line, Polygon, Role, Scene, Text

REACH = float(ndtri(0.975))
_UP = "Estimate / standard error"
_GAP = 14.0  # between what is drawn and the arc
_LABELS = 46.0  # room for the labels of the arc
_STEPS = 40


@drawing(
    "Galbraith RF (1988). Technometrics 30, 271-281; Statistics in Medicine 7, 889-894.",
    "pb.radial(fit)",
)
@typed_options
def radial(fit: MetaFit, *, narrow: bool = False, title: str = "Radial plot") -> Figure:
    """Radial (Galbraith) plot: standardised estimates against their precision.

    Across: 1 / sqrt(v_i + tau2). Up: y_i / sqrt(v_i + tau2). A line from the origin through a
    study points at its estimate on the arc; the strip around the pooled effect's line holds 95%
    of the studies that agree with it. Galbraith RF (1988). Technometrics 30, 271-281.

    Parameters
    ----------
    fit : MetaFit
        By inverse variances, without moderators.
    narrow : bool
        For a phone.
    title : str
        The figure's name for who can't see it; not drawn, since a caption says it.

    Returns
    -------
    Figure

    Raises
    ------
    BadInput
        For anything but such a fit, or fewer than two studies.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.3, -0.2], [0.04, 0.05, 0.03])
    >>> pb.radial(fit).scene.desc
    'Estimate of 3 studies by their precision; 3 of them agree with the pooled 0.04.'
    """
    y, v, _ = rows_of(the_fit(fit, "radial", plain=True))
    show = scaled(fit.data)
    s = np.sqrt(v + fit.tau2)
    x, z, slope = 1 / s, y / s, float(fit.beta[0])
    outside = np.abs(z - slope * x) > REACH
    width, _, _, _, bottom = area(narrow)
    frame, arc = _layout(x, z, slope, narrow)
    spoke = [frame.at(0, 0), arc.end(slope)]
    items: list[Item] = [
        Polygon(tuple(frame.at(*p) for p in _strip(frame.x.hi, slope)), "band2"),
        Line(*spoke[0], *spoke[1], "accent", 1.6),
        *arc.items(show, y, (float(fit.ci_lb[0]), float(fit.ci_ub[0]))),
        *axes(frame, "1 / √(v + τ²)" if fit.tau2 > 0 else "1 / standard error", _UP),
    ]
    at = frame.points(x, z)
    for place, out in zip(at, outside):
        items.append(Circle(*place, 4.5, "paper", "ink") if out else Circle(*place, 4.5))
    names = slab_of(fit)
    order = np.argsort(-np.abs(z - slope * x), kind="stable")
    marks = [Mark(at[i][0], at[i][1], 4.5, names[i] if outside[i] else "") for i in order]
    left, _, right, _ = frame.box
    items += named(marks, (left + 2, 0, right + 8, bottom - 2), along(spoke))
    pooled = number(show.value(slope))
    signs: list[tuple[Sign, str]] = [
        ("strong", f"pooled {show.name.lower()} {pooled}, its interval on the arc"),
        ("band2", "where 95% of studies lie if they all estimate it"),
        ("disc", "study"),
    ]
    signs += [("ring", "study outside it")] if outside.any() else []
    below, used = legend(signs, bottom + 66, width)
    desc = (
        f"{show.name} of {len(y)} studies by their precision; {int((~outside).sum())} of them "
        f"agree with the pooled {pooled}."
    )
    return Figure(Scene(width, bottom + 52 + used, (*items, *below), title, desc))


def _strip(far: float, slope: float) -> list[tuple[float, float]]:
    return [(0, -REACH), (0, REACH), (far, slope * far + REACH), (far, slope * far - REACH)]


def _layout(x: Floats, z: Floats, slope: float, narrow: bool) -> tuple[Frame, Arc]:
    """The frame, made narrow enough for the arc to stand outside all that is drawn."""
    width, left, right, top, bottom = area(narrow)
    while True:
        across = from_zero(x, left, right)
        corners = _strip(across.hi, slope)
        up = around([*z, *(b for _, b in corners)], bottom, top)
        frame = Frame(across, up)
        origin = frame.at(0, 0)
        drawn = [*frame.points(x, z), *(frame.at(*c) for c in corners)]
        radius = max([right - left, *(math.dist(origin, p) for p in drawn)]) + _GAP
        beyond = left + radius + _LABELS - width
        if beyond < 1 or right - left < 80:
            return frame, Arc(frame, *origin, radius)
        right -= beyond


@dataclass(frozen=True, slots=True)
class Arc:
    """Estimates on a circle around the origin (x0, y0) of the frame."""

    frame: Frame
    x0: float
    y0: float
    radius: float

    def end(self, slope: float, more: float = 0.0) -> tuple[float, float]:
        """Where the line of an estimate meets the arc, or a few pixels beyond."""
        dx = self.frame.x.place(1) - self.frame.x.place(0)
        dy = self.frame.y.place(slope) - self.frame.y.place(0)
        share = (self.radius + more) / math.hypot(dx, dy)
        return self.x0 + dx * share, self.y0 + dy * share

    def items(self, show: Display, y: Floats, ci: tuple[float, float]) -> list[Item]:
        """The arc with ticks on the display scale, and the pooled interval on it."""
        _, top, _, bottom = self.frame.box
        pad = 0.1 * float(np.ptp(y)) or 0.1
        lo, hi = float(y.min()) - pad, float(y.max()) + pad
        seen = [s for s in np.linspace(lo, hi, 400) if top <= self.end(float(s))[1] <= bottom]
        if len(seen) < 2:
            return []
        lo, hi = float(seen[0]), float(seen[-1])
        low, high = max(lo, ci[0]), min(hi, ci[1])
        items: list[Item] = [self._piece(lo, hi, "ink", 1)]
        items += [self._piece(low, high, "accent", 5)] if low < high else []
        top = self.end(hi)[1]
        for slope, label in self._ticks(show, lo, hi):
            x, y_ = self.end(slope, 9)
            items.append(Line(*self.end(slope), *self.end(slope, 5)))
            items.append(Text(x, y_ + 4, label, role="muted", size=TICK, mark="axis"))
            top = min(top, y_ - TICK / 2)
        return [*items, *self._name(show, self.end(hi)[0], top)]

    def _piece(self, lo: float, hi: float, role: Role, width: float) -> Curve:
        at = np.linspace(lo, hi, _STEPS)
        return Curve(tuple(self.end(float(slope)) for slope in at), role, width)

    def _ticks(self, show: Display, lo: float, hi: float) -> list[tuple[float, str]]:
        """As many as stand clear of each other, as slopes."""
        back = math.log if show.scale == "log" else float
        axis = Axis(show.value(lo), show.value(hi), 0, 1, show.scale)
        for most in range(9, 1, -1):
            ticks = [(back(value), label) for value, label in axis.ticks(most)]
            ends = [self.end(slope) for slope, _ in ticks]
            if all(math.dist(a, b) >= TICK + 4 for a, b in pairwise(ends)):
                return ticks
        return []

    def _name(self, show: Display, x: float, y: float) -> Iterator[Text]:
        """What the arc shows, over its upper end, where there is room; the legend says it too."""
        wide = text_width(show.name, NAME)
        right = self.x0 + self.radius + _LABELS
        at = min(right, x + wide / 2)
        if at - wide > text_width(_UP, NAME) + 10:
            yield Text(at, y - 10, show.name, "end", "muted", NAME, mark="axis")
