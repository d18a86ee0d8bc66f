"""RIS, as databases and reference managers use it, each in its own way."""

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

TYPES = {
    "JOUR": "article",
    "JFULL": "article",
    "EJOUR": "article",
    "ABST": "article",
    "INPR": "article",
    "MGZN": "article",
    "BOOK": "book",
    "EBOOK": "book",
    "EDBOOK": "book",
    "CHAP": "chapter",
    "ECHAP": "chapter",
    "ENCYC": "chapter",
    "DICT": "chapter",
    "CONF": "conference",
    "CPAPER": "conference",
    "THES": "thesis",
    "RPRT": "report",
    "GOVDOC": "report",
    "STAND": "report",
    "UNPB": "preprint",
    "UNPD": "preprint",
    "DATA": "dataset",
    "DBASE": "dataset",
    "AGGR": "dataset",
    "ELEC": "webpage",
    "WEB": "webpage",
    "BLOG": "webpage",
    "NEWS": "news",
    "PAT": "patent",
    "GEN": "other",
}
_TO_RIS = {
    "article": "JOUR",
    "review": "JOUR",
    "preprint": "UNPB",
    "book": "BOOK",
    "chapter": "CHAP",
    "conference": "CONF",
    "thesis": "THES",
    "report": "RPRT",
    "trial": "DATA",
    "dataset": "DATA",
    "webpage": "ELEC",
    "news": "NEWS",
    "patent": "PAT",
}

_START = re.compile(r"^\s{0,2}TY(?P<gap>  ?|\t)-\s*[A-Z]{2,8}\s*$", re.MULTILINE)
_FURNITURE = re.compile(
    r"\s*\Z|\s*\d+\.?\s*\Z|\s*<\d+>\s*\Z|Record #\d+ of \d+\s*\Z|Provider\s*:|Content\s*:"
    r"|\s*Link to the Ovid Full Text|\s*Database\s*:\s|\s*EndOfFile|\s*\x1a\s*\Z",
    re.IGNORECASE,
)


def _grammar(gap: str) -> Grammar:
    """The standard has two blanks before the hyphen; a file with another gap has it throughout."""
    return Grammar(
        line=re.compile(rf"\s?(?P<tag>[A-Z][A-Z0-9]){gap}-(?:\s(?P<text>.*)|(?=\s*\Z))"),
        starts=frozenset({"TY"}),
        ends=frozenset({"ER"}),
        enough=frozenset({"TI", "T1", "CT", "BT"}),
        furniture=_FURNITURE,
    )


_OTHER_IDS = re.compile(r"(?:PUBMED|EMBASE|CINAHL|CTGOV|ICTRP)\b|[\d\s,;]+\Z", re.IGNORECASE)
# where registers' numbers stand too
_TRIAL = ("AN", "C1", "CN", "JO", "UR", "AU", "A1", "M1", "SI")
_DOI_ELSEWHERE = ("DOI", "DI", "L3", "M3", "LK", "UR", "L2", "N1", "ID")


@reads(
    "ris",
    "RIS: PubMed by Zotero or EndNote, Ovid, Embase, Scopus, Web of Science, CENTRAL, EBSCO",
    suffixes=(".ris", ".txt"),
    source="Research Information Systems, RIS format specifications (Clarivate, 2012)",
    sniff=lambda source: 0.95 if _START.search(source.head) else 0.0,
)
def read(source: Source) -> Iterator[Piece]:
    """Every entry of a RIS file, whoever wrote it."""
    start = _START.search(source.head)
    yield from pieces(source.lines(), _grammar(start["gap"] if start else "  "), record)


