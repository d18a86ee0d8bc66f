"""Finds the verbs, reads the arguments, and turns errors into messages."""

from __future__ import annotations

import argparse
import difflib
import errno
import gc
import importlib
import io
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import NoReturn, Protocol, cast

import probatum
from probatum.errors import ProbatumError


class Verb(Protocol):
    """What a module of `probatum.cli` offers as a verb."""

    NAME: str
    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the verb's arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it: 0 fine, 1 problems in the review, 2 wrong use."""


class _Parser(argparse.ArgumentParser):
    """Names the nearest verb where one is misspelt; exit code 2 for misuse."""

    verbs: tuple[str, ...] = ()

    def error(self, message: str) -> NoReturn:
        if "invalid choice:" in message and self.verbs:
            given = message.split("invalid choice: ")[1].split("'")[1]
            near = difflib.get_close_matches(given, self.verbs, n=1, cutoff=0.5)
            guess = f' Did you mean "{near[0]}"?' if near else ""
            message = f'"{given}" does not exist.{guess} There are: {", ".join(self.verbs)}.'
        self.exit(2, f"{self.prog}: {message}\n`{self.prog} --help` shows how it is used.\n")


def verbs(asked: str = "") -> dict[str, Verb]:
    """All verbs by name; only the one that is asked for, where its module has that name."""
    import probatum.cli as package

    names = [info.name for info in pkgutil.iter_modules(package.__path__)]
    found: dict[str, Verb] = {}
    for name in [asked] if asked in names else names:
        if name.startswith("_") or name == "main":
            continue
        module = importlib.import_module(f"probatum.cli.{name}")
        if hasattr(module, "NAME"):
            verb = cast("Verb", module)
            found[verb.NAME] = verb
    return found if found or not asked else verbs()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Examples
    --------
    >>> main(["explain", "E214"])  # doctest: +ELLIPSIS
    E214  More events than people (error)
    ...
    0
    """
    _speak()
    gc.set_threshold(100_000, 20, 20)  # builds make many small values and few circles
    words = sys.argv[1:] if argv is None else argv
    known = verbs(words[0] if words else "")
    parser = _Parser(prog="probatum", description="A systematic review as text, and its site.")
    parser.verbs = tuple(known)
    parser.add_argument("--version", action="version", version=f"probatum {probatum.__version__}")
    inside = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs")
    for name, verb in known.items():
        verb.add_arguments(inside.add_parser(name, help=verb.HELP, description=verb.HELP))
    try:
        args = parser.parse_args(argv)
    except SystemExit as stop:  # argparse ends so after --help and after misuse
        return stop.code if isinstance(stop.code, int) else 2
    if args.verb is None:
        parser.print_help()
        return 2
    return _run(known[args.verb], args)


def _speak() -> None:
    """Anything can be printed: UTF-8 to files and pipes, and a sign that can't be, as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _run(verb: Verb, args: argparse.Namespace) -> int:
    if os.environ.get("PROBATUM_DEBUG") == "1":
        return verb.run(args)
    try:
        return verb.run(args)
    except ProbatumError as error:
        print(f"probatum {verb.NAME}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except MemoryError:
        print(f"probatum {verb.NAME}: there is not enough memory for this.", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of a pipe has left, as in `probatum check | head`
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return 1
    except OSError as error:
        if error.errno not in _OF_THE_MACHINE:
            return _fault(verb, error)
        where = error.filename2 or error.filename
        what = f'"{where}": {error.strerror}' if where else error.strerror
        print(f"probatum {verb.NAME}: {what}. Mend that, and run it again.", file=sys.stderr)
        return 1
    except Exception as error:
        return _fault(verb, error)


# a full or read-only disk, and what may not be written
_OF_THE_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)


def _fault(verb: Verb, error: Exception) -> int:
    print(
        f"probatum {verb.NAME}: unexpected {type(error).__name__}: {error}\n"
        "This is a fault in Probatum. PROBATUM_DEBUG=1 shows where it happened.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
