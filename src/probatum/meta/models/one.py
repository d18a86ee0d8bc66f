"""The numbers of one fit: of any design as a batch of one, of a weighted mean number by number."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc

from probatum.meta.heterogeneity import heterogeneity, q_test, spread
from probatum.meta.inference import Tested, infer, mean_of
from probatum.meta.kernel import Batch
from probatum.meta.solvers import search_one
from probatum.meta.tau2 import Tau2Method, estimate
from probatum.meta.types import Floats


class Numbers(NamedTuple):
    """Numbers of a `MetaFit`, and what its likelihoods are made of.

    Attributes
    ----------
    found : Tested
        Coefficients, each of shape (p,).
    vb : ndarray, shape (p, p)
    status : int
        Key of `tau2.STATUS`.
    dfs : float
        Degrees of freedom of the t-tests; NaN where they differ.
    rss, logdet : float
        y'Py and log det X'WX of the weighted fit.
    """

    found: Tested
    vb: Floats
    tau2: float
    se_tau2: float
    status: int
    QE: float
    QEp: float
    I2: float
    H2: float
    s2w: float
    dfs: float
    rss: float
    logdet: float


def one_of(batch: Batch, how: Tau2Method, *, test: str, level: float) -> Numbers:
    """The numbers of the only fit of a batch."""
    estimated = estimate(batch, how)
    found, tests = infer(batch, estimated, test=test, level=level)
    apart = heterogeneity(estimated, batch.df, fixed=how.code == "EE")
    some = float(batch.df[0]) > 0.0
    return Numbers(
        Tested(*(x[0] for x in tests)), found.vb[0], float(estimated.tau2[0]),
        float(how.se(batch, estimated)[0]) if some else math.nan, int(estimated.status[0]),
        float(apart.QE[0]), float(q_test(apart.QE, batch.df)[0]), float(apart.I2[0]),
        float(apart.H2[0]), float(found.s2w[0]), _common(found.df[0]),
        float(found.rss[0]), float(found.logdet[0]),
    )  # fmt: skip


def _common(df: Floats) -> float:
    return float(df[0]) if (df == df[0]).all() else math.nan


def one_mean(batch: Batch, how: Tau2Method, kind: int, *, test: str, level: float) -> Numbers:
    """`one_of` for a weighted mean, number by number: by a search of `scalar`, of that kind."""
    df = float(batch.df[0])
    estimated = search_one(batch, kind)
    tested, s2w = mean_of(estimated, df, test=test, level=level)
    apart, at = spread(estimated, df, fixed=False), estimated.at
    return Numbers(
        Tested(*np.array(tested)[:, None]), np.array(((s2w / at.w1,),)), estimated.tau2,
        np.asarray(how.se(batch, estimated)).item(), estimated.status,
        apart.QE, float(chdtrc(df, apart.QE)), apart.I2, apart.H2, float(s2w), df, at.q1,
        math.log(at.w1),
    )  # fmt: skip
