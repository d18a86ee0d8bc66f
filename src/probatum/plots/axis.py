"""The drawn column of a figure: limits, ticks and where a value stands."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Scale = Literal["log", "linear", "percent", "root"]  # "root": square roots of shares
_ROOTS: tuple[tuple[float, ...], ...] = (
    (0.0, 0.01, 0.05, 0.1, 0.2, 0.5, 0.8, 1.0),
    (0.0, 0.01, 0.05, 0.2, 0.5, 1.0),
    (0.0, 0.05, 0.2, 0.5, 1.0),
    (0.0, 0.1, 0.5, 1.0),
)


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps display-scale values to pixels between `left` and `right`."""

    lo: float
    hi: float
    left: float
    right: float
    scale: Scale
    shares: bool = False  # on a log scale: ticks in percent

    def place(self, value: float) -> float:
        """Pixel of `value`, wherever that is; infinite where the scale has no end."""
        lo, hi = self.lo, self.hi
        if self.scale == "root":
            lo, hi, value = math.sqrt(lo), math.sqrt(hi), math.sqrt(value)
        if self.scale == "log":
            lo, hi = math.log(lo), math.log(hi)
            value = math.log(value) if value > 0 else -math.inf
        return self.left + (value - lo) / (hi - lo) * (self.right - self.left)

    def x(self, value: float) -> float:
        """Pixel of `value`, held inside the axis."""
        return min(self.right, max(self.left, self.place(value)))

    def ticks(self, most: int = 7) -> list[tuple[float, str]]:
        """Tick values inside the limits, at most about `most`, with their labels."""
        if self.scale == "root":
            roots = next((v for v in _ROOTS if len(v) <= most), (0.0, 1.0))
            return [(v, f"{v:g}") for v in roots if self.lo <= v <= self.hi]
        lo, hi = self.lo, self.hi
        log = self.scale == "log" and hi / lo > 4
        values = _log_ticks(lo, hi, most) if log else _ticks(lo, hi, most)
        if log and hi / lo < 10 and len(values) < min(3, most):
            values = _ticks(lo, hi, most)  # 1, 2, 5 are too coarse for so little
        if self.scale == "percent" or self.shares:
            return [(v, f"{v * 100:g}%") for v in values]
        return [(v, _plain(v)) for v in values]


def _plain(value: float) -> str:
    """A tick as people write it: 0.001 and 10000, but 1e−5 and 1.5e6."""
    size = abs(value)
    text = f"{value:g}"
    if size and not 1e-4 <= size < 1e5:
        mantissa, power = f"{value:.5e}".split("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
    return text.replace("-", "−")


def _log_ticks(lo: float, hi: float, most: int) -> list[float]:
    """1, 2, 5 in each decade where they fit, else powers of ten, always through 1."""
    decades = range(math.floor(math.log10(lo)), math.ceil(math.log10(hi)) + 1)
    ladders = [
        [float(f"{m}e{e}") for e in decades for m in (1, 2, 5)],
        *([float(f"1e{e}") for e in decades if e % step == 0] for step in (1, 2, 3, 5, 10, 20)),
    ]
    shown = [[t for t in ticks if lo * 0.999 <= t <= hi * 1.001] for ticks in ladders]
    return next((ticks for ticks in shown if len(ticks) <= most), shown[-1])


def _ticks(lo: float, hi: float, most: int) -> list[float]:
    raw = (hi - lo) / min(max(most, 2), 6)
    decade = math.floor(math.log10(raw))
    power = 10.0**decade
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
    first = math.ceil(lo / step - 1e-9)
    count = math.floor(hi / step + 1e-9) - first + 1
    return [round((first + i) * step, 1 - decade) for i in range(count)]


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

    Bounds are shown up to a reach beyond the estimates: 1.5 times the spread of the middle half
    of them, three times what a typical interval reaches (of those that reach anywhere, where all
    estimates are the same), and on a log scale at least a factor of 8. What goes further is cut,
    and the figure draws an arrowhead there.
    """
    if scale == "percent":
        return _percent([*estimates, *bounds], left, right)
    log = scale == "log"
    to = math.log if log else float
    points = sorted(to(v) for v in estimates if math.isfinite(v) and (v > 0 or not log))
    ends = [to(v) for v in bounds if math.isfinite(v) and (v > 0 or not log)]
    if not points:
        points = sorted(ends)
    spread = points[(3 * len(points)) // 4] - points[len(points) // 4] if points else 0.0
    points += [] if null is None else [to(null)]
    points = points or [0.0, 1.0]
    lo, hi = min(points), max(points)
    beyond = sorted(max(lo - e, e - hi, 0.0) for e in ends)
    if spread == 0:
        beyond = [reached for reached in beyond if reached > 0]
    typical = beyond[(len(beyond) - 1) // 2] if beyond else 0.0
    reach = max(1.5 * spread, 3 * typical, math.log(8) if log else 0.0)
    least, most = min([lo, *ends]), max([hi, *ends])
    lo, hi = max(lo - reach, least), min(hi + reach, most)
    near = (hi - lo) / 4  # an arrowhead for a hair's breadth helps nobody
    lo, hi = (least if lo - least < near else lo), (most if most - hi < near else hi)
    if hi - lo < 1e-12 * max(1.0, abs(lo)):
        lo, hi = lo - 1, hi + 1
    pad = (hi - lo) * 0.05
    # exp() of more than this is no number; such an axis shows nothing anyway
    back = (lambda v: math.exp(min(700.0, max(-700.0, v)))) if log else float
    return Axis(back(lo - pad), back(hi + pad), left, right, scale)


_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)


def _percent(values: list[float], left: float, right: float) -> Axis:
    """0 to 100%, or to the first of a few round shares that holds everything."""
    most = max((v for v in values if math.isfinite(v)), default=1.0)
    least = min((v for v in values if math.isfinite(v)), default=0.0)
    top = next((t for t in _SHARES if most <= t), 1.0)
    return Axis(min(0.0, least), max(top, most), left, right, "percent")
