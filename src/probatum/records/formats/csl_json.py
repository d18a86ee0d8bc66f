"""CSL-JSON, the interchange of Zotero, Mendeley, Crossref and citation processors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from probatum.records import identifiers
from probatum.records.formats.carried import NAME, carried, restored
from probatum.records.formats.json_items import Item, items
from probatum.records.formats.kinds import kind_of
from probatum.records.formats.registry import reads, writes
from probatum.records.formats.tagged import judged
from probatum.records.reading import Piece, Rejected
from probatum.records.record import Record, make_record
from probatum.records.source import Source

_TYPES = {
    "article-newspaper": "news",
    "review-book": "article",
    "entry": "chapter",
    "entry-dictionary": "chapter",
    "entry-encyclopedia": "chapter",
    "post": "webpage",
    "post-weblog": "webpage",
    "document": "other",
}
_TO_CSL = {
    "article": "article-journal",
    "preprint": "article",
    "review": "review",
    "book": "book",
    "chapter": "chapter",
    "conference": "paper-conference",
    "thesis": "thesis",
    "report": "report",
    "dataset": "dataset",
    "webpage": "webpage",
    "news": "article-newspaper",
    "patent": "patent",
    "trial": "dataset",
}
_FIELD = re.compile(r'"(?:container-title|issued|author|DOI|title-short|citation-key)"\s*:')


def _sniff(source: Source) -> float:
    head = source.head.lstrip("\ufeff \t\r\n\x1e")
    if head[:1] not in ("[", "{") or '"protocolSection"' in head:
        return 0.0
    if not re.search(r'"(?:title|DOI)"\s*:', head):
        return 0.0
    return 0.85 if _FIELD.search(head) and '"type"' in head else 0.5


@reads(
    "csl-json",
    "CSL-JSON: Zotero, Mendeley, Crossref; a list, an object with items, or JSON lines",
    suffixes=(".json", ".jsonl"),
    source="Citation Style Language 1.0.2, csl-data.json schema",
    sniff=_sniff,
)
def read(source: Source) -> Iterator[Piece]:
    """Every item of a CSL-JSON file."""
    for item in items(source, ("items", "references")):
        if not isinstance(item, Item):
            yield item
        elif not isinstance(item.value, dict):
            text = json.dumps(item.value)[:200]
            yield Rejected(item.line_from, item.line_to, "not an object with fields", text)
        else:
            told = record(item.value)
            text = json.dumps(item.value)[:200]
            yield judged(told, item.line_from, item.line_to, text)


def record(item: dict[str, Any]) -> Record:
    """A CSL item as a record."""
    left = dict(item)

    def take(*names: str) -> str:
        for name in names:
            if text := said(left.get(name)):
                del left[name]
                return text
        return ""

    custom = left.get("custom")
    extra_fields = custom.pop(NAME, "") if isinstance(custom := _copy(custom), dict) else ""
    left["custom"] = custom
    if re.fullmatch(rf"{NAME}-\d+", said(left.get("id"))):
        del left["id"]
    year, date = _date(left.pop("issued", None))
    notes = take("note")
    title, abstract = take("title"), take("abstract")
    told = make_record(
        type=_kind(take("type"), said(left.get("genre"))),
        title=title,
        authors=_names(left.pop("author", None)),
        year=year,
        date=date,
        journal=take("container-title", "event-title"),
        journal_abbr=take("container-title-short", "journalAbbreviation"),
        volume=take("volume"),
        number=take("issue", "number"),
        pages=take("page", "article-number"),
        doi=take("DOI"),
        pmid=take("PMID") or _told(notes, "PMID"),
        pmcid=take("PMCID") or _told(notes, "PMCID"),
        isbn=take("ISBN"),
        issn=take("ISSN"),
        registry=identifiers.registry(f"{title} {abstract} {notes}"),
        accession=take("call-number", "archive_location"),
        abstract=abstract,
        keywords=re.split(r"\s*[;,]\s*", take("keyword", "categories")),
        urls=[take("URL")],
        language=take("language"),
        publisher=take("publisher"),
        place=take("publisher-place"),
        database=take("source", "archive"),
        notes=[notes],
        extra=[(name, said(value)) for name, value in left.items()],
    )
    return restored(told, extra_fields if isinstance(extra_fields, str) else said(extra_fields))


def _copy(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else value


def said(value: Any) -> str:
    """A JSON value as text: Crossref has lists where CSL has texts."""
    if value is None or value in ({}, []):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "; ".join(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value) if len(str(value)) < 60 else ""
    return json.dumps(value, ensure_ascii=False)


def _kind(said_type: str, genre: str) -> str:
    if "preprint" in genre.lower():
        return "preprint"
    if not said_type:
        return ""
    return _TYPES.get(said_type) or kind_of(said_type.replace("paper-", "")) or "other"


def _names(value: Any) -> list[str]:
    names = value if isinstance(value, list) else [value] if value else []
    return [text for one in names if (text := _name(one))]


def _name(value: Any) -> str:
    if not isinstance(value, dict):
        return said(value)
    given = " ".join(filter(None, (said(value.get("given")), said(value.get("dropping-particle")))))
    before = said(value.get("non-dropping-particle"))
    family = " ".join(filter(None, (before, said(value.get("family")))))
    parts = (family, given, said(value.get("suffix")))
    return ", ".join(filter(None, parts)) or said(value.get("literal")) or said(value.get("name"))


def _date(value: Any) -> tuple[str, str]:
    """Year and date out of date parts, or of the words that stand instead."""
    if not isinstance(value, dict):
        return said(value), said(value)
    parts = value.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    if isinstance(first, list) and first and first[0]:
        numbers = [said(one) for one in first if one is not None]
        printed = "-".join(one.zfill(2) for one in numbers)
        season = said(value.get("season"))
        return numbers[0], printed if len(numbers) > 1 else f"{printed} {season}" if season else ""
    words = next((text for name in ("literal", "raw") if (text := said(value.get(name)))), "")
    return words, words


def _told(notes: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(\w+)\s*$", notes, re.MULTILINE | re.IGNORECASE)
    return found.group(1) if found else ""


@writes("csl-json")
def write(records: Iterable[Record]) -> Iterator[str]:
    """The records as a list of CSL items that `read` gives back as they were."""
    yield "["
    for number, one in enumerate(records):
        item = {"id": f"{NAME}-{number + 1}", **_item(one)}
        if rest := carried(one, record(item)):
            item["custom"] = {NAME: rest}
        yield (",\n" if number else "\n") + json.dumps(item, ensure_ascii=False)
    yield "\n]\n"


def _item(one: Record) -> dict[str, Any]:
    item: dict[str, Any] = {
        "type": _TO_CSL.get(one.type, "document"),
        "genre": "preprint" if one.type == "preprint" else "",
        "title": one.title,
        "author": [_parts(name) for name in one.authors],
        "issued": _issued(one),
        "container-title": one.journal,
        "container-title-short": one.journal_abbr,
        "volume": one.volume,
        "issue": one.number,
        "page": one.pages,
        "DOI": one.doi,
        "PMID": one.pmid,
        "PMCID": one.pmcid,
        "ISBN": one.isbn,
        "ISSN": one.issn,
        "abstract": one.abstract,
        "keyword": "; ".join(one.keywords),
        "URL": one.urls[0] if one.urls else "",
        "language": one.language,
        "publisher": one.publisher,
        "publisher-place": one.place,
        "source": one.database,
        "call-number": one.accession,
        "note": "\n".join(one.notes),
    }
    return {name: value for name, value in item.items() if value}


def _parts(name: str) -> dict[str, str]:
    family, comma, given = name.partition(", ")
    return {"family": family, "given": given} if comma else {"literal": name}


def _issued(one: Record) -> dict[str, Any]:
    if one.date:
        return {"raw": one.date}
    return {"date-parts": [[one.year]]} if one.year else {}
