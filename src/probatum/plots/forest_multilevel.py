"""What a forest plot of a multilevel fit shows: estimates under the cluster they belong to."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..meta.models.multilevel.deletion import ClusterDeletion, default_clusters
from ..meta.models.multilevel.types import MultilevelFit
from .display import NBSP, Display, number, p_text
from .forest_fit import Wanted, diamond, prediction, statistic, study_rows, table_of, words
from .names import component_name
from .table import ForestTable, Heading, Note, Row, StudyRow

SQUARES = "The larger its square, the more precise an estimate."


def multilevel_table(fit: MultilevelFit, wanted: Wanted) -> ForestTable:
    """Estimates under their cluster of the first grouping factor; without moderators the average.

    Konstantopoulos S (2011). Research Synthesis Methods 2, 61-76.
    """
    data, show = fit.data, Display(fit.data, wanted.transf)
    precision = np.where(fit.included, 1.0 / data.vi, np.nan)
    model = _shrunken(fit) if wanted.shrunken else None
    estimates = [
        replace(row, weight_text="")
        for row in study_rows(data, show, wanted, fit.level, precision, model)
    ]
    rows, clusters = _clustered(fit, estimates)
    alone = fit.p == 1 and bool(np.ptp(fit.X[fit.included][:, 0]) == 0)
    if alone:
        values = fit.beta[0], fit.ci_lb[0], fit.ci_ub[0]
        rows.append(diamond("pooled", f"Average ({fit.method})", show, values))
        spread = fit.predict()
        if fit.components and np.isfinite(spread.pi_lb[0]) and spread.pi_lb[0] < fit.ci_lb[0]:
            rows.append(prediction(show, spread.pi_lb[0], spread.pi_ub[0]))
    else:
        rows.append(Note("A model with moderators: no one effect stands for all estimates."))
    rows += [Note(f"Components: {components(fit)}"), Note(f"Heterogeneity: {_heterogeneity(fit)}")]
    if fit.k_left_out:
        rows.append(Note(f"{fit.k_left_out} of {len(data)} rows could not be used."))
    rows.append(Note(SQUARES))
    among = f" in {clusters} clusters" if clusters else ""
    return table_of(
        rows, data, show, wanted, fit.level,
        told=f"{show.name}: {fit.k} estimates{among}.",
        pooled=show.value(float(fit.beta[0])) if alone else None,
        weights=False,
        kind="Forest plot of a multilevel model",
    )  # fmt: skip


def _clustered(fit: MultilevelFit, estimates: list[StudyRow]) -> tuple[list[Row], int]:
    """Rows by cluster, those with several estimates under its name; and how many there are."""
    used = np.flatnonzero(fit.included)
    others = [row for row, use in zip(estimates, fit.included) if not use]
    if not fit.fitted_model.random.parts:
        return [*(estimates[i] for i in used), *others], 0
    codes, levels = default_clusters(fit, None)
    rows: list[Row] = []
    for code in dict.fromkeys(codes.tolist()):
        own = [estimates[i] for i in used[codes == code]]
        if len(own) > 1:
            rows.append(Heading(levels[code]))
            own = [replace(row, indented=True) for row in own]
        rows += own
    return [*rows, *others], len(levels)


def _shrunken(fit: MultilevelFit) -> dict[int, tuple[float, float, float]]:
    found = fit.blup()
    rows = zip(np.flatnonzero(fit.included), found.pred, found.pi_lb, found.pi_ub)
    return {int(i): (float(e), float(lb), float(ub)) for i, e, lb, ub in rows}


def components(fit: MultilevelFit) -> str:
    """Variances and correlations by name, as text."""
    said = [f"{component_name(c)}{NBSP}={NBSP}{number(c.value)}" for c in fit.components]
    return ", ".join(said) or "none"


def _heterogeneity(fit: MultilevelFit) -> str:
    said = f"Q = {number(statistic(fit.QE))} (df{NBSP}{fit.k - fit.p}, {p_text(fit.QEp)})"
    return f"I² = {fit.I2:.0f}%, {said}" if math.isfinite(fit.I2) else said


def deletion_table(found: ClusterDeletion, wanted: Wanted) -> ForestTable:
    """The average without each cluster in turn."""
    fit = found.fit
    show = Display(fit.data, wanted.transf)
    rows: list[Row] = []
    for i, name in enumerate(wanted.names(found.slab, len(found.slab))):
        columns = (found.beta, found.ci_lb, found.ci_ub)
        estimate, lb, ub = (show.value(float(v[i, 0])) for v in columns)
        text = "not estimable" if math.isnan(estimate) else words(show, estimate, lb, ub)
        rows.append(StudyRow(f"{i}", name, (f"{int(found.k[i])}",), estimate, lb, ub, text))
    values = fit.beta[0], fit.ci_lb[0], fit.ci_ub[0]
    rows.append(diamond("pooled", f"All clusters ({fit.method})", show, values))
    table = table_of(
        rows, fit.data, show, replace(wanted, cells=False), fit.level,
        told=f"{show.name}: {len(found.slab)} fits, each without one cluster.",
        pooled=show.value(float(fit.beta[0])),
        weights=False,
        heads=("Estimates",),
        kind="Leave-one-cluster-out",
    )  # fmt: skip
    return replace(table, label="Without")
