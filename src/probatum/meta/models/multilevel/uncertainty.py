"""Standard errors of variances and correlations."""

from __future__ import annotations

import numpy as np

from probatum.meta.models.multilevel.components import jacobian
from probatum.meta.models.multilevel.search import flat, observed
from probatum.meta.models.multilevel.types import MultilevelFit
from probatum.meta.types import Floats


def component_vcov(fit: MultilevelFit) -> Floats:
    """Covariance of the components, in their order: the inverse of the observed information.

    The information is that of the (restricted) likelihood in the search's parameters, turned into
    variances and correlations by the delta method (at a maximum this is exact). NaN for
    components that are fixed, or that rest on a parameter at its bound.
    """
    model = fit.fitted_model
    theta, parts = model.point.theta, model.random.parts
    inside = model.bounds.inside(theta) & ~flat(model.point, model.bounds)
    cov = np.full((len(theta), len(theta)), np.nan)
    if inside.any():
        H = observed(model.point, inside)
        if bool(np.all(np.linalg.eigvalsh(H) > 0.0)):
            cov[np.ix_(inside, inside)] = np.linalg.inv(H)
    J = np.zeros((len(fit.components), len(theta)))
    row = 0
    for part in parts:
        block = jacobian(part.structure, theta[part.at])
        block[: part.variances] *= model.unit
        J[row : row + len(block), part.at] = block
        row += len(block)
    out = J @ np.where(np.isnan(cov), 0.0, cov) @ J.T
    unknown = np.isnan(np.diagonal(cov))
    lost = (J[:, unknown] != 0.0).any(axis=1) | np.array([c.fixed for c in fit.components])
    out[lost] = np.nan
    out[:, lost] = np.nan
    return np.asarray(out)
