"""What a forest plot of patients of several series shows: the series, pooled in both ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..meta.patients.series import PatientPool
from .display import Display
from .forest_fit import Wanted, diamond, study_rows, table_of
from .table import ForestTable, Note, Row

_STAGES = {"two": "Two-stage", "one": "One-stage"}


def patients_table(found: PatientPool, wanted: Wanted) -> ForestTable:
    """Each series' own estimate, and the pooled ones of both stages.

    Burke DL, Ensor J, Riley RD (2017). Statistics in Medicine 36, 855-875.
    """
    data, level = found.effects, found.one_stage.level
    show = Display(data, wanted.transf)
    two = found.two_stage
    weights = np.full(len(data), np.nan) if two is None else two.weights
    rows: list[Row] = [*wanted.ordered(list(study_rows(data, show, wanted, level, weights)))]
    fits = {row["stage"]: row for row in found.table()}
    for stage, fit in (("two", two), ("one", found.one_stage)):
        if fit is not None:
            counts = f"{fits[stage]['series']} series, {fits[stage]['patients']} patients"
            values = fit.beta[0], fit.ci_lb[0], fit.ci_ub[0]
            label = f"{_STAGES[stage]} ({counts})"
            rows.append(diamond(f"pooled/{stage}", label, show, values))
    rows += [Note(text) for text in found.assumptions]
    if found.n_left_out:
        rows.append(Note(f"{found.n_left_out} patients have no value."))
    pooled = show.value(float(found.one_stage.beta[0]))
    table = table_of(
        rows, data, show, wanted, level,
        told=f"{show.name} in {len(data)} series of patients.",
        pooled=pooled,
        weights=two is not None,
        kind="Forest plot of patients in series",
    )  # fmt: skip
    return replace(table, label="Series")
