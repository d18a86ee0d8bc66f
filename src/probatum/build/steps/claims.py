"""Whether the sentences of a question still hold and can be filled, checked at every build."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatum.build.engine import Context, step
from probatum.build.quantities import Undefined
from probatum.build.references import Named, Unknown, look_up, missing, numbers
from probatum.errors import ProbatumError, problem, problem_code
from probatum.review.claims import evaluate, parse_expect, placeholders
from probatum.review.model import Question

BROKEN = problem_code(
    "E510",
    "Claim no longer holds",
    why="New evidence has broken the condition under which the sentence is true.",
    repair="Read the result again and rewrite the sentence and its conditions.",
    example='expect = ["ci_ub > 1"] and the upper limit is now 0.97',
)
NO_VALUE = problem_code(
    "E514",
    "Placeholder without a value",
    why="The page shows a hole where a number should stand.",
    repair="Show what there is: each study, a row, an upper limit; or rewrite the sentence.",
    example="{{ estimate }} of an analysis with two studies, which have no pooled answer",
)


@step("claims")
def claims(ctx: Context, name: str) -> list[dict[str, Any]]:
    """Each condition of a question: whose claim it is ("" the page's), and whether it holds."""
    written = ctx.model(f"question:{name}", Question)
    out = _conditions(ctx, "", written.expect, written.analysis)
    for claim in written.claims:
        out += _conditions(ctx, claim.id, claim.expect, claim.analysis or written.analysis)
    return out


def _conditions(ctx: Context, claim: str, expect: list[str], default: str) -> list[dict[str, Any]]:
    return [{"claim": claim, "expect": text, **_condition(ctx, text, default)} for text in expect]


def _condition(ctx: Context, text: str, default: str) -> dict[str, Any]:
    """Name, field and value of a condition, whether it holds, and why there is no value.

    `failed`: the analysis could not be computed, which is a problem of its own.
    """
    out: dict[str, Any] = {"name": "", "field": "", "value": None, "holds": False, "reason": ""}
    out["failed"] = False
    try:
        condition = parse_expect(text)
    except ProbatumError as error:  # its own problem code says so; such a condition holds nothing
        return {**out, "reason": str(error)}
    out.update(name=condition.name or default, field=condition.field)
    try:
        named = look_up(ctx, condition.name, default)
        out["failed"] = _failed(named)
        (value,) = numbers(named, condition.field)
    except Undefined as reason:
        return {**out, "reason": str(reason)}
    except ValueError:
        return {**out, "reason": f'"{condition.field}" is an interval; compare one of its ends'}
    return {**out, "value": value, "holds": evaluate(condition, {condition.field: value})}


def _failed(named: Named) -> bool:
    return named.result is not None and named.result.presentation == "failed"


@step("unfilled")
def unfilled(ctx: Context, name: str) -> list[dict[str, object]]:
    """A problem for each placeholder of a question that names something without a value."""
    file = f"questions/{name}.md"
    written = ctx.model(f"question:{name}", Question)
    lines = ctx.get(f"parsed:question:{name}")["lines"]
    out = []
    for index, claim in enumerate(written.claims):
        key = f"claims.{index}.text"
        for _, text, reason in _holes(ctx, claim.text, claim.analysis or written.analysis):
            where = lines.get(f"{file}#{key}", 0)
            out.append(problem(NO_VALUE, file, where, key, f"{{{{ {text} }}}}: {reason}"))
    first = lines.get(f"{file}#body", 1)
    for line, text, reason in _holes(ctx, written.body, written.analysis):
        message = f"{{{{ {text} }}}}: {reason}"
        out.append(problem(NO_VALUE, file, first + line - 1, "", message))
    return [found.as_dict() for found in out]


def _holes(ctx: Context, text: str, default: str) -> Iterator[tuple[int, str, str]]:
    for spot in placeholders(text):
        if not spot.field or spot.name == "claim":
            continue
        try:
            named = look_up(ctx, spot.name, default)
            reason = "" if _failed(named) else missing(named, spot.field)
        except Unknown:
            continue
        except Undefined as undefined:
            reason = str(undefined)
        if reason:
            yield spot.line, spot.text, reason


def broken(ctx: Context, name: str) -> list[dict[str, object]]:
    """A problem for each condition that was read and does not hold."""
    file = f"questions/{name}.md"
    written = ctx.model(f"question:{name}", Question)
    lines = ctx.get(f"parsed:question:{name}")["lines"]
    places = {claim.id: f"claims.{i}.expect" for i, claim in enumerate(written.claims)}
    out = []
    for claim in ctx.get(f"claims:{name}"):
        if claim["field"] and not claim["holds"] and not claim["failed"]:
            key = places.get(claim["claim"], "expect")
            message = f'"{claim["expect"]}" is no longer true'
            if claim["reason"]:
                message = f'"{claim["expect"]}" can\'t be checked: {claim["reason"]}'
            line = lines.get(f"{file}#{key}", 0)
            out.append(problem(BROKEN, file, line, key, message).as_dict())
    return out
