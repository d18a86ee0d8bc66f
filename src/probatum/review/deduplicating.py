"""The records of a review looked through for duplicates: only new ones, and by lines that add up.

What was decided stays: a run looks at the records of searches that no run has seen, and writes
lines to `records/duplicates.csv` after those that are there.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import BadInput, ProbatumError
from probatum.review.duplicates import COLUMNS, FILE, Link, check_links, last_words, works
from probatum.review.flow import in_order
from probatum.review.load import Review, load
from probatum.review.lock import hold
from probatum.review.searches.importing import FOLDER, LOCK, RECORDS
from probatum.review.searches.staging import write_whole

if TYPE_CHECKING:
    import polars as pl

    from probatum.records.dedup.links import Duplicates

RUNS = "records/runs.jsonl"


@dataclass(frozen=True)
class Run:
    """One look through the records, as a line of `records/runs.jsonl`.

    Attributes
    ----------
    run : int
    by, date : str
        The program and its version, and the day.
    searches : list of str
        Whose records were new to it.
    records, merged, queued, studies : int
        New records, and new lines of each kind.
    """

    run: int
    by: str
    date: str
    searches: list[str]
    records: int
    merged: int
    queued: int
    studies: int


def deduplicate(folder: Path, *, by: str, today: datetime.date) -> Run | None:
    """Look through what is new; None where nothing is.

    Raises
    ------
    ProbatumError
        Where the searches or links have faults, or the extra "records" is not installed.
    """
    with hold(folder / "records" / LOCK, str(folder / "records")):
        review = _sound(folder)
        runs = read_runs(folder)
        seen = {name for run in runs for name in run.searches}
        fresh = [name for name, one in review.searches.items() if one.run and name not in seen]
        if not fresh:
            return None
        found = _look(review, folder, seen)
        links = list(_new_links(found, review.links))
        run = Run(
            run=len(runs) + 1,
            by=by,
            date=today.isoformat(),
            searches=sorted(fresh),
            records=sum(len(review.searches[name].records) for name in fresh),
            merged=sum(one["decision"] == "duplicate" for one in links),
            queued=sum(one["decision"] == "queue" for one in links),
            studies=sum(one["decision"] == "study" for one in links),
        )
        said = {"run": str(run.run), "decider": by, "date": run.date}
        append_links(folder, [{**one, **said} for one in links])
        # last: a run that was ended before this line is looked through again, and doubles nothing
        line = json.dumps(asdict(run), ensure_ascii=False) + "\n"
        old = (folder / RUNS).read_bytes() if (folder / RUNS).is_file() else b""
        write_whole(folder / RUNS, old + line.encode())
    return run


def judge(
    folder: Path, a: str, b: str, decision: str, *, by: str, today: datetime.date, note: str = ""
) -> None:
    """Write down what a person decided of two records; it counts until a later line of theirs.

    Raises
    ------
    BadInput
        Where a record does not exist, both are one, or other links contradict it.
    """
    with hold(folder / "records" / LOCK, str(folder / "records")):
        review = load(folder)
        ordered = in_order(review.searches.values())
        records = [one.id for search in ordered for one in search.records]
        for record in (a, b):
            if record not in set(records):
                raise BadInput(f'"{record}" is in no search. Ids stand in searches/*/{RECORDS}.')
        if a == b:
            raise BadInput(f'"{a}" and "{b}" are one record.')
        row = {"a": a, "b": b, "decision": decision, "decider": by, "note": note}
        link = Link.model_validate(row)
        faults = check_links([*review.links, link], records, {})
        if faults and len(faults) > len(check_links(review.links, records, {})):
            raise BadInput(f"{faults[-1].message}. Undo one of those links first.")
        append_links(folder, [{**row, "date": today.isoformat()}])


def read_runs(folder: Path) -> list[Run]:
    """All runs, first to last; a line that is none is told."""
    place = folder / RUNS
    if not place.is_file():
        return []
    out = []
    for number, line in enumerate(place.read_text("utf-8").splitlines(), 1):
        try:
            out.append(Run(**json.loads(line)))
        except (ValueError, TypeError):
            raise ProbatumError(
                f"{RUNS}:{number} can't be read. Restore it from version control, or delete the "
                "line: the records of its searches are then looked through again."
            ) from None
    return out


def append_links(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Add lines after those that are there, all or none of them."""
    if not rows:
        return
    place = folder / FILE
    old = place.read_bytes() if place.is_file() else b""
    header = old.decode("utf-8-sig").split("\n", 1)[0].strip().split(",") if old else COLUMNS
    text = io.StringIO()
    writer = csv.DictWriter(
        text, [name.strip() for name in header], extrasaction="ignore", lineterminator="\n"
    )
    if not old:
        writer.writeheader()
    elif not old.endswith(b"\n"):
        text.write("\n")
    writer.writerows(rows)
    write_whole(place, old + text.getvalue().encode())


