"""CSV files to typed rows, with true line numbers; a damaged row is reported and dropped."""

from __future__ import annotations

import csv
import difflib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import ValidationError

from probatum.errors import Problem, problem, problem_code
from probatum.review.model import Frozen, Number

Row = TypeVar("Row", bound=Frozen)

EMPTY = problem_code(
    "E126",
    "Empty file",
    why="A CSV file needs its header row.",
    repair="Write the header row, or delete the file.",
    example="an outcomes.csv of 0 bytes",
)
MISSING_COLUMN = problem_code(
    "E120",
    "Missing column",
    why="Rows can't be read without it.",
    repair="Add the column to the header.",
    example="outcomes.csv without a column id",
)
UNKNOWN_COLUMN = problem_code(
    "E121",
    "Unknown column",
    why="A misspelt column would be left out without a word.",
    repair="Correct the name or delete the column.",
    example='"evnts" for "events"',
)
DOUBLE_COLUMN = problem_code(
    "E122",
    "Column stands twice",
    why="It is unclear which of the two is meant.",
    repair="Keep one of the columns.",
    example="id,arm,n,n",
)
RAGGED = problem_code(
    "E123",
    "Row of another length",
    why="A missing or extra comma shifts every later cell into the wrong column.",
    repair="Quote cells that hold commas; end short rows with empty cells.",
    example="a note with a comma and without quotes",
)
SEMICOLONS = problem_code(
    "E124",
    "Separated by semicolons",
    why="Some spreadsheets write semicolons; a review uses commas.",
    repair="Save the file again with commas and decimal points.",
    example="id;arm;outcome",
)
QUOTES = problem_code(
    "E125",
    "Stray quotation mark",
    why="An open quotation mark swallows the rows after it.",
    repair='Close the quotation mark; write a quotation mark inside a cell twice ("").',
    example='"note without an end',
)
BAD_NUMBER = problem_code(
    "E201",
    "Not a number",
    why="A number must be plain, so that it means the same on every machine.",
    repair="Write digits with a decimal point, such as 12 or 0.5; leave what was not seen empty.",
    example="12,5 or 26.6% or 1 000 or n/a",
)
BAD_CHOICE = problem_code(
    "E202",
    "Not one of the known words",
    why="Only known words have a meaning.",
    repair="Use one of the words listed in docs/review-folder.md.",
    example="use = maybe",
)
DUPLICATE = problem_code(
    "E203",
    "Row stands twice",
    why="The same row would count twice.",
    repair="Delete one of the rows, or give it an id of its own.",
    example="two rows with the same id and arm",
)
BAD_BOOLEAN = problem_code(
    "E204",
    "Neither true nor false",
    why="A yes or no is written true or false.",
    repair='Write "true" or "false".',
    example="yes",
)
EMPTY_CELL = problem_code(
    "E205",
    "Required cell is empty",
    why="The row has no meaning without it.",
    repair="Fill the cell.",
    example="an outcome row without outcome",
)
BAD_ROW_ID = problem_code(
    "E206",
    "Id of a row with a forbidden sign",
    why="Addresses of numbers are built from row ids.",
    repair="Use letters, digits, hyphens, dots and underscores.",
    example="row 1/2",
)
SPREADSHEET = problem_code(
    "E207",
    "Spreadsheet damage",
    why="A spreadsheet has replaced what was typed: the value is lost.",
    repair="Restore the cell from the source and format the column as text.",
    example="#REF! in a cell, 2-Mar or 1.23E+05 as an id",
)

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")
_ERROR = re.compile(r"#(REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!)|Err:\d+\Z")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_DATE_ID = re.compile(
    rf"(\d{{1,2}}[-/ ]{_MONTH}([-/ ]\d{{2,4}})?|{_MONTH}[-/ ]\d{{1,4}}"
    r"|\d{1,2}/\d{1,2}/\d{2,4}|\d+(\.\d+)?e\+\d+|\d+\.0)\Z",
    re.I,
)
_BAD_ID = re.compile(r"[\s#,;/]")


def is_row_id(text: str) -> bool:
    """Whether a cell can be the id of a row, as `read_table` takes it."""
    return bool(text) and not (_ERROR.match(text) or _DATE_ID.match(text) or _BAD_ID.search(text))


def nearest(name: str, known: list[str]) -> str:
    """' Did you mean "x"?' or ''."""
    near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""


def records(text: str) -> Iterator[tuple[int, list[str], bool]]:
    """(first line, cells, faulty quotes) of each record that is not blank."""
    kept = text.split("\n")
    start = 0
    while start < len(kept):
        stop, quotes = start + 1, kept[start].count('"')
        while quotes % 2 and stop < len(kept):
            quotes += kept[stop].count('"')
            stop += 1
        faulty = bool(quotes % 2)
        if faulty:  # never closed: read only this line, so that the rest lives
            stop = start + 1
        chunk = "\n".join(kept[start:stop])
        if chunk.strip():
            try:
                cells = next(csv.reader([part + "\n" for part in chunk.split("\n")], strict=True))
            except (csv.Error, StopIteration):
                faulty, cells = True, chunk.split(",")
            yield start + 1, [cell.strip() for cell in cells], faulty
        start = stop


def _swallowed(cells: list[str], firsts: set[str], width: int) -> bool:
    """Whether a cell of several lines holds a row: two stray quotation marks have joined up."""
    for cell in cells:
        for part in cell.split("\n")[1:]:
            first, commas = part.partition(",")[0].strip(), part.count(",")
            if commas >= width // 2 or (commas >= 2 and first in firsts):
                return True
    return False


