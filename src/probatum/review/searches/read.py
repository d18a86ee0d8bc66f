"""A search folder as it was kept: whether it is whole, and what records it holds."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field, ValidationError

from probatum.errors import Problem, problem, problem_code
from probatum.review.locate import read_toml
from probatum.review.model import Frozen
from probatum.review.searches.importing import RECORDS, RUN, SEARCH
from probatum.review.searches.model import RUN_FORMAT, Run, Search
from probatum.review.text import read_text
from probatum.review.typed import typed

NO_SEARCH = problem_code(
    "E150",
    "No search.toml",
    why="Without what was asked of which database a search can't be done again.",
    repair="Write a search.toml; docs/review-folder.md lists its keys.",
    example="searches/2026-11-20-embase/ with an export alone",
)
CHANGED = problem_code(
    "E151",
    "A kept file of a search has changed",
    why="An export and its records are kept as they came, so that every count can be checked.",
    repair="Restore the file from version control; import a corrected export as a new search.",
    example="an export that was opened and saved again in a text editor",
)
BAD_RUN = problem_code(
    "E152",
    "run.json can't be read",
    why="It says what came of the search; without it none of its records count.",
    repair="Restore it from version control, or delete the folder and import the export again.",
    example="a run.json edited by hand",
)
BAD_RECORD = problem_code(
    "E153",
    "A record can't be read",
    why="It is missing from every count.",
    repair="Restore records.jsonl from version control.",
    example="half a line at the end of records.jsonl",
)
COUNTS = problem_code(
    "E154",
    "Counts of a search don't add up",
    why="Every entry of an export is a record or was rejected with a reason.",
    repair="Restore run.json and records.jsonl from version control.",
    example="120 entries, 118 records and no rejected entry",
)
SHORTFALL = problem_code(
    "W155",
    "Fewer entries than hits",
    why="What was not exported was never looked at.",
    repair="Export the rest and import it, or say in the note of search.toml why they differ.",
    example="hits = 1204 and an export of 1000 entries",
)


class KnownRecord(Frozen):
    """What counting, matching and lists need of a record."""

    id: str
    type: str = ""
    title: str = ""
    authors: list[str] = Field(default_factory=list)
    year: int | None = None
    journal: str = ""
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    registry: list[str] = Field(default_factory=list)


class SearchFolder(Frozen):
    """A search, what came of it (None where it was never run), and its records."""

    search: Search
    run: Run | None = None
    records: list[KnownRecord] = Field(default_factory=list)

    @property
    def date(self) -> datetime.date | None:
        """When it was run."""
        return self.search.date or (self.run.date if self.run else None)


_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_KNOWN = set(KnownRecord.model_fields)


def read_search(
    name: str, files: Mapping[str, bytes]
) -> tuple[SearchFolder | None, list[Problem], dict[str, int]]:
    """Read a search folder from the bytes of its files, by name: value, problems and lines."""
    base = f"searches/{name}"
    file = f"{base}/{SEARCH}"
    if SEARCH not in files:
        return None, [problem(NO_SEARCH, base, 0, "", "the folder has no search.toml")], {}
    text, found = read_text(files[SEARCH], file)
    values, lines, more = read_toml(text, file)
    found += more
    at = {f"{file}#{key}": line for key, line in lines.items()}
    if values is None:
        return None, found, at
    search, more = typed(Search, {**values, "id": name}, file, lines)
    found += more
    if search is None:
        return None, found, at
    run, more = _run(base, files)
    found += more
    records, more = _records(base, files, run)
    found += more
    found += _short(search, run, file, lines)
    return SearchFolder(search=search, run=run, records=records), found, at


def _run(base: str, files: Mapping[str, bytes]) -> tuple[Run | None, list[Problem]]:
    file = f"{base}/{RUN}"
    if RUN not in files:
        return None, []
    try:
        run = Run.model_validate_json(files[RUN])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return None, [problem(BAD_RUN, file, 0, where, first["msg"].lower())]
    found = []
    if run.format != RUN_FORMAT:
        message = f"format {run.format} is not known; expected {RUN_FORMAT}"
        return None, [problem(BAD_RUN, file, 0, "format", message)]
    for kept in run.files:
        data = files.get(kept.name)
        if data is None:
            message = "the file is gone"
        elif hashlib.sha256(data).hexdigest() != kept.sha256:
            message = f"the file is not the one that was kept ({kept.bytes:,} bytes)"
        else:
            continue
        found.append(problem(CHANGED, f"{base}/{kept.name}", 0, "", message))
    if run.entries != run.parsed + len(run.rejected):
        message = (
            f"{run.entries} entries are not {run.parsed} records + {len(run.rejected)} rejected"
        )
        found.append(problem(COUNTS, file, 0, "entries", message))
    return run, found


def _records(
    base: str, files: Mapping[str, bytes], run: Run | None
) -> tuple[list[KnownRecord], list[Problem]]:
    if run is None:
        return [], []
    file = f"{base}/{RECORDS}"
    found: list[Problem] = []
    out: dict[str, KnownRecord] = {}
    for number, row in _rows(files.get(RECORDS, b"")):
        try:
            if row is None:
                raise ValueError
            one = KnownRecord.model_validate({key: row[key] for key in _KNOWN if key in row})
        except (ValueError, TypeError):
            found.append(problem(BAD_RECORD, file, number, "", "the line is no record"))
            continue
        if one.id in out:
            found.append(problem(BAD_RECORD, file, number, "id", f'"{one.id}" stands twice'))
        out[one.id] = one
    if not found and len(out) != run.parsed:
        message = f"{len(out)} records are here; run.json counts {run.parsed}"
        found.append(problem(COUNTS, file, 0, "", message))
    return list(out.values()), found


def _rows(data: bytes) -> Iterator[tuple[int, dict[str, Any] | None]]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        yield number, row if isinstance(row, dict) else None


def _short(search: Search, run: Run | None, file: str, lines: Mapping[str, int]) -> list[Problem]:
    if run is None or search.hits is None or search.note or run.entries >= search.hits:
        return []
    message = f"the database reported {search.hits} hits, and {run.entries} entries are here"
    return [problem(SHORTFALL, file, lines.get("hits", 0), "hits", message)]
