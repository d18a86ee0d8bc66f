"""``probatum search``: saved searches, run and kept up to date."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import ProbatumError

if TYPE_CHECKING:
    from probatum.review.searches.updating import Delta

NAME = "search"
HELP = "run a saved search, or ask for what is new since it was run"
EXAMPLE = "probatum search run pubmed-alcohol"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("list", "run", "update"), help="what to do")
    parser.add_argument("search", nargs="*", help="folders in searches/ (default: all)")
    parser.add_argument("--review", default=".", help="the review (default: here)")
    parser.add_argument("--json", action="store_true", help="print what came of it as JSON")


def run(args: argparse.Namespace) -> int:
    """0 where every search arrived whole, 1 where one did not."""
    from probatum.review.searches.updating import starts

    review = Path(args.review)
    if not (review / "review.toml").is_file():
        raise ProbatumError(f'"{review}" is no review: it has no review.toml (--review).')
    if args.action == "list":
        return _list(review, args.json)
    names = args.search or starts(review)
    if not names:
        raise ProbatumError(
            "no search names a service that can run it. Write service = "
            f"{_services()} into a searches/*/search.toml."
        )
    told, code = [], 0
    for name in names:
        try:
            told.append(_run(review, name) if args.action == "run" else _update(review, name))
        except ProbatumError as error:
            print(f"\nprobatum search: {name}: {error}", file=sys.stderr)
            code = 1
            continue
        if not args.json:
            print(told[-1].pop("sentence"))
    if args.json:
        rows = [{key: row[key] for key in row if key != "sentence"} for row in told]
        print(json.dumps(rows, ensure_ascii=False))
    return code


def _services() -> str:
    from probatum.records.sources import SERVICES

    return ", ".join(f'"{name}"' for name in sorted(SERVICES))


def _list(review: Path, as_json: bool) -> int:
    from probatum.review.load import load

    rows: list[dict[str, Any]] = [
        {
            "id": one.search.id,
            "database": one.search.database,
            "service": one.search.service,
            "date": str(one.date or ""),
            "records": len(one.records) if one.run else None,
        }
        for one in load(review).searches.values()
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        count = "not run" if row["records"] is None else f"{row['records']} records"
        by = f" by {row['service']}" if row["service"] else ""
        print(f"{row['id']}  {row['database']}  {count} {row['date']}{by}".rstrip())
    return 0


def _progress(pages: int, reported: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{pages} pages of {reported:,} results ...", end="", file=sys.stderr, flush=True)


def _run(review: Path, name: str) -> dict[str, Any]:
    from probatum.review.searches.importing import FOLDER, RUN
    from probatum.review.searches.running import run_search, saved_search

    if (review / FOLDER / name / RUN).is_file():
        raise ProbatumError(
            f"it was run before, and its records are kept. Ask for what is new since then with: "
            f"probatum search update {name}"
        )
    search = saved_search(review, name)
    done = run_search(review, name, search, today=datetime.date.today(), progress=_progress)
    sentence = (
        f"{name}: {search.database} reported {done.reported} results; {done.entries} entries = "
        f"{done.parsed} records + {len(done.rejected)} rejected."
    )
    row = done.model_dump(mode="json", include={"reported", "entries", "parsed", "rejected"})
    return {"search": name, **row, "sentence": sentence}


def _update(review: Path, name: str) -> dict[str, Any]:
    from probatum.review.searches.updating import update_search

    delta = update_search(review, name, today=datetime.date.today(), progress=_progress)
    return {**delta.row(), "sentence": tell_delta(delta)}


def tell_delta(delta: Delta) -> str:
    """What an update brought, in lines."""
    lines = [
        f"{delta.search} (after {delta.continues}): {len(delta.new)} new, "
        f"{len(delta.changed)} changed, {len(delta.corrected)} corrected, "
        f"{len(delta.retracted)} retracted, {delta.same} as they were."
    ]
    for kind in ("retracted", "corrected", "new"):
        lines += [f"  {kind}: {row['id']} {row.get('title', '')}" for row in getattr(delta, kind)]
    return "\n".join(lines)
