"""What a placeholder or a condition names: a result, one study in it, or a row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from probatum.build.engine import Context, StepFailed
from probatum.build.quantities import (
    Numbers,
    Undefined,
    quantity,
    study_quantity,
)
from probatum.build.registers import register_rows
from probatum.build.results import AnalysisResult, StudyEffect
from probatum.review.claims import FIELDS, ROW_FIELDS, STUDY_FIELDS, RowAt, find_row, row_value
from probatum.review.model import REGISTERS, Number, Sourced, Study

WORDS = ("measure", "title")  # fields of a result that are text


class Unknown(Undefined):
    """There is nothing of that name: the checks of the review have said so with its line."""


@dataclass(frozen=True, slots=True)
class Named:
    """A result (with `effect`: one study in it), or the row `at` a place."""

    result: AnalysisResult | None = None
    effect: StudyEffect | None = None
    at: RowAt | None = None


def look_up(ctx: Context, name: str, default: str) -> Named:
    """Find what `name` means in prose whose own analysis is `default`.

    Raises
    ------
    Undefined
        There is nothing of that name, or it could not be computed.
    """
    if "/" not in name:
        return Named(_result(ctx, name or default))
    head, _, rest = name.partition("/")
    at = row_at(ctx, name)
    if at is not None:
        return Named(at=at)
    if head in REGISTERS or head not in ctx.get("results"):
        raise Unknown(f'there is no verified row "{name}"')
    found = _result(ctx, head)
    study, _, result = rest.partition("/")
    held = [s for s in found.studies if s.study == study and result in ("", s.result)]
    if len(held) != 1:
        more = "stands there more than once; add /<result>" if held else "is not in it"
        raise Undefined(f'"{name}": {study} {more}')
    return Named(found, held[0])


def numbers(named: Named, field: str) -> Numbers:
    """Return the number (or the two ends of an interval) that a field has.

    Raises
    ------
    Undefined
        It has none; the message says why.
    """
    if named.at is not None:
        value = row_value(named.at.row, field)
        if value is None:
            raise Undefined(f'"{field}" of {named.at.file}#{named.at.key} holds no number')
        return (value,)
    if named.effect is not None:
        return study_quantity(named.effect, field)
    assert named.result is not None
    return quantity(named.result, field)


def words(named: Named, field: str) -> str:
    """Return the text of a field that is text; "" where it is a number or empty."""
    if named.at is not None:
        value = getattr(named.at.row, field, None)
        return " ".join(value.split()) if isinstance(value, str) else ""
    if named.effect is not None or named.result is None or field not in WORDS:
        return ""
    return named.result.title if field == "title" else named.result.measure_name


def missing(named: Named, field: str) -> str:
    """Say why a field can't be shown; "" where it can.

    Raises
    ------
    Unknown
        There is no such field.
    """
    if field not in _fields(named):
        raise Unknown(f'there is no field "{field}"')
    if words(named, field):
        return ""
    if field == "of" and named.at is not None:
        held = (getattr(named.at.row, name, None) for name in ("events", "n"))
        return "" if all(isinstance(v, Number) for v in held) else "the row has no events of n"
    try:
        numbers(named, field)
    except Undefined as reason:
        return str(reason)
    return ""


def _fields(named: Named) -> Collection[str]:
    if named.at is not None:
        return ROW_FIELDS | set(type(named.at.row).model_fields)
    return FIELDS if named.effect is None else STUDY_FIELDS | {"ci"}


def row_at(ctx: Context, name: str) -> RowAt | None:
    """Return the row that prose names, if there is one."""

    def study(one: str) -> Study | None:
        usable = one in ctx.get("studies")
        return ctx.model(f"study:{one}", Study) if usable else None

    def register(one: str) -> Sequence[Sourced]:
        return register_rows(ctx, one)

    return find_row(name, study, register)


def _result(ctx: Context, name: str) -> AnalysisResult:
    if name not in ctx.get("results"):
        raise Unknown(f'there is no analysis "{name}"')
    try:
        return ctx.model(f"result:{name}", AnalysisResult)
    except StepFailed as failed:
        raise Undefined(f"{name} could not be computed: {failed.problem.message}") from None
