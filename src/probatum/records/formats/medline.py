"""MEDLINE as PubMed prints it: the .nbib file, and the .txt of its PubMed format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from probatum.records import identifiers
from probatum.records.formats.kinds import kind_of
from probatum.records.formats.registry import reads, writes
from probatum.records.formats.tagged import Block, Grammar, complete, pieces
from probatum.records.reading import Piece
from probatum.records.record import Record, make_record
from probatum.records.source import Source
from probatum.records.text import paragraphs

_GRAMMAR = Grammar(
    line=re.compile(r"(?P<tag>[A-Z][A-Z0-9]{1,3}) {0,2}-(?: (?P<text>.*)|\s*\Z)"),
    starts=frozenset({"PMID"}),
    enough=frozenset({"TI", "BTI", "TT", "AID", "LID"}),
    once=frozenset({"OWN", "TI", "STAT", "JT", "TA", "OID"}),
)
_START = re.compile(r"^(?:PMID|OWN |OID )- ", re.MULTILINE)
_FIELD = re.compile(r"^(?:TI  |FAU |JT  |STAT|AB  )- ", re.MULTILINE)
_WHERE = re.compile(r"^(.*?)\s*\[(doi|pii|bookaccession)\]", re.IGNORECASE)


def _sniff(source: Source) -> float:
    return 0.9 if _START.search(source.head) and _FIELD.search(source.head) else 0.0


@reads(
    "medline",
    "MEDLINE/PubMed format: .nbib and .txt of PubMed, and of ERIC",
    suffixes=(".nbib", ".txt"),
    source="NLM, MEDLINE/PubMed Data Element (Field) Descriptions",
    sniff=_sniff,
)
def read(source: Source) -> Iterator[Piece]:
    """Every entry of a MEDLINE file, with or without blank lines between them."""
    yield from pieces(source.lines(), _GRAMMAR, record)


def record(block: Block) -> Record:
    """A MEDLINE entry as a record."""
    located, unread = _places(block.values("LID", "AID"))
    title = block.first("TI", "BTI", "TT")
    abstract = paragraphs(" ".join(block.first("AB").split("\n")))
    registered = [text for text in block.values("SI") if identifiers.registry(text)]
    pmid = block.first("PMID")
    owner = block.first("OWN")
    other = [("SI", text) for text in block.look("SI") if text not in registered]
    return make_record(
        type=kind_of(*block.look("PT")) or ("book" if block.look("BTI") else ""),
        title=title,
        authors=_authors(block),
        year=block.first("DP", "DEP"),
        date=block.first("DP", "DEP"),
        journal=block.first("JT", "TA") or (block.first("BTI") if block.look("TI") else ""),
        journal_abbr=block.first("TA"),
        volume=block.first("VI"),
        number=block.first("IP"),
        pages=block.first("PG"),
        doi=located.pop("doi", ""),
        pmid=pmid,
        pmcid=block.first("PMC"),
        isbn=block.first("ISBN"),
        issn=block.first("IS"),
        registry=identifiers.registry(" ".join([*registered, abstract, title])),
        accession=block.first("OID"),
        abstract=abstract,
        keywords=block.values("MH", "OT"),
        language="; ".join(block.values("LA")),
        publisher=block.first("PB"),
        place=block.first("PL"),
        database="PubMed" if pmid else owner,
        notes=block.values("GN"),
        extra=[*block.rest(), *located.items(), *unread, *other],
    )


def _places(texts: list[str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Where an entry is found (DOI, publisher's item, bookshelf), and what says none of these."""
    located: dict[str, str] = {}
    unread = []
    for text in texts:
        found = _WHERE.match(text)
        kind = found[2].lower() if found else ""
        if found and located.setdefault(kind, found[1]) == found[1] and found.end() == len(text):
            continue
        unread.append(("LID", text))
    return located, unread


def _authors(block: Block) -> list[str]:
    """Full names where they are given, and groups, in the order of the entry."""
    block.values("AU")  # the short forms of the full names
    names = ("FAU", "CN") if block.look("FAU") else ("AU", "CN")
    block.values(*names)
    return [" ".join(text.split()) for tag, text in block.fields if tag in names]


@writes("medline")
def write(records: Iterable[Record]) -> Iterator[str]:
    """Each record as a MEDLINE entry that `read` gives back as it was."""
    for one in records:
        fields = complete(_fields(one), one, record)
        lines = [f"{tag:4}- {_wrapped(text)}" for tag, text in fields]
        yield "\n".join(lines if one.pmid else ["PMID- ", *lines])
        yield "\n\n"


_FREE = re.compile(r"(?!PMID|ZP\Z)[A-Z][A-Z0-9]{1,3}")


def _fields(one: Record) -> Iterator[tuple[str, str]]:
    yield from [
        ("PMID", one.pmid),
        ("TI", one.title),
        *(("FAU", name) for name in one.authors),
        ("DP", one.date or str(one.year or "")),
        ("JT", one.journal),
        ("TA", one.journal_abbr),
        ("VI", one.volume),
        ("IP", one.number),
        ("PG", one.pages),
        ("LID", f"{one.doi} [doi]" if one.doi else ""),
        ("PMC", one.pmcid),
        ("IS", one.issn),
        ("ISBN", one.isbn),
        *(("SI", number) for number in one.registry),
        ("OID", one.accession),
        ("AB", one.abstract),
        *(("OT", word) for word in one.keywords),
        ("LA", one.language),
        ("PT", _SAID.get(one.type, "")),
        ("PB", one.publisher),
        ("PL", one.place),
        *(("GN", note) for note in one.notes),
        *((tag, text) for tag, text in one.extra if _FREE.fullmatch(tag)),
    ]


_SAID = {
    "article": "Journal Article",
    "review": "Review",
    "preprint": "Preprint",
    "book": "Book",
    "chapter": "Book Chapter",
    "conference": "Congress",
    "thesis": "Academic Dissertation",
    "report": "Technical Report",
    "dataset": "Dataset",
    "webpage": "Webpage",
    "news": "News",
    "patent": "Patent",
}


def _wrapped(text: str) -> str:
    return text.replace("\n", "\n      ")
