"""Covariance with crossed or related effects, as a small dense border around blocks.

M = M0 + Z L L'Z', where M0 is made of small blocks and the q columns of Z are the levels of the
terms that would join them (crossed factors, relatives). With Q = L (I + L'Z'M0^-1 Z L)^-1 L',
M^-1 = M0^-1 - M0^-1 Z Q Z'M0^-1 (Henderson CR, Searle SR, 1981, SIAM Review 23, 53-60, eq. 19), so
that nothing larger than q by q is factored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from probatum.meta.models.multilevel.blockwise import Blockwise
from probatum.meta.models.multilevel.effects import AnyEffect, Effect
from probatum.meta.models.multilevel.factors import Ints
from probatum.meta.models.multilevel.sampling import Sampling
from probatum.meta.types import Floats


class Bordered:
    """A blockwise layout of some terms, with the others as its border.

    Attributes
    ----------
    order : ndarray of int, shape (k,)
        Which row is at each place.
    """

    def __init__(self, V: Sampling, effects: Sequence[AnyEffect], border: Sequence[int]) -> None:
        self.base = Blockwise(V, [e for i, e in enumerate(effects) if i not in border])
        self.order = self.base.order
        start = 0
        self.at_base: list[int] = []
        self.at_border: list[int] = []
        self.where: list[tuple[bool, int]] = []  # per term: whether in the border, and its place
        self.codes: list[Ints] = []
        self.roots: list[Floats | None] = []
        self.offsets, self.q = [0], 0
        for i, e in enumerate(effects):
            stop = start + len(e.parameters)
            if i in border and isinstance(e, Effect):
                self.where.append((True, len(self.codes)))
                self.at_border.append(start)
                self._add(e)
            else:
                self.where.append((False, i - len(self.codes)))
                self.at_base += range(start, stop)
            start = stop
        self.parameters = start
        self.joint = [c + o for c, o in zip(self.codes, self.offsets)]

    def _add(self, effect: Effect) -> None:
        levels = int(effect.outer.max(initial=-1)) + 1
        relation = effect.relation
        if relation is not None:
            levels = len(relation)
        self.codes.append(effect.outer[self.order])
        self.roots.append(None if relation is None else _root(relation))
        self.q += levels
        self.offsets.append(self.q)

    def spread(self, u: Floats) -> Floats:
        """Z u, for u of shape (q, r)."""
        out: Floats = np.zeros((len(self.order), u.shape[1]))
        for joint in self.joint:
            out += u[joint]
        return out

    def gather(self, B: Floats) -> Floats:
        """Z' B, shape (q, r)."""
        out = np.zeros((self.q, B.shape[1]))
        for joint in self.joint:
            for j in range(B.shape[1]):
                out[:, j] += np.bincount(joint, B[:, j], minlength=self.q)
        return out

    def part(self, term: int) -> slice:
        """Where a border term's levels are."""
        return slice(self.offsets[term], self.offsets[term + 1])

    def scaled(self, term: int, u: Floats) -> Floats:
        """R u for a border term's known correlation R."""
        root = self.roots[term]
        return u if root is None else np.asarray(root @ (root.T @ u))

    def at(self, theta: Floats) -> BorderedAt:
        """The covariance with these parameters."""
        return BorderedAt(self, theta)


