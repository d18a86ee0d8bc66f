"""``probatum import``: exports of searches into a review, every entry accounted for."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
from pathlib import Path
from typing import get_args

from probatum.errors import BadInput, ProbatumError
from probatum.review.searches.model import Kind

NAME = "import"
HELP = "take exports of searches into a review: nothing is lost, and nothing is taken in twice"
FIRST = datetime.date(1900, 1, 1)
EXAMPLE = "probatum import embase.ris --database Embase --platform Ovid --date 2026-11-20"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="what a database exported")
    parser.add_argument("--review", default=".", help="the review (default: here)")
    parser.add_argument("--database", default="", help='as it is called, such as "Embase"')
    parser.add_argument("--platform", default="", help='where it was searched, such as "Ovid"')
    parser.add_argument("--date", default="", help="when, such as 2026-11-20 (default: today)")
    parser.add_argument("--kind", default="database", choices=get_args(Kind), help="what it is")
    parser.add_argument("--query", default="", help="the query as it was run; @FILE reads a file")
    parser.add_argument("--hits", type=_hits, help="how many the database said there are")
    parser.add_argument("--format", default="", help="the files' format (default: by content)")
    parser.add_argument("--columns", metavar="TOML", help='of a table: field = "its header"')
    parser.add_argument("--dry-run", action="store_true", help="read and tell; write nothing")
    parser.add_argument("--json", action="store_true", help="print what was read as JSON")


def run(args: argparse.Namespace) -> int:
    """1 where a file can't be read, or entries of an imported one were rejected."""
    from probatum.records.reading import Reading

    date = _date(args.date)
    told, code = [], 0
    for name in args.files:
        try:
            row = _dry(args, Path(name)) if args.dry_run else _import(args, Path(name), date)
        except BadInput as error:
            print(f"probatum import: {error}", file=sys.stderr)
            told.append({**Reading("").row(), "given": name, "problem": str(error)})
            code = 1
            continue
        code = max(code, int(bool(row["rejected"]) and not args.dry_run))
        told.append({**row, "given": name})
        if not args.json:
            print(_sentence(name, row))
    if args.json:
        print(json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False))
    return code


def _date(text: str) -> datetime.date | None:
    if not text:
        return None
    try:
        date = datetime.date.fromisoformat(text)
    except ValueError:
        raise ProbatumError(
            f'--date "{text}" is no date; expected one such as 2026-11-20'
        ) from None
    tomorrow = datetime.date.today() + datetime.timedelta(days=1)  # it may be so elsewhere
    if not FIRST <= date <= tomorrow:
        raise ProbatumError(f"--date {date}: no search was run then. Say when this one was.")
    return date


def _hits(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f'"{text}" is no count; expected digits such as 1204')
    return int(text)


def _readable(text: str) -> str:
    """An argument as text that can be written, whatever its bytes were."""
    return os.fsencode(text).decode("utf-8", "replace")


def _query(text: str) -> str:
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise ProbatumError(f'--query "{text}" can\'t be read: {error}') from None


def _dry(args: argparse.Namespace, path: Path) -> dict[str, object]:
    from probatum.records.formats import read
    from probatum.review.searches.importing import open_source

    return read(open_source(path, _columns(args.columns)), args.format).row()


def _columns(name: str | None) -> tuple[tuple[str, str], ...]:
    """A map of columns out of a file, () where none is named."""
    from probatum.records.formats.table_columns import load_columns

    if not name:
        return ()
    try:
        return load_columns(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        raise ProbatumError(f'--columns "{name}" can\'t be read: {error}') from None


def _import(args: argparse.Namespace, path: Path, date: datetime.date | None) -> dict[str, object]:
    from probatum.review.searches.importing import Facts, import_export

    facts = Facts(
        database=_readable(args.database),
        platform=_readable(args.platform),
        date=date,
        query=_readable(_query(args.query)),
        hits=args.hits,
        kind=args.kind,
        format=args.format,
        columns=_columns(args.columns),
    )
    done = import_export(
        Path(args.review), path, facts, today=datetime.date.today(), progress=_progress
    )
    row: dict[str, object] = {"search": done.search, "before": done.before}
    run = done.run.model_dump(mode="json")
    row |= {name: run[name] for name in ("encoding", "entries", "parsed", "rejected", "stray")}
    return {**row, "format": done.run.read_as, "reported": done.run.reported}


def _progress(count: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{count:,} records ...", end="", file=sys.stderr, flush=True)


def _sentence(name: str, row: dict[str, object]) -> str:
    """What became of a file, with every rejected entry at its lines."""
    rejected = row["rejected"]
    assert isinstance(rejected, list)
    lines = []
    if row.get("before"):
        lines.append(f"{name}: was taken in before, as searches/{row['search']}. Nothing changed.")
        return "\n".join(lines)
    lines.append(
        f"{name}: {row['format']}, {row['entries']} entries = {row['parsed']} records + "
        f"{len(rejected)} rejected."
    )
    stray = row["stray"]
    count = len(stray) if isinstance(stray, list) else stray
    if count:
        lines.append(f"  {count} pieces of text between entries belong to none of them.")
    for one in rejected:
        lines.append(f"  lines {one['line_from']} to {one['line_to']}: {one['reason']}")
    if "search" in row:
        lines.append(f"  Kept in searches/{row['search']}.")
        reported = row["reported"]
        if reported is not None and reported != row["entries"]:
            lines.append(
                f"  The database reported {reported} hits and the export has {row['entries']}: "
                "export the rest, or say in search.toml why they differ."
            )
    return "\n".join(lines)
