"""The flow diagram of PRISMA 2020: boxes from above to below, what left beside each.

Source: Page MJ, McKenzie JE, Bossuyt PM, et al. BMJ 2021;372:n71, figure 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .measuring import text_width, wrap
from .scene import LEADING, Item, Line, Role, Scene, Text

SIZE, PAD, GAP = 13.0, 10.0, 26.0
LINE = SIZE * LEADING
WIDE, NARROW = 700.0, 340.0


@dataclass(frozen=True, slots=True)
class FlowLine:
    """A line of a box: words, and the number at its end with the key it is known by."""

    words: str
    number: str
    key: str = ""
    part: bool = False  # of the line above it


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A box, and the box beside it with those that left here."""

    box: tuple[FlowLine, ...]
    left: tuple[FlowLine, ...] = ()


def flow_diagram(
    steps: Sequence[FlowStep], *, title: str, desc: str, narrow: bool = False
) -> Scene:
    """Lay out the steps of a flow; `narrow` sets what left below its box, for phones.

    Examples
    --------
    >>> found = FlowStep((FlowLine("Records identified", "12"),))
    >>> flow_diagram([found], title="t", desc="d").height > 20
    True
    """
    width = NARROW if narrow else WIDE
    own = width - 24 if narrow else (width - 44) / 2
    aside = width - 24 if narrow else own
    beside = 24.0 if narrow else own + 44
    items: list[Item] = []
    y = 0.5
    for index, step in enumerate(steps):
        height = _height(step.box, own)
        left = _height(step.left, aside) if step.left else 0.0
        top = y
        items += _box(step.box, 0.5, top, own, height)
        if step.left and narrow:
            items += _box(step.left, beside, top + height + 10, aside, left, muted=True)
            y = top + height + 10 + left
        else:
            if step.left:
                middle = top + min(height, left) / 2
                items += _arrow(own + 0.5, middle, beside, middle)
                items += _box(step.left, beside, top, aside, left, muted=True)
            y = top + max(height, left)
        if index < len(steps) - 1:
            start = top + height
            items += _arrow(12.0, start, 12.0, y + GAP)
            y += GAP
    return Scene(width, y + 1, tuple(items), title, desc)


def _rows(lines: Sequence[FlowLine], width: float) -> list[tuple[FlowLine, list[str]]]:
    out = []
    for line in lines:
        room = width - 2 * PAD - (14 if line.part else 0) - text_width(line.number, SIZE) - 10
        out.append((line, wrap(line.words, room, SIZE, bold=not line.part)))
    return out


def _height(lines: Sequence[FlowLine], width: float) -> float:
    return 2 * PAD + LINE * sum(len(words) for _, words in _rows(lines, width)) - 2


def _box(
    lines: Sequence[FlowLine], x: float, y: float, width: float, height: float, muted: bool = False
) -> list[Item]:
    edge: Role = "rule" if muted else "ink"
    thick = 1.0 if muted else 1.2
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    items: list[Item] = [
        Line(a[0], a[1], b[0], b[1], edge, thick)
        for a, b in zip(corners, [*corners[1:], corners[0]])
    ]
    base = y + PAD + SIZE - 2
    for line, words in _rows(lines, width):
        indent = 14 if line.part else 0
        role: Role = "muted" if line.part else "ink"
        text = "\n".join(words)
        items.append(Text(x + PAD + indent, base, text, role=role, bold=not line.part, mark="id"))
        end = x + width - PAD
        items.append(Text(end, base, line.number, "end", bold=not line.part, key=line.key))
        base += LINE * len(words)
    return items


def _arrow(x1: float, y1: float, x2: float, y2: float) -> list[Item]:
    """A line with a head at its end, straight down or to the right."""
    head = 4.0
    if x1 == x2:
        ends = [(x2 - head, y2 - head - 1), (x2 + head, y2 - head - 1)]
    else:
        ends = [(x2 - head - 1, y2 - head), (x2 - head - 1, y2 + head)]
    return [
        Line(x1, y1, x2, y2, "muted", 1.2),
        *(Line(x, y, x2, y2, "muted", 1.2) for x, y in ends),
    ]
