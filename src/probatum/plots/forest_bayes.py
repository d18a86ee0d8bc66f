"""What a forest plot of a Bayesian fit shows: estimates, and the true effects behind them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..meta.bayes.model import BayesFit
from .display import Display, number
from .forest_fit import Wanted, diamond, prediction, studies, study_rows, table_of, words
from .table import ForestTable, Note, Row, StudyRow


def bayes_table(fit: BayesFit, wanted: Wanted) -> ForestTable:
    """Estimates with each study's posterior beneath, the pooled effect and a new study's.

    Röver C (2020). Journal of Statistical Software 93(6), section 3.
    """
    data, show = fit.data, Display(fit.data, wanted.transf)
    place = np.flatnonzero(fit.included)
    found = fit.shrinkage()
    model = {int(i): (r["median"], r["ci_lb"], r["ci_ub"]) for i, r in zip(place, found)}
    precision = np.where(fit.included, 1.0 / data.vi, np.nan)
    drawn: list[StudyRow] = []
    for row in study_rows(data, show, wanted, fit.level, precision, model):
        assert row.model is not None
        shrunken = words(show, *row.model) if int(row.key) in model else "–"
        drawn.append(replace(row, weight_text="", cells=(*row.cells, shrunken)))
    rows: list[Row] = [*wanted.ordered(drawn)]
    alone = len(fit.names) == 1
    if alone:
        values = fit.beta[0], fit.ci_lb[0], fit.ci_ub[0]
        rows.append(diamond("pooled", "Pooled (posterior median)", show, values))
        low, high = getattr(fit.predictive(), fit.interval)(fit.level)
        rows.append(prediction(show, low, high))
    else:
        rows.append(Note("A model with moderators: no one effect stands for all studies."))
    level = f"{fit.level:g}% {fit.interval} credible interval"
    tau = f"{number(fit.tau_median)} [{number(fit.tau_lb)}, {number(fit.tau_ub)}]"
    rows += [
        Note(f"Heterogeneity: τ = {tau}; its prior is {_prior(fit)}."),
        Note(f"Open circles: the study's true effect; like the pooled effect with its {level}."),
    ]
    return table_of(
        rows, data, show, wanted, fit.level,
        told=studies(show, fit.k),
        pooled=show.value(float(fit.beta[0])) if alone else None,
        weights=False,
        heads=("Shrunken\nestimate",),
        kind="Forest plot of a Bayesian fit",
    )  # fmt: skip


def _prior(fit: BayesFit) -> str:
    values = ", ".join(f"{n} {number(v)}" for n, v in fit.prior.parameters.items())
    return f"{fit.prior.family} ({values})" if values else fit.prior.family
