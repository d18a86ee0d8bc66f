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


@pytest.mark.parametrize(("test", "predtype"), [("kr", "KR-PR"), ("adhoc", "HTS"), ("z", "NNF")])
def test_test_and_prediction_interval_can_be_chosen(folder: Path, test: str, predtype: str):
    import probatum as pb

    asked = f'test = "{test}"\npredtype = "{predtype}"\n'
    spec(folder, "asked", f'title = "A"\noutcome = "relapse"\nmeasure = "OR"\n{asked}')
    found = result(folder, "asked")
    cells = dict(zip(("ai", "n1i", "ci", "n2i"), zip(*small_review.ROWS.values())))
    fit = pb.pool(pb.effect_sizes(measure="OR", **cells), test=test)
    new = fit.predict(predtype=predtype)
    assert (found.test, found.predtype) == (test, predtype)
    assert found.pooled is not None
    shown = [found.pooled.ci_lb, found.pooled.ci_ub, found.pooled.pi_lb, found.pooled.pi_ub]
    limits = (fit.ci_lb[0], fit.ci_ub[0], new.pi_lb[0], new.pi_ub[0])
    assert shown == pytest.approx([exp(x) for x in limits], rel=1e-9)


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


def rows(folder: Path, letter: str, text: str) -> None:
    """Add rows to a trial's outcomes: ``id,arm,outcome,n,events,use`` each."""
    path = folder / f"studies/trial-{letter}/outcomes.csv"
    lines = [f"{line},main,p. 9,paper,true\n" for line in text.split()]
    path.write_text(path.read_text() + "".join(lines))


SIDE = 'title = "Side"\noutcome = "relapse"\nmeasure = "PLO"\nmodel = "none"\n[select]\n'


@pytest.mark.parametrize(
    ("added", "k", "n"),
    [
        ("s1,T,relapse,20,3,sensitivity", 1, 20),
        # three results of the same people
        ("s1,T,relapse,20,3,sensitivity s2,T,relapse,19,4,sensitivity", 1, 20),
        # two groups of one study
        ("s1,T,relapse,20,3,sensitivity s2,C,relapse,21,4,sensitivity", 1, 41),
        # the arms together, and one of them again
        ("s1,T+C,relapse,41,3,sensitivity s2,C,relapse,21,4,sensitivity", 1, 41),
    ],
)
def test_people_of_one_study_count_once(folder: Path, added: str, k: int, n: int):
    rows(folder, "a", added)
    spec(folder, "side", SIDE + 'use = ["sensitivity"]\n')
    found = result(folder, "side")
    assert found.presentation == "listed"
    assert (found.k, found.n) == (k, n)
    rows(folder, "b", "s9,T,relapse,30,3,sensitivity")
    found = result(folder, "side")
    assert (found.k, found.n) == (k + 1, n + 30)


def test_companions_and_overlaps_do_not_add_up(folder: Path):
    for letter in "ab":
        rows(folder, letter, f"s{letter},T,relapse,20,3,sensitivity")
    spec(folder, "side", SIDE + 'use = ["sensitivity"]\n')
    assert (result(folder, "side").k, result(folder, "side").n) == (2, 40)
    toml = folder / "studies/trial-b/study.toml"
    plain = toml.read_text()
    toml.write_text('companion_of = "trial-a"\n' + plain)
    assert (result(folder, "side").k, result(folder, "side").n) == (1, 20)
    toml.write_text('overlap = ["REG"]\n' + plain)
    other = folder / "studies/trial-a/study.toml"
    other.write_text('overlap = ["REG"]\n' + other.read_text())
    assert (result(folder, "side").k, result(folder, "side").n) == (2, None)


def test_no_events_of_the_same_people_are_not_added_up(folder: Path):
    """Twenty people without an event at two times are twenty people, not forty."""
    rows(folder, "a", "z1,T,harm,20,0,zero-event z2,T,harm,20,0,zero-event")
    asked = 'title = "Z"\noutcome = "harm"\nmeasure = "PR"\nmodel = "exact"\n[select]\n'
    spec(folder, "zero", asked + 'use = ["zero-event"]\n')
    found = result(folder, "zero")
    assert (found.presentation, found.zero, found.k, found.n) == ("exact", {}, 1, 20)
    assert any("same people" in text for text in found.warnings)
    assert [line.ci_ub for line in found.studies] == [
        pytest.approx(1 - 0.025 ** (1 / 20), rel=1e-10)
    ] * 2


