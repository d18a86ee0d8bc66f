"""Location-scale models: moderators of the average effect, and of how much effects differ."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtr, stdtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.design import INTERCEPT, check_rank, design
from probatum.meta.inference import check_level, critical, omnibus
from probatum.meta.kernel import project
from probatum.meta.models.inverse_variance import pool
from probatum.meta.models.rows import as_effect_sizes
from probatum.meta.types import EffectSizes, Floats, labels

METHODS = ("REML", "ML")
TESTS = ("z", "t")
_STEPS = 200
_LOWEST = 1e-12  # tau2, relative to the smallest sampling variance: below it nothing changes


@dataclass(frozen=True, slots=True, eq=False)
class LocationScaleFit:
    """A fitted location-scale model.

    Attributes
    ----------
    beta, se, zval, pval, ci_lb, ci_ub : ndarray, shape (p,)
        Coefficients of the average effect.
    alpha, se_alpha, zval_alpha, pval_alpha, ci_lb_alpha, ci_ub_alpha : ndarray, shape (q,)
        Coefficients of log tau2.
    vb, va : ndarray, shape (p, p) and (q, q)
        Their covariances.
    names, names_alpha : tuple of str
    tau2 : ndarray, shape (k,)
        Between-study variance of each study that was fitted.
    QE, QEp : float
        Test of residual heterogeneity (of the equal-effects fit).
    QM, QMp, QMdf : float, float, (float, float)
        Omnibus test of the moderators of the average effect.
    QS, QSp, QSdf : float, float, (float, float)
        The same for the moderators of tau2.
    ll : float
        Log-likelihood (restricted for REML).
    AIC, BIC : float
    k : int
    method, test : str
    level : float
    slab : tuple of str
    converged : bool
    """

    beta: Floats
    se: Floats
    zval: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    alpha: Floats
    se_alpha: Floats
    zval_alpha: Floats
    pval_alpha: Floats
    ci_lb_alpha: Floats
    ci_ub_alpha: Floats
    vb: Floats
    va: Floats
    names: tuple[str, ...]
    names_alpha: tuple[str, ...]
    tau2: Floats
    QE: float
    QEp: float
    QM: float
    QMp: float
    QMdf: tuple[float, float]
    QS: float
    QSp: float
    QSdf: tuple[float, float]
    ll: float
    AIC: float
    BIC: float
    k: int
    method: str
    test: str
    level: float
    slab: tuple[str, ...]
    converged: bool

    def tidy(self) -> list[dict[str, Any]]:
        """One plain row per coefficient; `part` says of what."""
        rows = []
        for part, names, columns in (
            ("location", self.names, (self.beta, self.se, self.zval, self.pval, self.ci_lb,
                                      self.ci_ub)),
            ("scale", self.names_alpha, (self.alpha, self.se_alpha, self.zval_alpha,
                                         self.pval_alpha, self.ci_lb_alpha, self.ci_ub_alpha)),
        ):  # fmt: skip
            keys = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
            for i, name in enumerate(names):
                row: dict[str, Any] = {"part": part, "term": name}
                row.update((key, float(values[i])) for key, values in zip(keys, columns))
                rows.append(row)
        return rows


def pool_location_scale(
    yi: Any, vi: Any = None, *, scale: Any, mods: Any = None, sei: Any = None, data: Any = None,
    slab: Any = None, method: str = "REML", test: str = "z", level: float = 95,
) -> LocationScaleFit:  # fmt: skip
    """Pool with moderators of the average effect and of the variance between studies.

    yi ~ N(x'beta, vi + tau2_i) with log tau2_i = z'alpha. Viechtbauer W, López-López JA (2022).
    Research Synthesis Methods 13, 697-715, eqs. 3-6.

    Parameters
    ----------
    yi, vi, sei, mods, data, slab
        As in `pool`.
    scale : formula, array or mapping
        Moderators of log tau2, in the same forms as `mods`; an intercept is added to arrays.
    method : {"REML", "ML"}
    test : {"z", "t"}
        "t" has k - p degrees of freedom for beta and k - q for alpha.
    level : float
        In percent.

    Returns
    -------
    LocationScaleFit

    Raises
    ------
    UnknownOption, BadInput

    Examples
    --------
    >>> yi, vi = [0.1, 0.9, -0.4, 0.3, 0.35, 0.28], [0.02, 0.03, 0.02, 0.02, 0.03, 0.02]
    >>> fit = pool_location_scale(yi, vi, scale=[0, 0, 0, 1, 1, 1])
    >>> bool(fit.tau2[0] > fit.tau2[5])
    True
    """
    if method not in METHODS:
        raise UnknownOption("method", method, METHODS)
    if test not in TESTS:
        raise UnknownOption("test", test, TESTS)
    level = check_level(level)
    es = as_effect_sizes(yi, vi, sei, slab, data)
    usable, X, names, Z, names_alpha = _designs(es, mods, scale, data)
    y, v, X, Z = es.yi[usable], es.vi[usable], X[usable], Z[usable]
    k, p, q = len(y), X.shape[1], Z.shape[1]
    check_rank(X, names)
    check_rank(Z, names_alpha)
    if k < p + q + 1:
        raise BadInput(f"{k} estimates are too few for {p} and {q} coefficients.")
    model = _Model(y, v, X, Z, method == "REML")
    alpha, settled = _maximise(model)
    va = _covariance(model, alpha)
    ll, _, fit = model.at(alpha)
    beta, vb = fit.coef[0], fit.unscaled_cov[0]
    fixed = pool(y, v, mods=X, intercept=False, method="EE", test="z")
    location = _inference(beta, vb, None if test == "z" else float(k - p), level)
    spread = _inference(alpha, va, None if test == "z" else float(k - q), level)
    QM, QMp, QMdf = omnibus(beta, vb, _tested(names), float(k - p), test)
    QS, QSp, QSdf = omnibus(alpha, va, _tested(names_alpha), float(k - q), test)
    size = k - p if method == "REML" else k
    slab_kept = tuple(n for n, u in zip(labels(es.slab, len(es)), usable) if u)
    return LocationScaleFit(
        beta, *location, alpha, *spread, vb, va, names, names_alpha,
        tau2=np.exp(Z @ alpha), QE=fixed.QE, QEp=float(chdtrc(k - p, fixed.QE)),
        QM=QM, QMp=QMp, QMdf=QMdf, QS=QS, QSp=QSp, QSdf=QSdf, ll=ll,
        AIC=-2.0 * ll + 2.0 * (p + q), BIC=-2.0 * ll + float(np.log(size)) * (p + q), k=k,
        method=method, test=test, level=level, slab=slab_kept, converged=settled,
    )  # fmt: skip


def _designs(
    es: EffectSizes, mods: Any, scale: Any, data: Any
) -> tuple[Any, Floats, tuple[str, ...], Floats, tuple[str, ...]]:
    with np.errstate(invalid="ignore"):
        if ((es.vi <= 0) & np.isfinite(es.yi)).any():
            raise BadInput("sampling variances must be positive; correct them or make them NaN.")
    usable = np.isfinite(es.yi) & np.isfinite(es.vi)
    if scale is None:
        raise BadInput("scale is missing: name the moderators of tau2, or use pool().")
    first = design(mods, data, usable, intercept=True)
    second = design(scale, data, usable, intercept=True)
    usable &= np.isfinite(first.X).all(axis=1) & np.isfinite(second.X).all(axis=1)
    if not usable.any():
        raise BadInput(f"none of the {len(es)} rows can be used.")
    return usable, first.X, first.names, second.X, second.names


def _tested(names: tuple[str, ...]) -> slice:
    return slice(1, None) if names[0] == INTERCEPT and len(names) > 1 else slice(0, None)


Columns = tuple[Floats, Floats, Floats, Floats, Floats]


def _inference(b: Floats, cov: Floats, df: float | None, level: float) -> Columns:
    se = np.sqrt(np.diagonal(cov))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = b / se
    pval = 2.0 * (ndtr(-np.abs(z)) if df is None else stdtr(df, -np.abs(z)))
    reach = critical(level, df) * se
    return se, z, pval, b - reach, b + reach


class _Model:
    """The profile log-likelihood of alpha: beta at its best for the weights that alpha gives."""

    def __init__(self, y: Floats, v: Floats, X: Floats, Z: Floats, restricted: bool) -> None:
        self.y, self.v, self.X, self.Z, self.restricted = y, v, X, Z, restricted
        k, p = X.shape
        free = k - p if restricted else k
        self.constant = -0.5 * free * float(np.log(2.0 * np.pi))
        if restricted:
            _, logdet = np.linalg.slogdet(X.T @ X)
            self.constant += 0.5 * float(logdet)
        self.lowest = float(np.log(_LOWEST * v.min()))

    def at(self, alpha: Floats) -> tuple[float, Floats, Any]:
        """Log-likelihood, its gradient, and the weighted fit."""
        with np.errstate(over="ignore"):
            tau2 = np.exp(np.minimum(self.Z @ alpha, 600.0))
        total = self.v + tau2
        w = 1.0 / total
        fit = project(self.y[None], self.X[None], w[None])
        ll = self.constant - 0.5 * float(np.log(total).sum() + fit.rss[0])
        wr2 = w * fit.rz[0] ** 2  # (w r)^2, since rz = sqrt(w) r
        trace = w
        if self.restricted:
            ll -= 0.5 * float(fit.logdet[0])
            trace = w * (1.0 - np.sum(fit.Q[0] ** 2, axis=1))
        return ll, 0.5 * self.Z.T @ (tau2 * (wr2 - trace)), fit

    def information(self, alpha: Floats) -> Floats:
        """Expected information of alpha, through (p, p) matrices only."""
        tau2 = np.exp(np.minimum(self.Z @ alpha, 600.0))
        w = 1.0 / (self.v + tau2)
        D = tau2[:, None] * self.Z
        if not self.restricted:
            return np.asarray(0.5 * (D * (w * w)[:, None]).T @ D)
        fit = project(self.y[None], self.X[None], w[None])
        Q = fit.Q[0]
        h = np.sum(Q * Q, axis=1)
        out = (D * (w * w * (1.0 - 2.0 * h))[:, None]).T @ D
        inner = np.einsum("ka,k,ki,kj->aij", D, w, Q, Q)
        return np.asarray(0.5 * (out + np.einsum("aij,bji->ab", inner, inner)))


def _maximise(model: _Model) -> tuple[Floats, bool]:
    """Scoring with step halving from several starts; the best end."""
    best: tuple[float, Floats, bool] | None = None
    for start in _starts(model):
        alpha, ll, settled = _climb(model, start)
        if best is None or ll > best[0] + 1e-10:
            best = (ll, alpha, settled)
    assert best is not None
    return best[1], best[2]


def _starts(model: _Model) -> list[Floats]:
    method = "REML" if model.restricted else "ML"
    plain = pool(model.y, model.v, mods=model.X, intercept=False, method=method, test="z").tau2
    base = np.log(max(plain, 0.05 * float(np.median(model.v))))
    centre, spread = model.Z.mean(axis=0), model.Z.std(axis=0)
    varies = np.flatnonzero(spread > 0)
    tilts = list(itertools.product((0.0, -1.0, 1.0), repeat=min(len(varies), 3)))
    out = []
    for shift, tilt in itertools.product((0.0, -2.0), tilts):
        alpha = np.zeros(model.Z.shape[1])
        for j, t in zip(varies, tilt):
            alpha[j] = t / spread[j]
        # least squares puts the average of log tau2 where it should be
        level = base + shift - float(centre @ alpha)
        alpha += np.linalg.lstsq(model.Z, np.full(len(model.y), level), rcond=None)[0]
        out.append(alpha)
    return out


def _climb(model: _Model, alpha: Floats) -> tuple[Floats, float, bool]:
    ll, gradient, _ = model.at(alpha)
    damping = 1e-8
    for _ in range(_STEPS):
        information = model.information(alpha)
        ridge = np.diag(np.maximum(np.diagonal(information), 1e-10))
        step = np.linalg.solve(information + damping * ridge, gradient)
        size = float(np.max(np.abs(model.Z @ step)))
        if size > 4.0:  # log tau2 moves by at most so much at a time
            step *= 4.0 / size
        trial = alpha + step
        new_ll, new_gradient, _ = model.at(trial)
        if new_ll >= ll - 1e-13 * abs(ll):
            gain = new_ll - ll
            alpha, ll, gradient = trial, new_ll, new_gradient
            damping = max(damping * 0.2, 1e-10)
            if size < 1e-9 or (gain < 1e-14 and float(np.max(np.abs(gradient))) < 1e-7):
                return alpha, ll, True
            if float(np.max(model.Z @ alpha)) < model.lowest:
                return alpha, ll, True  # no heterogeneity anywhere: the edge is the optimum
        else:
            damping = min(max(damping * 10.0, 1e-4), 1e12)
            if damping >= 1e12:
                return alpha, ll, float(np.max(np.abs(gradient))) < 1e-5
    return alpha, ll, float(np.max(np.abs(gradient))) < 1e-5


def _covariance(model: _Model, alpha: Floats) -> Floats:
    """Inverse of the observed information, by central differences of the gradient."""
    q = len(alpha)
    spread = np.maximum(np.max(np.abs(model.Z), axis=0), 1e-12)
    hessian = np.empty((q, q))
    for j in range(q):
        step = np.zeros(q)
        step[j] = 1e-5 / spread[j]
        up, low = model.at(alpha + step)[1], model.at(alpha - step)[1]
        hessian[j] = (up - low) / (2.0 * step[j])
    hessian = -0.5 * (hessian + hessian.T)
    try:
        out = np.linalg.inv(hessian)
    except np.linalg.LinAlgError:
        return np.full((q, q), np.nan)
    good = bool((np.diagonal(out) > 0).all())
    return np.asarray(out if good else np.full((q, q), np.nan), dtype=np.float64)
