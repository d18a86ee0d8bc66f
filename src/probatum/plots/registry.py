"""The figures that can be drawn of results: each with its source and the lines that make one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec

from .figure import Figure

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of figure.

    Attributes
    ----------
    draw : callable
    source : str
        Where the figure was first described.
    samples : tuple of str
        Lines that make one; the last is an expression. They start from ``pb``, the columns ``bcg``,
        effect sizes ``es`` and a fit ``fit`` of `docs/make_gallery.py`.
    """

    draw: Callable[..., Figure]
    source: str
    samples: tuple[str, ...]


FIGURES: dict[str, Kind] = {}


def drawing(source: str, *samples: str) -> Callable[[Callable[P, Figure]], Callable[P, Figure]]:
    """Register a public function that draws a figure, under its name."""

    def register(draw: Callable[P, Figure]) -> Callable[P, Figure]:
        name = draw.__name__
        if name in FIGURES:
            raise ValueError(f"the figure {name} is registered twice")
        FIGURES[name] = Kind(draw, source, samples)
        return draw

    return register
