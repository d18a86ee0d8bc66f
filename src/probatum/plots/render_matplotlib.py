"""Scene -> PNG and PDF by matplotlib, in the light palette. Imported only when one is saved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Circle as Disc
from matplotlib.patches import Polygon as Shape

from .scene import LEADING, LIGHT, Circle, Curve, Dots, Item, Line, Polygon, Scene, Text, Tiles
from .svg import MARGIN, OUTLINE, readable

_POINTS = 0.75  # of a CSS pixel
_ALIGN = {"start": "left", "middle": "center", "end": "right"}
_STYLE: Any = {
    # comes with matplotlib, and is the font that `measuring` counts with
    "font.family": ["DejaVu Sans"],
    "pdf.fonttype": 42,  # text stays text in the PDF
    "text.parse_math": False,
    "text.usetex": False,
}


def write(scene: Scene, path: Path, dpi: float) -> None:
    """Draw `scene` with its margin at 96 CSS pixels an inch; the bytes hold no date."""
    wide, tall = scene.width + 2 * MARGIN, scene.height + 2 * MARGIN
    with matplotlib.rc_context(_STYLE):
        canvas = Canvas(figsize=(wide / 96, tall / 96), facecolor=LIGHT["paper"])
        axes = canvas.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_xlim(-MARGIN, scene.width + MARGIN)
        axes.set_ylim(scene.height + MARGIN, -MARGIN)
        axes.axis("off")
        for order, item in enumerate(scene.items):
            _draw(axes, item, order)
        pdf = path.suffix.lower() == ".pdf"
        dates = {"CreationDate": None, "Title": readable(scene.title)} if pdf else {}
        canvas.savefig(path, dpi=dpi, metadata=dates, facecolor=LIGHT["paper"])


def _stroke(
    axes: Any, points: Sequence[tuple[float, float]], item: Line | Curve, order: int
) -> None:
    dash = (0, tuple(float(d) for d in item.dash.split())) if item.dash else "-"
    xs, ys = zip(*points)
    axes.plot(
        xs,
        ys,
        color=LIGHT[item.role],
        lw=item.width * _POINTS,
        ls=dash,
        solid_capstyle="butt",
        zorder=order,
    )


def _draw(axes: Any, item: Item, order: int) -> None:
    match item:
        case Line():
            _stroke(axes, ((item.x1, item.y1), (item.x2, item.y2)), item, order)
        case Curve():
            _stroke(axes, item.points, item, order)
        case Polygon():
            fill = to_rgba(LIGHT[item.fill], item.opacity)
            axes.add_patch(Shape(item.points, closed=True, fc=fill, ec="none", zorder=order))
        case Circle():
            edge = LIGHT[item.stroke] if item.stroke else "none"
            fill, thin = to_rgba(LIGHT[item.fill], item.opacity), OUTLINE * _POINTS
            at = (item.x, item.y)
            axes.add_patch(Disc(at, item.r, fc=fill, ec=edge, lw=thin, zorder=order))
        case Tiles():
            shapes = [[(x + a, y + b) for a, b in item.corners()] for x, y in item.points]
            fill = to_rgba(LIGHT[item.fill], item.opacity)
            axes.add_collection(
                PolyCollection(shapes, facecolors=[fill], linewidths=0, zorder=order)
            )
        case Dots():
            xs, ys = zip(*item.points) if item.points else ((), ())
            axes.scatter(
                xs,
                ys,
                s=(item.size * _POINTS) ** 2,
                marker="s" if item.square else "o",
                color=LIGHT[item.role],
                linewidths=0,
                zorder=order,
            )
        case Text():
            for i, line in enumerate(item.text.split("\n")):
                axes.text(
                    item.x,
                    item.y + i * item.size * LEADING,
                    readable(line),
                    ha=_ALIGN[item.anchor],
                    va="baseline",
                    color=LIGHT[item.role],
                    fontsize=item.size * _POINTS,
                    fontweight="bold" if item.bold else "normal",
                    zorder=order,
                )
