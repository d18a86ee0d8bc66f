"""A question page: the answer, how sure it is, and prose whose sentences are claims."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

from markupsafe import Markup

from probatum.build.engine import Context
from probatum.build.quantities import Undefined
from probatum.build.references import Unknown, look_up
from probatum.review.claims import Placeholder, placeholders
from probatum.review.model import Claim, Question
from probatum.site.addresses import analysis_path, ref_target, slug
from probatum.site.certainty import judged
from probatum.site.citation import cited
from probatum.site.environment import render_part
from probatum.site.numbers import ResultNumbers
from probatum.site.page import Marked, Page
from probatum.site.pages.blocks import render_block
from probatum.site.pages.blocks.registers import ROW, urgent
from probatum.site.pages.common import (
    about,
    info,
    page,
    question,
    result,
    show,
    study_label,
    theme_above,
)
from probatum.site.prose import paragraphs, sentence
from probatum.site.values import shown

_HOLE = Markup("<mark>(no value)</mark>")


@dataclass(frozen=True, slots=True)
class Told:
    """A claim as it is told: its sentence, what it rests on, and what no longer holds."""

    claim: Claim
    html: Markup
    analysis: str
    behind: list[SimpleNamespace]
    broken: list[SimpleNamespace]


class Telling:
    """Fills the claims and the body of one question."""

    def __init__(self, ctx: Context, on: Page, written: Question) -> None:
        self.ctx, self.on, self.written = ctx, on, written
        self.conditions = ctx.get(f"claims:{written.id}")
        self.claims = {claim.id: claim for claim in reversed(written.claims)}
        self.placed: set[str] = set()

    def fill(self, default: str, spot: Placeholder) -> Markup:
        """Return the HTML of a placeholder; a hole is marked and has a problem of its own."""
        if spot.name == "claim":
            return self.place(spot.field)
        if not spot.field:
            return _HOLE
        try:
            return self.on.html(shown(self.ctx, spot.name, spot.field, default))
        except Undefined:
            return _HOLE

    def tell(self, claim: Claim) -> Told:
        """Return a claim with its placeholders filled."""
        default = claim.analysis or self.written.analysis
        html = sentence(claim.text, fill=partial(self.fill, default), base=self.on.path)
        return Told(claim, html, default, list(self._behind(claim, default)), self.stale(claim.id))

    def place(self, name: str) -> Markup:
        """Return the HTML of a claim at the place where the body names it."""
        if name not in self.claims:
            return _HOLE
        first = name not in self.placed
        self.placed.add(name)
        told = self.tell(self.claims[name])
        anchor = f"claim-{slug(name)}" if first else ""
        return render_part(self.on, "claim.html", told=told, anchor=anchor)

    def stale(self, claim: str) -> list[SimpleNamespace]:
        """Return the conditions of a claim ("" for the page's own) that no longer hold."""
        return [
            SimpleNamespace(expect=known["expect"], got=self._now(known))
            for known in self.conditions
            if known["claim"] == claim and not known["holds"]
        ]

    def _now(self, known: dict[str, str]) -> object:
        try:
            return shown(self.ctx, known["name"], known["field"], "") if known["field"] else None
        except Undefined:
            return None

    def _behind(self, claim: Claim, default: str) -> Iterator[SimpleNamespace]:
        """Yield the analyses and rows that a claim rests on, each once."""
        names = [spot.name or default for spot in placeholders(claim.text) if spot.field]
        seen: set[str] = set()
        for name in (*names, *claim.sources):
            link = self._link(name)
            if link is not None and link.target not in seen:
                seen.add(link.target)
                yield link

    def _link(self, name: str) -> SimpleNamespace | None:
        try:
            named = look_up(self.ctx, name, "")
        except (Unknown, Undefined):
            return None
        if named.at is None:
            return SimpleNamespace(label="analysis", target=analysis_target(name.partition("/")[0]))
        target = ref_target(f"{named.at.file}#{named.at.key}")
        head = name.partition("/")[0]
        if head in ROW:
            return SimpleNamespace(label=ROW[head], target=target)
        found = about(self.ctx, head)
        label = Marked("citation", study_label(found)) if found else "study"
        return SimpleNamespace(label=label, target=target.partition("#")[0])


def analysis_target(analysis: str) -> str:
    """Return where an analysis, or one of its sensitivity analyses, stands on the site."""
    main, _, changed = analysis.partition("--")
    return analysis_path(main) + (f"#sens-{changed}" if changed else "")


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
        fill=partial(telling.fill, written.analysis),
        block=partial(render_block, ctx, on),
        base=on.path,
    )
    about = answer.analysis if answer else written.analysis
    found = result(ctx, about) if about else None
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
        anchor=f"claim-{slug(answer.claim.id)}" if answer else "",
        certainty=judged(ctx, about, answer.claim.certainty if answer else None),
        k=ResultNumbers(found).k() if found else None,
        people=ResultNumbers(found).people() if found else None,
        behind=analysis_target(about) if found else "",
        urgent=urgent(ctx, on) if written.distress else [],
        body=body,
        cited=cited(info(ctx), on.path, name, written.title),
        stale_page=telling.stale(""),
    )
