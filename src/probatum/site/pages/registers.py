"""The page of each register: its rows in groups, each row with an anchor and its source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from probatum.build.engine import Context
from probatum.build.registers import register_rows
from probatum.review.model import RegisterInfo, ReviewInfo, Sourced
from probatum.site.addresses import slug
from probatum.site.page import Page, parts
from probatum.site.pages.common import info, page, show
from probatum.site.registers import REGISTER_PAGES, RegisterPage
from probatum.site.rows import CAUTION, caution_level, help_rank, rows


def read(ctx: Context, register: str) -> list[Sourced]:
    """Return the verified rows of a register."""
    return [row for row in register_rows(ctx, register) if row.verified]


@dataclass(frozen=True, slots=True)
class Grouping:
    """How rows stand in groups."""

    group: Callable[[Any], str]
    heading: Callable[[Page, ReviewInfo, str], object]
    order: Callable[[Iterable[str]], Sequence[str]]
    rank: Callable[[Any], int] = lambda row: 0  # of a row within its group


def _topic_name(on: Page, review: ReviewInfo, topic: str) -> object:
    known = review.topics.get(topic)
    name = known.name if known else topic
    return on.text(name, f"review.toml#topics.{topic}.name") if name else "Other"


BY_TOPIC = Grouping(
    group=lambda row: str(row.topic),
    heading=_topic_name,
    order=list,  # as the file has them
)
BY_CAUTION = Grouping(
    group=caution_level,
    heading=lambda on, review, level: parts(CAUTION[level][0], " ", CAUTION[level][1].capitalize()),
    order=lambda found: list(CAUTION),
)
BY_COUNTRY = Grouping(
    group=lambda row: str(row.country).partition(" (")[0],
    heading=lambda on, review, country: country,
    order=sorted,
    rank=lambda row: help_rank(row.kind),
)
GROUPINGS = {"help": BY_COUNTRY, "interactions": BY_CAUTION}


def _register_page(described: RegisterPage) -> None:
    @page(described.path)
    def make(ctx: Context, name: str) -> dict[str, object]:
        on, review = Page(described.path), info(ctx)
        own = review.registers.get(described.register, RegisterInfo())
        title, lead = own.title or described.title, own.lead or described.lead
        ref = f"review.toml#registers.{described.register}"
        return show(
            ctx,
            on.path,
            "register.html",
            on=on,
            title=title,
            crumb=on.text(title, f"{ref}.title"),
            description=lead,
            register=described.register,
            heading=on.text(title, f"{ref}.title"),
            lead=on.text(lead, f"{ref}.lead"),
            note=on.text(own.note, f"{ref}.note"),
            groups=_groups(described.register, read(ctx, described.register), on, review),
        )


for _described in REGISTER_PAGES:
    _register_page(_described)


def _groups(
    register: str, found: Iterable[Sourced], on: Page, review: ReviewInfo
) -> list[SimpleNamespace]:
    """Return the rows in groups with a heading and an anchor."""
    by = GROUPINGS.get(register, BY_TOPIC)
    groups: dict[str, list[Sourced]] = {}
    for row in found:
        groups.setdefault(by.group(row), []).append(row)
    order = by.order(groups)
    return [
        SimpleNamespace(
            anchor=slug(f"{register}-{key or 'other'}".lower()),
            heading=by.heading(on, review, key),
            rows=rows(register, sorted(groups[key], key=by.rank), on, review),
        )
        for key in order
        if key in groups
    ]
