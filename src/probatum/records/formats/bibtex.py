"""BibTeX and BibLaTeX, as databases and reference managers write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from probatum.records import identifiers
from probatum.records.formats.bibtex_entries import Entry, entries
from probatum.records.formats.carried import NAME, carried, restored
from probatum.records.formats.kinds import kind_of
from probatum.records.formats.latex import decode, encode
from probatum.records.formats.registry import reads, writes
from probatum.records.formats.tagged import judged
from probatum.records.reading import Piece
from probatum.records.record import Record, make_record
from probatum.records.source import Source

_START = re.compile(r"^\ufeff?\s*@\s*[A-Za-z]+\s*[{(]", re.MULTILINE)
_FIELD = re.compile(r"^[^=\n]{0,200}\b(?:title|author|year|journal|doi)\s*=\s*[{\"\d]", re.M | re.I)
_KINDS = {
    "article": "article",
    "book": "book",
    "proceedings": "book",
    "collection": "book",
    "inproceedings": "conference",
    "misc": "other",
    "online": "webpage",
    "www": "webpage",
    "electronic": "webpage",
    "manual": "report",
    "techreport": "report",
    "software": "other",
}
_TO_BIBTEX = {
    "article": "article",
    "review": "article",
    "preprint": "unpublished",
    "book": "book",
    "chapter": "incollection",
    "conference": "inproceedings",
    "thesis": "phdthesis",
    "report": "techreport",
    "dataset": "dataset",
    "webpage": "online",
    "patent": "patent",
}


def _sniff(source: Source) -> float:
    if not _START.search(source.head):
        return 0.0
    return 0.9 if _FIELD.search(source.head) else 0.3


@reads(
    "bibtex",
    "BibTeX and BibLaTeX: Scopus, Web of Science, ACM, Google Scholar, Zotero, JabRef",
    suffixes=(".bib",),
    source="BibTeX 0.99d (Patashnik 1988) and BibLaTeX 3 (fields)",
    sniff=_sniff,
)
def read(source: Source) -> Iterator[Piece]:
    """Every entry of a BibTeX file; comments and preambles are told apart."""
    parents = _parents(source)
    for entry in entries(source):
        if not isinstance(entry, Entry):
            yield entry
            continue
        above = parents.get(entry.get("crossref").strip().lower())
        told = record(entry, above if above is not entry else None)
        yield judged(told, entry.line_from, entry.line_to, f"@{entry.kind}{{{entry.key}")


def _parents(source: Source) -> dict[str, Entry]:
    """The entries that others refer to with crossref: they may stand below these."""
    if not any("crossref" in line.lower() for _, line in source.lines()):
        return {}
    found = [one for one in entries(source) if isinstance(one, Entry)]
    wanted = {one.get("crossref").strip().lower() for one in found} - {""}
    return {one.key.lower(): one for one in reversed(found) if one.key.lower() in wanted}


class _Left:
    """An entry's fields, of which each is taken once."""

    def __init__(self, entry: Entry) -> None:
        self.fields = list(entry.fields)

    def raw(self, *names: str) -> str:
        for name in names:
            for place, (one, text) in enumerate(self.fields):
                if one == name and text.strip("{} \t\n"):
                    del self.fields[place]
                    return text
        return ""

    def take(self, *names: str) -> str:
        return shown(self.raw(*names))


def shown(text: str) -> str:
    """A value as text; BibTeX wraps lines anywhere, and only a blank line ends a paragraph."""
    parts = re.split(r"[ \t]*\n\s*\n\s*", decode(text))
    return "\n".join(" ".join(part.split()) for part in parts)


def record(entry: Entry, above: Entry | None = None) -> Record:
    """A BibTeX entry as a record, with what it inherits through crossref."""
    left = _Left(entry)
    holder = _Left(above) if above else None
    title, abstract = left.take("title"), left.take("abstract")
    carried_text = decode(left.raw(NAME))
    said = left.take("type", "document_type", "entrysubtype")
    journal = left.take("journal", "journaltitle", "booktitle", "maintitle", "series")
    notes = [text for text in (left.take("note"), left.take("annote")) if text]
    urls = [one for name, raw in entry.fields if name == "url" for one in _verbatim(raw).split()]
    day = _day(left)
    told = make_record(
        type=_kind(entry.kind, said),
        title=title,
        authors=_authors(left.raw("author")),
        year=left.take("year") or day or (holder.take("year", "date") if holder else ""),
        date=day,
        journal=journal or (holder.take("title", "booktitle") if holder else ""),
        journal_abbr=left.take("shortjournal", "abbrev_source_title", "journal-iso"),
        volume=left.take("volume") or (holder.take("volume") if holder else ""),
        number=left.take("number", "issue"),
        pages=left.take("pages", "article-number", "art_number", "eid", "articleno"),
        doi=_verbatim(left.raw("doi")) or next(filter(None, map(identifiers.doi, urls)), ""),
        pmid=left.take("pmid", "pubmed_id", "pubmedid")
        or _eprint(entry, left)
        or identifiers.told_pmid("\n".join(notes)),
        pmcid=left.take("pmcid", "pmc") or identifiers.told_pmcid("\n".join(notes)),
        isbn=left.take("isbn") or (holder.take("isbn") if holder else ""),
        issn=left.take("issn", "eissn"),
        registry=identifiers.registry(" ; ".join([title, abstract, *notes])),
        accession=left.take("unique-id", "accession", "accessionnumber"),
        abstract=abstract,
        keywords=[
            word
            for name in ("keywords", "author_keywords", "keywords-plus", "keyword")
            for word in re.split(r"\s*[;,]\s*", left.take(name))
        ],
        urls=urls,
        language=left.take("language", "langid"),
        publisher=left.take("publisher", "school", "institution", "organization")
        or (holder.take("publisher") if holder else ""),
        place=left.take("address", "location"),
        database=left.take("source", "database"),
        notes=notes,
        extra=[
            ("type", said),
            *((name, shown(text)) for name, text in left.fields if name != "url"),
        ],
    )
    return restored(told, carried_text)


