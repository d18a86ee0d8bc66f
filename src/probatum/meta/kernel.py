"""Weighted least squares for many meta-analyses at once, in O(k) memory per analysis.

Analyses of unequal size are padded to one length: a padded row has an infinite variance, hence
weight 0, and adds nothing to any sum. With W = diag(1 / (vi + tau2)) and the hat matrix H of the
whitened design, the matrix P = W^(1/2) (I - H) W^(1/2) carries all of the theory; its traces and
quadratic forms are taken from the (k, p) orthonormal factor Q of H = QQ', so no (k, k) matrix
exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probatum.meta.types import Bools, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """B analyses padded to k rows, with p design columns.

    Attributes
    ----------
    y, v : ndarray, shape (B, k)
        Estimates (0 in padded rows) and variances (infinite in padded rows).
    mask : ndarray of bool, shape (B, k)
        True for real rows.
    X : ndarray, shape (B, k, p)
    ones : bool
        Whether the design is the intercept alone, which has closed sums.
    k, df : ndarray, shape (B,)
        Rows and residual degrees of freedom k - p.
    full : bool
        Whether no row is padded.
    """

    y: Floats
    v: Floats
    mask: Bools
    X: Floats
    ones: bool
    k: Floats
    df: Floats
    full: bool

    @property
    def p(self) -> int:
        """Number of design columns."""
        return int(self.X.shape[-1])

    def take(self, rows: Bools | slice) -> Batch:
        """The analyses that `rows` selects."""
        mask = self.mask[rows]
        return Batch(
            self.y[rows], self.v[rows], mask, self.X[rows], self.ones, self.k[rows],
            self.df[rows], self.full or bool(mask.all()),
        )  # fmt: skip

    def intercept_only(self) -> Batch:
        """The same estimates with the intercept as the only column."""
        X = np.ones((*self.y.shape, 1))
        return Batch(self.y, self.v, self.mask, X, True, self.k, self.k - 1.0, self.full)


def single(y: Floats, v: Floats, X: Floats) -> Batch:
    """One analysis as a batch of one."""
    k, p = X.shape
    n = np.array([float(k)])
    ones = p == 1 and bool((X == 1.0).all())
    mask = np.ones((1, k), dtype=np.bool_)
    return Batch(y[None], v[None], mask, X[None], ones, n, n - p, True)


def padded(y: Floats, v: Floats, mask: Bools) -> Batch:
    """Intercept-only analyses from (B, k) arrays of which `mask` tells the real rows."""
    n = mask.sum(axis=1).astype(np.float64)
    full = bool(mask.all())
    if not full:
        y, v = np.where(mask, y, 0.0), np.where(mask, v, np.inf)
    return Batch(y, v, mask, np.ones((*y.shape, 1)), True, n, n - 1.0, full)


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """A weighted least-squares fit: all arrays have the batch's leading axes.

    Attributes
    ----------
    w : ndarray, shape (..., k)
    Q, R : ndarray, shape (..., k, p) and (..., p, p)
        QR factors of the whitened design W^(1/2) X.
    coef : ndarray, shape (..., p)
    rz : ndarray, shape (..., k)
        Whitened residuals W^(1/2) (y - X beta).
    """

    w: Floats
    Q: Floats
    R: Floats
    coef: Floats
    rz: Floats

    @property
    def rss(self) -> Floats:
        """y'Py, the weighted residual sum of squares."""
        return np.asarray(np.vecdot(self.rz, self.rz))

    @property
    def unscaled_cov(self) -> Floats:
        """(X'WX)^-1, shape (..., p, p)."""
        if self.R.shape[-1] == 1:
            return np.asarray(1.0 / (self.R * self.R))
        inverse = np.linalg.inv(self.R)
        return np.asarray(inverse @ np.swapaxes(inverse, -1, -2))

    @property
    def logdet(self) -> Floats:
        """log det X'WX."""
        diagonal = np.diagonal(self.R, axis1=-2, axis2=-1)
        return 2.0 * _sum(np.log(np.abs(diagonal)))

    def trace(self, d: Floats | None = None) -> Floats:
        """tr(P D) for a diagonal D (the identity when not given)."""
        wd = self.w if d is None else self.w * d
        return _sum(wd * (1.0 - _sum(self.Q * self.Q)))

    def trace2(self, d: Floats | None = None, e: Floats | None = None) -> Floats:
        """tr(P D P E) for diagonal D and E."""
        a = self.w if d is None else self.w * d
        b = self.w if e is None else self.w * e
        leverage = _sum(self.Q * self.Q)
        qt = np.swapaxes(self.Q, -1, -2)
        qaq, qbq = qt @ (a[..., None] * self.Q), qt @ (b[..., None] * self.Q)
        both = _sum(_sum(qaq * qbq))
        return _sum(a * b * (1.0 - 2.0 * leverage)) + both


