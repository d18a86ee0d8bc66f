"""All problems of a review's text and of its analyses, as the site and the build report them."""

from __future__ import annotations

import json
from typing import Any

from probatum.build.engine import Context, StepFailed, step
from probatum.build.steps.claims import broken
from probatum.errors import problem
from probatum.review import load
from probatum.review.decisions import STAGES
from probatum.review.model import REGISTERS
from probatum.review.searches.importing import RUN, SEARCH


def _texts(ctx: Context) -> list[str]:
    """The texts that there are, as ``kind:name``."""
    nodes = ["info", "links", *(f"register:{name}" for name in REGISTERS)]
    nodes += [f"decisions:{who}" for who in ctx.get("deciders")]
    for kind in ("study", "search", *load.TEXTS):
        nodes += [f"{kind}:{name}" for name in ctx.get(f"found:{kind}")]
    return nodes


@step("strangers")
def strangers(ctx: Context, _: str) -> list[dict[str, object]]:
    """Files that no part of a review reads: nearly always misnamed ones."""
    found = []

    def tell(file: str, expected: str) -> None:
        message = f"the file is not read; expected {expected}"
        found.append(problem(load.STRANGER, file, 0, "", message).as_dict())

    for name in ctx.list("studies"):
        try:
            inside = ctx.list(f"studies/{name}")
        except StepFailed:
            continue  # told where its files are read
        if not inside and ctx.file(f"studies/{name}") is not None:
            tell(f"studies/{name}", "study folders only")
        for file in inside:
            if file != "study.toml" and file not in load.TABLES:
                tell(f"studies/{name}/{file}", load.STUDY_FILES)
    for name in ctx.list("searches"):
        inside = ctx.list(f"searches/{name}")
        if not inside and ctx.file(f"searches/{name}") is not None:
            tell(f"searches/{name}", "search folders only")
        kept = load.kept_files(ctx.file(f"searches/{name}/{RUN}") if RUN in inside else None)
        for file in inside:
            if not load.is_kept(file, kept):
                tell(f"searches/{name}/{file}", f"{SEARCH}, {RUN} and the files it names")
    for stage in STAGES:
        for name in ctx.list(f"screening/{stage}"):
            if not name.endswith(".csv"):
                tell(f"screening/{stage}/{name}", "files that end in .csv")
    for kind in load.TEXTS.values():
        for name in ctx.list(kind.folder):
            if not name.endswith(kind.end):
                tell(f"{kind.folder}/{name}", f"files that end in {kind.end}")
    return found


@step("problems")
def problems(ctx: Context, _: str) -> list[dict[str, object]]:
    """Every problem of the review's text and of its results, sorted."""
    found: list[dict[str, Any]] = [*ctx.get("strangers"), *ctx.get("unsound")]
    for text in _texts(ctx):
        for node in (f"faults:{text}", f"checked:{text}"):
            try:
                found += ctx.get(node)
            except StepFailed as failed:
                found.append(failed.problem.as_dict())
    try:
        ctx.get("info")
    except StepFailed:  # nothing can be computed then, and that is no second fault
        return _sorted(found)
    told = {(item["file"], item["code"], item["message"]) for item in found}
    for name in ctx.get("results"):
        try:
            more = ctx.get(f"result:{name}")["problems"]
        except StepFailed as failed:
            more = [failed.problem.as_dict()]
        # a check has said the same with its line
        found += [m for m in more if (m["file"], m["code"], m["message"]) not in told]
    for name in ctx.get("questions"):
        try:
            found += broken(ctx, name)
            found += ctx.get(f"unfilled:{name}")
        except StepFailed as failed:
            found.append(failed.problem.as_dict())
    return _sorted(found)


def _sorted(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    unique = {json.dumps(item, sort_keys=True): item for item in found}
    return sorted(unique.values(), key=lambda m: (m["file"], m["line"], m["code"], m["field"]))
