"""The exact distribution of a residual sum of squares: a quadratic form in normal variables."""

from __future__ import annotations

import numpy as np

from probatum.meta.types import Floats

# The contour's arms lie this far beyond the vertical: so far that exp(z) falls, and less than the
# 45 degrees beyond which the transform of many equal terms, nearly exp(z^2), would grow.
_ANGLE = np.pi / 8.0
_STEP = 0.07  # the trapezoid's error is exp(-2 pi angle / step), about 1e-15
_LEAST, _NEGLIGIBLE = 3.0, 40.0
_ROUNDS = 100


def residual_cdf(q: Floats, X: Floats, a: Floats, total: Floats) -> Floats:
    """P(e'Pe <= q) for independent normal errors e: how large a residual sum of squares may be.

    P = A - AX (X'AX)^-1 X'A is the residual form of a regression with fixed weights, A = diag(a).
    e'Pe is distributed as a sum of chi-squares with the eigenvalues of P diag(total) as weights.
    Its Laplace transform (Imhof JP, 1961, Biometrika 48, 419-426) needs no eigenvalues: by the
    matrix determinant lemma it is, with c = a * total and Q an orthonormal basis of A^(1/2) X,

        prod (1 + 2 s c_i)^(-1/2)  det(Q' diag(1 / (1 + 2 s c_i)) Q)^(-1/2),

    so time and memory grow with k, not with its cube. It is inverted as by Rice SO (1980), SIAM
    Journal on Scientific and Statistical Computing 1, 438-448: a trapezoid rule on a contour
    through the saddle point, here a hyperbola about the cut of the transform (Weideman JAC,
    Trefethen LN, 2007, Mathematics of Computation 76, 1341-1356). The error is about 1e-14,
    whatever k.

    Parameters
    ----------
    q : ndarray, shape (B,)
    X : ndarray, shape (k, p)
    a : ndarray, shape (k,)
        Positive weights.
    total : ndarray, shape (B, k)
        Variances of the errors.

    Returns
    -------
    ndarray, shape (B,)

    Examples
    --------
    >>> q, k = np.array([3.84145882]), 2
    >>> residual_cdf(q, np.ones((k, 1)), np.ones(k), np.ones((1, k))).round(6).tolist()
    [0.95]
    """
    Q = np.linalg.qr(np.sqrt(a)[:, None] * X)[0]
    out = np.zeros(len(q))
    some = np.flatnonzero(q > 0.0)
    if not len(some):
        return out
    c = 2.0 * a * total[some] / q[some, None]
    vertex = np.maximum(_saddle(c), _LEAST)[:, None] / (1.0 - np.sin(_ANGLE))
    t = _STEP * np.arange(int(np.arcsinh(_reach(c) / float(vertex.min())) / _STEP) + 2)
    z = vertex * (1.0 + np.sin(1j * t - _ANGLE))
    slope = vertex * np.cos(1j * t - _ANGLE)  # dz / (i dt)
    with np.errstate(under="ignore"):
        value = (np.exp(z + _log_transform(c, z, Q)) * slope / z).real
    # the lower arm is the upper one's conjugate; they share the vertex
    value[:, 0] *= 0.5
    out[some] = np.clip(_STEP / np.pi * value.sum(axis=-1), 0.0, 1.0)
    return out


def matching_tau2(q: float, X: Floats, a: Floats, v: Floats, target: float) -> float:
    """The tau2 >= 0 at which P(e'Pe <= q) is `target` for errors of variance v + tau2.

    0 where it is no more than that even there. The probability falls as tau2 grows: bracketed by
    steps, found by Brent's method. `v` should be near 1 where it is smallest.
    """
    values = np.array([q])

    def excess(tau2: float) -> float:
        return float(residual_cdf(values, X, a, v[None] + tau2)[0]) - target

    if excess(0.0) <= 0.0:
        return 0.0
    low, high = 0.0, float(np.median(v))
    while excess(high) > 0.0:
        low, high = high, 4.0 * high
    from scipy.optimize import brentq  # slow to load, and only these intervals need it

    return float(brentq(excess, low, high, xtol=1e-14, rtol=1e-13))


def _reach(c: Floats) -> float:
    """How far along the arms the integrand is more than 1e-17, a little more."""
    reach = 2.0 * _NEGLIGIBLE
    for _ in range(_ROUNDS):
        z = reach * np.exp(1j * (0.5 * np.pi + _ANGLE))
        size = z.real - 0.5 * np.log(np.abs(1.0 + c * z)).sum(axis=-1)
        if (size < -_NEGLIGIBLE).all():
            break
        reach *= 2.0
    return reach


def _saddle(c: Floats) -> Floats:
    """At or a little right of the saddle point: z = 1 + sum of cz / (1 + cz) / 2; shape (B,).

    The sum is concave in z, so Newton's steps from the right never pass the root.
    """
    z: Floats = np.full(len(c), 1.0 + 0.5 * c.shape[-1])
    for _ in range(_ROUNDS):
        part = c * z[:, None] / (1.0 + c * z[:, None])
        excess = z - 1.0 - 0.5 * part.sum(axis=-1)
        step = excess / (1.0 - 0.5 * (part * (1.0 - part)).sum(axis=-1) / z)
        z -= step
        if (np.abs(step) <= 1e-3 * z).all():
            break
    return z


def _log_transform(c: Floats, z: Floats, Q: Floats) -> Floats:
    """Logarithm of the transform at z, shape (B, n), for c of shape (B, k).

    All entries of the matrix lie in one sector narrower than a half-plane, so those of its
    triangular factor do too, and no logarithm crosses its cut.
    """
    k, p = Q.shape
    logs = np.zeros(z.shape, dtype=np.complex128)
    inner = np.zeros((*z.shape, p, p), dtype=np.complex128)
    size = max(1, 400_000 // (z.size or 1))
    for start in range(0, k, size):
        part = slice(start, start + size)
        factor = 1.0 + c[:, None, part] * z[..., None]
        logs += np.log(factor).sum(axis=-1)
        inner += np.einsum("bnk,ki,kj->bnij", 1.0 / factor, Q[part], Q[part], optimize=True)
    for j in range(p):
        pivot = inner[..., j, j]
        logs += np.log(pivot)
        column = inner[..., j + 1 :, j] / pivot[..., None]
        inner[..., j + 1 :, j + 1 :] -= column[..., :, None] * inner[..., None, j, j + 1 :]
    return np.asarray(-0.5 * logs)