def record(block: Block) -> Record:
    """A RIS entry as a record: which tag holds what depends on its type and its exporter."""
    kind = _kind(block)
    title, journal = _titles(block, kind)
    pages = _pages(block)
    database = block.first("DB", "DP")
    doi = _doi(block)
    pmid, accession = _ids(block, database)
    year, date = block.first("PY", "Y1", "DA"), block.first("DA", "Y1")
    abstract = list(dict.fromkeys(block.values("AB", "N2")))
    notes = block.values("N1")
    serial = block.first("SN", "SB")
    book = identifiers.is_isbn(serial, kind in ("book", "chapter"))
    return make_record(
        type=kind,
        title=title,
        authors=[name for text in block.values("AU", "A1") for name in _names(text)],
        year=year,
        date="" if date.strip("/ ") == year.strip("/ ") else date,
        journal=journal,
        journal_abbr=_other(block, journal),
        volume=block.first("VL", "VO"),
        number=block.first("IS"),
        pages=pages,
        doi=doi,
        pmid=pmid,
        pmcid=_pmcid(block),
        issn="" if book else serial,
        isbn=serial if book else "",
        registry=identifiers.registry(" ".join([title, *abstract, *notes, *block.look(*_TRIAL)])),
        accession=accession,
        abstract="\n".join(abstract),
        keywords=[word for text in block.values("KW") for word in text.split("\n")],
        urls=[one for text in block.values("UR", "LK") for one in text.split("\n")],
        language=block.first("LA"),
        publisher=block.first("PB", "PU"),
        place=block.first("CY", "PI"),
        database=database,
        notes=notes,
        extra=block.rest(),
    )


def _kind(block: Block) -> str:
    """By TY, and for a journal by what M3 says more exactly."""
    kind = TYPES.get(block.first("TY").strip(" -").upper(), "other")
    said = kind_of(*block.look("M3")) if kind in ("article", "other") else ""
    return said if said in ("review", "conference", "preprint", "trial") else kind


def _titles(block: Block, kind: str) -> tuple[str, str]:
    """Title, and what it appeared in."""
    own = block.first("TI", "T1", "CT")
    holders = ("JF", "T2", "JO", "JA", "J2", "J1", "J9")
    if own and kind in ("chapter", "conference"):
        held = block.first("BT", *holders[:3]) or _proceedings(block)
        return own, held or block.first(*holders[3:])
    if own or block.look("BT"):
        return own or block.first("BT"), block.first(*holders)
    return (block.first(*holders), "") if kind == "book" else ("", block.first(*holders))


def _proceedings(block: Block) -> str:
    """Scopus and EndNote have the title of proceedings where CENTRAL has other databases' ids."""
    said = next((text for text in block.look("C3") if not _OTHER_IDS.match(text)), "")
    return block.use(said, "C3")


def _other(block: Block, journal: str) -> str:
    """A second name of the journal; equal ones count as told."""
    tags = ("JA", "J2", "J1", "JI", "J9", "JO", "JF", "T2")
    block.use(journal, *tags)
    names = (name for name in block.look(*tags[:-2]) if name.casefold() != journal.casefold())
    return block.use(next(names, ""), *tags)


def _names(text: str) -> list[str]:
    """One author a tag is the rule; Embase and others put several into one."""
    parts = re.split(r"\s*;\s*|\n", text)
    return [part.strip(" ,") for part in parts if part.strip(" ,")]


def _pages(block: Block) -> str:
    """Pages from first and last, or from the tag that a dialect keeps article numbers in."""
    first, last = block.first("SP"), block.first("EP")
    if first and last and first != last and "-" not in first:
        return f"{first}-{last}"
    return first or last or block.first("C7")


def _doi(block: Block) -> str:
    """The DOI's own tag as it stands, or a DOI that another tag holds."""
    if own := block.first("DO"):
        return own
    found = (identifiers.doi(text) for text in block.look(*_DOI_ELSEWHERE))
    return next(filter(None, found), "")


