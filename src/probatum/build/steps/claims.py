"""Whether the sentences of a question still hold, checked at every build."""

from __future__ import annotations

from typing import Any

from probatum.build.engine import Context, StepFailed, step
from probatum.build.results import AnalysisResult
from probatum.errors import ProbatumError, problem, problem_code
from probatum.review.claims import evaluate, parse_expect
from probatum.review.model import Question

BROKEN = problem_code(
    "E510",
    "Claim no longer holds",
    why="New evidence has broken the condition under which the sentence is true.",
    repair="Read the result again and rewrite the sentence and its conditions.",
    example='expect = ["ci_ub > 1"] and the upper limit is now 0.97',
)


@step("claims")
def claims(ctx: Context, name: str) -> list[dict[str, Any]]:
    """Each condition of a question, what it is about, and whether it holds."""
    written = ctx.model(f"question:{name}", Question)
    out = []
    for text in written.expect:
        try:
            expect = parse_expect(text)
        except ProbatumError:  # its own problem code says so; such a condition holds nothing
            out.append({"expect": text, "analysis": "", "field": "", "holds": False})
            continue
        analysis = expect.analysis or written.analysis
        holds = evaluate(expect, _values(ctx, analysis))
        out.append({"expect": text, "analysis": analysis, "field": expect.field, "holds": holds})
    return out


def _values(ctx: Context, analysis: str) -> dict[str, float | int | None]:
    if analysis not in ctx.get("results"):
        return {}
    try:
        found = ctx.model(f"result:{analysis}", AnalysisResult)
    except StepFailed:
        return {}
    values: dict[str, float | int | None] = {"k": len(found.studies)}
    if found.pooled is not None:
        values |= found.pooled.model_dump()
    return values | found.zero


def broken(ctx: Context, name: str) -> list[dict[str, object]]:
    """A problem for each condition that was read and does not hold."""
    file = f"questions/{name}.md"
    line = ctx.get(f"parsed:question:{name}")["lines"].get(f"{file}#expect", 0)
    return [
        problem(BROKEN, file, line, "expect", f'"{claim["expect"]}" is no longer true').as_dict()
        for claim in ctx.get(f"claims:{name}")
        if claim["field"] and not claim["holds"]
    ]
