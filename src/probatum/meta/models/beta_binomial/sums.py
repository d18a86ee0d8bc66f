"""Sums over r = 0 .. m - 1 of smooth functions, from few values.

The first terms are added one by one. Every later block, from 2^j to 2^(j+1), takes the Gauss rule
of its own points: nodes and weights are the eigenvalues and vectors of the recurrence of the Gram
polynomials (Golub GH, Welsch JH, 1969, Mathematics of Computation 23, 221-230), exact for
polynomials of degree 23. Functions like log(c + r g) with c, g >= 0 are singular no nearer than 0,
a block's length from its begin, so that what is missed is 3 + sqrt(8) to the power of -24.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from probatum.meta.types import Floats

ONE_BY_ONE = 16
NODES = 12


@lru_cache(maxsize=4096)
def rule(m: int) -> tuple[Floats, Floats]:
    """Nodes and weights for sums over 0 .. m - 1."""
    nodes = [np.arange(min(m, ONE_BY_ONE), dtype=np.float64)]
    weights = [np.ones(len(nodes[0]))]
    begin = ONE_BY_ONE
    while begin < m:
        size = min(begin, m - begin)
        at, w = _block(size)
        nodes.append(begin + at)
        weights.append(w)
        begin *= 2
    return np.concatenate(nodes), np.concatenate(weights)


@lru_cache(maxsize=4096)
def _block(size: int) -> tuple[Floats, Floats]:
    if size <= NODES:
        return np.arange(size, dtype=np.float64), np.ones(size)
    i = np.arange(1, NODES, dtype=np.float64)
    off = np.sqrt(i**2 * (float(size) ** 2 - i**2) / (4 * (4 * i**2 - 1)))
    at, vectors = np.linalg.eigh(np.diag(off, 1) + np.diag(off, -1))
    return at + (size - 1) / 2, size * vectors[0] ** 2


class LogSums:
    """Sum over r < m_i of log((c_i + r g_i) / (f_i (r + 1))), for k rows, with derivatives."""

    def __init__(self, m: Floats) -> None:
        rules = [rule(int(one)) for one in m]
        self.k = len(m)
        self.of = np.repeat(np.arange(self.k), [len(at) for at, _ in rules])
        self.r = np.concatenate([at for at, _ in rules])
        self.w = np.concatenate([w for _, w in rules])

    def at(self, c: Floats, g: Floats, f: Floats) -> Floats:
        """Value, and derivatives by c, g, cc, cg, gg: shape (6, k)."""
        x = c[self.of] + self.r * g[self.of]
        t, s = self.w / x, self.r / x
        value = self.w * np.log(x / (f[self.of] * (self.r + 1)))
        parts = (value, t, t * self.r, -t / x, -t * s, -t * self.r * s)
        return np.stack([np.bincount(self.of, part, self.k) for part in parts])
