"""Which column of which exporter's table holds what."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from probatum.errors import BadInput, UnknownOption
from probatum.records.record import Record

# beside the fields of a record, what a column can hold
PARTS = ("first_page", "last_page", "article_number", "full_authors", "month", "citation")
FIELDS = (*(one.name for one in fields(Record) if one.name not in ("id", "extra")), *PARTS)


@dataclass(frozen=True)
class Table:
    """An exporter's columns.

    Attributes
    ----------
    name : str
    needs : frozenset of str
        Headers that only this exporter has, folded; they make a table known.
    columns : mapping
        Folded header to field.
    database : str
        What the records' database is, where no column says it.
    """

    name: str
    needs: frozenset[str]
    columns: Mapping[str, str]
    database: str = ""
    kind: str = ""


def fold(header: str) -> str:
    """A header without its mark, blanks and capitals."""
    return " ".join(header.replace("\ufeff", "").split()).casefold()


def _table(name: str, needs: str, columns: str, database: str = "", kind: str = "") -> Table:
    """Columns as lines ``field: Header | Header``."""
    held = {}
    for line in columns.strip().splitlines():
        field, _, headers = line.strip().partition(": ")
        for header in headers.split(" | "):
            held[fold(header)] = field
    return Table(name, frozenset(map(fold, needs.split(" | "))), held, database, kind)


OWN = Table(
    "probatum",
    frozenset({"title", "probatum"}),
    {name: name for name in FIELDS if name not in PARTS},
)

TABLES = (
    OWN,
    _table(
        "PubMed",
        "PMID | Journal/Book",
        """
        pmid: PMID
        title: Title
        authors: Authors
        citation: Citation
        journal: Journal/Book
        year: Publication Year
        pmcid: PMCID
        doi: DOI
        """,
        "PubMed",
    ),
    _table(
        "Scopus",
        "Source title | EID",
        """
        authors: Authors
        full_authors: Author full names
        title: Title
        year: Year
        journal: Source title
        journal_abbr: Abbreviated Source Title
        volume: Volume
        number: Issue
        article_number: Art. No.
        first_page: Page start
        last_page: Page end
        doi: DOI
        urls: Link
        abstract: Abstract
        keywords: Author Keywords | Index Keywords
        publisher: Publisher
        issn: ISSN
        isbn: ISBN
        pmid: PubMed ID
        language: Language of Original Document
        type: Document Type
        database: Source
        accession: EID
        """,
        "Scopus",
    ),
    _table(
        "Web of Science",
        "Article Title | UT (Unique WOS ID)",
        """
        type: Document Type
        authors: Authors
        full_authors: Author Full Names
        title: Article Title
        journal: Source Title
        language: Language
        keywords: Author Keywords | Keywords Plus
        abstract: Abstract
        publisher: Publisher
        place: Publisher City
        issn: ISSN | eISSN
        isbn: ISBN
        journal_abbr: Journal ISO Abbreviation | Journal Abbreviation
        date: Publication Date
        year: Publication Year
        volume: Volume
        number: Issue
        first_page: Start Page
        last_page: End Page
        article_number: Article Number
        doi: DOI
        urls: DOI Link
        pmid: Pubmed Id
        accession: UT (Unique WOS ID)
        """,
        "Web of Science",
    ),
    _table(
        "IEEE Xplore",
        "Document Title | Publication Title",
        """
        title: Document Title
        authors: Authors
        journal: Publication Title
        year: Publication Year
        date: Date Added To Xplore
        volume: Volume
        number: Issue
        first_page: Start Page
        last_page: End Page
        abstract: Abstract
        issn: ISSN
        isbn: ISBNs
        doi: DOI
        urls: PDF Link
        keywords: Author Keywords | IEEE Terms | INSPEC Controlled Terms | MeSH Terms
        type: Document Identifier
        publisher: Publisher
        """,
        "IEEE Xplore",
    ),
    _table(
        "Embase",
        "Author Names | Embase Accession ID",
        """
        title: Title
        authors: Author Names
        journal: Source title
        year: Publication Year
        volume: Volume
        number: Issue
        first_page: First Page
        last_page: Last Page
        date: Date of Publication
        type: Publication Type
        issn: ISSN
        isbn: ISBN
        publisher: Book Publisher
        abstract: Abstract
        keywords: Author Keywords | Emtree Drug Index Terms | Emtree Medical Index Terms | \
