"""The profile log-likelihood of alpha, for many versions of the data at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probatum.meta.kernel import Projection, project
from probatum.meta.models.location_scale.links import Link
from probatum.meta.types import Floats

Rows = NDArray[np.intp]


class Value(NamedTuple):
    """At some alpha: log-likelihood (n,), gradient (n, q), and the weighted fits."""

    ll: Floats
    gradient: Floats
    fit: Projection


class Likelihood:
    """Beta is at its best for the weights that alpha gives.

    Viechtbauer W, López-López JA (2022). Research Synthesis Methods 13, 697-715, eqs. 5-6.

    Parameters
    ----------
    y, v : ndarray, shape (B, k)
    X : ndarray, shape (B, k, p)
    Z : ndarray, shape (B, k, q)
        Versions of the data; `rows` of the methods says to which version each alpha belongs.
    restricted : bool
    link : Link
    """

    def __init__(
        self, y: Floats, v: Floats, X: Floats, Z: Floats, *, restricted: bool, link: Link
    ) -> None:
        self.y, self.v, self.X, self.Z = y, v, X, Z
        self.restricted, self.link = restricted, link
        k, p = X.shape[1:]
        self.constant = np.full(len(X), -0.5 * (k - p if restricted else k) * np.log(2.0 * np.pi))
        if restricted:
            self.constant += 0.5 * np.linalg.slogdet(np.swapaxes(X, 1, 2) @ X)[1]

    def eta(self, alpha: Floats, rows: Rows) -> Floats:
        """Z alpha, shape (n, k)."""
        return np.asarray((self.Z[rows] @ alpha[..., None])[..., 0])

    def tau2(self, alpha: Floats, rows: Rows) -> Floats:
        """Variance between studies, shape (n, k)."""
        return self.link.tau2(self.eta(alpha, rows))

    def at(self, alpha: Floats, rows: Rows) -> Value:
        """Value and gradient for alpha of shape (n, q)."""
        eta = self.eta(alpha, rows)
        total = self.v[rows] + self.link.tau2(eta)
        w = 1.0 / total
        fit = project(self.y[rows], self.X[rows], w)
        ll = self.constant[rows] - 0.5 * (np.log(total).sum(axis=1) + fit.rss)
        wr2 = w * fit.rz**2  # (w r)^2, since rz = sqrt(w) r
        trace = w
        if self.restricted:
            ll = ll - 0.5 * fit.logdet
            trace = w * (1.0 - np.sum(fit.Q**2, axis=-1))
        pull = 0.5 * self.link.slope(eta) * (wr2 - trace)
        return Value(ll, np.asarray((pull[:, None, :] @ self.Z[rows])[:, 0, :]), fit)

    def information(self, alpha: Floats, rows: Rows) -> Floats:
        """Expected information of alpha, shape (n, q, q), through (p, p) matrices only."""
        eta = self.eta(alpha, rows)
        w = 1.0 / (self.v[rows] + self.link.tau2(eta))
        D = self.link.slope(eta)[..., None] * self.Z[rows]
        Dt = np.swapaxes(D, 1, 2)
        if not self.restricted:
            return np.asarray(0.5 * (Dt * (w * w)[:, None, :]) @ D)
        Q = project(self.y[rows], self.X[rows], w).Q
        h = np.sum(Q * Q, axis=-1)
        out = (Dt * (w * w * (1.0 - 2.0 * h))[:, None, :]) @ D
        Qt = np.swapaxes(Q, 1, 2)
        inner = [(Qt * (D[:, :, a] * w)[:, None, :]) @ Q for a in range(D.shape[2])]
        for a, one in enumerate(inner):
            for b, other in enumerate(inner):
                out[:, a, b] += np.einsum("nij,nji->n", one, other)
        return np.asarray(0.5 * out)

    def observed(self, alpha: Floats, rows: Rows) -> Floats:
        """Observed information (n, q, q), by central differences of the gradient."""
        n, q = alpha.shape
        unit = np.ones(n)  # of the linear predictor
        if self.link.bounded:
            unit = np.min(self.v[rows] + self.tau2(alpha, rows), axis=1)
        spread = np.maximum(np.max(np.abs(self.Z[rows]), axis=1), 1e-12)
        hessian = np.empty((n, q, q))
        for j in range(q):
            step = np.zeros((n, q))
            step[:, j] = 1e-5 * unit / spread[:, j]
            up, low = self.at(alpha + step, rows).gradient, self.at(alpha - step, rows).gradient
            hessian[:, j] = (up - low) / (2.0 * step[:, j, None])
        return np.asarray(-0.5 * (hessian + np.swapaxes(hessian, 1, 2)))

    def covariance(self, alpha: Floats, rows: Rows) -> Floats:
        """Inverse of the observed information (n, q, q); NaN where that is not one."""
        information = self.observed(alpha, rows)
        out = np.full(information.shape, np.nan)
        usable = np.asarray(np.isfinite(information).all(axis=(1, 2)))
        usable[usable] = np.linalg.slogdet(information[usable])[0] > 0
        out[usable] = np.linalg.inv(information[usable])
        good = usable & (np.diagonal(out, axis1=1, axis2=2) > 0).all(axis=1)
        out[~good] = np.nan
        return out
