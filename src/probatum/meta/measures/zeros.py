"""Zero cells: what is added, to which rows, and which rows are dropped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput, UnknownOption
from probatum.meta.measures.registry import Measure
from probatum.meta.measures.rows import Rows

Floats = NDArray[np.float64]

WHERE = ("only0", "all", "if0all", "none")


def check_options(add: object, to: str | None) -> None:
    """Refuse a correction that is no number, or a rule that does not exist.

    Raises
    ------
    BadInput, UnknownOption
    """
    if to is not None and not (isinstance(to, str) and to in WHERE):
        raise UnknownOption("to", to, WHERE)
    if add is not None and (
        isinstance(add, bool)
        or not isinstance(add, (int, float, np.integer, np.floating))
        or not np.isfinite(add)
        or add < 0
    ):
        raise BadInput(f"add is one number, 0 or more; got {add!r}")


def correct_zeros(
    rows: Rows, found: Measure, add: float | None, to: str | None, drop00: bool
) -> dict[str, Floats]:
    """Add to the counts as asked for, and give rows that are dropped a reason.

    The rules are those of metafor (Viechtbauer 2010, J Stat Softw 36(3)), pinned against it on a
    grid of sparse tables: a correction goes to all counts of a row, and a zero in an otherwise
    incomplete row counts for ``to="if0all"``.

    Returns
    -------
    dict of str to ndarray
        All cells; the given ones are left alone.
    """
    family = found.family
    cells = dict(rows.cells)
    if not family.counts:
        return cells
    if drop00 and family.empty is not None:
        rows.flag(
            family.empty(cells),
            "no events (or only events) in both groups, and drop00=True leaves such rows out",
        )
    amount = found.default_add if add is None else float(add)
    zero = np.any([cells[name] == 0 for name in family.counts], axis=0)
    # a row that is wrong says nothing; one that lacks a cell still shows that zeros occur
    zero &= ~rows.wrong
    everywhere = to == "all" or (to == "if0all" and bool(zero.any()))
    touched = np.full(rows.k, everywhere) if to != "only0" and to is not None else zero
    for name in family.counts:
        cells[name] = np.where(touched, cells[name] + amount, cells[name])
    return cells
