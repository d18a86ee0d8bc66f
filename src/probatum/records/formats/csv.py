"""Tables: the CSV of databases and of people, and Web of Science's tab-delimited text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from probatum.records import identifiers
from probatum.records.formats import wos
from probatum.records.formats.carried import NAME, carried, restored
from probatum.records.formats.kinds import kind_of
from probatum.records.formats.registry import reads, writes
from probatum.records.formats.table_columns import (
    OWN,
    PARTS,
    TABLES,
    Table,
    fold,
    given_table,
    known_table,
)
from probatum.records.formats.table_rows import Row, rows
from probatum.records.formats.tagged import Block, judged
from probatum.records.reading import Piece, Rejected, Stray
from probatum.records.record import TUPLES, TYPES, Record, make_record
from probatum.records.source import Source

_DELIMITERS = ",;\t|"
_ABOVE = 12  # lines among which the header is looked for
_WOS_TAGS = frozenset({"PT", "TI", "SO"})
_BY_ROW = ("title", "author names")
_GUARD = re.compile(r"[=+\-@\t\r']")  # what a spreadsheet would take for a formula


@dataclass(frozen=True)
class _Header:
    """Where the header stands, and whose it is; sure 0 where there is none."""

    sure: float
    row: Row
    delimiter: str
    table: Table
    tags: bool = False


def _header(source: Source) -> _Header | None:
    """The row near the top that looks most like a header."""
    best: _Header | None = None
    lines = list(islice(enumerate(source.head.splitlines(), 1), _ABOVE))
    for delimiter in _DELIMITERS:
        for row in rows(lines, delimiter):
            found = _judge(row, delimiter, source) if isinstance(row, Row) else None
            if found and (best is None or found.sure > best.sure):
                best = found
    return best


def _judge(row: Row, delimiter: str, source: Source) -> _Header | None:
    names = {cell.strip("\ufeff ") for cell in row.cells}
    if source.columns:
        table = given_table(source.columns)
        held = len(table.needs & {fold(cell) for cell in row.cells})
        return _Header(0.9 + held / 1000, row, delimiter, table) if held else None
    if names >= _WOS_TAGS and delimiter == "\t":
        return _Header(0.9, row, delimiter, OWN, tags=True)
    sure, table = known_table(row.cells)
    return _Header(sure, row, delimiter, table) if sure else None


def _by_row(source: Source) -> bool:
    """Embase can put each field on a row of its own, its name first."""
    found = [line.split(",")[0].strip('"\ufeff ').casefold() for line in source.head.split("\n", 4)]
    return tuple(found[:2]) == _BY_ROW


def _sniff(source: Source) -> float:
    if source.columns:
        return 1.0
    if source.head.lstrip("\ufeff \r\n\t")[:1] in ("{", "[", "<", "@") or "\0" in source.head:
        return 0.0
    if _by_row(source):
        return 0.8
    found = _header(source)
    return found.sure if found else 0.0


@reads(
    "csv",
    "Tables: PubMed, Scopus, Web of Science (CSV and tab-delimited), IEEE Xplore, Embase, "
    "ClinicalTrials.gov, EBSCOhost, or columns that you name",
    suffixes=(".csv", ".tsv", ".txt"),
    source="RFC 4180, and the header rows of each exporter",
    sniff=_sniff,
)
def read(source: Source) -> Iterator[Piece]:
    """Every row of a table as a record; what no column map knows is kept by its header."""
    if not source.columns and _by_row(source):
        yield from _fields_by_row(source)
        return
    header = _header(source)
    if header is None:
        yield _no_header(source)
        return
    names = [cell.strip("\ufeff ") for cell in header.row.cells]
    while names and not names[-1]:
        names.pop()
    missing = sorted(header.table.needs - {fold(name) for name in names})
    if source.columns and missing:
        reason = f"the header has no {', '.join(missing)}; it has: {', '.join(names)}"
        yield Rejected(header.row.line_from, header.row.line_to, reason)
        return
    lines = source.lines()
    above = [line for _, line in islice(lines, header.row.line_to)][: header.row.line_from - 1]
    if text := "\n".join(above).strip():
        yield Stray(1, len(above), text)
    # Web of Science ends its rows with one tab too many
    widest = len(header.row.cells) + (header.delimiter == "\t")
    for row in rows(lines, header.delimiter, len(names), widest):
        if isinstance(row, Rejected):
            yield row
            continue
        fields = list(zip(names, row.cells, strict=True))
        if header.tags:
            record = wos.record(Block(row.line_from, fields=fields))
        else:
            record = table_record(fields, header.table)
        text = header.delimiter.join(row.cells)[:200]
        yield judged(record, row.line_from, row.line_to, text)


def _no_header(source: Source) -> Rejected:
    first = source.head.split("\n", 1)[0].strip()[:200]
    wanted = "the named columns" if source.columns else "a header with a title and more"
    return Rejected(1, 1, f"no row near the top is {wanted}", first)


def _fields_by_row(source: Source) -> Iterator[Piece]:
    """Embase's other table: a row a field, the name in its first cell, an entry from TITLE on."""
    table = next(one for one in TABLES if one.name == "Embase")
    fields: list[tuple[str, str]] = []
    first = last = 1
    for row in rows(source.lines(), ","):
        if isinstance(row, Rejected):
            yield row
            continue
        name = row.cells[0].strip("\ufeff ")
        if fold(name) == "title" and fields:
            yield judged(table_record(fields, table), first, last, fields[0][1])
            fields = []
        if not fields:
            first = row.line_from
        fields.append((name, "; ".join(cell for cell in row.cells[1:] if cell.strip())))
        last = row.line_to
    if fields:
        yield judged(table_record(fields, table), first, last, fields[0][1])