class BorderedAt:
    """M at given parameters; see `Covariance` for what the methods give."""

    def __init__(self, layout: Bordered, theta: Floats) -> None:
        self.layout, self.theta = layout, theta
        self.base = layout.base.at(theta[layout.at_base])
        self.inverses = self.base.inverses()
        self.variances = theta[layout.at_border]
        self.K = self._crossed()
        self.L = np.zeros((layout.q, layout.q))
        for t, root in enumerate(layout.roots):
            mine = layout.part(t)
            own = np.eye(mine.stop - mine.start) if root is None else root
            self.L[mine, mine] = np.sqrt(self.variances[t]) * own
        inner = np.eye(layout.q) + self.L.T @ self.K @ self.L
        self._S = cho_factor(inner, lower=True)
        logs = np.log(np.diagonal(self._S[0]))
        self.logdet = self.base.logdet + 2.0 * float(np.sum(logs))
        self.Q = self.L @ cho_solve(self._S, self.L.T)

    def _blocks(self, joint: Ints) -> list[Ints]:
        return [joint[b.place].reshape(b.n, b.m) for b in self.layout.base.batches]

    def _crossed(self) -> Floats:
        """Z'M0^-1 Z."""
        q = self.layout.q
        out = np.zeros(q * q)
        each = [self._blocks(joint) for joint in self.layout.joint]
        for one in each:
            for other in each:
                for inverse, a, b in zip(self.inverses, one, other):
                    pairs = a[:, :, None] * q + b[:, None, :]
                    out += np.bincount(pairs.ravel(), inverse.ravel(), minlength=q * q)
        return out.reshape(q, q)

    def _between(self) -> list[Floats]:
        """Z Q Z' within each block, shape (n, m, m) per batch."""
        each = [self._blocks(joint) for joint in self.layout.joint]
        out = [np.zeros_like(inverse) for inverse in self.inverses]
        for one in each:
            for other in each:
                for i, (a, b) in enumerate(zip(one, other)):
                    out[i] += self.Q[a[:, :, None], b[:, None, :]]
        return out

    def whiten(self, B: Floats) -> Floats:
        """T B, of k + q rows: the residuals of a regression on the border's effects."""
        white = self.base.whiten(B)
        u = cho_solve(self._S, self.L.T @ self.layout.gather(self.base.unwhiten(white)))
        return np.vstack([white - self.base.whiten(self.layout.spread(self.L @ u)), -u])

    def unwhiten(self, W: Floats) -> Floats:
        """T' W."""
        k = len(self.layout.order)
        back = self.base.unwhiten(W[:k])
        u = cho_solve(self._S, self.L.T @ self.layout.gather(back) + W[k:])
        along = self.layout.spread(self.L @ u)
        return np.asarray(back - self.base.unwhiten(self.base.whiten(along)))

    def products(self, b: Floats) -> Floats:
        """dM b for each parameter, shape (k, q)."""
        out = np.empty((len(b), self.layout.parameters))
        out[:, self.layout.at_base] = self.base.products(b)
        gathered = self.layout.gather(b[:, None])
        for t, i in enumerate(self.layout.at_border):
            mine = self.layout.part(t)
            out[:, i] = self.layout.scaled(t, gathered[mine])[self.layout.codes[t], 0]
        return out

    def quadratics(self, B: Floats) -> Floats:
        """Diagonal of B' dM B for each parameter, shape (q, r)."""
        out = np.empty((self.layout.parameters, B.shape[1]))
        out[self.layout.at_base] = self.base.quadratics(B)
        gathered = self.layout.gather(B)
        for t, i in enumerate(self.layout.at_border):
            u = gathered[self.layout.part(t)]
            out[i] = np.sum(u * self.layout.scaled(t, u), axis=0)
        return out

    def traces(self) -> Floats:
        """Trace of M^-1 dM for each parameter."""
        out = np.empty(self.layout.parameters)
        own = self.base.traces()
        for inverse, between, slopes in zip(self.inverses, self._between(), self.base.slopes()):
            middle = inverse @ between @ inverse
            own -= [np.einsum("nij,nij->", middle, d) for d in slopes]
        out[self.layout.at_base] = own
        G = self.K - self.K @ self.Q @ self.K
        for t, i in enumerate(self.layout.at_border):
            mine = self.layout.part(t)
            out[i] = np.trace(self.layout.scaled(t, G[mine, mine]))
        return out

    def effects(self, term: int, B: Floats) -> tuple[Floats, Floats, Floats]:
        """K B, and the diagonals of K M^-1 K and K, for the covariance K that a term gives."""
        in_border, place = self.layout.where[term]
        if not in_border:
            KB, middle, own = self.base.effects(place, B)
            values = [b.patterns[place].value(self.base.given[place])
                      for b in self.layout.base.batches]  # fmt: skip
            return KB, middle - self._through(values), own
        s, mine = float(self.variances[place]), self.layout.part(place)
        code = self.layout.codes[place]
        G = (self.K - self.K @ self.Q @ self.K)[mine, mine]
        RGR = self.layout.scaled(place, self.layout.scaled(place, G).T)
        R = np.diagonal(self.layout.scaled(place, np.eye(len(G))))
        KB = s * self.layout.scaled(place, self.layout.gather(B)[mine])[code]
        return KB, s * s * np.diagonal(RGR)[code], s * R[code]

    def errors(self) -> Floats:
        """Diagonal of V M^-1 V."""
        return self.base.errors() - self._through([b.V for b in self.layout.base.batches])

    def _through(self, values: Sequence[Floats]) -> Floats:
        """Diagonal of C M0^-1 Z Q Z'M0^-1 C for blocks C."""
        out = []
        for C, inverse, between in zip(values, self.inverses, self._between()):
            N = C @ inverse
            out.append(np.einsum("nij,nij->ni", N @ between, N).ravel())
        return np.concatenate(out)


def _root(relation: Floats) -> Floats:
    """A with A A' = R, for a correlation matrix that may be singular."""
    values, vectors = np.linalg.eigh(relation)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
