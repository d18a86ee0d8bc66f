"""What a ratio means in people out of 100 or 1,000, at the risk seen in the comparison groups."""

from __future__ import annotations

from dataclasses import dataclass

from probatum.build.results import AnalysisResult
from probatum.build.shown import Shown
from probatum.site.numbers import ResultNumbers


@dataclass(frozen=True, slots=True)
class Absolute:
    """Of `per` people: with the comparison, with the intervention, and its interval."""

    per: str
    control: Shown
    treated: Shown
    interval: Shown


def _apply(measure: str, risk: float, ratio: float) -> float:
    """Return the risk under treatment (Cochrane Handbook 6.4, section 15.4.4)."""
    if measure == "RR":
        return min(1.0, risk * ratio)
    odds = risk / (1 - risk) * ratio
    return odds / (1 + odds)


def absolute(result: AnalysisResult) -> Absolute | None:
    """Return the absolute reading of a pooled OR or RR, where the counts allow one.

    The comparison risk is the total of events over the total of people in the comparison
    groups of the same studies: a description of these studies, not of anybody's own risk.
    """
    pooled = result.pooled
    if pooled is None or result.presentation != "pooled" or result.measure not in ("OR", "RR"):
        return None  # two studies have no pooled answer, in people as little as in ratios
    cells = [s.cells for s in result.studies if s.estimate is not None]
    if not cells or any("ci" not in c or "n2i" not in c for c in cells):
        return None
    events, people = sum(c["ci"] for c in cells), sum(c["n2i"] for c in cells)
    if not 0 < events < people:
        return None
    risk = events / people
    numbers = ResultNumbers(result)

    base = 1000 if risk < 0.02 else 100  # rare outcomes vanish in a hundred people

    def out_of(name: str, *risks: float) -> Shown:
        written = [_whole(base * r, base) for r in risks]
        return Shown(
            id=f"{result.id}/absolute/{name}",
            value=base * risks[0] if len(risks) == 1 else None,
            display=" to ".join(written),
            scale=f"people of {base}",
            node=numbers.node,
            refs=numbers.refs,
            href=numbers.how,
        )

    return Absolute(
        per="a thousand" if base == 1000 else "a hundred",
        control=out_of("control", risk),
        treated=out_of("treated", _apply(result.measure, risk, pooled.estimate)),
        interval=out_of(
            "interval",
            _apply(result.measure, risk, pooled.ci_lb),
            _apply(result.measure, risk, pooled.ci_ub),
        ),
    )


def _whole(value: float, base: int) -> str:
    if value < 0.5:
        return "fewer than 1"
    return f"more than {base - 1}" if base - 0.5 <= value < base else f"{value:.0f}"
