"""Confidence intervals of the heterogeneity: Q-profile, profile likelihood, generalised Q."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtri

from probatum.errors import BadInput, UnknownOption
from probatum.meta.columns import floats
from probatum.meta.diagnostics.profile import likelihood_interval
from probatum.meta.heterogeneity import relative
from probatum.meta.inference import check_level
from probatum.meta.kernel import Batch, project, single
from probatum.meta.options import typed_options
from probatum.meta.quadratic_form import matching_tau2, residual_cdf
from probatum.meta.solvers import solve_q
from probatum.meta.tau2 import tau2_method
from probatum.meta.types import Floats, MetaFit

Interval = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class HeterogeneityIntervals:
    """Estimate, lower and upper limit of each measure of heterogeneity.

    Attributes
    ----------
    tau2, tau, I2, H2 : (estimate, lower, upper)
        I2 in percent.
    level : float
        In percent.
    empty : bool
        Whether even tau2 = 0 gives too small a Q, so that no tau2 >= 0 lies in the interval
        (both limits are then those of 0).
    type : str
        "QP", "PL" or "GENQ".
    """

    tau2: Interval
    tau: Interval
    I2: Interval
    H2: Interval
    level: float
    empty: bool
    type: str = "QP"


@typed_options
def confint(
    fit: MetaFit, *, type: str = "QP", weights: Any = None, level: float | None = None
) -> HeterogeneityIntervals:
    """Confidence intervals of tau2, tau, I2 and H2.

    Parameters
    ----------
    type : {"QP", "PL", "GENQ"}
        "QP", the Q-profile: the tau2 for which the Q statistic with the weights 1 / (vi + tau2)
        is neither too large nor too small. It belongs to the data and the moderators, whatever
        estimator of tau2 the fit used.

        "PL", the profile likelihood: the tau2 at which the (restricted) log-likelihood is no
        more than half a chi-square quantile below its maximum. For fits by ML or REML.

        "GENQ", the generalised Q: the tau2 for which a Q statistic with fixed weights is neither
        too large nor too small, by its exact distribution. The fixed weights are those that the
        fit's estimator has: 1 / vi for DL, equal ones for HE, those given for GENQ and GENQM.
    weights : array of shape (k_all,), optional
        Other fixed weights for "GENQ", with a fit by any method; 1 / sqrt(vi) is between the two
        (and what Jackson 2013 found to do well where little is known beforehand).
    level : float, optional
        In percent; the fit's by default.

    Returns
    -------
    HeterogeneityIntervals

    Raises
    ------
    UnknownOption
        If `type` does not exist.
    BadInput
        For a model without tau2, without residual degrees of freedom, or without the likelihood
        or the fixed weights that `type` needs.

    Notes
    -----
    Viechtbauer W (2007), Statistics in Medicine 26, 37-52 (QP). Hardy RJ, Thompson SG (1996),
    Statistics in Medicine 15, 619-629 (PL). Jackson D (2013), Research Synthesis Methods 4,
    220-229; with moderators Jackson D, Turner R, Rhodes K, Viechtbauer W (2014), BMC Medical
    Research Methodology 14, 103 (GENQ).

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.9, 0.5], [0.01, 0.02, 0.03], method="DL", test="z")
    >>> [round(x, 4) for x in fit.confint().tau2]
    [0.1817, 0.0285, 6.3047]
    >>> [round(x, 4) for x in fit.confint(type="GENQ").tau2]
    [0.1817, 0.0351, 8.2262]
    """
    level = fit.level if level is None else check_level(level)
    if fit.model != "inverse variance":
        raise BadInput(
            f"intervals of tau2 are of inverse-variance models; this is a {fit.model} model."
        )
    if fit.method == "EE":
        raise BadInput(f"a model by {fit.method} has no tau2 to give an interval for.")
    if fit.tau2_given:
        raise BadInput(f"tau2 = {fit.tau2:g} was given, not estimated: it has no interval.")
    if fit.k <= fit.p:
        raise BadInput(f"{fit.k} estimates and {fit.p} coefficients leave no heterogeneity.")
    if type not in INTERVALS:
        raise UnknownOption("type", type, list(INTERVALS))
    if weights is not None and type != "GENQ":
        raise BadInput(f'weights are for type="GENQ"; {type} has none to choose.')
    use = fit.included
    batch = single(fit.data.yi[use], fit.data.vi[use], fit.X[use])
    low, high, empty = INTERVALS[type](fit, batch, level, weights)
    tau2 = np.array([fit.tau2, low, high])
    I2, H2 = relative(tau2, batch.df / batch.zero.t1)
    return HeterogeneityIntervals(
        tau2=_three(tau2), tau=_three(np.sqrt(tau2)), I2=_three(I2), H2=_three(H2),
        level=level, empty=empty, type=type,
    )  # fmt: skip


def _tail(level: float) -> float:
    return 0.5 * (1.0 - level / 100.0)


def _q_profile(fit: MetaFit, batch: Batch, level: float, _: Any) -> tuple[float, float, bool]:
    tail = _tail(level)
    targets = chdtri(float(batch.df[0]), np.array([tail, 1.0 - tail]))
    low, high = (float(solve_q(batch, np.array([t])).tau2[0]) for t in targets)
    return low, high, bool(batch.zero.q1[0] < targets[1])


def _profile_likelihood(
    fit: MetaFit, batch: Batch, level: float, _: Any
) -> tuple[float, float, bool]:
    return *likelihood_interval(fit, level=level), False


def _generalised_q(
    fit: MetaFit, batch: Batch, level: float, weights: Any
) -> tuple[float, float, bool]:
    a = _fixed_weights(fit, batch, weights)
    unit = float(batch.unit[0])
    v, X = batch.v[0] / unit, batch.X[0]
    q = project(batch.y / np.sqrt(unit), batch.X, a[None]).rss

    def where(target: float) -> float:
        return unit * matching_tau2(float(q[0]), X, a, v, target)

    tail = _tail(level)
    return where(1.0 - tail), where(tail), bool(residual_cdf(q, X, a, v[None])[0] < tail)


def _fixed_weights(fit: MetaFit, batch: Batch, weights: Any) -> Floats:
    """The weights of the generalised Q, in any unit.

    Raises
    ------
    BadInput
        If they are not known, not positive, or not one per row.
    """
    if weights is None and tau2_method(fit.method).needs_weights:
        weights = fit.user_weights
    if weights is None:
        if fit.method not in _OWN_WEIGHTS:
            raise BadInput(
                f"{fit.method} is no generalised Q with fixed weights: give weights=, or fit by "
                f"GENQ, GENQM, {' or '.join(_OWN_WEIGHTS)}."
            )
        return _OWN_WEIGHTS[fit.method](batch.v[0])
    a = floats(weights, "weights")
    if a.shape != fit.included.shape:
        raise BadInput(f"weights has shape {a.shape}; there are {len(fit.included)} rows.")
    a = a[fit.included]
    if not (np.isfinite(a) & (a > 0.0)).all():
        raise BadInput("the weights of the generalised Q must be finite and positive.")
    return np.asarray(a / a.max())


_OWN_WEIGHTS: dict[str, Callable[[Floats], Floats]] = {
    "DL": lambda v: v.min() / v,
    "HE": np.ones_like,
}
INTERVALS: dict[str, Callable[[MetaFit, Batch, float, Any], tuple[float, float, bool]]] = {
    "QP": _q_profile,
    "PL": _profile_likelihood,
    "GENQ": _generalised_q,
}


def _three(values: Floats) -> Interval:
    a, b, c = (float(x) for x in values)
    return a, b, c
