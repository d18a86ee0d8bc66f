"""The sampling covariance V as its diagonal and the blocks that are not diagonal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from probatum.errors import BadInput
from probatum.meta.columns import floats
from probatum.meta.models.multilevel.factors import Ints
from probatum.meta.types import Bools, Floats

_LEAST = 1e-12  # smallest eigenvalue of a correlation matrix that counts as positive


@dataclass(frozen=True, slots=True, eq=False)
class Correlated:
    """Correlated of one size: their rows, shape (n, m), and covariances, shape (n, m, m)."""

    rows: Ints
    matrix: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Sampling:
    """A sampling covariance matrix of k rows.

    Attributes
    ----------
    v : ndarray, shape (k,)
        Its diagonal.
    correlated : tuple of Correlated
        Rows that are correlated with one another; no row is in two.
    """

    v: Floats
    correlated: tuple[Correlated, ...] = ()

    def take(self, kept: Bools) -> Sampling:
        """The rows that `kept` marks."""
        place = np.cumsum(kept) - 1
        out: list[Correlated] = []
        for b in self.correlated:
            whole = kept[b.rows].all(axis=1)
            if whole.any():
                out.append(Correlated(place[b.rows[whole]], b.matrix[whole]))
            rest = zip(b.rows[~whole], b.matrix[~whole])
            parts = [(r[kept[r]], m[np.ix_(kept[r], kept[r])]) for r, m in rest]
            out += grouped((place[r], m) for r, m in parts)
        return Sampling(self.v[kept], tuple(out))

    def scaled(self, unit: float) -> Sampling:
        """V / unit."""
        return Sampling(
            self.v / unit, tuple(Correlated(b.rows, b.matrix / unit) for b in self.correlated)
        )

    def times(self, B: Floats) -> Floats:
        """V B, for B of shape (k, r)."""
        out = self.v[:, None] * B
        for b in self.correlated:
            out[b.rows] = b.matrix @ B[b.rows]
        return out

    def inverse_diagonal(self) -> Floats:
        """Diagonal of the inverse of V."""
        out = 1.0 / self.v
        for b in self.correlated:
            out[b.rows] = np.diagonal(np.linalg.inv(b.matrix), axis1=1, axis2=2)
        return out


def grouped(blocks: Iterable[tuple[Ints, Floats]]) -> list[Correlated]:
    """Single blocks, put together by size; those of one row are left out."""
    by_size: dict[int, list[tuple[Ints, Floats]]] = {}
    for rows, matrix in blocks:
        by_size.setdefault(len(rows), []).append((rows, matrix))
    return [
        Correlated(np.stack([r for r, _ in some]), np.stack([m for _, m in some]))
        for size, some in sorted(by_size.items())
        if size > 1
    ]


def sampling(V: Any, k: int) -> Sampling | None:
    """V when it is a matrix or a list of blocks; None when it is a vector or a column's name.

    Parameters
    ----------
    V : array of shape (k, k), sparse matrix, or sequence of square arrays
        Correlated follow one another in the order of the rows; a number stands for a block of one.
    k : int
        Rows.

    Raises
    ------
    BadInput
        If V isn't square, symmetric or of the right size.
    """
    if V is None or isinstance(V, str):
        return None
    if hasattr(V, "tocoo"):
        coo = V.tocoo()
        _check_square(coo.shape, k)
        return _from_entries(coo.row, coo.col, coo.data, k)
    if isinstance(V, (list, tuple)) and any(np.ndim(b) == 2 for b in V):
        return _from_list(V, k)
    if np.ndim(V) != 2:
        return None
    matrix = floats(V, "V")
    _check_square(matrix.shape, k)
    first, second = np.nonzero(matrix)
    return _from_entries(first, second, matrix[first, second], k)


def _check_square(shape: tuple[int, ...], k: int) -> None:
    if shape[0] != shape[1]:
        raise BadInput(f"V is {shape[0]} by {shape[1]}; it takes a square matrix.")
    if shape[0] != k:
        raise BadInput(f"V has {shape[0]} rows; there are {k} estimates.")


def components(first: Ints, second: Ints, k: int) -> Ints:
    """Connected component of each of k nodes, given the edges between them."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(k, k))
    _, labels = connected_components(edges, directed=False)
    return np.asarray(labels, dtype=np.int64)


