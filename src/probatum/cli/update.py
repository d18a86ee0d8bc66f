"""``probatum update``: everything that can be brought up to date without a person."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import probatum
from probatum.errors import ProbatumError

NAME = "update"
HELP = "ask every saved search for what is new, and look through it for duplicates"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("review", nargs="?", default=".", help="the review (default: here)")
    parser.add_argument("--json", action="store_true", help="print what came of it as JSON")


def run(args: argparse.Namespace) -> int:
    """0 where every search arrived whole, 1 where one did not."""
    from probatum.cli.search import tell_delta
    from probatum.review.deduplicating import deduplicate
    from probatum.review.searches.updating import starts, update_search

    review, today = Path(args.review), datetime.date.today()
    if not (review / "review.toml").is_file():
        raise ProbatumError(f'"{review}" is no review: it has no review.toml.')
    out: dict[str, Any] = {"searches": [], "failed": [], "duplicates": None}
    for name in starts(review):
        try:
            delta = update_search(review, name, today=today)
        except ProbatumError as error:
            out["failed"].append({"search": name, "problem": str(error)})
            print(f"probatum update: {name}: {error}", file=sys.stderr)
            continue
        out["searches"].append(delta.row())
        if not args.json:
            print(tell_delta(delta))
    by = f"probatum {probatum.__version__}".strip()
    done = deduplicate(review, by=by, today=today)
    out["duplicates"] = asdict(done) if done else None
    if args.json:
        print(json.dumps(out, ensure_ascii=False))
    elif done:
        print(
            f"{done.records} new records: {done.merged} duplicates, {done.queued} pairs to judge."
        )
    else:
        print("No record is new.")
    return int(bool(out["failed"]))
