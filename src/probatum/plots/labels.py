"""Names beside marks, placed where they cover neither each other nor another mark."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .measuring import shorten, text_width
from .scene import Anchor, Item, Line, Text

SIZE = 11.5
_LONGEST = 180.0
_UP, _DOWN = 9.0, 3.0  # of the baseline: what the letters take

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of the figure; with a name if it may bear one."""

    x: float
    y: float
    r: float
    name: str = ""


def named(marks: Sequence[Mark], within: Box, taken: Sequence[Box] = ()) -> list[Item]:
    """Names of the marks, in their order: the first have the first choice of place.

    A name stands beside its mark, or a little away from it with a line that leads there and runs
    through no other mark or name. One that finds no free place is left out.

    Examples
    --------
    >>> marks = [Mark(50, 50, 4, "A 2001"), Mark(50, 50, 4, "B 2002")]
    >>> [item.anchor for item in named(marks, (0, 0, 200, 100))]
    ['start', 'middle']
    """
    solid = [(m.x - m.r, m.y - m.r, m.x + m.r, m.y + m.r) for m in marks]  # marks and names
    lines = list(taken)
    items: list[Item] = []
    for i, mark in enumerate(marks):
        if not mark.name:
            continue
        others = [edge for j, edge in enumerate(solid) if j != i]
        for text, edge, lead in _places(mark):
            way = along([(lead.x1, lead.y1), (lead.x2, lead.y2)]) if lead else []
            if not _inside(edge, within) or _any(edge, solid) or _any(edge, lines):
                continue
            if any(_any(piece, others) for piece in way):
                continue
            items += [lead, text] if lead else [text]
            solid.append(edge)
            lines += way
            break
    return items


_AROUND = (
    *((1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.0, 1.0)),
    *((0.7, -0.7), (-0.7, -0.7), (0.7, 0.7), (-0.7, 0.7)),
)


def along(points: Sequence[tuple[float, float]]) -> list[Box]:
    """The places that a line takes, so that no name is put across it."""
    boxes: list[Box] = []
    for (x1, y1), (x2, y2) in pairwise(points):
        count = max(1, round(math.dist((x1, y1), (x2, y2)) / 5))
        for i in range(count + 1):
            x, y = x1 + (x2 - x1) * i / count, y1 + (y2 - y1) * i / count
            boxes.append((x - 1, y - 1, x + 1, y + 1))
    return boxes


def _places(mark: Mark) -> Iterator[tuple[Text, Box, Line | None]]:
    """Where the name could stand, the best first, and what leads there."""
    name = shorten(mark.name.replace("\n", " "), _LONGEST, SIZE)
    wide = text_width(name, SIZE)
    for away in (4.0, 18.0, 34.0, 54.0):
        for a, b in _AROUND:
            far = mark.r + away
            x = mark.x + a * far
            y = mark.y + b * far + (4 if a else _UP if b > 0 else -1)
            anchor: Anchor = "start" if a > 0 else "end" if a < 0 else "middle"
            left = x - (0 if a > 0 else wide if a < 0 else wide / 2)
            lead = None
            if away > 4:
                near, end = mark.r + 1, far - 3
                ends = mark.x + a * near, mark.y + b * near, mark.x + a * end, mark.y + b * end
                lead = Line(*ends, "muted", 0.8)
            edge = (left - 1, y - _UP, left + wide + 1, y + _DOWN)
            yield Text(x, y, name, anchor, size=SIZE, mark="id"), edge, lead


def _inside(edge: Box, within: Box) -> bool:
    return (
        edge[0] >= within[0]
        and edge[1] >= within[1]
        and edge[2] <= within[2]
        and edge[3] <= within[3]
    )


def _any(a: Box, others: Sequence[Box]) -> bool:
    return any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in others)
