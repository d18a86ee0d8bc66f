"""What a forest plot of a fit shows: its studies, the pooled effect, prediction, heterogeneity."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from ..errors import BadInput, UnknownOption
from ..meta.design import INTERCEPT
from ..meta.diagnostics.shrinkage import blup
from ..meta.prediction_types import prediction_type
from ..meta.types import EffectSizes, Floats, MetaFit
from .display import NBSP, Display, Transf, number, p_text, single
from .forest_cells import arm_cells
from .table import Bar, Diamond, ForestTable, Note, Row, StudyRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller of `forest` chose; see there."""

    slab: Sequence[str] | None = None
    transf: Transf = "auto"
    cells: bool = True
    arms: tuple[str, str] = ("Group 1", "Group 2")
    favours: tuple[str, str] = ("", "")
    predtype: str = "default"
    shrunken: bool = False
    order: str | Sequence[Any] = "data"
    title: str = ""

    def names(self, own: Sequence[str], k: int) -> tuple[str, ...]:
        """A label for each row: the caller's, the data's own, or its number."""
        names = tuple(str(s) for s in (own if self.slab is None else self.slab))
        names = names or tuple(str(i + 1) for i in range(k))
        if len(names) != k:
            raise BadInput(f"slab has {len(names)} labels for {k} rows; give one for each row.")
        return names

    def ordered(self, rows: Sequence[StudyRow]) -> list[StudyRow]:
        """The rows in the order that was asked for; those without a value last."""
        order = self.order
        if isinstance(order, str):
            if order not in ORDERS:
                raise UnknownOption("order", order, ORDERS)
            keys: Sequence[Any] = [_key(row, order, i) for i, row in enumerate(rows)]
        elif len(order) != len(rows):
            raise BadInput(f"order has {len(order)} values for {len(rows)} rows; give each one.")
        else:
            keys = list(order)
        known = [i for i, key in enumerate(keys) if key is not None and key == key]
        rest = [i for i in range(len(rows)) if i not in set(known)]
        return [rows[i] for i in (*sorted(known, key=lambda i: keys[i]), *rest)]


ORDERS = ("data", "estimate", "precision")


def _key(row: StudyRow, order: str, place: int) -> float:
    if order == "estimate":
        return row.estimate
    return -(row.weight or 0.0) if order == "precision" else float(place)


def fit_table(fit: MetaFit, wanted: Wanted) -> ForestTable:
    """Of a fit: its studies and, without moderators, the pooled effect.

    With moderators, or where the effects are wanted as they are shrunken, each study also shows
    what the model says of it.
    """
    data, show = fit.data, Display(fit.data, wanted.transf)
    model, words = _model(fit, wanted.shrunken)
    found = list(study_rows(data, show, wanted, fit.level, fit.weights, model))
    rows: list[Row] = [*wanted.ordered(found)]
    rows += _foot(fit, show, wanted.predtype)
    rows += [Note(words)] if words else []
    return table_of(
        rows, data, show, wanted, fit.level,
        told=studies(show, fit.k),
        pooled=show.value(float(fit.beta[0])) if single(fit) else None,
        weights=bool(np.isfinite(fit.weights).any()),
    )  # fmt: skip


def table_of(
    rows: Sequence[Row], data: EffectSizes, show: Display, wanted: Wanted, level: float, *,
    told: str, pooled: float | None, weights: bool = True, heads: tuple[str, ...] = (),
    kind: str = "Forest plot",
) -> ForestTable:  # fmt: skip
    """The table of these rows; `heads` are those of columns after the arms'.

    `told` is a sentence; what was pooled and predicted is added to it.
    """
    kinds = "pooled", "pooled/one", "pooled/two", "prediction"
    found = [r for r in rows if isinstance(r, Diamond | Bar) and r.key in kinds]
    return ForestTable(
        tuple(rows),
        wanted.title or kind,
        " ".join([told, *(f"{row.label} {row.text}." for row in found)]),
        show.scale,
        show.null,
        columns=(*_cells(data, wanted)[0], *heads),
        effect=f"{show.name} [{level:g}% CI]",
        favours=wanted.favours,
        pooled=pooled,
        weights=weights,
    )


def studies(show: Display, k: int) -> str:
    """What is drawn, in a sentence."""
    return f"{show.name} of {k} {'study' if k == 1 else 'studies'}."


def _cells(data: EffectSizes, wanted: Wanted) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    return arm_cells(data, wanted.arms) if wanted.cells else ((), [()] * len(data))


Model = Mapping[int, tuple[float, float, float]]


