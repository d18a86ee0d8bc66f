"""The review room's checks, text by text: each hangs on what it looked at and on no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from probatum.build.engine import Context, StepFailed, step
from probatum.build.registers import register_rows
from probatum.build.steps.taken import around, candidates
from probatum.errors import Problem
from probatum.review.checks import (
    check_analysis,
    check_certainty,
    check_question,
    check_register,
    check_study,
    names,
)
from probatum.review.checks.names import Names
from probatum.review.checks.study import Lines
from probatum.review.contrast import sensitivity_specs
from probatum.review.model import (
    REGISTERS,
    AnalysisSpec,
    Certainty,
    Question,
    ReviewInfo,
    Study,
)

Value = TypeVar("Value")


@step("faults")
def faults(ctx: Context, text: str) -> list[dict[str, object]]:
    """What is wrong with a text by itself."""
    return list(ctx.get(f"parsed:{text}")["problems"])


@step("lines")
def lines(ctx: Context, text: str) -> dict[str, int]:
    """Where the keys of a text stand."""
    return dict(ctx.get(f"parsed:{text}")["lines"])


class _Lazy(Mapping[str, Value]):
    """Values by id, read when they are asked for: so a check hangs on what it looked at."""

    def __init__(self, names: Iterable[str], read: Callable[[str], Value]) -> None:
        self._names, self._read = dict.fromkeys(names), read

    def __getitem__(self, name: str) -> Value:
        if name not in self._names:
            raise KeyError(name)
        return self._read(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@step("checked")
def checked(ctx: Context, text: str) -> list[dict[str, object]]:
    """What the review room's checks find in a text beside the others."""
    kind, _, name = text.partition(":")
    try:
        info = ctx.model("info", ReviewInfo)
    except StepFailed:  # its own faults say so
        return []
    if kind not in CHECKS or ctx.get(text) is None:
        return []
    return [item.as_dict() for item in CHECKS[kind](ctx, name, info, ctx.get(f"lines:{text}"))]


def _study(ctx: Context, name: str, info: ReviewInfo, lines: Lines) -> list[Problem]:
    others = _Lazy(ctx.get("studies"), lambda other: ctx.model(f"study:{other}", Study))
    return check_study(others[name], info, lines, others, ctx.get("index")["results"])


def _spec(ctx: Context, name: str, info: ReviewInfo, lines: Lines) -> list[Problem]:
    spec = ctx.model(f"spec:{name}", AnalysisSpec)
    near: dict[str, Study] = {}
    for version in sensitivity_specs(spec):
        near |= candidates(ctx, version)
    near = {key: near[key] for key in sorted(near)}
    return check_analysis(spec, around(ctx, near), info, lines)


def _register(ctx: Context, name: str, info: ReviewInfo, lines: Lines) -> list[Problem]:
    return check_register(name, register_rows(ctx, name), info, lines)


def _known(ctx: Context, info: ReviewInfo) -> Names:
    studies = _Lazy(ctx.get("studies"), lambda one: ctx.model(f"study:{one}", Study))
    registers = _Lazy(list(REGISTERS), lambda one: register_rows(ctx, one))
    specs = _Lazy(ctx.get("analyses"), lambda one: ctx.model(f"spec:{one}", AnalysisSpec))
    usable = [name for name in ctx.get("found:certainty") if ctx.get(f"certainty:{name}")]
    judged = _Lazy(usable, lambda one: ctx.model(f"certainty:{one}", Certainty))
    return names(info, studies, registers, specs, judged, ctx.get("questions"))


def _certainty(ctx: Context, name: str, info: ReviewInfo, lines: Lines) -> list[Problem]:
    judged = ctx.model(f"certainty:{name}", Certainty)
    return check_certainty(judged, _known(ctx, info).analyses, lines)


def _question(ctx: Context, name: str, info: ReviewInfo, lines: Lines) -> list[Problem]:
    return check_question(ctx.model(f"question:{name}", Question), _known(ctx, info), lines)


Check = Callable[[Context, str, ReviewInfo, Lines], list[Problem]]
CHECKS: dict[str, Check] = {
    "study": _study,
    "spec": _spec,
    "register": _register,
    "certainty": _certainty,
    "question": _question,
}
