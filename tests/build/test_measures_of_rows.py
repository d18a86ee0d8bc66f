"""Every measure that rows can give is pooled from them as the library pools the same numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import small_review

import probatum as pb
import probatum.site.pages
from probatum.build.build import build, open_engine
from probatum.build.results import AnalysisResult
from probatum.build.steps.effects import Contrast, effects
from probatum.meta.measures import MEASURES
from probatum.meta.transforms import FORWARD, NEED_SIZE, harmonic_mean
from probatum.review.cells import cells_of, natural, one_group, sized
from probatum.review.model import AnalysisSpec, Estimate, Number

HEADER = "id,arm,outcome,n,events,mean,sd,time,use,source,locator,source_type,verified\n"
COLUMNS = ("n", "events", "mean", "sd", "time")
TRIALS = {  # of each group: n, events, mean, sd, time
    "a": ((41, 14, 10.1, 2.6, 310), (39, 18, 12.4, 2.1, 295)),
    "b": ((60, 13, 9.2, 3.1, 480), (58, 21, 10.9, 2.8, 470)),
    "c": ((25, 6, 11.8, 1.9, 160), (27, 8, 12.0, 2.2, 171)),
    "d": ((90, 31, 8.7, 2.5, 800), (88, 35, 11.1, 3.0, 790)),
}
REPORTED = {"a": (0.31, 80, 70), "b": (0.45, 118, 101), "c": (0.12, 52, 60), "d": (0.28, 178, 160)}
COMPUTED = sorted(code for code in MEASURES if cells_of(code))
#: a reported correlation is what UCOR corrects, not an estimate of it
TO_SCALE = sorted(c for c in MEASURES if MEASURES[c].transf in FORWARD and c != "UCOR")
SIZED = sorted(code for code in MEASURES if sized(code))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small review with two groups in all columns, reported values, and an analysis each."""
    root = small_review.write(tmp_path_factory.mktemp("rows") / "review")
    for name in ("relapse", "harm"):
        (root / f"analyses/{name}.toml").unlink()
    (root / "studies/trial-e/outcomes.csv").unlink()
    for letter, groups in TRIALS.items():
        rows = [
            f"{letter}1,{arm},relapse,{','.join(map(str, group))},main,main,p. 3,paper,true"
            for arm, group in zip("TC", groups, strict=True)
        ]
        study = root / f"studies/trial-{letter}"
        (study / "outcomes.csv").write_text(HEADER + "\n".join(rows) + "\n")
        value, n, n2 = REPORTED[letter]
        told = [
            f"{letter}{code},harm,{code},{value},{n},{n2},main,main,p. 4,paper,true"
            for code in ("COR", "CLES", "AUC")
        ]
        header = (
            "id,outcome,measure,estimate,n,n_comparator,use,source,locator,source_type,verified"
        )
        (study / "estimates.csv").write_text("\n".join([header, *told]) + "\n")
    for code in COMPUTED + SIZED:
        outcome = "relapse" if code in COMPUTED else "harm"
        text = f'title = "As {code}"\noutcome = "{outcome}"\nmeasure = "{code}"\n'
        (root / f"analyses/{code.lower()}.toml").write_text(text)
    return root


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, AnalysisResult]:
    from probatum.build import manifest, steps  # noqa: F401  (register their steps)

    engine = open_engine(folder)
    try:
        return {
            code: AnalysisResult.model_validate_json(
                json.dumps(engine.get(f"result:{code.lower()}"))
            )
            for code in COMPUTED + SIZED
        }
    finally:
        engine.store.close()


def columns(code: str) -> dict[str, list[float]]:
    """The same numbers as columns, by the names that `effect_sizes` knows."""
    cells = {
        cell.name: [groups[cell.group][COLUMNS.index(cell.column)] for groups in TRIALS.values()]
        for cell in cells_of(code)
    }
    for name, column in sized(code).items():
        place = ("estimate", "n", "n_comparator").index(column)
        cells[name] = [row[place] for row in REPORTED.values()]
    return cells