def _cell(kind: Any, text: str) -> tuple[Any, str, str]:
    """(value, code, message) of a cell that is not empty; code "" when fine."""
    if _ERROR.match(text):
        return None, SPREADSHEET, f'"{text}" is a spreadsheet error, not a value'
    if Number in get_args(kind):
        if _NUMBER.match(text) and math.isfinite(float(text)):
            return Number(text=text, value=float(text)), "", ""
        return None, BAD_NUMBER, f'"{text}" is not a plain number'
    if kind is bool:
        if text in ("true", "false"):
            return text == "true", "", ""
        return None, BAD_BOOLEAN, f'"{text}" is neither true nor false'
    if get_origin(kind) is Literal and text not in get_args(kind):
        words = ", ".join(get_args(kind))
        message = f'"{text}" is not one of: {words}.{nearest(text, list(get_args(kind)))}'
        return None, BAD_CHOICE, message
    return text, "", ""


@dataclass(frozen=True, slots=True)
class _Table:
    """What a row is read with: its file, model, key and header."""

    file: str
    model: type[Frozen]
    key: tuple[str, ...]
    header: list[str]
    firsts: set[str]  # what the rows of the file begin with

    @property
    def required(self) -> list[str]:
        """Columns that every row must fill."""
        fields = self.model.model_fields
        return [name for name, info in fields.items() if info.is_required()]

    @property
    def doubtful(self) -> dict[str, Any]:
        """What holds where a misspelt column may be the one that says who was not verified."""
        unknown = set(self.header) - set(self.model.model_fields)
        says = "verified" in self.header or "verified" not in self.model.model_fields
        return {"verified": False} if unknown and not says else {}

    def headed(self, line: int) -> list[Problem]:
        """What is wrong with the header."""
        header, fields = self.header, self.model.model_fields
        found: list[Problem] = []
        for name in sorted({name for name in header if header.count(name) > 1}):
            message = f'column "{name}" stands twice'
            found.append(problem(DOUBLE_COLUMN, self.file, line, name, message))
        for name in header:
            if name not in fields:
                message = f'column "{name}" is unknown.{nearest(name, list(fields))}'
                found.append(problem(UNKNOWN_COLUMN, self.file, line, name, message))
        for name in self.required:
            if name not in header:
                message = f'column "{name}" is missing'
                found.append(problem(MISSING_COLUMN, self.file, line, name, message))
        return found

    def shaped(self, line: int, cells: list[str], faulty: bool) -> list[Problem]:
        """What is wrong with the shape of a row: then no cell of it can be told from another."""
        if faulty:
            message = "a quotation mark is open or stray"
            return [problem(QUOTES, self.file, line, "", message)]
        if _swallowed(cells, self.firsts, len(self.header)):
            message = "a quotation mark is open: a cell holds what looks like another row"
            return [problem(QUOTES, self.file, line, "", message)]
        if len(cells) != len(self.header):
            message = f"the row has {len(cells)} cells; the header has {len(self.header)}"
            return [problem(RAGGED, self.file, line, "", message)]
        return []

    def values(self, line: int, cells: list[str]) -> tuple[dict[str, Any], list[Problem]]:
        """The values of a row by column, and what is wrong with them."""
        fields = self.model.model_fields
        values: dict[str, Any] = {}
        bad: list[Problem] = []
        for name, cell in zip(self.header, cells, strict=False):
            if name not in fields or name in values:
                continue
            if not cell:
                if name in self.required:
                    bad.append(problem(EMPTY_CELL, self.file, line, name, f'"{name}" is empty'))
                continue
            if name in self.key:
                if _DATE_ID.match(cell):
                    message = f'"{cell}" looks like a spreadsheet\'s date or number, not an id'
                    bad.append(problem(SPREADSHEET, self.file, line, name, message))
                elif name == "id" and _BAD_ID.search(cell):
                    message = f'"{cell}" holds a space or one of # , ; /'
                    bad.append(problem(BAD_ROW_ID, self.file, line, name, message))
            values[name], code, message = _cell(fields[name].annotation, cell)
            if code:
                bad.append(problem(code, self.file, line, name, message))
        return values | self.doubtful, bad


def read_table(
    text: str, file: str, model: type[Row], key: tuple[str, ...]
) -> tuple[list[Row], list[Problem], dict[str, int]]:
    """Rows of `model`, problems and the line of each row by its key ("id/arm").

    With no key a row is known by its number, from "0".
    """
    rows: list[Row] = []
    lines: dict[str, int] = {}
    every = list(records(text))
    if not every:
        message = "the file is empty; expected a header row"
        return rows, [problem(EMPTY, file, 1, "", message)], lines
    top, header, _ = every[0]
    if len(header) == 1 and header[0].count(";") > 0:
        message = "the cells are separated by semicolons; expected commas"
        return rows, [problem(SEMICOLONS, file, top, "", message)], lines
    table = _Table(file, model, key, header, {cells[0] for _, cells, _ in every[1:]})
    found = table.headed(top)
    if any(item.code == MISSING_COLUMN for item in found):
        return rows, found, lines
    for line, cells, faulty in every[1:]:
        bad = table.shaped(line, cells, faulty)
        values, more = ({}, []) if bad else table.values(line, cells)
        bad += more
        parts = [str(values.get(name, "")) for name in key]
        row_key = "/".join(parts) if key else str(len(rows))  # rows without a key may repeat
        if not bad and row_key in lines:
            message = f'"{row_key}" already stands in line {lines[row_key]}'
            bad.append(problem(DUPLICATE, file, line, key[0], message))
        found += bad
        if not bad:
            try:
                rows.append(model(**values))
                lines[row_key] = line
            except ValidationError as error:
                found.append(problem(EMPTY_CELL, file, line, "", error.errors()[0]["msg"]))
    return rows, found, lines
