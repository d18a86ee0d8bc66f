"""The plot area of a figure with two axes, and what its marks mean."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from .axis import Axis
from .marks import TICK, clear_ticks
from .measuring import text_width, wrap
from .scene import Circle, Item, Line, Polygon, Role, Text

WIDE, NARROW = 640.0, 340.0
NAME = 12.5  # size of an axis' name
_SIDE = 52.0  # room for the labels of the upright axis
_HEAD = 26.0  # room for its name, which lies above it to be read without turning the head
_FOOT = 46.0
_PANEL, _GAP = 300.0, 24.0  # height of one of several plot areas; between two in a row

Sign = Literal[
    "disc", "accent", "ring", "bubble", "diamond", "paper", "band1", "band2", "band3", "ticks",
    "thin", "strong", "ink", "dash", "cone", "dots", "inkdots",
]  # fmt: skip
_LINES: dict[str, tuple[Role, float, str]] = {
    "thin": ("muted", 1.2, ""),
    "strong": ("accent", 2.0, ""),
    "ink": ("ink", 1.6, ""),
    "dash": ("ink", 1.2, "5 3"),
    "cone": ("accent", 1.2, "5 3"),
    "dots": ("muted", 1.2, "2 3"),
    "inkdots": ("ink", 1.6, "2 3"),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """Values across (`x`) and up (`y`, whose `left` is its start) to pixels."""

    x: Axis
    y: Axis

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        top, bottom = sorted((self.y.left, self.y.right))
        return self.x.left, top, self.x.right, bottom

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The point of two values, held inside the frame."""
        left, top, right, bottom = self.box
        across, up = self.x.place(x), self.y.place(y)
        return min(right, max(left, across)), min(bottom, max(top, up))

    def points(self, xs: Iterable[float], ys: Iterable[float]) -> tuple[tuple[float, float], ...]:
        """The points of many values."""
        return tuple(self.at(float(x), float(y)) for x, y in zip(xs, ys))


def area(narrow: bool, height: float = 440.0) -> tuple[float, float, float, float, float]:
    """Width of the figure; left, right, top and bottom of its plot area."""
    width = NARROW if narrow else WIDE
    return width, _SIDE, width - 14, _HEAD, (height if not narrow else min(height, 340.0)) - _FOOT


Area = tuple[float, float, float, float]


def panels(count: int, narrow: bool) -> tuple[float, list[Area]]:
    """Width of a figure of several plot areas, two in a row, and left, right, top, bottom of each.

    On a phone they stand one under the other.
    """
    width, *whole = area(narrow)
    if count == 1:
        return width, [(whole[0], whole[1], whole[2], whole[3])]
    wide = width if narrow else (width - _GAP) / 2
    rooms = []
    for i in range(count):
        row, column = (i, 0) if narrow else divmod(i, 2)
        x, y = column * (wide + _GAP), row * _PANEL
        rooms.append((x + _SIDE, x + wide - 14, y + _HEAD, y + _PANEL - _FOOT - 20))
    return width, rooms


def from_zero(values: Iterable[float], left: float, right: float, least: float = 0.0) -> Axis:
    """An axis from 0 to a little beyond the largest value."""
    most = max((float(v) for v in values if math.isfinite(v)), default=0.0)
    return Axis(0.0, max(most * 1.06, least) or 1.0, left, right, "linear")


def around(values: Iterable[float], left: float, right: float, pad: float = 0.06) -> Axis:
    """An axis a little wider than the values."""
    known = [float(v) for v in values if math.isfinite(v)] or [0.0, 1.0]
    lo, hi = min(known), max(known)
    if hi - lo < 1e-12 * max(1.0, abs(lo)):
        lo, hi = lo - 0.5, hi + 0.5
    edge = (hi - lo) * pad
    return Axis(lo - edge, hi + edge, left, right, "linear")


def axes(frame: Frame, across: str, up: str) -> Iterator[Item]:
    """Both axes with their ticks and names."""
    left, top, right, bottom = frame.box
    yield Line(left, bottom, right, bottom)
    yield Line(left, top, left, bottom)
    for value, label in clear_ticks(frame.x, 9):
        x = frame.x.x(value)
        yield Line(x, bottom, x, bottom + 5)
        yield Text(x, bottom + 19, label, "middle", "muted", TICK, mark="axis")
    yield from upright(frame.y, left, up)
    yield Text((left + right) / 2, bottom + 39, across, "middle", "muted", NAME, mark="axis")


def upright(axis: Axis, x: float, name: str) -> Iterator[Item]:
    """The ticks of an axis that goes up at `x`, and its name above."""
    for value, label in _up_ticks(axis):
        y = axis.place(value)
        yield Line(x - 5, y, x, y)
        yield Text(x - 8, y + 4, label, "end", "muted", TICK, mark="axis")
    above = min(axis.left, axis.right) - 14  # an axis may also run downwards
    yield Text(x - _SIDE, above, name, "start", "muted", NAME, mark="axis")


def _up_ticks(axis: Axis) -> list[tuple[float, str]]:
    """The densest ticks whose labels keep a line between them."""
    for most in range(9, 1, -1):
        ticks = axis.ticks(most)
        heights = sorted(axis.place(value) for value, _ in ticks)
        if all(b - a >= 1.5 * TICK for a, b in pairwise(heights)):
            return ticks
    return axis.ticks(2)[:1]


def legend(entries: Sequence[tuple[Sign, str]], y: float, width: float) -> tuple[list[Item], float]:
    """What the marks mean, in as many lines as it takes, and the height of these."""
    items: list[Item] = []
    x, line, tall = 0.0, 0, 1
    for sign, words in entries:
        pieces = wrap(words, width - 26, TICK)
        wide = 26 + max(text_width(piece, TICK) for piece in pieces)
        if x and x + wide > width:
            x, line, tall = 0.0, line + tall, 1
        foot = y + 18 * line
        items += _sign(sign, x, foot - 4)
        told = "\n".join(pieces)
        items.append(Text(x + 24, foot, told, "start", "muted", TICK, mark="axis"))
        x, tall = x + wide + 14, max(tall, len(pieces))
    return items, 18.0 * (line + tall) if entries else 0.0


def _sign(sign: Sign, x: float, y: float) -> list[Item]:
    match sign:
        case "disc" | "accent":
            return [Circle(x + 9, y, 4, "ink" if sign == "disc" else "accent")]
        case "ring":
            return [Circle(x + 9, y, 4, "paper", "ink")]
        case "bubble":
            return [Circle(x + 9, y, 5, "accent", "accent", 0.35)]
        case "diamond":
            return [Polygon(((x + 9, y - 6), (x + 15, y), (x + 9, y + 6), (x + 3, y)), "accent")]
        case "paper" | "band1" | "band2" | "band3":
            return [box(x, y - 6, x + 18, y + 6, "rule"), box(x + 1, y - 5, x + 17, y + 5, sign)]
        case "ticks":
            return [Line(x + step, y - 5, x + step, y + 4, "ink", 1) for step in (4, 7, 13)]
        case _:
            role, width, dash = _LINES[sign]
            return [Line(x, y, x + 18, y, role, width, dash)]


def box(left: float, top: float, right: float, bottom: float, fill: Role) -> Polygon:
    """A filled rectangle."""
    return Polygon(((left, top), (right, top), (right, bottom), (left, bottom)), fill)
