"""A scene as part of a page: once for wide screens, once for phones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup

from probatum.build.shown import Shown
from probatum.plots.scene import Scene
from probatum.plots.svg import render_svg
from probatum.site.page import Page


def both(
    scene: Callable[[bool], Scene],
    *,
    on: Page | None = None,
    shown: Mapping[str, Shown] | None = None,
    links: Mapping[str, str] | None = None,
) -> Markup:
    """Draw `scene(narrow)` in both widths; the page registers what the texts show."""
    ids = {key: value.id for key, value in (shown or {}).items()}
    hrefs: dict[str, str] = {}
    if on is not None:
        for value in (shown or {}).values():
            on.register(value)
        hrefs = {key: on.relative(target) for key, target in (links or {}).items()}
    drawn = (
        f'<div class="{kind}">'
        + render_svg(scene(kind == "narrow"), ids=ids, hrefs=hrefs, standalone=False)
        + "</div>"
        for kind in ("wide", "narrow")
    )
    return Markup("".join(drawn))
