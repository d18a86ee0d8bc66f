"""The flow of records, reports and studies (PRISMA 2020): counted from sets, never typed.

Source: Page MJ, McKenzie JE, Bossuyt PM, et al. The PRISMA 2020 statement. BMJ 2021;372:n71,
figure 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from probatum.records import identifiers
from probatum.review.decisions import Decision, settled
from probatum.review.duplicates import Link, works
from probatum.review.model import Frozen, Report, Study
from probatum.review.searches.model import Kind
from probatum.review.searches.read import KnownRecord, SearchFolder

TITLE = 20  # letters and digits; shorter titles are shared by different works


class SearchCount(Frozen):
    """A search and what came of it; an unrun one has no numbers."""

    id: str
    database: str
    platform: str
    kind: Kind
    date: str
    run: bool
    hits: int | None
    entries: int
    rejected: int
    records: int
    unique: int  # records for which no earlier one stands


class Flow(Frozen):
    """The boxes of the diagram. Each is the size of a set; `identities` relates them."""

    searches: list[SearchCount]
    databases: int
    registers: int
    others: int
    rejected: int
    identified: int
    duplicates: int
    to_judge: int  # pairs that wait for a person
    works: int
    screened: int
    unscreened: int
    excluded: int
    sought: int
    not_retrieved: int
    assessed: int
    unassessed: int
    reasons: dict[str, int]
    excluded_reports: int
    included: int
    unrecorded: int  # of these, in the review without a recorded decision
    without_study: int  # included records that are no report of a study yet
    reports: int
    reports_found: int
    reports_elsewhere: int
    studies: int
    ongoing: int


@dataclass(frozen=True)
class Identity:
    """Two counts that must be the same."""

    text: str
    left: int
    right: int


def flow(
    searches: Sequence[SearchFolder],
    links: Iterable[Link],
    decisions: Sequence[Decision],
    studies: Sequence[Study],
) -> Flow:
    """Count every box from the records, links, decisions and studies themselves."""
    searches = in_order(searches)
    records = [one for search in searches for one in search.records]
    known = works([one.id for one in records], links)
    firsts = [one for one in records if known.of[one.id] == one.id]
    by_work = {one.id: one for one in firsts}
    reports = documents(studies)
    found = matches(records, reports)
    taken = {known.of[record] for record in found}
    first = _by_work(settled(decisions, "title-abstract"), known.of)
    full = _by_work(settled(decisions, "full-text"), known.of)
    screened = {work for work in by_work if work in first or work in full or work in taken}
    excluded = {
        work
        for work in screened
        if work not in taken and work not in full and first[work].decision == "exclude"
    }
    sought = screened - excluded
    lost = {work for work in sought if _said(full, work) == "not-retrieved" and work not in taken}
    out = {work for work in sought if _said(full, work) == "exclude" and work not in taken}
    included = {work for work in sought if work in taken or _said(full, work) == "include"}
    assessed = out | included
    kinds = Counter(search.search.kind for search in searches for _ in search.records)
    reasons = Counter(full[work].reason or "no reason given" for work in out)
    matched = {key for keys in found.values() for key in keys}
    return Flow(
        searches=[_count(search, known.of) for search in searches],
        databases=kinds["database"],
        registers=kinds["register"],
        others=len(records) - kinds["database"] - kinds["register"],
        rejected=sum(len(search.run.rejected) for search in searches if search.run),
        identified=len(records),
        duplicates=len(known.duplicates),
        to_judge=len(known.waiting),
        works=len(firsts),
        screened=len(screened),
        unscreened=len(firsts) - len(screened),
        excluded=len(excluded),
        sought=len(sought),
        not_retrieved=len(lost),
        assessed=len(assessed),
        unassessed=len(sought - lost - assessed),
        reasons=dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
        excluded_reports=len(out),
        included=len(included),
        unrecorded=len({work for work in included if work not in first and work not in full}),
        without_study=len(included - taken),
        reports=len(reports),
        reports_found=len(matched),
        reports_elsewhere=len(reports) - len(matched),
        studies=len(studies),
        ongoing=sum(study.status == "ongoing" for study in studies),
    )


def in_order(searches: Iterable[SearchFolder]) -> list[SearchFolder]:
    """Searches by date, then by id: of two equal records the earlier one stands for both."""
    return sorted(searches, key=lambda one: (str(one.date or "9999"), one.search.id))


def identities(counts: Flow) -> list[Identity]:
    """What the boxes of a true flow obey; the build proves each."""
    one = counts
    told = sum(search.records for search in one.searches)
    unique = sum(search.unique for search in one.searches)
    return [
        Identity("records of all searches = identified", told, one.identified),
        Identity(
            "databases + registers + other sources = identified",
            one.databases + one.registers + one.others,
            one.identified,
        ),
        Identity("identified - duplicates = works", one.identified - one.duplicates, one.works),
        Identity("works first found by each search = works", unique, one.works),
        Identity("screened + not yet screened = works", one.screened + one.unscreened, one.works),
        Identity("screened - excluded = sought", one.screened - one.excluded, one.sought),
        Identity(
            "not retrieved + not yet assessed + assessed = sought",
            one.not_retrieved + one.unassessed + one.assessed,
            one.sought,
        ),
        Identity(
            "assessed - excluded = included", one.assessed - one.excluded_reports, one.included
        ),
        Identity("reasons add up", sum(one.reasons.values()), one.excluded_reports),
        Identity(
            "reports found + found elsewhere = reports",
            one.reports_found + one.reports_elsewhere,
            one.reports,
        ),
        *(
            Identity(
                f"{search.id}: records + rejected = entries",
                search.records + search.rejected,
                search.entries,
            )
            for search in one.searches
        ),
    ]


@dataclass(frozen=True)
class Document:
    """What stands behind one or more reports of a study: the same paper may be read in several
    places.
    """

    study: str
    report: str  # the first of them
    keys: frozenset[tuple[str, str]]


def documents(studies: Iterable[Study]) -> list[Document]:
    """The documents of each study: reports that share an identifier or a title are one."""
    out: list[Document] = []
    for study in studies:
        own: list[Document] = []
        for report in study.reports:
            keys = _report_keys(report)
            met = [one for one in own if one.keys & keys]
            first = met[0].report if met else report.id
            joined = keys.union(*(one.keys for one in met))
            own = [one for one in own if one not in met]
            own.append(Document(study.id, first, frozenset(joined)))
        out += own
    return out


def matches(
    records: Iterable[KnownRecord], reports: Iterable[Document]
) -> dict[str, list[tuple[str, str]]]:
    """Which documents each record is an entry of, by a shared identifier, else by the same title.

    Returns
    -------
    dict of str to list of (str, str)
        Study and report by record id; records of no report are left out.
    """
    at: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for one in reports:
        for key in one.keys:
            at.setdefault(key, []).append((one.study, one.report))
    out = {}
    for record in records:
        found = [one for key in _record_keys(record) for one in at.get(key, [])]
        if found:
            out[record.id] = list(dict.fromkeys(found))
    return out


def _report_keys(report: Report) -> set[tuple[str, str]]:
    keys = {
        ("doi", identifiers.doi(report.doi)),
        ("pmid", report.pmid),
        ("pmcid", identifiers.pmcid(report.pmcid)),
        ("title", _title(report.title, report.year)),
    }
    if not report.doi and not report.pmid:  # the registration itself is the document
        keys |= {("registry", number) for number in identifiers.registry(report.registry)}
    return {key for key in keys if key[1]}


def _record_keys(record: KnownRecord) -> list[tuple[str, str]]:
    keys = [("doi", record.doi), ("pmid", record.pmid), ("pmcid", record.pmcid)]
    if record.type == "trial" or not (record.doi or record.pmid or record.type == "article"):
        keys += [("registry", number) for number in record.registry]
    keys.append(("title", _title(record.title, record.year)))
    return [key for key in keys if key[1]]


def _title(title: str, year: int | None) -> str:
    """A title that says enough, with its year: both have the same, or neither has one."""
    letters = "".join(sign for sign in title.casefold() if sign.isalnum())
    return f"{letters} {year or ''}" if len(letters) >= TITLE else ""


def _count(search: SearchFolder, of: Mapping[str, str]) -> SearchCount:
    run, about = search.run, search.search
    return SearchCount(
        id=about.id,
        database=about.database,
        platform=about.platform,
        kind=about.kind,
        date=search.date.isoformat() if search.date else "",
        run=run is not None,
        hits=about.hits,
        entries=run.entries if run else 0,
        rejected=len(run.rejected) if run else 0,
        records=len(search.records),
        unique=sum(of[one.id] == one.id for one in search.records),
    )


def _by_work(decisions: Mapping[str, Decision], of: Mapping[str, str]) -> dict[str, Decision]:
    """Decisions by the work that a record is an entry of; one on the work itself comes first."""
    out: dict[str, Decision] = {}
    for record, decision in decisions.items():
        if record in of and (of[record] not in out or record == of[record]):
            out[of[record]] = decision
    return out


def _said(full: Mapping[str, Decision], work: str) -> str:
    return full[work].decision if work in full else ""
