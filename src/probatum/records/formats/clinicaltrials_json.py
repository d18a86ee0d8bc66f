"""ClinicalTrials.gov's JSON, version 2: what its API and its download give."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from probatum.records import identifiers
from probatum.records.formats.csl_json import said
from probatum.records.formats.json_items import Item, items
from probatum.records.formats.registry import reads
from probatum.records.formats.tagged import judged
from probatum.records.reading import Piece, Rejected
from probatum.records.record import Record, make_record
from probatum.records.source import Source

_STUDY = re.compile(r'"(?:protocolSection|nctId)"\s*:')


def _sniff(source: Source) -> float:
    head = source.head.lstrip("\ufeff \t\r\n\x1e")
    return 0.95 if head[:1] in ("[", "{") and _STUDY.search(head) else 0.0


@reads(
    "clinicaltrials-json",
    "ClinicalTrials.gov version 2 JSON: pages of the API, one study, a list, or JSON lines",
    suffixes=(".json", ".jsonl"),
    source="ClinicalTrials.gov API 2.0, study data structure",
    sniff=_sniff,
)
def read(source: Source) -> Iterator[Piece]:
    """Every study of a ClinicalTrials.gov JSON file; its record is the registration."""
    for item in items(source, ("studies",)):
        if not isinstance(item, Item):
            yield item
        elif not isinstance(item.value, dict):
            text = json.dumps(item.value)[:200]
            yield Rejected(item.line_from, item.line_to, "not an object with fields", text)
        else:
            text = json.dumps(item.value)[:200]
            yield judged(record(item.value), item.line_from, item.line_to, text)


def record(study: dict[str, Any]) -> Record:
    """A registration as a record: dated when it was first posted, described by its summary."""
    nct = _text(study, "identificationModule", "nctId") or said(study.get("nctId"))
    brief = _text(study, "identificationModule", "briefTitle")
    official = _text(study, "identificationModule", "officialTitle")
    numbers = [nct, _text(study, "identificationModule", "orgStudyIdInfo", "id")]
    second = _list(study, "identificationModule", "secondaryIdInfos")
    numbers += [said(one.get("id")) for one in second if isinstance(one, dict)]
    posted = _text(study, "statusModule", "studyFirstPostDateStruct", "date")
    posted = posted or _text(study, "statusModule", "studyFirstSubmitDate")
    conditions = _list(study, "conditionsModule", "conditions")
    keywords = _list(study, "conditionsModule", "keywords")
    summary = _text(study, "descriptionModule", "briefSummary")
    return make_record(
        type="trial",
        title=brief or official,
        authors=_people(study),
        year=posted,
        date=posted,
        registry=list(dict.fromkeys([nct, *identifiers.registry(" ; ".join(numbers))])),
        accession=nct,
        abstract=summary,
        keywords=[said(one) for one in (*conditions, *keywords)],
        urls=[f"https://clinicaltrials.gov/study/{nct}" if nct else ""],
        publisher=_text(study, "sponsorCollaboratorsModule", "leadSponsor", "name"),
        database="ClinicalTrials.gov",
        extra=[("officialTitle", official if brief else ""), *_facts(study), *_references(study)],
    )


def _at(study: dict[str, Any], *path: str) -> Any:
    value: Any = study.get("protocolSection")
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(study: dict[str, Any], *path: str) -> str:
    return said(_at(study, *path))


def _list(study: dict[str, Any], *path: str) -> list[Any]:
    value = _at(study, *path)
    return value if isinstance(value, list) else []


def _people(study: dict[str, Any]) -> list[str]:
    officials = _list(study, "contactsLocationsModule", "overallOfficials")
    return [said(one.get("name")) for one in officials if isinstance(one, dict)]


_FACTS = {
    "acronym": ("identificationModule", "acronym"),
    "overallStatus": ("statusModule", "overallStatus"),
    "startDate": ("statusModule", "startDateStruct", "date"),
    "primaryCompletionDate": ("statusModule", "primaryCompletionDateStruct", "date"),
    "completionDate": ("statusModule", "completionDateStruct", "date"),
    "lastUpdatePostDate": ("statusModule", "lastUpdatePostDateStruct", "date"),
    "whyStopped": ("statusModule", "whyStopped"),
    "studyType": ("designModule", "studyType"),
    "phases": ("designModule", "phases"),
    "allocation": ("designModule", "designInfo", "allocation"),
    "enrollment": ("designModule", "enrollmentInfo", "count"),
    "detailedDescription": ("descriptionModule", "detailedDescription"),
}


def _facts(study: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, path in _FACTS.items():
        yield name, _text(study, *path)
    for one in _list(study, "armsInterventionsModule", "interventions"):
        if isinstance(one, dict):
            yield "intervention", f"{said(one.get('type'))}: {said(one.get('name'))}"
    if "hasResults" in study:
        yield "hasResults", "yes" if study["hasResults"] is True else "no"


def _references(study: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The articles that a registration names: they are reports of the same study."""
    for one in _list(study, "referencesModule", "references"):
        if isinstance(one, dict):
            parts = (said(one.get("type")), said(one.get("pmid")), said(one.get("citation")))
            yield "reference", " | ".join(parts)
