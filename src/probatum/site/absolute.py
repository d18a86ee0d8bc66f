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

    per: int
    control: Shown
    treated: Shown
    interval: Shown
    numbers: tuple[float, ...]  # people: control, treated, lower, upper

    @property
    def of(self) -> str:
        """How many people that is of, in words."""
        return _WORDS[self.per]


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion as people of `per`, with its interval."""

    per: int
    estimate: Shown
    interval: Shown
    numbers: tuple[float, ...]  # people: estimate, lower, upper

    @property
    def of(self) -> str:
        """How many people that is of, in words."""
        return _WORDS[self.per]


_WORDS = {100: "a hundred", 1000: "a thousand"}


def _per(hundredth: float) -> int:
    return 1000 if hundredth < 2 else 100  # rare outcomes vanish in a hundred people


def absolute(result: AnalysisResult) -> Absolute | None:
    """Return the absolute reading of a pooled OR or RR, where the counts allow one."""
    if result.presentation != "pooled":
        return None  # two studies have no pooled answer, in people as little as in ratios
    try:
        per = _per(*quantity(result, "control100"))
        fields = [f"{name}{per}" for name in ("control", "treated", "treated_ci")]
        control, treated, interval = (frequency(result, field, per) for field in fields)
        numbers = tuple(n for field in fields for n in quantity(result, field))
        return Absolute(per, control, treated, interval, numbers)
    except Undefined:
        return None


def share(result: AnalysisResult) -> Share | None:
    """Return a pooled proportion, or that of the only study, as people of a hundred."""
    if result.presentation not in ("pooled", "single-study"):
        return None
    try:
        per = _per(*quantity(result, "per100"))
        fields = [f"{name}{per}" for name in ("per", "ci")]
        estimate, interval = (frequency(result, field, per) for field in fields)
        numbers = tuple(n for field in fields for n in quantity(result, field))
        return Share(per, estimate, interval, numbers)
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
