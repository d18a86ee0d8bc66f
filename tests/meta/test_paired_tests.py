"""Exact tests of patients measured twice: against R, and against counting every pattern."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import probatum as pb

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "patients.json").read_text())
SIDES = {"two.sided": "two-sided", "greater": "greater", "less": "less"}
DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
rough = st.lists(st.integers(-4, 4), min_size=1, max_size=9)


def as_limits(ci: list[float | None]) -> list[float]:
    low, high = ci
    return [-math.inf if low is None else low, math.inf if high is None else high]


def midranks(size: np.ndarray) -> np.ndarray:
    return np.array([(size < s).sum() + ((size == s).sum() + 1) / 2 for s in size])


def tails(values: np.ndarray, observed: float) -> tuple[float, float]:
    return np.mean(values <= observed + 1e-9), np.mean(values >= observed - 1e-9)


def every_sign(n: int) -> np.ndarray:
    return np.array(list(itertools.product((-1, 1), repeat=n)), dtype=float).reshape(2**n, n)


def test_the_pinned_cases_did_not_shrink() -> None:
    assert [len(PINNED[name]) for name in ("rank", "coins", "standardised", "mixed")] == [
        45, 15, 6, 16,
    ]  # fmt: skip


@pytest.mark.parametrize("case", PINNED["rank"], ids=lambda c: f"{c['set']} {c['alternative']}")
def test_signed_rank_as_in_r(case: dict[str, Any]) -> None:
    found = pb.signed_rank(case["x"], alternative=SIDES[case["alternative"]], alpha=case["alpha"])
    assert found.statistic == case["statistic"][0]
    if case["exact"]:
        assert found.pval == pytest.approx(case["pval"][0], rel=1e-12)
        assert found.estimate == pytest.approx(case["estimate"][0], rel=1e-9)
        if found.attained < 100:  # R gives narrower limits that miss their level, with a warning
            assert [found.ci_lb, found.ci_ub] == pytest.approx(as_limits(case["ci"]), rel=1e-9)
    elif not found.exact:
        assert found.pval == pytest.approx(case["pval"][0], rel=1e-10)
    else:  # R falls back on the normal distribution where there are ties; ours is counted
        assert found.pval == pytest.approx(case["pval"][0], abs=0.02)


@pytest.mark.parametrize("zero", ["wilcoxon", "pratt"])
@given(rough)
@settings(max_examples=60, deadline=None)
def test_signed_rank_is_the_count_of_all_patterns(zero: str, d: list[int]) -> None:
    x = np.array(d, dtype=float)
    kept = x != 0
    ranks = midranks(np.abs(x))[kept] if zero == "pratt" else midranks(np.abs(x[kept]))
    sums = (every_sign(int(kept.sum())) > 0) @ ranks
    lower, upper = tails(sums, ranks[x[kept] > 0].sum())
    for alternative, p in (
        ("less", lower), ("greater", upper), ("two-sided", min(1.0, 2 * min(lower, upper))),
    ):  # fmt: skip
        found = pb.signed_rank(x, zero=zero, alternative=alternative)
        assert found.pval == pytest.approx(p, rel=1e-12)
        assert found.n_zero == np.sum(~kept)


@given(rough, st.sampled_from(["two-sided", "greater", "less"]))
@settings(max_examples=60, deadline=None)
def test_sign_flips_are_the_count_of_all_patterns(d: list[int], alternative: str) -> None:
    x = np.array(d) / 10
    lower, upper = tails(every_sign(len(x)) @ np.abs(x), x.sum())
    p = {"less": lower, "greater": upper, "two-sided": min(1.0, 2 * min(lower, upper))}
    found = pb.sign_flips(x, alternative=alternative)
    assert found.pval == pytest.approx(p[alternative], rel=1e-12)
    assert found.exact


def test_fisher_counted_1726_patterns() -> None:
    # Fisher 1935, section 21: 863 of 32768 in each tail
    assert round(pb.sign_flips(DARWIN).pval * 2**15) == 1726


@given(st.lists(st.integers(-99, 99), min_size=6, max_size=9, unique=True), st.integers(0, 1))
@settings(max_examples=40, deadline=None)
def test_the_interval_holds_what_the_test_does_not_reject(d: list[int], which: int) -> None:
    test = (pb.sign_flips, pb.signed_rank)[which]
    x = np.array(d) / 7
    found = test(x, alpha=0.1)
    assert found.attained >= 90
    width = float(np.ptp(x)) + 1
    for mu in np.linspace(x.min() - 0.3, x.max() + 0.3, 23) + 1e-4 * math.pi:
        inside = found.ci_lb < mu < found.ci_ub
        near = min(abs(mu - found.ci_lb), abs(mu - found.ci_ub)) < 1e-9 * width
        assert near or inside == (test(x, mu=mu, alpha=0.1).pval > 0.1)


def test_few_patients_can_not_bound_the_change() -> None:
    for test in (pb.signed_rank, pb.sign_flips, pb.sign_test):
        found = test([1.0, 2.0, 4.0])
        assert (found.ci_lb, found.ci_ub) == (-math.inf, math.inf)
        assert found.attained == 100
        assert not found.reject
        wide = test([1.0, 2.0, 4.0], alternative="greater", alpha=0.125)
        assert wide.ci_lb == 1.0
        assert wide.attained == 87.5
        assert wide.reject


def test_changes_that_differ_by_rounding_are_tied() -> None:
    before, after = [0.3, 0.7, 0.1, 0.6], [0.1, 0.5, 0.3, 0.6]
    found = pb.signed_rank(before=before, after=after)
    assert found.n_zero == 1
    assert found.statistic == 2.0  # of three changes of one size, one is up
    assert pb.sign_flips(before=before, after=after).pval == 1.0


def test_sampled_patterns_come_near_the_count() -> None:
    x = np.random.default_rng(5).normal(0.4, 1, 24)
    found = pb.sign_flips(x, iterations=200_000)
    again = pb.sign_flips(x, iterations=200_000)
    assert not found.exact
    assert found.pval == again.pval
    sums = np.zeros(1)
    for size in np.abs(x):
        sums = np.concatenate([sums + size, sums - size])
    exact = 2 * np.mean(sums >= x.sum())
    assert found.pval == pytest.approx(exact, abs=4 * math.sqrt(exact / 200_000))


@pytest.mark.parametrize("case", PINNED["coins"])
def test_mcnemar_as_in_r(case: dict[str, Any]) -> None:
    found = pb.mcnemar(case["gained"], case["lost"], alternative=SIDES[case["alternative"]])
    assert found.pval == pytest.approx(case["pval"][0], rel=1e-10)
    low, high = (x / (1 - x) if x < 1 else math.inf for x in case["share"])
    assert [found.ci_lb, found.ci_ub] == pytest.approx([low, high], rel=1e-9)


def test_the_sign_test_is_mcnemar_of_the_signs() -> None:
    d = [3, 1, -2, 4, 0, 5, 2, 6]
    found = pb.sign_test(d)
    assert found.pval == pb.mcnemar(6, 1).pval
    assert (found.ci_lb, found.ci_ub, found.attained) == (-2, 6, pytest.approx(100 - 100 / 128))


@pytest.mark.parametrize("case", PINNED["standardised"], ids=lambda c: f"{c['set']} {c['by']}")
def test_standardised_change_as_in_r(case: dict[str, Any]) -> None:
    pair = {"before": case["before"], "after": case["after"], "by": case["by"]}
    found = pb.standardised_change(**pair)
    assert found.estimate == pytest.approx(case["estimate"][0], rel=1e-12)
    assert pytest.approx(case["J"][0], rel=1e-12) == found.J
    assert found.vi == pytest.approx(case["vi"][0], rel=1e-12)
    assert [found.ci_lb, found.ci_ub] == pytest.approx(case["ci"], rel=1e-8, abs=1e-9)
    assert found.pval == pytest.approx(case["pval"][0], rel=1e-10)
    one = pb.standardised_change(**pair, alternative="greater")
    assert one.ci_lb == pytest.approx(case["lower"][0], rel=1e-8, abs=1e-9)
    assert one.ci_ub == math.inf
    assert found.exact == (case["by"] == "change")


def test_standardised_change_is_the_measure_that_pools() -> None:
    x, y = np.array([31.0, 28, 40, 35, 22, 27]), np.array([12.0, 15, 22, 30, 9, 14])
    found = pb.standardised_change(before=x, after=y)
    es = pb.effect_sizes(
        measure="SMCC", m1i=[y.mean()], m2i=[x.mean()], sd1i=[y.std(ddof=1)],
        sd2i=[x.std(ddof=1)], ri=[np.corrcoef(x, y)[0, 1]], ni=[6],
    )  # fmt: skip
    assert found.estimate == pytest.approx(es.yi[0], rel=1e-10)
    assert found.vi == pytest.approx(es.vi[0], rel=1e-10)


def test_the_correction_makes_the_mean_right() -> None:
    rng = np.random.default_rng(11)
    x = rng.normal(0, 1, (40_000, 5)) + 0.8
    d = x.mean(axis=1) / x.std(axis=1, ddof=1)
    J = pb.standardised_change([1.0, 2, 3, 4, 6]).J
    assert abs(np.mean(J * d) - 0.8) < 4 * np.std(J * d) / math.sqrt(len(d))
    assert np.mean(d) > 0.95


def test_missing_pairs_are_counted() -> None:
    found = pb.signed_rank(before=[1, 2, math.nan, 4], after=[2, 4, 5, 8])
    assert (found.n, found.n_left_out) == (3, 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pb.signed_rank(), "give either change"),
        (lambda: pb.signed_rank([1.0], before=[1.0], after=[2.0]), "give either change"),
        (lambda: pb.signed_rank(before=[1.0]), "belong together"),
        (lambda: pb.signed_rank(before=[1.0], after=[1.0, 2.0]), "one row per patient"),
        (lambda: pb.signed_rank([math.nan]), "none of the 1 patients"),
        (lambda: pb.signed_rank([]), "none of the 0 patients"),
        (lambda: pb.signed_rank(["a"]), "not numbers"),
        (lambda: pb.signed_rank([math.inf]), "infinite"),
        (lambda: pb.signed_rank([[1.0]]), "dimensions"),
        (lambda: pb.signed_rank([1.0], alpha=5), "alpha=0.05"),
        (lambda: pb.signed_rank([1.0], alpha=0.7), "under 0.5"),
        (lambda: pb.signed_rank([1.0], alpha="x"), "probability"),
        (lambda: pb.signed_rank([1.0], zero="drop"), "wilcoxon, pratt"),
        (lambda: pb.signed_rank([1.0], alternative="two.sided"), 'Did you mean "two-sided"'),
        (lambda: pb.signed_rank([1.0], mu=math.nan), "finite change"),
        (lambda: pb.signed_rank(np.ones(5001)), "t-test"),
        (lambda: pb.sign_flips(np.arange(30.0), iterations=1), "at least 2"),
        (lambda: pb.mcnemar(1.5, 2), "number of patients"),
        (lambda: pb.standardised_change([1.0, 2.0]), "3 or more"),
        (lambda: pb.standardised_change([1.0, 1.0, 1.0]), "changed alike"),
        (lambda: pb.standardised_change([1.0, 2.0, 4.0], by="before"), "give before and after"),
        (lambda: pb.standardised_change([1.0, 2.0, 4.0], by="after"), "change, before"),
    ],
)  # fmt: skip
def test_misuse_says_what_to_do(call: Any, words: str) -> None:
    with pytest.raises(pb.ProbatumError, match=words):
        call()
