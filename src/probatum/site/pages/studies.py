"""The list of studies: by topic, with filters for readers who have scripts."""

from __future__ import annotations

from types import SimpleNamespace

from probatum.build.engine import Context
from probatum.build.shown import Shown
from probatum.review.model import ReviewInfo, Study
from probatum.site import format as fmt
from probatum.site.addresses import slug
from probatum.site.page import Attr, Page
from probatum.site.pages.common import about, info, page, show, study_ids, study_label
from probatum.site.search import sort_key

STATES = {
    "completed": "completed",
    "ongoing": "still running",
    "withdrawn": "withdrawn",
    "unknown": "state unknown",
}
_DRAWN = {True: "randomised", False: "not randomised", None: "not stated whether randomised"}


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
    on = Page("studies/index.html")
    review = info(ctx)
    found = sorted(
        (s for s in (about(ctx, n) for n in study_ids(ctx)) if s),
        key=lambda s: sort_key(study_label(s)),
    )
    return show(
        ctx,
        on.path,
        "studies.html",
        on=on,
        title="Studies",
        crumb="Studies",
        groups=_groups(on, found, review),
        filters=_filters(found),
    )


def _filters(found: list[Study]) -> list[tuple[str, str, str]]:
    """Return the choices that tell studies apart: name, label, and the choice of all."""
    offered: list[tuple[str, str, str, set[object]]] = [
        ("topic", "Topic", "All topics", {t for s in found for t in s.topics or [""]}),
        ("drawn", "Groups made by chance", "Any design", {s.randomised for s in found}),
        ("status", "State", "Any state", {s.status for s in found}),
        ("country", "Country", "All countries", {s.country for s in found}),
    ]
    return [(name, label, every) for name, label, every, values in offered if len(values) > 1]


def _groups(on: Page, found: list[Study], review: ReviewInfo) -> list[SimpleNamespace]:
    """Group studies by their first topic; a review without topics groups them by state."""
    by_topic = any(s.topics for s in found)
    named = sorted(review.topics, key=lambda t: sort_key(review.topics[t].name))
    keys = [*named, ""] if by_topic else list(STATES)
    made = []
    for key in keys:
        items = [s for s in found if (_topic(s, review) if by_topic else s.status) == key]
        if not items:
            continue
        label: object = STATES[key].capitalize() if not by_topic else "Other studies"
        if by_topic and key:
            label = on.text(_capital(review.topics[key].name), f"review.toml#topics.{key}.name")
        rows = [_row(on, s, review) for s in items]
        made.append(SimpleNamespace(anchor=slug(key or "other"), label=label, rows=rows))
    return made


def _topic(found: Study, review: ReviewInfo) -> str:
    return next((t for t in found.topics if t in review.topics), "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _row(on: Page, s: Study, review: ReviewInfo) -> SimpleNamespace:
    file = f"studies/{s.id}/study.toml"
    known = [t for t in s.topics if t in review.topics]
    return SimpleNamespace(
        id=s.id,
        label=study_label(s),
        condition=on.text(s.condition, f"{file}#condition"),
        design=on.text(s.design, f"{file}#design"),
        drawn=_DRAWN[s.randomised],
        status=s.status,
        state=STATES[s.status],
        country=on.text(s.country, f"{file}#country"),
        n=people(s, "n_randomised") or people(s, "n_analysed"),
        also=[on.text(review.topics[t].name, f"review.toml#topics.{t}.name") for t in known[1:]],
        for_topic=Attr("|".join(review.topics[t].name.replace("|", "/") for t in known)),
        for_country=Attr(s.country.replace("|", "/")),
    )
