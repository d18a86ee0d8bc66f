"""RevMan Web's package: included references, study information and the rows of each analysis."""

from __future__ import annotations

import re
from collections.abc import Iterator

from probatum.records.formats import ris
from probatum.records.formats.package import is_zip, members, names
from probatum.records.formats.registry import reads
from probatum.records.formats.study_data import DataRow, Part, Setting, reads_study_data
from probatum.records.formats.table_columns import fold
from probatum.records.formats.table_rows import Row, rows
from probatum.records.reading import Parsed, Piece, Rejected, Stray
from probatum.records.record import make_record
from probatum.records.source import Source

_RIS = (".ris",)
_KNOWN = re.compile(r"-data-rows\.csv\Z|included\.ris\Z|-study-information\.csv\Z|-data\.zip\Z")


def _sniff(source: Source) -> float:
    if not is_zip(source):
        return 0.0
    return 0.95 if any(_KNOWN.search(name) for name in names(source)) else 0.0


@reads(
    "revman-web",
    "RevMan Web package (.zip): references and study data of a Cochrane review",
    suffixes=(".zip",),
    source="Cochrane, RevMan Web: download of statistical data and references",
    sniff=_sniff,
)
def read(source: Source) -> Iterator[Piece]:
    """Every reference of the RIS files in a package; the file's name is the section."""
    for one in members(source, _RIS):
        if isinstance(one, Rejected):
            yield one
            continue
        section = one.name.rsplit("/", 1)[-1].removesuffix(".ris")
        for piece in ris.read(Source(data=one.data)):
            if isinstance(piece, Parsed):
                row = piece.record.row()
                row["extra"] = [["section", section], *row.get("extra", [])]
                yield Parsed(make_record(**row), piece.line_from, piece.line_to)
            elif isinstance(piece, Rejected):
                reason = f"{section}: {piece.reason}"
                yield Rejected(piece.line_from, piece.line_to, reason, piece.text)
            else:
                yield Stray(piece.line_from, piece.line_to, f"{section}: {piece.text}")


# RevMan Web's headers to the names of `DataRow`
_CELLS = {
    "experimental cases": "events_1",
    "experimental n": "total_1",
    "experimental mean": "mean_1",
    "experimental sd": "sd_1",
    "control cases": "events_2",
    "control n": "total_2",
    "control mean": "mean_2",
    "control sd": "sd_2",
    "o-e": "o_e",
    "variance": "variance",
    "giv mean": "estimate",
    "giv se": "se",
    "gi mean": "estimate",
    "gi se": "se",
    "mean": "effect_size",
    "ci start": "ci_start",
    "ci end": "ci_end",
    "weight": "weight",
}
_PLACES = {
    "comparison": ("analysis group", "comparison", "comparison name"),
    "outcome": ("analysis name", "analysis", "outcome", "analysis number"),
    "subgroup": ("subgroup", "subgroup name"),
    "study": ("study", "study id"),
}


_STUDY_TABLES = (
    "data-rows.csv",
    "overall-estimates-and-settings.csv",
    "subgroup-estimates.csv",
    "study-information.csv",
    "risk-of-bias.csv",
)


@reads_study_data("revman-web")
def study_data(source: Source) -> Iterator[Part]:
    """Every row of data, the settings with their pooled estimates, and the studies."""
    for one in members(source, _STUDY_TABLES):
        if isinstance(one, Rejected):
            yield one
            continue
        name = one.name.rsplit("/", 1)[-1]
        for row in _table(Source(data=one.data)):
            if isinstance(row, Rejected):
                yield Rejected(row.line_from, row.line_to, f"{name}: {row.reason}", row.text)
            else:
                yield _part(name, *row)


def _table(table: Source) -> Iterator[tuple[dict[str, str], int] | Rejected]:
    """Each row by folded header, without the cells that say that there is nothing."""
    names: list[str] = []
    first = next(rows(table.lines(), ","), None)
    if first is None:
        return
    if isinstance(first, Row):
        names = [fold(cell) for cell in first.cells]
    for row in rows(table.lines(), ",", len(names)):
        if isinstance(row, Rejected):
            yield row
        elif row.line_from > first.line_to:
            cells = zip(names, (cell.strip() for cell in row.cells), strict=True)
            yield {name: text for name, text in cells if text and text != "#N/A"}, row.line_from


def _part(name: str, row: dict[str, str], line: int) -> Part:
    if not name.endswith(_STUDY_TABLES[:3]):
        return {"table": name.removesuffix(".csv"), **row}
    comparison, outcome, subgroup, study = (
        next((row.pop(one) for one in names if one in row), "") for names in _PLACES.values()
    )
    if not name.endswith("data-rows.csv"):
        return Setting(comparison, outcome, subgroup, tuple(row.items()))
    cells = {_CELLS.get(header, header): text for header, text in row.items()}
    kind = _kind(cells)
    return DataRow(comparison, outcome, subgroup, study, kind, tuple(cells.items()), line)


def _kind(cells: dict[str, str]) -> str:
    """What a row holds: cells that its kind does not use are empty or zero."""

    def used(*names: str) -> bool:
        return any(cells.get(name, "0").strip("0.") for name in names)

    if used("mean_1", "sd_1", "mean_2", "sd_2"):
        return "cont"
    if used("estimate", "se"):
        return "iv"
    if used("o_e", "variance"):
        return "ipd"
    return "dich"
