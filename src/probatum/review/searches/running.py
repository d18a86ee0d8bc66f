"""A saved search asked of its service: every page kept as it came, counted, and read once."""

from __future__ import annotations

import datetime
import gzip
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probatum.errors import BadInput, ProbatumError
from probatum.records.reading import Parsed, Piece, Reading, Rejected
from probatum.records.record import Record
from probatum.records.sources import Page, Service, Window, find_service
from probatum.records.sources.client import Client, Expired, ServiceError
from probatum.review.lock import hold
from probatum.review.searches.importing import (
    FOLDER,
    LOCK,
    RECORDS,
    RUN,
    SEARCH,
    run_file,
    write_records,
)
from probatum.review.searches.model import RUN_FORMAT, RejectedEntry, Run, Search
from probatum.review.searches.staging import sync, write_whole

PARTIAL, PAGES, STATE = ".partial", "pages", "state.json"
RESTARTS = 3

Progress = Callable[[int, int], None]


@dataclass
class State:
    """How far a run has come, as it stands on disk after each page."""

    since: str = ""
    until: str = ""
    pages: list[dict[str, Any]] | None = None  # part and reported count of each page that is kept
    next: dict[str, Any] | None = None  # what the next page is asked with; None after the last
    understood: str = ""

    def window(self) -> Window:
        """The dates that are asked for."""
        since = datetime.date.fromisoformat(self.since) if self.since else None
        return Window(since, datetime.date.fromisoformat(self.until) if self.until else None)


def run_search(
    review: Path,
    name: str,
    search: Search,
    *,
    today: datetime.date,
    environment: Mapping[str, str] | None = None,
    since: datetime.date | None = None,
    progress: Progress | None = None,
    client: Client | None = None,
) -> Run:
    """Ask a search's service for everything (or all since a date), and keep it in its folder.

    A run that was ended goes on where it was. The counts that the service reports are reconciled
    with what arrived: a shortfall is an error, and nothing counts as found then.

    Raises
    ------
    ProbatumError
        Where the service fails, or sends fewer entries than it reports.
    """
    service = find_service(search.service)
    if not search.query.strip():
        raise BadInput(f"searches/{name}/{SEARCH} has no query. Write what to ask {service.title}.")
    folder = review / FOLDER / name
    asked = client or service.client(os.environ if environment is None else environment)
    try:
        with hold(review / FOLDER / LOCK, str(review / FOLDER)):
            partial = folder / PARTIAL
            if not (partial / RUN).is_file():
                state = _state(partial, since, today)
                _fetch(partial, state, service, asked, search.query, progress)
                _settle(partial, name, service, state, today)
            return _move_in(folder, partial)
    finally:
        asked.close()


def _state(partial: Path, since: datetime.date | None, today: datetime.date) -> State:
    place = partial / STATE
    if place.is_file():
        return State(**json.loads(place.read_text("utf-8")))
    (partial / PAGES).mkdir(parents=True, exist_ok=True)
    state = State(
        since=since.isoformat() if since else "",
        until=today.isoformat() if since else "",
        pages=[],
        next={},
    )
    _save(partial, state)
    return state


def _save(partial: Path, state: State) -> None:
    write_whole(partial / STATE, json.dumps(state.__dict__, sort_keys=True).encode())


def _fetch(
    partial: Path,
    state: State,
    service: Service,
    client: Client,
    query: str,
    progress: Progress | None,
) -> None:
    """Ask for pages until there are no more; where the service forgot us, from the beginning."""
    for _ in range(RESTARTS):
        try:
            if state.next is not None:
                for page in service.ask(client, query, state.window(), dict(state.next)):
                    _keep_page(partial, state, service, page)
                    if progress:
                        progress(len(state.pages or []), _reported(state))
            missing = _shortfall(partial, state, service)
            if not missing:
                return
            reason = missing
        except Expired as gone:
            reason = f"{service.database} no longer knows where we were ({gone})"
        _forget(partial, state)
    raise ServiceError(
        f"{reason}. It was asked {RESTARTS} times from the beginning. Run the same command again "
        "later; nothing of this run counts as found."
    )


def _forget(partial: Path, state: State) -> None:
    state.pages, state.next = [], {}
    _save(partial, state)
    shutil.rmtree(partial / PAGES)
    (partial / PAGES).mkdir()


def _keep_page(partial: Path, state: State, service: Service, page: Page) -> None:
    """The page first, then the state that counts it: a page without its count is asked again."""
    assert state.pages is not None
    place = partial / PAGES / f"{len(state.pages) + 1:05d}{service.suffix}.gz"
    write_whole(place, gzip.compress(page.body, mtime=0))
    state.pages.append({"part": page.part, "reported": page.reported})
    state.next = page.state or None
    state.understood = page.told or state.understood
    _save(partial, state)