def study_rows(
    data: EffectSizes, show: Display, wanted: Wanted, level: float, weights: Floats,
    model: Model | None = None,
) -> Iterator[StudyRow]:  # fmt: skip
    """One row for each of the data's, with the arms' numbers where effects were made of them.

    `model` has, by row, an estimate with its limits on the analysis scale.
    """
    names, (_, counts) = wanted.names(data.slab, len(data)), _cells(data, wanted)
    z = float(ndtri(0.5 + level / 200))
    for i, name in enumerate(names):
        yi, vi = float(data.yi[i]), float(data.vi[i])
        half = z * math.sqrt(vi) if vi >= 0 else math.nan
        ni = float(data.ni[i]) if data.ni is not None else None
        estimate, lb, ub = (show.value(v, ni) for v in (yi, yi - half, yi + half))
        known = math.isfinite(weights[i])
        e, low, high = (model or {}).get(i, (math.nan,) * 3)
        yield StudyRow(
            key=f"{i}",
            label=name,
            cells=counts[i],
            estimate=estimate,
            ci_lb=lb,
            ci_ub=ub,
            text="not estimable" if math.isnan(estimate) else words(show, estimate, lb, ub),
            weight=float(weights[i]) if known else None,
            weight_text=f"{weights[i]:.1f}%" if known else "",
            model=(show.value(e), show.value(low), show.value(high)) if model else None,
        )


def words(show: Display, estimate: float, lb: float, ub: float) -> str:
    """An estimate and its interval, as text."""
    return f"{show.number(estimate)} {show.interval(lb, ub)}"


def diamond(key: str, label: str, show: Display, values: Sequence[Any]) -> Diamond:
    """A pooled effect with its limits, all on the analysis scale."""
    estimate, lb, ub = (show.value(float(v)) for v in values)
    return Diamond(key, label, estimate, lb, ub, words(show, estimate, lb, ub))


def prediction(show: Display, lb: float, ub: float, kind: str = "") -> Bar:
    """A prediction interval, from its limits on the analysis scale."""
    low, high = show.value(float(lb)), show.value(float(ub))
    label = f"Prediction interval ({kind})" if kind else "Prediction interval"
    return Bar("prediction", label, low, high, show.interval(low, high))


def _model(fit: MetaFit, shrunken: bool) -> tuple[Model | None, str]:
    """What the model says of each study, and what the open circles are."""
    place = np.flatnonzero(fit.included)
    if shrunken:
        found = blup(fit)
        rows = zip(place, found.pred, found.pi_lb, found.pi_ub)
        note = "Open circles: the study's true effect as the model estimates it (shrunken)."
    elif not single(fit):
        start = int(fit.names[0] == INTERCEPT)
        line = fit.predict(fit.X[place][:, start:])
        rows = zip(place, line.pred, line.ci_lb, line.ci_ub)
        note = "Open circles: the average effect that the model gives for such a study."
    else:
        return None, ""
    return {int(i): (float(e), float(lb), float(ub)) for i, e, lb, ub in rows}, note


def _foot(fit: MetaFit, show: Display, predtype: str) -> list[Row]:
    """Diamond, prediction interval and notes."""
    rows: list[Row] = []
    if single(fit):
        rows.append(
            diamond(
                "pooled", f"Pooled ({how(fit)})", show, (fit.beta[0], fit.ci_lb[0], fit.ci_ub[0])
            )
        )
        if fit.tau2 > 0 and fit.k > 2:
            spread = fit.predict(predtype=predtype)
            kind = "" if predtype == "default" else prediction_type(predtype).name
            rows.append(prediction(show, spread.pi_lb[0], spread.pi_ub[0], kind))
    else:
        rows.append(Note("A model with moderators: no one effect stands for all studies."))
    if fit.k > fit.p:
        rows.append(Note(f"Heterogeneity: {heterogeneity(fit)}"))
    left_out = len(fit.data) - fit.k
    if left_out:
        rows.append(Note(f"{left_out} of {len(fit.data)} rows could not be pooled."))
    return rows


def how(fit: MetaFit) -> str:
    """The estimator of tau2; with the model, where it is not by inverse variances."""
    if fit.model == "inverse variance":
        return fit.method
    name = fit.model.split()[-1]
    return name if fit.method == "EE" else f"{name}, {fit.method}"


def heterogeneity(fit: MetaFit) -> str:
    """How much the effects differ, as text."""
    if "LRT" in fit.extra:  # beta-binomial: no tau2, no Q
        said = f"likelihood ratio = {number(fit.extra['LRT'])} ({p_text(fit.extra['LRTp'])})"
        rho = fit.extra.get("rho")
        return said if rho is None else f"intraclass correlation {number(rho)}, {said}"
    said = f"Q = {number(statistic(fit.QE))} (df{NBSP}{fit.QEdf:g}, {p_text(fit.QEp)})"
    if math.isfinite(fit.I2):
        said = f"I² = {fit.I2:.0f}%, {said}"
    if fit.method not in ("EE", "FE", "CE", "MH", "Peto") and math.isfinite(fit.tau2):
        said = f"τ² = {number(fit.tau2)}, {said}"
    return said


def statistic(Q: float) -> float:
    """A test statistic without the rounding error that is left where all estimates agree."""
    return 0.0 if abs(Q) < 1e-12 else Q
