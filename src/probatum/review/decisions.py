"""Decisions on records: one file per person and stage, appended; the last word counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from probatum.errors import Problem, problem, problem_code
from probatum.review.duplicates import UNKNOWN_RECORD
from probatum.review.model import Frozen
from probatum.review.table import read_table
from probatum.review.text import read_text

Stage = Literal["title-abstract", "full-text"]
STAGES: tuple[Stage, ...] = ("title-abstract", "full-text")
CONSENSUS = "consensus"

NO_REASON = problem_code(
    "W158",
    "Exclusion of a full text without a reason",
    why="Readers have to see why a report that came so far is not in the review.",
    repair="Fill the cell reason with one of the review's reasons.",
    example="full-text exclusion with an empty reason",
)


class DecisionRow(Frozen):
    """A line of `screening/<stage>/<reviewer>.csv`."""

    record: str
    decision: Literal["include", "exclude", "not-retrieved", "unsure"]
    reason: str = ""
    date: str = ""
    note: str = ""


class Decision(Frozen):
    """What was decided on a record at a stage, and by whom."""

    stage: Stage
    reviewer: str
    record: str
    decision: Literal["include", "exclude", "not-retrieved", "unsure"]
    reason: str = ""
    date: str = ""


def read_decisions(
    stage: Stage, reviewer: str, data: bytes
) -> tuple[list[Decision], list[Problem], dict[str, int]]:
    """Read one person's file of a stage, in its order."""
    file = place(stage, reviewer)
    text, found = read_text(data, file)
    rows, more, lines = read_table(text, file, DecisionRow, ())
    out = [
        Decision(
            stage=stage,
            reviewer=reviewer,
            record=row.record,
            decision=row.decision,
            reason=row.reason,
            date=row.date,
        )
        for row in rows
    ]
    return out, found + more, lines


def place(stage: str, reviewer: str) -> str:
    """Path of a person's file."""
    return f"screening/{stage}/{reviewer}.csv"


def settled(decisions: Sequence[Decision], stage: Stage) -> dict[str, Decision]:
    """What stands for each record at a stage: the consensus, else what all who decided agree on.

    Examples
    --------
    >>> def said(who, what):
    ...     return Decision(stage="full-text", reviewer=who, record="r", decision=what)
    >>> settled([said("ann", "include"), said("bo", "exclude")], "full-text")
    {}
    >>> settled([said("ann", "exclude"), said("ann", "include")], "full-text")["r"].decision
    'include'
    """
    last: dict[str, dict[str, Decision]] = {}
    for one in decisions:
        if one.stage == stage:
            last.setdefault(one.record, {})[one.reviewer] = one
    out = {}
    for record, by in last.items():
        agreed = by.get(CONSENSUS)
        if agreed is None and len({one.decision for one in by.values()}) == 1:
            agreed = next(iter(by.values()))
        if agreed is not None and agreed.decision != "unsure":
            out[record] = agreed
    return out


def check_decisions(
    decisions: Sequence[Decision], records: Sequence[str], lines: Mapping[str, int]
) -> list[Problem]:
    """Decisions on records that don't exist, and exclusions without a reason."""
    known, found = set(records), []
    number: dict[str, int] = {}
    for one in decisions:
        file = place(one.stage, one.reviewer)
        row = number[file] = number.get(file, -1) + 1
        line = lines.get(f"{file}#{row}", 0)
        if one.record not in known:
            message = f'"{one.record}" is in no search'
            found.append(problem(UNKNOWN_RECORD, file, line, "record", message))
        if one.stage == "full-text" and one.decision == "exclude" and not one.reason:
            message = f'"{one.record}" is excluded without a reason'
            found.append(problem(NO_REASON, file, line, "reason", message))
    return found
