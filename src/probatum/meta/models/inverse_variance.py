"""`pool`: the inverse-variance model, with or without moderators."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from probatum.errors import BadInput
from probatum.meta import kenward_roger
from probatum.meta.columns import yes_or_no
from probatum.meta.design import Design, check_rank, design
from probatum.meta.heterogeneity import explained, explained_fixed
from probatum.meta.inference import by_forms, check_level, check_test, omnibus
from probatum.meta.kernel import Batch, single
from probatum.meta.likelihood import fit_stats
from probatum.meta.models.one import one_mean, one_of
from probatum.meta.models.rows import (
    as_effect_sizes,
    check_given,
    common,
    mark_missing,
    mark_unweighted,
    tau2_from,
    usable_rows,
    weights_in,
    without_offset,
)
from probatum.meta.options import typed_options
from probatum.meta.tau2 import FIXED, STATUS, Tau2Method, tau2_method
from probatum.meta.types import Bools, EffectSizes, Floats, MetaFit


@typed_options
def pool(
    yi: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    mods: Any = None,
    data: Any = None,
    method: str = "REML",
    test: str = "knha",
    level: float = 95,
    weighted: bool = True,
    weights: Any = None,
    tau2: float | None = None,
    offset: Any = None,
    slab: Any = None,
    intercept: bool = True,
) -> MetaFit:
    """Pool estimates by inverse-variance weighting, with or without moderators.

    Parameters
    ----------
    yi : EffectSizes, array of shape (k,), or column name
        Estimates on the analysis scale (the log for ratios).
    vi, sei : array of shape (k,) or column name
        Sampling variances, or standard errors; not with `EffectSizes`.
    mods : str, array or mapping, optional
        Moderators: a formula such as ``"~ ablat + year"`` over the columns of `data`, an array
        of shape (k,) or (k, q), or a mapping of names to arrays.
    data : mapping of columns or data frame, optional
    method : str
        Estimator of tau2, see `tau2_methods`; "EE" (also "FE", "CE") has none.
    test : {"knha", "adhoc", "t", "z", "kr"}
        "knha" is the Hartung-Knapp(-Sidik-Jonkman) method, "adhoc" the same with its scale
        factor at least 1; "kr" is Kenward and Roger's adjustment, for REML.
    level : float
        Confidence level in percent.
    weighted : bool
        Whether the coefficients are weighted; tau2 and the heterogeneity statistics always are.
    weights : array of shape (k,) or column name, optional
        Weights for the coefficients in place of 1 / (vi + tau2), in any unit; those of "GENQ" and
        "GENQM" estimate tau2 too. The covariance is the one that follows from the model.
    tau2 : float, optional
        A known between-study variance (or one to try out) in place of the estimate by `method`.
    offset : array of shape (k,) or column name, optional
        A known part of each estimate, which is taken off it: the fit, its predictions too, is
        that of ``yi - offset``.
    slab : sequence, optional
        Study labels.
    intercept : bool
        Whether array moderators get an intercept.

    Returns
    -------
    MetaFit
        Rows without a finite estimate, variance, moderator or weight are left out, and counted.
        A single estimate stands for itself: tau2 is 0 (or as given) and the test is "z".

    Raises
    ------
    UnknownOption
        If `method` or `test` does not exist.
    BadInput
        If lengths differ, a variance isn't positive, a weight is negative, moderators are
        collinear, too few rows can be used, a method lacks its weights, or numbers differ by 60
        orders of magnitude.

    Notes
    -----
    Hedges LV, Olkin I (1985). Statistical methods for meta-analysis; Viechtbauer W (2005),
    Journal of Educational and Behavioral Statistics 30, 261-293; Knapp G, Hartung J (2003),
    Statistics in Medicine 22, 2693-2710.

    Examples
    --------
    >>> fit = pool([0.1, 0.3, 0.5], [0.01, 0.02, 0.03], method="DL", test="z")
    >>> round(float(fit.beta[0]), 4), round(fit.tau2, 4)
    (0.2674, 0.0217)
    """
    weighted = yes_or_no("weighted", weighted)
    how = tau2_from(tau2_method(method), tau2, weights=weights, weighted=weighted)
    check_test(test, how, own_weights=weighted and weights is None)
    level = check_level(level)
    es = as_effect_sizes(yi, vi, sei, slab, data)
    if offset is not None:
        es = without_offset(es, offset, data)
    usable, reasons = usable_rows(es)
    layout = design(mods, data, usable, intercept=intercept)
    if mods is not None:
        usable &= mark_missing(layout, reasons)
    own = None if weights is None else weights_in(weights, data, len(es))
    if own is not None:
        usable &= mark_unweighted(own, reasons)
    rows = slice(None) if np.count_nonzero(usable) == len(es) else usable
    y, v, X = es.yi[rows], es.vi[rows], layout.X[rows]
    k, p = X.shape
    if k == 0:
        raise BadInput(f"none of the {len(es)} rows can be used: {common(reasons)}.")
    check_given(tau2, v)
    if mods is not None:
        _check_size(k, p, how, test)
        check_rank(X, layout.names)
    a = (
        np.ones(k)
        if not weighted
        else None
        if own is None
        else _relative(own[rows], X, layout, how)
    )
    batch = single(y, v, X, ones=True if mods is None else None, a=a)
    return _assemble(
        es, layout, usable, tuple(reasons), batch, how, "z" if k == 1 else test, level, own
    )


def _relative(a: Floats, X: Floats, layout: Design, how: Tau2Method) -> Floats:
    """Weights as a share of the largest.

    Raises
    ------
    BadInput
        If too many are 0 for the coefficients, or for tau2.
    """
    heavy = a > 0.0
    if not heavy.any():
        raise BadInput("all weights are 0.")
    if not heavy.all():
        if how.needs_weights:
            raise BadInput(f"a weight of 0 tells {how.code} nothing: leave out such rows.")
        if np.count_nonzero(heavy) < X.shape[1]:
            raise BadInput(
                f"{np.count_nonzero(heavy)} weights above 0 can't carry {X.shape[1]} coefficients."
            )
        check_rank(X[heavy], layout.names)
    return np.asarray(a / a.max())


def _check_size(k: int, p: int, how: Tau2Method, test: str) -> None:
    free = k - p - (how.code != "EE" or test != "z")
    if p > 1 and free < 0:
        raise BadInput(
            f"{k} estimates can't carry {p} coefficients"
            + (" and the between-study variance" if how.code != "EE" else "")
            + "; use fewer moderators."
        )


def _r2(batch: Batch, layout: Design, how: Tau2Method, tau2: float) -> float:
    if batch.p == 1 or not layout.has_intercept:
        return float("nan")
    if how.code == "EE":
        return explained_fixed(batch)
    without = tau2_method(how.code).estimate(batch.intercept_only())  # estimated, even if given
    return explained(batch, float(without.tau2[0]), tau2)


def _assemble(
    es: EffectSizes, layout: Design, usable: Bools, reasons: tuple[str, ...], batch: Batch,
    how: Tau2Method, test: str, level: float, user_weights: Floats | None,
) -> MetaFit:  # fmt: skip
    k, p = batch.X.shape[1:]
    df, a = float(batch.df[0]), batch.a
    if batch.ones and by_forms(test, a) and how.search is not None and df > 0.0:
        one = one_mean(batch, how, how.search, test=test, level=level)
    else:
        one = one_of(batch, how, test=test, level=level)
    found, tau2, y = one.found, one.tau2, batch.y[0]
    tested = slice(1, None) if layout.has_intercept and p > 1 else slice(0, None)
    QM, QMp, QMdf = omnibus(found.beta, one.vb, tested, df, test)
    w = 1.0 / (batch.v[0] + tau2)
    rss = one.rss if a is None else float(np.sum(w * (y - batch.X[0] @ found.beta) ** 2))
    share = w if a is None else a[0]
    percent = share * (100.0 / np.add.reduce(share))
    if k < len(es):
        percent, known = np.full(len(es), np.nan), percent
        percent[usable] = known
    fit = MetaFit(
        beta=found.beta, se=found.se, zval=found.stat, pval=found.pval,
        ci_lb=found.ci_lb, ci_ub=found.ci_ub, vb=one.vb, names=layout.names,
        tau2=tau2, se_tau2=one.se_tau2, I2=one.I2, H2=one.H2,
        R2=_r2(batch, layout, how, tau2),
        QE=one.QE, QEp=one.QEp, QM=QM, QMp=QMp, QMdf=QMdf, s2w=one.s2w, k=k, p=p, m=int(QMdf[0]),
        dfs=math.nan if test == "z" else one.dfs, weights=percent, method=how.code, test=test,
        level=level, weighted=a is None or user_weights is not None, data=es, X=layout.X,
        included=usable, k_left_out=len(es) - k, left_out=reasons,
        fit_stats=fit_stats(batch, w, rss, one.logdet, estimated=one.status != FIXED),
        status=STATUS[one.status], encode=layout.encode, user_weights=user_weights,
    )  # fmt: skip
    if test != "kr":
        return fit
    every = kenward_roger.joint(fit, np.eye(p)[tested])
    return replace(fit, QM=every.F, QMp=every.pval, QMdf=every.df)
