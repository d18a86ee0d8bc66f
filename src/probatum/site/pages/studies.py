"""The list of studies."""

from __future__ import annotations

from probatum.build.engine import Context
from probatum.build.shown import Shown
from probatum.review.model import Study
from probatum.site import format as fmt
from probatum.site.pages.common import page, show, study, study_ids, study_label

_GROUPS = {
    "completed": "Completed",
    "ongoing": "Still running",
    "withdrawn": "Withdrawn",
    "unknown": "State unknown",
}


def people(found: Study, field: str) -> Shown | None:
    """Return a number of people stated for a study."""
    value = getattr(found, field)
    if value is None:
        return None
    return Shown(
        f"studies/{found.id}/{field}",
        value,
        fmt.count(value),
        "people",
        f"study:{found.id}",
        (f"studies/{found.id}/study.toml#{field}",),
        f"studies/{found.id}.html",
    )


@page("studies/index.html")
def studies(ctx: Context, name: str) -> dict[str, object]:
    """Make the list of studies."""
    found = [s for s in (study(ctx, n) for n in study_ids(ctx)) if s]
    groups = []
    for status, label in _GROUPS.items():
        items = [
            {
                "id": s.id,
                "label": study_label(s),
                "file": f"studies/{s.id}/study.toml",
                "condition": s.condition,
                "design": s.design,
                "country": s.country,
                "n": people(s, "n_randomised") or people(s, "n_analysed"),
            }
            for s in found
            if s.status == status
        ]
        if items:
            groups.append((label, items))
    return show(
        ctx, "studies/index.html", "studies.html", title="Studies", crumb="Studies", groups=groups
    )