def _sound(folder: Path) -> Review:
    """The review, where nothing is wrong with what the run rests on."""
    review = load(folder)
    inside = (f"{FOLDER}/", "records/")
    for found in review.problems:
        if found.severity == "error" and (found.file.startswith(inside) or not review.info):
            raise ProbatumError(f"{found.code} {found.file}:{found.line}   {found.message}")
    return review


def _look(review: Review, folder: Path, seen: set[str]) -> Duplicates:
    try:
        from probatum.records.dedup.deciding import Decided
        from probatum.records.dedup.engine import duplicates
    except ModuleNotFoundError as missing:
        raise ProbatumError(
            f'{missing.name} is not installed. Try: pip install "probatum[records]"'
        ) from None
    names = [one.search.id for one in in_order(review.searches.values()) if one.run]
    known = [record.id for name in names for record in review.searches[name].records]
    of = works(known, review.links).of
    old = {one.id for name in seen & set(names) for one in review.searches[name].records}
    apart = [pair for pair, link in last_words(review.links).items() if link.decision == "distinct"]
    decided = Decided({record: of[record] for record in known if record in old}, apart)
    return duplicates(_table(folder, names), decided=decided)


def _table(folder: Path, searches: Iterable[str]) -> pl.DataFrame:
    """Every record as the columns that duplicates are looked for in."""
    import polars as pl

    rows = []
    for name in searches:
        with (folder / FOLDER / name / RECORDS).open(encoding="utf-8") as file:
            rows += [_columns(json.loads(line)) for line in file if line.strip()]
    return pl.DataFrame(rows, schema=dict.fromkeys(_TEXT, pl.String))


_SAME = (
    "id type title journal volume number pages doi abstract pmid language".split()  # noqa: SIM905
)
_TEXT = (*_SAME, "author", "year", "issn", "registry", "url")


def _columns(row: dict[str, Any]) -> dict[str, str]:
    out = {name: str(row.get(name, "")) for name in _SAME}
    out["author"] = " and ".join(row.get("authors", []))
    out["year"] = str(row.get("year", ""))
    out["issn"] = row.get("issn") or row.get("isbn") or ""
    out["registry"] = "; ".join(row.get("registry", []))
    out["url"] = next(iter(row.get("urls", [])), "")
    return out


def _new_links(found: Duplicates, before: Iterable[Link]) -> Iterable[dict[str, Any]]:
    """Lines for pairs of which nothing has been said."""
    said = set(last_words(before))
    for link in found.links.iter_rows(named=True):
        pair = min(link["a"], link["b"]), max(link["a"], link["b"])
        if pair not in said:
            said.add(pair)
            yield {
                "a": link["a"],
                "b": link["b"],
                "decision": "duplicate" if link["status"] == "auto" else "queue",
                "score": f"{link['score']:.4f}",
                "rule": "; not merged: ".join(filter(None, (link["rule"], link["veto"]))),
            }
    for link in found.studies.iter_rows(named=True):
        pair = min(link["a"], link["b"]), max(link["a"], link["b"])
        if pair not in said:
            said.add(pair)
            yield {"a": link["a"], "b": link["b"], "decision": "study", "rule": link["reason"]}
