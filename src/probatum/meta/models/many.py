"""`pool_many`: thousands of meta-analyses in one call, vectorised over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta import compiled
from probatum.meta.design import column
from probatum.meta.heterogeneity import heterogeneity
from probatum.meta.inference import Tested, by_forms, check_level, check_test, infer, mean_of
from probatum.meta.kernel import TOO_FAR, comparable, gathered
from probatum.meta.scalar import FAILED
from probatum.meta.solvers import Estimate
from probatum.meta.tau2 import Tau2Method, estimate, tau2_method
from probatum.meta.types import Bools, Floats

Rows = NDArray[np.int64]
_COLUMNS = ("beta", "se", "ci_lb", "ci_ub", "pval", "tau2", "I2", "QE")
# rows x columns of padded data handled at once: about a second-level cache
_CELLS = 60_000


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
        If shapes differ, a variance isn't positive, or numbers of a group differ by 60 orders of
        magnitude.

    Notes
    -----
    With Numba installed (``probatum[fast]``), 5,000 meta-analyses and more are searched by
    compiled code (methods ML, REML, PM and EB, `weighted`), with the same numbers. The first such
    call ever takes about two seconds longer, for compiling, which is told (to the log) and kept
    on disk; the first of a session a quarter of a second.

    Examples
    --------
    >>> yi, vi = [[0.1, 0.3, 0.5], [0.2, 0.2]], [[0.01, 0.02, 0.03], [0.1, 0.1]]
    >>> out = pool_many(yi=yi, vi=vi, method="DL", test="z")
    >>> out.beta.round(4).tolist(), out.k.tolist()
    ([0.2674, 0.2], [3, 2])
    """
    how, level = tau2_method(method), check_level(level)
    check_test(test, how.code, weighted=weighted)
    y, v = _column(data, yi), _column(data, vi)
    groups = _usable(_ragged(y, v) if by is None else _grouped(_column(data, by), y, v))
    total = len(groups.key)
    out = {name: np.full(total, np.nan) for name in _COLUMNS}
    converged = np.zeros(total, dtype=np.bool_)
    begin, left = groups.begin(), np.flatnonzero(groups.size > 0)
    direct = by_forms(test, weighted=weighted)
    if direct and how.search is not None and compiled.worthwhile(len(left)):
        done, left = np.flatnonzero(groups.size > 1), np.flatnonzero(groups.size == 1)
        size = groups.size[done]
        found, df = (
            compiled.search(groups.y, groups.v, begin[done], size, how.search),
            (size - 1).astype(np.float64),
        )
        _fill(out, done, found, mean_of(found, df, test=test, level=level)[0], df, how)
        converged[done] = found.status != FAILED
    for rows, lone in _slices(groups.size, left):
        batch = gathered(groups.y, groups.v, begin[rows], groups.size[rows])
        found, own = estimate(batch, how), "z" if lone else test
        if by_forms(own, weighted=weighted):
            fit, _ = mean_of(found, batch.df, test=own, level=level)
        else:
            _, every = infer(batch, found, test=own, level=level, weighted=weighted)
            fit = Tested(*(x[:, 0] for x in every))
        _fill(out, rows, found, fit, batch.df, how)
        converged[rows] = found.status != FAILED
    return PooledMany(key=groups.key, k=groups.size, converged=converged, **out)


class _Groups(NamedTuple):
    """All estimates, one group after the other: `size` of them for each `key`."""

    key: NDArray[Any]
    size: NDArray[np.int64]
    y: Floats
    v: Floats

    def begin(self) -> NDArray[np.int64]:
        """Where each group begins."""
        return np.cumsum(self.size) - self.size


def _usable(groups: _Groups) -> _Groups:
    """The groups without their missing cells.

    Raises
    ------
    BadInput
        If a variance isn't positive, or numbers of a group are too far apart in size.
    """
    key, size, y, v = groups
    if not len(y) or comparable(y, v):
        return groups
    known = np.isfinite(y) & np.isfinite(v)
    if np.count_nonzero(known & (v > 0.0)) < len(y):
        ends = np.cumsum(size)
        if len(wrong := np.flatnonzero(known & (v <= 0.0))):
            first = key[np.searchsorted(ends, wrong[0], side="right")]
            raise BadInput(f"sampling variances must be positive; they are not in group {first}.")
        left = np.concatenate(([0], np.cumsum(known)))
        groups = _Groups(key, left[ends] - left[ends - size], y[known], v[known])
    _check_sizes(groups)
    return groups


