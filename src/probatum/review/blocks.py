"""Blocks of prose: ``{{ studies topic=alcohol }}``, which rows one lists, and what it may ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from probatum.review.model import REGISTERS, Number, Study

Row = TypeVar("Row", bound=Any)
STUDIES = ("studies", "ongoing", "patients", "money")  # blocks whose rows are studies
ANALYSES = ("figure", "icons")  # blocks that draw analyses
#: Fields of a study that a filter may name; "topic" is one of its topics.
STUDY_FILTERS = (
    *("topic", "design", "country", "condition", "condition_group"),
    *("population", "frame", "status", "year", "randomised", "blinding"),
)
_WORDS = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Arguments:
    """Ids, and filters: a field and the values of which one must fit."""

    ids: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]]


def arguments(words: Sequence[str]) -> Arguments:
    """Read the words of a block after its name.

    Examples
    --------
    >>> arguments(["F001", "topic=law,use"])
    Arguments(ids=('F001',), filters={'topic': ('law', 'use')})
    """
    filters = {}
    for word in words:
        field, equals, value = word.partition("=")
        if equals:
            filters[field] = tuple(value.split(","))
    return Arguments(tuple(w for w in words if "=" not in w), filters)


def filter_fields(block: str) -> tuple[str, ...]:
    """Return the fields that the filters of a block may name."""
    if block in STUDIES:
        return STUDY_FILTERS
    return tuple(REGISTERS[block].model_fields) if block in REGISTERS else ()


def pick(rows: Iterable[Row], asked: Arguments) -> list[Row]:
    """Return the rows that ids name (in their order) and, of all rows, those the filters take."""
    every = list(rows)
    by_id = {row.id: row for row in every}
    named = [by_id[one] for one in asked.ids if one in by_id]
    if asked.ids and not asked.filters:
        return named
    return named + [row for row in every if row not in named and _fits(row, asked.filters)]


def _fits(row: Any, filters: Mapping[str, tuple[str, ...]]) -> bool:
    return all(
        bool(_values(row, field) & {_plain(v) for v in wanted}) for field, wanted in filters.items()
    )


def _values(row: Any, field: str) -> set[str]:
    """What a field holds, for comparison: case and spaces do not count."""
    if isinstance(row, Study) and field == "topic":
        return set(row.topics)
    value = getattr(row, field, None)
    if isinstance(value, Number):
        return {_plain(value.text)}
    return set() if value is None else {_plain(str(value))}


def _plain(text: str) -> str:
    return _WORDS.sub("-", text.casefold()).strip("-")
