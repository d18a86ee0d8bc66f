"""Heterogeneity statistics: Q, I2, H2, R2 and the typical sampling variance they rest on."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.special import chdtrc

from probatum.meta.kernel import Batch, project
from probatum.meta.solvers import Estimate
from probatum.meta.types import Floats

_NOTHING = 1e-12


class Heterogeneity(NamedTuple):
    """Numbers, or each of shape (B,); `vt` is the typical sampling variance."""

    QE: Any
    I2: Any
    H2: Any
    vt: Any


def heterogeneity(found: Estimate[Floats], df: Floats, *, fixed: bool) -> Heterogeneity:
    """`spread` for a batch; Q, I2 = 0 and H2 = 1 where k = p.

    The degrees of freedom `df`, shape (B,), are all positive, or all 0.
    """
    if df[0] > 0.0:
        return spread(found, df, fixed=fixed)
    nil = np.zeros(len(df))
    return Heterogeneity(nil, nil, nil + 1.0, nil + np.nan)


def spread(found: Estimate[Any], df: Any, *, fixed: bool) -> Heterogeneity:
    """Cochran's Q with I2 and H2 (Higgins & Thompson 2002, Statistics in Medicine 21, 1539-1558).

    With vt = (k - p) / tr P the typical sampling variance, I2 = 100 tau2 / (tau2 + vt) and
    H2 = 1 + tau2 / vt; in an equal-effects model both follow from Q (which is what
    DerSimonian-Laird's tau2 gives, before I2 is cut off at 0).
    """
    QE, vt = found.zero.q1, df / found.zero.t1
    if fixed:
        H2 = QE / df
        return Heterogeneity(QE, 100.0 * (1.0 - 1.0 / np.maximum(H2, 1.0)), H2, vt)
    return Heterogeneity(QE, *relative(found.tau2, vt), vt)


def q_test(QE: Floats, df: Floats) -> Floats:
    """p-values of Cochran's Q, shape (B,); 1 where k = p leaves nothing to test."""
    return np.asarray(chdtrc(df, QE)) if df[0] > 0.0 else np.ones(len(df))


def relative(tau2: Any, vt: Any) -> tuple[Any, Any]:
    """I2 (percent) and H2 of a tau2 beside the typical sampling variance."""
    return 100.0 * tau2 / (vt + tau2), tau2 / vt + 1.0


def explained(batch: Batch, without: float, left: float) -> float:
    """R2: percent of the between-study variance `without` moderators that they account for.

    Raudenbush SW (2009), in The handbook of research synthesis, ch. 16; 0 where nothing varied:
    where `without` is no more than the rounding error of an estimate of 0, which is some 1e-16
    of the typical sampling variance for every study.
    """
    none = batch.intercept_only()
    vt = float(none.df[0] / none.zero.t1[0])
    return max(0.0, 100.0 * (without - left) / without) if without > _NOTHING * vt else 0.0


def explained_fixed(batch: Batch) -> float:
    """R2 of an equal-effects meta-regression: the adjusted R2 of the (weighted) regression.

    0 where nothing varied: where the scatter about the mean is within the rounding error of the
    sums it is taken from (k eps, relative to the whitened estimates).
    """
    k, df = float(batch.k[0]), float(batch.df[0])
    if df <= 0:
        return float("nan")
    w = 1.0 / batch.v if batch.a is None else batch.a
    total = float(project(batch.y, np.ones((*batch.y.shape, 1)), w).rss[0])
    left = float(project(batch.y, batch.X, w).rss[0])
    rounding = (4.0 * k * np.finfo(np.float64).eps) ** 2 * float(np.sum(w * batch.y**2))
    if total <= rounding:
        return 0.0
    return max(0.0, 100.0 * (1.0 - (left / total) * (k - 1.0) / df))
