"""Kenward-Roger tests against the paper's formulas with dense matrices, run in R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import f as F
from test_intervals import cases, fit_of

import probatum as pb

YI, VI, X = [0.1, 0.9, 0.5, 0.2, 0.4], [0.01, 0.02, 0.03, 0.02, 0.01], [1, 4, 2, 1, 3]


@pytest.mark.parametrize("case", cases("KR"))
def test_as_with_dense_matrices(case: dict[str, Any]) -> None:
    fit, ref = fit_of(case, test="kr"), case["result"]
    assert fit.tau2 == pytest.approx(case["tau2"], rel=1e-7, abs=1e-10)
    # numerical derivatives in R, and tau2 to its own tolerance
    assert fit.se == pytest.approx(np.atleast_1d(ref["se"]), rel=1e-6)
    assert fit.ddf == pytest.approx(np.atleast_1d(ref["df"]), rel=1e-6)
    assert fit.pval == pytest.approx(np.atleast_1d(ref["p"]), rel=1e-5)
    if ref["QM"] is not None and np.isfinite(fit.QM):
        assert (fit.QM, fit.QMp) == pytest.approx((ref["QM"], ref["QMp"]), rel=1e-5)
        assert fit.QMdf == pytest.approx(tuple(ref["QMdf"]), rel=1e-5)


def test_equal_variances_need_no_adjustment() -> None:
    # the exact t-test of a mean: its standard error and k - 1 degrees of freedom
    yi = np.array([0.3, -0.2, 0.9, 0.4])
    fit = pb.pool(yi, np.full(4, 0.01), test="kr")
    assert fit.se[0] == pytest.approx(yi.std(ddof=1) / 2, rel=1e-12)
    assert fit.dfs == pytest.approx(3.0, rel=1e-12)


def test_a_moderator_has_degrees_of_freedom_of_its_own() -> None:
    fit = pb.pool(YI, VI, mods=X, test="kr")
    assert np.isnan(fit.dfs)
    assert fit.ddf[0] != pytest.approx(fit.ddf[1], rel=1e-3)
    assert fit.QMdf == pytest.approx((1.0, fit.ddf[1]))
    assert pytest.approx(fit.zval[1] ** 2) == fit.QM
    both = pb.wald_test(fit, [0, 1])
    assert both.QMp == pytest.approx(F.sf(both.QM, *both.QMdf))
    line = fit.predict([2.5])
    again = pb.pool(YI, VI, mods=np.array(X) - 2.5, test="kr")
    assert (line.ci_lb[0], line.ci_ub[0]) == pytest.approx((again.ci_lb[0], again.ci_ub[0]))
    assert "Kenward-Roger" in fit.summary()


def test_many_and_refits_are_single_fits() -> None:
    yi = [YI, YI[:3], YI[1:], [0.2]]
    vi = [VI, VI[:3], VI[1:], [0.1]]
    many = pb.pool_many(yi=yi, vi=vi, test="kr")
    for i in range(4):
        one = pb.pool(yi[i], vi[i], test="kr")
        assert many.se[i] == pytest.approx(one.se[0], rel=1e-12)
        assert many.ci_ub[i] == pytest.approx(one.ci_ub[0], rel=1e-12)
    gone = pb.leave1out(pb.pool(YI, VI, test="kr"))
    one = pb.pool(YI[1:], VI[1:], test="kr")
    assert (gone.se[0], gone.ci_lb[0]) == pytest.approx((one.se[0], one.ci_lb[0]), rel=1e-12)


def test_it_holds_its_level_where_the_normal_interval_does_not() -> None:
    # six trials, tau2 several times a typical sampling variance
    rng = np.random.default_rng(2017)
    v = np.array([0.02, 0.03, 0.05, 0.05, 0.1, 0.15])
    y = rng.normal(0.0, np.sqrt(v + 0.3), size=(4000, 6))
    cover = {}
    for test in ("z", "kr"):
        found = pb.pool_many(yi=y, vi=np.broadcast_to(v, y.shape), test=test)
        cover[test] = np.mean((found.ci_lb < 0) & (found.ci_ub > 0))
    assert cover["z"] < 0.92
    assert 0.94 < cover["kr"] < 0.965


@pytest.mark.parametrize(
    "options", [{"method": "DL"}, {"method": "EE"}, {"weighted": False}], ids=str
)
def test_it_rests_on_weighted_reml(options: dict[str, Any]) -> None:
    with pytest.raises(pb.BadInput, match="Kenward-Roger"):
        pb.pool(YI, VI, test="kr", **options)


def test_one_row_needs_no_mean_of_f() -> None:
    # three studies of equal variance: 2 degrees of freedom, where F has no mean
    fit = pb.pool([0.0, 0.0, 1.0], [0.01, 0.01, 0.01], test="kr")
    assert fit.QMp == pytest.approx(fit.pval[0], rel=1e-12)
    assert fit.QMdf == pytest.approx((1, 2))
