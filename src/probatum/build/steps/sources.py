"""Where a ref leads: file, row, report, locator, and how close to the paper it was read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from probatum.build.engine import Context, step
from probatum.review.identifiers import cite_url
from probatum.review.load import TEXTS
from probatum.review.model import REGISTERS, ReviewInfo, Study

Entry = dict[str, Any]
TABLES = ("outcomes", "estimates", "patients", "rob")


def _entry(file: str, row: str, **known: Any) -> Entry:
    return {
        "file": file,
        "row": row,
        "report": "",
        "citation": "",
        "locator": "",
        "source_type": "",
        "derived": False,
        "derivation": "",
        "url": "",
        "cite_url": "",
        **known,
    }


def _of_report(study: Study, name: str) -> Entry:
    report = next((item for item in study.reports if item.id == name), None)
    if report is None:
        return {"report": name}
    return {
        "report": name,
        "citation": report.citation,
        "source_type": report.read,
        "url": report.url,
        "cite_url": cite_url(report),
    }


def _read_at(study: Study, row: Any, default: Any = None) -> Entry:
    """What a row (or arm) says of its source; the study's own source where it says nothing."""
    name = row.source or (default.source if default is not None else "")
    out = _of_report(study, name)
    out["locator"] = row.locator or (default.locator if default is not None else "")
    if getattr(row, "source_type", ""):
        out["source_type"] = row.source_type
    if getattr(row, "derived", False):
        out.update(derived=True, derivation=row.derivation)
    return out


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
def sources(ctx: Context, file: str) -> dict[str, Entry]:
    """Entries of a file of the review by row key, or by dotted key for TOML."""
    path = PurePosixPath(file)
    if path.parent == PurePosixPath(".") and path.suffix == ".csv" and path.stem in REGISTERS:
        return {row["id"]: _register(file, row) for row in ctx.get(f"register:{path.stem}") or []}
    if path.parts[0] == "studies" and len(path.parts) == 3:
        name = path.parts[1]
        if ctx.get(f"study:{name}") is None:
            return {}
        study = ctx.model(f"study:{name}", Study)
        if path.name == "study.toml":
            return _study_entries(file, study)
        table = path.stem
        rows = getattr(study, table) if table in TABLES else []
        return {
            row_key(table, row): _entry(file, row_key(table, row), **_read_at(study, row))
            for row in rows
        }
    return _own_words(ctx, file)


def _study_entries(file: str, study: Study) -> dict[str, Entry]:
    out: dict[str, Entry] = {}
    plain = study.model_dump(mode="json", exclude=set(TABLES))
    default = _read_at(study, study)
    parts: dict[str, Entry] = {}
    for index, arm in enumerate(study.arms):
        parts[f"arms.{index}"] = parts[f"arms.{arm.id}"] = _read_at(study, arm, study)
    for index, report in enumerate(study.reports):
        known = _of_report(study, report.id)
        parts[f"reports.{index}"] = parts[f"reports.{report.id}"] = known
    for key in _keys(plain):
        known = next((v for k, v in parts.items() if key == k or key.startswith(f"{k}.")), default)
        out[key] = _entry(file, key, **known)
    return out


def _register(file: str, row: dict[str, Any]) -> Entry:
    return _entry(
        file,
        row["id"],
        report=row["source"],
        citation=row["source"],
        locator=row["locator"],
        source_type=row["source_type"],
        url=row["url"],
        cite_url=row["cite_url"],
    )


def _own_words(ctx: Context, file: str) -> dict[str, Entry]:
    """What the review itself decides: its text is the source."""
    path = PurePosixPath(file)
    if file == "review.toml":
        plain = ctx.model("info", ReviewInfo).model_dump(mode="json")
    else:
        kinds = [k for k, t in TEXTS.items() if file == t.file(path.stem)]
        if not kinds:
            return {}
        plain = ctx.get(f"{kinds[0]}:{path.stem}")
    return {key: _entry(file, key, locator=key) for key in _keys(plain or {})}


def resolve(entries: dict[str, Entry], key: str) -> tuple[Entry, str] | None:
    """Entry and field of the part of a ref after ``#``: a whole key, or key and field."""
    if key in entries:
        return entries[key], ""
    row, dot, field = key.rpartition(".")
    return (entries[row], field) if dot and row in entries else None
