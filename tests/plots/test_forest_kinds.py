"""Forest and funnel plots of everything that is made of a fit say what it says."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import probatum as pb
from probatum.plots.display import number as in_words
from probatum.plots.forest_fit import Wanted
from probatum.plots.forest_plot import forest_table
from probatum.plots.scene import Circle, Curve, Polygon, Text
from probatum.plots.table import Bar, Diamond, Heading, Note, StudyRow

CELLS = {
    "ai": [4, 6, 3, 62, 33, 180],
    "bi": [119, 300, 228, 13536, 5036, 1361],
    "ci": [11, 29, 11, 248, 47, 372],
    "di": [128, 274, 209, 12619, 5761, 1079],
}
SLAB = ["Aronson 1948", "Ferguson 1949", "Rosenthal 1960", "Hart 1977", "Moller 1973", "Stein 1953"]
ES = pb.effect_sizes(measure="OR", slab=SLAB, **CELLS)
GROUP = ["b", "a", "b", "a", "b", "a"]


def rows(fit: Any, kind: type, **wanted: Any) -> list[Any]:
    return [row for row in forest_table(fit, Wanted(**wanted)).rows if isinstance(row, kind)]


def texts(figure: Any) -> list[str]:
    return [i.text for i in figure.scene.items if isinstance(i, Text)]


def test_subgroups_stand_under_their_names_with_their_own_diamonds() -> None:
    found = pb.subgroups(ES, GROUP)
    table = forest_table(found, Wanted())
    kinds = [(type(r).__name__, r.label) for r in table.rows if not isinstance(r, Note)]
    assert [label for kind, label in kinds if kind != "Diamond"][:8] == [
        "b", "Aronson 1948", "Rosenthal 1960", "Moller 1973",
        "a", "Ferguson 1949", "Hart 1977", "Stein 1953",
    ]  # fmt: skip
    pooled = rows(found, Diamond)
    assert [d.estimate for d in pooled] == pytest.approx(
        [np.exp(f.beta[0]) for f in (*found.fits, found.whole)]
    )
    assert sum(r.weight for r in rows(found, StudyRow)) == pytest.approx(100)
    assert found.whole.beta[0] == pytest.approx(pb.pool(ES).beta[0])
    notes = [n.text.replace("\N{NO-BREAK SPACE}", " ") for n in rows(found, Note)]
    assert any(n.startswith(f"Differences between subgroups: Q = {found.QM:.2f}") for n in notes)


def test_rows_in_no_subgroup_are_shown_and_not_pooled() -> None:
    found = pb.subgroups(ES, [*GROUP[:5], None], common_tau2=True)
    assert rows(found, Heading)[-1].label.startswith("In no subgroup")
    last = rows(found, StudyRow)[-1]
    assert (last.label, last.weight) == ("Stein 1953", None)
    assert "not estimable" not in last.text
    assert found.whole.k == 5
    assert found.joint is not None
    assert rows(found, Diamond)[0].estimate == pytest.approx(np.exp(found.joint.beta[0]))
    assert any("F = " in n.text.replace("\N{NO-BREAK SPACE}", " ") for n in rows(found, Note))


MULTI = pb.pool_multilevel(
    ES, random="~ 1 | team/trial", data={"team": ["x", "y", "x", "z", "y", "x"], "trial": range(6)}
)


def test_estimates_of_a_multilevel_fit_stand_under_their_cluster() -> None:
    table = forest_table(MULTI, Wanted())
    shown = [r.label for r in table.rows if isinstance(r, Heading | StudyRow)]
    assert shown == [
        "x", SLAB[0], SLAB[2], SLAB[5], "y", SLAB[1], SLAB[4], SLAB[3],
    ]  # fmt: skip
    indented = [r.label for r in rows(MULTI, StudyRow) if r.indented]
    assert indented == [SLAB[i] for i in (0, 2, 5, 1, 4)]
    (pooled,) = rows(MULTI, Diamond)
    spread = MULTI.predict(transf="exp")
    assert (pooled.estimate, pooled.ci_lb, pooled.ci_ub) == pytest.approx(
        [float(v[0]) for v in (spread.pred, spread.ci_lb, spread.ci_ub)]
    )
    words = " ".join(n.text for n in rows(MULTI, Note)).replace("\N{NO-BREAK SPACE}", " ")
    for component in MULTI.components:
        assert f"σ² {component.term} = " in words
    assert not table.weights


def test_a_cluster_that_is_left_out_is_a_row() -> None:
    found = pb.leave1out(MULTI)
    assert [r.label for r in rows(found, StudyRow)] == ["x", "y", "z"]
    assert [r.estimate for r in rows(found, StudyRow)] == pytest.approx(np.exp(found.beta[:, 0]))
    assert "Leave-one-cluster-out" in pb.forest(found).scene.title


def test_a_bayesian_fit_shows_each_studys_posterior() -> None:
    fit = pb.pool_bayes(ES)
    assert fit.data is ES
    drawn = rows(fit, StudyRow)
    for row, study in zip(drawn, fit.shrinkage()):
        assert row.model == pytest.approx(
            tuple(np.exp([study["median"], study["ci_lb"], study["ci_ub"]]))
        )
        assert row.cells[-1].startswith(f"{np.exp(study['median']):.2f} [")
    (pooled,) = rows(fit, Diamond)
    assert pooled.estimate == pytest.approx(np.exp(fit.beta[0]))
    (spread,) = rows(fit, Bar)
    assert (spread.lb, spread.ub) == pytest.approx(np.exp(fit.predictive().shortest(95)))


def test_rows_that_a_bayesian_fit_left_out_have_no_posterior() -> None:
    fit = pb.pool_bayes([0.1, np.nan, 0.3], [0.02, 0.03, 0.02])
    assert [row.cells[-1] for row in rows(fit, StudyRow)][1] == "–"
    assert "not estimable" in texts(pb.forest(fit))


def test_a_location_scale_fit_shows_each_studys_own_variance() -> None:
    x = np.arange(6.0)
    fit = pb.pool_location_scale(ES, scale=x)
    assert [row.cells[-1] for row in rows(fit, StudyRow)] == [in_words(float(t)) for t in fit.tau2]
    (pooled,) = rows(fit, Diamond)
    assert (pooled.estimate, pooled.ci_ub) == pytest.approx(np.exp([fit.beta[0], fit.ci_ub[0]]))
    weights = 1 / (fit.vi + fit.tau2)
    assert [row.weight for row in rows(fit, StudyRow)] == pytest.approx(
        (100 * weights / weights.sum()).tolist()
    )
    line = pb.pool_location_scale(ES, mods=x, scale=x)
    assert [row.model[0] for row in rows(line, StudyRow)] == pytest.approx(
        np.exp(line.X @ line.beta)
    )
    assert not rows(line, Diamond)
    with pytest.raises(pb.BadInput, match="labels"):
        pb.forest(line, slab=["x"])


def test_a_robust_fit_shows_its_own_interval() -> None:
    robust = pb.robust(pb.pool(ES), ["x", "y", "x", "z", "y", "x"])
    (pooled,) = rows(robust, Diamond)
    assert (pooled.ci_lb, pooled.ci_ub) == pytest.approx(np.exp([robust.ci_lb[0], robust.ci_ub[0]]))
    assert "3 clusters" in pooled.label
    assert pb.forest(robust).scene.desc.count(f"{pooled.label} {pooled.text}") == 1
    assert f"{np.exp(robust.fit.ci_lb[0]):.2f}," not in pb.forest(robust).scene.desc


def test_open_circles_are_what_the_model_says() -> None:
    fit = pb.pool(ES)
    shrunken = [row.model for row in rows(fit, StudyRow, shrunken=True)]
    found = pb.blup(fit)
    assert [m[0] for m in shrunken] == pytest.approx(np.exp(found.pred))
    assert [m[2] for m in shrunken] == pytest.approx(np.exp(found.pi_ub))
    line = pb.pool(ES, mods=np.arange(6.0))
    fitted = [row.model[0] for row in rows(line, StudyRow)]
    assert fitted == pytest.approx(np.exp(line.X @ line.beta))
    circles = [i for i in pb.forest(line).scene.items if isinstance(i, Circle)]
    assert len(circles) == 6
    assert rows(pb.pool(ES), StudyRow)[0].model is None


@pytest.mark.parametrize("predtype", ["HTS", "hk-pr"])
def test_the_prediction_interval_follows_a_named_convention(predtype: str) -> None:
    fit = pb.pool(ES)
    (bar,) = rows(fit, Bar, predtype=predtype)
    spread = fit.predict(predtype=predtype, transf="exp")
    assert (bar.lb, bar.ub) == pytest.approx([spread.pi_lb[0], spread.pi_ub[0]])
    assert predtype.upper() in bar.label


def test_studies_stand_in_the_order_that_is_asked_for() -> None:
    fit = pb.pool(ES)
    by_estimate = [row.estimate for row in rows(fit, StudyRow, order="estimate")]
    assert by_estimate == sorted(by_estimate)
    weights = [row.weight for row in rows(fit, StudyRow, order="precision")]
    assert weights == sorted(weights, reverse=True)
    years = [1948, 1949, None, 1977, 1973, 1953]
    assert [row.label for row in rows(fit, StudyRow, order=years)] == [
        SLAB[i] for i in (0, 1, 5, 4, 3, 2)
    ]
    grouped = rows(pb.subgroups(ES, GROUP), StudyRow, order="estimate")
    for part in (grouped[:3], grouped[3:]):
        assert part == sorted(part, key=lambda row: row.estimate)
    with pytest.raises(pb.UnknownOption, match="order"):
        pb.forest(fit, order="size")
    with pytest.raises(pb.BadInput, match="2 values for 6 rows"):
        pb.forest(fit, order=[1, 2])


def test_rows_without_an_estimate_come_last_in_order() -> None:
    fit = pb.pool([0.3, np.nan, 0.1], [0.1, 0.1, 0.1], slab=["a", "b", "c"])
    assert [row.label for row in rows(fit, StudyRow, order="estimate")] == ["c", "a", "b"]


def test_patients_of_series_have_a_row_a_series_and_a_diamond_a_stage() -> None:
    found = pb.pool_patients(
        {
            "series": ["a", "a", "a", "b", "b", "c", "c", "c", "d"],
            "change": [-8, -6, -11, -4, -2, -13, -17, -9, -11],
        },
        series="series",
        change="change",
    )
    assert [row.label for row in rows(found, StudyRow)] == ["a", "b", "c", "d"]
    drawn = rows(found, Diamond)
    for diamond, row in zip(drawn, found.table(), strict=True):
        assert (diamond.estimate, diamond.ci_lb) == pytest.approx((row["estimate"], row["ci_lb"]))
        assert f"{row['series']} series, {row['patients']} patients" in diamond.label
    assert [n.text for n in rows(found, Note)] == list(found.assumptions)


@pytest.mark.parametrize(
    ("fit", "label"),
    [
        (pb.pool_mh(ES), "Pooled (Mantel-Haenszel)"),
        (pb.pool_peto(ES), "Pooled (Peto)"),
        (pb.pool_glmm(ES), "Pooled (UM.FS, ML)"),
        (pb.pool_beta_binomial(ES), "Pooled (beta-binomial, ML)"),
        (pb.pool(ES, method="DL"), "Pooled (DL)"),
    ],
)
def test_a_diamond_says_how_it_was_pooled(fit: Any, label: str) -> None:
    assert rows(fit, Diamond)[0].label == label
    assert "4/123" in texts(pb.forest(fit))


def test_a_plain_forest_plot_loads_no_other_models() -> None:
    code = (
        "import sys, probatum as pb; pb.forest(pb.pool([0.1, 0.3], [0.1, 0.1])); "
        "print([m for m in sys.modules if 'patients' in m or 'multilevel' in m or 'bayes' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_labels_are_counted_for_every_kind() -> None:
    for fit in (MULTI, pb.pool_bayes(ES), pb.subgroups(ES, GROUP), pb.leave1out(pb.pool(ES))):
        with pytest.raises(pb.BadInput, match="labels for"):
            pb.forest(fit, slab=["only one"])


@pytest.mark.parametrize("narrow", [False, True])
def test_many_subgroups_and_clusters_are_drawn_at_every_width(narrow: bool) -> None:
    k = 24
    es = pb.EffectSizes(
        np.linspace(-1, 1, k), np.full(k, 0.04), slab=tuple(f"S{i}" for i in range(k))
    )
    found = pb.subgroups(es, [f"group {i // 2}" for i in range(k)], method="EE", test="z")
    figure = pb.forest(found, narrow=narrow)
    assert sum(isinstance(i, Polygon) and i.fill == "ink" for i in figure.scene.items) == 13


def curves(figure: Any) -> list[Curve]:
    return [i for i in figure.scene.items if isinstance(i, Curve)]


def test_lines_of_small_study_models_end_at_their_estimate() -> None:
    fit = pb.pool(ES)
    limit, both = pb.limitmeta(fit), pb.petpeese(fit)
    assert limit.at(0.0) == pytest.approx(limit.estimate)
    assert both.at(0.0) == pytest.approx(both.estimate)
    assert both.at(0.5, "PEESE") == pytest.approx(both.peese.beta[0] + 0.25 * both.peese.beta[1])
    assert f"to {np.exp(limit.estimate):.2f}" in pb.funnel(limit).scene.desc
    assert len(curves(pb.funnel(limit))) == 1
    assert sorted(c.dash for c in curves(pb.funnel(both))) == ["", "2 3"]
    assert not curves(pb.funnel(fit))


def test_a_multilevel_regression_has_a_bubble_plot() -> None:
    data = {"team": ["x", "y", "x", "z", "y", "x"], "arm": ["p", "q"] * 3, "year": range(6)}
    fit = pb.pool_multilevel(ES, random="~ 1 | team", mods="~ year", data=data)
    figure = pb.bubble(fit)
    assert "6 estimates" in figure.scene.desc
    assert any("prediction" in text for text in texts(figure))
    own = pb.pool_multilevel(ES, random="~ arm | team", struct="DIAG", mods="~ year", data=data)
    assert not any("prediction" in text for text in texts(pb.bubble(own)))


def test_a_multilevel_fit_has_a_funnel_of_its_estimates() -> None:
    figure = pb.funnel(MULTI)
    assert "6 estimates" in figure.scene.desc
    assert sum(isinstance(i, Circle) for i in figure.scene.items) == 6


def test_a_selection_plot_runs_through_the_weights() -> None:
    yi = [0.1, 0.5, 0.7, 0.3, 0.9, 0.4, 0.6, 1.1, 0.05, 0.2]
    vi = [0.01, 0.05, 0.08, 0.03, 0.2, 0.04, 0.06, 0.3, 0.02, 0.03]
    steps = pb.selmodel(pb.pool(yi, vi), steps=[0.025, 0.2])
    figure = pb.selection_plot(steps)
    (line,) = curves(figure)
    heights = sorted({round(y, 6) for _, y in line.points}, reverse=True)
    assert len(heights) == len(set(steps.delta))
    assert steps.weight([0.0, 0.025, 0.026, 0.2, 0.9]).tolist() == pytest.approx(
        [steps.delta[i] for i in (0, 0, 1, 1, 2)]
    )
    smooth = pb.selmodel(pb.pool(yi, vi), "negexp", steps=[0.025])
    assert smooth.weight([0.01, 0.3]).tolist() == pytest.approx(
        [1.0, np.exp(-smooth.delta[0] * (0.3 - 0.025))]
    )
    assert len(steps.observed()) == 10
    assert "negative exponential" in texts(pb.selection_plot(smooth))
