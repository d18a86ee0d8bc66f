"""`manifest.json`: every number that the site shows, and where each one leads."""

from __future__ import annotations

import json
from typing import Any

from probatum.build.codes import LOST_REF, TWO_VALUES
from probatum.build.engine import STEPS, Context, StepFailed, step
from probatum.build.outputs import output_nodes
from probatum.build.steps.sources import resolve
from probatum.errors import problem

SCHEMA = 1
FIELDS = ("value", "display", "scale", "node", "refs")


@step("shown")
def shown(ctx: Context, path: str) -> list[dict[str, Any]]:
    """The shown values of a page without its text: prose may change, this does not."""
    value = ctx.get(f"page:{path}")
    return list(value.get("shown", [])) if isinstance(value, dict) else []


@step("provenance")
def provenance(ctx: Context, _: str) -> dict[str, Any]:
    """Numbers, the sources that they rest on, and what leads nowhere."""
    numbers: dict[str, dict[str, Any]] = {}
    found: list[dict[str, object]] = []
    for path, node in sorted(_pages(ctx).items()):
        try:
            values = ctx.get(f"shown:{node.partition(':')[2]}")
        except StepFailed:
            continue  # reported where the page is written
        for value in values:
            entry = numbers.setdefault(
                value["id"], {**{name: value[name] for name in FIELDS}, "pages": []}
            )
            if path not in entry["pages"]:
                entry["pages"].append(path)
            if entry["display"] != value["display"]:
                message = (
                    f'{value["id"]} is shown as "{value["display"]}" and, on '
                    f'{entry["pages"][0]}, as "{entry["display"]}"'
                )
                found.append(problem(TWO_VALUES, path, 0, "", message).as_dict())
    sources: dict[str, dict[str, Any]] = {}
    files: dict[str, dict[str, Any]] = {}
    for name, entry in numbers.items():
        if not entry["refs"]:
            message = f"{name} names nothing that it rests on"
            found.append(problem(LOST_REF, entry["pages"][0], 0, "", message).as_dict())
        for ref in entry["refs"]:
            if ref in sources:
                continue
            source = source_of(ctx, ref, files)
            if source is None:
                message = f"{name} rests on {ref}, which is not there"
                found.append(problem(LOST_REF, entry["pages"][0], 0, "", message).as_dict())
            else:
                sources[ref] = source
    return {"numbers": numbers, "sources": sources, "problems": found}


def _pages(ctx: Context) -> dict[str, str]:
    """Site path and node of every page."""
    out: dict[str, str] = {}
    for listing in output_nodes(STEPS):
        try:
            paths = ctx.get(listing)
        except StepFailed:
            continue
        out.update({path: node for path, node in paths.items() if node.startswith("page:")})
    return out


def source_of(ctx: Context, ref: str, files: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """The source entry of a ref, or None where it leads nowhere; `files` keeps what was read."""
    file, mark, key = ref.partition("#")
    if not mark or not file or not key:
        return None
    try:
        if file not in files:
            files[file] = ctx.get(f"sources:{file}")
    except StepFailed:
        return None
    found = resolve(files[file], key)
    if found is None:
        return None
    entry, field = found
    return {**entry, "field": field} if field else entry


@step("manifest")
def manifest(ctx: Context, _: str) -> str:
    """The file itself (schema: ``build/manifest.schema.json``)."""
    known = ctx.get("provenance")
    info = ctx.get("info")
    out = {
        "schema": SCHEMA,
        "review": info["id"],
        "version": info["version"],
        "numbers": known["numbers"],
        "sources": known["sources"],
    }
    # without indent: the manifest is by far the largest file of a site
    return json.dumps(out, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
