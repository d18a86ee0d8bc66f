"""Regression and rank tests of funnel plot asymmetry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import stdtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.bias.kendall import kendall
from probatum.meta.inference import critical
from probatum.meta.models.inverse_variance import pool
from probatum.meta.options import typed_options
from probatum.meta.refit import how_of, rows_of
from probatum.meta.types import EffectSizes, Floats, MetaFit, need

if TYPE_CHECKING:
    from probatum.meta.models.multilevel.types import MultilevelFit

# predictors that fall to 0 as studies grow: the intercept is then the limit of large studies
PREDICTORS: dict[str, tuple[bool, Callable[[Floats, Floats], Floats]]] = {
    "sei": (True, lambda v, n: np.sqrt(v)),
    "vi": (True, lambda v, n: v),
    "ni": (False, lambda v, n: n),
    "ninv": (True, lambda v, n: 1.0 / n),
    "sqrtni": (False, lambda v, n: np.sqrt(n)),
    "sqrtninv": (True, lambda v, n: 1.0 / np.sqrt(n)),
}


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """A test of funnel plot asymmetry.

    Attributes
    ----------
    method : str
        Which test.
    slope, se, stat, pval, dfs : float
        Coefficient of the predictor, its standard error, z or t, two-sided p-value, and degrees
        of freedom (NaN for z).
    limit, limit_lb, limit_ub : float
        Estimate for an infinitely large study with its interval; NaN where the predictor does
        not run to 0.
    k : int
    """

    method: str
    slope: float
    se: float
    stat: float
    pval: float
    dfs: float
    limit: float
    limit_lb: float
    limit_ub: float
    k: int


@typed_options
def regtest(
    fit: MetaFit | MultilevelFit, *, model: str = "rma", predictor: str = "sei",
    cluster: Any = None,
) -> Asymmetry:  # fmt: skip
    """Regression test: do estimates change with the size of the study?

    With model "rma" the predictor joins the fitted model, by its own method and test (Sterne
    JAC, Egger M, 2005, in Publication bias in meta-analysis, ch. 6); with "lm" it is a weighted
    regression with a multiplicative dispersion, for predictor "sei" the test of Egger M, Davey
    Smith G, Schneider M, Minder C (1997), BMJ 315, 629-634.

    Where estimates depend on each other the predictor joins the fitted (multilevel) model and is
    tested with cluster-robust errors, CR2 with Satterthwaite's degrees of freedom: Rodgers MA,
    Pustejovsky JE (2021), Psychological Methods 26, 141-160. For standardised mean differences
    prefer a predictor of sample sizes, as their standard errors hold the estimates.

    Parameters
    ----------
    fit : MetaFit or MultilevelFit
    model : {"rma", "lm"}
        Multilevel and clustered fits have "rma" only.
    predictor : {"sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv"}
    cluster : array of shape (k_all,), or name of a grouping factor of the fit, optional
        For cluster-robust errors; a multilevel fit has them always, by default by its first
        grouping factor.

    Returns
    -------
    Asymmetry

    Raises
    ------
    UnknownOption
        If `model` or `predictor` does not exist.
    BadInput
        With too few studies, without sample sizes for a predictor that needs them, or where all
        studies have the same size.

    Examples
    --------
    >>> fit = pool([0.1, 0.4, 0.5, 0.9], [0.01, 0.04, 0.09, 0.16], method="DL", test="z")
    >>> round(regtest(fit).pval, 3)
    0.016
    """
    need(fit, "MetaFit", "MultilevelFit")
    if model not in ("rma", "lm"):
        raise UnknownOption("model", model, ("rma", "lm"))
    if predictor not in PREDICTORS:
        raise UnknownOption("predictor", predictor, list(PREDICTORS))
    clustered = cluster is not None or not isinstance(fit, MetaFit)
    if clustered and model == "lm":
        raise BadInput('clusters need model="rma": the predictor joins the fitted model.')
    to_zero, function = PREDICTORS[predictor]
    v = fit.data.vi[fit.included]
    x = function(v, _sizes(fit) if "n" in predictor.replace("sei", "") else v)
    if np.ptp(x) <= 1e-9 * np.max(np.abs(x)):
        raise BadInput(f"all {fit.k} studies have the same {predictor}: asymmetry can't be seen.")
    if not isinstance(fit, MetaFit):
        from probatum.meta.models.multilevel.extended import with_moderator

        return _clustered(with_moderator(fit, predictor, x), cluster, predictor, to_zero)
    y, v, X = rows_of(fit)
    design = np.column_stack([X[:, :1], x, X[:, 1:]])
    if model == "lm":
        return _weighted(f"Egger ({predictor})", y, design, 1.0 / v, fit.level, to_zero)
    columns = design[:, 1:] if fit.names[0] == "intrcpt" else design
    again = pool(
        y, v, mods=columns, intercept=fit.names[0] == "intrcpt", test=fit.test, level=fit.level,
        **how_of(fit),
    )  # fmt: skip
    if clustered:
        kept = np.asarray(cluster)
        kept = kept[fit.included] if kept.shape == fit.included.shape else kept
        return _clustered(again, kept, predictor, to_zero)
    alone = to_zero and fit.p == 1  # with other moderators there is no one limit
    limit, lower, upper = again.beta[0], again.ci_lb[0], again.ci_ub[0]
    return Asymmetry(
        method=f"regression on {predictor}", slope=float(again.beta[1]), se=float(again.se[1]),
        stat=float(again.zval[1]), pval=float(again.pval[1]), dfs=float(again.ddf[1]),
        limit=float(limit) if alone else np.nan, limit_lb=float(lower) if alone else np.nan,
        limit_ub=float(upper) if alone else np.nan, k=again.k,
    )  # fmt: skip


def _clustered(
    fit: MetaFit | MultilevelFit, cluster: Any, predictor: str, to_zero: bool
) -> Asymmetry:
    """The predictor's cluster-robust test in the fit it has joined."""
    from probatum.meta.models.multilevel.deletion import default_clusters
    from probatum.meta.robust.sandwich import robust

    if not isinstance(fit, MetaFit):
        cluster = default_clusters(fit, cluster)[0]
    out = robust(fit, cluster)
    alone = to_zero and fit.p == 2
    return Asymmetry(
        method=f"regression on {predictor}, {out.type} by {out.clusters} clusters",
        slope=float(out.beta[1]), se=float(out.se[1]), stat=float(out.zval[1]),
        pval=float(out.pval[1]), dfs=float(out.dfs[1]),
        limit=float(out.beta[0]) if alone else np.nan,
        limit_lb=float(out.ci_lb[0]) if alone else np.nan,
        limit_ub=float(out.ci_ub[0]) if alone else np.nan, k=fit.k,
    )  # fmt: skip


