"""Bias-reduced scores of clusters, and the moments of their sandwich under the working model.

In the coordinates of `Working` the coefficients' covariance is I. A cluster's score is a'e with
a = A M^-1 X and A its adjustment matrix; under the working model Cov(a_i'e_i, a_j'e_j) is
d_i - b_i'b_i within a cluster and -b_i'b_j between two, with d = a'M a and b = X'a. So all sums
over pairs of clusters come from p by p matrices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from probatum.meta.robust.working import Working
from probatum.meta.types import Floats

_ZERO = 1e-10  # eigenvalues that count as 0, relative to the largest


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """Of every cluster.

    Attributes
    ----------
    scores : ndarray, shape (clusters, p)
    d, b : ndarray, shape (clusters, p, p)
    """

    scores: Floats
    d: Floats
    b: Floats

    def single(self, root: Floats) -> Floats:
        """Satterthwaite's degrees of freedom of each coefficient.

        2 E(v)^2 / Var(v) of its variance estimate v; Pustejovsky and Tipton (2018), eq. 10; Bell
        RM, McCaffrey DF (2002), Survey Methodology 28, 169-181.
        """
        d = np.einsum("pa,nab,pb->np", root, self.d, root)
        b = np.einsum("nab,pb->npa", self.b, root)
        own = np.sum(b * b, axis=2)
        pairs = np.einsum("npa,npb->pab", b, b)
        mean = np.sum(d - own, axis=0)
        square = np.sum(d * d - 2.0 * d * own, axis=0) + np.sum(pairs * pairs, axis=(1, 2))
        return np.asarray(mean**2 / square)

    def together(self, C: Floats) -> float:
        """Degrees of freedom of the Wishart distribution closest to that of C V C'.

        C has shape (q, p), in the coordinates of `Working`; Tipton and Pustejovsky (2015), eq. 17
        (total variance).
        """
        d = C @ self.d @ C.T
        b = self.b @ C.T
        mean = np.sum(d, axis=0) - np.einsum("nas,nat->st", b, b)
        values, vectors = np.linalg.eigh(mean)
        half = (vectors / np.sqrt(values)) @ vectors.T
        d, b = half @ d @ half, b @ half
        own = np.swapaxes(b, 1, 2) @ b
        F = np.einsum("nas,nbt->stab", b, b)
        # sum over pairs of P_ss P_tt + P_st P_ts, with P = d - b'b within and -b'b between
        total = 0.0
        q = len(C)
        for s in range(q):
            for t in range(q):
                within = d[:, s, s] * d[:, t, t] - d[:, s, s] * own[:, t, t]
                within = within - own[:, s, s] * d[:, t, t]
                within = within + d[:, s, t] ** 2 - 2.0 * d[:, s, t] * own[:, s, t]
                total += float(np.sum(within))
                total += float(np.sum(F[s, t] * F[t, s].T) + np.sum(F[t, s] * F[t, s].T))
        return q * (q + 1.0) / total


def adjusted(w: Working, *, second: bool) -> Adjusted:
    """Scores and moments; `second` adjusts them as CR2 does.

    A = L B^(-1/2) L' with L L' = M and B = L'(M - X X')L: then A (M - X X') A' = M, so that the
    sandwich has the right mean (Pustejovsky and Tipton 2018, eq. 7).
    """
    p = w.X.shape[1]
    scores = np.empty((w.clusters, p))
    d, b = np.empty((w.clusters, p, p)), np.empty((w.clusters, p, p))
    for block in w.blocks():
        X, resid = w.X[block.rows], w.resid[block.rows]
        L = np.linalg.cholesky(block.M)
        white = np.linalg.solve(L, X)
        if second:
            across = np.swapaxes(L, 1, 2) @ (block.M - X @ np.swapaxes(X, 1, 2)) @ L
            a = L @ (_inverse_root(across) @ white)
        else:
            a = np.linalg.solve(np.swapaxes(L, 1, 2), white)
        at = w.cluster[block.rows[:, 0]]
        scores[at] = np.einsum("nmp,nm->np", a, resid)
        d[at] = np.swapaxes(a, 1, 2) @ (block.M @ a)
        b[at] = np.swapaxes(X, 1, 2) @ a
    return Adjusted(scores, d, b)


def _inverse_root(B: Floats) -> Floats:
    """B^(-1/2), with 0 for directions in which B is 0 (a cluster with its own coefficient)."""
    values, vectors = np.linalg.eigh(0.5 * (B + np.swapaxes(B, 1, 2)))
    kept = values > _ZERO * np.max(values, axis=1, keepdims=True)
    power = np.where(kept, 1.0 / np.sqrt(np.where(kept, values, 1.0)), 0.0)
    return np.asarray((vectors * power[:, None, :]) @ np.swapaxes(vectors, 1, 2))
