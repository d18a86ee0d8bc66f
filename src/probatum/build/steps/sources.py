"""Where a ref leads: file, row, report, locator, and how close to the paper it was read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from probatum.build.canonical import canonical
from probatum.build.engine import Context, step
from probatum.review.duplicates import FILE
from probatum.review.identifiers import cite_url
from probatum.review.load import TEXTS
from probatum.review.model import REGISTERS, ReviewInfo, Study
from probatum.review.searches.importing import RECORDS, RUN

Entry = dict[str, Any]  # only what there is to say: report, locator, source_type, derivation ...
TABLES = ("outcomes", "estimates", "patients", "rob")


@step("reports")
def reports(ctx: Context, name: str) -> dict[str, Entry]:
    """The reports of a study, each by ``<study>/<report>``."""
    if ctx.get(f"about:{name}") is None:
        return {}
    return {
        f"{name}/{report.id}": _said(
            citation=report.citation,
            source_type=report.read,
            url=report.url,
            cite_url=cite_url(report),
        )
        for report in reversed(ctx.model(f"about:{name}", Study).reports)  # the first of an id wins
    }


def _said(**known: Any) -> Entry:
    return {name: value for name, value in known.items() if value}


def _read_at(study: Study, row: Any, default: Any = None) -> Entry:
    """What a row (or arm) says of its source; the study's own source where it says nothing."""
    report = row.source or (default.source if default is not None else "")
    read = next((item.read for item in study.reports if item.id == report), "")
    kind = getattr(row, "source_type", "")
    derived = getattr(row, "derived", False)
    return _said(
        report=f"{study.id}/{report}" if report else "",
        locator=row.locator or (default.locator if default is not None else ""),
        source_type=kind if kind != read else "",
        derived=derived,
        derivation=row.derivation if derived else "",
    )


def row_key(table: str, row: Any) -> str:
    """Natural key of a row in its table."""
    if table == "outcomes":
        return f"{row.id}/{row.arm}"
    return f"{row.tool}/{row.domain}" if table == "rob" else str(row.id)


def _keys(value: Any, prefix: str = "") -> Iterable[str]:
    """Dotted keys of plain data; items of a list by their place and by their id."""
    if prefix:
        yield prefix.rstrip(".")
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _keys(item, f"{prefix}{key}.")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict):
                for name in dict.fromkeys((str(index), str(item.get("id", index)))):
                    yield from _keys(item, f"{prefix}{name}.")


@step("sources")
def sources(ctx: Context, file: str) -> dict[str, Any]:
    """The ``sources`` of a file, and ``at``: which of them each row or TOML key was read at."""
    read: list[Entry] = []
    at: dict[str, int] = {}
    places: dict[str, int] = {}
    for key, entry in _entries(ctx, file):
        name = canonical(entry)
        if name not in places:
            places[name] = len(read)
            read.append(entry)
        at[key] = places[name]
    return {"sources": read, "at": at}


def _entries(ctx: Context, file: str) -> Iterable[tuple[str, Entry]]:
    path = PurePosixPath(file)
    if path.parent == PurePosixPath(".") and path.suffix == ".csv" and path.stem in REGISTERS:
        return ((row["id"], _register(row)) for row in ctx.get(f"register:{path.stem}") or [])
    if path.parts[0] == "studies" and len(path.parts) == 3:
        name, table = path.parts[1], path.stem
        if ctx.get(f"about:{name}") is None:
            return ()
        if path.name == "study.toml":
            return _study_entries(ctx.model(f"about:{name}", Study))
        study = ctx.model(f"study:{name}", Study)
        rows = getattr(study, table) if table in TABLES else []
        return ((row_key(table, row), _read_at(study, row)) for row in rows)
    if path.parts[0] == "searches" and len(path.parts) == 3:
        return _search_entries(ctx, path)
    if file == FILE or path.parts[0] == "screening":
        return [("decision", {})]
    return _own_words(ctx, file)


def _search_entries(ctx: Context, path: PurePosixPath) -> Iterable[tuple[str, Entry]]:
    """What a kept search says of itself; its export is the source of its records."""
    found = ctx.get(f"search:{path.parts[1]}")
    if found is None:
        return ()
    if path.name == RECORDS:
        return ((one["id"], {}) for one in found["records"])
    return ((key, {}) for key in _keys(found["run" if path.name == RUN else "search"] or {}))


def _study_entries(study: Study) -> Iterable[tuple[str, Entry]]:
    plain = study.model_dump(mode="json", exclude=set(TABLES))
    default = _read_at(study, study)
    parts: dict[str, Entry] = {}
    for index, arm in enumerate(study.arms):
        parts[f"arms.{index}"] = parts[f"arms.{arm.id}"] = _read_at(study, arm, study)
    for index, report in enumerate(study.reports):
        known = {"report": f"{study.id}/{report.id}"}
        parts[f"reports.{index}"] = parts[f"reports.{report.id}"] = known
    for key in _keys(plain):
        yield (
            key,
            next((v for k, v in parts.items() if key == k or key.startswith(f"{k}.")), default),
        )


def _register(row: dict[str, Any]) -> Entry:
    """A row of a register names its source in words, with an address of its own."""
    known = {name: row[name] for name in ("locator", "source_type", "url", "cite_url")}
    return _said(citation=row["source"], **known)


def _own_words(ctx: Context, file: str) -> Iterable[tuple[str, Entry]]:
    """What the review itself decides: its text is the source, and there is no other."""
    path = PurePosixPath(file)
    if file == "review.toml":
        plain = ctx.model("info", ReviewInfo).model_dump(mode="json")
    else:
        kinds = [k for k, t in TEXTS.items() if file == t.file(path.stem)]
        if not kinds:
            return ()
        plain = ctx.get(f"{kinds[0]}:{path.stem}")
    return ((key, {}) for key in _keys(plain or {}))


def resolve(known: dict[str, Any], key: str) -> tuple[str, Entry] | None:
    """Row and entry of the part of a ref after ``#``: a whole key, or key and field."""
    row = key if key in known["at"] else key.rpartition(".")[0]
    return (row, known["sources"][known["at"][row]]) if row in known["at"] else None
