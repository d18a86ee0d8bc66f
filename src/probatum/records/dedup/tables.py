"""Tables and record files on disk <-> the columns that duplicates are looked for in."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from probatum.errors import BadInput
from probatum.records.dedup.columns import has_ids
from probatum.records.source import HEAD, Source

_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Table:
    """What was read: a column per field, and the rows that could not be, with their line."""

    data: pl.DataFrame
    rejected: list[tuple[int, str]] = field(default_factory=list)


def read_table(path: Path) -> Table:
    """A CSV with an id column in any encoding or delimiter, or a file of a known export format.

    Raises `BadInput` where it is neither.
    """
    source = Source(path)
    header = _first_line(source)
    delimiter = max(_DELIMITERS, key=header.count)
    names = next(csv.reader([header], delimiter=delimiter), [])
    if has_ids(names):
        return _csv(source, delimiter)
    if not source.head.strip():
        raise BadInput(f'"{path}" is empty: expected a header and a row for each record.')
    return _records(source, names)


def _first_line(source: Source) -> str:
    for line in source.head.splitlines():
        if line.strip():
            return line
    return ""


def _csv(source: Source, delimiter: str) -> Table:
    """All at once where the file is plain; else row by row, so that each fault has its line."""
    if source.path and source.encoding.startswith("utf-8") and _has_line_feeds(source):
        # rows of unequal length or stray quotes are what it can't read
        with suppress(pl.exceptions.PolarsError, UnicodeError):
            return Table(pl.read_csv(source.path, separator=delimiter, infer_schema=False))
    with source.text() as file:
        return _row_by_row(file, delimiter)


def _has_line_feeds(source: Source) -> bool:
    with source.open() as file:
        return b"\n" in file.read(HEAD)


def _row_by_row(file: io.TextIOBase, delimiter: str) -> Table:
    """Short rows are filled up; longer ones are rejected, for no cell can be trusted in them."""
    csv.field_size_limit(1 << 30)
    reader = csv.reader((line.replace("\0", "") for line in file), delimiter=delimiter)
    names: list[str] = []
    rows: list[list[str]] = []
    rejected: list[tuple[int, str]] = []
    start = 1
    for cells in reader:
        if not names:
            names = [name.lstrip("\ufeff") for name in cells]
        elif len(cells) > len(names) and any(cells[len(names) :]):
            rejected.append((start, f"{len(cells)} cells under {len(names)} column names"))
        elif cells:
            rows.append((cells + [""] * (len(names) - len(cells)))[: len(names)])
        start = reader.line_num + 1
    unique = [name if names.index(name) == at else f"{name}.{at}" for at, name in enumerate(names)]
    schema = dict.fromkeys(unique, pl.String)
    return Table(pl.DataFrame(rows, schema=schema, orient="row"), rejected)


def _records(source: Source, names: list[str]) -> Table:
    """An export in a known format; a record without an id is called by its number."""
    from probatum.records.formats import read, sniff_format

    try:
        chosen = sniff_format(source).name
    except BadInput:
        chosen = "csv"
    if chosen == "csv":
        found = ", ".join(name.strip() for name in names[:20]) or "none"
        raise BadInput(
            f'"{source.path}" has no column "id". Each record needs an id of its own; '
            f"columns found: {found}"
        )
    reading = read(source, chosen)
    rows = [
        {
            **{k: "; ".join(v) if isinstance(v, tuple) else str(v or "") for k, v in told.items()},
            "id": record.id or str(number),
        }
        for number, record in enumerate(reading.records, 1)
        for told in [{
            "type": record.type, "author": " and ".join(record.authors), "title": record.title,
            "year": record.year, "journal": record.journal, "volume": record.volume,
            "number": record.number, "pages": record.pages, "doi": record.doi,
            "issn": f"{record.issn} {record.isbn}", "abstract": record.abstract,
            "pmid": record.pmid, "registry": record.registry, "url": record.urls,
            "language": record.language,
        }]
    ]  # fmt: skip
    rejected = [(one.line_from, one.reason) for one in reading.rejected]
    return Table(pl.DataFrame(rows, schema_overrides={"id": pl.String}), rejected)


def write_table(data: pl.DataFrame, path: Path) -> None:
    """Write a CSV whole or not at all; to what is no plain file (/dev/stdout), as it comes."""
    path = path.resolve()  # a link stays one
    if path.exists() and not path.is_file():
        try:
            with path.open("wb") as file:
                data.write_csv(file)
        except OSError as error:
            raise BadInput(f'"{path}" can\'t be written: {error.strerror}') from None
        return
    try:
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise BadInput(f'"{path}" can\'t be written: {error.strerror}') from None
    try:
        with os.fdopen(handle, "wb") as file:
            data.write_csv(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        os.unlink(part)
        raise BadInput(f'"{path}" can\'t be written: {error.strerror}') from None