Emtree Drug Index Terms (Major Focus) | Emtree Medical Index Terms (Major Focus)
        registry: Clinical Trial Numbers
        language: Language of Article | Article Language
        accession: Embase Accession ID | PUI
        pmid: Medline PMID
        doi: DOI
        urls: Full Text Link | Embase Link
        """,
        "Embase",
    ),
    _table(
        "ClinicalTrials.gov",
        "NCT Number",
        """
        registry: NCT Number | Other IDs
        title: Study Title | Title
        urls: Study URL | URL
        abstract: Brief Summary
        keywords: Conditions
        publisher: Sponsor | Sponsor/Collaborators
        date: First Posted
        """,
        "ClinicalTrials.gov",
        "trial",
    ),
    _table(
        "EBSCOhost",
        "Article Title | Journal Title | Accession Number",
        """
        title: Article Title
        authors: Author
        journal: Journal Title
        issn: ISSN
        isbn: ISBN
        date: Publication Date
        volume: Volume
        number: Issue
        first_page: First Page
        accession: Accession Number
        doi: DOI
        publisher: Publisher
        type: Doctype
        keywords: Subjects | Keywords
        abstract: Abstract
        urls: PLink
        """,
    ),
)

# names that people and tools give to columns of their own (Rayyan, Covidence, ASReview, ...)
COMMON = _table(
    "any",
    "title",
    """
    title: title | primary_title | titles
    authors: authors | author | author(s) | author names
    year: year | published year | publication year | publication_year | py
    date: date | publication date | published month
    journal: journal | journal name | source title | secondary_title | container-title | source | \
booktitle
    journal_abbr: journal abbreviation | abbreviated journal
    volume: volume
    number: number | issue
    pages: pages | page
    first_page: start page | first page | start_page
    last_page: end page | last page | end_page
    doi: doi
    pmid: pmid | pubmed_id | pubmed id
    pmcid: pmcid | pmc_id
    issn: issn | issns
    isbn: isbn
    abstract: abstract | notes_abstract
    keywords: keywords | keyword
    urls: url | link | urls
    language: language
    publisher: publisher
    place: location | place
    accession: accession number | accession_number
    database: database | database_name
    notes: notes | note
    registry: registry number | trial registration | nct number
    type: type | type of reference | publication type | document type | entrytype
    """,
)


def known_table(headers: Iterable[str]) -> tuple[float, Table]:
    """How surely a header row is one of ours, and whose it is."""
    names = {fold(header) for header in headers}
    for table in TABLES:
        if table.needs <= names:
            return 0.8, table
    found = {COMMON.columns[name] for name in names & COMMON.columns.keys()}
    if "title" in found and len(found) > 1:
        return 0.5, COMMON
    return 0.0, COMMON


def given_table(columns: Iterable[tuple[str, str]]) -> Table:
    """A table by a person's own map of field to header."""
    held = {fold(header): field for field, header in columns}
    return Table("given", frozenset(held), held)


def load_columns(text: str) -> tuple[tuple[str, str], ...]:
    """A map of columns out of TOML: ``title = "Titel"``, or a list where several hold one field.

    Examples
    --------
    >>> load_columns('title = "Titel"\\nkeywords = ["Thema", "Stichwort"]')
    (('title', 'Titel'), ('keywords', 'Thema'), ('keywords', 'Stichwort'))
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(
            f'The map of columns is no TOML ({error}). Lines like title = "Their header" '
            "are expected."
        ) from None
    out = []
    for field, headers in said.items():
        if field not in FIELDS:
            raise UnknownOption("field", field, FIELDS)
        for header in headers if isinstance(headers, list) else [headers]:
            if not isinstance(header, str):
                raise BadInput(f"The map of columns gives {field} no header but {header!r}.")
            out.append((field, header))
    return tuple(out)
