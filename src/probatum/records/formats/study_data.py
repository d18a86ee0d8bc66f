"""The study data of a systematic review's file, as plain rows: what RevMan keeps beside records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from probatum.errors import BadInput
from probatum.records.formats.registry import sniff_format
from probatum.records.reading import Rejected
from probatum.records.source import Source


@dataclass(frozen=True, slots=True)
class DataRow:
    """A study's numbers for one outcome (and subgroup), every cell as printed.

    Attributes
    ----------
    comparison, outcome, subgroup, study : str
        As named in the file.
    kind : str
        ``"dich"``, ``"cont"``, ``"iv"``, ``"ipd"`` (observed minus expected) or ``"other"``.
    cells : tuple of (str, str)
        By one set of names for every source: ``events_1 total_1 mean_1 sd_1 events_2 ... estimate
        se o_e variance ci_start ci_end weight``, and what else the file has by its own name.
    line : int
        Where it stands; in a .rm5 file, where its comparison begins.
    """

    comparison: str
    outcome: str
    subgroup: str
    study: str
    kind: str
    cells: tuple[tuple[str, str], ...]
    line: int = 0

    def row(self) -> dict[str, Any]:
        """As plain data."""
        names = ("comparison", "outcome", "subgroup", "study", "kind", "line")
        return {**{name: getattr(self, name) for name in names}, "cells": dict(self.cells)}


@dataclass(frozen=True, slots=True)
class Setting:
    """How an outcome was pooled, and what came of it: an oracle for an import.

    Attributes
    ----------
    comparison, outcome, subgroup : str
    cells : tuple of (str, str)
        Model, method, effect measure, pooled estimate and heterogeneity, by the file's own names.
    """

    comparison: str
    outcome: str
    subgroup: str
    cells: tuple[tuple[str, str], ...]


@dataclass
class StudyData:
    """All of a file's study data, and what of it could not be read."""

    rows: list[DataRow] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    studies: list[dict[str, str]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


Part = DataRow | Setting | dict[str, str] | Rejected
ReadData = Callable[[Source], Iterator[Part]]
STUDY_DATA: dict[str, ReadData] = {}


def reads_study_data(format: str) -> Callable[[ReadData], ReadData]:
    """Register the reader of study data of a format that has a reader of records."""

    def register(read: ReadData) -> ReadData:
        STUDY_DATA[format] = read
        return read

    return register


def gathered(parts: Iterable[Part]) -> StudyData:
    """The parts of a file by what they are."""
    out = StudyData()
    for part in parts:
        match part:
            case DataRow():
                out.rows.append(part)
            case Setting():
                out.settings.append(part)
            case Rejected():
                out.rejected.append(part)
            case _:
                out.studies.append(part)
    return out


def read_study_data(source: Source, format: str = "") -> StudyData:
    """The study data of a RevMan file or package."""
    name = format or sniff_format(source).name
    if name not in STUDY_DATA:
        raise BadInput(
            f'"{source.name}" is {name}, which holds no study data. '
            f"Formats that do: {', '.join(sorted(STUDY_DATA))}."
        )
    return gathered(STUDY_DATA[name](source))
