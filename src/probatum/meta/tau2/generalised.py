"""Estimators of tau2 from a Q statistic with weights that the user gives."""

from __future__ import annotations

from typing import Any, cast

from probatum.meta.kernel import Batch, Projection, project
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
