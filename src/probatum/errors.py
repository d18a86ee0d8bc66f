"""Problems in a review's text, misuse of the library, and the catalogue of codes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault in a review: what, where, what was expected, what to do next.

    Attributes
    ----------
    file : str
        Path inside the review folder, with forward slashes.
    line : int
        1-based line; 0 where the whole file or folder is meant.
    code : str
        A key of `CATALOGUE`, such as ``"E214"``.
    severity : {"error", "warning"}
    field : str
        Column or key, "" where none.
    message : str
        What is, and what was expected.
    hint : str
        What to do next.
    """

    file: str
    line: int
    code: str
    severity: Severity
    field: str
    message: str
    hint: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = f"{place} {self.field}".rstrip()
        return f"{self.code} {where}   {self.message}\n     {self.hint}"

    def as_dict(self) -> dict[str, object]:
        """The problem as plain data, for ``--json`` and for traces."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Code:
    """An entry of the catalogue: what ``probatum explain CODE`` prints."""

    code: str
    severity: Severity
    title: str
    why: str
    repair: str
    example: str


CATALOGUE: dict[str, Code] = {}


def problem_code(code: str, title: str, *, why: str, repair: str, example: str) -> str:
    """Register a code (E... is an error, W... a warning) and return it.

    Called beside the check that reports it, so that a code and its explanation
    can't drift apart.
    """
    if code in CATALOGUE:
        raise ValueError(f"problem code {code} is registered twice")
    severity: Severity = "error" if code.startswith("E") else "warning"
    CATALOGUE[code] = Code(code, severity, title, why, repair, example)
    return code


def problem(code: str, file: str, line: int, field: str, message: str, hint: str = "") -> Problem:
    """Make a problem of a registered code; the hint defaults to the code's repair."""
    entry = CATALOGUE[code]
    return Problem(file, line, code, entry.severity, field, message, hint or entry.repair)


class ProbatumError(ValueError):
    """Misuse of the library or the command line: the message says what to do."""


class UnknownOption(ProbatumError):
    """An option's value is not one of those that exist.

    `known` is their names, or a mapping of names to what they mean: then the nearest is explained
    and the names are not all listed (`more` says where they are).
    """

    def __init__(self, option: str, value: object, known: Iterable[str], more: str = "") -> None:
        names = list(known)
        about: Mapping[str, str] = known if isinstance(known, Mapping) else {}
        folded = {name.casefold(): name for name in names}
        near = difflib.get_close_matches(str(value).casefold(), list(folded), n=1, cutoff=0.5)
        guess = f' Did you mean "{folded[near[0]]}"' if near else ""
        if near and about:
            guess += f" ({about[folded[near[0]]]})"
        guess += "?" if near else ""
        listed = "" if about else f" It takes one of: {', '.join(names)}."
        super().__init__(
            f'{option} "{value}" does not exist.{guess}{listed}' + (f" {more}" if more else "")
        )


class BadInput(ProbatumError):
    """Data that cannot be used as given."""
