"""Residuals and leverage of multilevel models."""

from __future__ import annotations

import numpy as np

from probatum.meta.diagnostics.influence import Residuals
from probatum.meta.models.multilevel.types import MultilevelFit
from probatum.meta.types import Floats, labels


def slab_of(fit: MultilevelFit) -> tuple[str, ...]:
    """Labels of the rows that were fitted."""
    slab = labels(fit.data.slab, len(fit.data))
    return tuple(s for s, used in zip(slab, fit.included) if used)


def marginal_variance(fit: MultilevelFit) -> Floats:
    """Diagonal of M, the covariance of the estimates under the model, for the rows fitted."""
    model = fit.fitted_model
    out = model.V.v.copy()
    nothing = np.zeros((fit.k, 1))
    for i in range(len(model.random.parts)):
        out += model.unit * model.point.unsorted(model.point.M.effects(i, nothing)[2])
    return out


def hatvalues(fit: MultilevelFit) -> Floats:
    """Leverages: diagonal of X (X'M^-1 X)^-1 X'M^-1, for the rows fitted."""
    point = fit.fitted_model.point
    out: Floats = np.sum((fit.X[fit.included] @ point.root) * point.U, axis=1)
    return out


def rstandard(fit: MultilevelFit) -> Residuals:
    """Internally standardized residuals, with the covariance (I - H) M (I - H)' = M - X vb X'."""
    X = fit.X[fit.included]
    resid = fit.residuals()[fit.included]
    M = marginal_variance(fit)
    se2 = M - np.einsum("ij,jk,ik->i", X, fit.vb, X)
    # a row with a coefficient of its own is fitted exactly: it has no residual to speak of
    se = np.sqrt(np.where(se2 > 1e-10 * M, se2, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(se > 0.0, resid / se, np.nan)
    return Residuals(slab_of(fit), resid, se, z)
