"""Steps from kept searches, links and decisions to the flow of records, reports and studies."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from probatum.build.engine import Context, StepFailed, step
from probatum.errors import Problem, problem, problem_code
from probatum.review import load
from probatum.review.decisions import STAGES, Decision, Stage, check_decisions, place
from probatum.review.duplicates import FILE, Link, check_links
from probatum.review.flow import Flow, flow, identities, in_order
from probatum.review.model import Frozen, Study
from probatum.review.searches.importing import RECORDS, RUN, SEARCH
from probatum.review.searches.read import SearchFolder

Row = TypeVar("Row", bound=Frozen)

NO_SUM = problem_code(
    "E159",
    "The flow of records doesn't add up",
    why="A diagram whose boxes contradict each other shows that records were lost.",
    repair="Repair the problems of the searches, links and decisions that are told beside this.",
    example="identified - duplicates is not the number of works",
)


def read_search_files(ctx: Context, name: str) -> dict[str, Any]:
    """Value, problems and lines of a search folder, and the strangers in it."""
    base = f"searches/{name}"
    inside = ctx.list(base)
    run = ctx.file(f"{base}/{RUN}") if RUN in inside else None
    files = {RUN: run} if run is not None else {}
    found: list[dict[str, object]] = []
    for file in dict.fromkeys([SEARCH, RECORDS, *load.kept_files(run)]):
        try:
            data = ctx.file(f"{base}/{file}")
        except StepFailed as failed:
            found.append(failed.problem.as_dict())
            continue
        if data is not None:
            files[file] = data
    parsed = load.parse_search(name, files)
    return {
        "value": parsed.value and parsed.value.model_dump(mode="json"),
        "problems": found + [one.as_dict() for one in parsed.problems],
        "lines": dict(parsed.lines),
    }


def read_link_file(ctx: Context) -> load.Parsed[tuple[Link, ...]]:
    """Links between records; none where there is no file."""
    data = ctx.file(FILE)
    return load.Parsed(()) if data is None else load.parse_links(data)


def read_decision_file(ctx: Context, who: str) -> load.Parsed[tuple[Decision, ...]]:
    """One person's decisions of a stage, named ``"stage/reviewer"``."""
    stage, _, reviewer = who.partition("/")
    data = ctx.file(place(stage, reviewer))
    return load.parse_decisions(cast("Stage", stage), reviewer, data or b"")


@step("search")
def search(ctx: Context, name: str) -> Any:
    """A `SearchFolder`, or null where nothing of it can be used."""
    return ctx.get(f"parsed:search:{name}")["value"]


@step("searches")
def searches(ctx: Context, _: str) -> list[str]:
    """Ids of the searches that can be used, in the order in which they were run."""
    names = [name for name in ctx.get("found:search") if ctx.get(f"search:{name}") is not None]
    return [one.search.id for one in in_order(_folder(ctx, name) for name in names)]


def _folder(ctx: Context, name: str) -> SearchFolder:
    return ctx.model(f"search:{name}", SearchFolder)


@step("links")
def links(ctx: Context, _: str) -> Any:
    """Every `Link` between records, in its order."""
    return ctx.get("parsed:links")["value"] or []


@step("deciders")
def deciders(ctx: Context, _: str) -> list[str]:
    """Who decided at which stage, as ``"stage/reviewer"``."""
    return [
        f"{stage}/{name[:-4]}"
        for stage in STAGES
        for name in ctx.list(f"screening/{stage}")
        if name.endswith(".csv")
    ]


@step("decisions")
def decisions(ctx: Context, _: str) -> list[Any]:
    """Every `Decision`, stage by stage and person by person."""
    return [
        one
        for who in ctx.get("deciders")
        for one in ctx.get(f"parsed:decisions:{who}")["value"] or []
    ]


@step("flow")
def counted(ctx: Context, _: str) -> Any:
    """The `Flow` of the review."""
    return flow(
        [_folder(ctx, name) for name in ctx.get("searches")],
        _rows(ctx, "links", Link),
        _rows(ctx, "decisions", Decision),
        [ctx.model(f"about:{name}", Study) for name in ctx.get("studies")],
    ).model_dump(mode="json")


def _rows(ctx: Context, node: str, model: type[Row]) -> list[Row]:
    return [model.model_validate(one, strict=False) for one in ctx.get(node)]


@step("unsound")
def unsound(ctx: Context, _: str) -> list[dict[str, object]]:
    """What is wrong with links, decisions and the flow beside the records that there are."""
    folders = [_folder(ctx, name) for name in ctx.get("searches")]
    records = [one.id for folder in folders for one in folder.records]
    known, decided = _rows(ctx, "links", Link), _rows(ctx, "decisions", Decision)
    lines = dict(ctx.get("parsed:links")["lines"])
    for who in ctx.get("deciders"):
        lines |= ctx.get(f"parsed:decisions:{who}")["lines"]
    found = check_links(known, records, lines) + check_decisions(decided, records, lines)
    found += _sums(ctx)
    return [one.as_dict() for one in found]


def _sums(ctx: Context) -> list[Problem]:
    broken = [one for one in identities(ctx.model("flow", Flow)) if one.left != one.right]
    return [
        problem(NO_SUM, "searches", 0, "", f"{one.text}: {one.left} is not {one.right}")
        for one in broken
    ]
