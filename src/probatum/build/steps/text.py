"""Steps from files to the typed review.

A file is parsed once (``parsed:*``: value, problems and lines); the nodes that others read
(``info``, ``study:*``, ``spec:*``, ``certainty:*``, ``question:*``, ``register:*``) hold the
value alone, so that moving a row or fixing a comment changes nothing that rests on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from probatum.build.engine import Context, StepFailed, step
from probatum.build.steps.searches import (
    read_decision_file,
    read_link_file,
    read_search_files,
)
from probatum.errors import Problem, problem
from probatum.review import load
from probatum.review.model import Study

FOLDERS = {"study": "studies", "search": "searches"}  # a folder each
COMPANIONS = ("study.toml", *load.TABLES)


def _kept(parsed: Any) -> dict[str, Any]:
    value = parsed.value
    if isinstance(value, (list, tuple)):
        value = [item.model_dump(mode="json") for item in value]
    elif value is not None:
        value = value.model_dump(mode="json")
    return {
        "value": value,
        "problems": [found.as_dict() for found in parsed.problems],
        "lines": dict(parsed.lines),
    }


@step("parsed")
def parsed(ctx: Context, argument: str) -> dict[str, Any]:
    """Value, problems and lines: ``info``, ``register:x``, one of `READ`, or one of `TEXTS`."""
    kind, _, name = argument.partition(":")
    if kind in READ:
        return READ[kind](ctx, name)
    file = {"info": "review.toml", "register": f"{name}.csv"}.get(kind)
    try:
        data = ctx.file(file or load.TEXTS[kind].file(name))
    except StepFailed as failed:
        return {"value": None, "problems": [failed.problem.as_dict()], "lines": {}}
    if data is None and kind == "info":
        message = "the folder has no review.toml"
        missing = problem(load.NO_REVIEW, "review.toml", 0, "", message)
        return {"value": None, "problems": [missing.as_dict()], "lines": {}}
    if data is None and kind == "register":
        return {"value": None, "problems": [], "lines": {}}
    if kind == "info":
        return _kept(load.parse_info(data or b"", "review.toml"))
    if kind == "register":
        return _kept(load.parse_register(name, data or b""))
    text = load.TEXTS[kind]
    return _kept(text.parse(name, data or b"", text.file(name)))


def _study(ctx: Context, name: str) -> dict[str, Any]:
    present: dict[str, bytes] = {}
    unreadable: list[dict[str, object]] = []
    try:
        ctx.list(f"studies/{name}")
    except StepFailed as failed:
        return {"value": None, "problems": [failed.problem.as_dict()], "lines": {}}
    for file in COMPANIONS:
        try:
            data = ctx.file(f"studies/{name}/{file}")
        except StepFailed as failed:
            unreadable.append(failed.problem.as_dict())
            continue
        if data is not None:
            present[file] = data
    if unreadable and "study.toml" not in present:
        return {"value": None, "problems": unreadable, "lines": {}}
    kept = _kept(load.parse_study(name, present, complete=not unreadable))
    return {**kept, "problems": unreadable + kept["problems"]}


def _links(ctx: Context, _: str) -> dict[str, Any]:
    return _kept(read_link_file(ctx))


def _decisions(ctx: Context, who: str) -> dict[str, Any]:
    return _kept(read_decision_file(ctx, who))


READ: dict[str, Callable[[Context, str], dict[str, Any]]] = {
    "study": _study,
    "search": read_search_files,
    "links": _links,
    "decisions": _decisions,
}


@step("info")
def info(ctx: Context, _: str) -> Any:
    """`ReviewInfo`; without it nothing can be shown."""
    found = ctx.get("parsed:info")
    if found["value"] is None:
        raise StepFailed("info", Problem(**found["problems"][0]))
    return found["value"]


@step("register")
def register(ctx: Context, name: str) -> Any:
    """All rows of a register (``facts``, ``help`` ...); null where there is no such file."""
    return ctx.get(f"parsed:register:{name}")["value"]


@step("study")
def study(ctx: Context, name: str) -> Any:
    """A `Study`, or null where nothing of it can be used."""
    return ctx.get(f"parsed:study:{name}")["value"]


@step("about")
def about(ctx: Context, name: str) -> Any:
    """A `Study` without its rows: what lists and labels need hangs on no number."""
    found = ctx.get(f"study:{name}")
    rows: dict[str, Any] = {kind: [] for kind, _, _ in load.TABLES.values()}
    return found and {**found, **rows, "lost": [], "lost_patients": False}


@step("spec")
def spec(ctx: Context, name: str) -> Any:
    """An `AnalysisSpec`, or null where it can't be used."""
    return ctx.get(f"parsed:spec:{name}")["value"]


