"""OpenAlex works: cursors, and pages of a hundred."""

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

SIZE = 100
_KINDS = {
    "article": "article",
    "review": "review",
    "preprint": "preprint",
    "book": "book",
    "book-chapter": "chapter",
    "dissertation": "thesis",
    "dataset": "dataset",
    "report": "report",
}


def ask(client: Client, query: str, window: Window, state: dict[str, Any]) -> Iterator[Page]:
    """Pages from a cursor on. `query` is a search, or ``filter:`` and OpenAlex's own filters."""
    filters = [query.removeprefix("filter:")] if query.startswith("filter:") else []
    if window.since:
        filters.append(f"from_updated_date:{window.since}")
    params = {"per_page": str(SIZE)}
    if not query.startswith("filter:"):
        params["search"] = query
    if filters:
        params["filter"] = ",".join(filters)
    cursor = str(state.get("cursor", "*"))
    while True:
        body, page = client.json("/works", {**params, "cursor": cursor})
        about = page.get("meta") if isinstance(page, dict) else None
        if not isinstance(about, dict) or "count" not in about:
            raise ServiceError(f"OpenAlex gave an answer without a count: {body[:200]!r}")
        following = str(about.get("next_cursor") or "")
        last = not following or not page.get("results") or following == cursor
        yield Page(body, int(about["count"]), {} if last else {"cursor": following})
        if last:
            return
        cursor = following


def parse(body: bytes) -> Iterator[Piece]:
    """The works of a page."""
    for row in json.loads(body).get("results", []):
        if not isinstance(row, dict):
            yield Rejected(0, 0, "the work is no object", str(row)[:200])
            continue
        yield judged(_record(row), 0, 0, str(row.get("id", "")))


def _record(row: dict[str, Any]) -> Any:
    ids = row.get("ids") or {}
    biblio = row.get("biblio") or {}
    place = (row.get("primary_location") or {}).get("source") or {}
    first, last = biblio.get("first_page") or "", biblio.get("last_page") or ""
    abstract = _abstract(row.get("abstract_inverted_index"))
    return make_record(
        type=_KINDS.get(str(row.get("type", "")), "other"),
        title=row.get("title") or row.get("display_name"),
        authors=[
            (one.get("author") or {}).get("display_name") or one.get("raw_author_name")
            for one in row.get("authorships") or []
        ],
        year=row.get("publication_year"),
        date=row.get("publication_date"),
        journal=place.get("display_name"),
        volume=biblio.get("volume"),
        number=biblio.get("issue"),
        pages=f"{first}-{last}" if last and last != first else first,
        doi=row.get("doi") or ids.get("doi"),
        pmid=ids.get("pmid"),
        pmcid=ids.get("pmcid"),
        issn=place.get("issn_l"),
        registry=identifiers.registry(abstract),
        accession=str(row.get("id", "")).rpartition("/")[2],
        abstract=abstract,
        language=row.get("language"),
        database="OpenAlex",
        extra=[("retracted", "is_retracted")] if row.get("is_retracted") else [],
    )


def _abstract(index: Any) -> str:
    """The abstract from the places of its words."""
    if not isinstance(index, dict):
        return ""
    words = [
        (place, word)
        for word, places in index.items()
        if isinstance(places, list)
        for place in places
        if isinstance(place, int)
    ]
    return " ".join(word for _, word in sorted(words))


register(
    Service(
        name="openalex",
        title="OpenAlex API, works",
        database="OpenAlex",
        base="https://api.openalex.org",
        rate=5.0,
        ask=ask,
        parse=parse,
        suffix=".json",
        source="OpenAlex API documentation: works, paging with cursors",
        secret="OPENALEX_API_KEY",
        key="api_key",
        keyed_rate=10.0,
    )
)
