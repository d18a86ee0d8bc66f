"""Europe PMC's RESTful search: cursors, and pages of up to a thousand results."""

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

SIZE = 1000
_LINKS = {
    "retraction in": "retracted-by",
    "retraction of": "retracts",
    "erratum in": "corrected-by",
    "erratum for": "corrects",
    "expression of concern in": "concern-by",
    "update in": "updated-by",
}


def ask(client: Client, query: str, window: Window, state: dict[str, Any]) -> Iterator[Page]:
    """Pages from a cursor on; the last is empty, or gives back the cursor it was asked with."""
    if window.since:  # of an earlier entry only its retraction would be news
        fresh = f"FIRST_IDATE:[{window.since} TO {window.until or window.since}]"
        query = f'({query}) AND ({fresh} OR PUB_TYPE:"Retracted Publication")'
    cursor = str(state.get("cursor", "*"))
    while True:
        fixed = {"format": "json", "resultType": "core", "synonym": "true", "pageSize": str(SIZE)}
        body, page = client.json("", {**fixed, "query": query, "cursorMark": cursor})
        if not isinstance(page, dict) or "hitCount" not in page:
            raise ServiceError(f"Europe PMC gave an answer without a count: {body[:200]!r}")
        found = page.get("resultList", {}).get("result", [])
        following = str(page.get("nextCursorMark") or "")
        last = not found or not following or following == cursor
        yield Page(body, int(page["hitCount"]), {} if last else {"cursor": following})
        if last:
            return
        cursor = following


def parse(body: bytes) -> Iterator[Piece]:
    """The results of a page."""
    for row in json.loads(body).get("resultList", {}).get("result", []):
        if not isinstance(row, dict):
            yield Rejected(0, 0, "the result is no object", str(row)[:200])
            continue
        yield judged(_record(row), 0, 0, str(row.get("id", "")))


def _record(row: dict[str, Any]) -> Any:
    journal = row.get("journalInfo") or {}
    inside = journal.get("journal") or {}
    book = row.get("bookOrReportDetails") or {}
    kinds = [str(k) for k in (row.get("pubTypeList") or {}).get("pubType", [])]
    names = [
        ", ".join(filter(None, (a.get("lastName"), a.get("firstName") or a.get("initials"))))
        or a.get("collectiveName")
        or a.get("fullName")
        for a in (row.get("authorList") or {}).get("author", [])
        if isinstance(a, dict)
    ]
    related = (row.get("commentCorrectionList") or {}).get("commentCorrection", [])
    return make_record(
        type="preprint" if row.get("source") == "PPR" else "article",
        title=row.get("title"),
        authors=names or [row.get("authorString")],
        year=row.get("pubYear"),
        date=journal.get("dateOfPublication") or row.get("firstPublicationDate"),
        journal=inside.get("title") or book.get("publisher"),
        journal_abbr=inside.get("medlineAbbreviation") or inside.get("isoabbreviation"),
        volume=journal.get("volume"),
        number=journal.get("issue"),
        pages=row.get("pageInfo"),
        doi=row.get("doi"),
        pmid=row.get("pmid"),
        pmcid=row.get("pmcid"),
        issn=inside.get("issn") or inside.get("essn"),
        registry=identifiers.registry(str(row.get("abstractText") or "")),
        accession=f"{row.get('source', '')}:{row.get('id', '')}",
        abstract=row.get("abstractText"),
        keywords=(row.get("keywordList") or {}).get("keyword"),
        language=row.get("language"),
        database="Europe PMC",
        extra=[
            *(("publication-type", kind) for kind in kinds),
            *(("retracted", kind) for kind in kinds if kind.lower() == "retracted publication"),
            *(
                (_LINKS[str(one.get("type", "")).lower()], str(one.get("id", "")))
                for one in related
                if isinstance(one, dict) and str(one.get("type", "")).lower() in _LINKS
            ),
        ],
    )


register(
    Service(
        name="europe-pmc",
        title="Europe PMC articles RESTful API, search",
        database="Europe PMC",
        base="https://www.ebi.ac.uk/europepmc/webservices/rest/search",
        rate=5.0,
        ask=ask,
        parse=parse,
        suffix=".json",
        source="Europe PMC, Articles RESTful API documentation, module search",
    )
)
