"""``probatum build``: bring the site of a review up to date."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from probatum.build.build import BuildReport, build

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
    code = once(folder, out, as_json=args.json)
    if args.watch:
        from watchfiles import watch

        hidden = (out.resolve(), (folder / ".probatum").resolve())

        def ours(_: object, path: str) -> bool:
            return not any(Path(path).is_relative_to(place) for place in hidden)

        for _ in watch(folder, watch_filter=ours, raise_interrupt=False):
            code = once(folder, out, as_json=args.json)
    return code


def once(folder: Path, out: Path, *, as_json: bool) -> int:
    """Build once and tell what was done; 1 with errors."""
    progress, finish = progress_line()
    try:
        report = build(folder, out, progress=progress)
    finally:
        finish()
    print(_json(report) if as_json else _text(report, out), flush=True)
    return 1 if report.failed else 0


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
    lines.append(
        f"{out}: {len(report.written)} files written, {len(report.unchanged)} unchanged,"
        f" {len(report.rebuilt_nodes)} nodes made in {report.seconds:.2f} s;"
        f" {errors} errors, {warnings} warnings"
    )
    return "\n".join(lines)


def _json(report: BuildReport) -> str:
    return json.dumps(
        {
            "written": report.written,
            "unchanged": len(report.unchanged),
            "rebuilt_nodes": report.rebuilt_nodes,
            "seconds": round(report.seconds, 3),
            "problems": [found.as_dict() for found in report.problems],
        },
        ensure_ascii=False,
    )
