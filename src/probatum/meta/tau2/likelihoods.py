"""Estimators of tau2 by maximum likelihood."""

from __future__ import annotations

from typing import Any

from probatum.meta import solvers
from probatum.meta.kernel import Batch
from probatum.meta.scalar import ML, REML
from probatum.meta.solvers import Estimate
from probatum.meta.tau2.registry import register
from probatum.meta.types import Floats


def _se_ml(batch: Batch, found: Estimate[Any]) -> Any:
    return (2.0 / found.at.w2) ** 0.5


def _se_reml(batch: Batch, found: Estimate[Any]) -> Any:
    return (2.0 / found.at.t2) ** 0.5


@register(
    "ML", "maximum likelihood",
    "Hardy RJ, Thompson SG (1996). Statistics in Medicine 15, 619-629", _se_ml, ML,
)  # fmt: skip
def _maximum_likelihood(batch: Batch) -> Estimate[Floats]:
    return solvers.maximise(batch, restricted=False)


@register(
    "REML", "restricted maximum likelihood",
    "Viechtbauer W (2005). Journal of Educational and Behavioral Statistics 30, 261-293; "
    "Raudenbush SW (2009), in The handbook of research synthesis", _se_reml, REML,
)  # fmt: skip
def _restricted_maximum_likelihood(batch: Batch) -> Estimate[Floats]:
    return solvers.maximise(batch, restricted=True)
