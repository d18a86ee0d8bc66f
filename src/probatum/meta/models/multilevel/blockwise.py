"""Covariance of any random effects and any V, as batches of blocks of equal size.

Rows that share a level of a factor, or a sampling covariance, belong to one block: a connected
component. Blocks of the same size are factored together, so the cost is the sum of their cubes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from probatum.errors import BadInput
from probatum.meta.models.multilevel.effects import AnyEffect, Effect, Pattern
from probatum.meta.models.multilevel.factors import Ints
from probatum.meta.models.multilevel.sampling import Sampling, by_size, components
from probatum.meta.types import Floats

_MOST = 2.0e8  # numbers in all blocks together: 1.6 GB


def linked(effects: Sequence[AnyEffect], V: Sampling) -> Ints:
    """The block of each row."""
    k = len(V.v)
    first, second = [], []
    for c in V.correlated:
        first.append(np.repeat(c.rows[:, 0], c.rows.shape[1]))
        second.append(c.rows.ravel())
    for effect in effects:
        codes = effect.outer
        if isinstance(effect, Effect) and effect.relation is not None:
            one, other = np.nonzero(effect.relation)
            codes = components(one, other, len(effect.relation))[codes]
        head = np.empty(int(codes.max(initial=-1)) + 1, dtype=np.int64)
        head[codes] = np.arange(k)
        first.append(head[codes])
        second.append(np.arange(k))
    if not first:
        return np.arange(k)
    return components(np.concatenate(first), np.concatenate(second), k)


class _Batch:
    """Blocks of one size: rows start to stop of the working order, as (n, m)."""

    def __init__(self, start: int, rows: Ints, patterns: list[Pattern], v: Floats) -> None:
        self.n, self.m = rows.shape
        self.place = slice(start, start + rows.size)
        self.V = np.zeros((self.n, self.m, self.m))
        diagonal = np.arange(self.m)
        self.V[:, diagonal, diagonal] = v[rows]
        self.patterns = patterns

    def covariance(self, given: Sequence[Floats]) -> Floats:
        """V + sum of the terms, shape (n, m, m)."""
        M = self.V.copy()
        for pattern, theta in zip(self.patterns, given):
            M += pattern.value(theta)
        return M

    def slopes(self, given: Sequence[Floats]) -> list[Floats]:
        """Derivative of M by each parameter, shape (n, m, m) each."""
        return [d for pattern, t in zip(self.patterns, given) for d in pattern.slopes(t)]


class Blockwise:
    """Rows in the order of their blocks.

    Attributes
    ----------
    order : ndarray of int, shape (k,)
        Which row is at each place.
    """

    def __init__(self, V: Sampling, effects: Sequence[AnyEffect]) -> None:
        self._cuts = np.cumsum([len(e.parameters) for e in effects])[:-1]
        rows = by_size(linked(effects, V))
        size = sum(float(r.shape[0]) * r.shape[1] ** 2 for r in rows)
        if size > _MOST:
            raise BadInput(
                f"the random effects link up to {rows[-1].shape[1]} estimates with one another, "
                f"which needs {size * 8e-9:.1f} GB. Leave out the term that links them."
            )
        self.order: Ints = np.concatenate([r.ravel() for r in rows])
        place = np.empty(len(self.order), dtype=np.int64)
        place[self.order] = np.arange(len(self.order))
        self.batches: list[_Batch] = []
        start = 0
        for r in rows:
            self.batches.append(_Batch(start, r, [e.pattern(r) for e in effects], V.v))
            start += r.size
        for c in V.correlated:
            self._correlate(place[c.rows], c.matrix)

    def _correlate(self, places: Ints, matrix: Floats) -> None:
        """Put sampling covariances where they belong (rows of one block are in one batch)."""
        for batch in self.batches:
            mine = (places[:, 0] >= batch.place.start) & (places[:, 0] < batch.place.stop)
            at = places[mine] - batch.place.start
            block, row = at // batch.m, at % batch.m
            batch.V[block[:, :, None], row[:, :, None], row[:, None, :]] = matrix[mine]

    def at(self, theta: Floats) -> BlockwiseAt:
        """The covariance with these parameters."""
        return BlockwiseAt(self, np.split(theta, self._cuts))


class BlockwiseAt:
    """M = T^-1 T'^-1 at given parameters, T the inverse Cholesky factors."""

    def __init__(self, layout: Blockwise, given: Sequence[Floats]) -> None:
        self.layout, self.given = layout, given
        self.inverse_roots: list[Floats] = []
        self.logdet = 0.0
        for batch in layout.batches:
            root = np.asarray(np.linalg.cholesky(batch.covariance(given)), dtype=np.float64)
            diagonal = np.diagonal(root, axis1=1, axis2=2)
            self.logdet += 2.0 * float(np.sum(np.log(diagonal)))
            self.inverse_roots.append(_inverted(root))
        self._slopes: list[list[Floats]] | None = None

    def _each(self, B: Floats) -> list[Floats]:
        """B cut into batches, shape (n, m, r) each."""
        return [B[b.place].reshape(b.n, b.m, -1) for b in self.layout.batches]

    def whiten(self, B: Floats) -> Floats:
        """T B."""
        parts = [T @ part for T, part in zip(self.inverse_roots, self._each(B))]
        return _joined(parts, B.shape[1])

    def unwhiten(self, W: Floats) -> Floats:
        """T' W."""
        parts = [np.swapaxes(T, 1, 2) @ w for T, w in zip(self.inverse_roots, self._each(W))]
        return _joined(parts, W.shape[1])

    def slopes(self) -> list[list[Floats]]:
        """Derivatives of M: for each batch, one array per parameter."""
        if self._slopes is None:
            self._slopes = [b.slopes(self.given) for b in self.layout.batches]
        return self._slopes

    def products(self, b: Floats) -> Floats:
        """dM b for each parameter, shape (k, q)."""
        parts = []
        for slopes, part in zip(self.slopes(), self._each(b[:, None])):
            columns = [(d @ part)[:, :, 0] for d in slopes]
            parts.append(np.stack(columns, axis=2) if columns else np.zeros((*part.shape[:2], 0)))
        return _joined(parts, parts[0].shape[2])

    def quadratics(self, B: Floats) -> Floats:
        """Diagonal of B' dM B for each parameter, shape (q, r)."""
        out = np.zeros((len(self.slopes()[0]), B.shape[1]))
        for slopes, part in zip(self.slopes(), self._each(B)):
            for i, d in enumerate(slopes):
                out[i] += np.einsum("nmr,nmr->r", part, d @ part)
        return out

    def inverses(self) -> list[Floats]:
        """Inverse of each block, shape (n, m, m) per batch."""
        return [np.swapaxes(T, 1, 2) @ T for T in self.inverse_roots]

    def traces(self) -> Floats:
        """Trace of M^-1 dM for each parameter."""
        out = np.zeros(len(self.slopes()[0]))
        for inverse, slopes in zip(self.inverses(), self.slopes()):
            out += [np.einsum("nij,nij->", inverse, d) for d in slopes]
        return out

    def effects(self, term: int, B: Floats) -> tuple[Floats, Floats, Floats]:
        """K B, and the diagonals of K M^-1 K and K, for the covariance K that a term gives."""
        KB, middle, own = [], [], []
        for batch, T, part in zip(self.layout.batches, self.inverse_roots, self._each(B)):
            K = batch.patterns[term].value(self.given[term])
            TK = T @ K
            KB.append(K @ part)
            middle.append(np.einsum("nij,nij->nj", TK, TK).ravel())
            own.append(np.diagonal(K, axis1=1, axis2=2).ravel())
        return _joined(KB, B.shape[1]), np.concatenate(middle), np.concatenate(own)

    def errors(self) -> Floats:
        """Diagonal of V M^-1 V."""
        whitened = [T @ b.V for b, T in zip(self.layout.batches, self.inverse_roots)]
        return np.concatenate([np.einsum("nij,nij->nj", w, w).ravel() for w in whitened])


def _inverted(root: Floats) -> Floats:
    if root.shape[-1] == 1:
        return np.asarray(1.0 / root)
    if len(root) == 1:
        from scipy.linalg import lapack

        inverse, _ = lapack.dtrtri(root[0], lower=1)
        return np.asarray(np.tril(inverse))[None]
    return np.asarray(np.linalg.inv(root))


def _joined(parts: Sequence[Floats], r: int) -> Floats:
    return np.concatenate([p.reshape(-1, r) for p in parts])
