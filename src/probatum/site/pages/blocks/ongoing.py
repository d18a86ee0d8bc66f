"""The block of trials that are not finished: what would change the answer."""

from __future__ import annotations

from types import SimpleNamespace

from markupsafe import Markup

from probatum.review.identifiers import registrations
from probatum.review.model import Study
from probatum.site.addresses import study_path
from probatum.site.page import Marked
from probatum.site.pages.blocks.base import Place, block
from probatum.site.pages.common import study_label
from probatum.site.pages.studies import STATES, people


@block("ongoing")
def ongoing(place: Place) -> Markup:
    """Return trials without results: where they are registered, what they compare, how large."""
    found = [one for one in place.studies() if one.status != "completed"]
    if not found:
        return place.empty("trial that is still running")
    found.sort(key=lambda one: (list(STATES).index(one.status), study_label(one)))
    return place.part("ongoing.html", rows=[_row(place, one) for one in found])


def _row(place: Place, found: Study) -> SimpleNamespace:
    ref = f"studies/{found.id}/study.toml"
    numbers = "; ".join(report.registry for report in found.reports)
    return SimpleNamespace(
        label=study_label(found),
        target=study_path(found.id),
        title=place.on.text(found.title, f"{ref}#title"),
        comparator=place.on.text(found.comparator, f"{ref}#comparator"),
        registered=[
            Marked("id", number, link)
            for number, link in registrations(numbers)
            if number != study_label(found)
        ],
        people=people(found, "n_randomised"),
        state=STATES[found.status],
    )
