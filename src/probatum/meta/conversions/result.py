"""What a conversion gives: columns, and per row how it was made and on what assumption."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from probatum.errors import BadInput
from probatum.meta.columns import Unread, numbers, pick, same_index, same_length, study_labels
from probatum.meta.measures.rows import Rows
from probatum.meta.types import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Converted(Mapping[str, Floats]):
    """Columns made by a conversion; a mapping, so `effect_sizes` takes it as data.

    Attributes
    ----------
    columns : mapping of str to ndarray, shape (k,)
    notes : tuple of str
        Per row what it was computed from and what that assumes; "" where nothing was computed.
    reasons : tuple of str
        "" or why a row could not be converted.
    slab : tuple of str
        Study labels.
    """

    columns: Mapping[str, Floats]
    notes: tuple[str, ...]
    reasons: tuple[str, ...]
    slab: tuple[str, ...]

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def to_dict(self) -> dict[str, list[Any]]:
        """The rows as plain columns: ``slab``, the values, ``note``, ``reason``."""
        out: dict[str, list[Any]] = {"slab": list(self.slab)}
        out.update({name: values.tolist() for name, values in self.columns.items()})
        return out | {"note": list(self.notes), "reason": list(self.reasons)}


def read_rows(data: Any, given: Mapping[str, Any]) -> Rows:
    """Read the arguments that were given: names of columns of `data`, or values.

    Raises
    ------
    BadInput
        If none was given, a column is missing, not numeric, or of another length.
    """
    named = {name: value for name, value in given.items() if value is not None}
    if not named:
        raise BadInput(f"nothing to convert: give some of {', '.join(given)}")
    columns: dict[str, Floats] = {}
    unread: dict[str, Unread] = {}
    same_index(**named)
    for name, value in named.items():
        what = f'{name} (column "{value}")' if isinstance(value, str) else name
        columns[name], unread[name] = numbers(pick(data, name, value), what)
    single = {name for name, value in named.items() if _is_one(data, value)}
    rows = Rows(same_length(columns, single), unread)
    for name in given:
        if name not in rows:
            rows.cells[name] = np.full(rows.k, np.nan)
    return rows


def _is_one(data: Any, value: Any) -> bool:
    return not isinstance(value, str) and np.ndim(value) == 0


def labels(data: Any, slab: Any, rows: Rows) -> tuple[str, ...]:
    """Study labels of the rows."""
    return study_labels(data, slab, rows.k)


def written(value: float) -> str:
    """A number for a note, short."""
    return f"{value:g}"
