"""What comes of reading an export: every entry is parsed or rejected, and nothing goes unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from probatum.records.record import Record

TEXT_KEPT = 300


@dataclass(frozen=True, slots=True)
class Parsed:
    """An entry that became a record, with its lines (0 where the format has none)."""

    record: Record
    line_from: int = 0
    line_to: int = 0


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry that could not become a record, and why."""

    line_from: int
    line_to: int
    reason: str
    text: str = ""

    def row(self) -> dict[str, Any]:
        """As plain data, for ``--json``."""
        out = {"line_from": self.line_from, "line_to": self.line_to, "reason": self.reason}
        return {**out, "text": self.text[:TEXT_KEPT]} if self.text else out


@dataclass(frozen=True, slots=True)
class Stray:
    """Text that belongs to no entry: headings, search strategies, page furniture."""

    line_from: int
    line_to: int
    text: str

    def row(self) -> dict[str, Any]:
        """As plain data, for ``--json``."""
        return {
            "line_from": self.line_from,
            "line_to": self.line_to,
            "text": self.text[:TEXT_KEPT],
        }


Piece = Parsed | Rejected | Stray


@dataclass
class Reading:
    """The sum of a file: every entry was parsed or rejected."""

    format: str
    encoding: str = ""
    parsed: int = 0
    records: list[Record] = field(default_factory=list)  # of those who want all at once
    rejected: list[Rejected] = field(default_factory=list)
    stray: list[Stray] = field(default_factory=list)

    @property
    def entries(self) -> int:
        """How many entries the file has."""
        return self.parsed + len(self.rejected)

    def take(self, pieces: Iterable[Piece]) -> Iterator[Parsed]:
        """Pass on what was parsed, and keep account of everything else."""
        for piece in pieces:
            match piece:
                case Parsed():
                    self.parsed += 1
                    yield piece
                case Rejected():
                    self.rejected.append(piece)
                case Stray():
                    self.stray.append(piece)

    def row(self) -> dict[str, Any]:
        """As plain data, for ``--json``."""
        return {
            "format": self.format,
            "encoding": self.encoding,
            "entries": self.entries,
            "parsed": self.parsed,
            "rejected": [one.row() for one in self.rejected],
            "stray": [one.row() for one in self.stray],
            "records": [one.row() for one in self.records],
        }
