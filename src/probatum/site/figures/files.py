"""Figures as files to take along: light, self-contained, with their source inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from probatum.build.results import AnalysisResult
from probatum.plots.forest import forest_scene
from probatum.plots.funnel import funnel_scene
from probatum.plots.marks import source_line
from probatum.plots.scene import Scene
from probatum.plots.svg import render_svg
from probatum.plots.table import Heading
from probatum.site.figures.forest import forest_table
from probatum.site.figures.funnel import funnel_data


def _forest(found: AnalysisResult) -> Scene | None:
    made = forest_table(found)
    if made is None:
        return None
    # alone, without the table of its page, the figure tells its rows itself
    told = (f"{row.label} {row.text}" for row in made.table.drawn if not isinstance(row, Heading))
    return forest_scene(replace(made.table, desc=f"{made.table.effect}: {'; '.join(told)}."))


def _funnel(found: AnalysisResult) -> Scene | None:
    data = funnel_data(found)
    return None if data is None else funnel_scene(data)


_KINDS: dict[str, Callable[[AnalysisResult], Scene | None]] = {
    "forest": _forest,
    "funnel": _funnel,
}


def figure_kinds(found: AnalysisResult) -> list[str]:
    """Return which figures a result has."""
    return [kind for kind, scene in _KINDS.items() if scene(found) is not None]


def figure_path(analysis: str, kind: str) -> str:
    """Return the site path of a figure's file."""
    return f"figures/{analysis}-{kind}.svg"


def figure_file(found: AnalysisResult, kind: str, source: str) -> str:
    """Return the file of a figure; `source` is the line that says where it is from."""
    scene = _KINDS[kind](found)
    if scene is None:
        raise LookupError(f"{found.id} has no {kind} plot")
    desc = f"{scene.desc} {source}"
    return render_svg(source_line(replace(scene, desc=desc), source), theme="light")
