"""Limit meta-analysis and p-uniform* against R's lm() and optimisers, and at their edges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

import probatum as pb

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "bias.json").read_text())
NAMES = sorted(PINNED)
UNIFORM = [(name, key) for name in NAMES for key in PINNED[name] if key.startswith("uniform")]
Y = np.array([0.9, 0.5, 0.7, 0.1, 1.3, 0.4, 0.6, 0.2, 0.8, 0.35])
V = np.array([0.09, 0.05, 0.08, 0.02, 0.3, 0.04, 0.06, 0.03, 0.1, 0.02])


@pytest.mark.parametrize("name", NAMES)
def test_limit_meta_analysis_against_lm(name: str) -> None:
    pinned = PINNED[name]
    for ref in pinned["limit"]:
        fit = pb.pool(pinned["yi"], pinned["vi"], method=ref["method"], test="z")
        for estimator in ("beta0", "betalim", "mulim"):
            found = pb.limitmeta(fit, estimator=estimator)
            estimate, se = ref[estimator]
            assert found.estimate == pytest.approx(estimate, rel=1e-9)
            assert found.se == pytest.approx(se, rel=1e-9)
            assert found.ci_ub - found.ci_lb == pytest.approx(2 * norm.ppf(0.975) * se, rel=1e-9)
        assert found.limits == pytest.approx(ref["limits"], rel=1e-9)
        assert (found.intercept, found.slope) == pytest.approx(
            (ref["intercept"], ref["slope"]), rel=1e-9
        )
        assert found.G2 - ref["G2"] == pytest.approx(0.0, abs=1e-7)
        assert found.Q - ref["Q"] == pytest.approx(0.0, abs=1e-8)
        assert found.Q_rest == pytest.approx(ref["Q_rest"], rel=1e-10)
        assert found.Q_small + found.Q_rest == pytest.approx(found.Q)


def test_without_heterogeneity_the_limits_are_one_point() -> None:
    fit = pb.pool(Y, V, method="EE", test="z")
    found = pb.limitmeta(fit)
    line = pb.regtest(fit, model="lm")  # Egger's line is then the radial plot's, seen otherwise
    assert found.estimate == pytest.approx(line.limit)
    assert found.intercept == pytest.approx(line.slope)
    assert found.limits == pytest.approx(np.full(10, line.limit))
    assert abs(found.G2) < 1e-20


@pytest.mark.parametrize(("name", "key"), UNIFORM)
def test_p_uniform_against_r(name: str, key: str) -> None:
    ref = PINNED[name][key]
    step = 0.1 if key.endswith("10") else 0.025
    found = pb.puniform(pb.pool(ref["yi"], ref["vi"]), step=step)
    assert found.converged
    assert found.k_significant == ref["k_significant"]
    assert found.ll == pytest.approx(ref["ll"], abs=1e-9)
    # optim() ends where the log-likelihood is flat to 1e-9
    assert found.beta == pytest.approx(ref["beta"], abs=2e-3 * found.se)
    assert found.tau2 == pytest.approx(ref["tau2"], abs=1e-4)
    for end in ("ci_lb", "ci_ub", "tau2_lb", "tau2_ub"):
        assert getattr(found, end) == pytest.approx(ref[end], abs=1e-8), end
    for test in ("LRT", "LRT_tau2", "LRT_bias"):
        assert getattr(found, test) == pytest.approx(ref[test], abs=1e-8), test


def test_the_other_side_is_the_mirror_and_the_scale_is_of_no_account() -> None:
    one = pb.puniform(pb.pool(Y, V))
    for other, factor in (
        (pb.puniform(pb.pool(-Y, V), side="less"), -1.0),
        (pb.puniform(pb.pool(1e-4 * Y, 1e-8 * V)), 1e-4),
    ):
        assert other.beta == pytest.approx(factor * one.beta, rel=1e-6)
        ends = sorted((factor * one.ci_lb, factor * one.ci_ub))
        assert (other.ci_lb, other.ci_ub) == pytest.approx(ends, rel=1e-6)
        assert other.tau2 == pytest.approx(factor**2 * one.tau2, rel=1e-5, abs=1e-12)
        assert other.LRTp == pytest.approx(one.LRTp, rel=1e-6)
        assert other.LRT_bias == pytest.approx(one.LRT_bias, rel=1e-5)


def test_estimates_far_from_the_critical_value_are_pooled_as_they_are() -> None:
    """The cut takes nothing away where it is nowhere near the estimates."""
    fit = pb.pool(Y + 50.0, V, method="ML", test="z")
    found = pb.puniform(fit)
    assert found.beta == pytest.approx(fit.beta[0], rel=1e-7)
    assert found.tau2 == pytest.approx(fit.tau2, abs=1e-7)
    assert found.ll == pytest.approx(fit.ll, abs=1e-8)


def test_a_likelihood_that_never_falls_has_an_open_interval() -> None:
    """All results just past the critical value: the mean may be as low as one likes."""
    v = np.array([0.01, 0.02, 0.03, 0.05, 0.08])
    found = pb.puniform(pb.pool(1.9601 * np.sqrt(v), v))
    assert found.k_significant == 5
    assert (found.beta, found.ci_lb, found.converged) == (-np.inf, -np.inf, False)
    assert np.isnan(found.tau2)


def test_selection_is_seen_through() -> None:
    """Among 400 studies of which only significant ones are seen, the mean comes back."""
    rng = np.random.default_rng(11)
    v = rng.uniform(0.01, 0.1, 1500)
    y = 0.2 + rng.normal(size=1500) * np.sqrt(v + 0.01)
    seen = y / np.sqrt(v) > norm.ppf(0.975)
    found = pb.puniform(pb.pool(y[seen], v[seen]))
    naive = pb.pool(y[seen], v[seen]).beta[0]
    assert found.k == found.k_significant == seen.sum()
    assert naive > 0.35
    assert found.ci_lb < 0.2 < found.ci_ub
    assert found.beta == pytest.approx(0.2, abs=0.08)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: pb.limitmeta(f, estimator="beta"), "beta0"),
        (lambda f: pb.puniform(f, side="right"), "greater"),
        (lambda f: pb.puniform(f, step=5), "one-sided p-value"),
        (lambda f: pb.limitmeta(pb.pool(Y[:2], V[:2])), "at least three"),
        (lambda f: pb.limitmeta(pb.pool(Y, np.full(10, 0.1))), "same standard error"),
        (lambda f: pb.puniform(pb.pool(Y, V, mods=np.arange(10.0))), "without moderators"),
        (lambda f: pb.limitmeta(pb.pool(Y, V, mods=np.arange(10.0))), "without moderators"),
    ],
)
def test_bad_input_is_told(call: Any, message: str) -> None:
    with pytest.raises((pb.BadInput, pb.UnknownOption), match=message):
        call(pb.pool(Y, V))
