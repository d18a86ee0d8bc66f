"""Weighted least squares for many meta-analyses at once, in O(k) memory per analysis.

Analyses of unequal size are padded to one length: a padded row has an infinite variance, hence
weight 0, and adds nothing to any sum. With W = diag(1 / (vi + tau2)) and the hat matrix H of the
whitened design, the matrix P = W^(1/2) (I - H) W^(1/2) carries all of the theory; its traces and
quadratic forms are taken from the (k, p) orthonormal factor Q of H = QQ', so no (k, k) matrix
exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from probatum.meta.anchored import Anchored, One, anchored, one
from probatum.meta.leverage import pair_traces, traces
from probatum.meta.moderated import FEW_COLUMNS, MANY, Moderated, moderated
from probatum.meta.scalar import Forms, original
from probatum.meta.types import Bools, Floats


@dataclass(frozen=True, eq=False)
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
    a : ndarray, shape (B, k), or None
        Weights of the coefficients (0 in padded rows), where they are not the model's own.
    """

    y: Floats
    v: Floats
    mask: Bools
    X: Floats
    ones: bool
    k: Floats
    df: Floats
    full: bool
    a: Floats | None = None

    @property
    def p(self) -> int:
        """Number of design columns."""
        return int(self.X.shape[-1])

    @cached_property
    def unit(self) -> Floats:
        """Smallest sampling variance of each analysis: the scale on which tau2 can matter."""
        return np.asarray(np.minimum.reduce(self.v, axis=-1))

    @property
    def real_v(self) -> Floats:
        """The variances, 0 in padded rows."""
        return self.v if self.full else np.where(self.mask, self.v, 0.0)

    @property
    def real(self) -> Floats:
        """1 for real rows, 0 for padded ones."""
        return self.mask.astype(np.float64)

    @cached_property
    def standard(self) -> Standardised:
        """The analyses on the scale where the smallest variance is 1."""
        if self.ones:
            if len(self.y) == 1:
                return one(self.y[0], self.v[0])
            return anchored(self.y, self.v, self.unit)
        if len(self.y) >= MANY and self.p <= FEW_COLUMNS:
            return moderated(self.y, self.v, self.X, self.unit)
        unit = self.unit[:, None]
        return Standard(self.y / np.sqrt(unit), self.v / unit, self.X)

    @cached_property
    def zero(self) -> Forms[Floats]:
        """Forms at tau2 = 0."""
        return forms(self, np.zeros(len(self.y)))

    def take(self, rows: NDArray[np.int64] | slice) -> Batch:
        """The analyses that `rows` selects."""
        y, v, mask, k = self.y[rows], self.v[rows], self.mask[rows], self.k[rows]
        X = _ones(y.shape) if self.ones else self.X[rows]
        full = self.full or bool(mask.all())
        a = None if self.a is None else self.a[rows]
        return Batch(y, v, mask, X, self.ones, k, self.df[rows], full, a)

    def intercept_only(self) -> Batch:
        """The same estimates with the intercept as the only column."""
        X = _ones(self.y.shape)
        return Batch(self.y, self.v, self.mask, X, True, self.k, self.k - 1.0, self.full, self.a)


def _ones(shape: tuple[int, ...]) -> Floats:
    return np.broadcast_to(1.0, (*shape, 1))


#: beyond these, products would underflow or overflow unseen: of variances, of their ratio, and of
#: squared estimates in units of the smallest variance
SMALLEST_V, LARGEST_V, LARGEST_RATIO = 1e-140, 1e140, 1e60
TOO_FAR = (
    f"differ in size by more than {LARGEST_RATIO:g}, or variances are not between {SMALLEST_V:g} "
    f"and {LARGEST_V:g}: they can't be computed with. Check the units."
)


def comparable(y: Floats, v: Floats) -> bool:
    """Whether all are finite, variances positive, and of sizes that can be computed with."""
    least, most = float(np.minimum.reduce(v)), float(np.maximum.reduce(v))
    off, bound = float(np.maximum.reduce(np.abs(y))), LARGEST_RATIO * least
    return least >= SMALLEST_V and most <= min(LARGEST_V, bound) and off * off <= bound


