"""The claims of a question as a list: the sentence as readers see it, its state and conditions."""

from __future__ import annotations

from typing import Any

from probatum.build.engine import Context, step
from probatum.build.quantities import Undefined
from probatum.review.claims import placeholders
from probatum.review.model import Claim, Question
from probatum.site.certainty import judged
from probatum.site.values import shown


@step("told")
def told(ctx: Context, name: str) -> list[dict[str, Any]]:
    """Every claim of a question (and "" for the page's own conditions), from the build's nodes."""
    written = ctx.model(f"question:{name}", Question)
    conditions = ctx.get(f"claims:{name}")
    lines = ctx.get(f"parsed:question:{name}")["lines"]
    out = []
    claims = [Claim(id="", text="", expect=written.expect)] if written.expect else []
    for claim in (*claims, *written.claims):
        index = written.claims.index(claim) if claim.id else -1
        default = claim.analysis or written.analysis
        sure = judged(ctx, default, claim.certainty) if claim.id else None
        own = [_condition(ctx, known) for known in conditions if known["claim"] == claim.id]
        key = f"claims.{index}.text" if claim.id else "expect"
        out.append(
            {
                "claim": claim.id,
                "line": lines.get(f"questions/{name}.md#{key}", 0),
                "text": _filled(ctx, claim.text, default),
                "certainty": sure.level if sure else "",
                "state": _state(own),
                "conditions": own,
                "sources": claim.sources,
            }
        )
    return out


def _state(conditions: list[dict[str, Any]]) -> str:
    if not conditions:
        return "no condition"
    return "holds" if all(known["holds"] for known in conditions) else "broken"


def _condition(ctx: Context, known: dict[str, Any]) -> dict[str, Any]:
    display = ""
    if known["value"] is not None:
        display = shown(ctx, known["name"], known["field"], "").display
    names = ("expect", "holds", "value", "reason")
    return {**{name: known[name] for name in names}, "display": display}


def _filled(ctx: Context, text: str, default: str) -> str:
    """Return the text of a claim with its placeholders filled in."""
    out, last = [], 0
    for spot in placeholders(text):
        out.append(text[last : spot.start])
        try:
            out.append(shown(ctx, spot.name, spot.field, default).display)
        except Undefined:
            out.append("(no value)")
        last = spot.stop
    return "".join([*out, text[last:]])
