"""From a caller's columns (any mapping or data frame) to float arrays, without guessing."""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput

Floats = NDArray[np.float64]
Unread = dict[int, str]


#: kinds of numpy's dtypes that are no numbers, though numpy turns them into some
_NO_NUMBERS = {"M": "dates", "m": "durations", "c": "complex numbers"}


def names_of(data: Any) -> list[str]:
    """Column names of a mapping, a data frame, an Arrow table or a structured array.

    Raises
    ------
    BadInput
        If the object has no columns.
    """
    return list(_keys_of(data))


def _keys_of(data: Any) -> dict[str, Any]:
    """What the columns are called, as text, and the key of each."""
    names: Iterable[Any]
    if isinstance(data, Mapping):
        names = data.keys()
    elif hasattr(data, "column_names"):
        names = data.column_names
    elif hasattr(data, "columns"):
        names = data.columns
    elif getattr(getattr(data, "dtype", None), "names", None):
        names = data.dtype.names
    else:
        raise BadInput(f"data is a mapping of columns or a data frame; got {type(data).__name__}")
    return {str(name): name for name in names}


def column(data: Any, name: str, argument: str = "") -> Any:
    """The column called `name`.

    Raises
    ------
    BadInput
        If there is no data or no such column; the message lists those that exist and the nearest.
    """
    what = f"{argument}=" if argument else ""
    if data is None:
        raise BadInput(
            f'{what}"{name}" names a column, but no data was given: '
            "give the table it is in as data=, or an array"
        )
    keys = _keys_of(data)
    if name not in keys:
        names = list(keys)
        folded = {name.casefold(): name for name in names}
        near = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.5)
        guess = f' Did you mean "{folded[near[0]]}"?' if near else ""
        shown = ", ".join(names[:40]) + (", ..." if len(names) > 40 else "")
        where = f'{what}"{name}": ' if argument else ""
        raise BadInput(f'{where}data has no column "{name}".{guess} It has: {shown}.')
    return data[keys[name]]


def pick(data: Any, argument: str, value: Any) -> Any:
    """Resolve an argument: text is the name of a column of `data`, all else is the values.

    Raises
    ------
    BadInput
        If there is no such column.
    """
    return column(data, value, argument) if isinstance(value, str) else value


def same_index(**columns: Any) -> None:
    """Refuse pandas Series whose rows may not belong together.

    Pairing them by position is wrong where they were sorted or filtered one by one, and pandas'
    own alignment would hide that rows are lost; only the caller knows.

    Raises
    ------
    BadInput
        If their indexes differ.
    """
    series = {
        name: x for name, x in columns.items() if hasattr(x, "reindex") and hasattr(x, "index")
    }
    first = next(iter(series), "")
    for name, x in series.items():
        if len(x) == len(series[first]) and not x.index.equals(series[first].index):
            raise BadInput(
                f"{first} and {name} are Series with different indexes, so it isn't certain that "
                f"their rows belong together: take both from one data frame, use "
                f"{name}.reindex({first}.index), or pass .to_numpy() to pair them as they stand."
            )


def plain(values: Any) -> Any:
    """Values without numpy's mask: what it hides is missing."""
    if not isinstance(values, np.ma.MaskedArray):
        return values
    if values.dtype.kind in "iufb":
        return np.ma.filled(values.astype(np.float64), np.nan)
    out = values.data.astype(object)
    out[np.ma.getmaskarray(values)] = None  # filled(None) would fill in numpy's own text
    return out


def floats(values: Any, what: str) -> Floats:
    """Numbers of any shape, NaN where missing.

    Raises
    ------
    BadInput
        If they are dates, complex, text, or rows of different lengths.
    """
    values = plain(values)
    kind = getattr(getattr(values, "dtype", None), "kind", "")
    if not kind and isinstance(values, (list, tuple)) and len(values):
        kind = getattr(getattr(values[0], "dtype", None), "kind", "")
    if kind in _NO_NUMBERS:
        raise BadInput(f"{what} holds {_NO_NUMBERS[kind]}, numbers were expected.")
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise BadInput(f"{what} holds something that is not a number.") from None


def listed(values: Any, what: str) -> list[Any]:
    """Values one by one, such as labels.

    Raises
    ------
    BadInput
        If it is a single one, or none.
    """
    try:
        return list(plain(values))
    except TypeError:
        raise BadInput(f"{what} is {reprlib.repr(values)}; it takes one value per row.") from None


