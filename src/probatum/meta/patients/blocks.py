"""Repeated measurements of patients as blocks: the likelihood of a mixed model, in closed form.

Patient i's measurements have covariance sigma2 (I + Z_i L L' Z_i'). With Z_i = Q_i R_i, Q_i
orthonormal, all of it happens inside Q_i: the rest of each block has covariance sigma2 I. What is
needed of a patient is therefore R_i and the small Y_i = Q_i'[X_i y_i]; patients with one Z are
summed at once, so that with a random intercept the cost is that of as many patients as there are
sizes. Nothing is subtracted, so nothing cancels, however unlike the patients are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probatum.meta.types import Floats

LOG_2PI = math.log(2 * math.pi)


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """What the likelihood needs of N measurements, of m patients in u groups of one Z.

    Attributes
    ----------
    R : ndarray, shape (u, q, q)
        Root of Z'Z.
    T : ndarray, shape (u, q, p + 1, q, p + 1)
        Sums of products of the patients' Y.
    size : ndarray, shape (u,)
        Patients in each group.
    W : ndarray, shape (p + 1, p + 1)
        Products of what is outside Q.
    Y : ndarray, shape (m, q, p + 1)
        Design and outcome inside Q, patient by patient.
    group : ndarray of int, shape (m,)
    N : int
    restricted : bool
        REML, else ML.
    """

    R: Floats
    T: Floats
    size: Floats
    W: Floats
    Y: Floats
    group: NDArray[np.int64]
    N: int
    restricted: bool

    @property
    def p(self) -> int:
        """Coefficients."""
        return len(self.W) - 1

    @property
    def q(self) -> int:
        """Random effects of a patient."""
        return int(self.R.shape[1])

    @property
    def dof(self) -> int:
        """Measurements, less the coefficients under REML."""
        return self.N - self.p * self.restricted

    @property
    def scale(self) -> Floats:
        """Typical size of each column of R, shape (q,)."""
        squares = np.sum(self.R**2, axis=1)
        return np.asarray(np.sqrt(np.average(squares, axis=0, weights=self.size)))


def blocks(
    y: Floats, X: Floats, Z: Floats, patient: NDArray[np.int64], *, restricted: bool
) -> Blocks:
    """Reduce measurements to blocks; patients are numbered from 0."""
    order = np.argsort(patient, kind="stable")
    sizes = np.bincount(patient)
    starts = np.cumsum(sizes) - sizes
    m, q, both = len(sizes), Z.shape[1], np.column_stack([X, y])
    width = both.shape[1]
    roots: list[Floats] = []
    Y, W = np.zeros((m, q, width)), np.zeros((width, width))
    group = np.zeros(m, dtype=np.int64)
    for size in np.unique(sizes):
        which = np.flatnonzero(sizes == size)
        rows = order[starts[which][:, None] + np.arange(size)]
        lines = Z[rows].reshape(len(which), -1)
        distinct, place = np.unique(lines, axis=0, return_inverse=True)
        Q, root = np.linalg.qr(distinct.reshape(-1, size, q))
        Q = Q[place.ravel()]
        inside = np.swapaxes(Q, 1, 2) @ both[rows]
        # fewer measurements than random effects: the rows left over stay 0
        padded = np.zeros((len(root), q, q))
        padded[:, : root.shape[1]] = root
        Y[which, : root.shape[1]] = inside
        group[which] = sum(map(len, roots)) + place.ravel()
        roots.append(padded)
        outside = (both[rows] - Q @ inside).reshape(-1, width)
        W += outside.T @ outside
    R = np.concatenate(roots)
    T = np.zeros((len(R), q, width, q, width))
    np.add.at(T, group, Y[:, :, :, None, None] * Y[:, None, None, :, :])
    counts = np.bincount(group, minlength=len(R)).astype(np.float64)
    return Blocks(R, T, counts, W, Y, group, len(y), restricted)


@dataclass(frozen=True, slots=True, eq=False)
class At:
    """The likelihood at given L, for a batch of g of them.

    Attributes
    ----------
    deviance, rss : ndarray, shape (g,)
        -2 log-likelihood with coefficients and sigma2 at their best; dof sigma2.
    coef : ndarray, shape (g, p)
    A : ndarray, shape (g, p, p)
        X' (I + Z L L' Z')^-1 X.
    G, V, C : ndarray, shape (g, q, q)
        By which the deviance changes with L: the derivative of the log determinant is 2 G L, of
        the residual sum of squares -2 V L, of log det A -2 C L (0 unless restricted).
    S : ndarray, shape (g, u, q, q)
        R' (I + R L L' R')^-1.
    """

    deviance: Floats
    rss: Floats
    coef: Floats
    A: Floats
    G: Floats
    V: Floats
    C: Floats
    S: Floats

    def slope(self, dof: int) -> Floats:
        """K of shape (g, q, q): the derivative of the deviance by L is 2 K L."""
        return np.asarray(self.G - self.V * (dof / self.rss)[:, None, None] - self.C)


def evaluate(data: Blocks, L: Floats) -> At:
    """The profiled likelihood at each L of shape (g, q, q).

    Bates D, Maechler M, Bolker B, Walker S (2015), Journal of Statistical Software 67(1), eqs.
    33 to 42, for one grouping factor.
    """
    p, root = data.p, data.R @ L[:, None]
    M = root @ np.swapaxes(root, 2, 3)
    M[..., range(data.q), range(data.q)] += 1.0
    inverse = np.linalg.inv(M)
    logdet = np.linalg.slogdet(M)[1] @ data.size
    total = data.W + np.einsum("guqr,uqarb->gab", inverse, data.T)
    A = total[:, :p, :p]
    coef = np.linalg.solve(A, total[:, :p, p:])[..., 0]
    away = np.column_stack([-coef, np.ones(len(L))])  # from X and y to the residuals
    rss = np.einsum("ga,gab,gb->g", away, total, away)
    S = np.swapaxes(data.R, 1, 2) @ inverse
    G = np.einsum("u,guqr,urs->gqs", data.size, S, data.R)
    V = _between(S, np.einsum("uqarb,ga,gb->guqr", data.T, away, away))
    C = np.zeros_like(G)
    deviance = data.dof * (1 + LOG_2PI + np.log(rss / data.dof)) + logdet
    if data.restricted:
        design = data.T[:, :, :p, :, :p]
        A1 = np.linalg.inv(A)
        C = _between(S, np.einsum("uqarb,gab->guqr", design, A1))
        deviance = deviance + np.linalg.slogdet(A)[1]
    return At(deviance, rss, coef, A, G, V, C, S)


def _between(S: Floats, inner: Floats) -> Floats:
    """Sum over the groups of S inner S'."""
    return np.asarray((S @ inner @ np.swapaxes(S, 2, 3)).sum(axis=1))
