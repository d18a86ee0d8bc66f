"""A figure as plain data: what is drawn where, before any file format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["ink", "muted", "rule", "accent", "band1", "band2", "band3", "paper"]
Anchor = Literal["start", "middle", "end"]
Theme = Literal["auto", "light", "dark"]

LEADING = 1.3  # from one line of a text to the next, in its size

# Blue and ochre stay apart for every common kind of colour blindness, and in print.
LIGHT: dict[str, str] = {
    "ink": "#22242a",
    "muted": "#5c6068",
    "rule": "#b9b4a8",
    "accent": "#1f5673",
    "band1": "#dfdccf",
    "band2": "#ebe8de",
    "band3": "#f4f2ea",
    "paper": "#fdfcf8",
}
DARK: dict[str, str] = {
    "ink": "#e9e6dd",
    "muted": "#a9a59a",
    "rule": "#56544d",
    "accent": "#8cc4e2",
    "band1": "#45443f",
    "band2": "#373632",
    "band3": "#2b2a27",
    "paper": "#1b1b1a",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line; `dash` is an SVG dash pattern, "" for solid."""

    x1: float
    y1: float
    x2: float
    y2: float
    role: Role = "ink"
    width: float = 1.0
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """Straight pieces from point to point, as one line."""

    points: tuple[tuple[float, float], ...]
    role: Role = "ink"
    width: float = 1.0
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed, filled shape; `opacity` lets what lies beneath shine through."""

    points: tuple[tuple[float, float], ...]
    fill: Role = "ink"
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Circle:
    """A filled circle; with `stroke` it has an outline, which its opacity leaves alone."""

    x: float
    y: float
    r: float
    fill: Role = "ink"
    stroke: Role | None = None
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Dots:
    """Many marks of one size and colour, as one item: discs, or squares."""

    points: tuple[tuple[float, float], ...]
    size: float
    role: Role = "ink"
    square: bool = False


@dataclass(frozen=True, slots=True)
class Tiles:
    """Hexagons of one size and colour, as one item; `r` is from the centre to a corner."""

    points: tuple[tuple[float, float], ...]
    r: float
    fill: Role = "ink"
    opacity: float = 1.0

    def corners(self) -> tuple[tuple[float, float], ...]:
        """Corners of the hexagon around (0, 0), from the topmost on."""
        wide = self.r * 0.75**0.5
        half = self.r / 2
        return (0, -self.r), (wide, -half), (wide, half), (0, self.r), (-wide, half), (-wide, -half)


@dataclass(frozen=True, slots=True)
class Text:
    """Real text; a line break in it starts a new line.

    `key` names the number it shows, or the row it leads to; `mark` says what its digits are
    otherwise: of the axis and the headers, or part of a study's name.
    """

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    role: Role = "ink"
    size: float = 13.0
    bold: bool = False
    key: str = ""
    mark: Literal["", "axis", "id"] = ""


Item = Line | Curve | Polygon | Circle | Dots | Tiles | Text


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawing of `width` by `height` CSS pixels, with its text alternative."""

    width: float
    height: float
    items: tuple[Item, ...]
    title: str
    desc: str
