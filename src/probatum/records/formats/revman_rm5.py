"""RevMan 5's .rm5: the references of a Cochrane review, and the data of its analyses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from probatum.records import identifiers
from probatum.records.formats.elements import Entry, elements, first_text, text_of
from probatum.records.formats.kinds import kind_of
from probatum.records.formats.registry import reads
from probatum.records.formats.study_data import DataRow, Part, Setting, reads_study_data
from probatum.records.formats.tagged import judged
from probatum.records.reading import Piece, Rejected, Stray
from probatum.records.record import Record, make_record
from probatum.records.source import Source

_START = re.compile(r"<COCHRANE_REVIEW[\s>]")
_SECTIONS = (
    "INCLUDED_STUDIES",
    "EXCLUDED_STUDIES",
    "AWAITING_STUDIES",
    "ONGOING_STUDIES",
    "ADDITIONAL_REFERENCES",
    "OTHER_VERSIONS_REFERENCES",
    "CLASSIFIED_REFERENCES",
)


@reads(
    "revman-rm5",
    "RevMan 5 file (.rm5): studies with their references, and study data",
    suffixes=(".rm5",),
    source="Cochrane, RevMan 5 file format (COCHRANE_REVIEW, rm5 XML)",
    sniff=lambda source: 0.98 if _START.search(source.head) else 0.0,
)
def read(source: Source) -> Iterator[Piece]:
    """Every reference of a review, with its study and section; a study without one is told."""
    for one in elements(source, ("STUDY", "REFERENCE"), stray=False, sections=_SECTIONS):
        if not isinstance(one, Entry):
            yield one
        elif one.element.tag == "REFERENCE":
            yield _judged(one.element, one, None)
        else:
            references = one.element.findall("REFERENCE")
            if not references:
                name = one.element.get("NAME", "")
                yield Stray(one.line_from, one.line_to, f"study without a reference: {name}")
            for reference in references:
                yield _judged(reference, one, one.element)


def _judged(reference: Element, one: Entry, study: Element | None) -> Piece:
    told = record(reference, one.section, study)
    return judged(told, one.line_from, one.line_to, text_of(reference)[:200])


_KINDS = {
    "JOURNAL_ARTICLE": "article",
    "BOOK": "book",
    "BOOK_SECTION": "chapter",
    "CONFERENCE_PROC": "conference",
    "COCHRANE_REVIEW": "review",
    "CORRESPONDENCE": "other",
    "UNPUBLISHED": "other",
    "COMPUTER_PROGRAM": "other",
    "OTHER": "other",
}
_FIELDS = ("AU", "TI", "TO", "SO", "YR", "VL", "NO", "PG", "EN", "PB", "CY", "MD", "ED")


def record(reference: Element, section: str, study: Element | None) -> Record:
    """A REFERENCE as a record; its study and section stay with it in `extra`."""
    held = {tag: first_text(reference, tag) for tag in _FIELDS}
    title = held["TI"] or held["TO"]
    numbers = _numbers(reference, study)
    of_study = [] if study is None else [("study", study.get("NAME", ""))]
    told = [f"{kind} {value}" for kind, value in numbers]
    return make_record(
        type=_KINDS.get(reference.get("TYPE", ""), kind_of(reference.get("TYPE", ""))),
        title=title,
        authors=re.split(r"\s*[,;]\s+(?!Jr\b)", held["AU"]),
        year=held["YR"],
        journal=held["SO"],
        volume=held["VL"],
        number=held["NO"],
        pages=held["PG"],
        doi=next((value for kind, value in numbers if kind == "DOI"), ""),
        pmid=next((value for kind, value in numbers if kind in ("PUBMED", "MEDLINE", "PMID")), ""),
        registry=identifiers.registry(" ; ".join([title, *told])),
        accession=next((value for kind, value in numbers if kind in ("CENTRAL", "EMBASE")), ""),
        publisher=held["PB"],
        place=held["CY"],
        extra=[
            ("section", section.lower()),
            *of_study,
            *((tag, held[tag]) for tag in ("TO", "EN", "MD", "ED") if held[tag] != title),
            *((kind, value) for kind, value in numbers if kind not in ("DOI", "PUBMED")),
            ("primary", "yes" if reference.get("PRIMARY") == "YES" else ""),
        ],
    )


def _numbers(reference: Element, study: Element | None) -> list[tuple[str, str]]:
    """Identifiers of the reference, then of the study."""
    found = [*reference.iter("IDENTIFIER")]
    found += [] if study is None else study.findall("IDENTIFIERS/IDENTIFIER")
    pairs = ((one.get("TYPE", ""), one.get("VALUE", "") or text_of(one)) for one in found)
    return list(dict.fromkeys(pair for pair in pairs if pair[1]))


# RevMan's names to those of `DataRow`
_CELLS = {"VAR": "variance", "O_E": "o_e", "CI_START": "ci_start", "CI_END": "ci_end"}
_OUTCOME = re.compile(r"(DICH|CONT|IV|IPD|OTHER)_OUTCOME")


@reads_study_data("revman-rm5")
def study_data(source: Source) -> Iterator[Part]:
    """Every row of data of every comparison, the settings of each outcome, and the studies."""
    names: dict[str, str] = {}
    for one in elements(source, ("STUDY", "COMPARISON"), stray=False, sections=_SECTIONS):
        if isinstance(one, Rejected):
            yield one
        elif isinstance(one, Entry) and one.element.tag == "COMPARISON":
            yield from _comparison(one.element, names, one.line_from)
        elif isinstance(one, Entry):
            study = one.element
            names[study.get("ID", "")] = study.get("NAME", "")
            yield {"section": one.section, **{name.lower(): text for name, text in study.items()}}


def _comparison(top: Element, names: dict[str, str], line: int) -> Iterator[Part]:
    name = first_text(top, "NAME")
    for outcome in top:
        found = _OUTCOME.fullmatch(outcome.tag)
        if not found:
            continue
        kind, title = found.group(1), first_text(outcome, "NAME")
        yield _setting(outcome, name, title, "")
        for row in outcome.findall(f"{kind}_DATA"):
            yield _row(row, (name, title, ""), kind, names, line)
        for group in outcome.findall(f"{kind}_SUBGROUP"):
            subgroup = first_text(group, "NAME")
            yield _setting(group, name, title, subgroup)
            for row in group.findall(f"{kind}_DATA"):
                yield _row(row, (name, title, subgroup), kind, names, line)


def _setting(top: Element, comparison: str, outcome: str, subgroup: str) -> Setting:
    labels = [
        (one.tag.lower(), text_of(one))
        for one in top
        if one.tag.startswith(("GROUP_LABEL", "GRAPH_LABEL", "EFFECT_MEASURE_LABEL"))
    ]
    cells = [(name.lower(), value) for name, value in top.items()]
    return Setting(comparison, outcome, subgroup, (*labels, *cells))


def _row(
    row: Element, place: tuple[str, str, str], kind: str, names: dict[str, str], line: int
) -> DataRow:
    study = row.get("STUDY_ID", "")
    cells = [
        (_CELLS.get(name, name.lower()), value) for name, value in row.items() if name != "STUDY_ID"
    ]
    if kind == "OTHER" and (text := text_of(row)):
        cells.append(("text", text))
    return DataRow(*place, names.get(study, study), kind.lower(), tuple(cells), line)