def single(
    y: Floats, v: Floats, X: Floats, *, ones: bool | None = None, a: Floats | None = None
) -> Batch:
    """One analysis as a batch of one; `ones`, if known, tells whether X is the intercept."""
    k, p = X.shape
    if ones is None:
        ones = p == 1 and bool((X == 1.0).all())
    mask = np.ones((1, k), dtype=np.bool_)
    return Batch(
        y[None], v[None], mask, X[None], ones, np.array([float(k)]), np.array([float(k - p)]), True,
        None if a is None else a[None],
    )  # fmt: skip


def padded(y: Floats, v: Floats, mask: Bools, a: Floats | None = None) -> Batch:
    """Intercept-only analyses from (B, k) arrays of which `mask` tells the real rows."""
    n = mask.sum(axis=1).astype(np.float64)
    full = bool(mask.all())
    if not full:
        y, v = np.where(mask, y, 0.0), np.where(mask, v, np.inf)
        a = None if a is None else np.where(mask, a, 0.0)
    return Batch(y, v, mask, _ones(y.shape), True, n, n - 1.0, full, a)


def gathered(
    y: Floats, v: Floats, begin: NDArray[np.int64], size: NDArray[np.int64], a: Floats | None = None
) -> Batch:
    """Intercept-only analyses that stand one after the other in flat arrays, padded to the largest.

    Analysis i has `size[i]` estimates, from `begin[i]` on. The batch runs along memory.
    """
    width = np.arange(int(size.max()))[:, None]
    cells = width + begin
    mask = width < size
    if not mask.all():
        cells = np.where(mask, cells, 0)
    return padded(y[cells].T, v[cells].T, mask.T, None if a is None else a[cells].T)


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
        return traces(self.Q, self.w if d is None else self.w * d)

    def trace2(self, d: Floats | None = None, e: Floats | None = None) -> Floats:
        """tr(P D P E) for diagonal D and E."""
        a = self.w if d is None else self.w * d
        b = self.w if e is None else self.w * e
        return pair_traces(self.Q, a, b)


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


def forms(batch: Batch, tau2: Floats) -> Forms[Floats]:
    """Quadratic forms and traces of P at `tau2`, shape (B,)."""
    return original(batch.standard.forms(tau2 / batch.unit), batch.unit, batch.standard.anchor)


@dataclass(frozen=True, slots=True, eq=False)
class Standard:
    """Few analyses, or of many columns, on the scale where the smallest variance is 1.

    Attributes
    ----------
    y, v : ndarray, shape (B, k)
    X : ndarray, shape (B, k, p)
    anchor : float
        0: the estimates are as they are, but for the scale.
    """

    y: Floats
    v: Floats
    X: Floats
    anchor: float = 0.0

    def take(self, rows: NDArray[np.int64]) -> Standard:
        """The analyses that `rows` selects."""
        return Standard(self.y[rows], self.v[rows], self.X[rows])

    def forms(self, t: Floats) -> Forms[Floats]:
        """Forms at t, shape (B,), on this scale (`mean` is NaN)."""
        w = 1.0 / (self.v + t[:, None])
        fit = project(self.y, self.X, w)
        root = np.sqrt(w)
        py = root * fit.rz
        u = root * py
        qu = (np.swapaxes(fit.Q, -1, -2) @ u[..., None])[..., 0]
        return Forms(
            fit.rss, _sum(py * py), _sum(u * u) - _sum(qu * qu), fit.trace(), fit.trace2(),
            _sum(w), _sum(w * w), np.full(t.shape, np.nan),
        )  # fmt: skip


Standardised = Anchored | One | Moderated | Standard


def log_likelihood(batch: Batch, tau2: Floats, *, restricted: bool) -> Floats:
    """Log-likelihood at `tau2`, without its constants; both of shape (B,).

    At the coefficients that are best for that tau2, or that the weights of the batch give.
    """
    total = batch.v + tau2[:, None]
    logs = _sum(np.log(total if batch.full else np.where(batch.mask, total, 1.0)))
    if batch.a is not None:
        fit = project(batch.y, batch.X, 1.0 / total)
        coef = project(batch.y, batch.X, batch.a).coef
        off = batch.y - (batch.X @ coef[..., None])[..., 0]
        rss, logdet = _sum(off * off / total), fit.logdet
    elif batch.ones:
        f = forms(batch, tau2)
        rss, logdet = f.q1, np.log(f.w1)
    else:
        fit = project(batch.y, batch.X, 1.0 / total)
        rss, logdet = fit.rss, fit.logdet
    return -0.5 * (logs + rss + (logdet if restricted else 0.0))
