"""Q-profile confidence intervals of the heterogeneity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri

from probatum.errors import BadInput
from probatum.meta.heterogeneity import relative
from probatum.meta.inference import check_level
from probatum.meta.kernel import single
from probatum.meta.solvers import solve_q
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
    """

    tau2: Interval
    tau: Interval
    I2: Interval
    H2: Interval
    level: float
    empty: bool


def confint(fit: MetaFit, *, level: float | None = None) -> HeterogeneityIntervals:
    """Q-profile interval: the tau2 for which the generalised Q is neither too large nor too small.

    Viechtbauer W (2007). Statistics in Medicine 26, 37-52. The interval belongs to the data and
    the moderators, whatever estimator of tau2 the fit used.

    Raises
    ------
    BadInput
        For a model without tau2, or without residual degrees of freedom.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.9, 0.5], [0.01, 0.02, 0.03], method="DL", test="z")
    >>> [round(x, 4) for x in fit.confint().tau2]
    [0.1817, 0.0285, 6.3047]
    """
    level = fit.level if level is None else check_level(level)
    if fit.model != "inverse variance":
        raise BadInput(f"the Q-profile is of inverse-variance models; this is a {fit.model} model.")
    if fit.method == "EE":
        raise BadInput(f"a model by {fit.method} has no tau2 to give an interval for.")
    if fit.k <= fit.p:
        raise BadInput(f"{fit.k} estimates and {fit.p} coefficients leave no heterogeneity.")
    use = fit.included
    batch = single(fit.data.yi[use], fit.data.vi[use], fit.X[use])
    tail = 0.5 * (1.0 - level / 100.0)
    targets = chdtri(float(batch.df[0]), np.array([tail, 1.0 - tail]))
    low, high = (float(solve_q(batch, np.array([t])).tau2[0]) for t in targets)
    tau2 = np.array([fit.tau2, low, high])
    I2, H2 = relative(tau2, batch.df / batch.zero.t1)
    return HeterogeneityIntervals(
        tau2=_three(tau2), tau=_three(np.sqrt(tau2)), I2=_three(I2), H2=_three(H2),
        level=level, empty=bool(batch.zero.q1[0] < targets[1]),
    )  # fmt: skip


def _three(values: Floats) -> Interval:
    a, b, c = (float(x) for x in values)
    return a, b, c
