"""The first page."""

from __future__ import annotations

from probatum.build.engine import Context
from probatum.build.shown import Shown
from probatum.site import format as fmt
from probatum.site.pages.common import info, page, question, question_ids, show, study, study_ids
from probatum.site.pages.glance import glances


@page("index.html")
def home(ctx: Context, name: str) -> dict[str, object]:
    """Make the first page."""
    ids = [s for s in study_ids(ctx) if study(ctx, s)]
    refs = tuple(f"studies/{s}/study.toml#title" for s in ids) or ("review.toml#title",)
    count = Shown(
        "studies/count",
        len(ids),
        fmt.count(len(ids)),
        "studies",
        "list:studies",
        refs,
        "studies/index.html",
    )
    questions = [q for q in (question(ctx, n) for n in question_ids(ctx)) if q]
    groups = [
        (topic, main)
        for topic, items in glances(ctx)
        if (main := [g for g in items if g.status == "main"])
    ]
    return show(
        ctx,
        "index.html",
        "home.html",
        title="",
        info=info(ctx),
        groups=groups,
        questions=sorted(questions, key=lambda q: (q.order, q.id)),
        study_count=count,
    )
