"""The drawn column of a forest plot: squares, diamonds, bars, the null line and the axis."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from .axis import Axis, fit_axis
from .measuring import shorten, text_width, wrap
from .scene import LEADING, Anchor, Circle, Item, Line, Polygon, Role, Scene, Text
from .table import Bar, Diamond, ForestTable, Row, StudyRow

TICK = 12.0
SOURCE = 11.0
_STUMP = 9.0  # where a thick mark that the axis cuts ends, so that its arrowhead is seen


def axis_of(table: ForestTable, left: float, right: float) -> Axis:
    """The axis that suits all rows of the table."""
    points: list[float] = []
    ends: list[float] = []
    for row in table.rows:
        match row:
            case StudyRow() | Diamond():
                points.append(row.estimate)
                ends += [row.ci_lb, row.ci_ub]
                if isinstance(row, StudyRow) and row.model:
                    points.append(row.model[0])
                    ends += row.model[1:]
            case Bar():
                ends += [row.lb, row.ub]
    return fit_axis(points, ends, scale=table.scale, null=table.null, left=left, right=right)


def heaviest(table: ForestTable) -> float:
    """The largest weight, which gets the largest square."""
    weights = (r.weight or 0.0 for r in table.rows if isinstance(r, StudyRow))
    return max((w for w in weights if math.isfinite(w)), default=0.0)


def drawn(axis: Axis, row: Row, y: float, most: float) -> Iterator[Item]:
    """Whatever `row` draws, centred on `y`."""
    match row:
        case StudyRow():
            yield from _square(axis, row, y - (4.0 if row.model else 0.0), most)
            if row.model:
                yield from _open(axis, *row.model, y + 5.0)
        case Diamond():
            yield from _diamond(axis, row, y)
        case Bar():
            yield from _bar(axis, row, y)


def _interval(axis: Axis, lb: float, ub: float, y: float, role: Role = "ink") -> Iterator[Item]:
    """A hairline, with an arrowhead at each end that the axis cuts."""
    if math.isnan(lb) or math.isnan(ub):
        return
    x1, x2 = axis.x(lb), axis.x(ub)
    yield Line(x1, y, x2, y, role, 1.2)
    yield from _arrows(axis, lb, ub, y, role)


def _arrows(axis: Axis, lb: float, ub: float, y: float, role: Role = "ink") -> Iterator[Item]:
    left, right = axis.left, axis.right
    if lb < axis.lo:
        yield Polygon(((left - 1, y), (left + 6, y - 4), (left + 6, y + 4)), role)
    if ub > axis.hi:
        yield Polygon(((right + 1, y), (right - 6, y - 4), (right - 6, y + 4)), role)


def _square(axis: Axis, row: StudyRow, y: float, most: float) -> Iterator[Item]:
    if not math.isfinite(row.estimate):
        return
    yield from _interval(axis, row.ci_lb, row.ci_ub, y)
    if not axis.lo <= row.estimate <= axis.hi:
        return
    weight = row.weight if row.weight is not None and math.isfinite(row.weight) else None
    share = 0.3 if weight is None or most <= 0 else max(0.0, weight) / most
    half = max(2.0, (5.0 if row.model else 7.0) * math.sqrt(share))  # clear of what is beneath
    x = axis.x(row.estimate)
    x1, x2, y1, y2 = x - half, x + half, y - half, y + half
    yield Polygon(((x1, y1), (x2, y1), (x2, y2), (x1, y2)), "accent")


def _open(axis: Axis, estimate: float, lb: float, ub: float, y: float) -> Iterator[Item]:
    """What a model says of a study."""
    if math.isnan(estimate):
        return
    yield from _interval(axis, lb, ub, y, "muted")
    if axis.lo <= estimate <= axis.hi:
        yield Circle(axis.x(estimate), y, 3.2, "paper", "accent")


def _diamond(axis: Axis, row: Diamond, y: float) -> Iterator[Item]:
    """A diamond over the interval, at least 5 px wide; an end that the axis cuts gets an arrow."""
    lb, mid, ub = row.ci_lb, row.estimate, row.ci_ub
    if math.isnan(lb) or math.isnan(ub) or not math.isfinite(mid):
        return
    tall, centre = 7.0, axis.x(mid)
    above: list[tuple[float, float]] = []
    for limit, at in ((lb, axis.left + _STUMP), (ub, axis.right - _STUMP)):
        if axis.lo <= limit <= axis.hi:
            above.append((axis.x(limit), 0.0))
        else:
            whole = abs(axis.place(limit) - centre)
            share = 1.0 if math.isinf(whole) else 1 - abs(at - centre) / whole if whole else 0.0
            above.append((at, tall * max(0.0, share)))
    (x1, h1), (x2, h2) = above
    x1, x2 = min(x1, centre - 2.5), max(x2, centre + 2.5)
    top = ((x1, y - h1), (centre, y - tall), (x2, y - h2))
    yield Polygon((*top, (x2, y + h2), (centre, y + tall), (x1, y + h1)), "ink")
    yield from _arrows(axis, lb, ub, y)


def _bar(axis: Axis, row: Bar, y: float) -> Iterator[Item]:
    if math.isnan(row.lb) or math.isnan(row.ub):
        return
    x1 = axis.x(row.lb) if row.lb >= axis.lo else axis.left + _STUMP
    x2 = axis.x(row.ub) if row.ub <= axis.hi else axis.right - _STUMP
    if row.look == "band":
        x1, x2 = min(x1, (x1 + x2) / 2 - 1.5), max(x2, (x1 + x2) / 2 + 1.5)  # no interval vanishes
        yield Polygon(((x1, y - 2.5), (x2, y - 2.5), (x2, y + 2.5), (x1, y + 2.5)), "muted")
    else:
        role: Role = "ink" if row.look == "solid" else "accent"
        yield Line(x1, y, x2, y, role, 2, "" if row.look == "solid" else "6 3")
        for limit, x in ((row.lb, x1), (row.ub, x2)):
            if axis.lo <= limit <= axis.hi:
                yield Line(x, y - 4, x, y + 4, role, 2)
    yield from _arrows(axis, row.lb, row.ub, y)


def empty_space(words: str, left: float, right: float, top: float, bottom: float) -> Iterator[Item]:
    """A labelled space where a result would stand."""
    corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    for (x1, y1), (x2, y2) in pairwise(corners):
        yield Line(x1, y1, x2, y2, "muted", 1, "3 3")
    middle = (left + right) / 2
    said = shorten(words, right - left - 12)
    yield Text(middle, (top + bottom) / 2 + 4.5, said, "middle", "muted", mark="axis")


def lines(table: ForestTable, axis: Axis, top: float, bottom: float) -> Iterator[Item]:
    """What stands behind the rows: the null line, solid, and the pooled line, dotted."""
    if table.null is not None and axis.lo <= table.null <= axis.hi:
        x = axis.x(table.null)
        yield Line(x, top, x, bottom, "muted", 1)
    if table.pooled is not None and axis.lo <= table.pooled <= axis.hi:
        x = axis.x(table.pooled)
        yield Line(x, top, x, bottom, "accent", 1, "2 3")


def ruler(axis: Axis, y: float) -> Iterator[Item]:
    """The axis with as many labelled ticks as stand clear of each other."""
    yield Line(axis.left, y, axis.right, y, "ink", 1)
    for value, label in clear_ticks(axis):
        x = axis.x(value)
        yield Line(x, y, x, y + 5, "ink", 1)
        yield Text(x, y + 19, label, "middle", "muted", TICK, mark="axis")


def clear_ticks(axis: Axis, most: int = 12) -> list[tuple[float, str]]:
    """The densest ticks, up to `most`, whose labels keep 4 px between them."""
    for count in range(most, 1, -1):
        ticks = axis.ticks(count)
        spans = [(axis.x(v), text_width(label, TICK) / 2) for v, label in ticks]
        if all(b - a >= wide + wide2 + 4 for (a, wide), (b, wide2) in pairwise(spans)):
            return ticks
    return axis.ticks(2)[:1]


def favours(table: ForestTable, axis: Axis, y: float, width: float) -> tuple[list[Item], float]:
    """What each side of the null line means, and how much height it took.

    Side by side where both fit beside the line; one under the other where they don't.
    """
    left, right = (t.strip() for t in table.favours)
    left, right = f"← {left}" if left else "", f"{right} →" if right else ""
    if not (left or right) or table.null is None:
        return [], 0.0
    x = axis.x(table.null)
    if text_width(left, TICK) <= x - 8 and text_width(right, TICK) <= width - x - 8:
        pair = (
            Text(x - 8, y, left, "end", "muted", TICK, mark="axis"),
            Text(x + 8, y, right, "start", "muted", TICK, mark="axis"),
        )
        return [t for t in pair if t.text], 20.0
    items: list[Item] = []
    height = 0.0
    sides: tuple[tuple[str, Anchor, float], ...] = ((left, "start", 0.0), (right, "end", width))
    for side, anchor, at in sides:
        for line in wrap(side, width, TICK, most=2) if side else []:
            items.append(Text(at, y + height, line, anchor, "muted", TICK, mark="axis"))
            height += 16.0
    return items, height + 4.0


def notes(table: ForestTable, y: float, width: float, size: float) -> tuple[list[Item], float]:
    """The notes beneath the figure, wrapped, and how much height they took."""
    items: list[Item] = []
    start = y
    for note in table.notes:
        pieces = wrap(note.text, width, size)
        items.append(Text(0, y, "\n".join(pieces), role="muted", size=size, key=note.key))
        y += len(pieces) * size * LEADING + 3
    return items, y - start


def source_line(scene: Scene, words: str) -> Scene:
    """`scene` with a last line that says where it is from."""
    pieces = wrap(words, scene.width, SOURCE)
    y = scene.height + 10 + SOURCE
    line = Text(0, y, "\n".join(pieces), role="muted", size=SOURCE, mark="axis")
    height = y + SOURCE * LEADING * (len(pieces) - 1) + 4
    return replace(scene, height=height, items=(*scene.items, line))
