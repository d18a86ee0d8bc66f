"""Exact limits: what can be said where nobody, or hardly anybody, had the event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from probatum.build.results import StudyEffect
from probatum.meta.exact import binomial_interval
from probatum.review.model import AnalysisSpec


def eventless(lines: Sequence[StudyEffect]) -> bool:
    """Whether there are counts and nobody in any group had an event."""
    events = [
        line.cells[name] for line in lines for name in ("ai", "ci", "xi") if name in line.cells
    ]
    return bool(events) and not any(events) and all(line.cells for line in lines)


def exact_limits(
    lines: Sequence[StudyEffect], spec: AnalysisSpec, *, add: bool
) -> tuple[list[StudyEffect], dict[str, float]]:
    """Exact limits of each line, and of all people together.

    People are added up only where nobody had the event, all have one frame, and `add` says that
    nobody is in two lines: else the limit would be too low.
    """
    shown, events, people = [], 0.0, 0.0
    for line in lines:
        x = line.cells.get("xi", line.cells.get("ai"))
        n = line.cells.get("ni", line.cells.get("n1i"))
        if x is None or n is None or not 0 <= x <= n or n <= 0:
            raise ValueError(f"{line.label}: an exact limit needs events and people of a group")
        events, people = events + x, people + n
        share = _share(x, n, spec.level)
        # no effect size: the logit of no events would be one of a correction
        shown.append(line.model_copy(update={**share, "n": n, "yi": None, "vi": None}))
    if len(shown) > 1 and (events or not add or len({line.frame for line in shown}) > 1):
        return shown, {}
    upper = _share(events, people, spec.level)["ci_ub"]
    return shown, {"events": events, "n": people, "upper": upper, "level": spec.level}


def as_counted(lines: Sequence[StudyEffect], spec: AnalysisSpec) -> list[StudyEffect]:
    """Shares that stand side by side, as counted and with exact limits.

    Made from the effect size, none of thirty would be shown as more than none.
    """
    shown = []
    for line in lines:
        x, n = line.cells.get("xi"), line.cells.get("ni")
        if x is not None and n is not None and 0 <= x <= n and n > 0:
            line = line.model_copy(update=_share(x, n, spec.level))
        shown.append(line)
    return shown


def _share(x: float, n: float, level: float) -> dict[str, Any]:
    """A share as counted with its limits (Clopper and Pearson 1934)."""
    lower, upper = binomial_interval(x, n, level=level)
    return {"estimate": x / n, "ci_lb": float(lower), "ci_ub": float(upper), "reason": ""}
