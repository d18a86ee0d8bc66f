"""Kenward and Roger's adjustment for an estimated tau2: standard errors and degrees of freedom.

Kenward MG, Roger JH (1997), Biometrics 53, 983-997; for meta-analysis Partlett C, Riley RD (2017),
Statistics in Medicine 36, 301-317. Here the covariance V + tau2 I is linear in its only parameter,
so that with W = 1 / (vi + tau2), Phi = (X'WX)^-1, P = -X'W^2 X, Q = X'W^3 X and the variance
w = 2 / tr(PP) of tau2 (by the expected information of the restricted likelihood)

    Phi_A = Phi + 2 w Phi (Q - P Phi P) Phi.

All is taken from the orthonormal factor of the whitened design, W^(1/2) X = QR: with M = Q'WQ,
Phi P Phi = -R^-1 M R^-T, and Q - P Phi P is R' D'D R with D = WQ - QM.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import fdtrc

from probatum.errors import BadInput
from probatum.meta.kernel import Batch, Projection, forms, project, single, weights
from probatum.meta.tau2 import Tau2Method
from probatum.meta.types import Floats, MetaFit


class FTest(NamedTuple):
    """The test that all of some contrasts are 0: F, its p-value and degrees of freedom."""

    F: float
    pval: float
    df: tuple[float, float]


def check_applies(how: Tau2Method, *, own_weights: bool) -> None:
    """Refuse what the theory is not about.

    Raises
    ------
    BadInput
        If tau2 is not estimated by REML, or the coefficients have other weights than the model's.
    """
    if how.code != "REML":
        raise BadInput(f'test="kr" (Kenward-Roger) rests on method="REML"; this is {how.code}.')
    if how.given:
        raise BadInput('test="kr" (Kenward-Roger) is for an estimated tau2; leave out tau2=.')
    if not own_weights:
        raise BadInput(
            'test="kr" (Kenward-Roger) is for the model\'s own weights: leave out weights= and '
            "weighted=False."
        )


def adjusted(fit: Projection, t2: Floats) -> tuple[Floats, Floats]:
    """The adjusted covariance, shape (B, p, p), and each coefficient's df, shape (B, p).

    `t2` is tr(PP), shape (B,).
    """
    M = _middle(fit)
    D = fit.w[..., None] * fit.Q - fit.Q @ M
    extra = (4.0 / t2)[:, None, None] * (np.swapaxes(D, -1, -2) @ D)
    inverse = np.linalg.inv(fit.R)
    vb = inverse @ (np.eye(M.shape[-1]) + extra) @ np.swapaxes(inverse, -1, -2)
    return vb, _degrees(np.swapaxes(inverse, -1, -2), M, t2)


def _middle(fit: Projection) -> Floats:
    return np.asarray(np.swapaxes(fit.Q, -1, -2) @ (fit.w[..., None] * fit.Q))


def _degrees(U: Floats, M: Floats, t2: Floats) -> Floats:
    """For contrasts c whose R^-T c are the columns of U: 2 / A, A = w (c'Phi P Phi c / c'Phi c)^2.

    What section 3 of the paper comes to for a single contrast (there the factor of F is 1).
    """
    length, along = np.sum(U * U, axis=-2), np.sum(U * (M @ U), axis=-2)
    return np.asarray(t2[:, None] * (length / along) ** 2)


class _Parts(NamedTuple):
    """Of a fit: R, M, and tr(PP)."""

    R: Floats
    M: Floats
    t2: Floats


def _parts(fit: MetaFit) -> _Parts:
    use = fit.included
    batch: Batch = single(fit.data.yi[use], fit.data.vi[use], fit.X[use])
    tau2 = np.array([fit.tau2])
    factor = project(batch.y, batch.X, weights(batch, tau2))
    return _Parts(factor.R[0], _middle(factor)[0], forms(batch, tau2).t2)


def degrees_of(fit: MetaFit, L: Floats) -> Floats:
    """Degrees of freedom of each row of L (m, p), a combination of the coefficients."""
    L = np.atleast_2d(np.asarray(L, dtype=np.float64))
    R, M, t2 = _parts(fit)
    U = np.asarray(np.linalg.solve(R.T, L.T), dtype=np.float64)
    return np.asarray(_degrees(U[None], M[None], t2)[0])


def joint(fit: MetaFit, L: Floats) -> FTest:
    """The test that all rows of L (m, p) are 0: the paper's section 3, for any m.

    NaN where the F distribution that should be matched has no mean (a few studies, several rows).

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> yi, vi, x = [0.1, 0.9, 0.5, 0.2, 0.4], [0.01, 0.02, 0.03, 0.02, 0.01], [1, 4, 2, 1, 3]
    >>> fit = pool(yi, vi, mods=x, test="kr")
    >>> bool(abs(joint(fit, np.array([[0.0, 1.0]])).pval - fit.pval[1]) < 1e-12)
    True
    """
    R, M, t2 = _parts(fit)
    m, w = len(L), 2.0 / float(t2[0])
    U = np.linalg.qr(np.linalg.solve(R.T, L.T))[0]
    G = U.T @ M @ U
    a1, a2 = w * float(np.trace(G)) ** 2, w * float(np.sum(G * G))
    factor, df = _matched(m, a1, a2)
    estimate = L @ fit.beta
    F = factor / m * float(estimate @ np.linalg.solve(L @ fit.vb @ L.T, estimate))
    return FTest(F, float(fdtrc(m, df, F)), (float(m), df))


def _matched(m: int, a1: float, a2: float) -> tuple[float, float]:
    """The factor of F and its second degrees of freedom, from the moments of F to second order.

    With one row the factor is 1 and the degrees of freedom 2 / A2, whether or not F has a mean.
    """
    if m == 1:
        return 1.0, 2.0 / a2
    if a2 >= m:
        return float("nan"), float("nan")
    b = (a1 + 6.0 * a2) / (2.0 * m)
    g = ((m + 1) * a1 - (m + 4) * a2) / ((m + 2) * a2)
    c1, c2, c3 = np.array([g, m - g, m + 2 - g]) / (3 * m + 2 * (1 - g))
    mean = 1.0 / (1.0 - a2 / m)
    variance = 2.0 / m * (1.0 + c1 * b) / ((1.0 - c2 * b) ** 2 * (1.0 - c3 * b))
    ratio = variance / (2.0 * mean**2)
    df = float(4.0 + (m + 2) / (m * ratio - 1.0))
    return (df / (mean * (df - 2.0)), df) if df > 2.0 else (float("nan"), float("nan"))
