"""Checks of questions: their claims name what exists, and their numbers are not typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from probatum.errors import ProbatumError, Problem, problem, problem_code
from probatum.review.checks.study import Lines, at, near
from probatum.review.claims import FIELDS, NUMBERS, parse_expect, placeholders, typed_digits
from probatum.review.model import AnalysisSpec, Question

ANALYSIS = problem_code(
    "E501",
    "Question about an unknown analysis",
    why="There would be no result to show.",
    repair="Name the id of a file in analyses/, or of one of its sensitivity analyses.",
    example='analysis = "relaps"',
)
EXPECT = problem_code(
    "E502",
    "Expectation that can't be read",
    why="A claim is checked at every build, so it must be exact.",
    repair='Write [analysis.]field operator number, such as "ci_ub > 1".',
    example='expect = ["ci crosses 1"]',
)
FIELD = problem_code(
    "E503",
    "Unknown field of a result",
    why="There would be no number to show or to compare.",
    repair=f"Use one of: {', '.join(sorted(FIELDS))}.",
    example="{{ estimat }}",
)
DIGITS = problem_code(
    "E504",
    "Number typed in prose",
    why="A typed number does not follow the data and has no source.",
    repair="Show the number with a placeholder, such as {{ estimate }}; write out small numbers.",
    example="3 trials (instead of {{ k }} trials)",
)
NO_ANALYSIS = problem_code(
    "E505",
    "No analysis to refer to",
    why="A bare field refers to the question's analysis.",
    repair='Add analysis = "<id>", or write {{ <id>.field }}.',
    example="{{ estimate }} in a question without analysis",
)


def _one(
    analysis: str, field: str, allowed: frozenset[str], question: Question, known: set[str]
) -> Iterator[tuple[str, str]]:
    """(code, message) of what is wrong with a reference to a field of an analysis."""
    if not analysis and not question.analysis:
        yield NO_ANALYSIS, f'"{field}" refers to no analysis'
    elif analysis and analysis not in known:
        yield ANALYSIS, f'analysis "{analysis}" is unknown.{near(analysis, known)}'
    if field not in allowed:
        yield FIELD, f'"{field}" is not a field of a result.{near(field, allowed)}'


def check_question(
    question: Question, analyses: Mapping[str, AnalysisSpec], lines: Lines
) -> list[Problem]:
    """All checks of a question."""
    file = f"questions/{question.id}.md"
    known = set(analyses)
    for spec in analyses.values():
        known |= {f"{spec.id}--{item.id}" for item in spec.sensitivity}
    found: list[Problem] = []
    if question.analysis and question.analysis not in known:
        message = f'analysis "{question.analysis}" is unknown.{near(question.analysis, known)}'
        found.append(problem(ANALYSIS, file, at(lines, file, "analysis"), "analysis", message))
    for text in question.expect:
        line = at(lines, file, "expect")
        try:
            claim = parse_expect(text)
        except ProbatumError as error:
            found.append(problem(EXPECT, file, line, "expect", str(error)))
            continue
        for code, message in _one(claim.analysis, claim.field, NUMBERS, question, known):
            found.append(problem(code, file, line, "expect", message))
    first = lines.get(f"{file}#body", 1)
    for spot in placeholders(question.body):
        if spot.analysis == "facts":
            continue  # the site resolves facts by their ids
        for code, message in _one(spot.analysis, spot.field, FIELDS, question, known):
            found.append(problem(code, file, first + spot.line - 1, spot.text, message))
    for line, number in typed_digits(question.body):
        found.append(
            problem(DIGITS, file, first + line - 1, "", f'"{number}" is typed in the text')
        )
    return found
