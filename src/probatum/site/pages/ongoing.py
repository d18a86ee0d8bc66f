"""Trials that are not finished: what would change the answers, in one list by topic."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from probatum.build.engine import Context, step
from probatum.review.identifiers import registrations
from probatum.review.model import ReviewInfo, Study
from probatum.site.addresses import slug, study_path
from probatum.site.navigation import ONGOING
from probatum.site.page import Marked, Page
from probatum.site.pages.common import info, page, show, study, study_ids, study_label
from probatum.site.pages.studies import STATES, people


@step("unfinished")
def unfinished(ctx: Context, argument: str) -> Any:
    """List the studies without results, apart so that little hangs on all studies."""
    found = ((name, study(ctx, name)) for name in study_ids(ctx))
    return [name for name, one in found if one and one.status != "completed"]


@page(ONGOING)
def ongoing(ctx: Context, name: str) -> dict[str, object]:
    """Make the page of trials that are not finished."""
    on, review = Page(ONGOING), info(ctx)
    found = [one for one in (study(ctx, s) for s in ctx.get("unfinished")) if one]
    title = "What would change the answers"
    return show(
        ctx, on.path, "ongoing.html", on=on, title=title, crumb=title,
        description="Trials that were not finished when this review last looked.",
        groups=_groups(on, found, review),
    )  # fmt: skip


def _groups(on: Page, found: list[Study], review: ReviewInfo) -> list[SimpleNamespace]:
    """Group trials by their first topic; each stands once."""
    groups: dict[str, list[Study]] = {}
    for one in found:
        topic = next((t for t in one.topics if t in review.topics), "")
        groups.setdefault(topic, []).append(one)
    return [
        SimpleNamespace(
            anchor=slug(f"ongoing-{topic or 'other'}"),
            heading=on.text(review.topics[topic].name, f"review.toml#topics.{topic}.name")
            if topic
            else "Other trials",
            rows=trials(on, groups[topic]),
        )
        for topic in sorted(groups, key=lambda topic: (not topic, topic))
    ]


def trials(on: Page, found: list[Study]) -> list[SimpleNamespace]:
    """Return what is printed of trials without results: running ones first."""
    states = list(STATES)
    ranked = sorted(found, key=lambda one: (states.index(one.status), study_label(one)))
    return [_trial(on, one) for one in ranked]


def _trial(on: Page, found: Study) -> SimpleNamespace:
    ref = f"studies/{found.id}/study.toml"
    numbers = "; ".join(report.registry for report in found.reports if report.registry)
    return SimpleNamespace(
        anchor=slug(found.id),
        label=study_label(found),
        target=study_path(found.id),
        title=on.text(found.title, f"{ref}#title"),
        comparator=on.text(found.comparator, f"{ref}#comparator"),
        note=on.text(found.note, f"{ref}#note"),
        registered=[Marked("id", number, link) for number, link in registrations(numbers)],
        people=people(found, "n_randomised"),
        state=STATES[found.status],
    )