def by_size(labels: Ints) -> list[Ints]:
    """Rows of each label, those with equally many rows together: arrays of shape (n, m)."""
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    starts = np.concatenate([[0], cuts])
    sizes = np.diff(np.concatenate([starts, [len(labels)]]))
    out = []
    for m in np.unique(sizes):
        some = starts[sizes == m]
        out.append(np.asarray(order[some[:, None] + np.arange(m)], dtype=np.int64))
    return out


def _from_entries(first: Ints, second: Ints, values: Floats, k: int) -> Sampling:
    """From the entries of a matrix that are not 0."""
    v = np.zeros(k)
    v[first[first == second]] = values[first == second]
    off = first != second
    if not off.any():
        return Sampling(v)
    labels = components(first[off], second[off], k)
    place, block = np.zeros(k, dtype=np.int64), np.zeros(k, dtype=np.int64)
    out = []
    for rows in by_size(labels):
        n, m = rows.shape
        if m == 1:
            continue
        here = np.zeros(k, dtype=np.bool_)
        here[rows] = True
        place[rows], block[rows] = np.arange(m), np.arange(n)[:, None]
        mine = here[first]
        a, b = first[mine], second[mine]
        matrix = np.zeros((n, m, m))
        matrix[block[a], place[a], place[b]] = values[mine]
        out.append(Correlated(rows, _symmetric(matrix, rows)))
    return Sampling(v, tuple(out))


def _from_list(given: Sequence[Any], k: int) -> Sampling:
    v, single, at = [], [], 0
    for i, one in enumerate(given):
        block = np.atleast_2d(floats(one, f"block {i + 1} of V"))
        if block.ndim != 2 or block.shape[0] != block.shape[1]:
            raise BadInput(f"block {i + 1} of V has shape {np.shape(one)}; blocks are square.")
        single.append((np.arange(at, at + len(block)), block))
        v.append(np.diagonal(block))
        at += len(block)
    _check_square((at, at), k)
    blocks = tuple(Correlated(b.rows, _symmetric(b.matrix, b.rows)) for b in grouped(single))
    return Sampling(np.concatenate(v), blocks)


def _sizes(matrix: Floats) -> Floats:
    """Products of standard deviations, which covariances are measured against."""
    root = np.sqrt(np.abs(np.diagonal(matrix, axis1=1, axis2=2)))
    return np.asarray(root[:, :, None] * root[:, None, :])


def _symmetric(matrix: Floats, rows: Ints) -> Floats:
    other = np.swapaxes(matrix, 1, 2)
    wrong = np.abs(matrix - other) > 1e-8 * _sizes(matrix)
    if wrong.any():
        n, i, j = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        raise BadInput(
            f"V is not symmetric: rows {rows[n, i] + 1} and {rows[n, j] + 1} have covariances "
            f"{matrix[n, i, j]:g} and {matrix[n, j, i]:g}."
        )
    return np.asarray(0.5 * (matrix + other))


def check_definite(V: Sampling, slab: Sequence[str]) -> None:
    """Refuse a V that is not positive definite.

    Raises
    ------
    BadInput
        With the rows of the first block that fails.
    """
    for b in V.correlated:
        least = np.linalg.eigvalsh(b.matrix / _sizes(b.matrix))[:, 0]
        if (least < _LEAST).any():
            worst = int(np.argmin(least))
            rows = b.rows[worst]
            named = ", ".join(slab[i] for i in rows[:4]) + (", ..." if len(rows) > 4 else "")
            raise BadInput(
                f"V is not positive definite: the block of rows {named} has the smallest "
                f"eigenvalue {least[worst]:.2g} (as correlations). Correlations near 1, or guessed "
                "ones that contradict each other, do this: lower them, or leave out repeated rows."
            )
