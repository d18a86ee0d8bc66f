"""`pool`: the inverse-variance model, with or without moderators."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from probatum.errors import BadInput
from probatum.meta import kenward_roger
from probatum.meta.design import Design, check_rank, column, design
from probatum.meta.heterogeneity import explained, explained_fixed
from probatum.meta.inference import by_forms, check_level, check_test, omnibus
from probatum.meta.kernel import TOO_FAR, Batch, comparable, single
from probatum.meta.likelihood import fit_stats
from probatum.meta.models.one import one_mean, one_of
from probatum.meta.tau2 import STATUS, Tau2Method, tau2_method
from probatum.meta.types import Bools, EffectSizes, Floats, MetaFit, labels


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
    slab : sequence, optional
        Study labels.
    intercept : bool
        Whether array moderators get an intercept.

    Returns
    -------
    MetaFit
        Rows without a finite estimate, variance or moderator are left out, and counted. A
        single estimate stands for itself: tau2 is 0 and the test is "z".

    Raises
    ------
    UnknownOption
        If `method` or `test` does not exist.
    BadInput
        If lengths differ, a variance isn't positive, moderators are collinear, too few rows can
        be used, or numbers differ by 60 orders of magnitude.

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
    how = tau2_method(method)
    check_test(test, how.code, weighted=weighted)
    level = check_level(level)
    es = as_effect_sizes(yi, vi, sei, slab, data)
    usable, reasons = _usable(es)
    layout = design(mods, data, usable, intercept=intercept)
    if mods is not None:
        usable &= _mark_missing(layout, reasons)
    rows = slice(None) if np.count_nonzero(usable) == len(es) else usable
    y, v, X = es.yi[rows], es.vi[rows], layout.X[rows]
    k, p = X.shape
    if k == 0:
        raise BadInput(f"none of the {len(es)} rows can be used: {_common(reasons)}.")
    if mods is not None:
        _check_size(k, p, how, test)
        check_rank(X, layout.names)
    batch = single(y, v, X, ones=True if mods is None else None)
    return _assemble(
        es, layout, usable, tuple(reasons), batch, how, "z" if k == 1 else test, level, weighted
    )


def as_effect_sizes(yi: Any, vi: Any, sei: Any, slab: Any, data: Any) -> EffectSizes:
    """`EffectSizes` as given, or of arrays (or columns of `data`).

    Raises
    ------
    BadInput
        If there are no variances, or lengths differ.
    """
    if isinstance(yi, EffectSizes):
        if vi is not None or sei is not None:
            raise BadInput("yi already has its variances (EffectSizes): leave out vi and sei.")
        return yi
    if (vi is None) == (sei is None):
        raise BadInput("give either the variances vi or the standard errors sei.")
    y = _numbers("yi", yi, data)
    v = _numbers("vi", vi, data) if sei is None else _numbers("sei", sei, data)
    if y.shape != v.shape:
        raise BadInput(f"yi has {len(y)} rows and {'vi' if sei is None else 'sei'} {len(v)}.")
    if sei is not None:
        # a negative standard error must not become a variance by squaring
        v = np.where(v < 0, -1.0, 1.0) * v * v
    names = column(data, slab) if isinstance(slab, str) else slab
    if names is not None and len(names) != len(y):
        raise BadInput(f"slab has {len(names)} labels; there are {len(y)} estimates.")
    return EffectSizes(y, v, slab=labels(names, len(y)))


def _numbers(name: str, values: Any, data: Any) -> Floats:
    given = column(data, values) if isinstance(values, str) else values
    try:
        array = np.atleast_1d(np.asarray(given, dtype=np.float64))
    except (TypeError, ValueError):
        raise BadInput(f"{name} holds something that is not a number.") from None
    if array.ndim != 1:
        raise BadInput(f"{name} has {array.ndim} dimensions; it takes one number per study.")
    return array


def _usable(es: EffectSizes) -> tuple[Bools, list[str]]:
    """Which rows can be used, and per row "" or why it can't.

    Raises
    ------
    BadInput
        If a variance isn't positive, or numbers differ too much in size.
    """
    k = len(es)
    out = [""] * k
    if k and comparable(es.yi, es.vi):
        return np.ones(k, dtype=np.bool_), out
    estimated: Bools = np.isfinite(es.yi)
    usable = estimated & np.isfinite(es.vi)
    wrong = np.flatnonzero((es.vi <= 0) & estimated)
    if len(wrong):
        which = ", ".join(labels(es.slab, k)[i] for i in wrong[:3])
        raise BadInput(
            f"sampling variances must be positive; {len(wrong)} are not (study {which}). "
            "Correct them, or make them NaN to leave the rows out."
        )
    given = es.reasons or tuple(out)
    for i in np.flatnonzero(~usable):
        out[i] = given[i] or ("no sampling variance" if estimated[i] else "no estimate")
    if usable.any() and not comparable(es.yi[usable], es.vi[usable]):
        raise BadInput(f"the estimates and their variances {TOO_FAR}")
    return usable, out


def _mark_missing(layout: Design, reasons: list[str]) -> Bools:
    finite: Bools = np.isfinite(layout.X)
    ok: Bools = np.asarray(finite.all(axis=1))
    if not ok.all():
        for i in np.flatnonzero(~ok):
            gaps = [n for n, good in zip(layout.names, finite[i]) if not good]
            named = "" if layout.encode else f" {', '.join(gaps)}"
            reasons[i] = reasons[i] or f"no moderator{named}"
    return ok


def _common(reasons: list[str]) -> str:
    kinds = [r for r in dict.fromkeys(reasons) if r]
    return "; ".join(kinds) if kinds else "there are none"


def _check_size(k: int, p: int, how: Tau2Method, test: str) -> None:
    free = k - p - (how.code != "EE" or test != "z")
    if p > 1 and free < 0:
        raise BadInput(
            f"{k} estimates can't carry {p} coefficients"
            + (" and the between-study variance" if how.code != "EE" else "")
            + "; use fewer moderators."
        )


def _r2(batch: Batch, layout: Design, how: Tau2Method, tau2: float, weighted: bool) -> float:
    if batch.p == 1 or not layout.has_intercept:
        return float("nan")
    if how.code == "EE":
        return explained_fixed(batch, weighted=weighted)
    return explained(batch, float(how.estimate(batch.intercept_only()).tau2[0]), tau2)


def _assemble(
    es: EffectSizes, layout: Design, usable: Bools, reasons: tuple[str, ...], batch: Batch,
    how: Tau2Method, test: str, level: float, weighted: bool,
) -> MetaFit:  # fmt: skip
    k, p = batch.X.shape[1:]
    df, fixed = float(batch.df[0]), how.code == "EE"
    if batch.ones and by_forms(test, weighted=weighted) and how.search is not None and df > 0.0:
        one = one_mean(batch, how, how.search, test=test, level=level)
    else:
        one = one_of(batch, how, test=test, level=level, weighted=weighted)
    found, tau2, y = one.found, one.tau2, batch.y[0]
    tested = slice(1, None) if layout.has_intercept and p > 1 else slice(0, None)
    QM, QMp, QMdf = omnibus(found.beta, one.vb, tested, df, test)
    w = 1.0 / (batch.v[0] + tau2)
    rss = one.rss if weighted else float(np.sum(w * (y - batch.X[0] @ found.beta) ** 2))
    percent = w * (100.0 / np.add.reduce(w)) if weighted else np.full(k, 100.0 / k)
    if k < len(es):
        percent, known = np.full(len(es), np.nan), percent
        percent[usable] = known
    fit = MetaFit(
        beta=found.beta, se=found.se, zval=found.stat, pval=found.pval,
        ci_lb=found.ci_lb, ci_ub=found.ci_ub, vb=one.vb, names=layout.names,
        tau2=tau2, se_tau2=one.se_tau2, I2=one.I2, H2=one.H2,
        R2=_r2(batch, layout, how, tau2, weighted),
        QE=one.QE, QEp=one.QEp, QM=QM, QMp=QMp, QMdf=QMdf, s2w=one.s2w, k=k, p=p, m=int(QMdf[0]),
        dfs=math.nan if test == "z" else one.dfs, weights=percent, method=how.code, test=test,
        level=level, weighted=weighted, data=es, X=layout.X, included=usable,
        k_left_out=len(es) - k, left_out=reasons,
        fit_stats=fit_stats(batch, w, rss, one.logdet, estimated=not fixed),
        status=STATUS[one.status], encode=layout.encode,
    )  # fmt: skip
    if test != "kr":
        return fit
    every = kenward_roger.joint(fit, np.eye(p)[tested])
    return replace(fit, QM=every.F, QMp=every.pval, QMdf=every.df)
