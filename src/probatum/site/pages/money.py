"""Who paid and who had an interest, with "not seen" told apart from "none"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace

from probatum.build.shown import Shown
from probatum.review.model import Study
from probatum.site import format as fmt
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


#: What is counted, and what `study.toml` says there; "" is what was not seen.
_PAID_KINDS = ("public", "industry", "mixed", "none", "")
_INTEREST_KINDS = ("declared", "denied", "")


@dataclass(frozen=True, slots=True)
class Money:
    """Ids of studies by who paid, and by whether an interest was declared; "" is not seen."""

    studies: tuple[str, ...]
    paid: Mapping[str, tuple[str, ...]]
    interest: Mapping[str, tuple[str, ...]]


def summary(studies: Iterable[Study]) -> Money:
    """Tell who paid for studies and who had an interest.

    A companion that reports on the people of another study in the list counts with it.
    """
    every = {one.id: one for one in studies}
    own = [one for one in every.values() if one.companion_of not in every]
    return Money(
        studies=tuple(one.id for one in own),
        paid={k: tuple(s.id for s in own if _paid(s) == k) for k in _PAID_KINDS},
        interest={k: tuple(s.id for s in own if _interest(s) == k) for k in _INTEREST_KINDS},
    )


def _paid(found: Study) -> str:
    return found.funding.type if found.funding.verified else ""


def _interest(found: Study) -> str:
    declared = found.interest.declared if found.interest.verified else None
    return {True: "declared", False: "denied", None: ""}[declared]


def counts(money: Money, name: str) -> SimpleNamespace:
    """Return the numbers of the partial template ``money.html``; `name` keeps their ids apart."""

    def count(what: str, ids: tuple[str, ...], field: str) -> Shown:
        refs = tuple(f"studies/{one}/study.toml#{field}" for one in money.studies)
        return Shown(
            f"money/{name}/{what}", len(ids), fmt.count(len(ids)), "studies", "list:studies", refs
        )

    return SimpleNamespace(
        all=count("all", money.studies, "title"),
        **{k or "unseen": count(k or "unseen", v, "funding") for k, v in money.paid.items()},
        **{k or "silent": count(k or "silent", v, "interest") for k, v in money.interest.items()},
    )
