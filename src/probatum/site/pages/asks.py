"""Questions in a list: what is asked, the answer, and how sure it is."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from markupsafe import Markup

from probatum.build.engine import Context
from probatum.build.shown import Shown
from probatum.review.model import Question
from probatum.site.certainty import Judged, judged
from probatum.site.page import Page
from probatum.site.pages.common import question, question_ids
from probatum.site.pages.telling import Telling


@dataclass(frozen=True, slots=True)
class Ask:
    """One question in a list; `answer` is its first claim, where it has claims."""

    theme: str
    path: str
    title: Shown | str
    short: Shown | str
    answer: Markup | Shown | str
    stale: bool  # a condition of the answer no longer holds
    certainty: Judged | None
    rated: bool  # the answer rests on an analysis, or states how sure it is
    as_of: datetime.date | None


def asks(ctx: Context, on: Page, *, theme: str | None = None) -> list[Ask]:
    """Return the questions (of one theme) in their order, told for the page `on`."""
    found = [q for q in (question(ctx, name) for name in question_ids(ctx)) if q]
    kept = [q for q in found if theme is None or q.theme == theme]
    return [_ask(ctx, on, q) for q in sorted(kept, key=lambda q: (q.order, q.id))]


def _ask(ctx: Context, on: Page, written: Question) -> Ask:
    file = f"questions/{written.id}.md"
    first = written.claims[0] if written.claims else None
    about = (first.analysis if first else "") or written.analysis
    told = Telling(ctx, on, written).tell(first) if first else None
    title = on.text(written.title, f"{file}#title")
    return Ask(
        theme=written.theme,
        path=f"questions/{written.id}.html",
        title=title,
        short=on.text(written.short, f"{file}#short") if written.short else title,
        answer=told.html if told else on.text(written.summary, f"{file}#summary"),
        stale=bool(told and told.broken),
        certainty=judged(ctx, about, first.certainty if first else None),
        rated=bool(about or (first and first.certainty)),
        as_of=written.as_of,
    )
