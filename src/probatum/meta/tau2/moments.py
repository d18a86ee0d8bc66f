"""Estimators of tau2 in closed form, most of them by the method of moments."""

from __future__ import annotations

from typing import Any

import numpy as np

from probatum.meta.kernel import Batch, forms, project, weights
from probatum.meta.solvers import Estimate
from probatum.meta.tau2.registry import FIXED, closed, no_se, register, se_quadratic
from probatum.meta.types import Floats


def _sd_q(batch: Batch, found: Estimate[Any]) -> Floats:
    """Standard deviation of Q at tau2 (Biggerstaff & Tweedie 1997)."""
    f, tau2 = found.zero, found.tau2
    return np.asarray(np.sqrt(2.0 * batch.df + 4.0 * tau2 * f.t1 + 2.0 * tau2**2 * f.t2))


def _se_dl(batch: Batch, found: Estimate[Any]) -> Floats:
    return np.asarray(_sd_q(batch, found) / found.zero.t1)


def _se_hs(batch: Batch, found: Estimate[Any]) -> Floats:
    return np.asarray(_sd_q(batch, found) / found.zero.w1)


def _se_hsk(batch: Batch, found: Estimate[Any]) -> Floats:
    return _se_hs(batch, found) * batch.k / batch.df


def _se_he(batch: Batch, found: Estimate[Any]) -> Floats:
    return se_quadratic(batch, found.tau2, batch.real, 1.0 / batch.df)


def _se_sj(batch: Batch, found: Estimate[Any]) -> Floats:
    start = _sj_start(batch)
    return se_quadratic(batch, found.tau2, weights(batch, start), start / batch.df)


@register(
    "EE", "equal effects (tau2 = 0)",
    "Hedges LV, Vevea JL (1998). Psychological Methods 3, 486-504", no_se,
)  # fmt: skip
def _equal_effects(batch: Batch) -> Estimate[Floats]:
    return closed(batch, np.zeros(len(batch.y)), FIXED)


@register(
    "DL", "DerSimonian-Laird",
    "DerSimonian R, Laird N (1986). Controlled Clinical Trials 7, 177-188; with moderators "
    "Raudenbush SW (2009), in The handbook of research synthesis, eq. 16.38", _se_dl,
)  # fmt: skip
def _dersimonian_laird(batch: Batch) -> Estimate[Floats]:
    f = batch.zero
    return closed(batch, (f.q1 - batch.df) / f.t1)


@register(
    "HE", "Hedges",
    "Hedges LV, Olkin I (1985). Statistical methods for meta-analysis, eq. 9.25", _se_he,
)  # fmt: skip
def _hedges(batch: Batch) -> Estimate[Floats]:
    fit = project(batch.y, batch.X, batch.real)
    return closed(batch, (fit.rss - fit.trace(batch.real_v)) / batch.df)


@register(
    "HS", "Hunter-Schmidt",
    "Schmidt FL, Hunter JE (1990/2014). Methods of meta-analysis, ch. 3; Viechtbauer W (2005). "
    "Journal of Educational and Behavioral Statistics 30, 261-293, eq. 10", _se_hs,
)  # fmt: skip
def _hunter_schmidt(batch: Batch) -> Estimate[Floats]:
    f = batch.zero
    return closed(batch, (f.q1 - batch.k) / f.w1)


@register(
    "HSk", "Hunter-Schmidt, corrected for few studies",
    "Brannick MT, Potter SM, Benitez B, Morris SB (2019). Organizational Research Methods 22, "
    "490-514", _se_hsk,
)  # fmt: skip
def _hunter_schmidt_few(batch: Batch) -> Estimate[Floats]:
    """`HS` with the estimates' variance over k - p in place of k."""
    f = batch.zero
    return closed(batch, (f.q1 * batch.k / batch.df - batch.k) / f.w1)


def _sj_start(batch: Batch) -> Floats:
    """Crude between-study variance sum (yi - mean)^2 / k, from which SJ takes its step."""
    real = batch.real
    mean = (batch.y * real).sum(axis=-1) / batch.k
    deviation = (batch.y - mean[:, None]) * real
    return np.asarray((deviation**2).sum(axis=-1) / batch.k)


@register(
    "SJ", "Sidik-Jonkman",
    "Sidik K, Jonkman JN (2005). Applied Statistics 54, 367-384", _se_sj,
)  # fmt: skip
def _sidik_jonkman(batch: Batch) -> Estimate[Floats]:
    start = _sj_start(batch)
    return closed(batch, start * forms(batch, start).q1 / batch.df)