def yes_or_no(option: str, value: Any) -> bool:
    """An option that is True or False: "no" would else count as True.

    Raises
    ------
    BadInput
    """
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise BadInput(f"{option} is True or False; got {value!r}")


def is_missing(value: Any) -> bool:
    """None, NaN, a data frame's NA or NaT, or blank text."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def _number(value: Any) -> float | str:
    """The value as a float, or what it is instead."""
    if isinstance(value, (bool, np.bool_)):
        return f"{value}, not a number"
    if isinstance(value, (str, bytes)):
        return f"{reprlib.repr(value)}, text and not a number"
    try:
        return float(value)
    except OverflowError:
        return "too large for a number"
    except (TypeError, ValueError):
        return f"{reprlib.repr(value)}, not a number"


def _mixed(values: NDArray[np.object_], what: str) -> tuple[Floats, Unread]:
    """Read a column of Python objects value by value."""
    out = np.full(len(values), np.nan)
    unread: Unread = {}
    for row, value in enumerate(values):
        if is_missing(value):
            continue
        number = _number(value)
        if isinstance(number, str):
            unread[row] = f"{what} is {number}"
        else:
            out[row] = number
    text = [w for w in unread.values() if not w.endswith("too large for a number")]
    if text and np.isnan(out).all():
        raise BadInput(f"{text[0]}; no value of {what} is a number. Convert the column first.")
    return out, unread


def numbers(values: Any, what: str) -> tuple[Floats, Unread]:
    """Read values as a one-dimensional float array (a single number gives a length of 1).

    Parameters
    ----------
    values : array_like
    what : str
        Name of the argument, for messages.

    Returns
    -------
    floats : ndarray, shape (k,)
        NaN where missing.
    unread : dict of int to str
        Rows whose value is something other than a number, and what it is.

    Raises
    ------
    BadInput
        If the values are no column of numbers at all: text, true/false, dates, several
        dimensions.
    """
    values = plain(values)
    try:
        array = np.asarray(values)
        if array.dtype.kind == "U" and isinstance(values, (list, tuple)):
            # numpy turns [1, "x"] into text; go back to the values themselves
            array = np.asarray(values, dtype=object)
    except (ValueError, TypeError):
        raise BadInput(f"{what} is not a column of numbers: its values differ in shape") from None
    if array.ndim == 0 and isinstance(values, (Iterable, Mapping)) and array.dtype == object:
        raise BadInput(f"{what} is a {type(values).__name__}: give a list or an array")
    if array.ndim == 0:
        array = array.reshape(1)
    if array.ndim != 1:
        raise BadInput(f"{what} has {array.ndim} dimensions {array.shape}, expected one")
    kind = array.dtype.kind
    if kind in "iuf":
        return array.astype(np.float64), {}
    if kind in "OUS":
        return _mixed(array.astype(object), what)
    is_what = {"b": "true/false", **_NO_NUMBERS}
    raise BadInput(f"{what} holds {is_what.get(kind, str(array.dtype))}, numbers were expected")


def same_length(columns: Mapping[str, Floats], single: Collection[str]) -> dict[str, Floats]:
    """Bring columns to one length; those in `single` are one number that stands for all rows.

    Raises
    ------
    BadInput
        If the lengths differ.
    """
    lengths = {name: len(x) for name, x in columns.items() if name not in single}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {n}" for name, n in lengths.items())
        raise BadInput(f"the columns differ in length: {told}")
    k = next(iter(lengths.values()), 1)
    return {name: np.repeat(x, k) if name in single else x for name, x in columns.items()}


def study_labels(data: Any, slab: Any, k: int) -> tuple[str, ...]:
    """Study labels as text; "Study 1", ... where none are given.

    Raises
    ------
    BadInput
        If there are more or fewer labels than rows.
    """
    default = tuple(f"Study {i + 1}" for i in range(k))
    if slab is None:
        return default
    values = plain(pick(data, "slab", slab))
    if not isinstance(values, Sequence):
        values = np.atleast_1d(np.asarray(values)).tolist()
    if len(values) != k:
        raise BadInput(f"slab has {len(values)} labels for {k} rows")
    return tuple(d if is_missing(v) else str(v) for v, d in zip(values, default, strict=True))
