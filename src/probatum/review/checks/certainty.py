"""Checks of certainty: a judgement names an analysis, and its reasons add up to it."""

from __future__ import annotations

from collections.abc import Collection
from typing import get_args

from probatum.errors import Problem, problem, problem_code
from probatum.review.checks.study import Lines, at, near
from probatum.review.model import Certainty, Level

NO_ANALYSIS = problem_code(
    "E530",
    "Certainty of an unknown analysis",
    why="A judgement that belongs to no result would never be shown.",
    repair="Name the file after an analysis: certainty/<analysis>.toml.",
    example="certainty/relaps.toml",
)
SUM = problem_code(
    "E531",
    "Reasons do not add up",
    why="A reader must be able to follow from the reasons to the judgement.",
    repair="Correct the levels, or say in override why the judgement differs.",
    example='start = "high", one reason of -1, decided = "very low"',
)
SIGN = problem_code(
    "E532",
    "Reason with the wrong sign",
    why="Some domains only lower certainty, others only raise it.",
    repair="Lowering domains have levels -1 to -3, raising domains 1 or 2.",
    example='domain = "imprecision", levels = 1',
)

RAISING = ("large effect", "dose-response", "opposing confounding")
LEVELS: tuple[Level, ...] = tuple(reversed(get_args(Level)))  # very low first


def added_up(certainty: Certainty) -> Level:
    """The level at which the reasons arrive, never below very low or above high.

    Examples
    --------
    >>> import datetime
    >>> plain = {"by": "us", "judged_on": datetime.date(2026, 11, 25)}
    >>> added_up(Certainty(id="a", start="low", decided="low", **plain))
    'low'
    """
    start = LEVELS.index(certainty.start)
    total = start + sum(reason.levels for reason in certainty.reasons)
    return LEVELS[min(max(total, 0), len(LEVELS) - 1)]


def check_certainty(certainty: Certainty, analyses: Collection[str], lines: Lines) -> list[Problem]:
    """All checks of a judgement of certainty."""
    file = f"certainty/{certainty.id}.toml"
    found: list[Problem] = []
    if certainty.id not in analyses:
        message = f'analysis "{certainty.id}" is unknown.{near(certainty.id, analyses)}'
        found.append(problem(NO_ANALYSIS, file, 1, "", message))
    for index, reason in enumerate(certainty.reasons):
        allowed = (1, 2) if reason.domain in RAISING else (-3, -2, -1)
        if reason.levels not in allowed:
            key = f"reasons.{index}.levels"
            message = f"{reason.domain} with levels = {reason.levels}; expected one of {allowed}"
            found.append(problem(SIGN, file, at(lines, file, key), key, message))
    expected = added_up(certainty)
    if certainty.decided != expected and not certainty.override:
        message = f"the reasons lead from {certainty.start} to {expected}, not {certainty.decided}"
        found.append(problem(SUM, file, at(lines, file, "decided"), "decided", message))
    return found
