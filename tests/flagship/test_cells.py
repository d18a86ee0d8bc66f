"""The cells of the flagship are those of the evidence, each with a source and a locator."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from probatum.review.load import load

ROOT = Path(__file__).parents[2]
REVIEW = ROOT / "reviews" / "ketamine"
EVIDENCE = ROOT.parent / "shared" / "evidence"
SHARED = pytest.mark.skipif(
    not EVIDENCE.is_dir(), reason="../shared/evidence is not on this machine"
)


@pytest.fixture(scope="module")
def review():
    return load(REVIEW)


def _read(name: str) -> list[dict[str, str]]:
    with (EVIDENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _split(name: str, key: str) -> tuple[set[str], set[str]]:
    rows = _read(name)
    yes = {r[key] for r in rows if r["verified"] == "true"}
    return yes, {r[key] for r in rows} - yes


def _results(review) -> set[str]:
    found = set()
    for study in review.studies.values():
        found |= {row.id for row in (*study.outcomes, *study.estimates)}
    return found


@SHARED
def test_every_result_is_from_the_evidence(review):
    known = _split("treatment/outcomes.csv", "outcome_id")[0]
    known |= _split("harms/outcomes.csv", "outcome_id")[0]
    assert {r.removesuffix("-e") for r in _results(review)} == known


@SHARED
def test_cells_are_those_of_the_evidence(review):
    rows = {r["outcome_id"]: r for r in _read("treatment/outcomes.csv")}
    pairs = 0
    for study in review.studies.values():
        by: dict[str, list] = {}
        for row in study.outcomes:
            by.setdefault(row.id, []).append(row)
        for key, arms in by.items():
            if key not in rows or rows[key]["measure_type"] != "binary":
                continue
            source = rows[key]
            want = [  # in this order, so that swapped arms are seen
                (source["arm_" + arm], source["events_" + side], source["n_" + side])
                for arm, side in (("experimental", "e"), ("comparator", "c"))
                if source["n_" + side] or source["events_" + side]
            ]
            got = [
                (a.arm, a.events.text if a.events else "", a.n.text if a.n else "") for a in arms
            ]
            assert got == want, key
            pairs += 1
    assert pairs == 20


@SHARED
def test_harm_cells_are_those_of_the_evidence(review):
    rows = {r["outcome_id"]: r for r in _read("harms/outcomes.csv")}
    seen = 0
    for study in review.studies.values():
        for row in study.outcomes:
            source = rows.get(row.id)
            if source is None or row.events is None or row.n is None:
                continue
            assert (row.events.text, row.n.text) in {
                (source["events"], source["n"]),
                (source["comparator_events"], source["comparator_n"]),
            }, row.id
            assert row.derived == (source["count_derived"] == "yes"), row.id
            seen += 1
    assert seen > 150


@SHARED
def test_patients(review):
    rows = _read("treatment/patients.csv")
    yes = {r["patient_id"] for r in rows if r["verified"] == "true"}
    no = {r["patient_id"] for r in rows} - yes
    found = {p.id for s in review.studies.values() for p in s.patients}
    assert found == yes
    assert not found & no


def test_every_row_has_a_source_and_a_locator(review):
    for study in review.studies.values():
        reports = {r.id for r in study.reports}
        for row in (*study.outcomes, *study.estimates, *study.patients):
            assert row.source in reports, (study.id, row.id)
            assert row.locator, (study.id, row.id)
            assert row.verified, (study.id, row.id)
