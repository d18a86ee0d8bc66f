"""Blocks of what was read outside the studies, with the same rows as the registers' own pages."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from probatum.build.engine import Context
from probatum.review.blocks import arguments, pick
from probatum.review.model import HelpLine, Mechanism, Sourced
from probatum.site.page import Page
from probatum.site.pages.blocks.base import Place, block
from probatum.site.pages.common import info
from probatum.site.pages.registers import BY_COUNTRY, read
from probatum.site.registers import REGISTER_PAGES, RegisterPage
from probatum.site.rows import rows

_STANDING = ("human", "animal", "hypothesis")  # what was seen in people comes first
#: What one row of a register is, in a sentence.
ROW = {
    "facts": "fact",
    "help": "help line",
    "interactions": "interaction",
    "mechanisms": "finding",
    "published": "pooled result of others",
}
#: What stands at the top of pages where distress is likely.
URGENT = ("kind=emergency,crisis",)


def _register(described: RegisterPage, shown: Callable[[Place, list[Sourced]], Markup]) -> None:
    @block(described.register)
    def make(place: Place) -> Markup:
        found = pick(read(place.ctx, described.register), place.asked)
        return shown(place, found) if found else place.empty(ROW[described.register])


def _list(described: RegisterPage) -> Callable[[Place, list[Sourced]], Markup]:
    def shown(place: Place, found: list[Sourced]) -> Markup:
        found = sorted(found, key=_standing)
        made = rows(described.register, found, place.on, info(place.ctx))
        listed = place.listed("rows.html", made, described=described)
        return place.part("register.html", described=described, listed=listed)

    return shown


def _standing(row: Sourced) -> int:
    return _STANDING.index(row.standing) if isinstance(row, Mechanism) else 0


def _by_country(place: Place, found: list[Sourced]) -> Markup:
    return place.part("help.html", countries=_countries(place.ctx, place.on, found))


def _countries(ctx: Context, on: Page, found: list[Sourced]) -> list[tuple[str, list[object]]]:
    """Return the lines of each country, the most urgent first."""
    countries: dict[str, list[Sourced]] = {}
    for row in found:
        countries.setdefault(BY_COUNTRY.group(row), []).append(row)
    return [
        (name, [*rows("help", sorted(countries[name], key=BY_COUNTRY.rank), on, info(ctx))])
        for name in BY_COUNTRY.order(countries)
    ]


def urgent(ctx: Context, on: Page) -> list[tuple[str, list[object]]]:
    """Return emergency and crisis lines by country, for the top of a page."""
    found = pick(read(ctx, "help"), arguments(URGENT))
    return _countries(ctx, on, [row for row in found if isinstance(row, HelpLine)])


for _described in REGISTER_PAGES:
    _register(_described, _by_country if _described.register == "help" else _list(_described))
