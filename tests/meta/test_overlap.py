"""Overlap of single cases: against counting, Mann and Whitney's test, and every order."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, mannwhitneyu

import probatum as pb

# of the vignette "Using SingleCaseES"
A, B = [20, 20, 26, 25, 22, 23], [28, 25, 24, 27, 30, 30, 29]
phase = st.lists(st.integers(0, 6), min_size=1, max_size=4)


def area_under_the_curve(before: list[int], during: list[int]) -> float:
    """By the trapezium rule over all thresholds."""
    cuts = [math.inf, *sorted({*before, *during}, reverse=True)]
    x = [np.mean([v >= c for v in before]) for c in cuts]
    y = [np.mean([v >= c for v in during]) for c in cuts]
    return float(np.trapezoid(y, x))


@given(phase, phase)
def test_nap_is_the_area_under_the_curve_and_u_over_all_pairs(a: list[int], b: list[int]) -> None:
    found = pb.nap(a, b)
    assert found.estimate == pytest.approx(area_under_the_curve(a, b), abs=1e-12)
    u = mannwhitneyu(b, a, method="asymptotic").statistic if len({*a, *b}) > 1 else len(a + b)
    if len({*a, *b}) > 1:
        assert found.estimate * len(a) * len(b) == pytest.approx(u, abs=1e-9)
    assert pb.nap(a, b, better="lower").estimate == pytest.approx(1 - found.estimate)


def test_nap_counted_by_hand() -> None:
    # 7, 7, 5, 5.5, 7 and 7 of 7 for the six values of the baseline
    found = pb.nap(A, B)
    assert found.estimate == pytest.approx(38.5 / 42, rel=1e-14)
    assert found.statistic == 35
    # its limits are z standard errors away, by the variance at the limit
    z = 1.959963984540054
    for x in (found.ci_lb, found.ci_ub):
        v = x * (1 - x) / 42 * (1 + 5.5 * (1 - x) / (2 - x) + 5.5 * x / (1 + x))
        assert abs(found.estimate - x) == pytest.approx(z * math.sqrt(v), rel=1e-9)


@given(phase, phase)
@settings(max_examples=60)
def test_the_p_value_is_the_count_of_all_partings(a: list[int], b: list[int]) -> None:
    x = np.array(a + b)
    sums = []
    for chosen in itertools.combinations(range(len(x)), len(b)):
        later = x[list(chosen)]
        earlier = np.delete(x, chosen)
        sums.append(np.sign(later[:, None] - earlier[None, :]).sum())
    seen = np.sign(np.array(b)[:, None] - np.array(a)[None, :]).sum()
    upper, lower = np.mean(np.array(sums) >= seen), np.mean(np.array(sums) <= seen)
    assert pb.nap(a, b, alternative="greater").pval == pytest.approx(upper, rel=1e-12)
    assert pb.nap(a, b, alternative="less").pval == pytest.approx(lower, rel=1e-12)
    assert pb.nap(a, b).pval == pytest.approx(min(1, 2 * min(lower, upper)), rel=1e-12)


def test_without_ties_the_p_value_is_mann_and_whitneys() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(0, 1, 12), rng.normal(1, 1, 17)
    assert pb.nap(a, b).pval == pytest.approx(mannwhitneyu(b, a, method="exact").pvalue)
    a, b = rng.normal(0, 1, 70), rng.normal(0.3, 1, 70)
    found = pb.nap(a, b)
    assert not found.exact
    by_normal = mannwhitneyu(b, a, method="asymptotic", use_continuity=False).pvalue
    assert found.pval == pytest.approx(by_normal, rel=1e-10)


def test_the_standard_error_is_unbiased() -> None:
    rng = np.random.default_rng(8)
    found = [pb.nap(rng.integers(0, 5, 5), rng.integers(1, 7, 6)) for _ in range(3000)]
    spread = np.var([f.estimate for f in found], ddof=1)
    mean = np.mean([f.se**2 for f in found])
    assert mean == pytest.approx(spread, rel=0.08)


def test_tau_is_nap_on_another_scale() -> None:
    assert pb.tau_u(A, B, trend="none").estimate == pytest.approx(2 * pb.nap(A, B).estimate - 1)


def test_tau_u_counted_by_hand() -> None:
    a, b = [2, 3, 5, 3], [4, 5, 5, 7, 6]
    # 17 pairs up, 1 down between phases; 4 up, 1 down in the first, 8 up, 1 down in the second
    assert pb.tau_u(a, b, trend="none").estimate == 16 / 20
    assert pb.tau_u(a, b).estimate == (16 - 3) / 20
    assert pb.tau_u(a, b, trend="both").estimate == pytest.approx((16 - 3 + 7) / 36)
    assert pb.tau_u(a, b, better="lower").estimate == -(16 - 3) / 20


def test_a_steep_baseline_may_leave_the_range() -> None:
    assert pb.tau_u([5, 4, 3, 2], [6, 7]).estimate > 1


@given(phase, phase, st.sampled_from(["none", "baseline", "both"]))
@settings(max_examples=25, deadline=None)
def test_the_variance_is_that_over_every_order(a: list[int], b: list[int], trend: Any) -> None:
    x = a[:3] + b[:3]
    m = len(a[:3])
    sums = [
        found.statistic
        for order in itertools.permutations(x)
        for found in [pb.tau_u(order[:m], order[m:], trend=trend)]
    ]
    found = pb.tau_u(x[:m], x[m:], trend=trend)
    assert found.se * found.pairs == pytest.approx(np.std(sums), rel=1e-9, abs=1e-9)
    assert np.mean(sums) == pytest.approx(0, abs=1e-9)


def test_without_ties_the_variance_is_kendalls() -> None:
    a, b = [1.0, 5, 2, 8], [3.0, 9, 7, 11, 4]
    assert (pb.tau_u(a, b, trend="none").se * 20) ** 2 == pytest.approx(20 * 10 / 3)
    # all pairs with a plus are Kendall's S of the whole series
    down = pb.tau_u(a[:1], a[1:] + b, trend="both")
    assert down.estimate == pytest.approx(kendalltau(range(9), a + b).statistic)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pb.nap([], [1.0]), "before has no measurement"),
        (lambda: pb.nap([1.0], [math.nan]), "during has no measurement"),
        (lambda: pb.nap([1.0], [2.0], better="up"), "higher, lower"),
        (lambda: pb.tau_u([1.0], [2.0], trend="A"), "none, baseline, both"),
        (lambda: pb.nap([1.0], [2.0], alpha=95), "under 0.5"),
    ],
)
def test_misuse_says_what_to_do(call: Any, words: str) -> None:
    with pytest.raises(pb.ProbatumError, match=words):
        call()


def test_phases_of_one_and_no_change() -> None:
    found = pb.nap([3.0], [3.0, math.nan])
    assert (found.estimate, found.pval, found.n_left_out) == (0.5, 1.0, 1)
    assert math.isnan(found.se)
    assert pb.tau_u([3.0, 3.0], [3.0]).pval == 1.0
    assert pb.nap([1, 2, 3], [4, 5, 6]).reject is False
    assert pb.nap([1, 2, 3], [4, 5, 6], alternative="greater").reject is True
