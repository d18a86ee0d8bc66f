"""Figures drawn from a fit say what the fit says."""

from __future__ import annotations

import numpy as np
import pytest

import probatum as pb
from probatum.plots.scene import Circle, Polygon, Text

TABLES = {
    "ai": [4, 6, 3, 62],
    "bi": [119, 300, 228, 13536],
    "ci": [11, 29, 11, 248],
    "di": [128, 274, 209, 12619],
}
SLAB = ["Aronson 1948", "Ferguson 1949", "Rosenthal 1960", "Hart 1977"]


def texts(figure: object) -> list[str]:
    return [i.text for i in figure.scene.items if isinstance(i, Text)]  # type: ignore[attr-defined]


def test_a_forest_of_ratios_shows_ratios_counts_and_the_prediction_interval() -> None:
    fit = pb.pool(pb.effect_sizes(measure="RR", slab=SLAB, **TABLES), test="z")
    shown = texts(pb.forest(fit))
    pooled, spread = fit.predict(transf="exp"), fit.predict(transf="exp")
    assert {"4/123", "11/139", "Risk ratio [95% CI]", *SLAB} <= set(shown)
    words = f"{pooled.pred[0]:.2f} [{pooled.ci_lb[0]:.2f}, {pooled.ci_ub[0]:.2f}]"
    assert words in shown
    if fit.tau2 > 0:
        assert f"[{spread.pi_lb[0]:.2f}, {spread.pi_ub[0]:.2f}]" in shown
    assert "0.41 [0.13, 1.26]" in shown  # Aronson 1948, as metafor's forest prints it


@pytest.mark.parametrize(
    ("measure", "cells", "heads", "first"),
    [
        (
            "MD",
            {"m1i": [4.2, 6], "sd1i": [1.1, 2], "n1i": [20, 30]}
            | {"m2i": [5, 7], "sd2i": [1, 2], "n2i": [22, 31]},
            ["Group 1", "mean (SD), n", "Group 2", "mean (SD), n"],
            ["4.2 (1.1), 20", "5 (1), 22"],
        ),
        (
            "IRR",
            {"x1i": [4, 6], "t1i": [100, 200.5], "x2i": [9, 8], "t2i": [110, 210]},
            ["Group 1", "events/time", "Group 2", "events/time"],
            ["4/100", "9/110"],
        ),
        ("PLO", {"xi": [5, 9], "ni": [50, 60]}, ["Events/n"], ["5/50"]),
        ("ZCOR", {"ri": [0.1, 0.3], "ni": [30, 50]}, ["n"], ["30"]),
    ],
)
def test_arms_numbers_are_shown_when_the_effects_were_made_of_them(
    measure: str, cells: dict[str, list[float]], heads: list[str], first: list[str]
) -> None:
    fit = pb.pool(pb.effect_sizes(measure=measure, **cells))
    shown = texts(pb.forest(fit))
    assert set(heads) | set(first) <= set(shown)
    assert not set(first) & set(texts(pb.forest(fit, cells=False)))


def test_counts_keep_all_their_digits() -> None:
    es = pb.effect_sizes(
        measure="RR", ai=[12, 30], n1i=[1234567, 2000001], ci=[20, 44], n2i=[1234568, 1999999]
    )
    assert {"12/1234567", "44/1999999"} <= set(texts(pb.forest(pb.pool(es))))


def test_intervals_of_studies_follow_the_fits_level() -> None:
    es = pb.effect_sizes(measure="GEN", yi=[0.0, 1.0], vi=[1.0, 1.0])
    shown = texts(pb.forest(pb.pool(es, level=90)))
    assert "0.00 [−1.64, 1.64]" in shown
    assert any("90% CI" in t for t in shown)


def test_a_prediction_interval_is_drawn_where_effects_vary() -> None:
    fit = pb.pool([0.1, 0.9, -0.7, 0.5], [0.01, 0.01, 0.01, 0.02])
    spread = fit.predict()
    words = f"[{spread.pi_lb[0]:.2f}, {spread.pi_ub[0]:.2f}]".replace("-", "−")
    assert words in texts(pb.forest(fit))


@pytest.mark.parametrize("measure", ["PR", "PLN", "PLO", "PAS", "PFT"])
def test_every_proportion_is_shown_in_percent(measure: str) -> None:
    es = pb.effect_sizes(measure=measure, xi=[5, 20, 30], ni=[100, 200, 120])
    shown = texts(pb.forest(pb.pool(es)))
    assert any(t.startswith("5.00% [") for t in shown)
    assert any(t.startswith("25.0% [") for t in shown)


