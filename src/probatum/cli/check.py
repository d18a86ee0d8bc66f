"""``probatum check``: every problem in a review, with its place and what to do."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

NAME = "check"
HELP = "check a review and list every problem with its place"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", nargs="?", default=".", help="the review (default: here)")
    parser.add_argument("--json", action="store_true", help="print the problems as JSON")


def run(args: argparse.Namespace) -> int:
    """0 where nothing but warnings was found, else 1."""
    from probatum.errors import ProbatumError
    from probatum.review.load import load

    if not Path(args.folder).is_dir():
        raise ProbatumError(f'"{args.folder}" is not a folder. Name the folder of a review.')
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


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
