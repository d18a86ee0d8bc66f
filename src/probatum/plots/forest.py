"""The forest plot: a table with one drawn column.

The layout follows Lewis & Clarke (2001), BMJ 322:1479: squares whose area shows the
weight, a diamond for the pooled effect; the bar beneath it is the prediction interval
(IntHout et al. 2016, BMJ Open 6:e010247).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .marks import axis_of, drawn, empty_space, favours, heaviest, lines, notes, ruler
from .measuring import shorten, text_width, wrap
from .scene import LEADING, Item, Line, Polygon, Scene, Text
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

SIZE, ROW = 13.0, 24.0
LINE = SIZE * LEADING
LABEL, LINES = 230.0, 4  # width and lines that the name of a row may take
INDENT = 14.0  # of the rows of a cluster
HEAD = 150.0  # up to which a header's longest word makes its column wider than the numbers
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
    """Where the columns of the wide figure end, and the lines of their headers."""

    label: float
    heads: tuple[tuple[str, ...], ...]
    effect: tuple[str, ...]
    cells: tuple[float, ...]
    left: float
    right: float
    text: float
    width: float

    @property
    def rule(self) -> float:
        """Where the line under the headers lies."""
        return 11 + LINE * max(len(self.effect), *map(len, self.heads), 1)


def _columns(table: ForestTable) -> _Columns:
    studies = [r for r in table.rows if isinstance(r, StudyRow)]
    others = [r for r in table.rows if isinstance(r, Diamond | Bar)]
    label = max((_indent(r) + text_width(r.label, SIZE) for r in studies), default=0.0)
    label = max(90.0, min(LABEL, max(label, _widest([table.label], bold=True))))
    edge, cells, heads = label, [], []
    for i, title in enumerate(table.columns):
        column = _widest([r.cells[i] for r in studies if i < len(r.cells)])
        name, _, counted = title.partition("\n")
        least = _widest([counted, *name.split()], bold=True)  # no word is cut
        pieces = wrap(name, max(column, min(least, HEAD)), SIZE, bold=True, most=6)
        heads.append((*pieces, *([counted] if counted else [])))
        edge += max(column, _widest(heads[-1], bold=True)) + 16
        cells.append(edge)
    # a pooled row's label runs on through the cells, which it leaves empty
    pooled = _widest([r.label for r in others], bold=True)
    edge = max(edge, min(pooled, 260.0))
    left = edge + 18
    text = max(_widest([r.text for r in studies]), _widest([r.text for r in others], bold=True))
    text = max(text, min(_widest([table.effect], bold=True), 150.0))
    weight = 0.0
    if table.weights:
        weight = max(_widest(["Weight"], bold=True), _widest([r.weight_text for r in studies])) + 16
    right = max(left + 190, WIDE - text - weight - 16)
    end = right + 16 + text
    # a header longer than the numbers runs over the drawing, and what counts them is never cut
    name, bracket, counted = table.effect.partition(" [")
    over = [table.effect]
    if _widest(over, bold=True) > end - left and bracket:
        over = [*wrap(name, end - left, SIZE, bold=True, most=2), f"[{counted}"]
    effect = tuple(shorten(line, end - left, SIZE, bold=True) for line in over)
    return _Columns(label, tuple(heads), effect, tuple(cells), left, right, end, end + weight)


def _heads(table: ForestTable, at: _Columns) -> Iterator[Item]:
    """Titles of the columns, standing on a line."""
    foot = at.rule - 10
    yield Text(0, foot, table.label, role="muted", bold=True, mark="axis")
    for title, edge in zip((*at.heads, at.effect), (*at.cells, at.text)):
        for i, line in enumerate(title):
            y = foot - (len(title) - 1 - i) * LINE
            yield Text(edge, y, line, "end", "muted", SIZE, True, mark="axis")
    if table.weights:
        yield Text(at.width, foot, "Weight", "end", "muted", SIZE, True)
    yield Line(0, at.rule, at.width, at.rule, "rule", 1)


def _wide(table: ForestTable) -> Scene:
    at = _columns(table)
    axis, most = axis_of(table, at.left, at.right), heaviest(table)
    head = list(_heads(table, at))
    if not table.drawn:
        space = empty_space(table.empty, 0, at.width, at.rule + 12, at.rule + 72)
        return _finish(table, at.width, at.rule + 84, (*head, *space))
    body: list[Item] = []
    y, last = at.rule + 2, None
    for row in table.drawn:
        y += ROW + _gap(table, last, row)
        last = row
        start = _indent(row)
        room = at.label - start if isinstance(row, StudyRow) else at.left - 10
        bold = isinstance(row, Heading | Diamond)
        pieces = wrap(row.label, room, SIZE, bold=bold, most=LINES)
        name = "\n".join(pieces)
        body.append(Text(start, y, name, bold=bold, key=_label_key(row), mark="id"))
        body.extend(_values(row, table, at, y))
        body.extend(drawn(axis, row, y - 4.5, most))
        y += LINE * (len(pieces) - 1)
    bottom = y + 14
    below, used = favours(table, axis, bottom + 40, at.width)
    items = (*lines(table, axis, at.rule, bottom), *head, *body, *ruler(axis, bottom), *below)
    foot = bottom + (40 + used if used or table.notes else 26)
    return _finish(table, at.width, foot, items)


def _indent(row: Row) -> float:
    return INDENT if isinstance(row, StudyRow) and row.indented else 0.0


def _label_key(row: Row) -> str:
    return "" if isinstance(row, Heading | Note) else f"{row.key}/label"


def _finish(table: ForestTable, width: float, y: float, items: tuple[Item, ...]) -> Scene:
    """The scene with the notes beneath everything else."""
    words, used = notes(table, y + 6 if table.notes else y, width, 12.5 if width > NARROW else 12)
    return Scene(width, y + used, (*items, *words), table.title, table.desc)


def _gap(table: ForestTable, last: Row | None, row: Row) -> float:
    """Air before a new subgroup, and between the last of them and the whole."""
    if last is None:
        return 0.0
    if isinstance(row, Heading):
        return 10.0
    if not isinstance(row, Diamond):
        return 0.0
    grouped = any(isinstance(r, Heading) for r in table.rows)
    whole = [r for r in table.rows if isinstance(r, Diamond)][-1:]
    return 8.0 if grouped and whole == [row] else 0.0


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
    if not table.drawn:
        return _finish(table, NARROW, 72, tuple(empty_space(table.empty, 0, NARROW, 4, 60)))
    # room at both ends for half a tick label
    axis, most = axis_of(table, 20, NARROW - 20), heaviest(table)
    body: list[Item] = []
    y, last = 0.0, None
    for row in table.drawn:
        y += 20 + _gap(table, last, row) + (0 if last is None else 4)
        last = row
        added, y = _words(row, y)
        body.extend(added)
        if not isinstance(row, Heading):
            deep = 4 if isinstance(row, StudyRow) and row.model else 0
            y += 14 + deep
            body.extend(drawn(axis, row, y, most))
            y += 6 + deep
    bottom = y + 8
    below, used = favours(table, axis, bottom + 38, NARROW)
    back = lines(table, axis, 2, bottom)
    # the words above an interval stand on the paper, not on the lines behind them
    items = (*back, *_halos(body), *body, *ruler(axis, bottom), *below)
    return _finish(table, NARROW, bottom + 38 + used, items)


def _halos(body: list[Item]) -> Iterator[Item]:
    for item in body:
        if isinstance(item, Text):
            pieces = item.text.split("\n")
            wide = max(text_width(piece, item.size, bold=item.bold) for piece in pieces)
            left = item.x - (wide if item.anchor == "end" else 0)
            x1, x2, y1, y2 = left - 2, left + wide + 2, item.y - 12, item.y + 4
            y2 += LINE * (len(pieces) - 1)
            yield Polygon(((x1, y1), (x2, y1), (x2, y2), (x1, y2)), "paper")


def _words(row: Row, y: float) -> tuple[list[Item], float]:
    """Name and numbers of a row on a phone, and the baseline of the last line.

    The arms' numbers don't fit beside them: on a phone they are left to the table.
    """
    if isinstance(row, Note):
        return [], y
    text = "" if isinstance(row, Heading) else row.text
    bold, strong, size = isinstance(row, Diamond), isinstance(row, Heading | Diamond), SIZE
    start = _indent(row)
    whole = NARROW - start
    room = whole - (text_width(text, size, bold=bold) + 12 if text else 0)
    if text and (room < 110 or text_width(row.label, size, bold=strong) > 2 * room):
        room = whole  # the numbers go beneath a name that needs the whole line
    pieces = wrap(row.label, room, size, bold=strong, most=LINES)
    name = "\n".join(pieces)
    items: list[Item] = [
        Text(start, y, name, size=size, bold=strong, key=_label_key(row), mark="id")
    ]
    last = y + LINE * (len(pieces) - 1)
    below = room == whole and bool(text)
    if text:
        last += 17 * below
        key = "" if isinstance(row, Heading) else f"{row.key}/text"
        where = last if below else y
        items.append(Text(NARROW, where, text, "end", size=size, bold=bold, key=key))
    return items, last
