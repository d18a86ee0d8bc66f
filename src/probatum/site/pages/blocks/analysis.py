"""Blocks that draw an analysis: its forest plot, and people out of a hundred."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from probatum.build.results import AnalysisResult
from probatum.site.addresses import analysis_path
from probatum.site.figures import forest, icons
from probatum.site.pages.blocks.base import Place, block
from probatum.site.pages.common import result


@block("figure")
def figure(place: Place) -> Markup:
    """Return the forest plot of each analysis, with a link to its page."""
    return _each(place, _figure)


def _figure(place: Place, found: AnalysisResult) -> Markup:
    main, _, changed = found.id.partition("--")
    return place.part(
        "figure.html",
        figure=forest(place.on, found),
        title=found.title,
        ref=_title_ref(found),
        target=analysis_path(main) + (f"#sens-{changed}" if changed else ""),
    )


def _title_ref(found: AnalysisResult) -> str:
    """Where the title of a result is written."""
    return f"analyses/{found.analysis}.toml#title"


@block("icons")
def people(place: Place) -> Markup:
    """Return people out of a hundred or a thousand, where a picture of them does not mislead."""
    return _each(place, _people)


def _people(place: Place, found: AnalysisResult) -> Markup:
    drawn = icons(found, place.on)
    return drawn or place.part("undrawn.html", title=found.title, ref=_title_ref(found))


def _each(place: Place, draw: Callable[[Place, AnalysisResult], Markup]) -> Markup:
    found = (result(place.ctx, name) for name in place.asked.ids)
    return Markup("").join(draw(place, one) if one else place.empty("analysis") for one in found)
