"""`pool_many`: thousands of meta-analyses in one call, vectorised over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta.design import column
from probatum.meta.heterogeneity import heterogeneity
from probatum.meta.inference import check_level, check_test, infer
from probatum.meta.kernel import Batch, pad, padded
from probatum.meta.tau2 import STATUS, Tau2Method, tau2_method
from probatum.meta.types import Bools, Floats

_COLUMNS = ("beta", "se", "ci_lb", "ci_ub", "pval", "tau2", "I2", "QE")
# rows x columns of padded data handled at once: about a second-level cache
_CELLS = 40_000


@dataclass(frozen=True, slots=True, eq=False)
class PooledMany:
    """One row per meta-analysis, in order of first appearance.

    Attributes
    ----------
    key : ndarray
        The group's value in `by`, or its position.
    beta, se, ci_lb, ci_ub, pval, tau2, I2, QE : ndarray, shape (B,)
        As in `MetaFit`; NaN where no row of the group can be used.
    k : ndarray of int
        Estimates used.
    converged : ndarray of bool
    """

    key: NDArray[Any]
    beta: Floats
    se: Floats
    ci_lb: Floats
    ci_ub: Floats
    pval: Floats
    tau2: Floats
    I2: Floats
    QE: Floats
    k: NDArray[np.int64]
    converged: Bools

    def __len__(self) -> int:
        return len(self.key)

    def to_dict(self) -> dict[str, list[Any]]:
        """The rows as plain columns (any data frame takes them)."""
        names = ("key", *_COLUMNS, "k", "converged")
        return {name: getattr(self, name).tolist() for name in names}


def pool_many(
    data: Any = None,
    *,
    by: Any = None,
    yi: Any = "yi",
    vi: Any = "vi",
    method: str = "REML",
    test: str = "knha",
    level: float = 95,
    weighted: bool = True,
) -> PooledMany:
    """Pool each group of estimates by itself, all groups at once.

    Parameters
    ----------
    data : mapping of columns or data frame, optional
        Where `by`, `yi` and `vi` are found when they are names.
    by : str or array of shape (n,), optional
        Which meta-analysis a row belongs to; with it `yi` and `vi` are of shape (n,).
    yi, vi : str, array, or sequence of arrays
        Without `by`: arrays of shape (B, k), one meta-analysis per row, or B arrays of any
        lengths. NaN cells are left out.
    method, test, level, weighted
        As in `pool`.

    Returns
    -------
    PooledMany
        The numbers `pool` gives for each group; a group of one estimate has test "z".

    Raises
    ------
    UnknownOption
        If `method` or `test` does not exist.
    BadInput
        If shapes differ or a variance isn't positive.

    Examples
    --------
    >>> yi, vi = [[0.1, 0.3, 0.5], [0.2, 0.2]], [[0.01, 0.02, 0.03], [0.1, 0.1]]
    >>> out = pool_many(yi=yi, vi=vi, method="DL", test="z")
    >>> out.beta.round(4).tolist(), out.k.tolist()
    ([0.2674, 0.2], [3, 2])
    """
    how, level = tau2_method(method), check_level(level)
    check_test(test)
    y, v = _column(data, yi), _column(data, vi)
    key, y, v, mask = _ragged(y, v) if by is None else _grouped(_column(data, by), y, v)
    mask = mask & np.isfinite(y) & np.isfinite(v)
    if (wrong := mask & (v <= 0)).any():
        first = key[np.flatnonzero(wrong.any(axis=1))[0]]
        raise BadInput(f"sampling variances must be positive; they are not in group {first}.")
    k = mask.sum(axis=1)
    out = {name: np.full(len(key), np.nan) for name in _COLUMNS}
    converged = np.zeros(len(key), dtype=np.bool_)
    if (mask[:, 1:] & ~mask[:, :-1]).any():
        # real cells first, so that a slice is no wider than its largest group
        order = np.argsort(~mask, axis=1, kind="stable")
        y, v = np.take_along_axis(y, order, axis=1), np.take_along_axis(v, order, axis=1)
        mask = np.take_along_axis(mask, order, axis=1)
    for rows, width, kind in _slices(k):
        batch = padded(y[rows, :width], v[rows, :width], mask[rows, :width])
        part, good = _fit(batch, how, "z" if kind == 1 else test, level, weighted)
        for name, values in part.items():
            out[name][rows] = values
        converged[rows] = good
    return PooledMany(key=key, k=k.astype(np.int64), converged=converged, **out)


def _fit(
    batch: Batch, how: Tau2Method, test: str, level: float, weighted: bool
) -> tuple[dict[str, Floats], Bools]:
    if batch.df[0] > 0:
        estimate = how.estimate(batch)
        tau2 = estimate.tau2
        good: Bools = estimate.status != STATUS.index("not converged")
    else:
        tau2 = np.zeros(len(batch.y))
        good = np.ones(len(tau2), dtype=np.bool_)
    found = infer(batch, tau2, test=test, level=level, weighted=weighted)
    spread = heterogeneity(batch, tau2, fixed=how.code == "EE")
    columns = (found.beta, found.se, found.ci_lb, found.ci_ub, found.pval)
    values = [*(c[:, 0] for c in columns), tau2, spread.I2, spread.QE]
    return dict(zip(_COLUMNS, values)), good


def _slices(k: NDArray[np.int64]) -> list[tuple[NDArray[np.int64], int, int]]:
    """Groups of like size together: (rows, width, 1 for lone estimates)."""
    order = np.argsort(k, kind="stable")
    sizes = k[order]
    out = []
    start = int(np.searchsorted(sizes, 1))
    while start < len(order):
        one = sizes[start] == 1
        stop = min(len(order), start + max(1, int(_CELLS // sizes[start])))
        if one:
            stop = min(stop, int(np.searchsorted(sizes, 2)))
        rows = order[start:stop]
        out.append((rows, int(sizes[stop - 1]), 1 if one else 0))
        start = stop
    return out


def _column(data: Any, given: Any) -> Any:
    return column(data, given) if isinstance(given, str) else given


def _ragged(y: Any, v: Any) -> tuple[NDArray[Any], Floats, Floats, Bools]:
    """Groups given as the rows of an array or as a sequence of arrays."""
    if isinstance(y, np.ndarray) and y.ndim == 2:
        ya, va = np.asarray(y, dtype=np.float64), np.asarray(v, dtype=np.float64)
        if ya.shape != va.shape:
            raise BadInput(f"yi has shape {ya.shape} and vi {va.shape}.")
        return np.arange(len(ya)), ya, va, np.ones(ya.shape, dtype=np.bool_)
    groups: Sequence[Any] = list(y)
    variances: Sequence[Any] = list(v)
    if groups and np.ndim(groups[0]) != 1:
        raise BadInput("without by=, yi holds one array per meta-analysis; or name the groups by=.")
    if [len(g) for g in groups] != [len(g) for g in variances]:
        raise BadInput("yi and vi differ in the number or the lengths of their groups.")
    ya, mask = pad(groups, np.nan)
    va, _ = pad(variances, np.nan)
    return np.arange(len(groups)), ya, va, mask


def _grouped(by: Any, y: Any, v: Any) -> tuple[NDArray[Any], Floats, Floats, Bools]:
    """Groups given by a column, in order of first appearance."""
    names = np.asarray(by)
    ya, va = np.asarray(y, dtype=np.float64), np.asarray(v, dtype=np.float64)
    if not names.shape == ya.shape == va.shape or ya.ndim != 1:
        raise BadInput(f"by, yi and vi differ in shape: {names.shape}, {ya.shape}, {va.shape}.")
    group, key = _codes(names)
    size = np.bincount(group, minlength=len(key))
    order = np.argsort(group, kind="stable")
    begin = np.cumsum(size) - size
    place = np.arange(len(order)) - np.repeat(begin, size)
    shape = (len(key), int(size.max()) if len(size) else 0)
    wide_y, wide_v = np.full(shape, np.nan), np.full(shape, np.nan)
    wide_y[group[order], place], wide_v[group[order], place] = ya[order], va[order]
    return key, wide_y, wide_v, np.arange(shape[1])[None, :] < size[:, None]


def _codes(names: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Number the groups by first appearance."""
    if names.dtype == object:
        seen: dict[Any, int] = {}
        codes = np.array([seen.setdefault(n, len(seen)) for n in names.tolist()], dtype=np.int64)
        return codes, np.array(list(seen), dtype=object)
    key, first, inverse = np.unique(names, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return rank[inverse].astype(np.int64), key[np.argsort(first)]
