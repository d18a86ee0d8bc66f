"""The block that counts who paid for studies and who had an interest."""

from __future__ import annotations

from markupsafe import Markup

from probatum.site.addresses import slug
from probatum.site.environment import render_part
from probatum.site.pages.blocks.base import Place, block
from probatum.site.pages.money import counts, summary


@block("money")
def money(place: Place) -> Markup:
    """Return counts over the completed studies; "not seen" is told apart from "none"."""
    found = [one for one in place.studies() if one.status == "completed"]
    if not found:
        return place.empty("study")
    asked = [*place.asked.ids, *(f"{k}={','.join(v)}" for k, v in place.asked.filters.items())]
    name = slug(" ".join(asked)) or "all"
    return render_part(place.on, "money.html", n=counts(summary(found), name))
