"""What is checked in a review beyond its syntax, by scope; used by `load` and by the build.

Row checks run while a study is read (`checks.rows`): a row with an error is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from probatum.errors import Problem, problem, problem_code
from probatum.review.checks.analysis import all_around, check_analysis
from probatum.review.checks.certainty import check_certainty
from probatum.review.checks.names import names
from probatum.review.checks.question import check_question
from probatum.review.checks.rows import check_rows
from probatum.review.checks.study import SOURCE_TYPE, STUDY_CHECKS, Lines, near
from probatum.review.model import ReviewInfo, Sourced, Study

__all__ = [
    "check_all",
    "check_analysis",
    "check_certainty",
    "check_question",
    "check_register",
    "check_rows",
    "check_study",
    "names",
]

TWO_STUDIES = problem_code(
    "E320",
    "Result id in two studies",
    why="Analyses name results by their id alone.",
    repair="Give one of the results another id.",
    example="rows with the id R1 in studies/a and studies/b",
)


def check_study(
    study: Study,
    info: ReviewInfo,
    lines: Lines,
    studies: Mapping[str, Study] | None = None,
    owners: Mapping[str, Sequence[str]] | None = None,
) -> list[Problem]:
    """All checks of a study.

    `studies` are the others, for companions; `owners` says which studies hold each result.
    """
    others = {study.id: study} if studies is None else studies
    found = [item for check in STUDY_CHECKS for item in check(study, others, info, lines)]
    for table, rows in (("outcomes", study.outcomes), ("estimates", study.estimates)):
        file = f"studies/{study.id}/{table}.csv"
        for row in rows:
            first = (owners or {}).get(row.id, [study.id])[0]
            if first != study.id:
                key = f"{row.id}/{row.arm}" if table == "outcomes" else row.id
                message = f'result "{row.id}" also stands in study {first}'
                line = lines.get(f"{file}#{key}", 0)
                found.append(problem(TWO_STUDIES, file, line, "id", message))
    return found


def owners_of(studies: Mapping[str, Study]) -> dict[str, list[str]]:
    """Which studies hold each result, in order."""
    owners: dict[str, list[str]] = {}
    for study in studies.values():
        held = {row.id for row in study.outcomes} | {row.id for row in study.estimates}
        for name in held | {lost.id for lost in study.lost if lost.id}:
            owners.setdefault(name, []).append(study.id)
    return owners


def check_register(
    name: str, rows: Sequence[Sourced], info: ReviewInfo, lines: Lines
) -> list[Problem]:
    """All checks of a register's rows."""
    found: list[Problem] = []
    for entry in rows:
        if entry.source_type and entry.source_type not in info.source_types:
            guess = near(entry.source_type, info.source_types)
            message = f'source_type "{entry.source_type}" is unknown.{guess}'
            line = lines.get(f"{name}.csv#{entry.id}", 0)
            found.append(problem(SOURCE_TYPE, f"{name}.csv", line, "source_type", message))
    return found


def check_all(
    info: ReviewInfo,
    studies: Mapping[str, Study],
    registers: Mapping[str, Sequence[Sourced]],
    texts: Mapping[str, Mapping[str, Any]],
    lines: Lines,
) -> list[Problem]:
    """All checks that need more than one text; `texts` holds them by kind, then by id."""
    found = [
        item for name, rows in registers.items() for item in check_register(name, rows, info, lines)
    ]
    analyses, certainty = texts.get("spec", {}), texts.get("certainty", {})
    owners, around = owners_of(studies), all_around(studies)
    for study in studies.values():
        found += check_study(study, info, lines, studies, owners)
    for spec in analyses.values():
        found += check_analysis(spec, around, info, lines)
    questions = texts.get("question", {})
    known = names(info, studies, registers, analyses, certainty, questions)
    for judged in certainty.values():
        found += check_certainty(judged, known.analyses, lines)
    for question in questions.values():
        found += check_question(question, known, lines)
    return found
