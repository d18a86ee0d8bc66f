"""Web of Science's own plain text: savedrecs.txt and .ciw."""

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

# only these are tags: a wrapped line that lost its indent may begin with two capitals too
_TAGS = (
    "AB|AE|AF|AR|AU|BA|BE|BF|BN|BP|BS|C1|C3|CA|CL|CR|CT|CY|D2|DA|DE|DI|DL|DT|EA|EC|ED|EF|EI"
    "|EM|EP|ER|EY|FN|FU|FX|GA|GE|GP|HC|HO|HP|ID|IS|J9|JI|LA|LT|MA|MH|NR|NT|OA|OI|P2|PA|PD"
    "|PG|PI|PM|PN|PS|PT|PU|PV|PY|RI|RID|RP|SC|SE|SI|SN|SO|SP|SU|TC|TI|U1|U2|UT|VL|VR|WC|WE"
    "|WP|Z1|Z2|Z3|Z4|Z8|Z9|ZB"
)
_GRAMMAR = Grammar(
    line=re.compile(rf"(?P<tag>{_TAGS})(?: (?P<text>.*)|\s*\Z)"),
    starts=frozenset({"PT"}),
    ends=frozenset({"ER", "EF"}),
    enough=frozenset({"TI", "UT"}),
    furniture=re.compile(r"\s*\Z|FN |VR "),
    repeats=frozenset({"AU", "AF", "BA", "BF", "BE", "CA", "C1", "CR"}),
)
_HEADER = re.compile(r"^\ufeff?FN \S", re.MULTILINE)
_START = re.compile(r"^PT [A-Z]\s*$", re.MULTILINE)
_FIELD = re.compile(r"^(?:AU|TI|SO|UT) \S", re.MULTILINE)
_KINDS = {"J": "article", "B": "book", "S": "article", "P": "patent"}


def _sniff(source: Source) -> float:
    head = source.head
    if not (_START.search(head) and _FIELD.search(head)):
        return 0.0
    return 0.95 if _HEADER.search(head) else 0.85


@reads(
    "wos",
    "Web of Science plain text: savedrecs.txt, .ciw",
    suffixes=(".txt", ".ciw"),
    source="Clarivate, Web of Science Core Collection field tags",
    sniff=_sniff,
)
def read(source: Source) -> Iterator[Piece]:
    """Every entry of a plain-text export, with or without its header and its end."""
    yield from pieces(source.lines(), _GRAMMAR, record)


def record(block: Block) -> Record:
    """A Web of Science entry as a record; the tab-delimited export has the same tags."""
    abstract = " ".join(block.first("AB").split("\n"))
    title = block.first("TI")
    words = [word for text in block.values("DE", "ID") for word in re.split(r";\s+", text)]
    kind = kind_of(block.look("DT")[0]) if block.look("DT") else ""
    group = block.first("PT")
    issn = block.first("SN", "EI")
    return make_record(
        type=kind or _KINDS.get(group[:1].upper(), "other"),
        title=title,
        authors=_authors(block),
        year=block.first("PY", "EY", "EA"),
        date=" ".join(
            filter(None, (block.first("PD"), block.look("PY")[0] if block.look("PY") else ""))
        ),
        journal=block.first("SO", "SE"),
        journal_abbr=block.first("JI", "J9"),
        volume=block.first("VL"),
        number=block.first("IS"),
        pages=_pages(block),
        doi=block.first("DI", "D2"),
        pmid=block.first("PM"),
        isbn=block.first("BN"),
        issn=issn,
        registry=identifiers.registry(f"{abstract} {title}"),
        accession=block.first("UT"),
        abstract=abstract,
        keywords=[" ".join(word.split()) for word in words],
        language=block.first("LA"),
        publisher=block.first("PU"),
        place=block.first("PI"),
        database="Web of Science",
        extra=block.rest(),
    )


def _authors(block: Block) -> list[str]:
    """Full names where they are given, and group authors."""
    block.values("AU", "BA")  # the short forms of the full names
    for tag in ("AF", "BF", "AU", "BA", "BE"):
        if found := block.values(tag):
            return [*_split(found), *_split(block.values("CA", "GP"))]
    return _split(block.values("CA", "GP"))


def _split(names: list[str]) -> list[str]:
    return [part for name in names for part in re.split(r"\s*;\s*|\n\s*", name)]


def _pages(block: Block) -> str:
    first, last = block.first("BP"), block.first("EP")
    if first and last and first != last:
        return f"{first}-{last}"
    return first or last or block.first("AR")
