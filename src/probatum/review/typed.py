"""TOML values to a model: every fault told in plain words at its line, the rest kept."""

from __future__ import annotations

import copy
import difflib
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from probatum.errors import Problem, problem, problem_code

M = TypeVar("M", bound=BaseModel)

UNKNOWN_KEY = problem_code(
    "E111",
    "Unknown key",
    why="A misspelt key would be left out without a word.",
    repair="Correct the name or delete the key; docs/review-folder.md lists all.",
    example='titel = "..."',
)
MISSING_KEY = problem_code(
    "E112",
    "Missing key",
    why="The file has no meaning without it.",
    repair="Add the key.",
    example="a study.toml without status",
)
WRONG_TYPE = problem_code(
    "E113",
    "Value of the wrong kind",
    why="Only values of the expected kind have a meaning.",
    repair="Write text in quotes, numbers and true or false without, dates as 2026-11-22.",
    example='year = "2020"',
)

_WORDS = {
    "string_type": "expected text in quotes",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "bool_type": "expected true or false",
    "date_type": "expected a date such as 2026-11-22",
    "list_type": "expected a list in square brackets",
    "model_type": "expected a table of keys",
    "model_attributes_type": "expected a table of keys",
    "dict_type": "expected a table of keys",
}


def _line(lines: dict[str, int], where: tuple[int | str, ...], default: int) -> int:
    for end in range(len(where), 0, -1):
        key = ".".join(str(part) for part in where[:end])
        if key in lines:
            return lines[key]
    return default


def _fields(model: type[BaseModel], where: tuple[int | str, ...]) -> list[str]:
    """Keys that exist at a place of the model, for the nearest name."""
    at: Any = model
    for part in where:
        if isinstance(part, int) or not hasattr(at, "model_fields"):
            continue
        info = at.model_fields.get(part)
        if info is None:
            continue
        inner = [a for a in getattr(info.annotation, "__args__", ()) if hasattr(a, "model_fields")]
        at = inner[0] if inner else info.annotation
    return list(getattr(at, "model_fields", {}))


def _drop(values: Any, where: tuple[int | str, ...]) -> bool:
    """Delete what stands at `where`; False where nothing does."""
    for part in where[:-1]:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            return False
    last = where[-1]
    if isinstance(values, dict) and last in values:
        del values[last]
        return True
    if isinstance(values, list) and isinstance(last, int) and last < len(values):
        del values[last]
        return True
    return False


def _place(fault: Any) -> list[tuple[int, str]]:
    """Sorts the faults of a file by their place in it."""
    return [(part, "") if isinstance(part, int) else (-1, str(part)) for part in fault["loc"]]


def _item(where: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The outermost item of a list of tables around a place, or the place itself."""
    for end in range(1, len(where)):
        if isinstance(where[end - 1], int):
            return where[:end]
    return where


def _told(
    error: dict[str, Any], model: type[BaseModel], file: str, lines: dict[str, int], first: int
) -> Problem:
    where = tuple(error["loc"])
    field = ".".join(str(part) for part in where)
    line = _line(lines, where, first)
    name = str(where[-1]) if where else ""
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, _fields(model, where[:-1]), n=1, cutoff=0.6)
        guess = f' Did you mean "{near[0]}"?' if near else ""
        return problem(UNKNOWN_KEY, file, line, field, f'key "{name}" is unknown.{guess}')
    if error["type"] == "missing":
        return problem(MISSING_KEY, file, line, field, f'key "{name}" is missing')
    if error["type"] == "literal_error":
        words = f"expected one of {error['ctx']['expected']}"
    else:
        words = _WORDS.get(error["type"], str(error["msg"]))
    shown = repr(error.get("input"))
    shown = shown if len(shown) < 60 else shown[:57] + "..."
    return problem(WRONG_TYPE, file, line, field, f"{words}, found {shown}")


def typed(
    model: type[M], values: dict[str, Any], file: str, lines: dict[str, int], first: int = 1
) -> tuple[M | None, list[Problem]]:
    """`values` as `model`; what is faulty is reported and left out, then the rest is read again.

    The value is None only where a key is missing that the model can't do without.
    """
    values = copy.deepcopy(values)
    found: list[Problem] = []
    for _ in range(200):  # each turn reports at least one new fault
        try:
            return model.model_validate(values), found
        except ValidationError as error:
            before = len(found)
            dropped = False
            # list items from the back, so that earlier positions stay true
            for fault in sorted(error.errors(), key=_place, reverse=True):
                told = _told(dict(fault), model, file, lines, first)
                if told not in found:
                    found.append(told)
                where = tuple(fault["loc"])
                if fault["type"] == "missing":
                    # an item that lacks a key goes as a whole; a file that does is unusable
                    where = where[:-1]
                if fault["type"] != "extra_forbidden" or where[:1] == ("sensitivity",):
                    where = _item(where)  # half an arm, or another analysis than was meant
                if where and _drop(values, where):
                    dropped = True
                    if isinstance(where[-1], int):
                        break  # positions have moved
            if not dropped or len(found) == before:
                return None, found
    return None, found
