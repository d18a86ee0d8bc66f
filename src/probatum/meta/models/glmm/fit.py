"""Pooling of counts by generalised linear mixed models."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import chdtrc

from probatum.errors import BadInput, UnknownOption
from probatum.meta.columns import yes_or_no
from probatum.meta.design import Design
from probatum.meta.inference import check_level, omnibus, tested
from probatum.meta.models.counts import Counts, no_contrast, read_counts, with_moderators
from probatum.meta.models.glmm.models import (
    CELLS,
    MODELS,
    OFFERED,
    Likelihood,
    fit_equal,
    fit_random,
    likelihood,
    saturated,
    spread,
    uninformative,
)
from probatum.meta.models.glmm.newton import Maximum
from probatum.meta.options import typed_options
from probatum.meta.types import Bools, EffectSizes, FitStats, Floats, MetaFit, need

METHODS = ("ML", "EE")
#: a gain of log-likelihood that only rounding gives
NOTHING = 1e-9


@typed_options
def pool_glmm(
    es: EffectSizes,
    *,
    measure: str | None = None,
    model: str = "UM.FS",
    mods: Any = None,
    data: Any = None,
    method: str = "ML",
    test: str = "z",
    level: float = 95,
    coding: float = 0.5,
    cor: bool = False,
    drop00: bool = True,
) -> MetaFit:
    """Pool counts by their own likelihood, with normal variation of the effect between studies.

    Parameters
    ----------
    es : EffectSizes
        Made from ``ai bi ci di`` (OR), ``x1i t1i x2i t2i`` (IRR), ``xi ni`` (PLO) or ``xi ti``
        (IRLN).
    measure : {"OR", "IRR", "PLO", "IRLN"}, optional
        The measure of `es` by default.
    model : {"UM.FS", "UM.RS", "CM.AL", "CM.EL"}
        For two groups. Unconditional: both groups' counts, with a fixed (FS) or random (RS)
        effect of each study. Conditional on all events of a study: exact (EL: noncentral
        hypergeometric for OR, binomial for IRR), or by a binomial that is right when events are
        rare (AL, OR only).
    mods, data
        Moderators of the effect, as in `pool`.
    method : {"ML", "EE"}
        Maximum likelihood, or an equal effect in all studies.
    test : {"z", "t"}
        Normal tests, or t with k - p degrees of freedom.
    level : float
        Confidence level in percent.
    coding : {0.5, 1, 0}
        Which groups the variation of the effect enters, in unconditional models: half in each,
        all in the first, or all in the second.
    cor : bool
        UM.RS: whether a study's effect may be correlated with its level.
    drop00 : bool
        Leave out two-group studies without events, or with nothing but events, in both groups.

    Returns
    -------
    MetaFit
        `beta` is on the log scale. QE is the likelihood ratio test of heterogeneity; `extra` has
        it as ``QE_LRT QEp_LRT``, Wald's as ``QE_Wld QEp_Wld``, for UM.RS ``sigma2``, the variance
        of the studies' levels, and with `cor` ``rho``, their correlation with the effects. I2 and
        H2 set tau2 beside the sampling variances of the studies' own estimates. There are no
        weights.

    Raises
    ------
    UnknownOption, BadInput
        BadInput where the counts are not there, or say nothing of the effect (no events in one
        group over all studies).

    Notes
    -----
    Stijnen T, Hamza TH, Ozdemir P (2010), Statistics in Medicine 29, 3046-3067 (CM.EL, CM.AL,
    PLO, IRLN); Turner RM et al. (2000), Statistics in Medicine 19, 3417-3432, and Jackson D et
    al. (2018), Statistics in Medicine 37, 1059-1085 (UM.FS, UM.RS). Standard errors come from the
    observed information, tau2 included. Where the likelihood is greatest at tau2 = 0 the fit is
    that of equal effects (status "boundary").

    Examples
    --------
    >>> from probatum.meta.measures import effect_sizes
    >>> es = effect_sizes(measure="PLO", xi=[8, 3, 12, 5], ni=[20, 25, 18, 22])
    >>> fit = pool_glmm(es)
    >>> round(float(fit.beta[0]), 3), round(fit.tau2, 3)
    (-0.731, 0.765)
    """
    need(es, "EffectSizes", name="es")
    cor, drop00 = yes_or_no("cor", cor), yes_or_no("drop00", drop00)
    code, level = _check(es, measure, model, method, test, coding), check_level(level)
    if cor and (model != "UM.RS" or code not in ("OR", "IRR") or method == "EE"):
        raise BadInput('cor=True is for model="UM.RS" with method="ML": others have one variance.')
    counts, layout = with_moderators(_counts(es, code, bool(drop00)), mods, data, test)
    own, usable, cells = counts.own, counts.usable, counts.used()
    X = layout.X[usable]
    why = no_contrast(CELLS[code], cells)
    if why:
        raise BadInput(f"the likelihood has no maximum for these studies: {why}.")
    chosen = likelihood(code, model, cells, X, float(coding), cor)
    equal = fit_equal(chosen)
    typical, start = _typical(own, usable, X)
    best, status = equal, "fixed"
    if method == "ML" and len(X) > 1:
        best, status = _best(fit_random(chosen, equal, start), equal)
    return _assemble(
        own, layout, usable, counts.reasons, chosen, equal, best, status, typical,
        code=code, model=model, method=method, test=test, level=level,
    )  # fmt: skip


def _check(
    es: EffectSizes,
    measure: str | None,
    model: str,
    method: str,
    test: str,
    coding: float,
) -> str:
    code = es.measure if measure is None else measure
    if code not in CELLS:
        raise UnknownOption("measure", code, CELLS, "pool_glmm takes OR, IRR, PLO, IRLN.")
    if model not in MODELS:
        raise UnknownOption("model", model, MODELS)
    if model not in OFFERED[code] and code == "IRR":
        raise BadInput('measure "IRR" has no CM.AL: its conditional likelihood, CM.EL, is exact')
    if method not in METHODS:
        raise UnknownOption("method", method, METHODS)
    if test not in ("z", "t"):
        raise UnknownOption("test", test, ("z", "t"))
    if coding not in (0.5, 1, 0):
        raise UnknownOption("coding", coding, ("0.5", "1", "0"))
    return code


def _counts(es: EffectSizes, code: str, drop00: bool) -> Counts:
    drop = (lambda cells: uninformative(code, cells)) if drop00 else None
    return read_counts(es, code, CELLS[code], drop)


def _typical(own: EffectSizes, usable: Bools, X: Floats) -> tuple[float, float]:
    """Typical sampling variance of the own estimates, and a tau2 to begin with (DL)."""
    known = np.isfinite(own.yi[usable]) & np.isfinite(own.vi[usable])
    y, v, Z = own.yi[usable][known], own.vi[usable][known], X[known]
    df = len(y) - Z.shape[1]
    if df <= 0:
        return math.nan, 0.1
    w = 1 / v
    root = np.sqrt(w)[:, None] * Z
    hat = root @ np.linalg.pinv(root)
    trace = float(w.sum() - np.sum(np.diag(hat) * w))
    r = np.sqrt(w) * y
    Q = float(r @ r - r @ hat @ r)
    return df / trace, max(0.0, (Q - df) / trace)


def _best(found: Maximum, equal: Maximum) -> tuple[Maximum, str]:
    if found.ll <= equal.ll + NOTHING:
        return equal, "boundary" if equal.converged else "not converged"
    return found, "converged" if found.converged else "not converged"


def _assemble(
    own: EffectSizes,
    layout: Design,
    usable: Bools,
    reasons: tuple[str, ...],
    chosen: Likelihood,
    equal: Maximum,
    best: Maximum,
    status: str,
    typical: float,
    *,
    code: str,
    model: str,
    method: str,
    test: str,
    level: float,
) -> MetaFit:
    k, p = int(usable.sum()), layout.X.shape[1]
    random = best is not equal
    coefs = slice(chosen.first, chosen.first + p)
    with np.errstate(all="ignore"):
        covariance: Floats = np.linalg.pinv(best.information, hermitian=True).astype(np.float64)
    vb = covariance[coefs, coefs]
    varied = spread(chosen, best, covariance)
    dfs = float(k - p)
    t = tested(best.b[coefs], np.diag(vb), dfs, test, level)
    has_intercept = layout.has_intercept and p > 1
    QM, QMp, QMdf = omnibus(t.beta, vb, slice(1, None) if has_intercept else slice(0, None),
                            dfs, test)  # fmt: skip
    ll_best, extra = _heterogeneity(chosen, equal, layout.X[usable])
    extra.update(
        (name, getattr(varied, name))
        for name in ("sigma2", "rho")
        if not math.isnan(getattr(varied, name))
    )
    variances = len((chosen.random if method == "ML" else chosen.equal).effect)
    count = chosen.n_own + chosen.first + p + variances
    return MetaFit(
        beta=t.beta, se=t.se, zval=t.stat, pval=t.pval, ci_lb=t.ci_lb, ci_ub=t.ci_ub, vb=vb,
        names=layout.names, tau2=varied.tau2, se_tau2=varied.se_tau2,
        I2=100 * varied.tau2 / (typical + varied.tau2) if random else 0.0,
        H2=1 + varied.tau2 / typical if random else 1.0, R2=math.nan,
        QE=extra["QE_LRT"], QEp=extra["QEp_LRT"], QM=QM, QMp=QMp, QMdf=QMdf, s2w=1.0,
        k=k, p=p, m=int(QMdf[0]), dfs=math.nan if test == "z" else dfs,
        weights=np.full(len(own), np.nan), method=method, test=test, level=level, weighted=True,
        data=own, X=layout.X, included=usable, k_left_out=int((~usable).sum()), left_out=reasons,
        fit_stats={"ML": _criteria(best.ll, 2 * (ll_best - best.ll), count, chosen.rows)},
        model=f"{code} {model}" if code in ("OR", "IRR") else f"{code} mixed",
        status=status, extra=extra, encode=layout.encode,
    )  # fmt: skip


def _heterogeneity(chosen: Likelihood, equal: Maximum, X: Floats) -> tuple[float, dict[str, float]]:
    """The saturated log-likelihood; likelihood ratio and Wald tests against it."""
    k, p = X.shape
    ll, effects, information = saturated(chosen)
    df = k - p
    normal = X.T @ information @ X
    b = np.linalg.lstsq(normal, X.T @ information @ effects, rcond=None)[0]
    r = effects - X @ b
    wald, ratio = max(0.0, float(r @ information @ r)), max(0.0, 2 * (ll - equal.ll))
    return ll, {
        "QE_Wld": wald if df else 0.0,
        "QEp_Wld": float(chdtrc(df, wald)) if df else 1.0,
        "QE_LRT": ratio if df else 0.0,
        "QEp_LRT": float(chdtrc(df, ratio)) if df else 1.0,
    }


def _criteria(ll: float, dev: float, count: int, n: int) -> FitStats:
    size = max(n, count + 2)
    return FitStats(
        ll=ll,
        dev=dev,
        AIC=-2 * ll + 2 * count,
        BIC=-2 * ll + count * math.log(n),
        AICc=-2 * ll + 2 * count * size / (size - count - 1),
    )
