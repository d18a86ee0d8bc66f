"""Rows of delimited text with their lines, whatever a stray quote does to them."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from probatum.records.reading import Rejected
from probatum.records.source import ENTRY

CELL_LINES = 1000  # more lines in one row are an open quote, not a cell
_MOST = 8  # rows tried to see whether the lines after a stray quote are rows again


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, with its lines."""

    cells: list[str]
    line_from: int
    line_to: int


class _Lines:
    """Hands lines to the csv module, and takes back what a damaged row swallowed."""

    def __init__(self, lines: Iterable[tuple[int, str]]) -> None:
        self.lines = iter(lines)
        self.back: deque[tuple[int, str]] = deque()
        self.taken: list[tuple[int, str]] = []
        self.size = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= CELL_LINES or self.size > ENTRY:
            raise csv.Error(f"a quoted cell does not end within {CELL_LINES} lines")
        number, line = self.back.popleft() if self.back else next(self.lines)
        self.taken.append((number, line))
        self.size += len(line)
        return line + "\n"

    def begin(self) -> None:
        """Forget the row before."""
        self.taken = []
        self.size = 0

    def give_back(self) -> None:
        """All lines but the first are read again."""
        self.back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def rows(
    lines: Iterable[tuple[int, str]], delimiter: str, width: int = 0, widest: int = 0
) -> Iterator[Row | Rejected]:
    """Each row that has a cell with text; one that is not `width` wide is rejected.

    Empty cells beyond `width` are forgiven up to `widest`. Where a row swallowed others because
    of a stray quote, only its first line is rejected.
    """
    csv.field_size_limit(max(csv.field_size_limit(), ENTRY))
    feed = _Lines(lines)
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        feed.begin()
        reason = ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells, reason = [], str(error)
        if not reason and not any(cell.strip() for cell in cells):
            continue
        if width < len(cells) <= widest and not any(cell.strip() for cell in cells[width:]):
            del cells[width:]
        reason = reason or _fault(cells, feed.taken, delimiter, width)
        if not reason:
            yield Row(cells, feed.taken[0][0], feed.taken[-1][0])
            continue
        if not cells or (width and _holds_rows(feed.taken[1:], delimiter, width)):
            feed.give_back()
        reader = csv.reader(feed, delimiter=delimiter)
        yield Rejected(feed.taken[0][0], feed.taken[-1][0], reason, feed.taken[0][1][:200])


def _fault(cells: list[str], taken: list[tuple[int, str]], delimiter: str, width: int) -> str:
    """What is wrong with a row, "" where nothing is."""
    if width and len(cells) != width:
        return f"{len(cells)} cells where the header has {width}"
    if len(taken) > 1:  # a stray quote may join lines into a row that is as wide by chance
        try:
            next(csv.reader(_text(taken), delimiter=delimiter, strict=True))
        except csv.Error:
            return "a quote stands where a cell neither begins nor ends"
    return ""


def _text(taken: list[tuple[int, str]]) -> Iterator[str]:
    return (line + "\n" for _, line in taken)


def _holds_rows(taken: list[tuple[int, str]], delimiter: str, width: int) -> bool:
    """Whether the lines that a row swallowed are rows of their own."""
    reader = csv.reader(_text(taken), delimiter=delimiter)
    try:
        return any(len(cells) == width for cells, _ in zip(reader, range(_MOST)))
    except csv.Error:
        return True
