"""Many meta-analyses as one array: rows of an array, ragged lists, or groups named by a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta.columns import column, floats, listed, plain, same_index
from probatum.meta.kernel import TOO_FAR, comparable
from probatum.meta.types import Floats

Rows = NDArray[np.int64]


class Groups(NamedTuple):
    """All estimates, one group after the other: `size` of them for each `key`.

    Attributes
    ----------
    key, size : ndarray, shape (B,)
    y, v : ndarray, shape (n,)
    a : ndarray, shape (n,), or None
        Weights of the means, where they are not the models' own.
    """

    key: NDArray[Any]
    size: Rows
    y: Floats
    v: Floats
    a: Floats | None = None

    def begin(self) -> Rows:
        """Where each group begins."""
        return np.cumsum(self.size) - self.size


def gather(data: Any, by: Any, columns: Mapping[str, Any]) -> Groups:
    """The groups that `columns` (yi, vi, perhaps weights) hold; see `pool_many`.

    Raises
    ------
    BadInput
        If they differ in shape.
    """
    values = {name: _column(data, given) for name, given in columns.items()}
    return _ragged(values) if by is None else _grouped(_column(data, by), values)


def usable(groups: Groups) -> Groups:
    """The groups without their missing cells.

    Raises
    ------
    BadInput
        If a variance or a weight isn't positive, or numbers of a group are too far apart in size.
    """
    key, size, y, v, a = groups
    if not len(y) or (a is None and comparable(y, v)):
        return groups
    known = np.isfinite(y) & np.isfinite(v)
    ends = np.cumsum(size)
    if a is not None:
        known &= ~np.isnan(a)
        if len(wrong := np.flatnonzero(known & ~((a > 0.0) & np.isfinite(a)))):
            raise BadInput(
                f"weights must be positive and finite; they are not in group "
                f"{_group_of(wrong[0], key, ends)}."
            )
    if np.count_nonzero(known & (v > 0.0)) < len(y):
        if len(wrong := np.flatnonzero(known & (v <= 0.0))):
            first = _group_of(wrong[0], key, ends)
            raise BadInput(f"sampling variances must be positive; they are not in group {first}.")
        left = np.concatenate(([0], np.cumsum(known)))
        part = None if a is None else a[known]
        groups = Groups(key, left[ends] - left[ends - size], y[known], v[known], part)
    _check_sizes(groups)
    if groups.a is None:
        return groups
    some = groups.size > 0
    most = np.maximum.reduceat(groups.a, groups.begin()[some]) if some.any() else groups.a
    return groups._replace(a=groups.a / np.repeat(most, groups.size[some]))


def _group_of(row: Any, key: NDArray[Any], ends: Rows) -> Any:
    return key[np.searchsorted(ends, row, side="right")]


def _check_sizes(groups: Groups) -> None:
    # all together they may well be further apart than those of any group
    if not len(groups.y) or comparable(groups.y, groups.v):
        return
    some = np.flatnonzero(groups.size > 0)
    for i, first in zip(some, groups.begin()[some]):
        rows = slice(first, first + groups.size[i])
        if not comparable(groups.y[rows], groups.v[rows]):
            raise BadInput(f"the estimates and variances of group {groups.key[i]} {TOO_FAR}")


def _column(data: Any, given: Any) -> Any:
    return column(data, given) if isinstance(given, str) else given


def _ragged(values: Mapping[str, Any]) -> Groups:
    """Groups given as the rows of an array or as a sequence of arrays."""
    yi = values["yi"]
    if isinstance(yi, np.ndarray) and yi.ndim == 2:
        arrays = {name: floats(x, name) for name, x in values.items()}
        if len({x.shape for x in arrays.values()}) > 1:
            told = ", ".join(f"{name} {x.shape}" for name, x in arrays.items())
            raise BadInput(f"arrays differ in shape: {told}.")
        size = np.full(len(yi), yi.shape[1], dtype=np.int64)
        return Groups(np.arange(len(yi)), size, *(x.ravel() for x in arrays.values()))
    lists: dict[str, Sequence[Any]] = {name: listed(x, name) for name, x in values.items()}
    if lists["yi"] and np.ndim(lists["yi"][0]) != 1:
        raise BadInput("without by=, yi holds one array per meta-analysis; or name the groups by=.")
    sizes = [len(g) for g in lists["yi"]]
    for name, groups in lists.items():
        if sizes != [len(g) for g in groups]:
            raise BadInput(f"yi and {name} differ in the number or the lengths of their groups.")
    flat = (
        np.concatenate([np.empty(0), *(floats(x, name) for x in part)])
        for name, part in lists.items()
    )
    return Groups(np.arange(len(sizes)), np.array(sizes, dtype=np.int64), *flat)


def _grouped(by: Any, values: Mapping[str, Any]) -> Groups:
    """Groups given by a column, in order of first appearance."""
    same_index(by=by, **values)
    names, arrays = np.asarray(plain(by)), [floats(x, name) for name, x in values.items()]
    n = len(arrays[0]) if arrays[0].ndim else 0
    if any(x.shape != names.shape for x in arrays) or names.ndim != 1:
        told = ", ".join(f"{name} {x.shape}" for name, x in zip(values, arrays))
        raise BadInput(f"columns differ in shape: by {names.shape}, {told}.")
    start = np.flatnonzero(np.concatenate((np.ones(min(1, n), bool), names[1:] != names[:-1])))
    code, key = _codes(names[start])
    size = np.diff(np.concatenate((start, [n])))
    if len(key) == len(start):  # each group stands together: nothing to sort
        return Groups(key, size, *arrays)
    group = np.repeat(code, size)
    order = np.argsort(group, kind="stable")
    return Groups(key, np.bincount(group, minlength=len(key)), *(x[order] for x in arrays))


def _codes(names: NDArray[Any]) -> tuple[Rows, NDArray[Any]]:
    """Number the groups by first appearance."""
    if names.dtype == object:
        seen: dict[Any, int] = {}
        codes = np.array([seen.setdefault(n, len(seen)) for n in names.tolist()], dtype=np.int64)
        return codes, np.array(list(seen), dtype=object)
    key, first, inverse = np.unique(names, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return rank[inverse].astype(np.int64), key[np.argsort(first)]
