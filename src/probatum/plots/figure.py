"""A figure that a person holds: shows itself in a notebook, saves as SVG, PNG or PDF."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BadInput, ProbatumError, UnknownOption
from .scene import LIGHT, Circle, Line, Polygon, Scene, Text
from .svg import render_svg

SUFFIXES = (".svg", ".png", ".pdf")


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawn figure.

    Examples
    --------
    >>> from probatum.plots.scene import Scene, Text
    >>> Figure(Scene(80, 20, (Text(0, 14, "hello"),), "t", "d"))._repr_svg_()[:4]
    '<svg'
    """

    scene: Scene

    def _repr_svg_(self) -> str:
        return render_svg(self.scene)

    def save(self, path: str | Path, *, dpi: float = 200) -> Path:
        """Write the figure; the suffix (.svg, .png or .pdf) says how.

        PNG and PDF need matplotlib: ``pip install "probatum[figures]"``.

        Raises
        ------
        UnknownOption
            For another suffix.
        BadInput
            If the folder does not exist.
        """
        path = Path(path)
        if path.suffix.lower() not in SUFFIXES:
            raise UnknownOption("file type", path.suffix or path.name, SUFFIXES)
        if not path.parent.is_dir():
            raise BadInput(f'The folder "{path.parent}" does not exist; make it first.')
        if path.suffix.lower() == ".svg":
            path.write_text(render_svg(self.scene), encoding="utf-8")
        else:
            _matplotlib(self.scene).savefig(path, dpi=dpi, metadata={})
        return path


def _matplotlib(scene: Scene) -> Any:
    """The scene drawn by matplotlib at 96 CSS pixels an inch, in the light palette."""
    try:
        from matplotlib.figure import Figure as Canvas
        from matplotlib.patches import Circle as Disc
        from matplotlib.patches import Polygon as Shape
    except ImportError as missing:
        raise ProbatumError(
            'PNG and PDF need matplotlib: pip install "probatum[figures]". SVG needs nothing.'
        ) from missing
    canvas = Canvas(figsize=(scene.width / 96, scene.height / 96), facecolor=LIGHT["paper"])
    axes = canvas.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(-6, scene.width + 6)
    axes.set_ylim(scene.height, 0)
    axes.axis("off")
    for i, item in enumerate(scene.items):
        match item:
            case Line():
                axes.plot(
                    [item.x1, item.x2],
                    [item.y1, item.y2],
                    color=LIGHT[item.role],
                    lw=item.width * 0.75,
                    ls=(0, tuple(float(d) for d in item.dash.split())) if item.dash else "-",
                    zorder=i,
                )
            case Polygon():
                fill = LIGHT[item.fill] if item.fill else "none"
                axes.add_patch(Shape(item.points, closed=True, fc=fill, ec="none", zorder=i))
            case Circle():
                axes.add_patch(Disc((item.x, item.y), item.r, fc=LIGHT[item.fill], zorder=i))
            case Text():
                axes.text(
                    item.x,
                    item.y,
                    item.text.replace("$", r"\$"),
                    ha={"start": "left", "middle": "center", "end": "right"}[item.anchor],
                    va="baseline",
                    color=LIGHT[item.role],
                    fontsize=item.size * 0.68,
                    fontweight="bold" if item.bold else "normal",
                    zorder=i,
                )
    return canvas
