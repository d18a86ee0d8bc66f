"""Bias-reduced scores of clusters, and the moments of their sandwich under the working model.

In the coordinates of `Working` a cluster's score is a'e with a = A W X and A its adjustment matrix.
Under the working model Cov(a_i'e_i, a_j'e_j) is d_i - b_i'K b_i within a cluster and -b_i'K b_j
between two, with d = a'M a. Where the weights are the model's own, b = X'a and K is I; otherwise
b holds X'a above X'WM a, and K is [-S I; I 0] with S = X'WMWX. So all sums over pairs of clusters
come from small matrices.
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
    d : ndarray, shape (clusters, p, p)
    b, Kb : ndarray, shape (clusters, p, p), or twice as high
    """

    scores: Floats
    d: Floats
    b: Floats
    Kb: Floats

    def single(self, root: Floats) -> Floats:
        """Satterthwaite's degrees of freedom of each coefficient.

        2 E(v)^2 / Var(v) of its variance estimate v; Pustejovsky and Tipton (2018), eq. 10; Bell
        RM, McCaffrey DF (2002), Survey Methodology 28, 169-181.
        """
        d = np.einsum("pa,nab,pb->np", root, self.d, root)
        b, Kb = (np.einsum("nab,pb->npa", each, root) for each in (self.b, self.Kb))
        own = np.sum(b * Kb, axis=2)
        pairs = np.einsum("npa,npb->pab", b, Kb)
        mean = np.sum(d - own, axis=0)
        between = np.sum(pairs * np.swapaxes(pairs, 1, 2), axis=(1, 2))
        square = np.sum(d * d - 2.0 * d * own, axis=0) + between
        return np.asarray(mean**2 / square)

    def together(self, C: Floats) -> float:
        """Degrees of freedom of the Wishart distribution closest to that of C V C'.

        C has shape (q, p), in the coordinates of `Working`; Tipton and Pustejovsky (2015), eq. 17
        (total variance).
        """
        d = C @ self.d @ C.T
        b, Kb = self.b @ C.T, self.Kb @ C.T
        mean = np.sum(d, axis=0) - np.einsum("nas,nat->st", b, Kb)
        values, vectors = np.linalg.eigh(mean)
        half = (vectors / np.sqrt(values)) @ vectors.T
        d, b, Kb = half @ d @ half, b @ half, Kb @ half
        own = np.swapaxes(b, 1, 2) @ Kb
        F, KFK = np.einsum("nas,nbt->stab", b, b), np.einsum("nas,nbt->stab", Kb, Kb)
        # sum over pairs of P_ss P_tt + P_st P_ts, with P = d - b'Kb within and -b'Kb between
        total = 0.0
        q = len(C)
        for s in range(q):
            for t in range(q):
                within = d[:, s, s] * d[:, t, t] - d[:, s, s] * own[:, t, t]
                within = within - own[:, s, s] * d[:, t, t]
                within = within + d[:, s, t] ** 2 - 2.0 * d[:, s, t] * own[:, s, t]
                total += float(np.sum(within))
                total += float(np.sum(F[s, t] * KFK[s, t]) + np.sum(F[s, t] * KFK[t, s]))
        return q * (q + 1.0) / total


def adjusted(w: Working, *, second: bool) -> Adjusted:
    """Scores and moments; `second` adjusts them as CR2 does.

    A = L B^(-1/2) L' with L L' = M, B = L'EL and E the covariance of the residuals, which is
    M - X X' where the weights are the model's own: then A E A' = M, so that the sandwich has the
    right mean (Pustejovsky and Tipton 2018, eq. 7).
    """
    p = w.X.shape[1]
    scores, d = np.empty((w.clusters, p)), np.empty((w.clusters, p, p))
    b = np.empty((w.clusters, p if w.spread is None else 2 * p, p))
    for block in w.blocks():
        X, WX, resid = w.X[block.rows], w.WX[block.rows], w.resid[block.rows]
        L = np.linalg.cholesky(block.M)
        a = WX
        if second:
            Lt = np.swapaxes(L, 1, 2)
            a = L @ (_inverse_root(Lt @ _residual(block.M, X, WX, w.spread) @ L) @ (Lt @ WX))
        at = w.cluster[block.rows[:, 0]]
        scores[at] = np.einsum("nmp,nm->np", a, resid)
        d[at] = np.swapaxes(a, 1, 2) @ (block.M @ a)
        b[at, :p] = np.swapaxes(X, 1, 2) @ a
        if w.spread is not None:
            b[at, p:] = np.swapaxes(WX, 1, 2) @ (block.M @ a)
    return Adjusted(scores, d, b, b if w.spread is None else _turned(b, w.spread))


def _residual(M: Floats, X: Floats, WX: Floats, spread: Floats | None) -> Floats:
    """Covariance of the residuals of clusters under the working model, shape (n, m, m)."""
    Xt = np.swapaxes(X, 1, 2)
    if spread is None:
        return np.asarray(M - X @ Xt)
    both = M @ WX @ Xt
    return np.asarray(M - both - np.swapaxes(both, 1, 2) + X @ spread @ Xt)


def _turned(b: Floats, spread: Floats) -> Floats:
    """K b."""
    p = len(spread)
    return np.concatenate([b[:, p:] - spread @ b[:, :p], b[:, :p]], axis=1)


def _inverse_root(B: Floats) -> Floats:
    """B^(-1/2), with 0 for directions in which B is 0 (a cluster with its own coefficient)."""
    values, vectors = np.linalg.eigh(0.5 * (B + np.swapaxes(B, 1, 2)))
    kept = values > _ZERO * np.max(values, axis=1, keepdims=True)
    power = np.where(kept, 1.0 / np.sqrt(np.where(kept, values, 1.0)), 0.0)
    return np.asarray((vectors * power[:, None, :]) @ np.swapaxes(vectors, 1, 2))