def test_shares_side_by_side_are_as_counted(folder: Path):
    """None of thirty is none, not the one and a half percent of a continuity correction."""
    rows(folder, "a", "s1,T,relapse,30,0,sensitivity")
    rows(folder, "b", "s2,T,relapse,30,3,sensitivity")
    spec(folder, "side", SIDE + 'use = ["sensitivity"]\n')
    none, some = result(folder, "side").studies
    assert (none.estimate, none.ci_lb) == (0, 0)
    assert none.ci_ub == pytest.approx(1 - 0.025 ** (1 / 30), rel=1e-10)
    assert some.estimate == pytest.approx(0.1)
    assert (none.yi is not None, some.yi is not None) == (True, True)


def test_where_no_ratio_is_shown_none_is_named(folder: Path):
    for letter in "ab":
        path = folder / f"studies/trial-{letter}/outcomes.csv"
        text = path.read_text()
        path.write_text(text.replace(",2,main", ",0,main").replace(",1,main", ",0,main"))
    found = result(folder, "harm")  # of odds ratios
    assert (found.measure, found.measure_name, found.scale) == ("PR", "proportion", "proportion")


def test_a_number_that_was_not_read_in_the_paper_is_said(folder: Path):
    told = "Not every number could be read in the full paper"
    assert any(text.startswith(told) for text in result(folder, "relapse").warnings)
    path = folder / "review.toml"
    path.write_text(path.read_text().replace('name = "paper"', 'name = "paper"\nfull_text = true'))
    assert result(folder, "relapse").warnings == []
    # a row without a type of its own has that of its report
    table = folder / "studies/trial-a/outcomes.csv"
    table.write_text(table.read_text().replace("p. 3,paper", "p. 3,"))
    assert result(folder, "relapse").warnings == []
    path.write_text(path.read_text() + '\n[source_types.news]\nname = "news"\n')
    study = folder / "studies/trial-a/study.toml"
    study.write_text(study.read_text().replace('read = "paper"', 'read = "news"'))
    assert any(text.startswith(told) for text in result(folder, "relapse").warnings)


def test_a_study_that_cannot_be_read_is_said_at_every_result(folder: Path):
    (folder / "studies/trial-e/study.toml").write_text("title = \n")
    for name in ("relapse", "harm"):
        assert any("can't be read at present" in text for text in result(folder, name).warnings)


def test_a_damaged_row_of_three_arms_is_told_at_the_analysis(folder: Path):
    toml = folder / "studies/trial-a/study.toml"
    toml.write_text(toml.read_text() + '\n[[arms]]\nid = "P"\nlabel = "other"\nrole = "control"\n')
    rows(folder, "a", "a1,P,relapse,20,30,main")
    found = result(folder, "relapse")
    assert (found.presentation, found.pooled) == ("failed", None)
    assert [(item["code"], item["file"]) for item in found.problems] == [
        ("E423", "analyses/relapse.toml")
    ]
    assert [item["row"] for item in found.excluded] == ["a1"]


@pytest.mark.parametrize(
    ("measure", "value", "limits", "yi"),
    [
        ("ROM", 1.5, (1.2, 1.875), log(1.5)),  # a ratio, so on the log scale
        ("IRLN", 0.2, (0.1, 0.4), log(0.2)),
        ("PLO", 0.2, (0.1, 0.4), log(0.2 / 0.8)),
        ("ZCOR", 0.5, (0.2, 0.7), log(1.5 / 0.5) / 2),
        ("PFT", 0.2, (0.1, 0.4), None),  # its scale depends on how many people there are
    ],
)
def test_reported_estimates_of_other_scales(
    measure: str, value: float, limits: tuple[float, float], yi: float | None
):
    row = Estimate(
        id="r",
        outcome="o",
        measure=measure,
        estimate=number(value),
        ci_lb=number(limits[0]),
        ci_ub=number(limits[1]),
    )
    asked = AnalysisSpec(id="a", title="A", outcome="o", measure=measure)
    line = effects([Contrast("s", "S", "r", estimate=row)], asked, measure)[0]
    assert line.yi == (None if yi is None else pytest.approx(yi))
    assert line.estimate == (None if yi is None else value)
    assert ("can't be taken" in line.reason) == (yi is None)