def table_record(cells: Iterable[tuple[str, str]], table: Table) -> Record:
    """The cells of a row, each with its header, as a record."""
    held: dict[str, list[str]] = {}
    extra: list[tuple[str, str]] = []
    rest = ""
    for place, (header, cell) in enumerate(cells, 1):
        text = cell.strip()
        if table is OWN and text[:1] == "'":
            text = text[1:]
        field = table.columns.get(fold(header), "")
        if table is OWN and fold(header) == NAME:
            rest = text
        elif text and (not field or (field in held and field not in TUPLES)):
            extra.append((header or f"column {place}", text))
        elif text:
            held.setdefault(field, []).append(text)
    if "citation" in held:
        extra += [("Citation", text) for text in held["citation"]]
        for field, text in cited(held.pop("citation")[0]).items():
            held.setdefault(field, [text])
    return restored(_record(held, extra, table), rest)


_CITED = re.compile(
    r"\. (?P<date>\d{4}[^;.:]*);(?P<volume>[^:;().]*)(?:\((?P<number>[^()]*)\))?"
    r"(?::(?P<pages>[^.;]+))?\."
)


def cited(text: str) -> dict[str, str]:
    """Date, volume, number and pages out of a citation as PubMed prints it.

    Examples
    --------
    >>> cited("Am J Psychiatry. 2020 Feb 1;177(2):125-133. doi: 10.1176/appi.")
    {'date': '2020 Feb 1', 'volume': '177', 'number': '2', 'pages': '125-133'}
    >>> cited("Lancet. 2020 Mar 3:S0140-6736(20)30000-1. Online ahead of print.")
    {}
    """
    found = _CITED.search(text)
    return (
        {name: part.strip() for name, part in found.groupdict("").items() if part} if found else {}
    )


def _record(held: dict[str, list[str]], extra: list[tuple[str, str]], table: Table) -> Record:
    def one(name: str) -> str:
        return next(iter(held.get(name, ())), "")

    abstract = one("abstract")
    if re.fullmatch(r"\[?no abstract (?:is )?available\.?\]?", abstract, re.IGNORECASE):
        extra, abstract = [*extra, ("abstract", abstract)], ""
    said = one("type")
    kind = said if said in TYPES else kind_of(said) or ("other" if said else "")
    if said and table is not OWN:
        extra = [("type", said), *extra]
    told = [*held.get("registry", ()), one("title"), abstract]
    names = held.get("full_authors") or held.get("authors") or ()
    if held.get("full_authors"):
        extra = [*extra, *(("authors", text) for text in held.get("authors", ()))]
    day = " ".join(filter(None, (one("date"), one("month"))))
    return make_record(
        **{
            name: one(name)
            for name in OWN.columns
            if name not in (*TUPLES, "type", "abstract", "date", "pages", "year", "database")
        },
        type=table.kind or kind,
        authors=[name for text in names for name in split_names(text)],
        year=one("year") or day,
        date=day,
        pages=_pages(one),
        registry=identifiers.registry(" ; ".join(told)),
        abstract=abstract,
        keywords=[w for text in held.get("keywords", ()) for w in re.split(r"\s*[;|]\s*", text)],
        urls=[w for text in held.get("urls", ()) for w in re.split(r"\s*;\s+|\s+", text)],
        notes=held.get("notes", ()),
        database=one("database") or table.database,
        extra=extra,
    )


def _pages(one: Callable[[str], str]) -> str:
    first, last = one("first_page"), one("last_page")
    if first and last and first != last:
        return f"{first}-{last}"
    return one("pages") or first or last or one("article_number")


_WITH_INITIALS = re.compile(r"[^\d,;]*[^\W\d][^\d,;]* (?:[A-Z][.]?[- ]?){1,5}")


def split_names(text: str) -> list[str]:
    """The names in one cell.

    Examples
    --------
    >>> split_names("Krupitsky EM, Grinenko AY."), split_names("Krupitsky, Evgeny; Doe, J.")
    (['Krupitsky EM', 'Grinenko AY'], ['Krupitsky, Evgeny', 'Doe, J.'])
    >>> split_names("Krupitsky, Evgeny"), split_names("Krupitsky, Evgeny (5700001)")
    (['Krupitsky, Evgeny'], ['Krupitsky, Evgeny'])
    """
    text = re.sub(r" \(\d{5,}\)", "", text).strip()
    if ";" in text or "\n" in text:
        return [part for part in re.split(r"\s*[;\n]\s*", text) if part]
    parts = re.split(r",\s+", text.removesuffix("."))
    if len(parts) > 1 and all(_WITH_INITIALS.fullmatch(part) for part in parts):
        dotted = text.endswith(".") and not text[-3:-2].isupper()  # "Doe J.", but not "Doe JE."
        return [*parts[:-1], parts[-1] + "."] if dotted else parts
    return re.split(r"\s+and\s+", text)


@writes("csv")
def write(records: Iterable[Record]) -> Iterator[str]:
    """The records as a table under our own headers, which no spreadsheet takes for formulas."""
    names = [name for name in OWN.columns if name not in PARTS]
    yield _line([*names, NAME])
    for one in records:
        cells = [_cell(one, name) for name in names]
        told = table_record(zip(names, cells, strict=True), OWN)
        rest = carried(one, told) or ("" if any(cells) else "{}")  # a blank row is no row
        yield _line([*cells, _guarded(rest)])


def _cell(one: Record, name: str) -> str:
    value = getattr(one, name)
    joint = "\n" if name == "notes" else " " if name == "urls" else "; "
    text = joint.join(value) if isinstance(value, tuple) else str(value or "")
    return _guarded(text)


def _guarded(text: str) -> str:
    return f"'{text}" if _GUARD.match(text) else text


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
