"""Estimators of tau2 from a Q statistic with weights that the user gives."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from probatum.meta.kernel import Batch, Projection, forms, project
from probatum.meta.quadratic_form import matching_tau2
from probatum.meta.scalar import BOUNDARY, CONVERGED
from probatum.meta.solvers import Estimate
from probatum.meta.tau2.registry import closed, register, se_quadratic
from probatum.meta.types import Floats


def _fixed(batch: Batch) -> tuple[Projection, Floats]:
    """The fit with the user's weights, and these."""
    a = cast(Floats, batch.a)  # whoever takes weights from a user asks for them
    return project(batch.y, batch.X, a), a


def _se(batch: Batch, found: Estimate[Any]) -> Floats:
    fit, a = _fixed(batch)
    return se_quadratic(batch, found.tau2, a, 1.0 / fit.trace())


@register(
    "GENQ", "generalised Q",
    "DerSimonian R, Kacker R (2007). Contemporary Clinical Trials 28, 105-114, eq. 6; with "
    "moderators Jackson D, Turner R, Rhodes K, Viechtbauer W (2014). BMC Medical Research "
    "Methodology 14, 103", _se, needs_weights=True,
)  # fmt: skip
def _generalised_q(batch: Batch) -> Estimate[Floats]:
    """Equals its expectation tr PV + tau2 tr P; DL and HE are those of 1 / vi and of 1."""
    fit, _ = _fixed(batch)
    return closed(batch, (fit.rss - fit.trace(batch.real_v)) / fit.trace())


@register(
    "GENQM", "generalised Q, median-unbiased",
    "Viechtbauer W (2021). Median-unbiased estimators for the amount of heterogeneity in "
    "meta-analysis. European Congress of Methodology, Valencia; the distribution of Q as in "
    "Jackson D et al. (2014). BMC Medical Research Methodology 14, 103", _se, needs_weights=True,
)  # fmt: skip
def _generalised_q_median(batch: Batch) -> Estimate[Floats]:
    """Equals the median of its exact distribution in place of its expectation."""
    fit, a = _fixed(batch)
    tau2 = np.zeros(len(batch.y))
    for i, (unit, rss) in enumerate(zip(batch.unit, fit.rss)):
        rows = batch.mask[i]
        v = batch.v[i, rows] / unit
        tau2[i] = unit * matching_tau2(
            float(rss / unit), batch.X[i, rows], a[i, rows], v, target=0.5
        )
    status = np.where(tau2 > 0.0, CONVERGED, BOUNDARY).astype(np.int8)
    return Estimate(tau2, status, batch.zero, forms(batch, tau2))
