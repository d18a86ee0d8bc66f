"""The forest plot: a table with one drawn column.

The layout follows Lewis & Clarke (2001), BMJ 322:1479: squares whose area shows the
weight, a diamond for the pooled effect; the bar beneath it is the prediction interval
(IntHout et al. 2016, BMJ Open 6:e010247).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .axis import Axis
from .marks import axis_of, drawn, favours, heaviest, lines, notes, ruler
from .measuring import shorten, text_width, wrap
from .scene import Item, Line, Polygon, Scene, Text
from .table import Bar, Diamond, ForestTable, Heading, Note, Row, StudyRow

__all__ = [
    "Bar",
    "Diamond",
    "ForestTable",
    "Heading",
    "Note",
    "Row",
    "StudyRow",
    "forest_scene",
]

SIZE, ROW, LINE = 13.0, 24.0, 15.0
WIDE, NARROW = 760.0, 340.0


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


def _widest(texts: Sequence[str], *, bold: bool = False) -> float:
    return max((text_width(t, SIZE, bold=bold) for t in texts), default=0.0)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the columns of the wide figure end."""

    label: float
    cells: tuple[float, ...]
    left: float
    right: float
    text: float
    width: float


def _columns(table: ForestTable) -> _Columns:
    studies = [r for r in table.rows if isinstance(r, StudyRow)]
    others = [r for r in table.rows if isinstance(r, Diamond | Bar)]
    label = _widest([r.label for r in studies])
    label = max(90.0, min(210.0, max(label, _widest([table.label], bold=True))))
    edge, cells = label, []
    for i, head in enumerate(table.columns):
        column = [r.cells[i] for r in studies if i < len(r.cells)]
        edge += max(_widest(column), _widest([head], bold=True)) + 16
        cells.append(edge)
    # a pooled row's label runs on through the cells, which it leaves empty
    pooled = _widest([r.label for r in others], bold=True)
    edge = max(edge, min(pooled, 260.0))
    left = edge + 18
    text = max(
        _widest([r.text for r in studies]),
        _widest([r.text for r in others], bold=True),
        min(_widest([table.effect], bold=True), 150.0),  # a longer header runs over the drawing
    )
    weight = 0.0
    if table.weights:
        weight = max(_widest(["Weight"], bold=True), _widest([r.weight_text for r in studies])) + 16
    right = max(left + 170, WIDE - text - weight - 16)
    return _Columns(label, tuple(cells), left, right, right + 16 + text, right + 16 + text + weight)


def _wide(table: ForestTable) -> Scene:
    at = _columns(table)
    axis, most = axis_of(table, at.left, at.right), heaviest(table)
    effect = shorten(table.effect, at.text - at.left, SIZE, bold=True)
    head: list[Item] = [
        Text(0, 16, table.label, role="muted", bold=True, mark="axis"),
        Text(at.text, 16, effect, "end", "muted", SIZE, True, mark="axis"),
        Line(0, 26, at.width, 26, "rule", 1),
    ]
    if table.weights:
        head.append(Text(at.width, 16, "Weight", "end", "muted", SIZE, True))
    for title, edge in zip(table.columns, at.cells, strict=True):
        head.append(Text(edge, 16, title, "end", "muted", SIZE, True, mark="axis"))
    body: list[Item] = []
    y, last = 28.0, None
    for row in table.drawn:
        y += ROW + _gap(last, row)
        last = row
        room = at.label if isinstance(row, StudyRow) else at.left - 10
        bold = isinstance(row, Heading | Diamond)
        pieces = wrap(row.label, room, SIZE, bold=bold, most=2)
        for i, piece in enumerate(pieces):
            body.append(Text(0, y + i * LINE, piece, bold=bold, mark="id"))
        body.extend(drawn(axis, row, y - 4.5, most))
        body.extend(_values(row, table, at, y))
        y += LINE * (len(pieces) - 1)
    bottom = y + 14
    below, used = favours(table, axis, bottom + 40, at.width)
    y = bottom + 40 + used
    words, used = notes(table, y + 6 if table.notes else y, at.width, 12.5)
    items = (*head, *lines(table, axis, 26, bottom), *ruler(axis, bottom), *body, *below, *words)
    return Scene(at.width, y + used, items, table.title, table.desc)


