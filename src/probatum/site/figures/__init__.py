"""Figures of the site: results as tables and words drawn, with links to what they rest on."""

from __future__ import annotations

from probatum.site.figures.files import figure_file, figure_kinds, figure_path
from probatum.site.figures.forest import forest
from probatum.site.figures.funnel import funnel
from probatum.site.figures.icons import icons
from probatum.site.figures.patients import patients
from probatum.site.figures.spark import spark

__all__ = [
    "figure_file",
    "figure_kinds",
    "figure_path",
    "forest",
    "funnel",
    "icons",
    "patients",
    "spark",
]
