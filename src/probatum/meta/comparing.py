"""Comparing fits: likelihood ratios, Wald tests of any contrast, collinearity, subgroups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from scipy.special import chdtrc, fdtrc, ndtr, stdtr

from probatum.errors import BadInput
from probatum.meta import kenward_roger
from probatum.meta.columns import floats, is_missing, listed, pick, plain, yes_or_no
from probatum.meta.design import INTERCEPT
from probatum.meta.inference import critical
from probatum.meta.models.inverse_variance import pool
from probatum.meta.options import typed_options
from probatum.meta.types import Bools, EffectSizes, Floats, MetaFit, labels, need

if TYPE_CHECKING:
    from probatum.meta.models.multilevel.types import MultilevelFit
    from probatum.meta.robust.sandwich import RobustFit, RobustWald


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """A fit against one nested in it.

    `R2` is the percent of tau2 the larger accounts for (NaN for multilevel fits).
    """

    LRT: float
    df: int
    pval: float
    ll: float
    ll_reduced: float
    AIC: float
    AIC_reduced: float
    BIC: float
    BIC_reduced: float
    R2: float


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
    """Wald tests of linear combinations of the coefficients.

    Attributes
    ----------
    estimate, se, zval, pval, ci_lb, ci_ub : ndarray, shape (m,)
        Each combination by itself.
    QM, QMp : float
        All together: chi-square for test "z", F otherwise.
    QMdf : (float, float)
        The second is NaN for a chi-square.
    """

    estimate: Floats
    se: Floats
    zval: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    QM: float
    QMp: float
    QMdf: tuple[float, float]


@typed_options
def anova(fit: MetaFit | MultilevelFit, reduced: MetaFit | MultilevelFit) -> LikelihoodRatio:
    """Likelihood ratio test of a fit against one nested in it.

    Huizenga HM, Visser I, Dolan CV (2011). British Journal of Mathematical and Statistical
    Psychology 64, 1-19. Restricted likelihoods compare only models with the same moderators, so
    fits with different ones must be by "ML" (or both equal-effects). Where the smaller fit has a
    variance of 0 that the larger estimates, the chi-square p-value is too large (Self SG, Liang
    KY, 1987, JASA 82, 605-610).

    Parameters
    ----------
    fit, reduced : MetaFit or MultilevelFit
        The larger model, and the one nested in it.

    Returns
    -------
    LikelihoodRatio
        ``LRT df pval``, and both fits' criteria.

    Raises
    ------
    BadInput
        If the fits are of different data, not nested, or their likelihoods don't compare. Of
        random effects only their number is compared: that those of the smaller fit are a special
        case of the larger's is for you to know.

    Examples
    --------
    >>> yi, vi, x = [0.1, 0.9, 0.5, 0.2], [0.01, 0.02, 0.03, 0.02], [1, 4, 2, 1]
    >>> full, null = (pool(yi, vi, mods=m, method="ML", test="z") for m in (x, None))
    >>> anova(full, null).df
    1
    """
    need(fit, "MetaFit", "MultilevelFit")
    need(reduced, "MetaFit", "MultilevelFit", name="reduced")
    same = fit.k == reduced.k and np.array_equal(
        fit.data.yi[fit.included], reduced.data.yi[reduced.included]
    )
    if not same:
        raise BadInput("the two fits are of different estimates; fit both to the same rows.")
    if not np.allclose(_errors(fit), _errors(reduced), rtol=1e-9, atol=0.0):
        raise BadInput("the two fits have other sampling variances or covariances; use the same.")
    if fit.method != reduced.method and "EE" not in (fit.method, reduced.method):
        raise BadInput(f"the fits are by {fit.method} and {reduced.method}; use one method.")
    method = reduced.method if fit.method == "EE" else fit.method
    if method not in ("ML", "REML", "EE"):
        raise BadInput(f"{method} has no likelihood; fit both by ML.")
    X, small = fit.X[fit.included], reduced.X[reduced.included]
    left = small - X @ np.linalg.lstsq(X, small, rcond=None)[0]
    if np.max(np.abs(left)) > 1e-8 * max(1.0, float(np.max(np.abs(small)))):
        raise BadInput("the second fit has moderators that the first has not: it isn't nested.")
    if method == "REML" and fit.p != reduced.p:
        raise BadInput('restricted likelihoods differ by the moderators; fit both by method="ML".')
    kind = "REML" if method == "REML" else "ML"
    one, other = fit.fit_stats[kind], reduced.fit_stats[kind]
    df = fit.p + _variances(fit) - reduced.p - _variances(reduced)
    if df <= 0:
        raise BadInput("the fits have the same number of parameters; there is nothing to test.")
    LRT = max(0.0, 2.0 * (one.ll - other.ll))
    R2 = float("nan")
    if (
        fit.p > reduced.p and reduced.method != "EE"
        and isinstance(fit, MetaFit) and isinstance(reduced, MetaFit)
    ):  # fmt: skip
        gone = reduced.tau2 - fit.tau2
        R2 = max(0.0, 100.0 * gone / reduced.tau2) if reduced.tau2 > 0 else 0.0
    return LikelihoodRatio(
        LRT, df, float(chdtrc(df, LRT)), one.ll, other.ll, one.AIC, other.AIC, one.BIC, other.BIC,
        R2,
    )  # fmt: skip


def _errors(fit: MetaFit | MultilevelFit) -> Floats:
    """The sampling covariance, seen through its product with one vector."""
    probe = np.linspace(1.0, 2.0, fit.k)[:, None]
    if isinstance(fit, MetaFit):
        return fit.data.vi[fit.included][:, None] * probe
    return fit.fitted_model.V.times(probe)


def _variances(fit: MetaFit | MultilevelFit) -> int:
    """How many variances and correlations were estimated."""
    if isinstance(fit, MetaFit):
        return int(fit.method != "EE" and not fit.tau2_given)
    return sum(not one.fixed for one in fit.components)


@overload
def wald_test(fit: MetaFit | MultilevelFit, contrasts: Any) -> Contrasts: ...
@overload
def wald_test(fit: RobustFit, contrasts: Any) -> RobustWald: ...
@typed_options
def wald_test(fit: MetaFit | MultilevelFit | RobustFit, contrasts: Any) -> Contrasts | RobustWald:
    """Test combinations of the coefficients.

    Parameters
    ----------
    fit : MetaFit, MultilevelFit or RobustFit
        A robust fit is tested by its own rules (see `RobustFit.wald_test`).
    contrasts : sequence of int, or array of shape (m, p)
        Positions of coefficients (from 0) that are tested to be 0, or rows of weights.

    Returns
    -------
    Contrasts

    Raises
    ------
    BadInput

    Notes
    -----
    (Lb)'(L vb L')^-1 (Lb); by the fit's own test, chi-square or F (Viechtbauer W, 2010, Journal
    of Statistical Software 36(3), section 2.5).

    Examples
    --------
    >>> fit = pool([0.1, 0.9, 0.5, 0.2], [0.01, 0.02, 0.03, 0.02], mods=[1, 4, 2, 1], test="z")
    >>> bool(abs(wald_test(fit, [1]).QM - fit.QM) < 1e-9)
    True
    """
    need(fit, "MetaFit", "MultilevelFit", "RobustFit")
    from probatum.meta.robust.sandwich import RobustFit

    if isinstance(fit, RobustFit):
        return fit.wald_test(contrasts)
    L = contrast_rows(contrasts, fit.p)
    m = len(L)
    estimate, cov = L @ fit.beta, L @ fit.vb @ L.T
    se = np.sqrt(np.diagonal(cov))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = estimate / se
    together = _quadratic(estimate, cov)
    df = _degrees_of(fit, L)
    reach = critical(fit.level, df) * se
    pval = 2.0 * (ndtr(-np.abs(z)) if df is None else stdtr(df, -np.abs(z)))
    if df is None:
        QM, QMp, QMdf = together, float(chdtrc(m, together)), (float(m), float("nan"))
    else:
        least = float(np.min(df))
        QM, QMp, QMdf = together / m, float(fdtrc(m, least, together / m)), (float(m), least)
    if isinstance(fit, MetaFit) and fit.test == "kr":
        QM, QMp, QMdf = kenward_roger.joint(fit, L)
    return Contrasts(estimate, se, z, pval, estimate - reach, estimate + reach, QM, QMp, QMdf)


def _degrees_of(fit: MetaFit | MultilevelFit, L: Floats) -> Floats | None:
    if isinstance(fit, MetaFit):
        return fit.degrees_of(L)
    # a multilevel fit's coefficients may differ in this: a contrast has the fewest of its own
    return None if fit.test == "z" else np.min(np.where(L != 0.0, fit.dfs, np.inf), axis=1)


def _quadratic(estimate: Floats, cov: Floats) -> float:
    if not cov.any():  # estimates that all agree leave test "knha" no error at all
        return math.inf if estimate.any() else math.nan
    return float(estimate @ np.linalg.solve(cov, estimate))


def contrast_rows(contrasts: Any, p: int) -> Floats:
    """Contrasts of p coefficients as rows of weights (see `wald_test`).

    Raises
    ------
    BadInput
        If there is no such coefficient, or rows depend on one another.
    """
    given = np.asarray(contrasts)
    if given.ndim == 1 and given.dtype.kind in "iu":
        if (given < 0).any() or (given >= p).any():
            raise BadInput(f"the fit has {p} coefficients, 0 to {p - 1}.")
        L: Floats = np.eye(p)[given]
    else:
        L = np.atleast_2d(floats(contrasts, "contrasts"))
        sizes = np.abs(L)
        if L.ndim != 2 or not L.size or not np.isfinite(L).all() or sizes.max() > 1e100:
            raise BadInput("contrasts are positions of coefficients, or rows of finite weights.")
        if not (sizes.max(axis=1) > 1e-100).all():
            raise BadInput("a contrast has weight 0 everywhere: there is nothing to test.")
        if L.shape[1] != p:
            raise BadInput(f"a contrast has {L.shape[1]} weights; the fit has {p} coefficients.")
    if np.linalg.matrix_rank(L) < len(L):
        raise BadInput("the contrasts depend on one another; leave out what follows from others.")
    return L


@typed_options
def vif(
    fit: MetaFit | MultilevelFit, groups: Sequence[Sequence[int]] | None = None
) -> dict[str, float]:
    """Variance inflation of each coefficient but the intercept, or of groups of them.

    det R_jj det R_-j / det R with R the correlations of the coefficients: Fox J, Monette G
    (1992). Journal of the American Statistical Association 87, 178-183.

    Parameters
    ----------
    fit : MetaFit or MultilevelFit
    groups : sequence of sequences of int, optional
        Positions of coefficients that belong together, such as those of one factor.

    Returns
    -------
    dict
        Names (joined by "+" for groups) to the (generalized) inflation factor.

    Examples
    --------
    >>> fit = pool([0.1, 0.9, 0.5, 0.2], [0.01, 0.02, 0.03, 0.02], mods=[1, 4, 2, 1], test="z")
    >>> round(vif(fit)["mods"], 6)
    1.0
    """
    need(fit, "MetaFit", "MultilevelFit")
    first = 1 if fit.names[0] == INTERCEPT else 0
    if fit.p - first < 1:
        raise BadInput("the fit has no moderators.")
    place = np.arange(first, fit.p)
    asked = [[int(j)] for j in place]
    if groups is not None:
        asked = [listed(g, "a group of groups") for g in listed(groups, "groups")]
    if any(j not in place for g in asked for j in g):
        raise BadInput(f"groups hold positions of moderators, {first} to {fit.p - 1}.")
    cov = fit.vb[np.ix_(place, place)]
    root = np.sqrt(np.diagonal(cov))
    R = cov / np.outer(root, root)
    out = {}
    for group in asked:
        own = np.isin(place, group)
        parts = (np.linalg.det(R[np.ix_(own, own)]), np.linalg.det(R[np.ix_(~own, ~own)]))
        out["+".join(fit.names[j] for j in group)] = float(parts[0] * parts[1] / np.linalg.det(R))
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Subgroups:
    """Fits of subgroups, and the test whether they differ.

    Attributes
    ----------
    names : tuple of str
    fits : tuple of MetaFit
        One per subgroup (with a common tau2 its value is that of the joint model).
    QM, QMp : float
        Test of subgroup differences: chi-square, or F with a common tau2 and a test other than
        "z".
    QMdf : (float, float)
    common_tau2 : bool
    joint : MetaFit or None
        The model with one coefficient per subgroup, where tau2 is common.
    whole : MetaFit
        All subgroups together; its `data` holds all rows.
    member : tuple of str
        Subgroup of each row; "" for rows that are in none.
    """

    names: tuple[str, ...]
    fits: tuple[MetaFit, ...]
    QM: float
    QMp: float
    QMdf: tuple[float, float]
    common_tau2: bool
    joint: MetaFit | None
    whole: MetaFit
    member: tuple[str, ...]

    def tidy(self) -> list[dict[str, Any]]:
        """One plain row per subgroup."""
        rows = []
        for j, (name, fit) in enumerate(zip(self.names, self.fits)):
            source, i = (self.joint, j) if self.joint is not None else (fit, 0)
            rows.append(
                {"subgroup": name, "k": fit.k, "estimate": float(source.beta[i]),
                 "std_error": float(source.se[i]), "ci_lb": float(source.ci_lb[i]),
                 "ci_ub": float(source.ci_ub[i]), "pval": float(source.pval[i]),
                 "tau2": source.tau2, "I2": fit.I2, "QE": fit.QE}
            )  # fmt: skip
        return rows


@typed_options
def subgroups(
    es: EffectSizes, by: Any, *, data: Any = None, common_tau2: bool = False,
    method: str = "REML", test: str = "knha", level: float = 95,
) -> Subgroups:  # fmt: skip
    """Pool subgroups, each with its own tau2 or all with one, and test whether they differ.

    Borenstein M, Hedges LV, Higgins JPT, Rothstein HR (2009). Introduction to meta-analysis,
    ch. 19. With separate tau2 the test is Q between the subgroups' estimates, by their own
    standard errors (chi-square); with a common tau2 that of the meta-regression on the subgroup.

    Parameters
    ----------
    es : EffectSizes
    by : array of shape (k_all,), or str with `data`
    common_tau2 : bool
    method, test, level
        As in `pool`.

    Returns
    -------
    Subgroups

    Raises
    ------
    BadInput
        If there are fewer than two subgroups that can be fitted.

    Examples
    --------
    >>> es = EffectSizes(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0.02, 0.03, 0.02, 0.03]))
    >>> found = subgroups(es, ["a", "a", "b", "b"], method="EE", test="z")
    >>> [r["subgroup"] for r in found.tidy()], round(found.QMp, 4)
    (['a', 'b'], 0.0)
    """
    need(es, "EffectSizes", name="es")
    common_tau2 = yes_or_no("common_tau2", common_tau2)
    values = np.asarray(plain(pick(data, "by", by)), dtype=object)
    if values.shape != (len(es),):
        raise BadInput(f"by has {values.size} rows; there are {len(es)} estimates.")
    usable: Bools = np.isfinite(es.yi) & np.isfinite(es.vi)
    usable &= np.array([not is_missing(x) for x in values], dtype=np.bool_)
    names = tuple(dict.fromkeys(str(x) for x, u in zip(values, usable) if u))
    if len(names) < 2:
        raise BadInput(f"there is {len(names)} subgroup with estimates; a comparison needs two.")
    slab = labels(es.slab, len(es))
    own = [usable & np.array([str(x) == name for x in values]) for name in names]
    member = tuple("" if is_missing(x) else str(x) for x in values)
    within = np.array([m in names for m in member])
    inside = replace(es, yi=np.where(within, es.yi, np.nan), slab=slab, V=None, cluster=None)
    whole = pool(inside, method=method, test=test, level=level)
    whole = replace(whole, data=replace(inside, yi=es.yi))
    fits = tuple(
        pool(
            EffectSizes(
                es.yi[rows], es.vi[rows], es.measure, tuple(s for s, r in zip(slab, rows) if r)
            ),
            method=method, test=test, level=level,
        )
        for rows in own
    )  # fmt: skip
    if common_tau2:
        dummies = np.column_stack([rows.astype(float) for rows in own])
        joint = pool(
            es.yi[usable], es.vi[usable], mods=dummies[usable], intercept=False, method=method,
            test=test, level=level,
        )  # fmt: skip
        difference = np.column_stack([-np.ones(len(names) - 1), np.eye(len(names) - 1)])
        tested = wald_test(joint, difference)
        return Subgroups(
            names, fits, tested.QM, tested.QMp, tested.QMdf, True, joint, whole, member
        )
    beta = np.array([f.beta[0] for f in fits])
    # a subgroup whose studies all agree has no error by Knapp-Hartung: then Q is NaN
    with np.errstate(divide="ignore", invalid="ignore"):
        w = 1.0 / np.array([f.vb[0, 0] for f in fits])
        Q = float(np.sum(w * (beta - np.sum(w * beta) / np.sum(w)) ** 2))
    m = len(names) - 1
    p, df = float(chdtrc(m, Q)), (float(m), np.nan)
    return Subgroups(names, fits, Q, p, df, False, None, whole, member)
