"""The flow is counted from sets: each test puts records into a set and looks at every box."""

from dataclasses import dataclass

import pytest

from probatum.review.decisions import Decision
from probatum.review.duplicates import Link, works
from probatum.review.flow import Flow, documents, flow, identities, matches
from probatum.review.model import Report, Study
from probatum.review.searches.model import RejectedEntry, Run, Search
from probatum.review.searches.read import KnownRecord, SearchFolder


def search(name: str, count: int, *, rejected: int = 0, kind: str = "database") -> SearchFolder:
    records = [
        KnownRecord(
            id=f"{name}-{n}", title=f"A title that is long enough to know {name} {n}", year=2020
        )
        for n in range(count)
    ]
    lost = [RejectedEntry(line_from=1, line_to=2, reason="x") for _ in range(rejected)]
    run = Run(
        format=1,
        made="import",
        files=[],
        read_as="ris",
        entries=count + rejected,
        parsed=count,
        rejected=lost,
    )
    about = Search.model_validate({"id": name, "database": name, "kind": kind})
    return SearchFolder(search=about, run=run, records=records)


def study(name: str, *titles: str, status: str = "completed") -> Study:
    reports = [Report(id=f"r{i}", citation="c", title=t, year=2020) for i, t in enumerate(titles)]
    return Study.model_construct(id=name, status=status, reports=reports)


def told(record: str, what: str, stage: str = "full-text", reason: str = "") -> Decision:
    return Decision.model_validate(
        {"stage": stage, "reviewer": "ann", "record": record, "decision": what, "reason": reason}
    )


def same(a: str, b: str, decision: str = "duplicate") -> Link:
    return Link.model_validate({"a": a, "b": b, "decision": decision})


def sound(counts: Flow) -> None:
    for one in identities(counts):
        assert one.left == one.right, one.text


def test_every_record_is_in_one_box_of_each_step() -> None:
    searches = [search("a", 5, rejected=2), search("b", 3), search("t", 1, kind="register")]
    links = [same("a-0", "b-0"), same("a-1", "b-1"), same("a-4", "b-2", "queue")]
    decisions = [
        told("a-0", "include", "title-abstract"),
        told("b-0", "include"),  # on the duplicate: holds for the work
        told("a-1", "include", "title-abstract"),
        told("a-1", "exclude", reason="wrong people"),
        told("a-2", "include", "title-abstract"),
        told("a-2", "not-retrieved"),
        told("a-3", "exclude", "title-abstract"),
    ]
    studies = [
        study("s", "A title that is long enough to know a 0", "elsewhere, a title of some length")
    ]
    counts = flow(searches, links, decisions, studies)
    sound(counts)
    assert (counts.identified, counts.databases, counts.registers) == (9, 8, 1)
    assert (counts.rejected, counts.duplicates, counts.to_judge, counts.works) == (2, 2, 1, 7)
    assert (counts.screened, counts.unscreened, counts.excluded) == (4, 3, 1)
    assert (counts.sought, counts.not_retrieved, counts.assessed) == (3, 1, 2)
    assert counts.reasons == {"wrong people": 1}
    assert (counts.included, counts.unrecorded, counts.without_study) == (1, 0, 0)
    assert (counts.reports, counts.reports_found, counts.reports_elsewhere) == (2, 1, 1)


def test_a_record_in_the_review_without_a_decision_is_told() -> None:
    counts = flow([search("a", 2)], [], [], [study("s", "A title that is long enough to know a 1")])
    sound(counts)
    assert (counts.included, counts.unrecorded, counts.unscreened) == (1, 1, 1)


def test_an_included_record_without_a_study_is_told() -> None:
    counts = flow([search("a", 1)], [], [told("a-0", "include")], [])
    sound(counts)
    assert (counts.included, counts.without_study, counts.reports) == (1, 1, 0)


def test_a_lost_record_breaks_an_identity() -> None:
    whole = search("a", 3)
    short = whole.model_copy(update={"records": whole.records[:2]})
    broken = [one for one in identities(flow([short], [], [], [])) if one.left != one.right]
    assert [one.text for one in broken] == ["a: records + rejected = entries"]


def test_the_last_word_on_a_pair_counts_so_that_a_merge_can_be_undone() -> None:
    records = ["a", "b", "c"]
    links = [same("a", "b"), same("b", "c")]
    assert works(records, links).duplicates == {"b", "c"}
    undone = works(records, [*links, same("c", "b", "distinct")])
    assert undone.duplicates == {"b"}
    assert undone.contradictions == []
    assert works(records, [*links, same("a", "c", "distinct")]).contradictions == [("a", "c")]


@dataclass
class Case:
    record: dict[str, object]
    report: dict[str, object]
    same: bool


CASES = [
    Case({"doi": "10.1000/x"}, {"doi": "https://doi.org/10.1000/X"}, True),
    Case({"pmid": "12"}, {"pmid": "12"}, True),
    Case({"pmid": "12"}, {"pmid": "13"}, False),
    Case({"type": "trial", "registry": ["NCT01234567"]}, {"registry": "NCT01234567"}, True),
    # a paper that names its trial's number is not the registration
    Case({"type": "article", "registry": ["NCT01234567"]}, {"registry": "NCT01234567"}, False),
    Case(
        {"title": "Ketamine for alcohol: a randomised trial", "year": 2020},
        {"title": "Ketamine for Alcohol - A Randomised Trial.", "year": 2020},
        True,
    ),
    Case({"title": "Editorial", "year": 2020}, {"title": "Editorial", "year": 2020}, False),
]


@pytest.mark.parametrize("case", CASES)
def test_records_and_reports_meet_by_identifier_or_whole_title(case: Case) -> None:
    record = KnownRecord.model_validate({"id": "r", **case.record})
    report = Report.model_validate({"id": "p", "citation": "c", **case.report})
    found = documents([Study.model_construct(id="s", reports=[report])])
    assert bool(matches([record], found)) is case.same


def test_a_paper_read_in_two_places_is_one_document() -> None:
    rows = [
        {"id": "abstract", "doi": "10.1000/x"},
        {"id": "registry", "registry": "NCT01234567"},
        {"id": "table", "doi": "10.1000/X", "pmid": "1"},
        {"id": "page", "pmid": "1"},
    ]
    reports = [Report.model_validate({"citation": "c", **row}) for row in rows]
    found = documents([Study.model_construct(id="s", reports=reports)])
    assert [one.report for one in found] == ["registry", "abstract"]
