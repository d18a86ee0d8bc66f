"""`pb.forest(fit)` and `pb.funnel(fit)`: figures straight from a fitted model."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from scipy.special import ndtri

from ..errors import BadInput, UnknownOption
from ..meta.measures import MEASURES
from ..meta.transforms import NEED_SIZE, harmonic_mean
from ..meta.types import EffectSizes, MetaFit
from .axis import Scale
from .figure import Figure
from .forest import Bar, Diamond, ForestTable, Note, Row, StudyRow, forest_scene
from .funnel import FunnelData, funnel_scene

Transf = Literal["auto", "none"]


class _Display:
    """How a fit's numbers are shown: transformed, on which axis, under which name."""

    def __init__(self, data: EffectSizes, transf: str) -> None:
        if transf not in ("auto", "none"):
            raise UnknownOption("transf", transf, ("auto", "none"))
        measure = MEASURES.get(data.measure)
        name = measure.name if measure else "estimate"
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
                self.scale, name = "percent", "proportion"
            name = {"ZCOR": "correlation"}.get(data.measure, name.removeprefix("log "))
        elif self.null is not None:
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
        return _number(100 * value) + "%" if self.percent else _number(value)

    def interval(self, lb: float, ub: float) -> str:
        """The limits as text."""
        return f"[{self.number(lb)}, {self.number(ub)}]"


def _number(value: float) -> str:
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


def _whole(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:g}".replace("-", "−")


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


def _cells(
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


def forest(
    fit: MetaFit,
    *,
    slab: Sequence[str] | None = None,
    transf: Transf = "auto",
    cells: bool = True,
    arms: tuple[str, str] = ("Group 1", "Group 2"),
    favours: tuple[str, str] = ("", ""),
    narrow: bool = False,
    title: str = "Forest plot",
) -> Figure:
    """Forest plot of a fit: studies, weights, pooled effect and prediction interval.

    Layout after Lewis & Clarke (2001), BMJ 322:1479. Of a fit with moderators only the studies
    are drawn, since no single effect stands for all of them, and a note says so.

    Parameters
    ----------
    fit : MetaFit
    slab : sequence of str, optional
        Labels in the place of the data's own, one for each row.
    transf : {"auto", "none"}
        Back to the scale that people read (ratios, percent), or as analysed.
    cells : bool
        Show the arms' numbers behind each estimate, where the effect sizes were made of them.
    arms, favours : pair of str
        Names of the two arms; what a value left and right of no effect favours.
    narrow : bool
        Two lines a study, for a phone, without the arms' numbers.
    title : str

    Returns
    -------
    Figure

    Raises
    ------
    BadInput
        If `slab` does not have one label for each row.
    UnknownOption
        If `transf` is neither of the two.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.3, -0.2], [0.04, 0.05, 0.03])
    >>> pb.forest(fit).scene.title
    'Forest plot'
    """
    data, show = fit.data, _Display(fit.data, transf)
    names = tuple(str(s) for s in (data.slab if slab is None else slab))
    if len(names) != len(data):
        raise BadInput(f"slab has {len(names)} labels for {len(data)} rows; give one for each row.")
    heads, counts = _cells(data, arms) if cells else ((), [()] * len(data))
    rows: list[Row] = [
        _study(fit, show, i, name, row) for i, (name, row) in enumerate(zip(names, counts))
    ]
    rows += _foot(fit, show)
    drawn = ForestTable(
        tuple(rows),
        title,
        f"{show.name} of {fit.k} {'study' if fit.k == 1 else 'studies'}.",
        show.scale,
        show.null,
        columns=heads,
        effect=f"{show.name} [{fit.level:g}% CI]",
        favours=favours,
        pooled=show.value(float(fit.beta[0])) if _single(fit) else None,
    )
    return Figure(forest_scene(drawn, narrow=narrow))


def _single(fit: MetaFit) -> bool:
    """Whether one effect stands for all studies."""
    return fit.p == 1 and bool(np.ptp(fit.X[:, 0]) == 0)


def _study(fit: MetaFit, show: _Display, i: int, name: str, counts: tuple[str, ...]) -> StudyRow:
    data = fit.data
    yi, vi = float(data.yi[i]), float(data.vi[i])
    half = float(ndtri(0.5 + fit.level / 200)) * math.sqrt(vi) if vi >= 0 else math.nan
    ni = float(data.ni[i]) if data.ni is not None else None
    estimate, lb, ub = (show.value(v, ni) for v in (yi, yi - half, yi + half))
    weight = float(fit.weights[i])
    known = math.isfinite(weight)
    return StudyRow(
        key=f"{i}",
        label=name,
        cells=counts,
        estimate=estimate,
        ci_lb=lb,
        ci_ub=ub,
        text="not estimable"
        if math.isnan(estimate)
        else f"{show.number(estimate)} {show.interval(lb, ub)}",
        weight=weight if known else None,
        weight_text=f"{weight:.1f}%" if known else "",
    )


def _foot(fit: MetaFit, show: _Display) -> list[Row]:
    """Diamond, prediction interval and notes."""
    rows: list[Row] = []
    if _single(fit):
        pooled, lb, ub = (show.value(float(v[0])) for v in (fit.beta, fit.ci_lb, fit.ci_ub))
        words = f"{show.number(pooled)} {show.interval(lb, ub)}"
        rows.append(Diamond("pooled", f"Pooled ({fit.method})", pooled, lb, ub, words))
        if fit.tau2 > 0 and fit.k > 2:
            spread = fit.predict()
            low, high = (show.value(float(v[0])) for v in (spread.pi_lb, spread.pi_ub))
            label = "Prediction interval"
            rows.append(Bar("prediction", label, low, high, show.interval(low, high)))
    else:
        rows.append(Note("A model with moderators: studies only; no one effect stands for all."))
    if fit.k > fit.p:
        words = f"Q = {_number(fit.QE)} (df {fit.QEdf:g}, p {_p(fit.QEp)})"
        if math.isfinite(fit.I2):
            words = f"I² = {fit.I2:.0f}%, {words}"
        if fit.method not in ("EE", "FE", "CE", "MH", "Peto") and math.isfinite(fit.tau2):
            words = f"τ² = {_number(fit.tau2)}, {words}"
        rows.append(Note(f"Heterogeneity: {words}"))
    left_out = len(fit.data) - fit.k
    if left_out:
        rows.append(Note(f"{left_out} of {len(fit.data)} rows could not be pooled."))
    return rows


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}" if math.isfinite(value) else "unknown"


