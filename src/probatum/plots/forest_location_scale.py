"""What a forest plot of a location-scale fit shows: every study with a variance of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..meta.inference import critical
from ..meta.models.location_scale.fit import LocationScaleFit
from .display import NBSP, Display, number, p_text
from .forest_fit import Wanted, diamond, studies, study_rows, table_of
from .table import ForestTable, Note, Row


def location_scale_table(fit: LocationScaleFit, wanted: Wanted) -> ForestTable:
    """Studies with the between-study variance that the model gives each of them.

    Viechtbauer W, López-López JA (2022). Research Synthesis Methods 13, 697-715.
    """
    data, show = fit.data, Display(fit.data, wanted.transf)
    place = np.flatnonzero(fit.included)
    weights, precision = np.full(len(data), np.nan), 1.0 / (fit.vi + fit.tau2)
    weights[place] = 100.0 * precision / precision.sum()
    alone = len(fit.beta) == 1 and bool(np.ptp(fit.X[:, 0]) == 0)
    found = list(study_rows(data, show, wanted, fit.level, weights, None if alone else _line(fit)))
    tau2 = dict(zip(place.tolist(), fit.tau2))
    for i, row in enumerate(found):
        own = number(float(tau2[i])) if i in tau2 else "–"
        found[i] = replace(row, cells=(*row.cells, own))
    rows: list[Row] = [*wanted.ordered(found)]
    if alone:
        values = fit.beta[0], fit.ci_lb[0], fit.ci_ub[0]
        rows.append(diamond("pooled", f"Pooled ({fit.method})", show, values))
    else:
        rows += [
            Note("A model with moderators: no one effect stands for all studies."),
            Note("Open circles: the average effect that the model gives for such a study."),
        ]
    terms = ", ".join(
        f"{name}{NBSP}{number(float(a))}" for name, a in zip(fit.names_alpha, fit.alpha)
    )
    of = "log τ²" if fit.link == "log" else "τ²"
    kind = "F" if np.isfinite(fit.QSdf[1]) else "chi-square"
    test = f"{kind} test of its moderators {number(fit.QS)} ({p_text(fit.QSp)})"
    rows.append(Note(f"Model of {of}: {terms}; {test}."))
    return table_of(
        rows, data, show, wanted, fit.level,
        told=studies(show, fit.k),
        pooled=show.value(float(fit.beta[0])) if alone else None,
        heads=("τ²",),
        kind="Forest plot of a location-scale model",
    )  # fmt: skip


def _line(fit: LocationScaleFit) -> dict[int, tuple[float, float, float]]:
    """The average effect at each study's moderators, with its confidence limits."""
    middle = fit.X @ fit.beta
    df = None if fit.test == "z" else float(fit.k - len(fit.beta))
    half = critical(fit.level, df) * np.sqrt(np.einsum("ij,jk,ik->i", fit.X, fit.vb, fit.X))
    rows = zip(np.flatnonzero(fit.included).tolist(), middle, half)
    return {i: (float(m), float(m - h), float(m + h)) for i, m, h in rows}
