"""`pb.forest(fit)` and `pb.funnel(fit)`: figures straight from a fitted model."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..meta.measures import MEASURES
from ..meta.types import MetaFit
from .axis import Scale
from .figure import Figure
from .forest import Bar, Diamond, ForestTable, Note, Row, StudyRow, forest_scene
from .funnel import FunnelData, funnel_scene

_Z = 1.959963984540054


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    text = f"{value:.2f}" if size < 10 else f"{value:.1f}" if size < 100 else f"{value:.0f}"
    return text.replace("-", "−")


def _text(estimate: float, lb: float, ub: float) -> str:
    return f"{_number(estimate)} [{_number(lb)}, {_number(ub)}]"


def _scale(fit: MetaFit) -> tuple[Scale, float | None, str]:
    """Axis scale, no-effect value and name of the fit's measure."""
    measure = MEASURES.get(fit.data.measure)
    if measure is None:
        return "linear", 0.0, "Estimate"
    scale: Scale = {"ratio": "log", "proportion": "percent"}.get(measure.scale, "linear")  # type: ignore[assignment]
    if measure.code == "PFT":  # its back-transformation needs each study's n
        return "linear", None, measure.name
    return scale, measure.null, measure.name


def _back(fit: MetaFit, value: float) -> float:
    measure = MEASURES.get(fit.data.measure)
    if measure is None or measure.code == "PFT":
        return float(value)
    return float(np.asarray(measure.back(np.asarray([value], dtype=float))).ravel()[0])


def forest(fit: MetaFit, *, narrow: bool = False, title: str = "Forest plot") -> Figure:
    """Forest plot of a fit: studies, weights, pooled effect and prediction interval.

    Of a fit with moderators only the studies are drawn, since no single effect stands
    for all of them.

    Parameters
    ----------
    fit : MetaFit
    narrow : bool
        Two lines a study, for a phone.
    title : str

    Returns
    -------
    Figure

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.3, -0.2], [0.04, 0.05, 0.03])
    >>> pb.forest(fit).scene.title
    'Forest plot'
    """
    scale, null, name = _scale(fit)
    rows: list[Row] = []
    data = fit.data
    for i, label in enumerate(data.slab):
        yi, vi = float(data.yi[i]), float(data.vi[i])
        half = _Z * math.sqrt(vi) if vi >= 0 else math.nan
        points = [
            _back(fit, v) if math.isfinite(v) else math.nan for v in (yi, yi - half, yi + half)
        ]
        weight = float(fit.weights[i]) if math.isfinite(fit.weights[i]) else None
        rows.append(
            StudyRow(
                key=f"{i}",
                label=str(label),
                estimate=points[0],
                ci_lb=points[1],
                ci_ub=points[2],
                text=_text(*points) if math.isfinite(points[0]) else "not estimable",
                weight=weight,
                weight_text="" if weight is None else f"{weight:.1f}%",
            )
        )
    pooled = None
    if fit.p == 1:
        pooled, lb, ub = (_back(fit, float(v[0])) for v in (fit.beta, fit.ci_lb, fit.ci_ub))
        words = _text(pooled, lb, ub)
        rows.append(Diamond("pooled", f"Pooled ({fit.method})", pooled, lb, ub, words))
        if fit.tau2 > 0 and fit.k > 2:
            spread: Any = fit.predict()
            low, high = (float(np.asarray(spread[key]).ravel()[0]) for key in ("pi_lb", "pi_ub"))
            low, high = _back(fit, low), _back(fit, high)
            rows.append(
                Bar(
                    "prediction",
                    "Prediction interval",
                    low,
                    high,
                    f"[{_number(low)}, {_number(high)}]",
                )
            )
        rows.append(
            Note(
                f"Heterogeneity: tau² = {fit.tau2:.3g}, I² = {fit.I2:.0f}%, "
                f"Q = {fit.QE:.2f} (df {fit.k - fit.p})"
            )
        )
    else:
        rows.append(Note("A model with moderators: studies only; no single effect stands for all."))
    table = ForestTable(
        tuple(rows),
        title,
        f"{name} of {fit.k} studies",
        scale,
        null,
        effect=f"{name[:1].upper()}{name[1:]} [{fit.level:g}% CI]",
        pooled=pooled,
    )
    return Figure(forest_scene(table, narrow=narrow))


def funnel(fit: MetaFit, *, narrow: bool = False, title: str = "Funnel plot") -> Figure:
    """Contour-enhanced funnel plot of a fit without moderators.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.3, -0.2], [0.04, 0.05, 0.03])
    >>> pb.funnel(fit).scene.title
    'Funnel plot'
    """
    scale, _, name = _scale(fit)
    data = fit.data
    ok = np.isfinite(data.yi) & np.isfinite(data.vi) & (data.vi >= 0)
    drawn = FunnelData(
        tuple(float(v) for v in data.yi[ok]),
        tuple(float(v) for v in np.sqrt(data.vi[ok])),
        float(fit.beta[0]),
        title,
        f"{name} of {fit.k} studies against their standard errors",
        "log" if scale == "log" else "linear",
        effect=name,
    )
    return Figure(funnel_scene(drawn, narrow=narrow))
