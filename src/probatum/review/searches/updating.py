"""What is new since a search was last run: a search of its own that continues the earlier one."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from probatum.errors import ProbatumError
from probatum.records.record import Record
from probatum.records.sources.client import Client
from probatum.review.lock import hold
from probatum.review.searches.importing import (
    FOLDER,
    LOCK,
    RECORDS,
    RUN,
    SEARCH,
    free_name,
    search_text,
)
from probatum.review.searches.model import Run, Search
from probatum.review.searches.read import read_search
from probatum.review.searches.running import Progress, record_key, run_search, saved_search
from probatum.review.searches.staging import staged

# publication types and links by which the formats tell that a work was withdrawn or corrected
_RETRACTED = {"retracted", "retracted-by", "RIN"}
_CORRECTED = {"corrected-by", "concern-by", "EIN", "ECI", "RPI"}


@dataclass
class Delta:
    """What an update brought, by record.

    Attributes
    ----------
    search : str
        The update's folder.
    new, changed, retracted, corrected : list of dict
        Records as plain data; one that was retracted or corrected since stands there alone.
    same : int
        Entries that came again as they were.
    """

    search: str
    continues: str
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    retracted: list[dict[str, Any]] = field(default_factory=list)
    corrected: list[dict[str, Any]] = field(default_factory=list)
    same: int = 0

    def row(self) -> dict[str, Any]:
        """As plain data, for ``--json``."""
        return dict(self.__dict__)


def chain(review: Path, name: str) -> list[str]:
    """A search and all that continue it, first to last."""
    following: dict[str, str] = {}
    for place in sorted((review / FOLDER).glob(f"*/{SEARCH}")):
        found, _, _ = read_search(place.parent.name, {SEARCH: place.read_bytes()})
        if found is not None and found.search.continues:
            following[found.search.continues] = found.search.id
    out = [name]
    while out[-1] in following and following[out[-1]] not in out:
        out.append(following[out[-1]])
    return out


def starts(review: Path) -> list[str]:
    """Searches that a service runs and that continue no other."""
    out = []
    for place in sorted((review / FOLDER).glob(f"*/{SEARCH}")):
        found, _, _ = read_search(place.parent.name, {SEARCH: place.read_bytes()})
        if found is not None and found.search.service and not found.search.continues:
            out.append(found.search.id)
    return out


def update_search(
    review: Path,
    name: str,
    *,
    today: datetime.date,
    environment: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    client: Client | None = None,
) -> Delta:
    """Ask a search's service for what is new since its last run, and compare.

    An update that was ended goes on where it was.
    """
    names = chain(review, name)
    filled = [one for one in names if (review / FOLDER / one / RUN).is_file()]
    if not filled:
        raise ProbatumError(
            f'search "{name}" was not run yet. Run it first: probatum search run {name}'
        )
    first = saved_search(review, name)
    before = filled[-1]
    unfinished = [one for one in names if one not in filled]
    target = unfinished[0] if unfinished else _begin(review, first, before, today)
    since = _ran(review, before, first)
    run_search(
        review,
        target,
        first,
        today=today,
        environment=environment,
        since=since,
        progress=progress,
        client=client,
    )
    earlier = [record for one in filled for record in kept_records(review, one)]
    return compare(earlier, kept_records(review, target), search=target, continues=before)


def _begin(review: Path, first: Search, before: str, today: datetime.date) -> str:
    """The folder of the update, so that it can go on when it is ended."""
    folder = review / FOLDER
    base = first.id
    if len(base) > 11 and base[:10].replace("-", "").isdigit():
        base = base[11:]
    with hold(folder / LOCK, str(folder)):
        name = free_name(folder, f"{today.isoformat()}-{base}")
        text = search_text(first.model_copy(update={"continues": before, "hits": None}))
        with staged(folder / name) as place:
            (place / SEARCH).write_text(text, encoding="utf-8")
    return name


def _ran(review: Path, name: str, search: Search) -> datetime.date:
    """When a search was last run. A day's entries may have come in after it: it is asked again."""
    run = Run.model_validate_json((review / FOLDER / name / RUN).read_bytes())
    date = run.date or search.date
    if date is None:
        raise ProbatumError(
            f"it isn't known when searches/{name} was run. Write its date into {SEARCH}."
        )
    return date


def kept_records(review: Path, name: str) -> list[Record]:
    """The records of a search that was run."""
    with (review / FOLDER / name / RECORDS).open(encoding="utf-8") as file:
        return [Record.from_row(json.loads(line)) for line in file if line.strip()]


def compare(
    earlier: Iterable[Record], later: Iterable[Record], *, search: str = "", continues: str = ""
) -> Delta:
    """What of the later records is new, changed, retracted or corrected."""
    known = {record_key(one): one for one in earlier}
    delta = Delta(search, continues)
    for one in later:
        before = known.get(record_key(one))
        if _told(one, _RETRACTED) and not (before and _told(before, _RETRACTED)):
            delta.retracted.append(one.row())
        elif before is None:
            delta.new.append(one.row())
        elif _told(one, _CORRECTED) != _told(before, _CORRECTED):
            delta.corrected.append(one.row())
        elif replace(one, id="") != replace(before, id=""):
            delta.changed.append(one.row())
        else:
            delta.same += 1
    return delta


def _told(record: Record, tags: set[str]) -> set[tuple[str, str]]:
    said = {(tag, text) for tag, text in record.extra if tag in tags}
    if tags is _RETRACTED:
        kinds = ("PT", "publication-type")
        said |= {
            (tag, text)
            for tag, text in record.extra
            if tag in kinds and text.lower() == "retracted publication"
        }
    return said
