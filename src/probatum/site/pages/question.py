"""A question page: the answer, how sure it is, and prose whose sentences are claims."""

from __future__ import annotations

from functools import partial

from probatum.build.engine import Context
from probatum.build.results import AnalysisResult
from probatum.site.addresses import slug, study_path
from probatum.site.certainty import judged
from probatum.site.citation import cited
from probatum.site.numbers import ResultNumbers
from probatum.site.page import Page
from probatum.site.pages.blocks import render_block
from probatum.site.pages.blocks.registers import urgent
from probatum.site.pages.common import info, page, question, result, show, theme_above
from probatum.site.pages.telling import Telling, Told
from probatum.site.prose import paragraphs


@page("questions/")
def question_page(ctx: Context, name: str) -> dict[str, object]:
    """Make a question page."""
    written = question(ctx, name)
    if written is None:
        raise LookupError(f"question {name} could not be read")
    on = Page(f"questions/{name}.html")
    file = f"questions/{name}.md"
    telling = Telling(ctx, on, written)
    answer = telling.tell(written.claims[0]) if written.claims else None
    if answer:
        telling.placed.add(answer.claim.id)
    body = paragraphs(
        written.body,
        fill=telling.fill,
        block=partial(render_block, ctx, on),
        link=telling.link,
    )
    about = answer.analysis if answer else written.analysis
    found = result(ctx, about) if about else None
    counted = ResultNumbers(found) if found and _whole(answer, found) else None
    return show(
        ctx,
        on.path,
        "question.html",
        on=on,
        title=written.title,
        crumb=on.text(
            written.short or written.title, f"{file}#{'short' if written.short else 'title'}"
        ),
        above=theme_above(ctx, on, written.theme),
        question=written,
        file=file,
        answer=answer,
        rests=telling.rests(answer) if answer else [],
        anchor=f"claim-{slug(answer.claim.id)}" if answer else "",
        certainty=judged(ctx, about, answer.claim.certainty if answer else None),
        k=counted.k() if counted else None,
        people=counted.people() if counted else None,
        rated=bool(about),
        urgent=urgent(ctx, on) if written.distress else [],
        body=body,
        cited=cited(info(ctx), on.path, name, written.title),
        stale_page=telling.stale(""),
    )


def _whole(answer: Told | None, found: AnalysisResult) -> bool:
    """Whether the studies of the analysis are all that the answer rests on.

    Where it rests on others too, their number would say less than there is.
    """
    if answer is None:
        return True
    own = {study_path(effect.study) for effect in found.studies}
    studies = {b.target for b in answer.behind if b.target.startswith("studies/")}
    return studies <= own
