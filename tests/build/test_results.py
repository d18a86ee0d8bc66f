"""What an analysis yields: presentations by number of studies, exact limits, reported ratios."""

from __future__ import annotations

import json
from math import exp, log, sqrt
from pathlib import Path

import pytest
import small_review

from probatum.build.results import AnalysisResult
from probatum.build.steps.effects import Contrast, effects
from probatum.review.model import AnalysisSpec, Estimate, Number


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_review.write(tmp_path / "review")


def result(folder: Path, name: str) -> AnalysisResult:
    from probatum.build import manifest, steps  # noqa: F401  (register their steps)
    from probatum.build.build import open_engine

    engine = open_engine(folder)
    try:
        return AnalysisResult.model_validate_json(json.dumps(engine.get(f"result:{name}")))
    finally:
        engine.store.close()


def spec(folder: Path, name: str, text: str) -> None:
    (folder / f"analyses/{name}.toml").write_text(text)


def test_five_studies_are_pooled_as_the_library_pools_them(folder: Path):
    import probatum as pb

    found = result(folder, "relapse")
    cells = list(small_review.ROWS.values())
    es = pb.effect_sizes(
        measure="OR",
        ai=[c[0] for c in cells],
        n1i=[c[1] for c in cells],
        ci=[c[2] for c in cells],
        n2i=[c[3] for c in cells],
    )
    fit = pb.pool(es, method="REML", test="adhoc")
    assert found.presentation == "pooled"
    assert found.pooled is not None
    assert found.pooled.estimate == pytest.approx(exp(fit.beta[0]), rel=1e-9)
    assert found.pooled.ci_ub == pytest.approx(exp(fit.ci_ub[0]), rel=1e-9)
    assert found.pooled.pi_lb == pytest.approx(exp(fit.predict().pi_lb[0]), rel=1e-9)
    assert sum(line.weight for line in found.studies) == pytest.approx(100)
    assert found.pooled.n == sum(c[1] + c[3] for c in cells)
    assert {group.label: group.pooled is None for group in found.subgroups} == {
        "first": False,
        "second": True,
    }  # three studies and two
    assert set(found.between) >= {"QM", "p"}
    line = found.studies[0]
    assert line.refs == ["studies/trial-a/outcomes.csv#a1/T", "studies/trial-a/outcomes.csv#a1/C"]
    assert line.cell_refs["ci"] == "studies/trial-a/outcomes.csv#a1/C.events"
    assert (line.arm, line.comparator) == ("drug", "placebo")


def test_two_studies_have_both_intervals_and_none_of_them_is_the_answer(folder: Path):
    found = result(folder, "harm")
    assert found.presentation == "two-studies"
    assert [item.test for item in found.intervals] == ["z", "adhoc"]
    assert found.intervals[1].ci_ub > 100 * found.intervals[0].ci_ub
    assert found.pooled is not None
    assert found.pooled.pi_lb is None
    from probatum.build.steps.data import entry

    told = entry(found)
    assert (told["ci_lb"], told["ci_ub"], told["pi_lb"]) == (None, None, None)
    assert told["estimate"] == found.pooled.estimate
    assert len(told["intervals"]) == 2


def test_one_study_has_no_pooled_line(folder: Path):
    spec(
        folder,
        "one",
        'title = "One"\noutcome = "harm"\nmeasure = "OR"\n[select]\nstudy = ["trial-a"]\n',
    )
    found = result(folder, "one")
    assert (found.presentation, found.pooled) == ("single-study", None)
    ai, bi, ci, di = 2, 18, 1, 20
    half = 1.959963984540054 * sqrt(1 / ai + 1 / bi + 1 / ci + 1 / di)
    center = log(ai * di / (bi * ci))
    assert found.studies[0].ci_lb == pytest.approx(exp(center - half), rel=1e-9)


def test_no_events_give_an_exact_limit_never_a_ratio(folder: Path):
    for letter in "ab":
        path = folder / f"studies/trial-{letter}/outcomes.csv"
        text = path.read_text()
        path.write_text(text.replace(",2,main", ",0,main").replace(",1,main", ",0,main"))
    spec(folder, "zero", 'title = "Zero"\noutcome = "harm"\nmeasure = "PR"\nmodel = "exact"\n')
    found = result(folder, "zero")
    n = 20 + 30
    assert found.presentation == "exact"
    assert found.pooled is None
    assert found.zero["n"] == n
    assert found.zero["upper"] == pytest.approx(1 - 0.025 ** (1 / n), rel=1e-10)
    assert found.studies[0].ci_ub == pytest.approx(1 - 0.025 ** (1 / 20), rel=1e-10)
    assert result(folder, "harm").presentation == "exact"  # the odds ratio gives way too


