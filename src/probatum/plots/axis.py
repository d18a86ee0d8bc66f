"""The drawn column of a figure: limits, ticks and where a value stands."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Scale = Literal["log", "linear", "percent"]


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps display-scale values to pixels between `left` and `right`."""

    lo: float
    hi: float
    left: float
    right: float
    scale: Scale

    def x(self, value: float) -> float:
        """Pixel of `value`, held inside the axis."""
        if self.scale == "log":
            lo, hi = math.log(self.lo), math.log(self.hi)
            value = math.log(value) if value > 0 else lo
        else:
            lo, hi = self.lo, self.hi
        share = (value - lo) / (hi - lo)
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def ticks(self, most: int = 7) -> list[tuple[float, str]]:
        """Tick values inside the limits, with their labels."""
        values = _log_ticks(self.lo, self.hi) if self.scale == "log" else _ticks(self.lo, self.hi)
        while len(values) > most:
            values = values[::2]
        percent = self.scale == "percent"
        return [(v, f"{v * 100:g}%" if percent else f"{v:g}".replace("-", "−")) for v in values]


def _log_ticks(lo: float, hi: float) -> list[float]:
    decades = range(math.floor(math.log10(lo)), math.ceil(math.log10(hi)) + 1)
    steps = (1, 2, 5) if math.log10(hi / lo) < 3 else (1,)
    ticks = [float(f"{m}e{e}") for e in decades for m in steps]
    return [t for t in ticks if lo * 0.999 <= t <= hi * 1.001]


def _ticks(lo: float, hi: float) -> list[float]:
    raw = (hi - lo) / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw)
    first = math.ceil(lo / step - 1e-9)
    count = math.floor(hi / step + 1e-9) - first + 1
    return [round((first + i) * step, 12) for i in range(count)]


def fit_axis(
    estimates: Iterable[float],
    bounds: Iterable[float],
    *,
    scale: Scale,
    null: float | None,
    left: float,
    right: float,
) -> Axis:
    """Limits that show every estimate, and intervals as far as they don't squeeze the rest.

    A bound further from the estimates than 1.5 times their spread (on a log scale at
    least a factor of 8) is cut; the figure draws an arrowhead there.
    """
    if scale == "percent":
        return Axis(0.0, 1.0, left, right, scale)
    log = scale == "log"
    to = math.log if log else float
    points = [to(v) for v in estimates if math.isfinite(v) and (v > 0 or not log)]
    if null is not None:
        points.append(to(null))
    ends = [to(v) for v in bounds if math.isfinite(v) and (v > 0 or not log)]
    if not points:
        points = ends or [0.0, 1.0]
    lo, hi = min(points), max(points)
    reach = max(1.5 * (hi - lo), math.log(8) if log else 0.0)
    if not log and reach == 0.0:
        reach = max((abs(e - lo) for e in ends), default=1.0) or 1.0
    lo = max(lo - reach, min([lo, *ends]))
    hi = min(hi + reach, max([hi, *ends]))
    if hi - lo < 1e-12:
        lo, hi = lo - 1, hi + 1
    pad = (hi - lo) * 0.06
    lo, hi = lo - pad, hi + pad
    back = math.exp if log else float
    return Axis(back(lo), back(hi), left, right, scale)
