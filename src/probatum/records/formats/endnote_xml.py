"""EndNote's XML, with its styles around every text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from probatum.records import identifiers
from probatum.records.formats.elements import Entry, elements, first_text, text_of, texts
from probatum.records.formats.kinds import kind_of
from probatum.records.formats.registry import reads
from probatum.records.formats.tagged import judged
from probatum.records.reading import Piece
from probatum.records.record import Record, make_record
from probatum.records.source import Source

_START = re.compile(r"<records>\s*<record>|<record>\s*<(?:database|source-app|rec-number|ref-type)")


@reads(
    "endnote-xml",
    "EndNote XML: EndNote's own export, and that of tools which copy it",
    suffixes=(".xml",),
    source="Clarivate, EndNote RSXML document type",
    sniff=lambda source: 0.95 if _START.search(source.head) else 0.0,
)
def read(source: Source) -> Iterator[Piece]:
    """Every record of an EndNote XML file."""
    for one in elements(source, ("record",)):
        if not isinstance(one, Entry):
            yield one
        else:
            number = first_text(one.element, "rec-number")
            yield judged(record(one.element), one.line_from, one.line_to, f"record {number}")


# where each field stands; what stands elsewhere is kept by the name of its element
_PATHS = {
    "volume": ("volume",),
    "number": ("number", "issue"),
    "isbn": ("isbn",),
    "publisher": ("publisher",),
    "place": ("pub-location",),
    "language": ("language",),
    "accession": ("accession-num",),
    "abstract": ("abstract",),
    "database": ("remote-database-name",),
    "doi": ("electronic-resource-num",),
    "year": ("dates/year",),
    "date": ("dates/pub-dates/date",),
    "pages": ("pages",),
}


def record(top: Element) -> Record:
    """An EndNote record as a record."""
    held = {name: first_text(top, *paths) for name, paths in _PATHS.items()}
    kind, said = _kind(top)
    title, journal, short = _titles(top)
    serial = held.pop("isbn")
    book = identifiers.is_isbn(serial, kind in ("book", "chapter"))
    notes = [*texts(top, "notes"), *texts(top, "research-notes")]
    urls = [url for text in _leaves(top.find("urls")) for url in re.split(r"\s*[\r\n]\s*", text)]
    custom = [(one.tag, text_of(one)) for one in top if one.tag.startswith("custom")]
    rest = [text for _, text in custom]
    return make_record(
        **held,
        type=kind,
        title=title,
        authors=_names(top, "authors"),
        journal=journal,
        journal_abbr=short,
        pmid=_pmid(held["accession"], held["database"], notes),
        pmcid=next(filter(None, map(identifiers.told_pmcid, [*rest, *notes])), ""),
        isbn=serial if book else "",
        issn="" if book else serial,
        registry=identifiers.registry(" ; ".join([title, held["abstract"], *notes, *rest])),
        keywords=[
            word for text in texts(top, "keywords/keyword") for word in re.split(r"[\r\n]+", text)
        ],
        urls=urls,
        notes=notes,
        extra=[*said, *_kept(top), *custom],
    )


def _kind(top: Element) -> tuple[str, list[tuple[str, str]]]:
    kind = top.find("ref-type")
    name = "" if kind is None else kind.get("name", "")
    worked = first_text(top, "work-type")
    exact = kind_of(worked) if kind_of(worked) in ("review", "conference", "trial") else ""
    return exact or kind_of(name) or ("other" if name else ""), [("work-type", worked)]


def _titles(top: Element) -> tuple[str, str, str]:
    """Title, what it appeared in, and the short name of that."""
    title = first_text(top, "titles/title", "titles/translated-title", "titles/short-title")
    journal = first_text(
        top,
        "periodical/full-title",
        "titles/secondary-title",
        "titles/full-title",
        "titles/alt-title",
    )
    short = first_text(top, "periodical/abbr-1", "titles/abbr-1", "alt-periodical/abbr-1")
    return title, journal or short, short if journal else ""


def _names(top: Element, role: str) -> list[str]:
    found = texts(top, f"contributors/{role}/author")
    return [name for text in found for name in re.split(r"\s*[;\r\n]\s*", text) if name]


def _leaves(top: Element | None) -> list[str]:
    return [text_of(one) for one in top.iter("url")] if top is not None else []


def _pmid(accession: str, database: str, notes: list[str]) -> str:
    if accession.isdecimal() and re.search("pubmed|medline|nlm", database, re.IGNORECASE):
        return accession
    return next(filter(None, map(identifiers.told_pmid, [accession, *notes])), "")


_READ = {
    "database", "source-app", "ref-type", "contributors", "titles", "periodical", "dates",
    "keywords", "urls", "notes", "research-notes", "work-type",
    *(paths[0] for paths in _PATHS.values()),
}  # fmt: skip


def _kept(top: Element) -> Iterator[tuple[str, str]]:
    """Editors, other titles, and every element that has no field of its own."""
    for role in ("secondary-authors", "tertiary-authors", "subsidiary-authors"):
        yield from ((role, name) for name in _names(top, role))
    for name in ("tertiary-title", "short-title", "translated-title", "alt-title"):
        yield from ((name, text) for text in texts(top, f"titles/{name}"))
    for one in top:
        if one.tag not in _READ and not one.tag.startswith("custom"):
            yield one.tag, text_of(one)
