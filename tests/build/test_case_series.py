"""Analyses of patients: what enters, both ways to pool, and what the page shows."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import case_series
import numpy as np
import pytest

import probatum as pb
import probatum.site.pages
from probatum.build import manifest, steps  # noqa: F401  (register their steps)
from probatum.build.build import build, open_engine
from probatum.build.results import AnalysisResult
from probatum.review.load import load

CHANGES = {
    letter: np.array([float(y) - float(x) for x, y in people])
    for letter, people in case_series.PEOPLE.items()
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return case_series.write(tmp_path / "review")


def result(folder: Path, name: str) -> AnalysisResult:
    engine = open_engine(folder)
    try:
        return AnalysisResult.model_validate_json(json.dumps(engine.get(f"result:{name}")))
    finally:
        engine.store.close()


def change(folder: Path, old: str, new: str, file: str = "analyses/change.toml") -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def problems(folder: Path) -> list[str]:
    return [f"{found.code} {found.message}" for found in load(folder).problems]


def test_the_folder_has_no_problems(folder: Path) -> None:
    assert problems(folder) == []


def test_two_stages_pool_the_means_of_the_series(folder: Path) -> None:
    found = result(folder, "change")
    own = [CHANGES[letter] for letter in "abc"]
    fit = pb.pool([d.mean() for d in own], [d.var(ddof=1) / len(d) for d in own], test="adhoc")
    assert found.presentation == "pooled"
    assert found.pooled is not None
    assert found.pooled.estimate == pytest.approx(fit.beta[0], rel=1e-10)
    assert found.pooled.ci_lb == pytest.approx(fit.ci_lb[0], rel=1e-10)
    assert (found.k, found.n) == (3, 10)
    assert found.studies[3].estimate is None
    assert "one person" in found.studies[3].reason
    assert any("by itself" in words for words in found.warnings)


def test_a_series_has_the_t_interval_of_its_people(folder: Path) -> None:
    line = result(folder, "change").studies[0]
    d = CHANGES["a"]
    assert line.changes == list(d)
    assert line.refs == [f"studies/series-a/patients.csv#{i}" for i in (1, 2, 3, 4)]
    half = 3.182446305284263 * d.std(ddof=1) / 2
    assert line.ci_lb == pytest.approx(d.mean() - half)
    assert line.ci_ub == pytest.approx(d.mean() + half)


def test_one_stage_takes_everybody(folder: Path) -> None:
    found = result(folder, "change--all-people")
    series = [letter for letter, d in CHANGES.items() for _ in d]
    fit = pb.pool_patients(series=series, change=np.concatenate(list(CHANGES.values()))).one_stage
    assert found.pooled is not None
    assert found.pooled.estimate == pytest.approx(fit.beta[0], rel=1e-9)
    assert found.pooled.ci_ub == pytest.approx(fit.ci_ub[0], rel=1e-9)
    assert found.pooled.tau2 == pytest.approx(fit.G[0, 0], rel=1e-9)
    assert found.pooled.QE is None
    assert (found.k, found.n, found.test) == (4, 11, "t")
    # the pooled change is the mean of the series' with these weights
    weights = np.array([line.weight for line in found.studies])
    means = [d.mean() for d in CHANGES.values()]
    assert weights @ means / 100 == pytest.approx(fit.beta[0], rel=1e-9)
    assert found.studies[3].estimate == -11
    assert found.studies[3].ci_lb is None


def test_standardised_changes(folder: Path) -> None:
    change(folder, '"MC"', '"SMCC"')
    change(folder, 'model = "one-stage"', 'model = "equal"')
    found = result(folder, "change")
    one = pb.standardised_change(CHANGES["b"])
    assert found.studies[1].yi == pytest.approx(one.estimate)
    assert found.studies[1].vi == pytest.approx(one.vi)
    assert found.studies[1].ci_lb == pytest.approx(one.ci_lb)
    assert found.k == 3
    assert problems(folder) == []


def test_side_by_side_nobody_is_pooled(folder: Path) -> None:
    change(folder, 'measure = "MC"', 'measure = "MC"\nmodel = "none"')
    found = result(folder, "change")
    assert (found.presentation, found.pooled, found.k, found.n) == ("listed", None, 4, 11)


def test_two_series_stay_two(folder: Path) -> None:
    (folder / "analyses/change.toml").write_text(
        case_series.ANALYSIS.split("[[")[0]
        + 'model = "one-stage"\n[select]\nstudy = ["series-a", "series-b"]\n'
    )
    found = result(folder, "change")
    assert found.presentation == "two-studies"
    assert [interval.test for interval in found.intervals] == ["z", "t"]
    assert found.intervals[0].ci_ub < found.intervals[1].ci_ub


def test_who_is_left_out_is_told(folder: Path) -> None:
    file = "studies/series-a/patients.csv"
    change(folder, "28,20,12,main,p. 1,paper,true", "28,20,12,main,p. 1,paper,false", file)
    change(folder, "31,25,12", "31,,12", file)
    exclude = '\n[[exclude]]\nrow = "series-a/patients/3"\nreason = "also in series B"\n'
    change(folder, "\n[[sensitivity]]", exclude + "\n[[sensitivity]]")
    found = result(folder, "change")
    assert found.excluded == [
        {"row": "series-a/patients/1", "study": "series-a",
         "reason": "not verified against its source"},
        {"row": "series-a/patients/2", "study": "series-a",
         "reason": '"after" is empty: no change is known'},
        {"row": "series-a/patients/3", "study": "series-a", "reason": "also in series B"},
    ]  # fmt: skip
    assert found.studies[0].changes == [-9]


def test_selection_by_person_measure_and_time(folder: Path) -> None:
    change(folder, "35,24,12", "35,24,40", "studies/series-a/patients.csv")
    change(folder, "episodes per day", "episodes per week", "studies/series-c/patients.csv")
    change(folder, "[[sensitivity]]", "[select]\nweeks = [0, 26]\n\n[[sensitivity]]")
    found = result(folder, "change")
    assert [len(line.changes) for line in found.studies] == [3, 3, 2, 1]
    rows = '[select]\nrows = ["series-a/patients/1", "series-b/patients/2"]\n'
    (folder / "analyses/change.toml").write_text(
        case_series.ANALYSIS.split("[[")[0] + 'model = "none"\n' + rows
    )
    assert [line.changes for line in result(folder, "change").studies] == [[-8], [-2]]


def test_a_damaged_row_leaves_its_series_out(folder: Path) -> None:
    change(folder, "31,25,12", "31,2s5,12", "studies/series-a/patients.csv")
    found = result(folder, "change")
    assert found.presentation == "failed"
    assert "a patient may be missing" in str(found.problems)
    assert any(words.startswith("E423") for words in problems(folder))


def test_the_same_people_are_not_pooled_twice(folder: Path) -> None:
    for letter in "ab":
        change(folder, 'source = "main"', 'overlap = ["clinic"]\nsource = "main"',
               f"studies/series-{letter}/study.toml")  # fmt: skip
    assert any(words.startswith("E412") for words in problems(folder))
    assert result(folder, "change").presentation == "failed"


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ('"MC"', '"OR"', "E416", "patients are pooled as MC or SMCC"),
        ('"MC"', '"SMCC"', "E416", '"one-stage" does not exist for SMCC'),
        ('model = "one-stage"', 'model = "exact"', "E416", "exact"),
        ('patients = "episodes per day"\n', "", "E416", 'needs patients = "<outcome_measure>"'),
        ('model = "one-stage"', 'model = "one-stage"\nmethod = "DL"', "E402", "REML or ML"),
        ("per day", "per night", "E408", "no result fulfils"),
        ('favours', '[select]\nrows = ["series-a/patients/9"]\n#', "E406",
         'Did you mean "series-a/patients/'),
    ],
)  # fmt: skip
def test_problems(folder: Path, old: str, new: str, code: str, words: str) -> None:
    change(folder, old, new)
    assert any(found.startswith(code) and words in found for found in problems(folder))


def test_the_page_shows_the_people_and_the_file_has_their_changes(folder: Path) -> None:
    site = folder.parent / "site"
    assert build(folder, site).problems == []
    page = (site / "analyses/change.html").read_text()
    assert "Person by person" in page
    assert "Series d, person 1" in page  # not pooled, and still shown
    assert "Series a, person 4" in page
    assert "zero means no change" in page
    assert "a one-stage model can take the person in" in page
    assert "Body mass" not in page
    rows = list(csv.DictReader(io.StringIO((site / "data/analyses/change.csv").read_text())))
    assert json.loads(rows[0]["changes"]) == list(CHANGES["a"])
    entry = json.loads((site / "data/analyses.json").read_text())[1]
    assert (entry["id"], entry["k"], entry["I2"]) == ("change--all-people", 4, None)


def test_incremental_equals_clean(folder: Path) -> None:
    site = folder.parent / "site"
    build(folder, site)
    for turn, (old, new) in enumerate([("31,25,12", "31,26,12"), ("1,30,", "1,44,")]):
        change(folder, old, new, "studies/series-a/patients.csv")
        build(folder, site)
        copy = folder.parent / f"copy{turn}"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".probatum"))
        build(copy, folder.parent / f"clean{turn}")
        for made in (folder.parent / f"clean{turn}").rglob("*.*"):
            twin = site / made.relative_to(folder.parent / f"clean{turn}")
            if made.is_file():
                assert made.read_bytes() == twin.read_bytes(), made.name


def test_claims_can_rest_on_patients(folder: Path) -> None:
    (folder / "questions").mkdir()
    (folder / "questions/change.md").write_text(
        """+++
title = "Do episodes change?"
analysis = "change--all-people"
[[claims]]
id = "fewer"
text = "In {{ k }} reports episodes changed by {{ estimate }} ({{ ci }}); {{ change.n }} of {{ n }} people were in series, and {{ series-d/patients/1.before }} were counted in one person before."
expect = ["ci_ub < 0", "n == 11", "change/series-a.estimate == -8.5"]
+++
{{ claim.fewer }}
"""  # noqa: E501
    )
    report = build(folder, folder.parent / "site")
    assert [str(found) for found in report.problems if found.severity == "error"] == []
    page = (folder.parent / "site/questions/change.html").read_text()
    assert "−15.5" in page