def funnel(fit: MetaFit, *, narrow: bool = False, title: str = "Funnel plot") -> Figure:
    """Contour-enhanced funnel plot of a fit without moderators.

    Contours after Peters et al. (2008), J Clin Epidemiol 61:991, around no effect; the dashed
    lines hold 95% of the studies if all estimate the pooled effect.

    Raises
    ------
    BadInput
        For a fit with moderators: its studies do not stand around one effect.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.3, -0.2], [0.04, 0.05, 0.03])
    >>> pb.funnel(fit).scene.title
    'Funnel plot'
    """
    if not _single(fit):
        raise BadInput(
            "A funnel plot needs one pooled effect, and this fit has moderators; "
            "pool without mods, or draw forest(fit)."
        )
    data = fit.data
    ok = np.isfinite(data.yi) & np.isfinite(data.vi) & (data.vi >= 0)
    shown, raw = _Display(data, "auto"), _Display(data, "none")
    log = shown.scale == "log"  # else the analysis scale, which alone has standard errors
    name = shown.name if log else raw.name
    drawn = FunnelData(
        tuple(float(v) for v in data.yi[ok]),
        tuple(float(v) for v in np.sqrt(data.vi[ok])),
        float(fit.beta[0]),
        title,
        f"{name} of {fit.k} studies against their standard errors.",
        "log" if log else "linear",
        null=raw.null,
        effect=name,
    )
    return Figure(funnel_scene(drawn, narrow=narrow))
