"""Predicted random effects (best linear unbiased predictions) of multilevel models."""

from __future__ import annotations

import math

import numpy as np

from probatum.errors import BadInput
from probatum.meta.diagnostics.shrinkage import Shrunken
from probatum.meta.inference import check_level, critical
from probatum.meta.models.multilevel.effects import SlopeEffect
from probatum.meta.models.multilevel.factors import Ints
from probatum.meta.models.multilevel.parts import Part
from probatum.meta.models.multilevel.residuals import slab_of
from probatum.meta.models.multilevel.types import MultilevelFit
from probatum.meta.types import Floats


def ranef(fit: MultilevelFit, *, level: float | None = None) -> dict[str, Shrunken]:
    """Predicted effect of every level of every term.

    u = G Z'P y with prediction variance G - G Z'P Z G; Henderson CR (1975), Biometrics 31,
    423-447; Searle SR, Casella G, McCulloch CE (1992), Variance components, sec. 7.4.

    Returns
    -------
    dict of str to Shrunken
        By term; rows are labelled by level (``inner | outer`` for structured terms).
    """
    level = fit.level if level is None else check_level(level)
    model = fit.fitted_model
    if not model.random.parts:
        raise BadInput("the model has no random effects to predict.")
    out = {}
    for part, (pred, variance) in zip(model.random.parts, _row_effects(fit)):
        names, first = _cells(part)
        out[part.term.label] = _interval(fit, names, pred[first], variance[first], level)
    return out


def blup(fit: MultilevelFit, *, level: float | None = None) -> Shrunken:
    """Predicted true effect of every estimate: fitted value and all its random effects.

    y - V P y, with prediction variance V - V P V (see `ranef`).
    """
    level = fit.level if level is None else check_level(level)
    model = fit.fitted_model
    V = model.V.scaled(model.unit)
    through = V.times(np.column_stack([model.point.Py, model.point.U]))
    inner = model.point.unsorted(model.point.M.errors())
    variance = model.unit * (V.v - inner + np.sum(through[:, 1:] ** 2, axis=1))
    pred = fit.data.yi[fit.included] - through[:, 0] * math.sqrt(model.unit)
    return _interval(fit, slab_of(fit), pred, variance, level)


def _row_effects(fit: MultilevelFit) -> list[tuple[Floats, Floats]]:
    """For each term, the predicted effect that each row has, and its variance."""
    model = fit.fitted_model
    point, order = model.point, model.point.model.layout.order
    both = np.column_stack([point.Py, point.U])[order]
    out = []
    for i in range(len(model.random.parts)):
        KB, middle, own = point.M.effects(i, both)
        variance = np.maximum(own - middle + np.sum(KB[:, 1:] ** 2, axis=1), 0.0)
        pred = point.unsorted(KB[:, 0]) * math.sqrt(model.unit)
        out.append((pred, point.unsorted(variance) * model.unit))
    return out


def _cells(part: Part) -> tuple[tuple[str, ...], Ints]:
    """Label and first row of each level (or each pair of inner and outer level)."""
    if isinstance(part.effect, SlopeEffect):  # what coefficients come to differs by row
        rows = np.arange(len(part.group.codes))
        names = [f"row {i + 1} | {part.group.levels[c]}" for i, c in enumerate(part.group.codes)]
        return tuple(names), rows
    if part.inner is None:
        _, first = np.unique(part.group.codes, return_index=True)
        return tuple(str(x) for x in part.group.levels), first
    h = len(part.inner)
    cells, first = np.unique(part.group.codes * h + part.inner.codes, return_index=True)
    names = [f"{part.inner.levels[c % h]} | {part.group.levels[c // h]}" for c in cells]
    return tuple(names), first


def _interval(
    fit: MultilevelFit, names: tuple[str, ...], pred: Floats, variance: Floats, level: float
) -> Shrunken:
    se = np.sqrt(variance)
    half = critical(level, None if fit.test == "z" else float(np.min(fit.dfs))) * se
    return Shrunken(names, pred, se, pred - half, pred + half, level)
