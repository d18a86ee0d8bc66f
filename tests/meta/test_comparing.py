"""Likelihood ratios, contrasts, inflation factors and subgroups, against metafor and by algebra."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probatum as pb

FILE = Path(__file__).parents[2] / "validation" / "comparing.json"
PINNED = json.loads(FILE.read_text(encoding="utf-8"))
YI = np.array([0.1, 0.9, 0.5, 0.2, 0.7, 0.35, 0.6, 0.05])
VI = np.array([0.01, 0.02, 0.03, 0.02, 0.04, 0.02, 0.03, 0.01])
X = np.array([1.0, 4, 2, 1, 3, 2, 3, 1])


def test_wald_of_all_moderators_is_the_omnibus_test() -> None:
    two = np.column_stack([X, X**2])
    for test in ("z", "knha"):
        fit = pb.pool(YI, VI, mods=two, test=test)
        found = pb.wald_test(fit, [1, 2])
        assert (found.QM, found.QMp) == pytest.approx((fit.QM, fit.QMp), rel=1e-9)
    row = pb.wald_test(fit, [0.0, 1.0, 0.0])
    assert row.ci_lb[0] == pytest.approx(fit.ci_lb[1], rel=1e-9)


def test_anova_of_heterogeneity() -> None:
    random, fixed = pb.pool(YI, VI, method="ML", test="z"), pb.pool(YI, VI, method="EE", test="z")
    ratio = pb.anova(random, fixed)
    assert ratio.df == 1
    assert pytest.approx(2 * (random.ll - fixed.ll)) == ratio.LRT


def test_anova_of_multilevel_fits() -> None:
    data = {"y": YI, "v": VI, "g": list("aabbccdd"), "i": list(range(8)), "x": X}
    two = {"random": "~ 1 | g/i", "data": data, "method": "ML"}
    full = pb.pool_multilevel("y", "v", mods="~ x", **two)
    null = pb.pool_multilevel("y", "v", **two)
    ratio = pb.anova(full, null)
    assert (ratio.df, ratio.LRT) == (1, pytest.approx(2 * (full.ll - null.ll)))
    assert np.isnan(ratio.R2)
    held = pb.pool_multilevel("y", "v", sigma2=[0, None], **two)
    flat = pb.pool(YI, VI, method="ML", test="z")  # the same model
    assert pb.anova(null, held).df == pb.anova(null, flat).df == 1
    assert pytest.approx(pb.anova(null, flat).LRT, abs=1e-8) == pb.anova(null, held).LRT
    V = [np.array([[0.02, 0.01], [0.01, 0.02]])] * 4
    with pytest.raises(pb.BadInput, match="sampling variances"):
        pb.anova(full, pb.pool_multilevel("y", V, **two))
    with pytest.raises(pb.BadInput, match="nothing to test"):
        pb.anova(full, full)


def test_subgroups_with_their_own_tau2() -> None:
    es = pb.effect_sizes(measure="GEN", yi=YI, vi=VI)
    group = ["a", "b"] * 4
    found = pb.subgroups(es, group, method="DL", test="z")
    a, b = (pb.pool(YI[i::2], VI[i::2], method="DL", test="z") for i in (0, 1))
    z = (a.beta[0] - b.beta[0]) / np.hypot(a.se[0], b.se[0])
    assert pytest.approx(z**2) == found.QM
    assert [r["k"] for r in found.tidy()] == [4, 4]
    assert found.tidy()[1]["estimate"] == pytest.approx(b.beta[0])


def test_subgroups_with_a_common_tau2() -> None:
    es = pb.effect_sizes(measure="GEN", yi=YI, vi=VI)
    found = pb.subgroups(es, {"g": ["a", "b"] * 4}["g"], common_tau2=True)
    usual = pb.pool(YI, VI, mods=np.array([0.0, 1.0] * 4))
    assert (found.QM, found.QMp) == pytest.approx((usual.QM, usual.QMp), rel=1e-8)
    assert found.tidy()[0]["tau2"] == pytest.approx(usual.tau2, rel=1e-8)
    assert found.tidy()[0]["estimate"] == pytest.approx(usual.beta[0], rel=1e-8)


def test_bad_input_is_told() -> None:
    fit, null = pb.pool(YI, VI, mods=X), pb.pool(YI, VI)
    with pytest.raises(pb.BadInput, match='method="ML"'):
        pb.anova(fit, null)
    with pytest.raises(pb.BadInput, match="different estimates"):
        pb.anova(fit, pb.pool(YI[1:], VI[1:]))
    ml = pb.pool(YI, VI, mods=X, method="ML", test="z")
    with pytest.raises(pb.BadInput, match="isn't nested"):
        pb.anova(ml, pb.pool(YI, VI, mods=X**2, method="ML", test="z"))
    with pytest.raises(pb.BadInput, match="nothing to test"):
        pb.anova(ml, ml)
    with pytest.raises(pb.BadInput, match="0 to 1"):
        pb.wald_test(fit, [5])
    with pytest.raises(pb.BadInput, match="depend on one another"):
        pb.wald_test(fit, [[1.0, 0.0], [2.0, 0.0]])
    with pytest.raises(pb.BadInput, match="no moderators"):
        pb.vif(null)
    with pytest.raises(pb.BadInput, match="needs two"):
        pb.subgroups(pb.effect_sizes(measure="GEN", yi=YI, vi=VI), ["a"] * 8)


def _three(mods: str, method: str, **options: Any) -> pb.MultilevelFit:
    random = options.pop("random", "~ 1 | district/school")
    return pb.pool_multilevel(
        "yi", "vi", mods=mods, random=random, data=PINNED["kon"], method=method, **options
    )


def test_inflation_of_both_kinds_of_fit_is_metafors() -> None:
    mods = "~ random + systematic + ablat + when"
    one = pb.pool("yi", "vi", mods=mods, data=PINNED["bcg"], test="z")
    many = _three("~ when + size + mixed", "REML")
    for fit, name, group in ((one, "vif_uni", [1, 2]), (many, "vif_multilevel", [2, 3])):
        asked = PINNED[name]
        assert list(pb.vif(fit).values()) == pytest.approx(asked["vif"], rel=1e-5)
        assert list(pb.vif(fit, groups=[group]).values()) == pytest.approx(
            [asked["gvif"]], rel=1e-5
        )


def test_likelihood_ratios_of_three_levels_are_metafors() -> None:
    full, less = _three("~ when + size + mixed", "ML"), _three("~ when", "ML")
    flat = _three("~ when", "ML", random="~ 1 | district")
    for name, ratio in (("mods", pb.anova(full, less)), ("random", pb.anova(less, flat))):
        asked = PINNED["ratios"][name]
        assert (ratio.LRT, ratio.pval) == pytest.approx((asked["LRT"], asked["pval"]), rel=1e-6)
        assert ratio.df == asked["df"]


@pytest.mark.parametrize("test", ["z", "t"])
def test_contrasts_of_three_levels_are_metafors(test: str) -> None:
    found = pb.wald_test(_three("~ when + size + mixed", "REML", test=test), PINNED["contrasts"])
    asked = PINNED[f"wald_{test}"]
    for name in ("estimate", "se", "zval", "pval"):
        assert getattr(found, name) == pytest.approx(asked[name], rel=1e-5)
    assert (found.QM, found.QMp) == pytest.approx((asked["QM"], asked["QMp"]), rel=1e-5)


def test_subgroups_of_the_vaccine_trials_are_metafors() -> None:
    bcg, asked = PINNED["bcg"], PINNED["subgroups"]
    es = pb.effect_sizes(measure="GEN", yi=bcg["yi"], vi=bcg["vi"])
    found = pb.subgroups(es, bcg["alloc"], test="z")
    rows = {row["subgroup"]: row for row in found.tidy()}
    assert set(rows) == set(asked["names"])
    for name, key in (("tau2", "tau2"), ("estimate", "estimate"), ("std_error", "se")):
        assert [rows[g][name] for g in asked["names"]] == pytest.approx(asked[key], rel=1e-6)
    assert (found.QM, found.QMp) == pytest.approx((asked["QM"], asked["QMp"]), rel=1e-6)
    common = pb.subgroups(es, bcg["alloc"], test="z", common_tau2=True)
    asked = PINNED["common"]
    assert common.tidy()[0]["tau2"] == pytest.approx(asked["tau2"], rel=1e-6)
    assert (common.QM, common.QMp) == pytest.approx((asked["QM"], asked["QMp"]), rel=1e-6)
