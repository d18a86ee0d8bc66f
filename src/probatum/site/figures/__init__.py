"""Figures of the site: results as tables and words drawn, with links to what they rest on."""

from __future__ import annotations

from probatum.site.figures.files import figure_file, figure_kinds, figure_path
from probatum.site.figures.forest import forest
from probatum.site.figures.funnel import funnel

__all__ = ["figure_file", "figure_kinds", "figure_path", "forest", "funnel"]
