"""The flagship: complete, within what its sources allow, and equal to metafor."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import probatum.site.pages  # noqa: F401  registers the pages
from probatum.build.build import build
from probatum.review.contrast import select, sensitivity_specs
from probatum.review.load import Review, load

ROOT = Path(__file__).parents[2]
FLAGSHIP = ROOT / "reviews" / "ketamine"
EVIDENCE = ROOT.parent / "shared" / "evidence"
EXPECTED = json.loads((ROOT / "validation" / "flagship_expected.json").read_text())["cases"]
needs_evidence = pytest.mark.skipif(
    not EVIDENCE.is_dir(), reason="../shared/evidence is not beside this clone"
)


@pytest.fixture(scope="module")
def review() -> Review:
    return load(FLAGSHIP)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    report = build(FLAGSHIP, out)
    assert [p for p in report.problems if p.severity == "error"] == []
    return out


@pytest.fixture(scope="module")
def entries(site: Path) -> dict[str, Any]:
    return {e["id"]: e for e in json.loads((site / "data" / "analyses.json").read_text())}


@pytest.fixture(scope="module")
def lines(site: Path) -> dict[str, list[dict[str, str]]]:
    """The lines of each result as the site offers them for download."""
    out: dict[str, list[dict[str, str]]] = {}
    for path in sorted((site / "data" / "analyses").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                out.setdefault(row["analysis"], []).append(row)
    return out


def evidence(name: str) -> list[dict[str, str]]:
    with (EVIDENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shown_ids(review: Review) -> set[str]:
    return {
        row.id for study in review.studies.values() for row in (*study.outcomes, *study.estimates)
    }


def test_no_errors_and_nothing_has_gone(review: Review) -> None:
    assert [str(p) for p in review.problems if p.severity == "error"] == []
    results = {i for i in shown_ids(review) if not i.endswith("-e")}
    assert len(results) == 133 + 194
    assert len(review.studies) == 128  # of 129: one was only remembered
    assert len(review.registers["facts"]) == 169
    assert sum(len(s.patients) for s in review.studies.values()) == 12
    assert len(review.analyses) == 48


@needs_evidence
def test_every_verified_row_is_here_and_no_other(review: Review) -> None:
    ids = shown_ids(review)
    for name, key in (
        ("treatment/outcomes.csv", "outcome_id"),
        ("harms/outcomes.csv", "outcome_id"),
    ):
        for row in evidence(name):
            assert (row[key] in ids) == (row["verified"] == "true"), row[key]
    facts = {fact.id for fact in review.registers["facts"]}
    for name in ("harms/facts.csv", "context/facts.csv"):
        for row in evidence(name):
            assert (row["fact_id"] in facts) == (row["verified"] == "true"), row["fact_id"]


@needs_evidence
def test_main_pools_take_only_what_the_sources_allow(review: Review) -> None:
    allowed = {r["outcome_id"]: r["pool_ok"] for r in evidence("treatment/outcomes.csv")}
    allowed |= {r["outcome_id"]: r["pool_use"] for r in evidence("harms/outcomes.csv")}
    for spec in review.analyses.values():
        for version in sensitivity_specs(spec):
            taken = select(version, review.studies, review.info).items
            assert taken, version.id
            for item in taken:
                assert allowed[item.result] != "no", (version.id, item.result)
                if version.status == "main" and version.model == "random":
                    assert allowed[item.result] == "yes", (version.id, item.result)


def test_no_pool_mixes_people(review: Review) -> None:
    for spec in review.analyses.values():
        for version in sensitivity_specs(spec):
            if version.model != "random" or version.measure != "PLO":
                continue
            taken = select(version, review.studies, review.info).items
            frames = {row.frame or item.study.frame for item in taken for row in item.rows[:1]}
            assert len(frames) == 1, version.id
            assert len({item.study.id for item in taken}) == len(taken), version.id


def test_the_grid_against_metafor_has_not_shrunk(entries: dict[str, Any]) -> None:
    kinds = Counter(case["kind"] for case in EXPECTED)
    assert kinds == {"pool": 35, "single": 8, "exact": 7, "listed": 13}
    assert sum(len(case["lines"]) for case in EXPECTED) == 142
    assert {case["id"] for case in EXPECTED} == set(entries)


def near(want: Any) -> Any:
    return pytest.approx(want, rel=1e-6, abs=1e-9)


def key_of(row: dict[str, str]) -> str:
    """Result and arm of a single group or estimate; the result alone of two groups."""
    refs = row["refs"].split()
    return refs[0].partition("#")[2] if len(refs) == 1 else row["result"]


@pytest.mark.parametrize("case", EXPECTED, ids=lambda c: c["id"])
def test_every_line_equals_metafor(case: dict[str, Any], lines: dict[str, Any]) -> None:
    """Effect sizes as escalc's; estimates and limits as of a model of one study, or binom.test."""
    ours = {(row["study"], key_of(row)): row for row in lines[case["id"]]}
    assert len(ours) == len(lines[case["id"]]) == len(case["lines"])
    for line in case["lines"]:
        row = ours[line["study"], line["key"]]
        for name in ("estimate", "ci_lb", "ci_ub", "yi", "vi"):
            if name in line:
                assert float(row[name]) == pytest.approx(line[name], rel=1e-10, abs=1e-12), name
            else:
                assert row[name] == ""