@step("certainty")
def certainty(ctx: Context, name: str) -> Any:
    """The `Certainty` of an analysis, or null where none was judged or it can't be used."""
    if name not in ctx.get("found:certainty"):
        return None
    return ctx.get(f"parsed:certainty:{name}")["value"]


@step("question")
def question(ctx: Context, name: str) -> Any:
    """A `Question`, or null where it can't be used."""
    return ctx.get(f"parsed:question:{name}")["value"]


def _holds_something(ctx: Context, folder: str) -> bool:
    # "study.toml" may be missing: the folder is still a study, with a problem
    try:
        return bool(ctx.list(folder))
    except StepFailed:  # as it is told where its files are read
        return True


@step("found")
def found(ctx: Context, kind: str) -> list[str]:
    """Ids of the texts of a kind that there are: ``study``, ``search``, or one of `TEXTS`."""
    if kind in FOLDERS:
        base = FOLDERS[kind]
        return [name for name in ctx.list(base) if _holds_something(ctx, f"{base}/{name}")]
    text = load.TEXTS[kind]
    return [name[: -len(text.end)] for name in ctx.list(text.folder) if name.endswith(text.end)]


@step("analyses")
def analyses(ctx: Context, _: str) -> list[str]:
    """Ids of the analyses that can be used."""
    return [name for name in ctx.get("found:spec") if ctx.get(f"spec:{name}") is not None]


@step("questions")
def questions(ctx: Context, _: str) -> list[str]:
    """Ids of the questions that can be used."""
    return [name for name in ctx.get("found:question") if ctx.get(f"question:{name}") is not None]


@step("keys")
def keys(ctx: Context, name: str) -> Any:
    """Which outcomes, results and measures of patients a study has: of rows, not their numbers."""
    if ctx.get(f"study:{name}") is None:
        return None
    value = ctx.model(f"study:{name}", Study)
    rows = {(row.id, row.outcome) for row in value.outcomes}
    rows |= {(row.id, row.outcome) for row in value.estimates}
    rows |= {(lost.id, lost.outcome) for lost in value.lost}
    return {
        "results": sorted({key for key, _ in rows if key}),
        "outcomes": sorted({outcome for _, outcome in rows if outcome}),
        "measures": sorted({row.outcome_measure for row in value.patients} - {""}),
        "lost_patients": value.lost_patients,
        "whole": all(lost.id and lost.outcome for lost in value.lost),
    }


@step("index")
def index(ctx: Context, _: str) -> dict[str, Any]:
    """Studies that can be used, and where each outcome, result and measure of patients stands."""
    out: dict[str, Any] = {
        "studies": [], "outcomes": {}, "results": {}, "measures": {}, "lost_patients": [],
    }  # fmt: skip
    for name in ctx.get("found:study"):
        found = ctx.get(f"keys:{name}")
        if found is None:
            continue
        out["studies"].append(name)
        for kind in ("outcomes", "results", "measures"):
            for key in found[kind]:
                out[kind].setdefault(key, []).append(name)
        if found["lost_patients"]:
            out["lost_patients"].append(name)
    return out


@step("unread")
def unread(ctx: Context, _: str) -> list[str]:
    """Studies of which something can't be read that may belong to any analysis."""
    out = []
    for name in ctx.get("found:study"):
        found = ctx.get(f"keys:{name}")
        if found is None or not found["whole"]:
            out.append(name)
    return out


@step("studies")
def studies(ctx: Context, _: str) -> list[str]:
    """Ids of the studies that can be used."""
    return list(ctx.get("index")["studies"])


@step("having")
def having(ctx: Context, outcome: str) -> list[str]:
    """Studies with a result of an outcome."""
    return list(ctx.get("index")["outcomes"].get(outcome, []))


@step("holding")
def holding(ctx: Context, result: str) -> list[str]:
    """Studies that hold a result."""
    return list(ctx.get("index")["results"].get(result, []))


@step("measuring")
def measuring(ctx: Context, measure: str) -> list[str]:
    """Studies with patients measured by it, and those of which a patient's row is damaged."""
    index = ctx.get("index")
    return sorted({*index["measures"].get(measure, []), *index["lost_patients"]})
