"""How a fit's numbers are shown: back-transformed, on which axis, under which name, as text."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from ..errors import BadInput, UnknownOption
from ..meta.measures import MEASURES
from ..meta.transforms import NEED_SIZE, harmonic_mean
from ..meta.types import EffectSizes, MetaFit
from .axis import Scale

Transf = Literal["auto", "none"]
NBSP = "\N{NO-BREAK SPACE}"


class Display:
    """How a fit's numbers are shown: transformed, on which axis, under which name."""

    def __init__(self, data: EffectSizes, transf: str) -> None:
        if transf not in ("auto", "none"):
            raise UnknownOption("transf", transf, ("auto", "none"))
        measure = MEASURES.get(data.measure)
        name = measure.name if measure and data.measure != "GEN" else "estimate"
        self.scale: Scale = "linear"
        self.null: float | None = 0.0
        self.percent = False
        self._back: Callable[..., Any] = lambda x, ni: x
        self.ni = data.ni
        if measure is not None and data.measure != "GEN":
            self.null = measure.null
        needs_n = measure is not None and measure.transf in NEED_SIZE
        needs_n = needs_n and (data.ni is None or not np.isfinite(data.ni).any())
        if transf == "auto" and measure is not None and not needs_n:
            self._back = measure.back
            if measure.scale == "ratio" or data.measure == "IRLN":
                self.scale = "log"
            self.percent = measure.scale == "proportion"
            if self.percent:
                self.scale = "percent"
            if self.percent or measure.transf != "identity":
                name = measure.display
        elif self.null is not None and measure is not None and measure.transf != "identity":
            self.null = 0.0  # of a ratio, on the log scale
        self.name = name[:1].upper() + name[1:]

    def value(self, x: float, ni: float | None = None) -> float:
        """`x` on the display scale; `ni` is the study's size, by default the pooled one."""
        if math.isnan(x):
            return math.nan
        if ni is None and self.ni is not None:
            ni = harmonic_mean(self.ni)
        return float(np.asarray(self._back(x, ni)).ravel()[0])

    def number(self, value: float) -> str:
        """`value` as text."""
        return number(100 * value) + "%" if self.percent else number(value)

    def interval(self, lb: float, ub: float) -> str:
        """The limits as text."""
        return f"[{self.number(lb)}, {self.number(ub)}]"


def scaled(data: EffectSizes) -> Display:
    """Ratios as such, all else as analysed: the scales on which standard errors can be drawn."""
    shown = Display(data, "auto")
    return shown if shown.scale == "log" else Display(data, "none")


def number(value: float) -> str:
    """Two decimals below 10, then fewer; tiny values in powers of ten, never a false 0.00."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size >= 1e5 or 0 < size < 0.0005:
        text = f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
    else:
        digits = 3 if 0 < size < 0.005 else 2 if size < 9.995 else 1 if size < 99.95 else 0
        text = f"{value:.{digits}f}"
    return text.replace("-", "−")


def single(fit: MetaFit) -> bool:
    """Whether one effect stands for all studies."""
    return fit.p == 1 and bool(np.ptp(fit.X[:, 0]) == 0)


def p_text(value: float) -> str:
    """The p-value in words that no line ends within."""
    shown = "< 0.001" if value < 0.001 else f"= {value:.3f}" if math.isfinite(value) else "unknown"
    return f"p {shown}".replace(" ", NBSP)


def the_fit(fit: object, name: str, *, least: int = 2, plain: bool = False) -> MetaFit:
    """`fit`, if it is one that the figure `name` can be drawn of.

    Raises
    ------
    BadInput
        For anything but a fit, for fewer than `least` studies, and with `plain` for moderators.
    """
    if not isinstance(fit, MetaFit):
        made = f"{name}(pb.pool(es))" if isinstance(fit, EffectSizes) else "pool() makes one"
        raise BadInput(f"{name} draws a fit; this is of type {type(fit).__name__}. Try: {made}.")
    if fit.k < least:
        raise BadInput(
            f"{name} needs at least {least} studies; this fit has {fit.k}. "
            "forest(fit) shows what there is."
        )
    if plain and not single(fit):
        raise BadInput(
            f"{name} needs one pooled effect, and this fit has moderators; "
            "pool without mods, or draw forest(fit)."
        )
    return fit
