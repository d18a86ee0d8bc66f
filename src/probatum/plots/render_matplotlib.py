"""Scene -> PNG and PDF by matplotlib. Imported only when one is saved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from warnings import catch_warnings, filterwarnings, warn

import matplotlib
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import findfont, fontManager, get_font
from matplotlib.patches import Circle as Disc
from matplotlib.patches import Polygon as Shape

from .scene import LEADING, LIGHT, Circle, Curve, Dots, Item, Line, Polygon, Scene, Text, Tiles
from .svg import MARGIN, OUTLINE, readable

Palette = dict[str, str]
_POINTS = 0.75  # of a CSS pixel
_ALIGN = {"start": "left", "middle": "center", "end": "right"}
FONT = "DejaVu Sans"  # comes with matplotlib, and is the font that `measuring` counts with
_BOXES = "Last Resort"  # comes with matplotlib too, and has a box for every character
_STYLE: Any = {
    "pdf.fonttype": 42,  # text stays text in the PDF
    "text.parse_math": False,
    "text.usetex": False,
}


def write(scene: Scene, path: Path, dpi: float, palette: Palette = LIGHT) -> None:
    """Draw `scene` with its margin at 96 CSS pixels an inch; the bytes hold no date."""
    wide, tall = scene.width + 2 * MARGIN, scene.height + 2 * MARGIN
    with matplotlib.rc_context({**_STYLE, "font.family": fonts(scene)}), catch_warnings():
        filterwarnings("ignore", r"Glyph \d+", UserWarning)  # `fonts` says it once, and what helps
        canvas = Canvas(figsize=(wide / 96, tall / 96), facecolor=palette["paper"])
        axes = canvas.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_xlim(-MARGIN, scene.width + MARGIN)
        axes.set_ylim(scene.height + MARGIN, -MARGIN)
        axes.axis("off")
        for order, item in enumerate(scene.items):
            _draw(axes, item, palette, order)
        title, desc = readable(scene.title), readable(scene.desc)
        if path.suffix.lower() == ".pdf":
            told: dict[str, Any] = {"CreationDate": None, "Title": title, "Subject": desc}
        else:
            told = {"Title": title, "Description": desc}
        canvas.savefig(path, dpi=dpi, metadata=told, facecolor=palette["paper"])


def fonts(scene: Scene) -> list[str]:
    """The figure's font, and installed ones for the characters that it doesn't have."""
    texts = "".join(i.text for i in scene.items if isinstance(i, Text))
    missing = {ord(c) for c in readable(texts) if not c.isspace()}
    missing -= get_font(findfont(FONT)).get_charmap().keys()
    found = [FONT]
    others = [e for e in fontManager.ttflist if not e.name.startswith(_BOXES)] if missing else []
    for entry in sorted(others, key=lambda e: (e.name, e.fname)):
        has = missing & get_font(entry.fname).get_charmap().keys()
        if has:
            found.append(entry.name)
            missing -= has
    if missing:
        some = " ".join(chr(c) for c in sorted(missing)[:8])
        warn(
            f"No installed font can draw {some} in PNG or PDF: boxes stand in their place. "
            "Install one that can (Noto Sans has all scripts), or save the figure as .svg.",
            stacklevel=5,
        )
    return found


def _stroke(
    axes: Any,
    points: Sequence[tuple[float, float]],
    item: Line | Curve,
    palette: Palette,
    order: int,
) -> None:
    dash = (0, tuple(float(d) for d in item.dash.split())) if item.dash else "-"
    xs, ys = zip(*points)
    axes.plot(
        xs,
        ys,
        color=palette[item.role],
        lw=item.width * _POINTS,
        ls=dash,
        solid_capstyle="butt",
        zorder=order,
    )


def _draw(axes: Any, item: Item, palette: Palette, order: int) -> None:
    match item:
        case Line():
            _stroke(axes, ((item.x1, item.y1), (item.x2, item.y2)), item, palette, order)
        case Curve():
            _stroke(axes, item.points, item, palette, order)
        case Polygon():
            fill = to_rgba(palette[item.fill], item.opacity)
            axes.add_patch(Shape(item.points, closed=True, fc=fill, ec="none", zorder=order))
        case Circle():
            edge = palette[item.stroke] if item.stroke else "none"
            fill, thin = to_rgba(palette[item.fill], item.opacity), OUTLINE * _POINTS
            at = (item.x, item.y)
            axes.add_patch(Disc(at, item.r, fc=fill, ec=edge, lw=thin, zorder=order))
        case Tiles():
            shapes = [[(x + a, y + b) for a, b in item.corners()] for x, y in item.points]
            fill = to_rgba(palette[item.fill], item.opacity)
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
                color=palette[item.role],
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
                    color=palette[item.role],
                    fontsize=item.size * _POINTS,
                    fontweight="bold" if item.bold else "normal",
                    zorder=order,
                )
