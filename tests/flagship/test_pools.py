"""The flagship pools what the evidence allows and nothing that it forbids."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from probatum.review.contrast import select, sensitivity_specs
from probatum.review.load import load

ROOT = Path(__file__).parents[2]
EVIDENCE = ROOT.parent / "shared" / "evidence"
POOLING = ("random", "equal", "mantel-haenszel", "peto")
# the same people, so never two of one set in one pool
SAME_PEOPLE = [
    {"H002", "H003"},
    {"H011", "H012", "H013"},
    {"Dakwar2020-01", "Dakwar2020-02"},
    {"Dakwar2019-01", "Dakwar2019-02"},
    {"Dakwar2020-01", "Dakwar2020-04"},
]


@pytest.fixture(scope="module")
def review():
    return load(ROOT / "reviews" / "ketamine")


@pytest.fixture(scope="module")
def selections(review):
    return [
        (spec, select(spec, review.studies, review.info).items)
        for analysis in review.analyses.values()
        for spec in sensitivity_specs(analysis)
    ]


@pytest.fixture(scope="module")
def allowed() -> dict[str, str]:
    if not EVIDENCE.is_dir():
        pytest.skip("../shared/evidence is not on this machine")
    out = {}
    for name, key in (("treatment", "pool_ok"), ("harms", "pool_use")):
        with (EVIDENCE / name / "outcomes.csv").open(encoding="utf-8", newline="") as file:
            out |= {r["outcome_id"]: r[key] for r in csv.DictReader(file)}
    return out


def test_every_analysis_has_rows(selections):
    assert [spec.id for spec, items in selections if not items] == []
    assert len(selections) == 63


def test_nothing_forbidden_is_selected(selections, allowed):
    for spec, items in selections:
        for item in items:
            assert allowed[item.result] not in ("no", ""), (spec.id, item.result)


def test_main_pools_take_only_rows_marked_yes(selections, allowed):
    seen = 0
    for spec, items in selections:
        if spec.status == "main" and spec.model in POOLING:
            for item in items:
                assert allowed[item.result] == "yes", (spec.id, item.result)
                seen += 1
    assert seen > 40


def test_every_row_marked_yes_is_used(selections, allowed):
    used = {item.result for _, items in selections for item in items}
    assert {key for key, use in allowed.items() if use == "yes"} - used == set()


def test_rows_marked_for_a_purpose_keep_it(selections, allowed):
    for spec, items in selections:
        uses = {allowed[item.result] for item in items}
        if "zero_event" in uses:
            assert (spec.model, uses) == ("exact", {"zero_event"}), spec.id
        if "nonrandomised" in uses:
            assert (spec.status, uses) == ("sensitivity", {"nonrandomised"}), spec.id
        if "single_arm" in uses:
            assert uses == {"single_arm"}, spec.id


def test_no_pool_holds_the_same_people_twice(review, selections):
    for spec, items in selections:
        if spec.model not in POOLING:
            continue
        results = {item.result for item in items}
        for same in SAME_PEOPLE:
            assert len(results & same) < 2, (spec.id, results & same)
        people = [item.study.companion_of or item.study.id for item in items]
        assert len(people) == len(set(people)), spec.id
        labels = [label for item in items for label in item.study.overlap]
        assert len(labels) == len(set(labels)), (spec.id, labels)


def test_no_pool_mixes_frames_or_hazard_with_odds_ratios(selections):
    for spec, items in selections:
        if spec.model not in POOLING:
            continue
        frames = {row.frame or item.study.frame for item in items for row in item.rows}
        if spec.measure == "PLO" and spec.status == "main":
            assert len(frames) == 1, (spec.id, frames)
        measures = {row.measure for item in items if item.kind == "estimates" for row in item.rows}
        assert measures <= {spec.measure}, spec.id


def test_label_and_paper_coding_stay_apart(selections):
    for spec, items in selections:
        studies = {item.study.id for item in items}
        if "aspire-label" in studies or "aspire-pooled" in studies:
            assert studies <= {"aspire-label", "transform-1-2"}, spec.id
            assert spec.status == "sensitivity", spec.id
