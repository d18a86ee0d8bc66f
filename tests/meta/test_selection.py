"""Selection models against metafor, against adaptive quadrature, and by their symmetries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from benchmarks.parity.quadrature import by_quadrature
from scipy.stats import norm

import probatum as pb
from probatum.meta.bias.seen import Smooth, Step, log_likelihood
from probatum.meta.bias.weightfunctions import FUNCTIONS

Y = np.array([0.9, 0.5, 0.7, 0.1, 1.3, 0.4, 0.6, 0.2, 0.8, 0.35])
STEPS = (0.2, 0.5)
V = np.array([0.09, 0.05, 0.08, 0.02, 0.3, 0.04, 0.06, 0.03, 0.1, 0.02])


def _derivatives_hold(model: Any, theta: Any) -> None:
    """Gradient and Hessian against differences of the value and of the gradient."""
    _, gradient, hessian = (part[0] for part in log_likelihood(model, theta[None], True))
    for i in range(len(theta)):
        h = np.zeros_like(theta)
        h[i] = 1e-5 * max(theta[i], 0.1)
        value, slope, _ = log_likelihood(model, np.array([theta + h, theta - h]), True)
        step = 2.0 * h[i]
        assert gradient[i] == pytest.approx((value[0] - value[1]) / step, rel=2e-6, abs=1e-6)
        assert hessian[i] == pytest.approx((slope[0] - slope[1]) / step, rel=2e-6, abs=1e-6)


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize("type", sorted(FUNCTIONS))
def test_likelihood_and_its_derivatives(type: str, alternative: str) -> None:
    function = FUNCTIONS[type]
    for cuts in ((), (0.03,)):
        X = np.column_stack([np.ones(len(Y)), np.arange(len(Y))])
        model = Smooth(Y, V, X, function, cuts, alternative, function.p_min)
        theta = np.array([0.3, 0.01, 0.07, *(np.array(function.start) * 0.7)])
        _derivatives_hold(model, theta)
        if alternative == "greater":
            plain = Smooth(Y, V, X[:, :1], function, cuts, alternative, function.p_min)
            theta = np.delete(theta, 1)
            value = log_likelihood(plain, theta[None], True)[0][0]
            step = cuts[0] if cuts else None
            expected = by_quadrature(type, Y, V, theta, function.p_min, step)
            assert value == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_step_likelihood_and_its_derivatives(alternative: str) -> None:
    y = 2.0 * (Y - 0.4)  # p-values in every cell
    model = Step(y, V, np.ones((len(Y), 1)), STEPS, alternative)
    theta = np.array([0.3, 0.07, 0.8, 0.3])
    _derivatives_hold(model, theta)
    p = norm.sf(y / np.sqrt(V) * (-1 if alternative == "less" else 1))
    p = 2 * norm.sf(np.abs(y) / np.sqrt(V)) if alternative == "two-sided" else p
    weight = np.array([1.0, 0.8, 0.3])
    total = 0.0
    for yi, vi, pi in zip(y, V, p):
        law = norm(0.3, np.sqrt(vi + 0.07))
        at = norm.isf(np.array(STEPS) / (2 if alternative == "two-sided" else 1))
        below = law.sf(at * np.sqrt(vi))
        if alternative == "less":
            below = law.cdf(-at * np.sqrt(vi))
        if alternative == "two-sided":
            below = below + law.cdf(-at * np.sqrt(vi))
        share = np.diff([0.0, *below, 1.0])
        own = weight[np.searchsorted(STEPS, pi)]
        total += np.log(own) + law.logpdf(yi) - np.log(share @ weight)
    assert log_likelihood(model, theta[None], True)[0][0] == pytest.approx(total, abs=1e-10)


@pytest.mark.parametrize(
    ("type", "delta"),
    [("negexp", [3e4]), ("halfnorm", [2e5]), ("logistic", [4e3]), ("power", [40.0]),
     ("beta", [12.0, 0.02]), ("negexppow", [6e5, 0.02])],
)  # fmt: skip
def test_steep_functions_are_integrated_after_refinement(type: str, delta: list[float]) -> None:
    function = FUNCTIONS[type]
    model = Smooth(Y, V, np.ones((len(Y), 1)), function, (), "greater", function.p_min)
    theta = np.array([0.1, 0.3, *delta])
    for _ in range(3):
        model.refine()
    expected = by_quadrature(type, Y, V, theta, function.p_min)
    value = log_likelihood(model, theta[None], True)[0][0]
    assert value == pytest.approx(expected, abs=1e-7)


def test_a_maximum_does_not_rest_on_coarse_nodes() -> None:
    """The best fit is a cliff narrower than the first nodes: its value is the true one."""
    y = np.array([-0.9, -1.6, -1.3, -1.4, -0.2, -0.8, -1.6, 0.0, -0.5, -1.4, -0.3, 0.4, 0.1])
    v = np.array([0.33, 0.19, 0.42, 0.02, 0.05, 0.01, 0.22, 0.004, 0.06, 0.07, 0.01, 0.53, 0.07])
    found = pb.selmodel(pb.pool(y, v, method="ML", test="z"), "negexppow", alternative="less")
    theta = [-found.beta[0], found.tau2, *found.delta]  # the mirror, by the other direction
    assert found.ll == pytest.approx(by_quadrature("negexppow", -y, v, theta, 0.0), abs=1e-7)


def test_no_selection_is_the_plain_model() -> None:
    fit = pb.pool(Y, V, method="ML", test="z")
    for type in ("halfnorm", "negexp", "logistic", "power"):
        found = pb.selmodel(fit, type, alternative="less")
        if found.delta[0] == 0.0:
            assert found.ll == pytest.approx(fit.ll, abs=1e-8)
            assert found.beta[0] == pytest.approx(fit.beta[0], abs=1e-5)
        assert found.ll >= fit.ll - 1e-9


@pytest.mark.parametrize("type", ["stepfun", "beta", "negexp"])
def test_the_other_direction_is_the_mirror(type: str) -> None:
    steps = (0.025,) if type == "stepfun" else ()
    one = pb.selmodel(pb.pool(Y, V), type, steps=steps)
    other = pb.selmodel(pb.pool(-Y, V), type, steps=steps, alternative="less")
    assert one.ll == pytest.approx(other.ll, abs=1e-7)
    assert one.beta[0] == pytest.approx(-other.beta[0], abs=1e-4)


def test_a_step_function_with_a_moderator_and_two_sides() -> None:
    x = np.arange(10.0)
    plain = pb.pool(Y, V, mods=x, method="ML", test="z")
    found = pb.selmodel(plain, steps=[0.05], alternative="two-sided")
    assert found.names == ("intrcpt", "mods")
    assert found.ll >= plain.ll - 1e-9
    assert found.LRTdf == 1
    fixed = pb.selmodel(pb.pool(Y, V, method="EE", test="z"), steps=[0.025])
    assert fixed.tau2 == 0.0
    assert np.isnan(fixed.se_tau2)


def test_standard_errors_are_those_of_the_observed_information() -> None:
    rng = np.random.default_rng(5)
    v = rng.uniform(0.02, 0.3, 200)
    y = 0.2 + rng.normal(size=200) * np.sqrt(v + 0.2)
    seen = rng.random(200) < np.exp(-4.0 * norm.sf(y / np.sqrt(v)))
    y, v = y[seen], v[seen]
    found = pb.selmodel(pb.pool(y, v, method="ML", test="z"), "negexp")
    assert found.tau2 > 0  # inside its bounds, or there is no information to compare with
    assert found.delta[0] > 0
    model = Smooth(y, v, np.ones((len(y), 1)), FUNCTIONS["negexp"], (), "greater", 0.0)
    theta = np.array([found.beta[0], found.tau2, found.delta[0]])
    steps = np.diag(1e-4 * np.maximum(np.abs(theta), 0.1))

    def ll(at: Any) -> float:
        return float(log_likelihood(model, at[None], True)[0][0])

    hessian = np.array(
        [[(ll(theta + a + b) - ll(theta + a - b) - ll(theta - a + b) + ll(theta - a - b))
          / (4 * a.sum() * b.sum()) for a in steps] for b in steps]
    )  # fmt: skip
    expected = np.sqrt(np.diagonal(np.linalg.inv(-hessian)))
    ours = [found.se[0], found.se_tau2, found.se_delta[0]]
    assert ours == pytest.approx(expected, rel=1e-3)


def test_bad_input_is_told() -> None:
    fit = pb.pool(Y, V)
    with pytest.raises(pb.UnknownOption, match="stepfun"):
        pb.selmodel(fit, "stepfunction")
    with pytest.raises(pb.BadInput, match="needs steps"):
        pb.selmodel(fit, "stepfun")
    with pytest.raises(pb.BadInput, match="between 0 and 1"):
        pb.selmodel(fit, "stepfun", steps=[2.5])
    with pytest.raises(pb.BadInput, match="at most one"):
        pb.selmodel(fit, "negexp", steps=[0.01, 0.05])
    with pytest.raises(pb.BadInput, match="too few"):
        pb.selmodel(pb.pool([0.1, 0.2], [0.1, 0.1]), "beta")


def test_the_scale_of_the_estimates_is_of_no_account() -> None:
    one = pb.selmodel(pb.pool(Y - 0.3, V), "beta")
    other = pb.selmodel(pb.pool(1e-6 * (Y - 0.3), 1e-12 * V), "beta")
    assert other.converged
    assert other.ll == pytest.approx(one.ll + 10 * np.log(1e6), abs=1e-6)
    assert other.beta[0] == pytest.approx(1e-6 * one.beta[0], rel=1e-6)
    assert other.se[0] == pytest.approx(1e-6 * one.se[0], rel=1e-6)
    assert other.tau2 == pytest.approx(1e-12 * one.tau2, rel=1e-5)


def test_the_higher_of_several_maxima_is_found() -> None:
    """The plain model's neighbourhood leads to a maximum 0.13 lower (raudenbush1985)."""
    y = [0.03, 0.12, -0.14, 1.18, 0.26, -0.06, -0.02, -0.32, 0.27, 0.8, 0.54, 0.18, -0.02, 0.23]
    y += [-0.18, -0.06, 0.3, 0.07, -0.07]
    v = [0.0156, 0.0216, 0.0279, 0.1391, 0.1362, 0.0106, 0.0106, 0.0484, 0.0269, 0.063, 0.0912]
    v += [0.0497, 0.0835, 0.0841, 0.0253, 0.0279, 0.0193, 0.0088, 0.0303]
    found = pb.selmodel(pb.pool(y, v, method="ML", test="z"), "beta")
    assert found.ll > 1.8
    theta = np.array([found.beta[0], found.tau2, *found.delta])
    assert found.ll == pytest.approx(by_quadrature("beta", y, v, theta, 1e-5), abs=1e-8)
