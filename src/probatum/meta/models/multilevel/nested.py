"""Covariance of nested random intercepts with independent sampling errors, in O(k).

M = diag(v) + sum over levels of s Z Z', each level's groups being parts of the next coarser
one's. With T such that T'T is the inverse of M, T is a product of one simple factor per level:
if T already whitens the finer levels and u is the whitened vector of ones, a group of the next
level adds s u u' to the identity, whose inverse root is I + f u u' with
f = (1 / sqrt(1 + s u'u) - 1) / u'u.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from probatum.meta.models.multilevel.factors import Ints
from probatum.meta.types import Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """A factor whose groups are runs of rows: where they start, how long they are."""

    term: int
    starts: Ints
    sizes: Ints
    parent: Ints  # index of each group's group at the next coarser level

    def sums(self, B: Floats) -> Floats:
        """Sums of the rows of each group."""
        return np.asarray(np.add.reduceat(B, self.starts, axis=0))


def is_nested(codes: Sequence[Ints]) -> bool:
    """Whether the factors, sorted by their number of levels, are parts of one another."""
    ranked = sorted(codes, key=lambda c: int(c.max(initial=-1)))
    for coarse, fine in pairwise(ranked):
        of = np.full(int(fine.max(initial=-1)) + 1, -1, dtype=np.int64)
        of[fine] = coarse
        if not np.array_equal(of[fine], coarse):
            return False
    return True


class Nested:
    """Rows sorted so that every group is a run.

    Attributes
    ----------
    order : ndarray of int, shape (k,)
        Which row is at each place.
    """

    def __init__(self, v: Floats, codes: Sequence[Ints]) -> None:
        k, self.terms = len(v), len(codes)
        ranked = sorted(range(len(codes)), key=lambda t: int(codes[t].max(initial=-1)))
        keys = [codes[t] for t in reversed(ranked)]
        self.order: Ints = np.lexsort(keys).astype(np.int64) if keys else np.arange(k)
        self.v = v[self.order]
        self.rowwise: list[int] = []
        self.levels: list[_Level] = []
        starts = np.zeros(1, dtype=np.int64)
        for t in ranked:
            c = codes[t][self.order]
            here = np.concatenate([[0], np.flatnonzero(np.diff(c)) + 1]).astype(np.int64)
            if len(here) == k:
                self.rowwise.append(t)
                continue
            parent = np.searchsorted(starts, here, side="right") - 1
            sizes = np.diff(np.concatenate([here, [k]]))
            self.levels.append(_Level(t, here, sizes, parent))
            starts = here
        last = self.levels[-1] if self.levels else None
        self.of_row = None if last is None else np.repeat(np.arange(len(last.sizes)), last.sizes)

    def at(self, theta: Floats) -> NestedAt:
        """The covariance with these variances, one per term."""
        return NestedAt(self, theta)


class NestedAt:
    """M = T^-1 T'^-1 at given variances; see `Covariance` for what the methods give."""

    def __init__(self, layout: Nested, theta: Floats) -> None:
        self.layout, self.theta = layout, theta
        total = layout.v + sum(theta[t] for t in layout.rowwise)
        self.root = 1.0 / np.sqrt(total)
        self.total = total
        self.logdet = float(np.add.reduce(np.log(total)))
        self.steps: list[tuple[_Level, Floats, Floats, Floats]] = []  # fine to coarse
        u = self.root
        for level in reversed(layout.levels):
            s = float(theta[level.term])
            a = level.sums(u * u)
            root = np.sqrt(1.0 + s * a)
            self.steps.append((level, u, -s / (root * (1.0 + root)), a))
            if s > 0.0:
                self.logdet += 2.0 * float(np.add.reduce(np.log(root)))
                u = u / np.repeat(root, level.sizes)

    def whiten(self, B: Floats) -> Floats:
        """T B."""
        out: Floats = self.root[:, None] * B
        for level, u, f, _ in self.steps:
            if self.theta[level.term] > 0.0:
                _fold(out, level, u, f)
        return out

    def unwhiten(self, W: Floats) -> Floats:
        """T' W."""
        out = W.copy()
        for level, u, f, _ in reversed(self.steps):
            if self.theta[level.term] > 0.0:
                _fold(out, level, u, f)
        out *= self.root[:, None]
        return out

    def products(self, b: Floats) -> Floats:
        """Z Z' b of each term, shape (k, terms)."""
        out = np.empty((len(b), self.layout.terms))
        for level in self.layout.levels:
            out[:, level.term] = np.repeat(level.sums(b), level.sizes)
        for t in self.layout.rowwise:
            out[:, t] = b
        return out

    def quadratics(self, B: Floats) -> Floats:
        """Diagonal of B'ZZ'B of each term, shape (terms, r)."""
        out = np.empty((self.layout.terms, B.shape[1]))
        for level in self.layout.levels:
            sums = level.sums(B)
            out[level.term] = np.einsum("gr,gr->r", sums, sums)
        for t in self.layout.rowwise:
            out[t] = np.einsum("kr,kr->r", B, B)
        return out

    def traces(self) -> Floats:
        """Trace of M^-1 Z Z' of each term."""
        out = np.empty(self.layout.terms)
        for t, sums in self._downwards[0]:
            out[t] = np.add.reduce(sums)
        return out

    def effects(self, term: int, B: Floats) -> tuple[Floats, Floats, Floats]:
        """K B, and the diagonals of K M^-1 K and K, for the covariance K that a term gives."""
        s = float(self.theta[term])
        own = np.full(len(B), s)
        inverse = dict(self._downwards[0])[term]
        for level in self.layout.levels:
            if level.term == term:
                sums = np.repeat(level.sums(B), level.sizes, axis=0)
                return s * sums, s * s * np.repeat(inverse, level.sizes), own
        return s * B, s * s * inverse, own

    def errors(self) -> Floats:
        """Diagonal of V M^-1 V."""
        return np.asarray(self.layout.v**2 * self._downwards[1])

    @cached_property
    def _downwards(self) -> tuple[list[tuple[int, Floats]], Floats]:
        """1'M^-1 1 over each group, per term, and the diagonal of M^-1.

        Within a group, M^-1 is that of the finer levels less c times the outer product of its row
        sums; c runs down from the coarsest level.
        """
        out: list[tuple[int, Floats]] = []
        c: Floats = np.zeros(1)
        for level, _, _, a in reversed(self.steps):
            s = float(self.theta[level.term])
            above, grown = c[level.parent], 1.0 + s * a
            own = a / grown
            out.append((level.term, own - above * own * own))
            c = s / grown + above / (grown * grown)
        above = c[0] if self.layout.of_row is None else c[self.layout.of_row]
        own = 1.0 / self.total
        diagonal = own - above * own * own
        return out + [(t, diagonal) for t in self.layout.rowwise], diagonal


def _fold(B: Floats, level: _Level, u: Floats, f: Floats) -> None:
    """B + f u u'B within each group, in place."""
    along = f[:, None] * level.sums(u[:, None] * B)
    B += u[:, None] * np.repeat(along, level.sizes, axis=0)
