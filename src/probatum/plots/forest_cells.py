"""The arms' numbers that effect sizes were made of, as the cells of a forest plot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..meta.types import EffectSizes


def _whole(value: float) -> str:
    """A count with all its digits, a measurement with six."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:g}"
    return text.replace("-", "−")


_TWO: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "events/n": (("ai", "n1i"), ("ci", "n2i")),
    "mean (SD), n": (("m1i", "sd1i", "n1i"), ("m2i", "sd2i", "n2i")),
    "events/time": (("x1i", "t1i"), ("x2i", "t2i")),
}
_ONE: dict[str, tuple[str, ...]] = {
    "Events/n": ("xi", "ni"),
    "Events/time": ("xi", "ti"),
    "n": ("ni",),
}


def arm_cells(
    data: EffectSizes, arms: tuple[str, str]
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Headers and, for each row, the arms' numbers; nothing where there are none."""
    have, k = data.inputs, len(data)
    for counted, both in _TWO.items():
        if {*both[0], *both[1]} <= have.keys():
            names = [f"{arm}\n{counted}" for arm in arms]
            return tuple(names), [tuple(_cell(have, arm, i) for arm in both) for i in range(k)]
    for counted, cells in _ONE.items():
        if set(cells) <= have.keys():
            return (counted,), [(_cell(have, cells, i),) for i in range(k)]
    return (), [()] * k


def _cell(have: Mapping[str, Any], names: tuple[str, ...], i: int) -> str:
    """13/27, or 4.2 (1.1), 27 where there are a mean and a standard deviation."""
    values = [_whole(float(have[name][i])) for name in names]
    return f"{values[0]} ({values[1]}), {values[2]}" if len(values) == 3 else "/".join(values)
