"""How the claims of a question are told: filled in, with what they rest on and what broke."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

from markupsafe import Markup

from probatum.build.engine import Context
from probatum.build.quantities import Undefined
from probatum.review.claims import Placeholder, placeholders
from probatum.review.links import Linked
from probatum.review.model import REGISTERS, Claim, Question
from probatum.site.addresses import analysis_path, question_path, slug, study_path
from probatum.site.environment import render_part
from probatum.site.page import Page
from probatum.site.pages.behind import Behind, behind
from probatum.site.pages.common import question_ids
from probatum.site.prose import sentence
from probatum.site.values import shown

_HOLE = Markup("<mark>(no value)</mark>")
#: Which ids of a kind have a page, and where it is.
_PAGES: dict[str, tuple[Callable[[Context], Collection[str]], Callable[[str], str]]] = {
    "question": (question_ids, question_path),
    "analysis": (lambda ctx: ctx.get("analyses"), analysis_path),
    "study": (lambda ctx: ctx.get("studies"), study_path),
    "register": (lambda ctx: [n for n in REGISTERS if ctx.file(f"{n}.csv")], "{}.html".format),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A claim as it is told: its sentence, what it rests on, and what no longer holds."""

    claim: Claim
    html: Markup
    analysis: str
    behind: list[Behind]
    broken: list[SimpleNamespace]


class Telling:
    """Fills the claims and the body of one question."""

    def __init__(self, ctx: Context, on: Page, written: Question) -> None:
        self.ctx, self.on, self.written = ctx, on, written
        self.conditions = ctx.get(f"claims:{written.id}")
        self.claims = {claim.id: claim for claim in reversed(written.claims)}
        self.placed: set[str] = set()

    def fill(self, spot: Placeholder) -> Markup:
        """Return the HTML of a placeholder of the body: a claim, or a value."""
        if spot.name == "claim":
            return self.place(spot.field)
        return self.value(self.written.analysis, spot)

    def value(self, default: str, spot: Placeholder) -> Markup:
        """Return the HTML of a shown value; a hole is marked and has a problem of its own."""
        if not spot.field or spot.name == "claim":
            return _HOLE
        try:
            return self.on.html(shown(self.ctx, spot.name, spot.field, default))
        except Undefined:
            return _HOLE

    def tell(self, claim: Claim) -> Told:
        """Return a claim with its placeholders filled."""
        default = claim.analysis or self.written.analysis
        html = sentence(claim.text, fill=partial(self.value, default), link=self.link)
        links = behind(self.ctx, self.on, self._names(claim, default))
        return Told(claim, html, default, links, self.stale(claim.id))

    def rests(self, told: Told) -> list[Behind]:
        """Return all that an answer rests on: what it names, and the analysis it is judged by."""
        return behind(self.ctx, self.on, [*self._names(told.claim, told.analysis), told.analysis])

    def place(self, name: str) -> Markup:
        """Return the HTML of a claim at the place where the body names it."""
        if name not in self.claims:
            return _HOLE
        first = name not in self.placed
        self.placed.add(name)
        told = self.tell(self.claims[name])
        anchor = f"claim-{slug(name)}" if first else ""
        return render_part(self.on, "claim.html", told=told, anchor=anchor)

    def link(self, to: Linked) -> str:
        """Return the address of the page that a link of the prose leads to, if there is one."""
        there, path = _PAGES[to.kind]
        if to.id not in there(self.ctx):
            return ""
        return self.on.relative(path(to.id) + (f"#{to.anchor}" if to.anchor else ""))

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

    def _names(self, claim: Claim, default: str) -> list[str]:
        """Return what a claim names, in its order."""
        spots = (spot for spot in placeholders(claim.text) if spot.field)
        return [*(spot.name or default for spot in spots), *claim.sources]
