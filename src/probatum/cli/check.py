"""``probatum check``: every problem in a review, with its place and what to do."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

NAME = "check"
HELP = "check a review and list every problem with its place"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", nargs="?", default=".", help="the review (default: here)")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.add_argument(
        "--claims", action="store_true", help="list the claims of all questions and their state"
    )


def run(args: argparse.Namespace) -> int:
    """0 where nothing but warnings was found (or no claim is broken), else 1."""
    from probatum.errors import ProbatumError

    if not Path(args.folder).is_dir():
        raise ProbatumError(f'"{args.folder}" is not a folder. Name the folder of a review.')
    return _claims(args) if args.claims else _problems(args)


def _problems(args: argparse.Namespace) -> int:
    from probatum.review.load import load

    review = load(args.folder)
    errors = sum(found.severity == "error" for found in review.problems)
    if args.json:
        print(json.dumps([found.as_dict() for found in review.problems], indent=2))
        return int(errors > 0)
    for found in review.problems:
        print(found)
    warnings = len(review.problems) - errors
    print(
        f"{_many(len(review.studies), 'study', 'studies')}, "
        f"{_many(len(review.analyses), 'analysis', 'analyses')}, "
        f"{_many(len(review.questions), 'question', 'questions')}: "
        f"{_many(errors, 'error', 'errors')}, {_many(warnings, 'warning', 'warnings')}."
    )
    if review.problems:
        print("`probatum explain CODE` says why a problem matters and how to repair it.")
    return int(errors > 0)


def _claims(args: argparse.Namespace) -> int:
    """List the claims as the build's own nodes have them."""
    from probatum.build import steps  # noqa: F401  (registers its steps)
    from probatum.build.build import open_engine
    from probatum.build.engine import Cycle, StepFailed
    from probatum.cli.build import register_pages

    register_pages()
    engine = open_engine(Path(args.folder))
    try:
        told = {name: engine.get(f"told:{name}") for name in engine.get("questions")}
        engine.store.save()
    except (StepFailed, Cycle) as failed:
        print(failed.problem)
        return 1
    finally:
        engine.store.close()
    every = [claim for claims in told.values() for claim in claims]
    states = [claim["state"] for claim in every]
    if args.json:
        print(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for name, claims in told.items():
            print(f"questions/{name}.md")
            for claim in claims:
                print(_claim(claim))
        counted = (f"{states.count(s)} {s}" for s in ("holds", "broken", "no condition"))
        print(f"{_many(len(every), 'claim', 'claims')}: {', '.join(counted)}.")
    return int("broken" in states)


def _claim(claim: dict[str, Any]) -> str:
    """A claim as lines: its state and place, the sentence, and what each condition says now."""
    sure = f", certainty {claim['certainty']}" if claim["certainty"] else ""
    lines = [f"  {claim['state']:<12} line {claim['line']} {claim['claim'] or '(page)'}{sure}"]
    lines += [f"      {claim['text']}"] if claim["text"] else []
    for known in claim["conditions"]:
        now = f"now {known['display']}" if known["display"] else known["reason"]
        sign = "ok    " if known["holds"] else "BROKEN"
        lines.append(f"      {sign} {known['expect']}   ({now})")
    if claim["sources"]:
        lines.append(f"      rests on {', '.join(claim['sources'])}")
    return "\n".join(lines)


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
