"""Checks of questions: their claims name what exists, and their numbers are not typed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from probatum.errors import ProbatumError, Problem, problem, problem_code
from probatum.review.checks.blocks import check_block
from probatum.review.checks.names import Names
from probatum.review.checks.reading import check_reading
from probatum.review.checks.study import Lines, at, near
from probatum.review.checks.wording import wording
from probatum.review.claims import (
    FIELDS,
    NUMBERS,
    ROW_FIELDS,
    STUDY_FIELDS,
    parse_expect,
    placeholders,
    row_value,
    typed_digits,
)
from probatum.review.model import Claim, Question

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
    repair='Write [name.]field operator number, such as "ci_ub > 1".',
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


UNKNOWN_ROW = problem_code(
    "E506",
    "Prose names an unknown row",
    why="There would be no number to show and no source to lead to.",
    repair="Name <study>/<result>/<arm>, <study>/<estimate> or <register>/<id> that is verified.",
    example="{{ dakwar-2020/relapse/ketamin.events }}",
)
CLAIM = problem_code(
    "E507",
    "Unknown claim",
    why="The body places the claims of the front matter by their ids.",
    repair="Write {{ claim.<id> }} with the id of a [[claims]] item, each id once.",
    example="{{ claim.anwser }}",
)
PLACE = problem_code(
    "E509",
    "Unknown theme or topic",
    why="Questions are listed by theme, and studies by topic.",
    repair="Add [themes.<id>] or [topics.<id>] to review.toml, or correct the id.",
    example='theme = "treatmnt"',
)
NO_CONDITION = problem_code(
    "W511",
    "Result without a condition",
    why="A sentence that shows a result must say when it would no longer be true.",
    repair='Add expect = ["..."] beside the text.',
    example="a claim with {{ estimate }} and no expect",
)
NO_SOURCE = problem_code(
    "W512",
    "Claim without a source",
    why="A sentence that rests on no number and names no row can't be checked.",
    repair='Add sources = ["facts/F001"], or show a number with a placeholder.',
    example='text = "It is often prescribed."',
)
NOT_PLACED = problem_code(
    "W513",
    "Claim that stands nowhere",
    why="Readers never see it.",
    repair="Write {{ claim.<id> }} where it belongs, or delete it.",
    example="a second claim that the body never names",
)


def _reference(
    name: str, field: str, allowed: frozenset[str], default: str, known: Names
) -> Iterator[tuple[str, str]]:
    """(code, message) of what is wrong with a reference to a number."""
    if "/" in name:
        at = known.row(name)
        head, _, rest = name.partition("/")
        if at is None and head in known.analyses and rest.partition("/")[0] in known.studies:
            if field not in (STUDY_FIELDS if allowed is NUMBERS else STUDY_FIELDS | {"ci"}):
                yield FIELD, f'"{field}" is not a field of a study in an analysis'
        elif at is None:
            yield UNKNOWN_ROW, f'there is no verified row "{name}"'
        elif field not in type(at.row).model_fields and field not in ROW_FIELDS:
            guess = near(field, {*type(at.row).model_fields, *ROW_FIELDS})
            yield FIELD, f'"{field}" is not a column of {at.file}.{guess}'
        elif allowed is NUMBERS and row_value(at.row, field) is None:
            yield FIELD, f'"{field}" of {name} holds no number to compare'
        return
    if not name and not default:
        yield NO_ANALYSIS, f'"{field}" refers to no analysis'
    elif name and name not in known.analyses:
        yield ANALYSIS, f'analysis "{name}" is unknown.{near(name, known.analyses)}'
    if field not in allowed:
        yield FIELD, f'"{field}" is not a field of a result.{near(field, allowed)}'


def _conditions(expect: Sequence[str], default: str, known: Names) -> Iterator[tuple[str, str]]:
    for text in expect:
        try:
            claim = parse_expect(text)
        except ProbatumError as error:
            yield EXPECT, str(error)
            continue
        yield from _reference(claim.name, claim.field, NUMBERS, default, known)


def _prose(
    text: str, default: str, known: Names, claims: Collection[str] | None
) -> Iterator[tuple[int, str, str, str]]:
    """(line, field, code, message) of faults in prose; `claims` is None inside a claim."""
    for spot in placeholders(text):
        if spot.words:
            for code, message in check_block(spot, text, claims is None, known):
                yield spot.line, spot.text, code, message
            continue
        if spot.name == "claim" and claims is not None:
            if spot.field not in claims:
                message = f'claim "{spot.field}" is unknown.{near(spot.field, claims)}'
                yield spot.line, spot.text, CLAIM, message
            continue
        for code, message in _reference(spot.name, spot.field, FIELDS, default, known):
            yield spot.line, spot.text, code, message
    for line, number in typed_digits(text):
        yield line, "", DIGITS, f'"{number}" is typed in the text'


def _results(text: str) -> bool:
    """Whether prose shows a number."""
    return any(spot.field and spot.name != "claim" for spot in placeholders(text))


def _claim(claim: Claim, question: Question, known: Names) -> Iterator[tuple[str, str, str]]:
    """(field, code, message) of the faults of a claim."""
    default = claim.analysis or question.analysis
    if claim.analysis and claim.analysis not in known.analyses:
        guess = near(claim.analysis, known.analyses)
        yield "analysis", ANALYSIS, f'analysis "{claim.analysis}" is unknown.{guess}'
    for code, message in _conditions(claim.expect, default, known):
        yield "expect", code, message
    for _, _, code, message in _prose(claim.text, default, known, None):
        yield "text", code, message
    for name in claim.sources:
        if known.row(name) is None:
            yield "sources", UNKNOWN_ROW, f'there is no verified row "{name}"'
    shows = _results(claim.text)
    if shows and not claim.expect:
        yield "text", NO_CONDITION, f'claim "{claim.id}" shows a result and expects nothing'
    if not shows and not claim.sources and not claim.expect:
        yield "text", NO_SOURCE, f'claim "{claim.id}" rests on nothing that is named'
    judged = known.certainty.get(default)
    # a description of single rows states what was seen, not how sure an effect is
    about = default if any("/" not in spot.name for spot in placeholders(claim.text)) else ""
    level = claim.certainty or (judged.decided if judged and about else None)
    for code, message in wording(claim.text, level):
        yield "text", code, message


def check_question(question: Question, known: Names, lines: Lines) -> list[Problem]:
    """All checks of a question."""
    file = f"questions/{question.id}.md"
    found: list[Problem] = []

    def tell(key: str, code: str, message: str) -> None:
        found.append(problem(code, file, at(lines, file, key), key, message))

    if question.analysis and question.analysis not in known.analyses:
        guess = near(question.analysis, known.analyses)
        tell("analysis", ANALYSIS, f'analysis "{question.analysis}" is unknown.{guess}')
    for key, value, allowed in (
        ("theme", question.theme, known.themes),
        ("topic", question.topic, known.topics),
    ):
        if value and value not in allowed:
            tell(key, PLACE, f'{key} "{value}" is unknown.{near(value, allowed)}')
    for code, message in _conditions(question.expect, question.analysis, known):
        tell("expect", code, message)
    ids = [claim.id for claim in question.claims]
    for index, claim in enumerate(question.claims):
        if claim.id in ids[:index]:
            tell(f"claims.{index}.id", CLAIM, f'claim "{claim.id}" stands twice')
        for key, code, message in _claim(claim, question, known):
            tell(f"claims.{index}.{key}", code, message)
    placed = {s.field for s in placeholders(question.body) if s.name == "claim"}
    for index, name in enumerate(ids):
        if index and name not in placed:  # the first is the answer at the top
            tell(f"claims.{index}.id", NOT_PLACED, f'claim "{name}" is never placed in the text')
    first = lines.get(f"{file}#body", 1)
    for line, key, code, message in _prose(question.body, question.analysis, known, ids):
        found.append(problem(code, file, first + line - 1, key, message))
    if _results(question.body) and not question.expect:
        message = "the text shows a result outside of claims, and the page expects nothing"
        found.append(problem(NO_CONDITION, file, first, "", message))
    for key, line, code, message in check_reading(question, known):
        where = first + line - 1 if key == "body" else at(lines, file, key)
        found.append(problem(code, file, where, "" if key == "body" else key, message))
    for code, message in wording(question.body, None):
        found.append(problem(code, file, first, "", message))
    return found