def _gap(last: Row | None, row: Row) -> float:
    """Air before a new subgroup, and between the last of them and the whole."""
    if last is None:
        return 0.0
    if isinstance(row, Heading):
        return 10.0
    return 8.0 if isinstance(last, Diamond) and isinstance(row, Diamond) else 0.0


def _values(row: Row, table: ForestTable, at: _Columns, y: float) -> Iterator[Item]:
    if isinstance(row, StudyRow | Diamond | Bar) and row.text:
        bold = isinstance(row, Diamond)
        yield Text(at.text, y, row.text, "end", bold=bold, key=f"{row.key}/text")
    if isinstance(row, StudyRow):
        for i, (cell, edge) in enumerate(zip(row.cells, at.cells)):
            yield Text(edge, y, cell, "end", key=f"{row.key}/cell/{i}")
        if table.weights and row.weight_text:
            yield Text(at.width, y, row.weight_text, "end", key=f"{row.key}/weight")


def _narrow(table: ForestTable) -> Scene:
    # room at both ends for half a tick label
    axis, most = axis_of(table, 20, NARROW - 20), heaviest(table)
    body: list[Item] = []
    y, last = 0.0, None
    for row in table.drawn:
        y += 20 + _gap(last, row) + (0 if last is None else 4)
        last = row
        added, y = _words(row, table, y)
        body.extend(added)
        if not isinstance(row, Heading):
            y += 14
            body.extend(drawn(axis, row, y, most))
            y += 6
    return _phone(table, axis, body, y + 8)


def _phone(table: ForestTable, axis: Axis, body: list[Item], bottom: float) -> Scene:
    below, used = favours(table, axis, bottom + 38, NARROW)
    y = bottom + 38 + used
    words, used = notes(table, y + 4 if table.notes else y, NARROW, 12)
    back = lines(table, axis, 2, bottom)
    # the words above an interval stand on the paper, not on the lines behind them
    items = (*back, *_halos(body), *ruler(axis, bottom), *body, *below, *words)
    return Scene(NARROW, y + used, items, table.title, table.desc)


def _halos(body: list[Item]) -> Iterator[Item]:
    for item in body:
        if isinstance(item, Text):
            wide = text_width(item.text, item.size, bold=item.bold)
            left = item.x - (wide if item.anchor == "end" else 0)
            x1, x2, y1, y2 = left - 2, left + wide + 2, item.y - 12, item.y + 4
            yield Polygon(((x1, y1), (x2, y1), (x2, y2), (x1, y2)), "paper")


def _words(row: Row, table: ForestTable, y: float) -> tuple[list[Item], float]:
    """Name and numbers of a row on a phone, and the baseline of the last line."""
    if isinstance(row, Note):
        return [], y
    text = "" if isinstance(row, Heading) else row.text
    bold, strong, size = isinstance(row, Diamond), isinstance(row, Heading | Diamond), SIZE
    room = NARROW - (text_width(text, size, bold=bold) + 12 if text else 0)
    if text and (room < 110 or text_width(row.label, size, bold=strong) > 2 * room):
        room = NARROW  # the numbers go beneath a name that needs the whole line
    pieces = wrap(row.label, room, size, bold=strong, most=2)
    items: list[Item] = []
    key = "" if isinstance(row, Heading) else f"{row.key}/text"
    below = room == NARROW and bool(text)
    if text and not below:
        items.append(Text(NARROW, y, text, "end", size=size, bold=bold, key=key))
    for i, piece in enumerate(pieces):
        items.append(Text(0, y + i * 16, piece, size=size, bold=strong, mark="id"))
    y += 16 * (len(pieces) - 1)
    if below:
        y += 17
        items.append(Text(NARROW, y, text, "end", size=size, bold=bold, key=key))
    if isinstance(row, StudyRow) and any(row.cells):
        y += 17
        items.extend(_cells(row, table, y))
    return items, y


def _cells(row: StudyRow, table: ForestTable, y: float) -> Iterator[Item]:
    """The arms' numbers in one line, each after its header."""
    count = min(len(row.cells), len(table.columns))
    share = NARROW / max(count, 1)
    x = 0.0
    for i in range(count):
        cell = row.cells[i]
        lead = shorten(table.columns[i], share - text_width(cell, 12) - 18, 12)
        yield Text(x, y, lead, role="muted", size=12, mark="axis")
        x += text_width(lead, 12) + 4
        yield Text(x, y, cell, size=12, key=f"{row.key}/cell/{i}")
        x += text_width(cell, 12) + 12
