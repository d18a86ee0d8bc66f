"""`robust`: cluster-robust covariance of the coefficients, with small-sample tests."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import fdtrc, stdtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.columns import yes_or_no
from probatum.meta.comparing import contrast_rows
from probatum.meta.design import INTERCEPT
from probatum.meta.inference import critical
from probatum.meta.options import typed_options
from probatum.meta.robust.moments import Adjusted, adjusted
from probatum.meta.robust.working import Fit, Working, working
from probatum.meta.types import Floats, need

TYPES = ("CR0", "CR1", "CR1p", "CR2")


@dataclass(frozen=True, slots=True, eq=False)
class RobustFit:
    """Coefficients of a fit with cluster-robust inference.

    Attributes
    ----------
    beta, se, zval, pval, ci_lb, ci_ub, dfs : ndarray, shape (p,)
        Coefficients, robust standard errors, t statistics, p-values, limits and degrees of
        freedom of each.
    vb : ndarray, shape (p, p)
        Robust covariance of the coefficients.
    QM, QMp, QMdf
        F-test of the moderators (of all coefficients without an intercept or moderators).
    clusters : int
    type : str
    small : bool
        Whether degrees of freedom are estimated (Satterthwaite, HTZ) or clusters - p.
    level : float
    fit : MetaFit or MultilevelFit
        The fit it belongs to.
    """

    names: tuple[str, ...]
    beta: Floats
    se: Floats
    zval: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    dfs: Floats
    vb: Floats
    QM: float
    QMp: float
    QMdf: tuple[float, float]
    clusters: int
    type: str
    small: bool
    level: float
    fit: Fit
    _working: Working
    _adjusted: Adjusted | None

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return len(self.beta)

    def wald_test(self, contrasts: Any) -> RobustWald:
        """Test linear combinations of the coefficients together.

        Parameters
        ----------
        contrasts : sequence of int, or array of shape (q, p)
            Positions of coefficients (from 0) that are tested to be 0, or rows of weights.

        Returns
        -------
        RobustWald
            With `small`, the HTZ test of Tipton E, Pustejovsky JE (2015), Journal of Educational
            and Behavioral Statistics 40, 604-634; otherwise F on q and clusters - p degrees of
            freedom.
        """
        return _wald(self, contrast_rows(contrasts, self.p))

    def tidy(self) -> list[dict[str, Any]]:
        """One plain row per coefficient."""
        columns = {
            "estimate": self.beta, "se": self.se, "stat": self.zval, "df": self.dfs,
            "pval": self.pval, "ci_lb": self.ci_lb, "ci_ub": self.ci_ub,
        }  # fmt: skip
        return [
            {"term": name, **{n: float(x[j]) for n, x in columns.items()}}
            for j, name in enumerate(self.names)
        ]

    def summary(self) -> str:
        """A readable account."""
        from probatum.meta.summary import number, p_text, table

        how = "Satterthwaite" if self.small else "clusters - p"
        rows: list[tuple[str, ...]] = [("", "estimate", "se", "t", "df", "p", "CI", "")]
        for r in self.tidy():
            p = p_text(r["pval"]).removeprefix("p = ").removeprefix("p ")
            numbers = [number(r[n]) for n in ("estimate", "se", "stat")]
            limits = [number(r[n]) for n in ("ci_lb", "ci_ub")]
            rows.append((r["term"], *numbers, f"{r['df']:.2f}", p, *limits))
        head = f"Cluster-robust inference ({self.type}, {self.clusters} clusters, df: {how})"
        test = f"F({self.QMdf[0]:g}, {self.QMdf[1]:.2f}) = {number(self.QM)}, {p_text(self.QMp)}"
        return "\n".join([head, "", *table(rows), "", f"All together: {test}"])


@dataclass(frozen=True, slots=True, eq=False)
class RobustWald:
    """A test of several linear combinations of the coefficients.

    Attributes
    ----------
    estimate : ndarray, shape (q,)
    F, pval : float
    dfs : (float, float)
    """

    estimate: Floats
    F: float
    dfs: tuple[float, float]
    pval: float


@typed_options
def robust(fit: Fit, cluster: Any = None, *, type: str = "CR2", small: bool = True) -> RobustFit:
    """Coefficients' covariance that holds whatever the dependence within clusters.

    Parameters
    ----------
    fit : MetaFit or MultilevelFit
    cluster : array of shape (k_all,), or name of a grouping factor of the fit
        By default the estimates' own clusters.
    type : {"CR2", "CR1", "CR1p", "CR0"}
        CR0 is the plain sandwich; CR1 multiplies it by m / (m - 1), CR1p by m / (m - p), with m
        clusters; CR2 is unbiased if the working model is right.
    small : bool
        Whether degrees of freedom are estimated: Satterthwaite's for single coefficients, HTZ for
        several. Otherwise m - p (what metafor's robust() does: CR1p there is its default).

    Returns
    -------
    RobustFit

    Raises
    ------
    BadInput
        If there are not more clusters than coefficients, or random effects join clusters where
        each has to be seen by itself.

    Notes
    -----
    Fits with users' weights or without weights are taken as they are; the working model is then
    still that of the variances, vi + tau2, so that CR2 is unbiased for them too.

    Hedges LV, Tipton E, Johnson MC (2010), Research Synthesis Methods 1, 39-65 (CR0); Pustejovsky
    JE, Tipton E (2018), Journal of Business & Economic Statistics 36, 672-683 (CR2, eqs. 5-7, and
    Satterthwaite, section 3).

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.3, 0.5, 0.2, 0.8], [0.02, 0.02, 0.03, 0.03, 0.02], test="z")
    >>> out = robust(fit, cluster=["A", "A", "B", "C", "D"])
    >>> round(float(out.se[0]), 3), round(float(out.dfs[0]), 2)
    (0.147, 2.59)
    """
    need(fit, "MetaFit", "MultilevelFit")
    small = yes_or_no("small", small)
    if type not in TYPES:
        raise UnknownOption("type", type, TYPES)
    w = working(fit, cluster)
    m, p = w.clusters, fit.p
    moments = None
    if type == "CR2" or small:
        if not w.separate:
            raise BadInput(
                "random effects (or sampling covariances) join the clusters, so that they can't be "
                'seen one by one: cluster by the highest grouping, or use type="CR1p" with '
                "small=False."
            )
        moments = adjusted(w, second=type == "CR2")
    scores = w.scores(w.resid) if moments is None else moments.scores
    factor = {"CR1": m / (m - 1), "CR1p": m / (m - p)}.get(type, 1.0)
    vb = factor * (w.root @ (scores.T @ scores) @ w.root.T)
    se = np.sqrt(np.diagonal(vb))
    df = np.full(p, float(m - p)) if not small or moments is None else moments.single(w.root)
    with np.errstate(divide="ignore", invalid="ignore"):
        stat = fit.beta / se
    half = critical(fit.level, df) * se
    out = RobustFit(
        names=fit.names, beta=fit.beta, se=se, zval=stat, pval=2.0 * stdtr(df, -np.abs(stat)),
        ci_lb=fit.beta - half, ci_ub=fit.beta + half, dfs=df, vb=vb, QM=math.nan, QMp=math.nan,
        QMdf=(math.nan, math.nan), clusters=m, type=type, small=small, level=fit.level, fit=fit,
        _working=w, _adjusted=moments,
    )  # fmt: skip
    first = 1 if fit.names[0] == INTERCEPT and p > 1 else 0
    test = _wald(out, np.eye(p)[first:])
    return replace(out, QM=test.F, QMp=test.pval, QMdf=test.dfs)


def _wald(out: RobustFit, L: Floats) -> RobustWald:
    q = len(L)
    estimate, cov = L @ out.beta, L @ out.vb @ L.T
    try:
        Q = float(estimate @ np.linalg.solve(cov, estimate))
    except np.linalg.LinAlgError:
        Q = math.nan
    if out.small and out._adjusted is not None:
        eta = out._adjusted.together(L @ out._working.root)
        scale, df = (eta - q + 1.0) / (eta * q), eta - q + 1.0
    else:
        scale, df = 1.0 / q, float(out.clusters - out.p)
    if not df > 0.0:
        return RobustWald(estimate, math.nan, (float(q), df), math.nan)
    F = scale * Q
    return RobustWald(estimate, F, (float(q), df), float(fdtrc(q, df, F)))