@pytest.mark.parametrize("code", COMPUTED + SIZED)
def test_it_is_pooled_as_the_library_does(code: str, results: dict[str, AnalysisResult]) -> None:
    cells = columns(code)
    es = pb.effect_sizes(measure=code, **cells)
    fit = pb.pool(es, test="adhoc")
    found = results[code].pooled
    assert found is not None, results[code].problems
    size = None
    if MEASURES[code].transf in NEED_SIZE:
        size = harmonic_mean(cells.get("ni", cells.get("ti")))
    limits = [fit.beta[0], fit.ci_lb[0], fit.ci_ub[0]]
    shown = MEASURES[code].back(limits, size)
    assert [found.estimate, found.ci_lb, found.ci_ub] == pytest.approx(shown.tolist(), rel=1e-9)
    own = [line.estimate for line in results[code].studies]
    each = np.array(cells.get("ni", cells.get("ti", np.nan)), float)
    expected = MEASURES[code].back(es.yi, each if size is not None else None)
    assert own == pytest.approx(expected.tolist(), rel=1e-9)


def test_the_folder_has_no_problem_and_a_page_for_each(folder: Path) -> None:
    site = folder.parent / "site"
    assert [str(found) for found in build(folder, site).problems] == []
    for code in COMPUTED + SIZED:
        page = (site / f"analyses/{code.lower()}.html").read_text(encoding="utf-8")
        assert "could not be computed" not in page


def test_the_documentation_lists_them_all() -> None:
    text = (Path(__file__).parents[2] / "docs/review-folder.md").read_text(encoding="utf-8")
    table = text.partition("What a measure is computed from")[2].partition("Estimates are typed")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")]
    told = {code for line in rows for code in re.findall(r"\b[A-Z][A-Z0-9]+\b", line)}
    assert told == {*COMPUTED, *SIZED}


def line(row: Estimate, measure: str) -> tuple[float | None, float | None, str]:
    asked = AnalysisSpec(id="a", title="A", outcome="o", measure=measure)
    made = effects([Contrast("s", "S", "r", estimate=row)], asked, measure)[0]
    return made.yi, made.vi, made.reason


def reported(measure: str, *values: float) -> Estimate:
    names = ("estimate", "ci_lb", "ci_ub", "n")
    cells = {name: Number(text=str(v), value=v) for name, v in zip(names, values)}
    return Estimate(id="r", outcome="o", measure=measure, **cells)


@pytest.mark.parametrize("code", TO_SCALE)
def test_reported_estimates_go_to_the_analysis_scale_and_back(code: str) -> None:
    value, low, high = 0.4, 0.3, 0.55
    yi, vi, reason = line(reported(natural(code), value, low, high), code)
    assert reason == ""
    assert yi is not None
    assert vi is not None
    assert float(MEASURES[code].back(yi)) == pytest.approx(value, rel=1e-12)
    z = 1.959963984540054
    ends = [float(FORWARD[MEASURES[code].transf](np.float64(x))) for x in (low, high)]
    assert vi**0.5 == pytest.approx((ends[1] - ends[0]) / (2 * z), rel=1e-12)


def test_what_a_reported_estimate_is_called() -> None:
    assert [natural(code) for code in ("ZCOR", "PRZ", "IRS", "MNLN", "ZR2", "PETO", "SMDH")] == [
        "COR", "PR", "IR", "MN", "R2", "PETO", "SMDH",
    ]  # fmt: skip
    assert [one_group(code) for code in ("PRZ", "MN", "COR", "OR")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("row", "measure", "reason"),
    [
        (reported("PR", 1.0, 0.9, 1.0), "PLO", "no usable estimate is reported"),
        (reported("PR", 0.5, 0.0, 0.9), "PLO", "the reported interval can't be used"),
        (reported("PR", 0.5, 0.1, 0.9), "PFT", "a reported PR can't be taken to the analysis"),
        (reported("COR", 0.5), "ZCOR", "no numbers of people are reported"),
        (reported("COR", 0.5), "UCOR", "no numbers of people are reported"),
    ],
)
def test_what_cannot_be_taken_says_why(row: Estimate, measure: str, reason: str) -> None:
    yi, _, told = line(row, measure)
    assert yi is None
    assert told.startswith(reason)


def test_two_groups_are_refused_for_measures_without_columns(folder: Path) -> None:
    (folder / "analyses/pairs.toml").write_text(
        'title = "Pairs"\noutcome = "relapse"\nmeasure = "MPOR"\n'
    )
    from probatum.build import manifest, steps  # noqa: F401

    engine = open_engine(folder)
    try:
        found = engine.get("result:pairs")
    finally:
        engine.store.close()
        (folder / "analyses/pairs.toml").unlink()
    assert found["presentation"] == "failed"
    assert {item["code"] for item in found["problems"]} >= {"E422"}