def test_rows_that_cannot_be_pooled_are_said_not_hidden() -> None:
    es = pb.effect_sizes(measure="GEN", yi=[0.1, np.nan, 0.3], vi=[0.1, 0.1, 0.2])
    shown = texts(pb.forest(pb.pool(es)))
    assert "not estimable" in shown
    assert any("1 of 3 rows" in t for t in shown)


def test_one_study_has_no_heterogeneity() -> None:
    shown = texts(pb.forest(pb.pool([0.5], [0.1])))
    assert not any("nan" in t or "Heterogeneity" in t for t in shown)


def test_a_meta_regression_draws_studies_without_a_diamond() -> None:
    fit = pb.pool([0.1, 0.3, 0.5, 0.2], [0.1] * 4, mods=np.arange(4.0)[:, None])
    figure = pb.forest(fit)
    assert any("moderators" in t for t in texts(figure))
    assert not any(isinstance(i, Polygon) and i.fill == "ink" for i in figure.scene.items)
    with pytest.raises(pb.BadInput, match="moderators"):
        pb.funnel(fit)


def test_options_are_checked() -> None:
    fit = pb.pool([0.1, 0.3], [0.1, 0.1])
    with pytest.raises(pb.BadInput, match="3 labels for 2 rows"):
        pb.forest(fit, slab=["a", "b", "c"])
    with pytest.raises(pb.UnknownOption, match="transf"):
        pb.forest(fit, transf="exq")  # type: ignore[arg-type]


def test_a_funnel_has_a_point_for_every_study_and_contours_only_around_a_null() -> None:
    ratio = pb.funnel(pb.pool(pb.effect_sizes(measure="OR", **TABLES)))
    share = pb.funnel(pb.pool(pb.effect_sizes(measure="PLO", xi=[5, 9, 12], ni=[50, 60, 70])))
    assert sum(isinstance(i, Circle) for i in ratio.scene.items) == 4
    assert any("p >" in t for t in texts(ratio))
    assert not any("p >" in t for t in texts(share))


def test_studies_outside_the_funnel_can_be_named() -> None:
    fit = pb.pool([0.1, 0.3, 0.2, 2.0], [0.01, 0.3, 0.2, 0.2], slab=list("abcd"), method="EE")
    reach = 1.96 * np.sqrt(fit.data.vi)
    far = {s for s, out in zip("abcd", np.abs(fit.data.yi - fit.beta[0]) > reach) if out}
    assert 0 < len(far) < 4
    assert {t for t in texts(pb.funnel(fit, label="outside")) if t in set("abcd")} == far
    assert {t for t in texts(pb.funnel(fit, label="all")) if t in set("abcd")} == set("abcd")
    assert not [t for t in texts(pb.funnel(fit)) if t in set("abcd")]
    filled = pb.trimfill(fit)
    made = {name for name, new in zip(filled.fit.data.slab, filled.filled) if new}
    assert made
    assert not made & set(texts(pb.funnel(filled, label="all")))
    with pytest.raises(pb.UnknownOption, match="label"):
        pb.funnel(fit, label="some")


def test_a_hundred_studies_keep_their_rows_apart() -> None:
    rng = np.random.default_rng(7)
    figure = pb.forest(pb.pool(rng.normal(size=120), rng.uniform(0.1, 1, 120)))
    named = [i for i in figure.scene.items if isinstance(i, Text) and i.mark == "id"]
    rows = [i.y for i in named if i.text.isdigit()]
    assert len(rows) == 120
    assert np.diff(rows).min() >= 20


@pytest.mark.parametrize("code", ["ZPHI", "ZCOR", "ABT", "OR", "PLO", "PR", "MNLN", "ZR2"])
def test_an_axis_is_named_after_the_scale_it_shows(code: str) -> None:
    from probatum.meta.measures import MEASURES
    from probatum.plots.display import Display

    es = pb.EffectSizes(np.array([0.1, 0.3]), np.array([0.1, 0.1]), measure=code)
    shown, name = Display(es, "auto"), MEASURES[code].display
    assert shown.name == name[:1].upper() + name[1:]
    assert shown.value(0.1) == pytest.approx(float(MEASURES[code].back(0.1)))
