"""From a table of results to estimates with sampling variances."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from probatum.errors import BadInput
from probatum.meta.columns import (
    Unread,
    numbers,
    pick,
    same_index,
    same_length,
    study_labels,
    yes_or_no,
)
from probatum.meta.measures.registry import (
    MEASURES,
    Cells,
    Choices,
    Floats,
    Measure,
    choose,
    find_measure,
)
from probatum.meta.measures.rows import Rows
from probatum.meta.measures.zeros import check_options, correct_zeros
from probatum.meta.options import typed_options
from probatum.meta.types import EffectSizes


@typed_options
def effect_sizes(
    data: Any = None,
    *,
    measure: str,
    slab: Any = None,
    add: float | None = None,
    to: str | None = None,
    drop00: bool = False,
    vtype: str | Sequence[str] = "LS",
    correct: bool = True,
    **cells: Any,
) -> EffectSizes:
    """Compute an effect measure for every study.

    Parameters
    ----------
    data : mapping or data frame, optional
        Columns by name: dict, pandas, polars, pyarrow, or a structured array.
    measure : str
        Code such as ``"RR"``; `measures` lists them with the arguments each needs.
    slab : str or sequence, optional
        Study labels (a column's name, or the labels); "Study 1", ... where none are given.
    add : float, optional
        Added to the counts of rows that `to` names; 1/2 by default, and 0 for measures that are
        defined at zero (AS, PAS, PFT, PHI, RTET, IRS, IRFT, IRSD).
    to : {"only0", "all", "if0all", "none"}
        Which rows: those with a zero cell (the default), all, all if any row has a zero cell,
        or none.
    drop00 : bool
        Leave out two-group rows without events, or with nothing but events, in both groups.
    vtype : str or sequence of str
        Variance formula, for measures that offer several (`measures` lists them): large-sample
        (LS, LS2), unbiased (UB), from averages over all studies (AV, AVHO), for equal variances
        (HO), for groups of fixed size (ST) or one cross-section (CS). One per row where studies
        differ.
    correct : bool
        Whether estimates are corrected for their small-sample bias, for measures that are.
    **cells : str or array_like
        The cells by their usual names: ``ai bi ci di`` (``n1i n2i`` in place of ``bi di``),
        ``m1i m2i sd1i sd2i n1i n2i``, ``xi ni`` (or ``mi``), ``xi ti``, ``x1i x2i t1i t2i``,
        ``ri ni``, ``yi vi`` (or ``sei``), ... `measures` lists what each measure needs and what
        may stand for it. Text is the name of a column; a single number stands for all rows.

    Returns
    -------
    EffectSizes
        One row per study, in the order given. A row that can't be computed (a missing cell, a
        negative count, more events than people) keeps its place as NaN in `yi` and `vi`, with the
        reason in `reasons`. `inputs` has the cells before any correction, NaN in rows whose
        values are impossible.

    Raises
    ------
    UnknownOption
        If a measure or an option does not exist.
    BadInput
        If an argument or column is missing, not numeric, or of another length.

    Examples
    --------
    >>> es = effect_sizes(measure="RR", ai=[4, 6], bi=[119, 300], ci=[11, 29], di=[128, 274])
    >>> es.yi.round(4).tolist(), es.vi.round(4).tolist()
    ([-0.8893, -1.5854], [0.3256, 0.1946])
    >>> effect_sizes(measure="PLO", xi=[7, 12], ni=[10, 10]).reasons
    ('', 'xi = 12 is over ni = 10')
    """
    found = find_measure(measure)
    kinds = _kinds(vtype)
    correct = yes_or_no("correct", correct)
    choices = {kind: choose(found, kind, correct) for kind in kinds}
    check_options(add, to)
    drop00 = yes_or_no("drop00", drop00)
    rows = _rows(found, data, {name: v for name, v in cells.items() if v is not None})
    found.family.check(rows)
    rows.blank_wrong()
    corrected = correct_zeros(rows, found, add, to, drop00)
    usable = rows.usable()
    known = {name: np.where(usable, x, np.nan) for name, x in corrected.items()}
    with np.errstate(all="ignore"):
        yi, vi = _compute(found, known, kinds, choices, rows.k)
        ni = found.family.size(rows.cells)
    rows.flag(~(np.isfinite(yi) & np.isfinite(vi)), f"not computable: {found.family.undefined}")
    usable = rows.usable()
    return EffectSizes(
        yi=np.where(usable, yi, np.nan),
        vi=np.where(usable, vi, np.nan),
        measure=found.code,
        slab=study_labels(data, slab, rows.k),
        ni=ni,
        inputs=rows.cells,
        reasons=tuple(rows.reasons),
    )


def _kinds(vtype: object) -> list[str]:
    """The variance formulas asked for: one for all rows, or one per row."""
    if isinstance(vtype, str):
        return [vtype]
    if isinstance(vtype, Iterable):
        return list(vtype)
    raise BadInput(f"vtype is the name of a variance formula, or one name per row; got {vtype!r}")


def _compute(
    found: Measure, cells: Cells, kinds: list[str], choices: dict[str, Choices], k: int
) -> tuple[Floats, Floats]:
    if len(choices) == 1 and len(kinds) in (1, k):
        return found.compute(cells, *choices.values())
    if len(kinds) != k:
        raise BadInput(f"vtype has {len(kinds)} values for {k} rows: give one, or one per row")
    yi, vi = np.full(k, np.nan), np.full(k, np.nan)
    for kind, choice in choices.items():
        rows = np.array([each == kind for each in kinds])
        y, v = found.compute(cells, choice)
        yi[rows], vi[rows] = y[rows], v[rows]
    return yi, vi


def _rows(found: Measure, data: Any, cells: dict[str, Any]) -> Rows:
    """Read the cells a measure needs; complain about those missing and those it has no use for."""
    _check_names(found, cells)
    columns: dict[str, Floats] = {}
    unread: dict[str, Unread] = {}
    single = set()
    same_index(**cells)
    for name, value in cells.items():
        values = pick(data, name, value)
        columns[name], unread[name] = numbers(values, _called(name, value))
        if np.ndim(values) == 0:
            single.add(name)
    return Rows(same_length(columns, single), unread)


def _called(name: str, value: Any) -> str:
    """An argument, and the column it was read from."""
    return f'{name} (column "{value}")' if isinstance(value, str) else name


def _check_names(found: Measure, cells: dict[str, Any]) -> None:
    instead = found.family.stands_for
    known = {*found.needs, *found.optional}
    known.update(*(instead[n] for n in found.needs if n in instead))
    everything = {name for m in MEASURES.values() for name in (*m.needs, *m.optional)}
    everything.update(*(n for m in MEASURES.values() for n in m.family.stands_for.values()))
    takes = f'measure "{found.code}" ({found.signature()})'
    for name in cells:
        if name not in everything:
            near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.4)
            guess = f" Did you mean {near[0]}?" if near else ""
            raise BadInput(f"there is no argument {name}.{guess} You asked for {takes}.")
        if name not in known:
            raise BadInput(f"{takes} has no use for {name}: leave it out, or change the measure")
    missing = [
        n
        for n in found.needs
        if n not in cells and not any(other in cells for other in instead.get(n, ()))
    ]
    if missing:
        named = ", ".join(
            f"{n} (or {' or '.join(instead[n])})" if n in instead else n for n in missing
        )
        raise BadInput(f"{takes}: {named} not given")
