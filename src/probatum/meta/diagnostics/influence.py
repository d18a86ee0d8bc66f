"""What single studies do to a fit: residuals, leverage, influence, Baujat's plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtrc

from probatum.errors import BadInput
from probatum.meta.kernel import project
from probatum.meta.options import typed_options
from probatum.meta.refit import Refits, refit, rows_of, slab_of, weights_of
from probatum.meta.types import Bools, Floats, MetaFit, need

if TYPE_CHECKING:
    from probatum.meta.models.multilevel.types import MultilevelFit


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """Residuals of the rows that were fitted, each of shape (k,).

    Attributes
    ----------
    resid, se, z : ndarray
        Observed minus predicted, its standard error, and their ratio.
    """

    slab: tuple[str, ...]
    resid: Floats
    se: Floats
    z: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """How much each study moves the fit (rows that were fitted; shape (k,) or (k, p)).

    Attributes
    ----------
    rstudent : ndarray
        Studentized deleted residuals.
    dffits : ndarray
        Change of the study's fitted value when it is left out, in standard errors.
    cook_d : ndarray
        Cook's distance: change of all coefficients, in the metric of their covariance.
    cov_r : ndarray
        Determinant of the coefficients' covariance without the study over that with it.
    tau2_del, QE_del : ndarray
        tau2 and Q without the study.
    hat : ndarray
        Leverage (diagonal of the hat matrix).
    weight : ndarray
        Percent.
    dfbs : ndarray, shape (k, p)
        Change of each coefficient, in standard errors.
    is_infl : ndarray of bool
        Whether any of the usual limits is passed: |dffits| > 3 sqrt(p / (k - p)), cook_d beyond
        the median of chi-square on p degrees of freedom, hat > 3 p / k, or |dfbs| > 1.
    """

    slab: tuple[str, ...]
    names: tuple[str, ...]
    rstudent: Floats
    dffits: Floats
    cook_d: Floats
    cov_r: Floats
    tau2_del: Floats
    QE_del: Floats
    hat: Floats
    weight: Floats
    dfbs: Floats
    is_infl: Bools

    def to_dict(self) -> dict[str, list[Any]]:
        """The rows as plain columns; ``dfbs_<coefficient>`` for each coefficient."""
        out: dict[str, list[Any]] = {"slab": list(self.slab)}
        for name in ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del", "hat"):
            out[name] = getattr(self, name).tolist()
        out["weight"] = self.weight.tolist()
        for j, name in enumerate(self.names):
            out[f"dfbs_{name}"] = self.dfbs[:, j].tolist()
        out["is_infl"] = self.is_infl.tolist()
        return out


def _deleted(fit: MetaFit) -> Refits:
    if fit.k < 2:
        raise BadInput("influence needs at least two studies.")
    return refit(fit, ~np.eye(fit.k, dtype=np.bool_))


def _hat(fit: MetaFit) -> Floats:
    """Diagonal of the hat matrix, with the weights that the coefficients have."""
    y, v, X = rows_of(fit)
    a = weights_of(fit)
    w = 1.0 / (v + fit.tau2) if a is None else a
    Q = project(y[None], X[None], w[None]).Q[0]
    out: Floats = np.sum(Q * Q, axis=1)
    return out


def _map(X: Floats, a: Floats) -> Floats:
    """(X'AX)^-1 X'A, which takes estimates to coefficients, shape (p, k)."""
    fit = project(np.zeros((1, len(a))), X[None], a[None])
    return np.asarray(np.linalg.inv(fit.R[0]) @ fit.Q[0].T * np.sqrt(a))


@typed_options
def rstandard(fit: MetaFit | MultilevelFit) -> Residuals:
    """Internally standardized residuals.

    The residuals' covariance is (I - H) M (I - H)' with M = diag(vi + tau2); Hedges LV, Olkin I
    (1985), Statistical methods for meta-analysis, p. 175.

    Parameters
    ----------
    fit : MetaFit or MultilevelFit

    Returns
    -------
    Residuals
        ``resid se z``, one of each per fitted row (of `slab`).

    Raises
    ------
    BadInput
        For what is no such fit.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.3, 0.5], [0.01, 0.02, 0.03], method="DL", test="z")
    >>> rstandard(fit).z.round(2).tolist()
    [-1.24, 0.19, 1.19]
    """
    need(fit, "MetaFit", "MultilevelFit")
    if not isinstance(fit, MetaFit):
        return fit.rstandard()
    y, v, X = rows_of(fit)
    m = v + fit.tau2
    resid = y - X @ fit.beta
    a = weights_of(fit)
    if a is None:
        se2 = m * (1.0 - _hat(fit))
    else:
        # H = XB is no projection in the metric of M: m - 2 h m + x BMB' x'
        B = _map(X, a)
        se2 = m * (1.0 - 2.0 * _hat(fit)) + np.einsum("ij,jk,ik->i", X, (B * m) @ B.T, X)
    se = np.sqrt(np.maximum(se2, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return Residuals(slab_of(fit), resid, se, resid / se)


@typed_options
def rstudent(fit: MetaFit) -> Residuals:
    """Studentized deleted residuals: each study against the fit of the others.

    The standard error is sqrt(s2w (vi + tau2) + x_i vb x_i'), with tau2, vb and the
    Knapp-Hartung factor s2w of the fit without study i; Viechtbauer W, Cheung MWL (2010),
    Research Synthesis Methods 1, 112-125, eq. 9.

    Parameters
    ----------
    fit : MetaFit

    Returns
    -------
    Residuals
        ``resid se z``, one of each per fitted row (of `slab`).

    Raises
    ------
    BadInput
        For what is no such fit.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.3, 0.5], [0.01, 0.02, 0.03], method="DL", test="z")
    >>> rstudent(fit).z.round(2).tolist()
    [-1.89, 0.07, 1.54]
    """
    need(fit, "MetaFit")
    y, v, X = rows_of(fit)
    return _studentized(fit, _deleted(fit), y, v, X)


def _studentized(fit: MetaFit, out: Refits, y: Floats, v: Floats, X: Floats) -> Residuals:
    resid = y - np.sum(X * out.beta, axis=1)
    se = np.sqrt(out.s2w * (v + out.tau2) + np.einsum("ij,ijk,ik->i", X, out.vb, X))
    with np.errstate(divide="ignore", invalid="ignore"):
        return Residuals(slab_of(fit), resid, se, resid / se)


@typed_options
def influence(fit: MetaFit) -> Influence:
    """All of the usual case deletion statistics.

    Viechtbauer W, Cheung MWL (2010). Outlier and influence diagnostics for meta-analysis.
    Research Synthesis Methods 1, 112-125, eqs. 9-16.

    Parameters
    ----------
    fit : MetaFit

    Returns
    -------
    Influence

    Raises
    ------
    BadInput
        For fewer than two studies, or a model that is not fitted by inverse variances.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.3, 0.5], [0.01, 0.02, 0.03], method="DL", test="z")
    >>> influence(fit).hat.round(3).tolist()
    [0.421, 0.32, 0.258]
    """
    need(fit, "MetaFit")
    y, v, X = rows_of(fit)
    out = _deleted(fit)
    k, p = X.shape
    hat = _hat(fit)
    moved = fit.beta - out.beta
    cov = _covariances(fit, out.tau2)
    line = hat * (v + out.tau2) if fit.own_weights else np.einsum("ij,ijk,ik->i", X, cov, X)
    with np.errstate(divide="ignore", invalid="ignore"):
        dffits = np.sum(X * moved, axis=1) / np.sqrt(out.s2w * line)
        dfbs = moved / np.sqrt(out.s2w[:, None] * np.diagonal(cov, axis1=-2, axis2=-1))
        cov_r = np.linalg.det(out.vb) / np.linalg.det(fit.vb)
        cook = np.einsum("ij,jk,ik->i", moved, _inverse(fit.vb), moved)
    limits = (
        np.abs(dffits) > 3.0 * np.sqrt(p / max(k - p, 1)),
        chdtrc(p, cook) < 0.5,
        hat > 3.0 * p / k,
        (np.abs(dfbs) > 1.0).any(axis=1),
    )
    return Influence(
        slab_of(fit), fit.names, _studentized(fit, out, y, v, X).z, dffits, cook, cov_r,
        out.tau2, out.QE, hat, fit.weights[fit.included], dfbs, np.logical_or.reduce(limits),
    )  # fmt: skip


def _inverse(vb: Floats) -> Floats:
    """The inverse; NaN for a covariance of 0 (Knapp-Hartung of studies that all agree)."""
    try:
        return np.asarray(np.linalg.inv(vb))
    except np.linalg.LinAlgError:
        return np.full(vb.shape, np.nan)


def _covariances(fit: MetaFit, tau2: Floats) -> Floats:
    """Coefficients' covariances with all studies at each tau2 in turn, shape (B, p, p)."""
    y, v, X = rows_of(fit)
    if (a := weights_of(fit)) is not None:
        B = _map(X, a)
        return np.asarray((B * v) @ B.T + tau2[:, None, None] * (B @ B.T))
    total = v[None, :] + tau2[:, None]
    many = np.broadcast_to(X, (len(tau2), *X.shape))
    return project(np.broadcast_to(y, total.shape), many, 1.0 / total).unscaled_cov


@dataclass(frozen=True, slots=True, eq=False)
class Baujat:
    """Coordinates of Baujat's plot: share in heterogeneity against influence on the result."""

    slab: tuple[str, ...]
    x: Floats
    y: Floats


def baujat(fit: MetaFit) -> Baujat:
    """Each study's squared Pearson residual, and how far the fitted value moves without it.

    x is (y_i - fitted_i)^2 / (vi + tau2); y is the squared change of the fitted value over its
    variance without the study. Baujat B, Mahe C, Pignon JP, Hill C (2002). Statistics in
    Medicine 21, 2641-2652.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.3, 0.5], [0.01, 0.02, 0.03], method="EE", test="z")
    >>> baujat(fit).x.round(2).tolist()
    [1.62, 0.26, 2.48]
    """
    y, v, X = rows_of(fit)
    out = _deleted(fit)
    resid = y - X @ fit.beta
    change = np.sum(X * (fit.beta - out.beta), axis=1)
    without = np.einsum("ij,ijk,ik->i", X, out.vb, X)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Baujat(slab_of(fit), resid**2 / (v + fit.tau2), change**2 / without)
