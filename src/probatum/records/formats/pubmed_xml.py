"""PubMed's XML: articles, books, and the links to retractions and corrections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from probatum.records import identifiers
from probatum.records.formats.elements import Entry, elements, first_text, text_of, texts
from probatum.records.formats.kinds import kind_of
from probatum.records.formats.registry import reads
from probatum.records.formats.tagged import judged
from probatum.records.reading import Piece, Rejected, Stray
from probatum.records.record import Record, make_record
from probatum.records.source import Source
from probatum.records.text import paragraphs

_ENTRIES = ("PubmedArticle", "PubmedBookArticle", "DeleteCitation", "DeleteDocument")
_START = re.compile(r"<(?:PubmedArticleSet|PubmedArticle|PubmedBookArticle)[\s/>]")


@reads(
    "pubmed-xml",
    "PubMed XML: E-utilities, the yearly baseline and its updates",
    suffixes=(".xml",),
    source="NLM, PubMed DTD (pubmed_190101 and later) and its description of elements",
    sniff=lambda source: 0.95 if _START.search(source.head) else 0.0,
)
def read(source: Source) -> Iterator[Piece]:
    """Every article and book of a PubMed XML file; lists of deleted entries are told apart."""
    for one in elements(source, _ENTRIES):
        if isinstance(one, Rejected | Stray):
            yield one
        elif one.element.tag.startswith("Delete"):
            gone = ", ".join(texts(one.element, "PMID"))
            yield Stray(one.line_from, one.line_to, f"deleted from PubMed: {gone}")
        else:
            yield _judged(one)


def _judged(one: Entry) -> Piece:
    record = article(one.element) if one.element.tag == "PubmedArticle" else book(one.element)
    return judged(record, one.line_from, one.line_to, first_text(one.element, ".//PMID"))


def article(top: Element) -> Record:
    """A PubmedArticle as a record."""
    own = "MedlineCitation/Article"
    journal = f"{own}/Journal"
    issue = f"{journal}/JournalIssue"
    abstract = _abstract(top.find(f"{own}/Abstract"))
    title = first_text(top, f"{own}/ArticleTitle", f"{own}/VernacularTitle")
    year, date = _date(top.find(f"{issue}/PubDate"))
    if not year:
        year, date = _date(top.find(f"{own}/ArticleDate"))
    ids = _ids(top, "PubmedData/ArticleIdList/ArticleId", "IdType")
    places = _ids(top, f"{own}/ELocationID", "EIdType")
    numbers = texts(top, f"{own}/DataBankList/DataBank/AccessionNumberList/AccessionNumber")
    said = texts(top, f"{own}/PublicationTypeList/PublicationType")
    return make_record(
        type=kind_of(*said),
        title=title,
        authors=_authors(top.find(f"{own}/AuthorList")),
        year=year,
        date=date,
        journal=first_text(top, f"{journal}/Title"),
        journal_abbr=first_text(
            top, "MedlineCitation/MedlineJournalInfo/MedlineTA", f"{journal}/ISOAbbreviation"
        ),
        volume=first_text(top, f"{issue}/Volume"),
        number=first_text(top, f"{issue}/Issue"),
        pages=_pages(top.find(f"{own}/Pagination")),
        doi=places.get("doi") or ids.get("doi", ""),
        pmid=first_text(top, "MedlineCitation/PMID") or ids.get("pubmed", ""),
        pmcid=ids.get("pmc", ""),
        issn=first_text(top, f"{journal}/ISSN"),
        registry=identifiers.registry(" ; ".join([*numbers, abstract, title])),
        abstract=abstract,
        keywords=[*_mesh(top), *texts(top, "MedlineCitation/KeywordList/Keyword")],
        language="; ".join(texts(top, f"{own}/Language")),
        place=first_text(top, "MedlineCitation/MedlineJournalInfo/Country"),
        database="PubMed",
        notes=texts(top, "MedlineCitation/GeneralNote"),
        extra=[*_kept(top, said, numbers), *_links(top)],
    )


def book(top: Element) -> Record:
    """A PubmedBookArticle as a record: a chapter where it has a title of its own."""
    own = "BookDocument"
    whole = first_text(top, f"{own}/Book/BookTitle")
    title = first_text(top, f"{own}/ArticleTitle")
    authors = top.find(f"{own}/AuthorList")
    if authors is None:
        authors = top.find(f"{own}/Book/AuthorList")
    year, date = _date(top.find(f"{own}/Book/PubDate"))
    ids = _ids(top, f"{own}/ArticleIdList/ArticleId", "IdType")
    abstract = _abstract(top.find(f"{own}/Abstract"))
    return make_record(
        type="chapter" if title else "book",
        title=title or whole,
        authors=_authors(authors),
        year=year,
        date=date,
        journal=whole if title else "",
        volume=first_text(top, f"{own}/Book/Volume"),
        pages=_pages(top.find(f"{own}/Pagination")),
        doi=ids.get("doi", ""),
        pmid=first_text(top, f"{own}/PMID"),
        pmcid=ids.get("pmc", ""),
        isbn=first_text(top, f"{own}/Book/Isbn"),
        registry=identifiers.registry(abstract),
        accession=ids.get("bookaccession", ""),
        abstract=abstract,
        keywords=texts(top, f"{own}/KeywordList/Keyword"),
        language="; ".join(texts(top, f"{own}/Language")),
        publisher=first_text(top, f"{own}/Book/Publisher/PublisherName"),
        place=first_text(top, f"{own}/Book/Publisher/PublisherLocation"),
        database="PubMed",
        extra=[("PT", text) for text in texts(top, f"{own}/PublicationType")],
    )


def _ids(top: Element, path: str, kind: str) -> dict[str, str]:
    """Identifiers by their kind, the invalid ones left out."""
    found = [one for one in top.iterfind(path) if one.get("ValidYN") != "N"]
    return {one.get(kind, ""): text_of(one) for one in reversed(found)}


def _authors(authors: Element | None) -> list[str]:
    return [name for one in authors if (name := _name(one))] if authors is not None else []


def _name(one: Element) -> str:
    group = first_text(one, "CollectiveName")
    given = first_text(one, "ForeName", "Initials")
    parts = (first_text(one, "LastName"), given, first_text(one, "Suffix"))
    return group or ", ".join(filter(None, parts))


def _abstract(abstract: Element | None) -> str:
    """Each labelled part a paragraph, as MEDLINE prints it."""
    parts = []
    for one in abstract.iterfind("AbstractText") if abstract is not None else ():
        label, text = one.get("Label", "").strip(), " ".join(text_of(one).split())
        if text:
            parts.append(f"{label}: {text}" if label and label != "UNLABELLED" else text)
    return "\n".join(parts) if len(parts) > 1 else paragraphs("".join(parts))


def _date(date: Element | None) -> tuple[str, str]:
    """Year and date; MedlineDate stands where the date has no parts."""
    if date is None:
        return "", ""
    parts = [first_text(date, name) for name in ("Year", "Season", "Month", "Day")]
    printed = " ".join(filter(None, parts)) or first_text(date, "MedlineDate")
    return parts[0] or printed, printed if printed != parts[0] else ""


def _pages(pages: Element | None) -> str:
    if pages is None:
        return ""
    first, last = first_text(pages, "StartPage"), first_text(pages, "EndPage")
    return first_text(pages, "MedlinePgn") or "-".join(filter(None, (first, last)))


def _mesh(top: Element) -> Iterator[str]:
    """Headings with their qualifiers, the major ones starred, as MEDLINE prints them."""
    for heading in top.iterfind("MedlineCitation/MeshHeadingList/MeshHeading"):
        parts = [
            ("*" if one.get("MajorTopicYN") == "Y" else "") + text_of(one)
            for one in heading
            if one.tag in ("DescriptorName", "QualifierName")
        ]
        yield "/".join(parts)


_KEPT = (
    ("OWN", "MedlineCitation/OtherID"),
    ("TT", "MedlineCitation/Article/VernacularTitle"),
    ("CI", "MedlineCitation/Article/Abstract/CopyrightInformation"),
    ("AD", "MedlineCitation/Article/AuthorList/Author/AffiliationInfo/Affiliation"),
    ("GR", "MedlineCitation/Article/GrantList/Grant/GrantID"),
    ("RN", "MedlineCitation/ChemicalList/Chemical/NameOfSubstance"),
    ("COIS", "MedlineCitation/CoiStatement"),
    ("OAB", "MedlineCitation/OtherAbstract/AbstractText"),
)


def _kept(top: Element, said: list[str], numbers: list[str]) -> Iterator[tuple[str, str]]:
    """What has no field of its own, by MEDLINE's tags."""
    citation = top.find("MedlineCitation")
    yield "STAT", "" if citation is None else citation.get("Status", "")
    yield from (("PT", text) for text in said)
    yield from (("SI", text) for text in numbers if not identifiers.registry(text))
    for tag, path in _KEPT:
        yield from ((tag, text) for text in dict.fromkeys(texts(top, path)))
    for one in top.iterfind("PubmedData/History/PubMedPubDate"):
        day = "-".join(first_text(one, part).zfill(2) for part in ("Year", "Month", "Day"))
        yield f"history-{one.get('PubStatus', '')}", day


