"""The icon array: how many of a hundred (or a thousand) people, one mark a person.

Natural frequencies in the same order and of the same denominator (Garcia-Retamero & Cokely 2017,
Hum Factors 59:582). Shape carries the meaning, colour only repeats it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .forest import SIZE
from .measuring import text_width, wrap
from .scene import LEADING, Dots, Item, Scene, Text

GAP = 36.0
NARROW = 340.0
# marks in a row, and pixels from one to the next
_GRIDS = {100: (10, 15.0), 1000: (40, 8.0)}


@dataclass(frozen=True, slots=True)
class IconPanel:
    """A group of people: how many of them had it, and from how many to how many it could be."""

    label: str
    count: int
    lower: int | None = None
    upper: int | None = None


def icon_array(
    panels: tuple[IconPanel, ...],
    *,
    per: int = 100,
    had: str = "had it",
    title: str,
    desc: str,
    narrow: bool = False,
) -> Scene:
    """Draw one group of `per` people, or two of them with their difference outlined.

    Parameters
    ----------
    panels : tuple of IconPanel
        One, or two whose people are counted off in the same order.
    per : {100, 1000}
        People in each panel.
    had : str
        What the squares stand for.
    title, desc : str
        The figure's name and its words for who can't see it.
    narrow : bool
        One panel under the other, where two do not fit beside each other on a phone.

    Examples
    --------
    >>> pair = (IconPanel("A", 11), IconPanel("B", 33, 14, 79))
    >>> scene = icon_array(pair, title="t", desc="d")
    >>> scene.width
    336.0
    """
    columns, pitch = _GRIDS[per]
    side = columns * pitch
    stacked = narrow and side * len(panels) + GAP > NARROW
    beside = len(panels) > 1 and not stacked
    names = [wrap(panel.label, side if beside else 236, SIZE, bold=True) for panel in panels]
    room = 8 + SIZE * LEADING * max(map(len, names))
    items: list[Item] = []
    x = y = bottom = 0.0
    for panel, name in zip(panels, names):
        items.append(Text(x, y + SIZE, "\n".join(name), bold=True, mark="axis"))
        drawn, bottom = _panel(panel, panels[0].count, per, x, y + room)
        items += drawn
        x, y = (0.0, bottom + 16) if stacked else (x + side + GAP, 0.0)
    width = max(side * len(panels) + GAP if beside else side, 240.0)
    limits = any(panel.lower is not None for panel in panels)
    legend, foot = _legend(panels, had, limits, bottom + 18, width)
    return Scene(width, foot, (*items, *legend), title, desc)


def _panel(panel: IconPanel, first: int, per: int, x: float, y: float) -> tuple[list[Item], float]:
    """The people of a group from `y` downwards, and where they end."""
    columns, pitch = _GRIDS[per]
    places = [
        (x + (i % columns + 0.5) * pitch, y + (i // columns + 0.5) * pitch) for i in range(per)
    ]
    items: list[Item] = []
    if panel.lower is not None and panel.upper is not None:
        items.append(Dots(tuple(places[panel.lower : panel.upper]), pitch, "band1", True))
    low, high = sorted((first, panel.count))
    items += _people(places, panel.count, range(low, high), pitch)
    return items, y + per / columns * pitch


def _people(
    places: list[tuple[float, float]], count: int, differ: range, pitch: float
) -> Iterator[Dots]:
    """Squares for those who had it, small discs for the others, an outline for the difference."""
    outlined = tuple(places[differ.start : differ.stop])
    square = differ.start < count  # those who differ are more than in the first group, not fewer
    if outlined:
        yield Dots(outlined, pitch * 0.94, "ink", square)
        yield Dots(outlined, pitch * 0.78, "paper", square)
    if count < len(places):
        yield Dots(tuple(places[count:]), pitch * 0.34, "muted")
    if count:
        yield Dots(tuple(places[:count]), pitch * 0.6, "accent", True)


def _legend(
    panels: tuple[IconPanel, ...], had: str, limits: bool, y: float, width: float
) -> tuple[list[Item], float]:
    """What each mark means, one after the other, on as many lines as it takes."""
    entries: list[tuple[str, str]] = [("had", had), ("not", "did not")]
    if len({panel.count for panel in panels}) > 1:
        more = panels[-1].count > panels[0].count
        entries.append(("more" if more else "fewer", "the difference"))
    if limits:
        entries.append(("limits", "where the number could end"))
    items: list[Item] = []
    x = 0.0
    for kind, words in entries:
        wide = 20 + text_width(words, 12)
        if x and x + wide > width:
            x, y = 0.0, y + 18
        items += _key(kind, x + 7, y - 4)
        items.append(Text(x + 20, y, words, role="muted", size=12))
        x += wide + 14
    return items, y + 6


def _key(kind: str, x: float, y: float) -> list[Item]:
    if kind == "limits":
        return [Dots(((x, y),), 14.0, "band1", True)]
    had = kind in ("had", "more")
    differ = range(1) if kind in ("more", "fewer") else range(0)
    return list(_people([(x, y)], int(had), differ, 14.0))
