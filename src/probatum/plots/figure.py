"""A figure that a person holds: shows itself in a notebook, saves as SVG, PNG or PDF."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BadInput, ProbatumError, UnknownOption
from .scene import DARK, LIGHT, Scene, Theme
from .svg import render_svg

SUFFIXES = (".svg", ".png", ".pdf")
THEMES = ("auto", "light", "dark")


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

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the drawing, and words where it can't draw."""
        return {
            "image/svg+xml": self._repr_svg_(),
            "text/plain": f"{self.scene.title}: {self.scene.desc}",
        }

    def save(self, path: str | Path, *, dpi: float = 200, theme: Theme = "auto") -> Path:
        """Write the figure; the suffix (.svg, .png or .pdf) says how.

        PNG and PDF need matplotlib: ``pip install "probatum[figures]"``. The same figure gives
        the same bytes.

        Parameters
        ----------
        path : str or Path
        dpi : float
            Pixels per inch of a PNG.
        theme : {"auto", "light", "dark"}
            "auto" is an SVG that follows its reader's theme; PNG and PDF are then light.

        Returns
        -------
        Path

        Raises
        ------
        UnknownOption
            For another suffix or theme.
        BadInput
            If the folder does not exist.
        """
        path = Path(path)
        if path.suffix.lower() not in SUFFIXES:
            raise UnknownOption("file type", path.suffix or path.name, SUFFIXES)
        if theme not in THEMES:
            raise UnknownOption("theme", theme, THEMES)
        if not path.parent.is_dir():
            raise BadInput(f'The folder "{path.parent}" does not exist; make it first.')
        if path.suffix.lower() == ".svg":
            path.write_text(render_svg(self.scene, theme=theme), encoding="utf-8", newline="\n")
        else:
            _canvas(self.scene, path, dpi, DARK if theme == "dark" else LIGHT)
        return path


def _canvas(scene: Scene, path: Path, dpi: float, palette: dict[str, str]) -> None:
    try:
        from .render_matplotlib import write
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] != "matplotlib":
            raise
        raise ProbatumError(
            'PNG and PDF need matplotlib: pip install "probatum[figures]". SVG needs nothing.'
        ) from missing
    write(scene, path, dpi, palette)
