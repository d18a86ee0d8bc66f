"""Crossref works: cursors that live five minutes, and pages of up to a thousand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from probatum.records import identifiers
from probatum.records.formats.tagged import judged
from probatum.records.reading import Piece, Rejected
from probatum.records.record import make_record
from probatum.records.sources.client import Client, ServiceError
from probatum.records.sources.service import Page, Service, Window, register

SIZE = 500
_KINDS = {
    "journal-article": "article",
    "posted-content": "preprint",
    "book": "book",
    "monograph": "book",
    "edited-book": "book",
    "book-chapter": "chapter",
    "proceedings-article": "conference",
    "dissertation": "thesis",
    "dataset": "dataset",
    "report": "report",
}
_UPDATES = {
    "retraction": "retract",
    "withdrawal": "retract",
    "removal": "retract",
    "correction": "correct",
    "erratum": "correct",
    "corrigendum": "correct",
    "expression_of_concern": "concern",
}


def ask(client: Client, query: str, window: Window, state: dict[str, Any]) -> Iterator[Page]:
    """Pages from a cursor on, until one is empty."""
    params = {"query.bibliographic": query, "rows": str(SIZE)}
    if window.since:
        params["filter"] = f"from-index-date:{window.since}"
    cursor = str(state.get("cursor", "*"))
    while True:
        body, page = client.json("/works", {**params, "cursor": cursor})
        found = page.get("message") if isinstance(page, dict) else None
        if not isinstance(found, dict) or "total-results" not in found:
            raise ServiceError(f"Crossref gave an answer without a count: {body[:200]!r}")
        following = str(found.get("next-cursor") or "")
        # the same cursor may come again with other items: only an empty page is the end
        last = not found.get("items") or not following
        yield Page(body, int(found["total-results"]), {} if last else {"cursor": following})
        if last:
            return
        cursor = following


def parse(body: bytes) -> Iterator[Piece]:
    """The works of a page."""
    for row in json.loads(body).get("message", {}).get("items", []):
        if not isinstance(row, dict):
            yield Rejected(0, 0, "the work is no object", str(row)[:200])
            continue
        yield judged(_record(row), 0, 0, str(row.get("DOI", "")))


def _first(row: dict[str, Any], name: str) -> str:
    values = row.get(name)
    return str(values[0]) if isinstance(values, list) and values else ""


def _record(row: dict[str, Any]) -> Any:
    parts: list[int] = next(
        (
            found["date-parts"][0]
            for name in ("published", "issued", "published-print", "published-online", "created")
            if isinstance(found := row.get(name), dict) and _dated(found)
        ),
        [],
    )
    title = _first(row, "title")
    if (subtitle := _first(row, "subtitle")) and subtitle.casefold() not in title.casefold():
        title = f"{title}: {subtitle}"
    abstract = str(row.get("abstract") or "")
    return make_record(
        type=_KINDS.get(str(row.get("type", "")), "other"),
        title=title,
        authors=[
            ", ".join(filter(None, (a.get("family"), a.get("given")))) or a.get("name")
            for a in row.get("author") or []
            if isinstance(a, dict)
        ],
        year=parts[0] if parts else None,
        date="-".join(f"{part:02d}" for part in parts) if len(parts) > 1 else "",
        journal=_first(row, "container-title"),
        journal_abbr=_first(row, "short-container-title"),
        volume=row.get("volume"),
        number=row.get("issue"),
        pages=row.get("page") or row.get("article-number"),
        doi=row.get("DOI"),
        issn=_first(row, "ISSN"),
        isbn=_first(row, "ISBN"),
        registry=identifiers.registry(
            " ".join(
                [
                    abstract,
                    *(str(one.get("clinical-trial-number", "")) for one in _trials(row)),
                ]
            )
        ),
        accession=row.get("DOI"),
        abstract=abstract,
        keywords=row.get("subject"),
        language=row.get("language"),
        publisher=row.get("publisher"),
        database="Crossref",
        extra=[*_updates(row, "update-to", "s"), *_updates(row, "updated-by", "ed-by")],
    )


def _dated(found: dict[str, Any]) -> bool:
    parts = found.get("date-parts")
    return bool(
        isinstance(parts, list)
        and parts
        and isinstance(parts[0], list)
        and parts[0]
        and all(isinstance(part, int) for part in parts[0])
    )


def _trials(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in row.get("clinical-trial-number") or [] if isinstance(one, dict)]


def _updates(row: dict[str, Any], name: str, end: str) -> list[tuple[str, str]]:
    """Links to notices: what this work retracts or corrects, and what does so to it."""
    out = []
    for one in row.get(name) or []:
        kind = _UPDATES.get(str(one.get("type", "")).lower()) if isinstance(one, dict) else None
        if kind:
            word = (
                f"{kind}{end}"
                if kind != "concern"
                else f"concern-{'by' if end == 'ed-by' else 'of'}"
            )
            out.append((word, str(one.get("DOI", ""))))
            if kind == "retract" and end == "ed-by":
                out.append(("retracted", str(one.get("DOI", ""))))
    return out


register(
    Service(
        name="crossref",
        title="Crossref REST API, works",
        database="Crossref",
        base="https://api.crossref.org",
        rate=5.0,
        ask=ask,
        parse=parse,
        suffix=".json",
        source="Crossref, REST API documentation: works, deep paging with cursors, update-to",
        secret="PROBATUM_EMAIL",
        key="mailto",
        keyed_rate=10.0,
    )
)
