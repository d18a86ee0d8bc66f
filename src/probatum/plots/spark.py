"""One line of a forest plot, small enough to stand in a list."""

from __future__ import annotations

from .axis import Axis, Scale
from .marks import drawn
from .scene import Item, Line, Scene
from .table import Diamond, StudyRow

WIDTH, HEIGHT = 132.0, 20.0


def spark_scene(
    rows: tuple[StudyRow | Diamond, ...], *, scale: Scale, null: float | None, lo: float, hi: float
) -> Scene:
    """Draw `rows` on a fixed axis, so that sparks above each other can be compared.

    Several rows share the height; the weight of a row is the size of its square.

    Examples
    --------
    >>> row = Diamond("p", "", 0.7, 0.5, 0.9)
    >>> spark_scene((row,), scale="log", null=1.0, lo=0.1, hi=10.0).width
    132.0
    """
    axis = Axis(lo, hi, 4.0, WIDTH - 4, scale)
    items: list[Item] = [Line(axis.left, HEIGHT, axis.right, HEIGHT, "rule", 1)]
    if null is not None and lo <= null <= hi:
        items.append(Line(axis.x(null), 0, axis.x(null), HEIGHT, "muted", 1))
    step = HEIGHT / (len(rows) + 1)
    for i, row in enumerate(rows):
        items += drawn(axis, row, step * (i + 1), 100.0)
    return Scene(WIDTH, HEIGHT, tuple(items), "", "")
