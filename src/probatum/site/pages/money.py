"""Who paid and who had an interest, with "not seen" told apart from "none"."""

from __future__ import annotations

from probatum.review.model import Study
from probatum.site.page import Page, Parts, parts

_PAID = {
    "public": "public money",
    "industry": "industry",
    "mixed": "public money and industry",
    "none": "nobody (stated)",
}


def funding(on: Page, found: Study) -> Parts:
    """Say who paid."""
    paid = found.funding
    if not paid.verified or not (paid.type or paid.note):
        return parts("not seen (which does not mean none)")
    words = _PAID.get(paid.type, "kind not seen")
    note = on.text(paid.note, f"studies/{found.id}/study.toml#funding.note")
    return parts(words, ". ", note) if paid.note else parts(words)


def interest(on: Page, found: Study) -> Parts:
    """Say whether conflicts of interest were declared."""
    seen = found.interest
    if not seen.verified or (seen.declared is None and not seen.note):
        return parts("not seen (which does not mean none)")
    words = {True: "declared", False: "declared to have none", None: "not seen"}[seen.declared]
    note = on.text(seen.note, f"studies/{found.id}/study.toml#interest.note")
    return parts(words, ". ", note) if seen.note else parts(words)
