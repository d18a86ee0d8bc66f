"""An export into a review: kept as it came, and its records written once."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from probatum.errors import BadInput, ProbatumError
from probatum.records.formats import find_format, sniff_format
from probatum.records.formats.registry import Format
from probatum.records.reading import Parsed, Reading
from probatum.records.record import Record
from probatum.records.source import Source
from probatum.review.lock import hold
from probatum.review.searches.model import RUN_FORMAT, Kind, RejectedEntry, Run, RunFile, Search
from probatum.review.searches.staging import staged

RECORDS, RUN, SEARCH = "records.jsonl", "run.json", "search.toml"
FOLDER = "searches"
LOCK = ".probatum-lock"
LOOK = 200  # records that are asked for the name of their database


@dataclass(frozen=True)
class Facts:
    """What the person who imports knows of the search; "" where nothing was said."""

    database: str = ""
    platform: str = ""
    date: datetime.date | None = None
    query: str = ""
    hits: int | None = None
    kind: Kind = "database"
    format: str = ""
    columns: tuple[tuple[str, str], ...] = ()  # of a table: field and header


@dataclass(frozen=True)
class Imported:
    """What became of a file: the search it stands in, and whether it was there before."""

    search: str
    run: Run
    before: bool


def import_export(
    review: Path,
    path: Path,
    facts: Facts,
    *,
    today: datetime.date,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Keep an export in ``searches/<date>-<database>/`` with its records.

    The same bytes are taken in once: a second import changes nothing.

    Parameters
    ----------
    review : Path
        A review folder.
    path : Path
    facts : Facts
    today : date
        Stands for the date of the search where none is given.
    progress : callable, optional
        Told how many records have been read, now and then.

    Raises
    ------
    BadInput
        Where the file can't be read, or its format isn't known; nothing is written then.
    """
    if not (review / "review.toml").is_file():
        raise ProbatumError(
            f'"{review}" is no review: it has no review.toml. Name a review with --review, '
            "or make one with: probatum new FOLDER"
        )
    source = open_source(path, facts.columns)
    chosen = find_format(facts.format) if facts.format else sniff_format(source)
    folder = review / FOLDER
    folder.mkdir(exist_ok=True)
    with hold(folder / LOCK, str(folder)):
        sha256 = file_hash(path)
        for search, run in known_runs(folder):
            if any(file.sha256 == sha256 for file in run.files):
                return Imported(search, run, before=True)
        return _keep(folder, source, chosen, facts, sha256, today, progress)


def open_source(path: Path, columns: tuple[tuple[str, str], ...] = ()) -> Source:
    """A file as a source, or a message where it is none."""
    if not path.is_file():
        what = "is no plain file" if path.exists() else "does not exist"
        what = "is a folder" if path.is_dir() else what
        raise BadInput(f'"{path}" {what}. Name the file that the database exported.')
    try:
        with path.open("rb"):
            return Source(path, columns=columns)
    except OSError as error:
        raise BadInput(f'"{path}" can\'t be read: {error.strerror}.') from None


