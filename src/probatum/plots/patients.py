"""People one by one, before and after: a small panel for each measure and its unit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from .axis import Axis, fit_axis
from .forest import SIZE
from .marks import TICK, empty_space, ruler
from .measuring import wrap
from .scene import LEADING, Circle, Item, Line, Polygon, Scene, Text

PANEL, GAP = 340.0, 40.0
_BEFORE = PANEL - 76  # where the column of values before ends


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A person; NaN values stay an empty, labelled space.

    Text keys are ``"<key>/label"``, ``"<key>/before"`` and ``"<key>/after"``.
    """

    key: str
    label: str
    before: float = math.nan
    after: float = math.nan
    before_text: str = ""
    after_text: str = ""


@dataclass(frozen=True, slots=True)
class PatientPanel:
    """All people whose values are of one measure and unit."""

    title: str
    rows: tuple[PatientRow, ...]


def patients_scene(
    panels: tuple[PatientPanel, ...], *, title: str, desc: str, narrow: bool = False
) -> Scene:
    """Draw the panels in two columns, or in one on a phone.

    Examples
    --------
    >>> row = PatientRow("p", "Person 1", 40, 0, "40", "0")
    >>> scene = patients_scene((PatientPanel("Episodes per day", (row,)),), title="t", desc="d")
    >>> scene.width
    340.0
    """
    columns = 1 if narrow or len(panels) < 2 else 2
    items: list[Item] = []
    top = foot = 0.0
    for i, panel in enumerate(panels):
        if i % columns == 0:
            top, foot = foot + (24 if i else 0), 0.0
        drawn, end = _panel(panel, (i % columns) * (PANEL + GAP), top)
        items += drawn
        foot = max(foot, end)
    width = PANEL * columns + GAP * (columns - 1)
    return Scene(width, foot, tuple(items), title, desc)


def _panel(panel: PatientPanel, x: float, y: float) -> tuple[list[Item], float]:
    """A title, a header, and for each person a line of text over a line of the drawing."""
    items: list[Item] = []
    name = wrap(panel.title, PANEL, SIZE, bold=True, most=3)
    items.append(Text(x, y + SIZE, "\n".join(name), bold=True, mark="id"))
    y += 8 + SIZE * LEADING * len(name)
    values = [v for row in panel.rows for v in (row.before, row.after) if math.isfinite(v)]
    if values:
        y += TICK
        items.append(Text(x + _BEFORE, y, "before", "end", "muted", TICK))
        items.append(Text(x + PANEL, y, "after", "end", "muted", TICK))
    items.append(Line(x, y + 6, x + PANEL, y + 6, "rule", 1))
    y += 8
    axis = _axis(values, x)
    for row in panel.rows:
        drawn, y = _person(row, axis, x, y)
        items += drawn
    if values:
        y += 6
        items += ruler(axis, y)
        y += 24
    return items, y


def _axis(values: list[float], x: float) -> Axis:
    """From zero, where nothing is below it: a change looks as large as it is."""
    null = 0.0 if all(v >= 0 for v in values) else None
    return fit_axis(values, values, scale="linear", null=null, left=x + 12, right=x + PANEL - 12)


def _person(row: PatientRow, axis: Axis, x: float, y: float) -> tuple[list[Item], float]:
    known = [math.isfinite(v) for v in (row.before, row.after)]
    name = wrap(row.label, _BEFORE - 50 if any(known) else PANEL, SIZE, most=2)
    y += 18
    items: list[Item] = [Text(x, y, "\n".join(name), key=f"{row.key}/label", mark="id")]
    y_end = y + SIZE * LEADING * (len(name) - 1)
    if not any(known):
        items += empty_space("no values reported", x, x + PANEL, y_end + 8, y_end + 30)
        return items, y_end + 34
    for end, text, which in (
        (x + _BEFORE, row.before_text, "before"),
        (x + PANEL, row.after_text, "after"),
    ):
        items.append(Text(end, y, text or "–", "end", key=f"{row.key}/{which}"))
    if all(known):
        items += _change(axis, row, y_end + 16)
        return items, y_end + 28
    items += _lonely(axis, row, x, y_end + 16)
    return items, y_end + 30


def _change(axis: Axis, row: PatientRow, y: float) -> Iterator[Item]:
    """A ring before, an arrow, and a disc after."""
    left, right = axis.x(row.before), axis.x(row.after)
    if abs(right - left) > 14:
        way = 1 if right > left else -1
        tip = right - 6 * way
        yield Line(left, y, tip, y, "ink", 1.4)
        yield Polygon(((tip, y), (tip - 7 * way, y - 4), (tip - 7 * way, y + 4)), "ink")
    yield from _ring(left, y)
    yield Circle(right, y, 4.5, "accent")


def _ring(x: float, y: float) -> Iterator[Item]:
    yield Circle(x, y, 5.0, "ink")
    yield Circle(x, y, 3.4, "paper")


def _lonely(axis: Axis, row: PatientRow, x: float, y: float) -> Iterator[Item]:
    """The one value that is known, and an empty space for the other."""
    only_after = math.isnan(row.before)
    at = axis.x(row.after if only_after else row.before)
    left, right = (at + 14, x + PANEL) if at < x + PANEL / 2 else (x, at - 14)
    words = "before: not reported" if only_after else "after: not reported"
    yield from empty_space(words, left, right, y - 10, y + 10)
    if only_after:
        yield Circle(at, y, 4.5, "accent")
    else:
        yield from _ring(at, y)