@pytest.mark.parametrize(
    "case", [c for c in EXPECTED if c["kind"] in ("single", "exact")], ids=lambda c: c["id"]
)
def test_single_and_exact_equal_metafor(case: dict[str, Any], entries: dict[str, Any]) -> None:
    entry = entries[case["id"]]
    assert entry["presentation"] == {"single": "single-study", "exact": "exact"}[case["kind"]]
    for name in ("estimate", "ci_lb", "ci_ub"):
        assert entry[name] == pytest.approx(case[name], rel=1e-10, abs=1e-12), name
    assert entry["k"] == len({line["study"] for line in case["lines"]})


@pytest.mark.parametrize(
    "case", [c for c in EXPECTED if c["kind"] == "listed"], ids=lambda c: c["id"]
)
def test_what_is_listed_is_not_pooled(case: dict[str, Any], entries: dict[str, Any]) -> None:
    entry = entries[case["id"]]
    assert entry["presentation"] == "listed"
    assert entry["estimate"] is entry["ci_lb"] is entry["ci_ub"] is entry["tau2"] is None
    assert entry["k"] == len({line["study"] for line in case["lines"]})


@pytest.mark.parametrize(
    "case", [c for c in EXPECTED if c["kind"] == "pool"], ids=lambda c: c["id"]
)
def test_pools_equal_metafor(case: dict[str, Any], entries: dict[str, Any]) -> None:
    entry = entries[case["id"]]
    assert entry["k"] == case["k"]
    for name in ("estimate", "tau2", "I2", "QE", "QEp"):
        assert entry[name] == near(case[name]), name
    if case["k"] == 2:
        both = {i["test"]: (i["ci_lb"], i["ci_ub"]) for i in entry["intervals"]}
        assert entry["ci_lb"] is None
        assert entry["pi_lb"] is None
        assert both["adhoc"] == near((case["ci_lb"], case["ci_ub"]))
        assert both["z"] == near((case["z_lb"], case["z_ub"]))
    else:
        for name in ("ci_lb", "ci_ub", "pi_lb", "pi_ub"):
            assert entry[name] == near(case[name]), name


def test_people_of_one_study_count_once(entries: dict[str, Any]) -> None:
    """Three symptoms of the same ninety-eight people."""
    entry = entries["urinary-single-symptoms-clinic"]
    assert len(entry["studies"]) == 3
    assert (entry["k"], entry["n"]) == (1, 98)
