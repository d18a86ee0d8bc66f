"""`pb.forest(fit)` and `pb.funnel(fit)`: figures straight from a fitted model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import ndtri

from ..errors import BadInput
from ..meta.bias.trimfill import TrimFill
from ..meta.diagnostics.subsets import Subsets
from ..meta.types import EffectSizes, MetaFit
from .display import NBSP, Display, Transf, number, p_text, scaled, single, the_fit
from .figure import Figure
from .forest import Bar, Diamond, ForestTable, Note, Row, StudyRow, forest_scene
from .forest_subsets import subsets_table
from .funnel import FunnelData, funnel_scene
from .registry import drawing


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


@drawing(
    "Lewis S, Clarke M (2001). BMJ 322, 1479-1480.",
    'pb.forest(fit, arms=("Vaccinated", "Not vaccinated"))',
    'pb.forest(pb.cumulative(fit, order="year", data=bcg))',
    "pb.forest(pb.leave1out(fit))",
)
def forest(
    fit: MetaFit | Subsets,
    *,
    slab: Sequence[str] | None = None,
    transf: Transf = "auto",
    cells: bool = True,
    arms: tuple[str, str] = ("Group 1", "Group 2"),
    favours: tuple[str, str] = ("", ""),
    narrow: bool = False,
    title: str = "",
) -> Figure:
    """Forest plot of a fit: studies, weights, pooled effect and prediction interval.

    Layout after Lewis & Clarke (2001), BMJ 322:1479. Of a fit with moderators only the studies
    are drawn, since no single effect stands for all of them, and a note says so. The result of
    `leave1out` or `cumulative` gives one row for each of its fits.

    Parameters
    ----------
    fit : MetaFit or Subsets
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
    if isinstance(fit, Subsets):
        display = Display(fit.fit.data, transf)
        table = subsets_table(fit, display, slab=slab, favours=favours, title=title)
        return Figure(forest_scene(table, narrow=narrow))
    fit = the_fit(fit, "forest", least=1)
    data, show = fit.data, Display(fit.data, transf)
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
        title or "Forest plot",
        f"{show.name} of {fit.k} {'study' if fit.k == 1 else 'studies'}.",
        show.scale,
        show.null,
        columns=heads,
        effect=f"{show.name} [{fit.level:g}% CI]",
        favours=favours,
        pooled=show.value(float(fit.beta[0])) if single(fit) else None,
        weights=bool(np.isfinite(fit.weights).any()),
    )
    return Figure(forest_scene(drawn, narrow=narrow))


def _study(fit: MetaFit, show: Display, i: int, name: str, counts: tuple[str, ...]) -> StudyRow:
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


def _foot(fit: MetaFit, show: Display) -> list[Row]:
    """Diamond, prediction interval and notes."""
    rows: list[Row] = []
    if single(fit):
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
        rows.append(Note(f"Heterogeneity: {_heterogeneity(fit)}"))
    left_out = len(fit.data) - fit.k
    if left_out:
        rows.append(Note(f"{left_out} of {len(fit.data)} rows could not be pooled."))
    return rows


def _heterogeneity(fit: MetaFit) -> str:
    if "LRT" in fit.extra:  # beta-binomial: no tau2, no Q
        words = f"likelihood ratio = {number(fit.extra['LRT'])} ({p_text(fit.extra['LRTp'])})"
        rho = fit.extra.get("rho")
        return words if rho is None else f"intraclass correlation {number(rho)}, {words}"
    words = f"Q = {number(fit.QE)} (df{NBSP}{fit.QEdf:g}, {p_text(fit.QEp)})"
    if math.isfinite(fit.I2):
        words = f"I² = {fit.I2:.0f}%, {words}"
    if fit.method not in ("EE", "FE", "CE", "MH", "Peto") and math.isfinite(fit.tau2):
        words = f"τ² = {number(fit.tau2)}, {words}"
    return words


@drawing(
    "Light RJ, Pillemer DB (1984), Summing up; contours: Peters JL et al. (2008), Journal of "
    "Clinical Epidemiology 61, 991-996.",
    "pb.funnel(fit)",
    "pb.funnel(pb.trimfill(fit))",
)
def funnel(
    fit: MetaFit | TrimFill,
    *,
    filled: Any = None,
    narrow: bool = False,
    title: str = "Funnel plot",
) -> Figure:
    """Contour-enhanced funnel plot of a fit without moderators, or of trim and fill's result.

    Contours after Peters et al. (2008), J Clin Epidemiol 61:991, around no effect; the dashed
    lines hold 95% of the studies if all estimate the pooled effect. Filled studies, which are no
    data, are open.

    Parameters
    ----------
    fit : MetaFit or TrimFill
    filled : array of bool, optional
        For a fit: which rows are filled in.
    narrow : bool
        For a phone.
    title : str

    Returns
    -------
    Figure

    Raises
    ------
    BadInput
        For a fit with moderators: its studies do not stand around one effect.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.2, 0.5, 0.8, 1.1], [0.01, 0.02, 0.1, 0.2, 0.3], method="EE")
    >>> pb.funnel(fit).scene.desc
    'Estimate as given of 5 studies against their standard errors.'
    >>> pb.funnel(pb.trimfill(fit)).scene.desc
    'Estimate as given of 5 studies and 2 filled ones against their standard errors.'
    """
    if isinstance(fit, TrimFill):
        filled, fit = fit.filled, fit.fit
    fit = the_fit(fit, "funnel", least=1, plain=True)
    data = fit.data
    ok = np.isfinite(data.yi) & np.isfinite(data.vi) & (data.vi >= 0)
    made = np.zeros(len(data), dtype=bool) if filled is None else np.asarray(filled, dtype=bool)
    if made.shape != ok.shape:
        raise BadInput(f"filled has shape {made.shape}; expected one value for each of {len(ok)}.")
    show, extra = scaled(data), int(made[ok].sum())
    beside = f" and {extra} filled {'one' if extra == 1 else 'ones'}" if extra else ""
    drawn = FunnelData(
        tuple(float(v) for v in data.yi[ok]),
        tuple(float(v) for v in np.sqrt(data.vi[ok])),
        float(fit.beta[0]),
        title,
        f"{show.name} of {fit.k - extra} studies{beside} against their standard errors.",
        "log" if show.scale == "log" else "linear",
        null=Display(data, "none").null,
        effect=show.name,
        filled=tuple(bool(f) for f in made[ok]),
    )
    return Figure(funnel_scene(drawn, narrow=narrow))