def _sizes(fit: MetaFit | MultilevelFit) -> Floats:
    if fit.data.ni is None:
        raise BadInput("this predictor needs sample sizes; use one of sei, vi.")
    n: Floats = fit.data.ni[fit.included]
    if not (np.isfinite(n) & (n > 0)).all():
        raise BadInput("some studies have no sample size; use one of sei, vi.")
    return n


def _weighted(
    method: str, y: Floats, X: Floats, w: Floats, level: float, to_zero: bool
) -> Asymmetry:
    """Weighted least squares with the dispersion estimated; the second column is tested."""
    k, p = X.shape
    if k <= p:
        raise BadInput(f"{k} studies are too few for this test; it needs at least {p + 1}.")
    root = np.sqrt(w)
    Q, R = np.linalg.qr(X * root[:, None])
    if np.min(np.abs(np.diagonal(R))) <= 1e-9 * np.max(np.abs(np.diagonal(R))):
        raise BadInput("all studies have the same size: asymmetry can't be seen.")
    beta = np.linalg.solve(R, Q.T @ (root * y))
    left = root * (y - X @ beta)
    inverse = np.linalg.inv(R)
    se = np.sqrt(np.sum(inverse * inverse, axis=1) * (left @ left) / (k - p))
    stat = float(beta[1] / se[1])
    reach = float(critical(level, float(k - p))) * se[0]
    alone = to_zero and p == 2
    return Asymmetry(
        method=method, slope=float(beta[1]), se=float(se[1]), stat=stat,
        pval=float(2.0 * stdtr(k - p, -abs(stat))), dfs=float(k - p),
        limit=float(beta[0]) if alone else np.nan,
        limit_lb=float(beta[0] - reach) if alone else np.nan,
        limit_ub=float(beta[0] + reach) if alone else np.nan, k=k,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RankTest:
    """Kendall's tau between standardized estimates and variances, and its two-sided p-value."""

    tau: float
    pval: float
    exact: bool
    k: int


@typed_options
def ranktest(fit: MetaFit) -> RankTest:
    """Rank correlation of estimates and variances.

    Estimates are standardized by their distance from the equal-effects mean. Begg CB, Mazumdar M
    (1994). Biometrics 50, 1088-1101. The p-value is exact up to 150 studies without ties.

    Parameters
    ----------
    fit : MetaFit

    Returns
    -------
    RankTest
        ``tau pval exact k``: Kendall's tau-b.

    Raises
    ------
    BadInput
        For fewer than three studies, or what is no such fit.

    Examples
    --------
    >>> fit = pool([0.1, 0.4, 0.5, 0.9], [0.01, 0.04, 0.09, 0.16], method="DL", test="z")
    >>> ranktest(fit).tau
    0.6666666666666666
    """
    need(fit, "MetaFit")
    y, v, _ = rows_of(fit)
    if len(y) < 3:
        raise BadInput(f"a rank test needs at least three studies; there are {len(y)}.")
    w = 1.0 / v
    mean, spread = np.sum(w * y) / np.sum(w), v - 1.0 / np.sum(w)
    tau, pval, exact = kendall((y - mean) / np.sqrt(spread), v)
    return RankTest(tau, pval, exact, len(y))


def _counts(es: EffectSizes) -> tuple[Floats, Floats, Floats, Floats]:
    """Cells of the 2x2 tables."""
    known = es.inputs
    if "ai" not in known or not ({"bi", "n1i"} & set(known)):
        raise BadInput("this test needs the counts of 2x2 tables (ai bi ci di, or n1i n2i).")
    a, c = known["ai"], known["ci"]
    b = known["bi"] if "bi" in known else known["n1i"] - a
    d = known["di"] if "di" in known else known["n2i"] - c
    return a, b, c, d


def _harbord(fit: MetaFit) -> Asymmetry:
    """Harbord RM, Egger M, Sterne JAC (2006). Statistics in Medicine 25, 3443-3457."""
    a, b, c, d = (x[fit.included] for x in _counts(fit.data))
    n = a + b + c + d
    score = a - (a + b) * (a + c) / n
    info = (a + b) * (c + d) * (a + c) * (b + d) / (n * n * (n - 1.0))
    use = info > 0
    X = np.column_stack([np.ones(use.sum()), 1.0 / np.sqrt(info[use])])
    return _weighted("Harbord", score[use] / info[use], X, info[use], fit.level, True)


def _by_events(fit: MetaFit) -> tuple[Floats, Floats, Floats]:
    """Estimates, people, and the inverse variance of the average event rate."""
    a, b, c, d = (x[fit.included] for x in _counts(fit.data))
    n = a + b + c + d
    y, _, _ = rows_of(fit)
    return y, n, (a + c) * (b + d) / n


def _peters(fit: MetaFit) -> Asymmetry:
    """Peters JL, Sutton AJ, Jones DR, Abrams KR, Rushton L (2006). JAMA 295, 676-680."""
    y, n, w = _by_events(fit)
    return _weighted("Peters", y, np.column_stack([np.ones(len(n)), 1.0 / n]), w, fit.level, True)


def _macaskill(fit: MetaFit) -> Asymmetry:
    """Macaskill P, Walter SD, Irwig L (2001). Statistics in Medicine 20, 641-654."""
    y, n, w = _by_events(fit)
    return _weighted("Macaskill", y, np.column_stack([np.ones(len(n)), n]), w, fit.level, False)


def _deeks(fit: MetaFit) -> Asymmetry:
    """Deeks JJ, Macaskill P, Irwig L (2005). Journal of Clinical Epidemiology 58, 882-893."""
    a, b, c, d = (x[fit.included] for x in _counts(fit.data))
    effective = 4.0 * (a + b) * (c + d) / (a + b + c + d)
    y, _, _ = rows_of(fit)
    X = np.column_stack([np.ones(len(y)), 1.0 / np.sqrt(effective)])
    return _weighted("Deeks", y, X, effective, fit.level, True)


def _thompson(fit: MetaFit) -> Asymmetry:
    """Thompson SG, Sharp SJ (1999). Statistics in Medicine 18, 2693-2708, method 3a."""
    y, v, _ = rows_of(fit)
    tau2 = pool(y, v, mods=np.sqrt(v), method="DL", test="z").tau2
    X = np.column_stack([np.ones(len(y)), np.sqrt(v)])
    return _weighted("Thompson", y, X, 1.0 / (v + tau2), fit.level, True)


def _pustejovsky(fit: MetaFit) -> Asymmetry:
    """Pustejovsky JE, Rodgers MA (2019). Research Synthesis Methods 10, 57-71.

    For standardized mean differences: the part of the variance that does not hold the estimate.
    """
    known = fit.data.inputs
    if not {"n1i", "n2i"} <= set(known) or "ai" in known:
        raise BadInput("this test needs the group sizes n1i and n2i of mean differences.")
    part = 1.0 / known["n1i"][fit.included] + 1.0 / known["n2i"][fit.included]
    y, _, _ = rows_of(fit)
    X = np.column_stack([np.ones(len(y)), np.sqrt(part)])
    return _weighted("Pustejovsky", y, X, 1.0 / part, fit.level, True)


def _egger(fit: MetaFit) -> Asymmetry:
    return regtest(fit, model="lm")


ASYMMETRY_TESTS: dict[str, Callable[[MetaFit], Asymmetry]] = {
    "Egger": _egger,
    "Harbord": _harbord,
    "Peters": _peters,
    "Macaskill": _macaskill,
    "Thompson": _thompson,
    "Pustejovsky": _pustejovsky,
    "Deeks": _deeks,
}


@typed_options
def asymmetry(fit: MetaFit, method: str = "Egger") -> Asymmetry:
    """A named test of funnel plot asymmetry; all are weighted regressions with a t-test.

    Parameters
    ----------
    fit : MetaFit
        Harbord, Peters, Macaskill and Deeks need the counts of 2x2 tables in ``fit.data``;
        Pustejovsky the group sizes of standardized mean differences.
    method : {"Egger", "Harbord", "Peters", "Macaskill", "Thompson", "Pustejovsky", "Deeks"}

    Returns
    -------
    Asymmetry

    Raises
    ------
    UnknownOption, BadInput

    Notes
    -----
    Sources stand in the functions of this module: Egger et al. (1997), Harbord et al. (2006),
    Peters et al. (2006), Macaskill et al. (2001), Thompson & Sharp (1999), Pustejovsky & Rodgers
    (2019), Deeks et al. (2005).

    Examples
    --------
    >>> fit = pool([0.1, 0.4, 0.5, 0.9], [0.01, 0.04, 0.09, 0.16], method="DL", test="z")
    >>> round(asymmetry(fit, "Egger").stat, 2)
    7.89
    """
    need(fit, "MetaFit")
    if method not in ASYMMETRY_TESTS:
        raise UnknownOption("method", method, list(ASYMMETRY_TESTS))
    if fit.moderated:
        raise BadInput("this test is for a fit without moderators; regtest(fit) takes them.")
    return ASYMMETRY_TESTS[method](fit)
