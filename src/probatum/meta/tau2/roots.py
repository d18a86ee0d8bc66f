"""Estimators of tau2 that are roots of the generalised Q statistic with weights 1 / (vi + tau2).

Four of them have the same root, where Q equals its expectation k - p, and so one search that
always finds it; they differ in how they were derived and, in part, in their standard error.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import chdtri

from probatum.meta import solvers
from probatum.meta.kernel import Batch
from probatum.meta.scalar import MATCH_Q
from probatum.meta.solvers import Estimate
from probatum.meta.tau2.registry import register
from probatum.meta.types import Floats


def _se_eb(batch: Batch, found: Estimate[Any]) -> Any:
    return np.sqrt(2.0 * batch.k**2 / batch.df) / found.at.w1


def _se_dlit(batch: Batch, found: Estimate[Any]) -> Any:
    """That of DL with the weights of the last step, for which tr(PSPS) = k - p."""
    return np.sqrt(2.0 * batch.df) / found.at.t1


@register(
    "EB", "empirical Bayes",
    "Morris CN (1983). Journal of the American Statistical Association 78, 47-55; its equation "
    "has the root of PM's: Viechtbauer W et al. (2015). Psychological Methods 20, 360-374",
    _se_eb, MATCH_Q,
)  # fmt: skip
def _empirical_bayes(batch: Batch) -> Estimate[Floats]:
    return solvers.solve_q(batch, batch.df)


@register(
    "PM", "Paule-Mandel",
    "Paule RC, Mandel J (1982). Journal of Research of the National Bureau of Standards 87, "
    "377-385; with moderators DerSimonian R, Kacker R (2007). Contemporary Clinical Trials 28, "
    "105-114", _se_eb, MATCH_Q,
)  # fmt: skip
def _paule_mandel(batch: Batch) -> Estimate[Floats]:
    return solvers.solve_q(batch, batch.df)


@register(
    "SJIT", "Sidik-Jonkman, iterated",
    "Sidik K, Jonkman JN (2005). Applied Statistics 54, 367-384, whose step is repeated until "
    "tau2 stays: the root of PM's equation", _se_eb, MATCH_Q,
)  # fmt: skip
def _sidik_jonkman_iterated(batch: Batch) -> Estimate[Floats]:
    """A step takes t to t Q(t) / (k - p); it stays where Q(t) = k - p, or goes to 0."""
    return solvers.solve_q(batch, batch.df)


@register(
    "DLIT", "DerSimonian-Laird, iterated",
    "DerSimonian R, Kacker R (2007). Contemporary Clinical Trials 28, 105-114, whose two-step "
    "estimator is repeated until tau2 stays: the root of PM's equation", _se_dlit, MATCH_Q,
)  # fmt: skip
def _dersimonian_laird_iterated(batch: Batch) -> Estimate[Floats]:
    """A step takes t to (Q(t) - tr PV) / tr P, where tr PV = k - p - t tr P."""
    return solvers.solve_q(batch, batch.df)


@register(
    "PMM", "Paule-Mandel, median-unbiased",
    "Viechtbauer W (2021). Median-unbiased estimators for the amount of heterogeneity in "
    "meta-analysis. European Congress of Methodology, Valencia", _se_eb,
)  # fmt: skip
def _paule_mandel_median(batch: Batch) -> Estimate[Floats]:
    """Q equals the median of its chi-square distribution in place of its expectation."""
    return solvers.solve_q(batch, chdtri(batch.df, 0.5))
