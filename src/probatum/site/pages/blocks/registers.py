"""Blocks of what was read outside the studies: facts and help lines."""

from __future__ import annotations

import re
from types import SimpleNamespace

from markupsafe import Markup

from probatum.review.model import Fact, HelpLine, Sourced
from probatum.site.addresses import ref_target, web_url
from probatum.site.page import Marked, Parts, parts
from probatum.site.pages.blocks.base import Place, block


def source(row: Sourced) -> Parts:
    """Say where a row was read, with a link to the address that readers are sent to."""
    words: list[object] = [Marked("citation", row.source, web_url(row.cite_url))]
    if row.locator:
        words += [", ", Marked("citation", row.locator)]
    if row.as_of:
        words += [" (as of ", Marked("date", row.as_of), ")"]
    return parts(*words)


@block("facts")
def facts(place: Place) -> Markup:
    """Return single facts, each with its source and the date it describes."""
    rows = place.rows(Fact)
    if not rows:
        return place.empty("fact")
    return place.part("facts.html", rows=[_fact(place, row) for row in rows])


def _fact(place: Place, row: Fact) -> SimpleNamespace:
    ref = f"facts.csv#{row.id}"
    return SimpleNamespace(
        statement=place.on.text(row.statement, f"{ref}.statement"),
        jurisdiction=place.on.text(row.jurisdiction, f"{ref}.jurisdiction"),
        source=source(row),
        target=ref_target(ref),
    )


#: The order in which somebody in need looks for help; other kinds follow.
_KINDS = ("emergency", "crisis", "poison-advice", "drug-support", "treatment-finder")


@block("help")
def help_lines(place: Place) -> Markup:
    """Return help lines and service finders by country; columns that were not seen stay out."""
    countries: dict[str, list[HelpLine]] = {}
    for row in place.rows(HelpLine):
        countries.setdefault(row.country.partition(" (")[0], []).append(row)
    if not countries:
        return place.empty("help line")
    return place.part(
        "help.html",
        countries=[
            (country, [_line(place, row) for row in sorted(rows, key=_urgency)])
            for country, rows in countries.items()
        ],
    )


def _urgency(row: HelpLine) -> int:
    return _KINDS.index(row.kind) if row.kind in _KINDS else len(_KINDS)


def _line(place: Place, row: HelpLine) -> SimpleNamespace:
    ref = f"help.csv#{row.id}"
    hidden = {column.strip() for column in row.not_seen.split(";")}

    def seen(column: str) -> str:
        return "" if column in hidden or "all" in hidden else getattr(row, column)

    _, _, region = row.country.partition(" (")
    return SimpleNamespace(
        kind=row.kind.replace("-", " ").capitalize(),
        name=place.on.text(row.name, f"{ref}.name"),
        region=region.rstrip(")"),
        target=ref_target(ref),
        phones=[_phone(number) for number in seen("phone").split(";") if number.strip()],
        text=seen("text"),
        web=Marked("id", _bare(seen("web_address")), web_url(seen("web_address"))),
        hours=place.on.text(seen("hours"), f"{ref}.hours"),
        as_of=row.as_of,
    )


def _phone(number: str) -> Marked:
    dial = _NOT_DIALLED.sub("", number)
    return Marked("id", number.strip(), f"tel:{dial}" if dial else "")


def _bare(url: str) -> str:
    """Return an address as a reader says it; nothing where it is no plain web address."""
    return web_url(url).partition("://")[2].removeprefix("www.").rstrip("/")


_NOT_DIALLED = re.compile(r"[^0-9+]")
