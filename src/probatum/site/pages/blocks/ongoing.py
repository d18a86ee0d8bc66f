"""The block of trials that are not finished: what would change the answer."""

from __future__ import annotations

from markupsafe import Markup

from probatum.site.navigation import ONGOING
from probatum.site.pages.blocks.base import Place, block
from probatum.site.pages.ongoing import trials


@block("ongoing")
def ongoing(place: Place) -> Markup:
    """Return trials without results: where they are registered, what they compare, how large."""
    found = [one for one in place.studies() if one.status != "completed"]
    if not found:
        return place.empty("trial that is still running")
    return place.listed("ongoing.html", trials(place.on, found), anchors=False, all=ONGOING)
