"""What a format has no place for: carried in one field of its own, so that no record changes.

A writer reads back what it wrote. Where that differs from the record, the fields that differ
travel as JSON in one field that other programs leave alone, and our reader puts them back.
"""

from __future__ import annotations

import json
from typing import Any

from probatum.records.record import TUPLES, Record, make_record

TAG = "ZP"  # in formats of two-letter tags; no dialect uses it
NAME = "probatum"  # in formats with words


def carried(one: Record, told: Record) -> str:
    """The fields in which the record that was `told` differs from `one`; "" where in none."""
    whole, seen = one.row(), told.row()
    names = sorted((whole.keys() | seen.keys()) - {"id"})
    differ = {name: whole.get(name) for name in names if whole.get(name) != seen.get(name)}
    return json.dumps(differ) if differ else ""


def restored(told: Record, text: str) -> Record:
    """`told` with the carried fields put back; text that is none is kept in `extra`."""
    if not text:
        return told
    row = told.row()
    fields = _fields(text)
    if fields is None:
        fields = {"extra": [*row.get("extra", []), [NAME, text]]}
    row.update(fields)
    return make_record(**{name: value for name, value in row.items() if value is not None})


def _fields(text: str) -> dict[str, Any] | None:
    """The fields of a carried text, where all of it has the right form."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    known = Record.__dataclass_fields__.keys() - {"id"}
    if not isinstance(fields, dict) or not all(
        name in known and (value is None or _fits(name, value)) for name, value in fields.items()
    ):
        return None
    return fields


def _fits(name: str, value: Any) -> bool:
    if name == "year":
        return isinstance(value, int)
    if name in TUPLES:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if name == "extra":
        return isinstance(value, list) and all(
            isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one)
            for one in value
        )
    return isinstance(value, str)