def test_events_of_different_studies_are_not_added_up(folder: Path):
    spec(folder, "zero", 'title = "Some"\noutcome = "harm"\nmeasure = "PR"\nmodel = "exact"\n')
    found = result(folder, "zero")
    assert found.zero == {}
    assert [line.estimate for line in found.studies] == pytest.approx([2 / 20, 2 / 30])


@pytest.mark.parametrize("model", ["mantel-haenszel", "peto", "equal"])
def test_other_models(folder: Path, model: str):
    import probatum as pb

    spec(
        folder,
        "other",
        f'title = "Other"\noutcome = "relapse"\nmeasure = "OR"\nmodel = "{model}"\n',
    )
    found = result(folder, "other")
    cells = dict(zip(("ai", "n1i", "ci", "n2i"), zip(*small_review.ROWS.values())))
    es = pb.effect_sizes(measure="PETO" if model == "peto" else "OR", **cells)
    fit = {
        "mantel-haenszel": pb.pool_mh,
        "peto": pb.pool_peto,
        "equal": lambda e: pb.pool(e, method="EE", test="z"),
    }[model](es)
    assert found.pooled is not None
    assert found.pooled.beta == pytest.approx(fit.beta[0], rel=1e-9)
    assert found.pooled.se == pytest.approx(fit.se[0], rel=1e-9)
    assert (found.test, found.pooled.pi_lb, found.pooled.tau2) == ("z", None, None)


def test_listed_results_are_never_pooled(folder: Path):
    spec(folder, "side", 'title = "Side"\noutcome = "relapse"\nmeasure = "OR"\nmodel = "none"\n')
    found = result(folder, "side")
    assert (found.presentation, found.pooled, len(found.studies)) == ("listed", None, 5)
    direct = {line.key: line.yi for line in result(folder, "relapse").studies}
    assert {line.key: line.yi for line in found.studies} == direct  # arms stand the same way round


def test_an_impossible_analysis_says_why_at_its_place(folder: Path):
    spec(folder, "bad", 'title = "Bad"\noutcome = "relapse"\nmeasure = "MD"\n')
    found = result(folder, "bad")
    assert found.presentation == "failed"
    assert found.problems[0]["file"] == "analyses/bad.toml"


def test_the_same_people_are_never_pooled_twice(folder: Path):
    toml = folder / "studies/trial-b/study.toml"
    toml.write_text('companion_of = "trial-a"\n' + toml.read_text())
    found = result(folder, "relapse")
    assert (found.presentation, found.pooled) == ("failed", None)
    assert "E412" in {item["code"] for item in found.problems}


def number(value: float) -> Number:
    return Number(text=str(value), value=value)


@pytest.mark.parametrize(
    ("measure", "estimate", "ends", "yi"),
    [
        ("HR", 0.8, (0.5, 1.28), log(0.8)),
        ("OR", 2.0, (1.0, 4.0), log(2)),
        ("MD", -3, (-5, -1), -3),
    ],
)
def test_reported_estimates(measure: str, estimate: float, ends: tuple[float, float], yi: float):
    row = Estimate(
        id="r",
        outcome="o",
        measure=measure,
        estimate=number(estimate),
        ci_lb=number(ends[0]),
        ci_ub=number(ends[1]),
    )
    asked = AnalysisSpec(id="a", title="A", outcome="o", measure=measure)
    line = effects([Contrast("s", "S", "r", estimate=row)], asked, measure)[0]
    width = log(ends[1] / ends[0]) if measure != "MD" else ends[1] - ends[0]
    assert line.yi == pytest.approx(yi)
    assert line.vi == pytest.approx((width / (2 * 1.959963984540054)) ** 2)
    assert line.estimate == pytest.approx(estimate)


def test_estimates_that_cannot_be_used_say_why():
    asked = AnalysisSpec(id="a", title="A", outcome="o", measure="OR")
    row = Estimate(id="r", outcome="o", measure="OR", estimate=number(1.2))
    line = effects([Contrast("s", "S", "r", estimate=row)], asked, "OR")[0]
    assert (line.yi, line.reason) == (None, "neither an interval nor a standard error is reported")
