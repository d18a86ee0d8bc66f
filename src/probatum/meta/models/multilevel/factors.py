"""Grouping factors and inner variables: from columns to integer codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta.columns import column, plain
from probatum.meta.types import Bools, EffectSizes

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """A grouping of rows.

    Attributes
    ----------
    codes : ndarray of int, shape (k,)
        Which of the levels each row has.
    levels : tuple
        In sorted order.
    """

    codes: Ints
    levels: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.levels)


def values_of(name: str, data: Any, es: EffectSizes) -> NDArray[Any]:
    """The column `name` of the table; `slab` and `cluster` of the estimates where it has none.

    Raises
    ------
    BadInput
        If there is no such column, or its length is not that of the estimates.
    """
    own = {"slab": es.slab, "cluster": es.cluster}.get(name)
    if own is not None and (data is None or name not in list(getattr(data, "columns", data))):
        values: Any = own
    else:
        values = column(data, name)
    array = np.asarray(plain(values))
    if array.dtype.kind in "US":
        array = array.astype(object)
    if array.shape != (len(es),):
        raise BadInput(f'"{name}" has {array.shape} values; there are {len(es)} estimates.')
    return array


def present(values: NDArray[Any]) -> Bools:
    """Which values are not missing (None, NaN, blank text)."""
    if values.dtype.kind in "iub":
        return np.ones(len(values), dtype=np.bool_)
    if values.dtype.kind == "f":
        out: Bools = ~np.isnan(values)
        return out
    return np.array([not _missing(x) for x in values.tolist()], dtype=np.bool_)


def _missing(x: Any) -> bool:
    if x is None or type(x).__name__ in ("NAType", "NaTType"):
        return True
    return bool(x != x) or (isinstance(x, str) and not x.strip())


def factor(values: NDArray[Any]) -> Factor:
    """Codes of the distinct values, none of which may be missing."""
    if values.dtype.kind in "iufb":
        levels, codes = np.unique(values, return_inverse=True)
        return Factor(codes.astype(np.int64), tuple(levels.tolist()))
    listed = values.tolist()
    distinct = list(dict.fromkeys(listed))
    try:
        distinct.sort()
    except TypeError:  # numbers and text together
        distinct.sort(key=str)
    place = {x: i for i, x in enumerate(distinct)}
    return Factor(np.array([place[x] for x in listed], dtype=np.int64), tuple(distinct))


def combined(parts: Sequence[Factor]) -> Factor:
    """The combinations that occur, in the order of the first factor, then the second, ..."""
    if len(parts) == 1:
        return parts[0]
    codes = np.zeros(len(parts[0].codes), dtype=np.int64)
    for part in parts:
        _, codes = np.unique(codes * len(part) + part.codes, return_inverse=True)
        codes = codes.astype(np.int64)
    first = np.empty(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    named = [list(map(str, p.levels)) for p in parts]
    columns = [[names[i] for i in p.codes[first].tolist()] for names, p in zip(named, parts)]
    return Factor(codes, tuple(map("/".join, zip(*columns))))
