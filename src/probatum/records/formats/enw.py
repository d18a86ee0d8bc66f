"""EndNote's tagged text (.enw, refer), as EndNote, Google Scholar and many journals export it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from probatum.records import identifiers
from probatum.records.formats.kinds import kind_of
from probatum.records.formats.registry import reads
from probatum.records.formats.tagged import Block, Grammar, pieces
from probatum.records.reading import Piece
from probatum.records.record import Record, make_record
from probatum.records.source import Source

_GRAMMAR = Grammar(
    line=re.compile(r"\s?(?P<tag>%[0-9A-Za-z@?!#$*&()+:^>~\[\]=<|/'-])(?:\s(?P<text>.*)|\s*\Z)"),
    starts=frozenset({"%0"}),
    enough=frozenset({"%T", "%B"}),
    once=frozenset({"%T", "%D", "%0"}),
)
_START = re.compile(r"^\ufeff?\s?%0 \S", re.MULTILINE)
_FIELD = re.compile(r"^\s?%[TABJD] \S", re.MULTILINE)


def _sniff(source: Source) -> float:
    if not _FIELD.search(source.head):
        return 0.0
    return 0.9 if _START.search(source.head) else 0.4


@reads(
    "enw",
    "EndNote tagged text (.enw, refer): EndNote, Google Scholar, journals",
    suffixes=(".enw",),
    source="Clarivate, EndNote Help: tagged EndNote import format",
    sniff=_sniff,
)
def read(source: Source) -> Iterator[Piece]:
    """Every entry of a tagged EndNote file."""
    yield from pieces(source.lines(), _GRAMMAR, record)


def record(block: Block) -> Record:
    """A tagged EndNote entry as a record."""
    said = block.first("%0", "%9")
    title = block.first("%T", "%B")
    abstract = "\n".join(block.values("%X"))
    serial = block.first("%@")
    book = kind_of(said) in ("book", "chapter")
    words = [word for text in block.values("%K") for word in re.split(r"\n|;\s+", text)]
    urls = [one for text in block.values("%U", "%>") for one in text.split("\n")]
    notes = block.values("%Z")
    return make_record(
        type=kind_of(said) or ("other" if said else ""),
        title=title,
        authors=[name for text in block.values("%A") for name in re.split(r"\n|\s*;\s*", text)],
        year=block.first("%D", "%8"),
        date=block.first("%8"),
        journal=block.first(*(("%J", "%B") if block.look("%T") else ("%J",))),
        volume=block.first("%V"),
        number=block.first("%N"),
        pages=block.first("%P"),
        doi=block.first("%R") or next(filter(None, map(identifiers.doi, urls)), ""),
        pmid=_pmid(block),
        pmcid=next((block.use(one, "%2") for one in block.look("%2") if one[:3] == "PMC"), ""),
        isbn=serial if book else "",
        issn="" if book else serial,
        registry=identifiers.registry(" ".join([abstract, title, *notes])),
        accession=block.first("%M"),
        abstract=abstract,
        keywords=words,
        urls=urls,
        language=block.first("%G"),
        publisher=block.first("%I"),
        place=block.first("%C"),
        database=block.first("%~", "%W"),
        notes=notes,
        extra=block.rest(),
    )


def _pmid(block: Block) -> str:
    """The accession number of a PubMed record, or a number that says that it is one."""
    where = " ".join(block.look("%~", "%W"))
    for text in block.look("%M", "%Z", "%O"):
        if found := identifiers.told_pmid(text):
            return found
        if re.search("pubmed|medline|nlm", where, re.IGNORECASE) and text.isdecimal():
            return text
    return ""