# the links that change how an entry is used, by MEDLINE's tags
_LINKS = {
    "RetractionIn": "RIN",
    "RetractionOf": "ROF",
    "PartialRetractionIn": "PRIN",
    "PartialRetractionOf": "PROF",
    "ExpressionOfConcernIn": "ECI",
    "ExpressionOfConcernFor": "ECF",
    "ErratumIn": "EIN",
    "ErratumFor": "EFR",
    "CorrectedandRepublishedIn": "CRI",
    "CorrectedandRepublishedFrom": "CRF",
    "RetractedandRepublishedIn": "RRI",
    "RetractedandRepublishedFrom": "RRF",
    "UpdateIn": "UIN",
    "UpdateOf": "UOF",
    "CommentIn": "CIN",
    "CommentOn": "CON",
    "ReprintIn": "RPI",
    "ReprintOf": "RPF",
    "OriginalReportIn": "ORI",
    "SummaryForPatientsIn": "SPIN",
    "AssociatedDataset": "DDIN",
    "AssociatedPublication": "DRIN",
}


def _links(top: Element) -> Iterator[tuple[str, str]]:
    path = "MedlineCitation/CommentsCorrectionsList/CommentsCorrections"
    for one in top.iterfind(path):
        kind = one.get("RefType", "")
        pmid = first_text(one, "PMID")
        told = first_text(one, "RefSource")
        if kind != "Cites":
            yield _LINKS.get(kind, kind), f"{told} PMID: {pmid}" if pmid else told