def _reported(state: State) -> int:
    """How many results the service reports: of each part the count that it gave last."""
    return sum({page["part"]: page["reported"] for page in state.pages or []}.values())


def _shortfall(partial: Path, state: State, service: Service) -> str:
    """What is missing, in words; "" where all that was reported arrived."""
    reported = {page["part"]: page["reported"] for page in state.pages or []}
    arrived: dict[str, set[str]] = {part: set() for part in reported}
    for part, piece in _pieces(partial, state, service):
        arrived[part].add(entry_key(piece))
    short = [
        f"part {part or 'of all'}: {reported[part]} reported, {len(keys)} arrived"
        for part, keys in arrived.items()
        if len(keys) < reported[part]
    ]
    return f"{service.database} sent less than it reported ({'; '.join(short)})" if short else ""


def _pieces(partial: Path, state: State, service: Service) -> Iterator[tuple[str, Piece]]:
    for number, page in enumerate(state.pages or [], 1):
        place = partial / PAGES / f"{number:05d}{service.suffix}.gz"
        for piece in service.parse(gzip.decompress(place.read_bytes())):
            if isinstance(piece, Parsed | Rejected):
                yield page["part"], piece


def entry_key(piece: Piece) -> str:
    """What an entry is known by at its service."""
    if isinstance(piece, Parsed):
        return record_key(piece.record)
    return piece.text


def record_key(record: Record) -> str:
    """What a record is known by at its service: its own number there, else an identifier."""
    return record.pmid or record.accession or record.doi or record.title


def _once(pieces: Iterator[tuple[str, Piece]]) -> Iterator[Piece]:
    """Each entry once: pages shift while they are turned, and a service may send one twice."""
    seen: set[str] = set()
    for _, piece in pieces:
        key = entry_key(piece)
        if key in seen:
            continue
        seen.add(key)
        yield piece


def _settle(partial: Path, name: str, service: Service, state: State, today: datetime.date) -> None:
    """Records and run beside the pages; the run last, as a sign that all is there."""
    reading = Reading(service.name, "utf-8")
    parsed = (one.record for one in reading.take(_once(_pieces(partial, state, service))))
    write_records(partial / RECORDS, parsed, name)
    sync(partial / RECORDS)
    pages = sorted((partial / PAGES).iterdir())
    files = [run_file(place, f"{PAGES}/{place.name}") for place in pages]
    run = Run(
        format=RUN_FORMAT,
        made="search",
        date=today,
        since=state.window().since,
        understood=state.understood,
        files=[*files, run_file(partial / RECORDS)],
        read_as=service.name,
        encoding="utf-8",
        reported=_reported(state),
        entries=reading.entries,
        parsed=reading.parsed,
        rejected=[RejectedEntry(**one.row()) for one in reading.rejected],
        stray=len(reading.stray),
    )
    write_whole(partial / RUN, (run.model_dump_json(indent=2) + "\n").encode())


def _move_in(folder: Path, partial: Path) -> Run:
    """Put everything in its place, `run.json` last; to do it twice does no harm."""
    for name in (PAGES, RECORDS):
        if (partial / name).exists():
            (partial / name).rename(folder / name)
    data = (partial / RUN).read_bytes()
    write_whole(folder / RUN, data)
    sync(folder)
    shutil.rmtree(partial)
    return Run.model_validate_json(data)


def saved_search(review: Path, name: str) -> Search:
    """A search that a service can run, from its folder.

    Raises
    ------
    ProbatumError
        Where there is none, its text has faults, or no service is named.
    """
    from probatum.review.searches.read import read_search

    place = review / FOLDER / name / SEARCH
    if not place.is_file():
        known = sorted(path.parent.name for path in (review / FOLDER).glob(f"*/{SEARCH}"))
        raise ProbatumError(
            f'search "{name}" does not exist. There are: {", ".join(known) or "none"}.'
        )
    found, problems, _ = read_search(name, {SEARCH: place.read_bytes()})
    if found is None or problems:
        first = problems[0]
        where = f"searches/{name}/{SEARCH}:{first.line or 1} {first.field}".rstrip()
        raise ProbatumError(f"{where}: there is a fault: {first.message}")
    if not found.search.service:
        raise ProbatumError(
            f'search "{name}" names no service, so a person has to run it. Export what it finds, '
            f"and take it in with: probatum import FILE --database {found.search.database!r}"
        )
    return found.search
