"""Checks of one row by itself: a row with an error does not enter the review."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from probatum.errors import Problem, problem, problem_code
from probatum.meta.measures import MEASURES
from probatum.review.model import Estimate, Frozen, Number, OutcomeRow

Row = TypeVar("Row", bound=Frozen)
Finding = tuple[str, str, str]  # code, field, message
RowCheck = Callable[[Frozen], Iterator[Finding]]

RATIOS = frozenset(code for code, found in MEASURES.items() if found.scale == "ratio")
COUNTS = ("n", "events", "n_comparator")

_CHECKS: list[RowCheck] = []


def row_check(function: RowCheck) -> RowCheck:
    """Add a check that sees one row of any CSV file."""
    _CHECKS.append(function)
    return function


EVENTS = problem_code(
    "E214",
    "More events than people",
    why="The count of people with an event can't be larger than the count of people.",
    repair="Check the source; are n and events swapped?",
    example="events 141, n 139",
)
NEGATIVE = problem_code(
    "E210",
    "Negative where nothing can be",
    why="Counts, person-time, standard deviations and standard errors are never negative.",
    repair="Check the sign in the source.",
    example="sd -2.1",
)
FRACTION = problem_code(
    "E211",
    "Count that is not whole",
    why="People and events are counted in whole numbers.",
    repair="Type the count; a percentage belongs in the column percent.",
    example="events 12.5",
)
PERCENT = problem_code(
    "E212",
    "Percentage outside 0 to 100",
    why="A share of people lies between 0 and 100 percent.",
    repair="Check the source.",
    example="percent 126",
)
PERCENT_OFF = problem_code(
    "W213",
    "Percentage does not match the counts",
    why="One of the three numbers was mistyped, or the percentage has another denominator.",
    repair="Check the source; say in the note which denominator was used.",
    example="events 10, n 40, percent 26",
)
OUTSIDE = problem_code(
    "E215",
    "Estimate outside its interval",
    why="A confidence interval holds its estimate.",
    repair="Check the three numbers in the source.",
    example="OR 0.9 (1.1 to 2.3)",
)
CROSSED = problem_code(
    "E216",
    "Interval with its ends swapped",
    why="The lower limit lies below the upper limit.",
    repair="Swap ci_lb and ci_ub.",
    example="ci_lb 2.3, ci_ub 1.1",
)
RATIO = problem_code(
    "E217",
    "Ratio that is not positive",
    why="Ratios are typed on their own scale, never as logarithms, so they are above 0.",
    repair="Type the ratio itself (exp of the logarithm).",
    example="OR -0.11",
)
LEVEL = problem_code(
    "E218",
    "Impossible confidence level",
    why="A level is a percentage between 50 and 100, such as 95.",
    repair="Type the level in percent.",
    example="level 0.95",
)
RANGE = problem_code(
    "E219",
    "Estimate outside the range of its measure",
    why="Estimates are typed on their own scale: proportions from 0 to 1, correlations from -1 to"
    " 1, rates not below 0.",
    repair="Type the value itself: 0.26 for 26 percent, the correlation and not Fisher's z.",
    example='measure "PR", estimate 26',
)
NO_SOURCE = problem_code(
    "E220",
    "Number without a source",
    why="A number that can't be traced can't be checked.",
    repair="Fill source with the id of the report it was read in.",
    example="an outcome row with an empty source",
)
NO_LOCATOR = problem_code(
    "E221",
    "Number without a locator",
    why="Nobody can find the number again in a long report.",
    repair="Say where it stands: abstract, page, table, figure.",
    example="an outcome row with an empty locator",
)
NO_DERIVATION = problem_code(
    "E222",
    "Derived number without its derivation",
    why="A number that stands in no source needs the way it was made.",
    repair="Say in the column derivation how it was computed, from what.",
    example="derived true, derivation empty",
)
DERIVATION_ALONE = problem_code(
    "W223",
    "Derivation of a number that is not marked as derived",
    why="Readers are told which numbers were computed.",
    repair="Write derived = true, or move the text to the note.",
    example='derived empty, derivation "29% of 17"',
)
WEEKS = problem_code(
    "E224",
    "Implausible time",
    why="Nobody was followed for more than a hundred years.",
    repair="Type the time in weeks.",
    example="weeks 20190301",
)
FUTURE = problem_code(
    "E225",
    "Implausible year in as_of",
    why="A fact can't be known before it is so.",
    repair="Write the date as 2026, 2026-11 or 2026-11-22.",
    example="as_of 2206-11-02",
)


def _value(row: Frozen, name: str) -> float | None:
    cell = getattr(row, name, None)
    return cell.value if isinstance(cell, Number) else None


@row_check
def signs(row: Frozen) -> Iterator[Finding]:
    """Counts are whole; nothing that counts or spreads is negative."""
    for name in (*COUNTS, "sd", "se", "time", "age", "weeks", "bmi_before", "bmi_after"):
        value = _value(row, name)
        if value is None:
            continue
        if value < 0:
            yield NEGATIVE, name, f"{value:g} is negative"
        elif name in COUNTS and value != int(value):
            yield FRACTION, name, f"{value:g} is not a whole number"
    if (weeks := _value(row, "weeks")) is not None and weeks > 5300:
        yield WEEKS, "weeks", f"{weeks:g} weeks are more than a hundred years"


@row_check
def counts(row: Frozen) -> Iterator[Finding]:
    """Events, people and percentages agree."""
    if not isinstance(row, OutcomeRow):
        return
    n, events, percent = (_value(row, name) for name in ("n", "events", "percent"))
    if n is not None and events is not None and events > n:
        where = f"(arm {row.arm}, outcome {row.outcome})"
        yield EVENTS, "events", f'"{events:g}" is more than n = {n:g} {where}'
    elif percent is not None and not 0 <= percent <= 100:
        yield PERCENT, "percent", f"{percent:g} is not between 0 and 100"
    elif percent is not None and events is not None and n and n > 0:
        typed = row.percent.text if row.percent else ""
        decimals = len(typed.partition(".")[2])
        exact = 100 * events / n
        # one unit of the last place: papers also cut digits off instead of rounding
        if abs(exact - percent) > 10.0**-decimals + 1e-9:
            message = f"{percent:g} percent, but {events:g} of {n:g} are {exact:.1f} percent"
            yield PERCENT_OFF, "percent", message


@row_check
def interval(row: Frozen) -> Iterator[Finding]:
    """Estimates lie in their intervals and on their scale."""
    if not isinstance(row, Estimate):
        return
    names = ("estimate", "ci_lb", "ci_ub", "level")
    estimate, low, high, level = (_value(row, name) for name in names)
    if level is not None and not 50 <= level < 100:
        yield LEVEL, "level", f"{level:g} is not a percentage between 50 and 100"
    if row.measure in RATIOS:
        for name, value in (("estimate", estimate), ("ci_lb", low), ("ci_ub", high)):
            zero = value == 0 and name == "ci_lb"  # a printed 0.00 is a rounded limit
            if value is not None and value <= 0 and not zero:
                yield RATIO, name, f"{row.measure} {value:g} is not above 0"
    elif row.measure in MEASURES:
        least, most = MEASURES[row.measure].limits
        for name, value in (("estimate", estimate), ("ci_lb", low), ("ci_ub", high)):
            if value is not None and not least <= value <= most:
                where = f"outside {least:g} to {most:g}"
                yield RANGE, name, f"{row.measure} {value:g} is {where}"
    if low is not None and high is not None and low > high:
        yield CROSSED, "ci_lb", f"{low:g} is above ci_ub = {high:g}"
    elif estimate is not None:
        below = low is not None and estimate < low
        if below or (high is not None and estimate > high):
            limits = f"{'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:g}'}"
            yield OUTSIDE, "estimate", f"{estimate:g} is outside its interval {limits}"


@row_check
def traced(row: Frozen) -> Iterator[Finding]:
    """Every number says where it was read."""
    numbers = [name for name in type(row).model_fields if _value(row, name) is not None]
    if numbers and not getattr(row, "source", ""):
        yield NO_SOURCE, "source", f"{numbers[0]} has no source"
    if numbers and not getattr(row, "locator", ""):
        yield NO_LOCATOR, "locator", f"{numbers[0]} has no locator"
    derived, text = getattr(row, "derived", None), getattr(row, "derivation", "")
    if derived and not text:
        yield NO_DERIVATION, "derivation", "derived is true, but derivation is empty"
    if derived is False and text:
        yield DERIVATION_ALONE, "derived", "derivation is given, but derived is not true"


@row_check
def dated(row: Frozen) -> Iterator[Finding]:
    """The date of a fact is one that has been."""
    as_of = getattr(row, "as_of", "")
    for year in re.findall(r"(?<!\d)\d{4}(?!\d)", as_of)[:1]:
        if not 1800 <= int(year) <= datetime.date.today().year + 1:
            yield FUTURE, "as_of", f'"{as_of}" is not a plausible date'


def check_rows(
    rows: Sequence[Row], key: tuple[str, ...], file: str, lines: Mapping[str, int]
) -> tuple[list[Row], list[Problem]]:
    """The rows without an error, and what was found in all."""
    good: list[Row] = []
    found: list[Problem] = []
    for row in rows:
        name = "/".join(str(getattr(row, part)) for part in key)
        line = lines.get(f"{file}#{name}", 0)
        here = [
            problem(code, file, line, field, message)
            for check in _CHECKS
            for code, field, message in check(row)
        ]
        found += here
        if all(item.severity == "warning" for item in here):
            good.append(row)
    return good, found
