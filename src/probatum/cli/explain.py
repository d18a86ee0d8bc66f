"""``probatum explain``: the catalogue of problem codes."""

from __future__ import annotations

import argparse

NAME = "explain"
HELP = "explain a problem code, or list all of them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("code", nargs="?", help="a code such as E214 (default: list all)")


def run(args: argparse.Namespace) -> int:
    """Print one entry, or a line per entry."""
    _register_all()
    from probatum.errors import CATALOGUE, UnknownOption

    if args.code is None:
        for code in sorted(CATALOGUE):
            print(f"{code}  {CATALOGUE[code].title}")
        return 0
    entry = CATALOGUE.get(args.code.upper())
    if entry is None:
        raise UnknownOption("code", args.code, sorted(CATALOGUE))
    print(f"{entry.code}  {entry.title} ({entry.severity})")
    print(f"  Why:     {entry.why}")
    print(f"  Repair:  {entry.repair}")
    print(f"  Example: {entry.example}")
    return 0


def _register_all() -> None:
    """Codes are registered beside the checks that report them."""
    import importlib

    importlib.import_module("probatum.review.load")
    importlib.import_module("probatum.review.checks")
    importlib.import_module("probatum.build.codes")
