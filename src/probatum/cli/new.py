"""``probatum new``: a commented review folder that already builds."""

from __future__ import annotations

import argparse
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from probatum.errors import BadInput

NAME = "new"
HELP = "make a commented review folder that already builds"
EXAMPLE = 'probatum new my-review --title "Does walking help sleep?"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", help="the folder to make")
    parser.add_argument("--title", default="A first review", help="title of the review")


def run(args: argparse.Namespace) -> int:
    """Copy the template; a folder with something in it is left alone."""
    folder = Path(args.folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f'"{folder}" exists and is not empty; name another folder.')
    title = args.title.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    _copy(files("probatum.review") / "template", folder, title)
    print(f"Made {folder}. Next: probatum check {folder}; probatum serve {folder}")
    return 0


def _copy(source: Traversable, target: Path, title: str) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        if entry.is_dir():
            _copy(entry, target / entry.name, title)
        else:
            text = entry.read_text(encoding="utf-8").replace("{{TITLE}}", title)
            (target / entry.name).write_text(text, encoding="utf-8")
