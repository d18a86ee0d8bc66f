"""Checks of blocks: they stand alone on a line and name analyses, studies and rows that exist."""

from __future__ import annotations

from collections.abc import Iterator

from probatum.errors import problem_code
from probatum.review.blocks import ANALYSES, STUDIES, arguments, filter_fields, pick
from probatum.review.checks.names import Names
from probatum.review.checks.study import near
from probatum.review.claims import DIRECTIVES, Placeholder
from probatum.review.model import REGISTERS

DIRECTIVE = problem_code(
    "E508",
    "Block that can't be read",
    why="A block that is not known would leave a hole in the page.",
    repair=f"Write one of these alone on its line: {', '.join(DIRECTIVES)}.",
    example="{{ figrue relapse }}",
)
NOT_THERE = problem_code(
    "E515",
    "Block about what does not exist",
    why="The block would be empty, and readers would take that for a finding.",
    repair="Correct the id, or leave it out.",
    example="{{ figure relaps }}",
)
FILTER = problem_code(
    "E516",
    "Unknown filter of a block",
    why="The block would list nothing, and readers would take that for a finding.",
    repair="Name a column of the rows that the block lists.",
    example="{{ facts topc=law }}",
)
#: Blocks that need to be told what to show.
_NEED_IDS = {"figure": "an analysis", "icons": "an analysis", "patients": "a study"}


def check_block(
    spot: Placeholder, text: str, inside: bool, known: Names
) -> Iterator[tuple[str, str]]:
    """(code, message) of the faults of a block in `text`; `inside` a claim it has no place."""
    block = spot.words[0]
    if block not in DIRECTIVES:
        yield DIRECTIVE, f'"{block}" is not a block of prose.{near(block, DIRECTIVES)}'
        return
    start, stop = text.rfind("\n", 0, spot.start) + 1, text.find("\n", spot.stop)
    line = text[start : stop if stop >= 0 else len(text)]
    if inside or line.strip() != text[spot.start : spot.stop]:
        yield DIRECTIVE, f"{{{{ {spot.text} }}}} does not stand alone on a line of the text"
        return
    asked = arguments(spot.words[1:])
    if block in _NEED_IDS and not asked.ids:
        yield DIRECTIVE, f"{block} needs the id of {_NEED_IDS[block]}"
    for one in asked.ids:
        yield from _id(block, one, known)
    for field, values in asked.filters.items():
        if field not in filter_fields(block):
            guess = near(field, filter_fields(block))
            yield FILTER, f'{block} has no field "{field}".{guess}'
        elif block in STUDIES and field == "topic":
            for value in values:
                if value not in known.topics:
                    yield FILTER, f'topic "{value}" is unknown.{near(value, known.topics)}'
        elif block in REGISTERS:
            for value in values:
                rows = (row for row in known.registers.get(block, ()) if row.verified)
                if not pick(rows, arguments([f"{field}={value}"])):
                    yield FILTER, f"{block}.csv has no verified row with {field}={value}"


def _id(block: str, one: str, known: Names) -> Iterator[tuple[str, str]]:
    if block in ANALYSES and one not in known.analyses:
        yield NOT_THERE, f'analysis "{one}" is unknown.{near(one, known.analyses)}'
    if block in STUDIES and one not in known.studies:
        yield NOT_THERE, f'study "{one}" is unknown.{near(one, known.studies)}'
    if block in REGISTERS and known.row(f"{block}/{one}") is None:
        yield NOT_THERE, f'{block}.csv has no verified row "{one}"'
