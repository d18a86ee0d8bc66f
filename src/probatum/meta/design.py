"""From moderators (a formula or arrays) to a design matrix, and which rows can be used."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from probatum.errors import BadInput, ProbatumError
from probatum.meta.columns import column, floats, plain, yes_or_no
from probatum.meta.types import Bools, Floats

INTERCEPT = "intrcpt"


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A design matrix of all rows (NaN where a moderator is missing).

    Attributes
    ----------
    X : ndarray, shape (k_all, p)
    names : tuple of str
    encode : callable or None
        Turns a mapping of new columns into rows of X (for formulas).
    """

    X: Floats
    names: tuple[str, ...]
    encode: Callable[[Any], Floats] | None = None

    @property
    def has_intercept(self) -> bool:
        """Whether the first column is the intercept."""
        return bool(self.names) and self.names[0] == INTERCEPT


def design(mods: Any, data: Any, usable: Bools, *, intercept: bool) -> Design:
    """The design matrix that `mods` asks for.

    Parameters
    ----------
    mods : None, str, array of shape (k,) or (k, q), or mapping of name to array
        A string is a formula such as ``"~ ablat + year"`` (needs the extra ``formulas``).
    data : mapping of columns or data frame, or None
        Where a formula finds its columns.
    usable : ndarray of bool, shape (k_all,)
        Rows with an estimate; a formula's factor levels are taken from these.
    intercept : bool
        Whether arrays get an intercept column (a formula says so itself, by ``- 1``).

    Raises
    ------
    BadInput
        If moderators and estimates differ in number, or a formula names no column of `data`.
    """
    k = len(usable)
    intercept = yes_or_no("intercept", intercept)
    if mods is None:
        return Design(np.ones((k, 1)), (INTERCEPT,))
    if isinstance(mods, str):
        if "~" not in mods:
            return _from_arrays({mods: column(data, mods)}, k, intercept)
        return _from_formula(mods, data, usable)
    if isinstance(mods, Mapping):
        return _from_arrays({str(n): x for n, x in mods.items()}, k, intercept)
    array = _columns(mods)
    columns = array[:, None] if array.ndim == 1 else array
    if columns.ndim != 2:
        raise BadInput(f"mods has {array.ndim} dimensions; it takes (k,) or (k, q).")
    one = columns.shape[1] == 1
    names = ["mods"] if one else [f"mods{j + 1}" for j in range(columns.shape[1])]
    return _from_arrays(dict(zip(names, columns.T)), k, intercept)


def _from_arrays(columns: Mapping[str, Any], k: int, intercept: bool) -> Design:
    names = [INTERCEPT] if intercept else []
    parts = [np.ones(k)] if intercept else []
    for name, values in columns.items():
        x = _moderator(values, name)
        if x.shape != (k,):
            rows = f"{len(x)} rows" if x.ndim == 1 else f"shape {x.shape}"
            raise BadInput(f'moderator "{name}" has {rows}; there are {k} estimates.')
        names.append(name)
        parts.append(x)
    if not parts:
        raise BadInput("mods is empty and intercept is False: nothing is left to estimate.")
    return Design(np.stack(parts, axis=1), tuple(names))


def _moderator(values: Any, name: str) -> Floats:
    try:
        return floats(values, f'moderator "{name}"')
    except BadInput:
        raise BadInput(
            f'moderator "{name}" is not a number in every row; '
            f'use a formula such as "~ {name}" to code categories.'
        ) from None


def _columns(mods: Any) -> Floats:
    """Moderators that have no names."""
    try:
        return floats(mods, "mods")
    except BadInput:
        raise BadInput(
            "mods holds something that is not a number; to code categories give a formula such as "
            'mods="~ drug" with the table as data=.'
        ) from None


def _from_formula(formula: str, data: Any, usable: Bools) -> Design:
    try:
        from formulaic import Formula
        from pandas import DataFrame  # type: ignore[import-untyped]
    except ImportError as error:
        raise ProbatumError(
            "a formula in mods needs the package formulaic: install probatum[formulas], "
            "or give mods as an array."
        ) from error
    if not formula.lstrip().startswith("~"):
        raise BadInput(f'mods is "{formula}"; a formula starts with "~", as in "~ ablat + year".')
    try:
        parsed = Formula(formula)
    except Exception as error:  # formulaic's syntax errors have no common class
        raise BadInput(f'mods "{formula}" can\'t be read as a formula: {error}') from error
    wanted = sorted(str(v) for v in parsed.required_variables)
    if wanted and data is None:
        raise BadInput(f'mods "{formula}" names columns: give the table they are in as data=.')
    frame = DataFrame(_table(data, wanted), dtype=None)
    if wanted and len(frame) != len(usable):
        raise BadInput(f"data has {len(frame)} rows; there are {len(usable)} estimates.")
    if not wanted:
        frame = DataFrame(index=range(len(usable)))
    present = usable & ~frame.isna().any(axis=1).to_numpy()
    if not present.any():
        raise BadInput(f'no row has an estimate and all moderators of "{formula}".')
    matrix = _evaluated(parsed.get_model_matrix, frame[present], formula)
    spec = matrix.model_spec
    names = tuple(INTERCEPT if n == "Intercept" else str(n) for n in matrix.columns)
    X = np.full((len(usable), len(names)), np.nan)
    X[present] = matrix.to_numpy(dtype=np.float64)

    def encode(new: Any) -> Floats:
        table = DataFrame(_table(new, wanted))
        return np.asarray(_evaluated(spec.get_model_matrix, table, formula), dtype=np.float64)

    return Design(X, names, encode)


def _table(data: Any, wanted: Sequence[str]) -> dict[str, Any]:
    columns = {name: _one_column(data, name) for name in wanted}
    if len({len(x) for x in columns.values()}) > 1:
        told = ", ".join(f"{name} has {len(x)}" for name, x in columns.items())
        raise BadInput(f"the columns of the formula differ in length: {told}.")
    return columns


def _one_column(data: Any, name: str) -> Any:
    values = np.atleast_1d(np.asarray(plain(column(data, name))))
    if values.ndim != 1:
        raise BadInput(f'"{name}" has {values.ndim} dimensions; it takes one value per study.')
    return values


def _evaluated(compute: Callable[..., Any], table: Any, formula: str) -> Any:
    """The design matrix of a table.

    A level that the fit has not seen would else be taken for the first one, with a mere warning.
    """
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.filterwarnings("error", message="Data has categories outside")
            return compute(table, na_action="ignore")  # a row of NaN is told, not dropped
    except Exception as error:  # formulaic's, and what the formula's own functions raise
        raise BadInput(f'the formula "{formula}" can\'t be computed here: {error}') from error


def check_rank(X: Floats, names: tuple[str, ...]) -> None:
    """Refuse a design whose columns depend on one another.

    Raises
    ------
    BadInput
        With the name of the first column that the earlier ones determine.
    """
    if np.abs(X).max(initial=0.0) > 1e140:
        raise BadInput("moderators have values over 1e+140: they can't be computed with.")
    norms = np.sqrt((X * X).sum(axis=0))
    if not norms.all():
        zero = names[int(np.argmin(norms))]
        raise BadInput(f'moderator "{zero}" is 0 in every row that can be used; leave it out.')
    diagonal = np.abs(np.diagonal(np.linalg.qr(X / norms, mode="r")))
    if (diagonal < 1e-9).any():
        name = names[int(np.argmax(diagonal < 1e-9))]
        raise BadInput(
            f'moderator "{name}" follows from the intercept and the other moderators in the '
            f"{len(X)} rows that can be used; leave it out."
        )
