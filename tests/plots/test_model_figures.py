"""Profiles of multilevel fits, posteriors, and prediction intervals by every convention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import probatum as pb
from probatum.meta.prediction_types import PREDICTION_TYPES
from probatum.plots.scene import Circle, Curve, Line, Polygon, Text

YI = [0.1, 0.5, 0.6, -0.2, 0.9, 0.1, 0.4, 0.7]
VI = [0.02, 0.03, 0.02, 0.04, 0.02, 0.03, 0.05, 0.02]
STUDY = [1, 1, 2, 3, 4, 5, 2, 4]
MULTI = pb.pool_multilevel(YI, VI, random="~ 1 | study/row", data={"study": STUDY, "row": range(8)})


def items(figure: Any, kind: type) -> list[Any]:
    return [i for i in figure.scene.items if isinstance(i, kind)]


def test_profiles_are_highest_at_the_estimate_and_cross_where_confint_says() -> None:
    limits = MULTI.confint()
    for i, curve in enumerate(MULTI.profiles()):
        assert curve.ll.max() == pytest.approx(MULTI.ll, abs=1e-9)
        assert curve.at[np.argmax(curve.ll)] == pytest.approx(limits.estimate[i], abs=1e-6)
        assert (curve.ci_lb, curve.ci_ub) == pytest.approx((limits.ci_lb[i], limits.ci_ub[i]))
        assert np.all(np.diff(curve.at) > 0)
        # 1.92 below the top at the limits, as far as the curve's pieces can tell
        assert np.interp(curve.ci_ub, curve.at, curve.ll) == pytest.approx(
            MULTI.ll - 1.92, abs=0.03
        )


def test_a_profile_of_one_variance_is_that_of_the_plain_model() -> None:
    plain = pb.pool(YI, VI)
    (curve,) = pb.pool_multilevel(YI, VI, random="~ 1 | row", data={"row": range(8)}).profiles()
    there = pb.profile(plain, curve.at)
    assert curve.ll - curve.ll.max() == pytest.approx(there.ll - plain.ll, abs=1e-7)


def test_every_component_has_a_panel() -> None:
    figure = pb.profile_plot(MULTI)
    assert len(items(figure, Curve)) == len(MULTI.components) == 2
    assert {"σ² study", "σ² study/row"} <= {t.text for t in items(figure, Text)}
    fixed = pb.pool_multilevel(YI, VI, random="~ 1 | study", data={"study": STUDY}, sigma2=[0.1])
    with pytest.raises(pb.BadInput, match="estimated"):
        pb.profile_plot(fixed)


def test_residuals_of_a_multilevel_fit_have_a_quantile_plot() -> None:
    figure = pb.qqnorm(MULTI)
    assert "8 estimates" in figure.scene.desc
    assert len(items(figure, Circle)) == 8 + 1  # with the legend's
    with pytest.raises(pb.BadInput, match="rstandard"):
        pb.qqnorm(MULTI, residuals="rstudent")


def density(curve: Curve, bottom: float) -> float:
    """Area under a drawn curve in square pixels."""
    x, y = np.array(curve.points).T
    return float(np.sum(np.diff(x) * (bottom - (y[1:] + y[:-1]) / 2)))


def test_the_shaded_part_of_a_posterior_holds_the_interval() -> None:
    fit = pb.pool_bayes(YI, VI, level=90)
    figure = pb.posterior_plot(fit)
    bands = [p for p in items(figure, Polygon) if p.fill == "band1" and len(p.points) > 4]
    thick = [c for c in items(figure, Curve) if c.width == 2]
    for band, curve in zip(bands, thick):
        bottom = band.points[-1][1]
        inside = density(Curve(band.points[:-2]), bottom) / density(curve, bottom)
        assert inside == pytest.approx(0.90, abs=0.02)
    assert f"{fit.tau_median:.2f} (" in figure.scene.desc


def test_priors_are_drawn_where_they_are_proper() -> None:
    def dashed(**prior: Any) -> int:
        figure = pb.posterior_plot(pb.pool_bayes(YI, VI, **prior))
        return sum(c.dash == "5 3" for c in items(figure, Curve))

    assert dashed() == 1
    assert dashed(mu=(0, 1)) == 2
    assert dashed(tau="uniform") == 0


def test_each_coefficient_of_a_bayesian_regression_has_a_panel() -> None:
    fit = pb.pool_bayes(YI, VI, mods=np.arange(8.0))
    figure = pb.posterior_plot(fit)
    assert len([c for c in items(figure, Curve) if c.width == 2]) == 3
    assert not [c for c in items(figure, Curve) if c.role == "muted"]


def test_every_convention_of_prediction_is_drawn_as_predict_gives_it() -> None:
    fit = pb.pool(YI, VI)
    shown = {t.text for t in items(pb.prediction_plot(fit), Text)}
    for name in PREDICTION_TYPES:
        found = fit.predict(predtype=name)
        limits = f"[{found.pi_lb[0]:.2f}, {found.pi_ub[0]:.2f}]".replace("-", "−")
        assert limits in shown, name
        assert any(t.startswith(f"{name}: ") for t in shown)


def test_conventions_that_a_fit_has_not_are_named() -> None:
    figure = pb.prediction_plot(pb.pool(YI, VI, method="DL", test="z"))
    assert any("Not for such a fit: KR, KR-PR" in t.text for t in items(figure, Text))
    assert "9 conventions" in figure.scene.desc


def test_limits_of_the_profile_are_inside_the_panel() -> None:
    for narrow in (False, True):
        scene = pb.profile_plot(MULTI, narrow=narrow).scene
        for line in (i for i in scene.items if isinstance(i, Line)):
            assert all(math.isfinite(v) for v in (line.x1, line.y1, line.x2, line.y2))
            assert -1 <= line.x1 <= scene.width + 1
