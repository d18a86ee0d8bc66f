"""The forest plot: a table with one drawn column.

The layout follows Lewis & Clarke (2001), BMJ 322:1479: squares whose area shows the
weight, a diamond for the pooled effect; the bar beneath it is the prediction interval
(IntHout et al. 2016, BMJ Open 6:e010247).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .axis import Axis, Scale, fit_axis
from .scene import Item, Line, Polygon, Role, Scene, Text, shorten, text_width

ROW, SIZE = 24.0, 13.0


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A study. `cells` stand under the table's columns; NaN estimates draw nothing.

    Text keys are ``"<key>/cell/<i>"``, ``"<key>/text"`` and ``"<key>/weight"``.
    """

    key: str
    label: str
    cells: tuple[str, ...] = ()
    estimate: float = math.nan
    ci_lb: float = math.nan
    ci_ub: float = math.nan
    text: str = ""
    weight: float | None = None  # percent
    weight_text: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of bold text over the rows of a subgroup."""

    label: str


@dataclass(frozen=True, slots=True)
class Diamond:
    """A pooled effect."""

    key: str
    label: str
    estimate: float
    ci_lb: float
    ci_ub: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval without a point: prediction intervals, or two intervals side by side."""

    key: str
    label: str
    lb: float
    ub: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Words beneath the rows, such as heterogeneity. `keys`: the numbers in it, if any."""

    text: str
    key: str = ""


Row = StudyRow | Heading | Diamond | Bar | Note


@dataclass(frozen=True, slots=True)
class ForestTable:
    """All that a forest plot shows, as text and display-scale numbers."""

    rows: tuple[Row, ...]
    title: str
    desc: str
    scale: Scale = "linear"
    null: float | None = 0.0
    columns: tuple[str, ...] = ()  # headers of the studies' cells
    effect: str = "Estimate"  # header of the interval column
    favours: tuple[str, str] = ("", "")
    pooled: float | None = None  # dotted line
    label: str = "Study"
    weights: bool = field(default=True)


def _axis(table: ForestTable, left: float, right: float) -> Axis:
    points: list[float] = []
    ends: list[float] = []
    for row in table.rows:
        match row:
            case StudyRow() | Diamond():
                points.append(row.estimate)
                ends += [row.ci_lb, row.ci_ub]
            case Bar():
                ends += [row.lb, row.ub]
    return fit_axis(points, ends, scale=table.scale, null=table.null, left=left, right=right)


def _interval(axis: Axis, lb: float, ub: float, y: float, *, width: float = 1.2) -> Iterator[Item]:
    """A hairline with an arrowhead at each end that the axis cuts."""
    if not (math.isfinite(lb) or math.isfinite(ub)):
        return
    lb, ub = (axis.lo if math.isnan(lb) else lb), (axis.hi if math.isnan(ub) else ub)
    x1, x2 = axis.x(lb), axis.x(ub)
    yield Line(x1, y, x2, y, "ink", width)
    if lb < axis.lo:
        yield Polygon(((x1, y), (x1 + 6, y - 4), (x1 + 6, y + 4)))
    if ub > axis.hi:
        yield Polygon(((x2, y), (x2 - 6, y - 4), (x2 - 6, y + 4)))


def _square(axis: Axis, row: StudyRow, y: float, heaviest: float) -> Iterator[Item]:
    if not math.isfinite(row.estimate):
        return
    yield from _interval(axis, row.ci_lb, row.ci_ub, y)
    share = 0.4 if row.weight is None or heaviest <= 0 else row.weight / heaviest
    half = max(2.0, 7.0 * math.sqrt(share))
    x = axis.x(row.estimate)
    yield Polygon(
        ((x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)),
        "accent",
    )


def _diamond(axis: Axis, row: Diamond, y: float) -> Iterator[Item]:
    left, mid, right = axis.x(row.ci_lb), axis.x(row.estimate), axis.x(row.ci_ub)
    yield Polygon(((left, y), (mid, y - 7), (right, y), (mid, y + 7)), "ink")


def _bar(axis: Axis, row: Bar, y: float) -> Iterator[Item]:
    x1, x2 = axis.x(row.lb), axis.x(row.ub)
    yield Polygon(((x1, y - 2.5), (x2, y - 2.5), (x2, y + 2.5), (x1, y + 2.5)), "muted")
    yield from _interval(axis, row.lb, row.ub, y)


def _drawn(axis: Axis, row: Row, y: float, heaviest: float) -> Iterator[Item]:
    match row:
        case StudyRow():
            yield from _square(axis, row, y, heaviest)
        case Diamond():
            yield from _diamond(axis, row, y)
        case Bar():
            yield from _bar(axis, row, y)


def _foot(table: ForestTable, axis: Axis, top: float, bottom: float) -> Iterator[Item]:
    """Null line, pooled line, axis, ticks and what each side means."""
    if table.null is not None and axis.lo <= table.null <= axis.hi:
        yield Line(axis.x(table.null), top, axis.x(table.null), bottom, "muted", 1)
    if table.pooled is not None and math.isfinite(table.pooled):
        yield Line(axis.x(table.pooled), top, axis.x(table.pooled), bottom, "accent", 1, "2 3")
    yield Line(axis.left, bottom, axis.right, bottom, "ink", 1)
    last = -math.inf
    for value, label in axis.ticks():
        x = axis.x(value)
        yield Line(x, bottom, x, bottom + 5, "ink", 1)
        wide = text_width(label, 12)
        if x - wide / 2 > last + 4:
            yield Text(x, bottom + 19, label, "middle", "muted", 12, mark="axis")
            last = x + wide / 2


def _favours(table: ForestTable, axis: Axis, y: float, width: float) -> Iterator[Item]:
    left, right = table.favours
    if not (left or right) or table.null is None:
        return
    x = min(max(axis.x(table.null), axis.left + 20), axis.right - 20)
    if left:
        yield Text(x - 8, y, shorten("← " + left, x - 12, 12), "end", "muted", 12)
    if right:
        yield Text(x + 8, y, shorten(right + " →", width - x - 12, 12), "start", "muted", 12)


def _label(row: Row) -> tuple[str, bool]:
    return (
        (row.text, False)
        if isinstance(row, Note)
        else (row.label, isinstance(row, Heading | Diamond))
    )


def _widest(texts: Sequence[str], size: float = SIZE, *, bold: bool = False) -> float:
    return max((text_width(t, size, bold=bold) for t in texts), default=0.0)


def forest_scene(table: ForestTable, *, narrow: bool = False) -> Scene:
    """Lay out a forest plot; `narrow` gives two lines a study for a 360 px phone.

    Examples
    --------
    >>> row = StudyRow("a", "A 2001", ("3/20",), 0.7, 0.4, 1.2, "0.70 [0.40, 1.20]", 100.0)
    >>> scene = forest_scene(ForestTable((row,), "t", "d", "log", 1.0, ("treated",)))
    >>> scene.width
    760.0
    """
    return _narrow(table) if narrow else _wide(table)


def _heaviest(table: ForestTable) -> float:
    return max((r.weight or 0.0 for r in table.rows if isinstance(r, StudyRow)), default=0.0)


def _wide(table: ForestTable) -> Scene:
    width = 760.0
    labels = [_label(r)[0] for r in table.rows if not isinstance(r, Note)]
    label_w = min(230.0, max(_widest([*labels, table.label], bold=True) + 14, 110.0))
    studies = [r.cells for r in table.rows if isinstance(r, StudyRow)]
    cell_w = [
        _widest([head, *(cells[i] for cells in studies if i < len(cells))]) + 14
        for i, head in enumerate(table.columns)
    ]
    texts = [r.text for r in table.rows if isinstance(r, StudyRow | Diamond | Bar)]
    text_w = _widest([*texts, table.effect], bold=True) + 12
    weight_w = 62.0 if table.weights else 0.0
    left = label_w + sum(cell_w) + 8
    axis = _axis(table, left, max(left + 150, width - text_w - weight_w - 8))
    width = max(width, axis.right + text_w + weight_w + 8)
    heaviest, top = _heaviest(table), 30.0
    items: list[Item] = [
        Text(0, 18, table.label, bold=True, role="muted"),
        Text(width - weight_w, 18, table.effect, "end", "muted", SIZE, True, mark="axis"),
        Line(0, 26, width, 26, "rule", 1),
    ]
    if table.weights:
        items.append(Text(width, 18, "Weight", "end", "muted", SIZE, True))
    edge = label_w
    for head, w in zip(table.columns, cell_w, strict=True):
        edge += w
        items.append(Text(edge, 18, head, "end", "muted", SIZE, True))
    body: list[Item] = []
    y = top
    for row in (r for r in table.rows if not isinstance(r, Note)):
        y += ROW
        label, bold = _label(row)
        room = label_w - 6 if isinstance(row, StudyRow) else left - 6
        body.append(Text(0, y - 3, shorten(label, room), bold=bold, mark="id"))
        body.extend(_drawn(axis, row, y - 7.5, heaviest))
        if isinstance(row, StudyRow):
            edge = label_w
            for i, (cell, w) in enumerate(zip(row.cells, cell_w, strict=False)):
                edge += w
                body.append(Text(edge, y - 3, cell, "end", key=f"{row.key}/cell/{i}"))
            if table.weights and row.weight_text:
                body.append(Text(width, y - 3, row.weight_text, "end", key=f"{row.key}/weight"))
        if not isinstance(row, Heading) and row.text:
            body.append(
                Text(width - weight_w, y - 3, row.text, "end", bold=bold, key=f"{row.key}/text")
            )
    bottom = y + 8
    items += [*_foot(table, axis, top, bottom), *body]
    y = bottom + 38
    if any(table.favours):
        items.extend(_favours(table, axis, y, width))
        y += 20
    for note in table.rows:
        if isinstance(note, Note):
            items.append(
                Text(0, y, shorten(note.text, width), role="muted", size=12.5, key=note.key)
            )
            y += 19
    return Scene(width, y, tuple(items), table.title, table.desc)


def _narrow(table: ForestTable) -> Scene:
    width, heaviest = 340.0, _heaviest(table)
    axis = _axis(table, 6, width - 6)
    body: list[Item] = []
    y = 4.0
    for row in (r for r in table.rows if not isinstance(r, Note)):
        y += 20
        label, bold = _label(row)
        role: Role = "ink"
        text = "" if isinstance(row, Heading) else row.text
        room = width - text_width(text, SIZE, bold=bold) - 10
        body.append(Text(0, y, shorten(label, room), "start", role, SIZE, True, mark="id"))
        if text and not isinstance(row, Heading):
            body.append(Text(width, y, text, "end", bold=bold, key=f"{row.key}/text"))
        if isinstance(row, Heading):
            continue
        if isinstance(row, StudyRow) and any(row.cells):
            y += 17
            x = 0.0
            for i, (head, cell) in enumerate(zip(table.columns, row.cells, strict=False)):
                lead = shorten(head, 110, 12) + " "
                body.append(Text(x, y, lead, role="muted", size=12))
                x += text_width(lead, 12)
                body.append(Text(x, y, cell, size=12, key=f"{row.key}/cell/{i}"))
                x += text_width(cell, 12) + 12
        y += 15
        body.extend(_drawn(axis, row, y, heaviest))
        y += 10
    bottom = y + 4
    items: list[Item] = [*_foot(table, axis, 4, bottom), *body]
    y = bottom + 36
    for side in (
        f"← {table.favours[0]}" * bool(table.favours[0]),
        f"{table.favours[1]} →" * bool(table.favours[1]),
    ):
        if side:
            end = side.endswith("→")
            items.append(
                Text(
                    width if end else 0,
                    y,
                    shorten(side, width, 12),
                    "end" if end else "start",
                    "muted",
                    12,
                )
            )
            y += 17
    for note in table.rows:
        if isinstance(note, Note):
            for line in _wrap(note.text, width, 12):
                items.append(Text(0, y, line, role="muted", size=12, key=note.key))
                y += 16
    return Scene(width, y, tuple(items), table.title, table.desc)


def _wrap(text: str, width: float, size: float) -> list[str]:
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return [shorten(line, width, size) for line in lines]