def _sum(x: Floats) -> Floats:
    out: Floats = np.add.reduce(x, axis=-1)
    return out


def project(y: Floats, X: Floats, w: Floats) -> Projection:
    """Fit y on X with weights w (QR of the whitened design, never the normal equations)."""
    root = np.sqrt(w)
    z = root * y
    if X.shape[-1] == 1:
        column = X[..., 0] * root
        norm = np.sqrt(np.vecdot(column, column))[..., None]
        unit = column / norm
        along = np.vecdot(unit, z)[..., None]
        return Projection(w, unit[..., None], norm[..., None], along / norm, z - unit * along)
    Q, R = np.linalg.qr(X * root[..., None])
    c = np.swapaxes(Q, -1, -2) @ z[..., None]
    return Projection(w, Q, R, np.linalg.solve(R, c)[..., 0], z - (Q @ c)[..., 0])


def weights(batch: Batch, tau2: Floats) -> Floats:
    """1 / (vi + tau2), 0 in padded rows; shape (B, k)."""
    return np.asarray(1.0 / (batch.v + tau2[..., None]))


@dataclass(frozen=True, slots=True, eq=False)
class Forms:
    """What the estimating equations of tau2 need at one value of it, each of shape (B,).

    `q1 q2 q3` are y'Py, y'PPy, y'PPPy; `t1 t2` are tr P and tr PP; `w1 w2` the sums of the
    weights and of their squares.
    """

    q1: Floats
    q2: Floats
    q3: Floats
    t1: Floats
    t2: Floats
    w1: Floats
    w2: Floats


def forms(batch: Batch, tau2: Floats) -> Forms:
    """Quadratic forms and traces of P at `tau2`, shape (B,)."""
    w = weights(batch, tau2)
    if batch.ones:
        return _forms_intercept(batch.y, w)
    fit = project(batch.y, batch.X, w)
    root = np.sqrt(w)
    py = root * fit.rz
    u = root * py
    qu = (np.swapaxes(fit.Q, -1, -2) @ u[..., None])[..., 0]
    return Forms(
        fit.rss, _sum(py * py), _sum(u * u) - _sum(qu * qu), fit.trace(), fit.trace2(),
        _sum(w), _sum(w * w),
    )  # fmt: skip


def _forms_intercept(y: Floats, w: Floats) -> Forms:
    dot = np.vecdot
    s1, w2 = _sum(w), w * w
    s2 = dot(w, w)
    r = y - (dot(w, y) / s1)[..., None]
    wr = w * r
    wwr = w * wr
    ratio = s2 / s1
    q3 = dot(wwr, wr) - dot(w, wr) ** 2 / s1
    t2 = s2 - 2.0 * dot(w2, w) / s1 + ratio * ratio
    return Forms(dot(wr, r), dot(wr, wr), q3, s1 - ratio, t2, s1, s2)


def log_likelihood(batch: Batch, tau2: Floats, *, restricted: bool) -> Floats:
    """Profile log-likelihood without its constants.

    Parameters
    ----------
    tau2 : ndarray, shape (B, G)
        G values for each analysis.

    Returns
    -------
    ndarray, shape (B, G)
    """
    total = batch.v[:, None, :] + tau2[..., None]
    w = 1.0 / total
    logs = np.log(total) if batch.full else np.log(np.where(batch.mask[:, None, :], total, 1.0))
    if batch.ones:
        # centred at the plain mean, the sums lose few digits: enough to rank grid points
        y = batch.y - (_sum(batch.y) / batch.k)[:, None]
        s = w @ np.stack((np.ones(y.shape), y, y * y), axis=-1)
        s1 = s[..., 0]
        rss, logdet = s[..., 2] - s[..., 1] ** 2 / s1, np.log(s1)
    else:
        fit = project(batch.y[:, None, :], batch.X[:, None], w)
        rss, logdet = fit.rss, fit.logdet
    twice = _sum(logs) + rss + (logdet if restricted else 0.0)
    return -0.5 * twice


def pad(groups: Sequence[Sequence[float] | Floats], fill: float) -> tuple[Floats, Bools]:
    """Ragged groups as one (B, k) array, and which cells are real."""
    sizes = np.array([len(g) for g in groups], dtype=np.int64)
    width = int(sizes.max()) if len(sizes) else 0
    mask = np.arange(width)[None, :] < sizes[:, None]
    out = np.full(mask.shape, fill)
    if len(groups):
        out[mask] = np.concatenate([np.asarray(g, dtype=np.float64) for g in groups])
    return out, np.asarray(mask, dtype=np.bool_)
