"""Options of the wrong type are told by name, not by an error from deep inside."""

from __future__ import annotations

import functools
import inspect
import math
import numbers
import re
import reprlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from probatum.errors import BadInput, ProbatumError

Function = TypeVar("Function", bound=Callable[..., Any])

#: what an annotation asks for, in words, and whether a value is that
_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "str": ("text", lambda x: isinstance(x, str)),
    "Literal": ("text", lambda x: isinstance(x, str)),
    "Alternative": ("text", lambda x: isinstance(x, str)),
    "bool": ("True or False", lambda x: isinstance(x, (bool, np.bool_))),
    "int": ("a whole number", lambda x: isinstance(x, numbers.Integral)),
    "float": ("a finite number", lambda x: isinstance(x, numbers.Real) and math.isfinite(x)),
    "Sequence": ("a list", lambda x: isinstance(x, Iterable) and not isinstance(x, (str, Mapping))),
    "Mapping": ("a mapping of names to values", lambda x: isinstance(x, Mapping)),
    "Change": ("a function", callable),
    "tuple": ("a pair", lambda x: isinstance(x, (tuple, list)) and len(x) == 2),
    "TauPrior": ("a prior (tau_prior makes one)", lambda x: type(x).__name__ == "TauPrior"),
    "EffectSizes": ("effect sizes", lambda x: type(x).__name__ == "EffectSizes"),
    "None": ("None", lambda x: x is None),
}
_FOREIGN = (TypeError, ValueError, AttributeError, ArithmeticError, IndexError, KeyError)


def typed_options(function: Function) -> Function:
    """Let a public function tell which of its options is of the wrong type.

    Its annotations are the contract. They are looked at only when something went wrong, so that
    calls cost nothing more, and a function's own messages come first.

    Examples
    --------
    >>> @typed_options
    ... def double(n: int = 1) -> int:
    ...     return range(n)[-1] * 2
    >>> double(n="two")
    Traceback (most recent call last):
    ...
    probatum.errors.BadInput: double: n is 'two'; it takes a whole number.
    """

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except ProbatumError:
            raise
        except _FOREIGN as error:
            if wrong := _wrong(function, args, kwargs):
                raise BadInput(f"{function.__name__}: {wrong}.") from error
            raise

    return called  # type: ignore[return-value]


def _wrong(function: Callable[..., Any], args: Any, kwargs: Any) -> str:
    """The first option that is not what its annotation says, and what that is; "" if none."""
    signature = inspect.signature(function)
    try:
        given = signature.bind(*args, **kwargs).arguments
    except TypeError:  # an argument too many or too few: Python's own message names it
        return ""
    for name, value in given.items():
        kinds = _asked(str(signature.parameters[name].annotation))
        if kinds and not any(fits(value) for _, fits in kinds):
            words = " or ".join(word for word, _ in kinds)
            return f"{name} is {reprlib.repr(value)}; it takes {words}"
    return ""


def _asked(annotation: str) -> list[tuple[str, Callable[[Any], bool]]]:
    """The kinds in an annotation; none where it allows what can't be told by type."""
    parts = [p.strip() for p in re.sub(r"\[.*?\](?=\s*(\||$))", "", annotation).split("|")]
    return [_KINDS[p] for p in parts] if all(p in _KINDS for p in parts) else []