def _kind(kind: str, said: str) -> str:
    exact = kind_of(said)
    if kind in ("article", "misc") and exact in ("review", "conference", "preprint", "book"):
        return exact
    return _KINDS.get(kind) or kind_of(kind) or exact or "other"


def _authors(raw: str) -> list[str]:
    """Names are parted by the word and, unless it stands inside braces."""
    names, depth, begin = [], 0, 0
    for found in re.finditer(r"\\.|[{}]|\s+and\s+", raw, re.DOTALL):
        token = found.group()
        depth += (token == "{") - (token == "}")
        if token.strip() == "and" and depth == 0:
            names.append(raw[begin : found.start()])
            begin = found.end()
    return [_name(shown(name)) for name in [*names, raw[begin:]]]


_PART = re.compile(r"\b(family|given|prefix|suffix)(?:-i)?\s*=\s*(?:\"([^\"]*)\"|([^,]*))", re.I)


def _name(text: str) -> str:
    """BibLaTeX can name the parts of a name.

    Examples
    --------
    >>> _name("family=Berg, given=Jan, prefix=van den, useprefix=true"), _name("Krupitsky, E")
    ('van den Berg, Jan', 'Krupitsky, E')
    """
    parts = {found[1].lower(): found[2] or found[3].strip() for found in _PART.finditer(text)}
    if not parts.get("family"):
        return text
    family = " ".join(filter(None, (parts.get("prefix"), parts["family"])))
    return ", ".join(filter(None, (family, parts.get("given"), parts.get("suffix"))))


def _day(left: _Left) -> str:
    """BibLaTeX's date, or the month and day of BibTeX."""
    if date := left.take("date"):
        return date
    return " ".join(filter(None, (left.take("month"), left.take("day"))))


def _eprint(entry: Entry, left: _Left) -> str:
    pubmed = re.search("pubmed|pmid", entry.get("eprinttype"), re.IGNORECASE)
    return left.take("eprint") if pubmed else ""


def _verbatim(raw: str) -> str:
    """A DOI or an address: only what must be escaped in LaTeX is not as it stands."""
    return re.sub(r"\{?\\([^A-Za-z\s])\}?", r"\1", raw).strip("{} \t\n")


@writes("bibtex")
def write(records: Iterable[Record]) -> Iterator[str]:
    """Each record as a BibTeX entry that `read` gives back as it was."""
    seen: dict[str, int] = {}
    for one in records:
        key = _key(one)
        seen[key] = seen.get(key, 0) + 1
        key += f"-{seen[key]}" if seen[key] > 1 else ""
        kind = _TO_BIBTEX.get(one.type, "misc")
        fields = [(name, text) for name, text in _fields(one) if text]
        told = record(Entry(kind, key, 1, 1, fields))
        if rest := carried(one, told):
            fields.append((NAME, encode(rest)))
        lines = [f"  {name} = {{{text}}}" for name, text in fields]
        yield f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}\n\n"


def _key(one: Record) -> str:
    """A key of plain letters: name and year, told apart where two are the same."""
    name = one.authors[0].split(",")[0] if one.authors else one.title[:20]
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return (re.sub(r"[^A-Za-z]", "", plain) or "record") + str(one.year or "")


_NAME = re.compile(r"[a-z][a-z0-9_-]*")


def _fields(one: Record) -> Iterator[tuple[str, str]]:
    """Fields in LaTeX, lines of a block apart by a blank one."""
    texts = [
        ("title", one.title),
        ("year", str(one.year or "")),
        ("date", one.date),
        ("journal", one.journal),
        ("shortjournal", one.journal_abbr),
        ("volume", one.volume),
        ("number", one.number),
        ("pages", one.pages),
        ("pmid", one.pmid),
        ("pmcid", one.pmcid),
        ("isbn", one.isbn),
        ("issn", one.issn),
        ("accession", one.accession),
        ("abstract", one.abstract),
        ("keywords", "; ".join(one.keywords)),
        ("language", one.language),
        ("publisher", one.publisher),
        ("address", one.place),
        ("database", one.database),
        ("note", one.notes[0] if one.notes else ""),
        *((name, text) for name, text in one.extra if _NAME.fullmatch(name) and name != NAME),
    ]
    yield "author", " and ".join(_author(name) for name in one.authors)
    for name, text in texts:
        yield name, encode(text).replace("\n", "\n\n  ")
    for name, text in (("doi", one.doi), *(("url", url) for url in one.urls)):
        yield name, text if not re.search(r"[{}\\\n]", text) else encode(text)


def _author(name: str) -> str:
    """A name that holds the word and is kept together by braces."""
    written = encode(name).replace("\n", " ")
    return f"{{{written}}}" if re.search(r"\band\b", name) else written
