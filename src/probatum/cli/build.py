"""``probatum build``: bring the site of a review up to date."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from probatum.build.build import BuildReport, build
from probatum.cli.watching import told, watch

NAME = "build"
HELP = "build the site of a review"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", nargs="?", default=".", help="the review folder (default: here)")
    parser.add_argument("--out", help="the site folder (default: site, beside where you are)")
    parser.add_argument("--watch", action="store_true", help="build again whenever a text changes")
    parser.add_argument("--json", action="store_true", help="tell what was done as JSON")


def register_pages() -> None:
    """Import what registers the pages of the site."""
    import probatum.site.pages  # noqa: F401


def run(args: argparse.Namespace) -> int:
    """Build once, or again at every change."""
    register_pages()
    folder, out = Path(args.folder), Path(args.out or "site")
    if not args.watch:
        return once(folder, out, as_json=args.json)
    code = told(lambda: once(folder, out, as_json=args.json))
    if not folder.is_dir():
        return code
    watch(folder, out, lambda: once(folder, out, as_json=args.json, always=False))
    return 0  # what was wrong has been told; to end a watch is no fault


def once(folder: Path, out: Path, *, as_json: bool, always: bool = True) -> int:
    """Build once and tell what was done (unless nothing was); 1 with errors."""
    progress, finish = progress_line()
    try:
        report = build(folder, out, progress=progress, waiting=waiting)
    finally:
        finish()
    if always or report.written or report.rebuilt_nodes:
        print(_json(report) if as_json else _text(report, out), flush=True)
    return 1 if report.failed else 0


def waiting(message: str) -> None:
    print(f"probatum: {message}", file=sys.stderr, flush=True)


def progress_line() -> tuple[Callable[[str], None] | None, Callable[[], None]]:
    """A line that is written over on a terminal; nothing in a pipe."""
    if not sys.stderr.isatty():
        return None, lambda: None

    def tell(node: str) -> None:
        sys.stderr.write(f"\r\x1b[K{node[:70]}")
        sys.stderr.flush()

    def finish() -> None:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()

    return tell, finish


def _text(report: BuildReport, out: Path) -> str:
    lines = [str(found) for found in report.problems]
    errors = sum(found.severity == "error" for found in report.problems)
    warnings = len(report.problems) - errors
    told = f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"
    if not report.whole:
        lines.append(
            f"The review can't be read as a whole, so no new site was made; {out}/problems.html"
            f" lists what to mend.{' The earlier site is as it was.' if report.earlier else ''}"
        )
    lines.append(
        f"{out}: {len(report.written)} files written, {len(report.unchanged)} unchanged,"
        f" {len(report.rebuilt_nodes)} nodes made in {report.seconds:.2f} s;"
        f" {told}"
    )
    return "\n".join(lines)


def _json(report: BuildReport) -> str:
    return json.dumps(
        {
            "written": report.written,
            "unchanged": len(report.unchanged),
            "rebuilt_nodes": report.rebuilt_nodes,
            "seconds": round(report.seconds, 3),
            "whole": report.whole,
            "problems": [found.as_dict() for found in report.problems],
        },
        ensure_ascii=False,
    )