# CENTRAL: "PUBMED 123"; Embase: "123 (pubmed)"; Ovid: "123 [https://.../pubmed/?term=123]"
_PMID_PRINTED = re.compile(
    r"(?:\bPUBMED\s*:?\s*|\A(?=\d+\s*[\[(]\S*pubmed\S*[\])]\Z))(\d{1,8})\b", re.IGNORECASE
)
# a publisher's key, such as "Dakwar2020"
_KEY = re.compile(r"[^\W\d_]{2,}(?:1[89]|20)\d\d[a-z]?")
_MEDLINE = "pubmed|medline|nlm|^(?:cmedm|mnh|mdc|mdl)$"  # the last are EBSCO's
_ALONE = {  # tags that hold a bare PMID, and in whose exports
    "PM": "",
    "C5": "",
    "C2": "scopus|embase",
    "AN": _MEDLINE,
    "ID": _MEDLINE,
}


def _told_pmid(block: Block, tag: str, text: str) -> str:
    """A PMID that says that it is one; a note may name PubMed and a year."""
    found = _PMID_PRINTED.search(text) if tag != "N1" else None
    if found and not text.replace(found.group(), "", 1).strip():
        block.use(text, tag)
    return found[1] if found else identifiers.told_pmid(text)


def _ids(block: Block, database: str) -> tuple[str, str]:
    """PMID, and the database's own id."""
    own = any(  # a program's running number or citation key
        (text.isdecimal() and len(text) < 6) or _KEY.fullmatch(text) for text in block.look("ID")
    )
    accession = block.first("AN", "U2", *([] if own else ["ID"]))
    for tag in ("PM", "C2", "C5", "C3", "XR", "AN", "ID", "N1", "M1"):
        for text in block.look(tag):
            if told := _told_pmid(block, tag, text):
                return told, accession
            if tag in _ALONE and re.search(_ALONE[tag], database, re.IGNORECASE):
                digits = re.findall(r"(?<![\w.])\d{1,8}(?![\w.])", text)
                if digits and re.fullmatch(r"[\d\s;,]+", text):
                    return block.use(digits[-1], tag), accession
    return "", accession


@writes("ris")
def write(records: Iterable[Record]) -> Iterator[str]:
    """Each record as a RIS entry that `read` gives back as it was."""
    for one in records:
        fields = complete(_fields(one), one, record)
        yield "\r\n".join([f"{tag}  - {_flat(text)}" for tag, text in fields])
        yield "\r\nER  - \r\n\r\n"


def _pmcid(block: Block) -> str:
    """A PubMed Central id that stands alone in a tag, or inside a note."""
    for text in block.look("C2", "C7", "N1"):
        if found := identifiers.told_pmcid(text):
            return block.use(text, "C2", "C7") and found
    return ""


_FREE = re.compile(r"(?!TY|ER|ZP)[A-Z][A-Z0-9]")


def _fields(one: Record) -> Iterator[tuple[str, str]]:
    yield "TY", _TO_RIS.get(one.type, "GEN")
    first, dash, last = one.pages.partition("-")
    plain = bool(dash) and "-" not in last and bool(first and last) and first != last
    pages = [("SP", first), ("EP", last)] if plain else [("SP", one.pages)]
    yield from [
        ("TI", one.title),
        *(("AU", name) for name in one.authors),
        ("PY", str(one.year or "")),
        ("DA", one.date),
        ("JF", one.journal),
        ("JA", one.journal_abbr),
        ("VL", one.volume),
        ("IS", one.number),
        *pages,
        ("DO", one.doi),
        ("PM", one.pmid),
        ("C2", one.pmcid),
        ("SN", one.isbn or one.issn),
        ("AN", one.accession),
        ("AB", one.abstract),
        *(("KW", word) for word in one.keywords),
        *(("UR", url) for url in one.urls),
        ("LA", one.language),
        ("PB", one.publisher),
        ("CY", one.place),
        ("DB", one.database),
        *(("N1", note) for note in one.notes),
        *((tag, text) for tag, text in one.extra if _FREE.fullmatch(tag)),
    ]


def _flat(text: str) -> str:
    """Wrapped lines are indented so far that no word at their beginning can look like a tag."""
    return text.replace("\n", "\r\n      ")
