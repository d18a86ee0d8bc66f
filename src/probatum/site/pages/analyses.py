"""The list of analyses."""

from __future__ import annotations

from probatum.build.engine import Context
from probatum.site.pages.common import page, show
from probatum.site.pages.glance import glances


@page("analyses/index.html")
def analyses(ctx: Context, name: str) -> dict[str, object]:
    """Make the list of analyses."""
    return show(
        ctx,
        "analyses/index.html",
        "analyses.html",
        title="Analyses",
        crumb="Analyses",
        groups=glances(ctx),
    )
