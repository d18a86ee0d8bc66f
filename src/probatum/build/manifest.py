"""`manifest.json`: every number that the site shows, and where each one leads."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from probatum.build.codes import LOST_REF, TWO_VALUES
from probatum.build.engine import STEPS, Context, StepFailed, step
from probatum.build.outputs import output_nodes
from probatum.build.steps.sources import resolve
from probatum.errors import problem

SCHEMA = 2
FIELDS = ("value", "display", "scale", "node", "refs")
OF_A_REPORT = ("citation", "source_type", "url", "cite_url")
MANY = 4  # so many refs are worth a name, if two numbers share them
Entry = dict[str, Any]


@step("shown")
def shown(ctx: Context, path: str) -> list[Entry]:
    """The shown values of a page without its text: prose may change, this does not."""
    value = ctx.get(f"page:{path}")
    return list(value.get("shown", [])) if isinstance(value, dict) else []


@step("linked")
def linked(ctx: Context, path: str) -> Entry:
    """The numbers of a page, the sources of their refs, and the refs that lead nowhere."""
    files: dict[str, Entry] = {}
    rows: dict[str, tuple[str, Entry] | None] = {}
    out: Entry = {"numbers": {}, "sources": {}, "reports": {}, "lost": []}
    for value in ctx.get(f"shown:{path}"):
        out["numbers"][value["id"]] = {name: value[name] for name in FIELDS}
        for ref in value["refs"] or [""]:
            if ref not in rows:
                rows[ref] = _source(ctx, ref, files)
            if rows[ref] is None:
                out["lost"].append([value["id"], ref])
    out["sources"] = {found[0]: found[1] for found in rows.values() if found is not None}
    for report in {entry.get("report", "") for entry in out["sources"].values()} - {""}:
        study = report.partition("/")[0]
        out["reports"][report] = ctx.get(f"reports:{study}").get(report, {})
    return out


def _source(ctx: Context, ref: str, files: dict[str, Entry]) -> tuple[str, Entry] | None:
    """Row and source of a ref; None where it leads nowhere."""
    file, _, key = ref.partition("#")
    if not file or not key:
        return None
    try:
        if file not in files:
            files[file] = ctx.get(f"sources:{file}")
    except StepFailed:
        return None
    found = resolve(files[file], key)
    return None if found is None else (f"{file}#{found[0]}", found[1])


@step("manifest")
def manifest(ctx: Context, _: str) -> Entry:
    """The file (``build/manifest.schema.json``), and what is wrong with it.

    A number that leads nowhere, or that is shown in two ways, is a problem.
    """
    numbers: dict[str, Entry] = {}
    out: Entry = {"numbers": numbers, "sources": {}, "reports": {}}
    found: list[dict[str, object]] = []
    for path, node in sorted(_pages(ctx).items()):
        try:
            page = ctx.get(f"linked:{node.partition(':')[2]}")
        except StepFailed:
            continue  # reported where the page is written
        for name, value in page["numbers"].items():
            entry = numbers.setdefault(name, {**value, "pages": []})
            entry["pages"].append(path)
            if entry["display"] != value["display"]:
                message = (
                    f'{name} is shown as "{value["display"]}" and, on '
                    f'{entry["pages"][0]}, as "{entry["display"]}"'
                )
                found.append(problem(TWO_VALUES, path, 0, "", message).as_dict())
        for name, ref in page["lost"]:
            message = f"{name} rests on {ref}, which is not there" if ref else f"{name} has no refs"
            found.append(problem(LOST_REF, path, 0, "", message).as_dict())
        out["sources"] |= page["sources"]
        out["reports"] |= page["reports"]
    out["groups"] = _groups(numbers)
    info = ctx.get("info")
    out |= {"schema": SCHEMA, "review": info["id"], "version": info["version"]}
    # without indent: the manifest is by far the largest file of a site
    text = json.dumps(out, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return {"text": text + "\n", "problems": found}


def _groups(numbers: dict[str, Entry]) -> dict[str, list[str]]:
    """Give refs that several numbers share a name, and put it in their place.

    All numbers of a pooled result rest on all of its rows.
    """
    shared = Counter(tuple(n["refs"]) for n in numbers.values() if len(n["refs"]) >= MANY)
    names: dict[tuple[str, ...], str] = {}
    for number in numbers.values():
        refs = tuple(number["refs"])
        if shared[refs] > 1:
            names.setdefault(refs, f"refs/{len(names) + 1}")
            number["refs"] = [names[refs]]
    return {name: list(refs) for refs, name in names.items()}


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


class Manifest:
    """Reads the file: the refs of a number in full, and all that is known of a ref.

    Examples
    --------
    >>> entry = {"report": "smith/paper", "locator": "p. 3"}
    >>> known = Manifest({"sources": {"a.csv#1": entry}, "reports": {}, "numbers": {}})
    >>> known.source("a.csv#1.events")["field"]
    'events'
    """

    def __init__(self, data: Entry) -> None:
        self.numbers: dict[str, Entry] = data["numbers"]
        self._data = data

    def refs(self, number: str) -> list[str]:
        """Refs of a number; names of groups give way to what they stand for."""
        groups = self._data.get("groups", {})
        found = self.numbers[number]["refs"]
        return [ref for name in found for ref in groups.get(name, [name])]

    def source(self, ref: str) -> Entry | None:
        """File, row, field, report, locator and more of a ref; None where it leads nowhere."""
        sources: dict[str, Entry] = self._data["sources"]
        row = ref if ref in sources else ref.rpartition(".")[0]
        if row not in sources:
            return None
        entry = sources[row]
        file, _, key = row.partition("#")
        empty = {"report": "", "locator": "", "derived": False, "derivation": ""}
        plain: Entry = dict.fromkeys(OF_A_REPORT, "") | empty
        report: Entry = self._data["reports"].get(entry.get("report", ""), {})
        place = {"file": file, "row": key, "field": ref[len(row) + 1 :]}
        return plain | report | entry | place
