"""Log-likelihoods and information criteria of one fit."""

from __future__ import annotations

import math

import numpy as np

from probatum.meta.kernel import Batch, project
from probatum.meta.types import FitStats, Floats

_LOG_2PI = math.log(2.0 * math.pi)


def fit_stats(
    batch: Batch, w: Floats, rss: float, logdet: float, *, estimated: bool
) -> dict[str, FitStats]:
    """Full and restricted likelihood with AIC, BIC and AICc, in metafor's conventions.

    The restricted likelihood is Harville's (1974, Biometrika 61, 383-385), with the term in
    X'X, so that it doesn't change with the moderators' units. The full likelihood's deviance is
    measured from the saturated model; the restricted one's is -2 ll.

    Parameters
    ----------
    w : ndarray, shape (k,)
        The model's weights.
    rss, logdet : float
        The weighted residual sum of squares, and log det X'WX.
    estimated : bool
        Whether tau2 is one of the parameters.
    """
    k, p = batch.X.shape[1:]
    log_v, log_w = (float(np.add.reduce(np.log(x))) for x in (batch.v[0], w))
    full = -0.5 * (k * _LOG_2PI - log_w + rss)
    saturated = -0.5 * (k * _LOG_2PI + log_v)
    restricted = -0.5 * ((k - p) * _LOG_2PI - log_w + rss + logdet - _logdet(batch))
    parameters = p + int(estimated)
    return {
        "ML": criteria(full, -2.0 * (full - saturated), parameters, k),
        "REML": criteria(restricted, -2.0 * restricted, parameters, k - p),
    }


def _logdet(batch: Batch) -> float:
    """log det X'X."""
    if batch.ones:
        return math.log(batch.y.shape[1])
    X = batch.X[0]
    return float(project(np.zeros(len(X)), X, np.ones(len(X))).logdet)


def criteria(ll: float, dev: float, parameters: int, n: int) -> FitStats:
    """AIC, BIC and AICc of a log-likelihood; n is k, or k - p for the restricted one."""
    size = max(n, parameters + 2)
    return FitStats(
        ll=ll,
        dev=dev,
        AIC=-2.0 * ll + 2.0 * parameters,
        BIC=-2.0 * ll + parameters * (math.log(n) if n > 0 else float("-inf")),
        AICc=-2.0 * ll + 2.0 * parameters * size / (size - parameters - 1.0),
    )
