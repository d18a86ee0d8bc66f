"""What a ratio means in people out of 100 or 1,000, at the risk seen in the comparison groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from probatum.build.quantities import Undefined, quantity
from probatum.build.results import AnalysisResult
from probatum.build.shown import Shown
from probatum.site import format as fmt
from probatum.site.numbers import ResultNumbers


@dataclass(frozen=True, slots=True)
class Absolute:
    """Of `per` people: with the comparison, with the intervention, and its interval."""

    per: str
    control: Shown
    treated: Shown
    interval: Shown


def absolute(result: AnalysisResult) -> Absolute | None:
    """Return the absolute reading of a pooled OR or RR, where the counts allow one."""
    if result.presentation != "pooled":
        return None  # two studies have no pooled answer, in people as little as in ratios
    try:
        (risk,) = quantity(result, "control100")
        per = 1000 if risk < 2 else 100  # rare outcomes vanish in a hundred people
        return Absolute(
            per="a thousand" if per == 1000 else "a hundred",
            control=frequency(result, f"control{per}", per),
            treated=frequency(result, f"treated{per}", per),
            interval=frequency(result, f"treated_ci{per}", per),
        )
    except Undefined:
        return None


def frequency(result: AnalysisResult, field: str, per: int) -> Shown:
    """Return a frequency such as ``treated100``.

    Raises
    ------
    Undefined
        The result has none.
    """
    values = quantity(result, field)
    return ResultNumbers(result).field(field, values, people(per, values), f"people of {per}")


def people(per: int, values: Sequence[float]) -> str:
    """Write how many people of `per`: one number, or the ends of an interval.

    Examples
    --------
    >>> people(100, [27.6]), people(100, [0.2, 33.1]), people(1000, [999.8])
    ('28', 'fewer than 1 to 33', 'more than 999')
    """
    texts = [_whole(value, per) for value in values]
    return texts[0] if len(texts) == 1 else fmt.bounds(texts[0], texts[1])


def _whole(value: float, per: int) -> str:
    if 0 < value < 0.5:
        return "fewer than 1"
    return f"more than {per - 1}" if per - 0.5 <= value < per else f"{value:.0f}"
