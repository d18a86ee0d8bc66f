"""Whether the sentences of a question still hold, checked at every build."""

from __future__ import annotations

import json
from typing import Any

from probatum.build.engine import Context, StepFailed, step
from probatum.build.results import AnalysisResult
from probatum.errors import ProbatumError, problem, problem_code
from probatum.review.claims import RowAt, evaluate, find_row, parse_expect, row_value
from probatum.review.model import REGISTERS, Question, Sourced, Study

BROKEN = problem_code(
    "E510",
    "Claim no longer holds",
    why="New evidence has broken the condition under which the sentence is true.",
    repair="Read the result again and rewrite the sentence and its conditions.",
    example='expect = ["ci_ub > 1"] and the upper limit is now 0.97',
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
    out = []
    for text in expect:
        known = {"claim": claim, "expect": text}
        try:
            condition = parse_expect(text)
        except ProbatumError:  # its own problem code says so; such a condition holds nothing
            out.append({**known, "name": "", "field": "", "holds": False})
            continue
        about = condition.name or default
        holds = evaluate(condition, _values(ctx, about, condition.field))
        out.append({**known, "name": about, "field": condition.field, "holds": holds})
    return out


def row_at(ctx: Context, name: str) -> RowAt | None:
    """The row that prose names, if there is one."""

    def study(one: str) -> Study | None:
        usable = one in ctx.get("studies")
        return ctx.model(f"study:{one}", Study) if usable else None

    def register(one: str) -> list[Sourced]:
        model = REGISTERS[one]
        rows = ctx.get(f"register:{one}") or []
        return [model.model_validate_json(json.dumps(row)) for row in rows]

    return find_row(name, study, register)


def _values(ctx: Context, name: str, field: str) -> dict[str, float | int | None]:
    if "/" in name:
        at = row_at(ctx, name)
        return {} if at is None else {field: row_value(at.row, field)}
    if name not in ctx.get("results"):
        return {}
    try:
        found = ctx.model(f"result:{name}", AnalysisResult)
    except StepFailed:
        return {}
    values: dict[str, float | int | None] = {"k": found.k, "n": found.n}
    if found.pooled is not None:
        values |= found.pooled.model_dump()
    elif len(found.studies) == 1:  # what one study found is the result
        only = found.studies[0]
        values |= {"estimate": only.estimate, "ci_lb": only.ci_lb, "ci_ub": only.ci_ub}
        values["n"] = None if only.n is None else only.n
    return values | found.zero


def broken(ctx: Context, name: str) -> list[dict[str, object]]:
    """A problem for each condition that was read and does not hold."""
    file = f"questions/{name}.md"
    written = ctx.model(f"question:{name}", Question)
    lines = ctx.get(f"parsed:question:{name}")["lines"]
    places = {claim.id: f"claims.{i}.expect" for i, claim in enumerate(written.claims)}
    out = []
    for claim in ctx.get(f"claims:{name}"):
        if claim["field"] and not claim["holds"]:
            key = places.get(claim["claim"], "expect")
            message = f'"{claim["expect"]}" is no longer true'
            line = lines.get(f"{file}#{key}", 0)
            out.append(problem(BROKEN, file, line, key, message).as_dict())
    return out