def file_hash(path: Path) -> str:
    """SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def known_runs(folder: Path) -> Iterator[tuple[str, Run]]:
    """Every search folder that was filled, with its run; a damaged run is no run."""
    for place in sorted(folder.glob(f"*/{RUN}")):
        try:
            yield place.parent.name, Run.model_validate_json(place.read_bytes())
        except ValueError:
            continue


def _keep(
    folder: Path,
    source: Source,
    chosen: Format,
    facts: Facts,
    sha256: str,
    today: datetime.date,
    progress: Callable[[int], None] | None,
) -> Imported:
    assert source.path is not None
    reading = Reading(chosen.name, source.encoding)
    database = facts.database or told_database(chosen, source)
    date = facts.date or today
    name = free_name(folder, f"{date.isoformat()}-{slug(database)}")
    with staged(folder / name) as place:
        export = place / f"export{_suffix(source.path, chosen)}"
        shutil.copyfile(source.path, export)
        parsed = (
            one.record for one in reading.take(chosen.read(Source(export, columns=source.columns)))
        )
        write_records(place / RECORDS, parsed, name, progress)
        if not reading.entries:
            raise BadInput(
                f'"{source.path}" was read as {chosen.name} and has no entries. '
                "Export the search again, or name its format with --format."
            )
        run = Run(
            format=RUN_FORMAT,
            made="import",
            given=[source.name],
            files=[run_file(export), run_file(place / RECORDS)],
            read_as=chosen.name,
            encoding=reading.encoding,
            reported=facts.hits,
            entries=reading.entries,
            parsed=reading.parsed,
            rejected=[RejectedEntry(**one.row()) for one in reading.rejected],
            stray=len(reading.stray),
        )
        if run.files[0].sha256 != sha256:
            raise BadInput(f'"{source.path}" changed while it was read. Import it again.')
        search = Search(
            id=name,
            database=database,
            platform=facts.platform,
            kind=facts.kind,
            date=date,
            query=facts.query,
            hits=facts.hits,
        )
        (place / SEARCH).write_text(search_text(search), encoding="utf-8")
        (place / RUN).write_text(run.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return Imported(name, run, before=False)


def told_database(chosen: Format, source: Source) -> str:
    """The database that most of the first records name, else the format's own, else the file's."""
    first = islice((one for one in chosen.read(source) if isinstance(one, Parsed)), LOOK)
    named = Counter(one.record.database for one in first if one.record.database)
    if named:
        return named.most_common(1)[0][0]
    return chosen.database or " ".join(Path(source.name).stem.split())


def write_records(
    place: Path,
    records: Iterable[Record],
    search: str,
    progress: Callable[[int], None] | None = None,
) -> None:
    """One record a line, in the order of the export; its id is the search's and its number."""
    with place.open("w", encoding="utf-8", newline="\n") as file:
        for number, one in enumerate(records, 1):
            row = replace(one, id=f"{search}-{number:05d}").row()
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            if progress and number % 1000 == 0:
                progress(number)


def run_file(place: Path, name: str = "") -> RunFile:
    """A file of a run by its name in the folder, size and hash."""
    return RunFile(name=name or place.name, sha256=file_hash(place), bytes=place.stat().st_size)


def slug(text: str) -> str:
    """A name as a part of an id: small letters, digits and hyphens.

    Examples
    --------
    >>> slug("Embase (Ovid) 1974–")
    'embase-ovid-1974'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40].strip("-") or "search"


def free_name(folder: Path, name: str) -> str:
    """`name`, or `name` with the first number that is free."""
    names = (name, *(f"{name}-{number}" for number in range(2, 10_000)))
    return next(one for one in names if not (folder / one).exists())


def _suffix(path: Path, chosen: Format) -> str:
    """The file's own ending where it is a plain one, else the format's first."""
    own = path.suffix.lower()
    return own if re.fullmatch(r"\.[a-z0-9]{1,8}", own) else chosen.suffixes[0]


def search_text(search: Search) -> str:
    """`search.toml` with what is known, and empty keys for what a person should add."""
    told = [
        "# What was asked, so that others can do it again (the items of PRISMA-S).",
        f"database = {quoted(search.database)}",
        f"platform = {quoted(search.platform)}",
        f"kind = {quoted(search.kind)}" if search.kind != "database" else "",
        f"date = {search.date}" if search.date else "",
        f"hits = {search.hits}" if search.hits is not None else "",
        f"continues = {quoted(search.continues)}" if search.continues else "",
        f"service = {quoted(search.service)}" if search.service else "",
        "# the query as it was run, line by line",
        f"query = {quoted(search.query)}",
        f"filters = {_listed(search.filters)}" if search.filters else "",
        f"themes = {_listed(search.themes)}" if search.themes else "",
        f"peer_review = {quoted(search.peer_review)}" if search.peer_review else "",
        "# limits: [[limits]] with what = and reason =; filters = [published search filters]",
        *(
            f"[[limits]]\nwhat = {quoted(limit.what)}\nreason = {quoted(limit.reason)}"
            for limit in search.limits
        ),
    ]
    return "\n".join(line for line in told if line) + "\n"


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


def quoted(text: str) -> str:
    """Text as a TOML string: several lines as they are, where they can stand so.

    Examples
    --------
    >>> print(quoted('a "b"'))
    "a \\"b\\""
    """
    if "\n" in text and "'''" not in text and not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        return f"'''\n{text}'''"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
