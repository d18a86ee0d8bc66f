"""One text for each value: canonical JSON, so that equal values have equal hashes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


def digest(data: bytes) -> str:
    """Name of a content: 128 bits of SHA-256, as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()[:32]


def _quick(value: Any) -> Any:
    """`_plain` for what nearly all values are made of, without names of places."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is float:
        return float(f"{value:.12g}") + 0.0 if math.isfinite(value) else _plain(value, "")
    if kind is dict:
        for key in value:
            if type(key) is not str:
                return _plain(value, "")
        return {key: _quick(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_quick(item) for item in value]
    return _plain(value, "")


def _plain(value: Any, at: str) -> Any:
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{at or 'the value'} is {value}; where there is no number, use None")
        return float(f"{value:.12g}") + 0.0  # + 0.0: no negative zero
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(), at)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{at or 'the value'} has the key {key!r}; keys are text")
        return {key: _plain(item, f"{at}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, f"{at}[{index}]") for index, item in enumerate(value)]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{at or 'the value'} is a {type(value).__name__}; a step yields plain data")


def canonical(value: Any) -> str:
    """Canonical JSON: sorted keys, floats of 12 significant digits, no NaN.

    Parameters
    ----------
    value : plain data, dataclass or pydantic model

    Returns
    -------
    str

    Raises
    ------
    ValueError
        For NaN and infinities: a missing number is None.
    TypeError
        For anything that is not plain data.

    Examples
    --------
    >>> canonical({"b": 0.1 + 0.2, "a": (1, -0.0)})
    '{"a":[1,0.0],"b":0.3}'
    """
    try:
        plain = _quick(value)
    except (TypeError, ValueError):
        plain = _plain(value, "")  # says where
    return json.dumps(
        plain,
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
    )