def _check_sizes(groups: _Groups) -> None:
    # all together they may well be further apart than those of any group
    if not len(groups.y) or comparable(groups.y, groups.v):
        return
    some = np.flatnonzero(groups.size > 0)
    for i, first in zip(some, groups.begin()[some]):
        rows = slice(first, first + groups.size[i])
        if not comparable(groups.y[rows], groups.v[rows]):
            raise BadInput(f"the estimates and variances of group {groups.key[i]} {TOO_FAR}")


def _fill(
    out: dict[str, Floats], rows: Rows, found: Estimate[Floats], fit: Tested, df: Floats,
    how: Tau2Method,
) -> None:  # fmt: skip
    apart = heterogeneity(found, df, fixed=how.code == "EE")
    values = (fit.beta, fit.se, fit.ci_lb, fit.ci_ub, fit.pval, found.tau2, apart.I2, apart.QE)
    for name, value in zip(_COLUMNS, values):
        out[name][rows] = value


def _slices(size: NDArray[np.int64], rows: Rows) -> list[tuple[Rows, bool]]:
    """Groups of like size together; and whether they are lone estimates."""
    order = rows[np.argsort(size[rows], kind="stable")]
    sorted_size = size[order]
    start = int(np.searchsorted(sorted_size, 2))
    out = [(order[:start], True)] if start else []
    while start < len(order):
        # twice, as the last group of a slice may be much larger than its first
        stop = start + max(1, _CELLS // int(sorted_size[start]))
        stop = start + max(1, _CELLS // int(sorted_size[min(stop, len(order)) - 1]))
        out.append((order[start:stop], False))
        start = stop
    return out


def _column(data: Any, given: Any) -> Any:
    return column(data, given) if isinstance(given, str) else given


def _ragged(y: Any, v: Any) -> _Groups:
    """Groups given as the rows of an array or as a sequence of arrays."""
    if isinstance(y, np.ndarray) and y.ndim == 2:
        ya, va = np.asarray(y, dtype=np.float64), np.asarray(v, dtype=np.float64)
        if ya.shape != va.shape:
            raise BadInput(f"yi has shape {ya.shape} and vi {va.shape}.")
        size = np.full(len(ya), ya.shape[1], dtype=np.int64)
        return _Groups(np.arange(len(ya)), size, ya.ravel(), va.ravel())
    groups: Sequence[Any] = list(y)
    variances: Sequence[Any] = list(v)
    if groups and np.ndim(groups[0]) != 1:
        raise BadInput("without by=, yi holds one array per meta-analysis; or name the groups by=.")
    sizes = [len(g) for g in groups]
    if sizes != [len(g) for g in variances]:
        raise BadInput("yi and vi differ in the number or the lengths of their groups.")
    flat = (np.concatenate([np.empty(0), *map(_floats, part)]) for part in (groups, variances))
    return _Groups(np.arange(len(groups)), np.array(sizes, dtype=np.int64), *flat)


def _floats(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _grouped(by: Any, y: Any, v: Any) -> _Groups:
    """Groups given by a column, in order of first appearance."""
    names, ya, va = np.asarray(by), _floats(y), _floats(v)
    if not names.shape == ya.shape == va.shape or ya.ndim != 1:
        raise BadInput(f"by, yi and vi differ in shape: {names.shape}, {ya.shape}, {va.shape}.")
    start = np.flatnonzero(
        np.concatenate((np.ones(min(1, len(ya)), bool), names[1:] != names[:-1]))
    )
    code, key = _codes(names[start])
    size = np.diff(np.concatenate((start, [len(ya)])))
    if len(key) == len(start):  # each group stands together: nothing to sort
        return _Groups(key, size, ya, va)
    group = np.repeat(code, size)
    order = np.argsort(group, kind="stable")
    return _Groups(key, np.bincount(group, minlength=len(key)), ya[order], va[order])


def _codes(names: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Number the groups by first appearance."""
    if names.dtype == object:
        seen: dict[Any, int] = {}
        codes = np.array([seen.setdefault(n, len(seen)) for n in names.tolist()], dtype=np.int64)
        return codes, np.array(list(seen), dtype=object)
    key, first, inverse = np.unique(names, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return rank[inverse].astype(np.int64), key[np.argsort(first)]
