"""``probatum why``: from a shown number to the rows and the places where they were read."""

from __future__ import annotations

import argparse
import difflib
import json
from pathlib import Path
from typing import Any

from probatum.build.build import cache_lock, open_engine
from probatum.build.engine import Cycle, Engine, StepFailed
from probatum.build.manifest import Manifest
from probatum.errors import ProbatumError

NAME = "why"
HELP = "tell what a number rests on: analysis, rows, report and locator"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("what", help="a number's key, an analysis, a row id, or a number as shown")
    parser.add_argument("--folder", default=".", help="the review folder (default: here)")
    parser.add_argument("--json", action="store_true", help="tell it as JSON")


def run(args: argparse.Namespace) -> int:
    """Print what every match rests on."""
    from probatum.build import steps  # noqa: F401  (registers its steps)
    from probatum.cli.build import register_pages, waiting

    register_pages()
    with cache_lock(Path(args.folder), waiting=waiting):
        return _tell(args)


def _tell(args: argparse.Namespace) -> int:
    engine = open_engine(Path(args.folder))
    try:
        known = Manifest(json.loads(engine.get("manifest")["text"]))
        found = matches(args.what, known)
        if not found:
            raise ProbatumError(_unknown(args.what, known))
        told = [explain(engine, name, known) for name in found]
        engine.store.save()
    except (StepFailed, Cycle) as failed:
        print(failed.problem)
        return 1
    finally:
        engine.store.close()
    print(
        json.dumps(told, indent=1, ensure_ascii=False)
        if args.json
        else "\n\n".join(text(item) for item in told)
    )
    return 0


def matches(what: str, known: Manifest) -> list[str]:
    """Keys that are meant: one key; else all of an analysis or row; else all shown so."""
    numbers = known.numbers
    if what in numbers:
        return [what]
    for part in (f"{what}/estimate", f"{what}/ci"):
        if part in numbers:
            return [part]
    mine = [name for name, entry in numbers.items() if entry["node"] == f"result:{what}"]
    if mine:
        return sorted(mine)[:1]
    rows = [
        name
        for name in numbers
        if len(refs := known.refs(name)) == 1 and _of_row(refs[0], what, known)
    ]
    shown = [name for name, entry in numbers.items() if entry["display"] == what]
    return sorted(rows or shown)


def _of_row(ref: str, what: str, known: Manifest) -> bool:
    source = known.source(ref)
    row = source["row"] if source else ""
    return what in (ref, row, row.partition("/")[0])


def _unknown(what: str, known: Manifest) -> str:
    near = difflib.get_close_matches(what, list(known.numbers), n=1, cutoff=0.6)
    guess = f' Did you mean "{near[0]}"?' if near else ""
    return (
        f'nothing on the site is called or reads "{what}".{guess} Give a number\'s key,'
        " the id of an analysis or of a row, or a number exactly as shown."
    )


def explain(engine: Engine, name: str, known: Manifest) -> dict[str, Any]:
    """A number with the nodes it went through and the sources of its rows."""
    entry, refs = known.numbers[name], known.refs(name)
    return {
        "id": name,
        **entry,
        "refs": refs,
        "path": chain(engine, entry["node"]),
        "sources": {ref: known.source(ref) for ref in refs},
    }


def chain(engine: Engine, node: str) -> list[str]:
    """The nodes that a node was made from, down to files: its trace is its provenance."""
    out: list[str] = []
    waiting = [node]
    while waiting:
        at = waiting.pop(0)
        if at in out:
            continue
        out.append(at)
        waiting += engine.deps(at) if not at.startswith(("index", "having", "holding")) else []
    return out


def text(item: dict[str, Any]) -> str:
    """The account as lines for a reader."""
    lines = [
        f"{item['display']}   {item['id']} ({item['scale']}), on {', '.join(item['pages'])}",
        f"  made by {item['node']}",
    ]
    read = {step.partition(":")[2] for step in item["path"] if step.startswith("file:")}
    rows = {ref.partition("#")[0] for ref in item["refs"]}
    decided = sorted(file for file in read if not file.startswith("studies/"))
    lines.append(f"  from {', '.join([*decided, *sorted(rows - set(decided))])}")
    for ref, source in item["sources"].items():
        lines.append(f"  {ref}")
        if source is None:
            lines.append("    leads nowhere")
            continue
        where = [source[key] for key in ("citation", "locator", "source_type") if source[key]]
        lines.append("    " + (", ".join(where) if where else "the review's own text"))
        if source["derived"]:
            lines.append(f"    derived: {source['derivation']}")
        if source["cite_url"]:
            lines.append(f"    {source['cite_url']}")
    return "\n".join(lines)
