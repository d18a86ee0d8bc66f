"""Rows of registers as pages print them: the same on their own page and inside prose."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

from probatum.build.shown import Shown
from probatum.review.model import (
    Fact,
    HelpLine,
    Interaction,
    Mechanism,
    Number,
    PublishedPool,
    ReviewInfo,
    Sourced,
)
from probatum.site import format as fmt
from probatum.site.addresses import ref_target, slug, web_url
from probatum.site.page import DIGIT, Marked, Page, Parts, parts

Row = TypeVar("Row", bound=Sourced)
View = Callable[[Page, Any, ReviewInfo], dict[str, object]]

_STANDING = {
    "human": "seen in people",
    "animal": "animals or cells",
    "hypothesis": "an idea or a summary",
}
_DIRECTION = {
    "supports": "speaks for it",
    "against": "speaks against it",
    "mixed": "speaks both ways",
}
#: What the first word of `caution` means: symbol and words, most urgent first.
CAUTION = {"avoid": ("⊘", "avoid"), "": ("△", "with care"), "none": ("○", "nothing known to do")}
#: The order in which somebody in need looks for help, and what each kind is called.
HELP_KINDS = {
    "emergency": "emergency",
    "crisis": "crisis",
    "poison-advice": "advice on poisoning",
    "drug-support": "support with drugs",
    "treatment-finder": "finding treatment",
}
_NAMES = ("name", "partner", "item", "outcome")  # what a row is found by, if it has a name
_NOT_DIALLED = re.compile(r"[^0-9+]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def rows(register: str, found: list[Row], on: Page, review: ReviewInfo) -> list[SimpleNamespace]:
    """Return what templates print of the verified rows of a register."""
    return [
        SimpleNamespace(**(_common(register, row, on, review) | _VIEWS[register](on, row, review)))
        for row in found
        if row.verified
    ]


def _common(register: str, row: Sourced, on: Page, review: ReviewInfo) -> dict[str, object]:
    ref = f"{register}.csv#{row.id}"
    return {
        "id": row.id,
        "anchor": slug(row.id),
        "target": ref_target(ref),
        "find": next((getattr(row, f) for f in _NAMES if getattr(row, f, "")), ""),
        "source": source(row, review),
        "as_of": _as_of(row.as_of),
        "note": on.text(row.note, f"{ref}.note"),
    }


def source(row: Sourced, review: ReviewInfo) -> Parts:
    """Say where a row was read and what was read, with the address that readers are sent to."""
    words: list[object] = [Marked("citation", row.source, web_url(row.cite_url))]
    if row.locator:
        words += [", ", Marked("citation", row.locator)]
    if row.source_type:
        known = review.source_types.get(row.source_type)
        words += [" (", Marked("id", known.name if known else row.source_type), ")"]
    return parts(*words)


def _as_of(text: str) -> Parts | str:
    if not text:
        return ""
    return parts(*(["as of "] if DIGIT.match(text) else []), Marked("date", text))


def _texts(register: str, row: Sourced, on: Page, *fields: str) -> dict[str, object]:
    return {f: on.text(getattr(row, f), f"{register}.csv#{row.id}.{f}") for f in fields}


def fact(on: Page, row: Fact, review: ReviewInfo) -> dict[str, object]:
    """A fact; its value stands apart where the statement does not say it."""
    said = set(_NUMBER.findall(row.statement))
    apart = bool(set(_NUMBER.findall(row.value)) - said)
    value = parts(
        on.text(row.value, f"facts.csv#{row.id}.value"),
        *([" ", on.text(row.unit, f"facts.csv#{row.id}.unit")] if row.unit else []),
    )
    return {
        **_texts("facts", row, on, "statement", "item", "jurisdiction"),
        "value": value if apart else "",
    }


def mechanism(on: Page, row: Mechanism, review: ReviewInfo) -> dict[str, object]:
    """A finding or an idea: what kind of evidence it is, and which way it speaks."""
    return {
        **_texts("mechanisms", row, on, "statement", "kind", "species", "n"),
        "people": "person" if row.n == "1" else "people",
        "standing": row.standing,
        "standing_words": _STANDING[row.standing],
        "direction": _DIRECTION.get(row.direction, ""),
    }


def caution_level(row: Interaction) -> str:
    """Return the key of `CAUTION` for what a row asks for."""
    first = row.caution.casefold().partition(" ")[0].strip(",;:.")
    return first if first in CAUTION else ""


def interaction(on: Page, row: Interaction, review: ReviewInfo) -> dict[str, object]:
    """A drug taken together with the treatment: risk, what to do, how sure."""
    symbol, words = CAUTION[caution_level(row)]
    fields = ("partner", "partner_class", "context", "risk", "mechanism", "effect")
    return {
        **_texts("interactions", row, on, *fields, "caution", "advice", "people", "strength"),
        "symbol": symbol,
        "level": words,
    }


def help_line(on: Page, row: HelpLine, review: ReviewInfo) -> dict[str, object]:
    """A help line; what was not seen of it stays out."""
    hidden = {column.strip() for column in row.not_seen.split(";")}

    def seen(column: str) -> str:
        return "" if column in hidden or "all" in hidden else str(getattr(row, column))

    ref = f"help.csv#{row.id}"
    web = web_url(seen("web_address"))
    return {
        **{f: on.text(seen(f), f"{ref}.{f}") for f in ("name", "hours", "run_by")},
        "find": f"{row.name}, {row.country}",
        "region": row.country.partition(" (")[2].rstrip(")"),
        "kind": help_kind(row.kind),
        "phones": _numbers(on, seen("phone"), f"{ref}.phone", "tel"),
        "texts": _numbers(on, seen("text"), f"{ref}.text", "sms"),
        "web": Marked("id", web.partition("://")[2].removeprefix("www.").rstrip("/"), web),
        "seen": Marked("date", row.as_of) if row.as_of else "",
    }


def help_kind(kind: str) -> str:
    """Return what a kind of help is called."""
    return HELP_KINDS.get(kind, kind.replace("-", " "))


def help_rank(kind: str) -> int:
    """Return where a kind of help stands among the kinds; unknown ones come last."""
    return [*HELP_KINDS, kind].index(kind)


def _numbers(on: Page, numbers: str, ref: str, scheme: str) -> list[tuple[str, object]]:
    """Return each number with the address that dials it."""
    out: list[tuple[str, object]] = []
    for number in filter(None, (n.strip() for n in numbers.split(";"))):
        out.append((f"{scheme}:{_NOT_DIALLED.sub('', number)}", on.text(number, ref, len(out))))
    return out


def published(on: Page, row: PublishedPool, review: ReviewInfo) -> dict[str, object]:
    """A pooled result of others, or what a review says that gives none."""
    result: list[object] = []
    if row.estimate is not None:
        result = [row.measure, " ", _cell("published", row, "estimate", row.estimate)]
    if row.ci_lb is not None and row.ci_ub is not None:
        result += [" (", _cell("published", row, "ci_lb", row.ci_lb), " to "]
        result += [_cell("published", row, "ci_ub", row.ci_ub), ")"]
    return {
        **_texts("published", row, on, "population", "comparison", "outcome", "statement"),
        "k": _cell("published", row, "k", row.k),
        "n": _cell("published", row, "n", row.n),
        "result": parts(*result),
        "numbered": bool(result),
    }


def _cell(register: str, row: Sourced, field: str, value: Number | None) -> Shown | str:
    if value is None:
        return ""
    ref = f"{register}.csv#{row.id}"
    return Shown(
        id=f"{register}/{row.id}/{field}",
        value=value.value,
        display=fmt.typed(value.text),
        scale=field,
        node=f"register:{register}",
        refs=(f"{ref}.{field}",),
        href=ref_target(ref),
    )


_VIEWS: dict[str, View] = {
    "facts": fact,
    "mechanisms": mechanism,
    "interactions": interaction,
    "help": help_line,
    "published": published,
}
