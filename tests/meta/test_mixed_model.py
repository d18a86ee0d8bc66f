"""Mixed models of repeated measurements: against lme4 and lmerTest, and by their definition."""

from __future__ import annotations

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


def table(name: str) -> dict[str, np.ndarray]:
    return {column: np.array(values) for column, values in PINNED["sets"][name].items()}


def fitted(case: dict[str, Any]) -> Any:
    mods = None if case["mods"] == "~ 1" else case["mods"]
    return pb.mixed_model(
        "y", "patient", mods=mods, slope=case["slope"], data=table(case["set"]),
        method=case["method"],
    )  # fmt: skip


def dense(case: dict[str, Any], G: np.ndarray, sigma2: float) -> float:
    """The log-likelihood with the covariance of all measurements written out."""
    d = table(case["set"])
    names = [w for w in case["mods"].removeprefix("~ ").split(" + ") if w != "1"]
    X = np.column_stack([np.ones(len(d["y"])), *(d[n] for n in names)])
    Z = X[:, :1] if case["slope"] is None else np.column_stack([X[:, :1], d[case["slope"]]])
    same = d["patient"][:, None] == d["patient"][None, :]
    V = same * (Z @ G @ Z.T) + sigma2 * np.eye(len(Z))
    inner = X.T @ np.linalg.solve(V, X)
    r = d["y"] - X @ np.linalg.solve(inner, X.T @ np.linalg.solve(V, d["y"]))
    n = len(X) - X.shape[1] * (case["method"] == "REML")
    dev = n * math.log(2 * math.pi) + np.linalg.slogdet(V)[1] + r @ np.linalg.solve(V, r)
    if case["method"] == "REML":
        dev += np.linalg.slogdet(inner)[1]
    return float(-dev / 2)


def name_of(case: dict[str, Any]) -> str:
    return f"{case['set']} {case['mods']} {case['slope']} {case['method']}"


@pytest.mark.parametrize("case", PINNED["mixed"], ids=name_of)
def test_as_in_lme4_and_lmertest(case: dict[str, Any]) -> None:
    fit = fitted(case)
    G = np.array(case["G"])
    assert fit.beta == pytest.approx(case["beta"], rel=1e-7)
    assert fit.vb == pytest.approx(np.array(case["vb"]), rel=1e-6)
    # covariances beside the variances that they belong to
    size = np.sqrt(np.outer(np.diagonal(G), np.diagonal(G)))
    assert pytest.approx(G, abs=1e-6 * float(size.max()), rel=1e-6) == fit.G
    assert fit.sigma2 == pytest.approx(case["sigma2"][0], rel=1e-6)
    assert fit.ll == pytest.approx(case["ll"][0], rel=1e-10)
    assert fit.ll > case["ll"][0] - 1e-9
    assert fit.dfs == pytest.approx(case["df"], rel=1e-6)
    assert (fit.status == "boundary") == (case["set"] == "none")


@pytest.mark.parametrize("case", PINNED["mixed"], ids=name_of)
def test_the_likelihood_is_that_of_the_whole_covariance_and_greatest(case: dict[str, Any]) -> None:
    fit = fitted(case)
    assert fit.ll == pytest.approx(dense(case, fit.G, fit.sigma2), rel=1e-9)
    for factor in (0.99, 1.01):
        assert dense(case, fit.G, factor * fit.sigma2) < fit.ll
        if fit.status == "converged":
            assert dense(case, factor * fit.G, fit.sigma2) < fit.ll
    if fit.status == "boundary":
        assert dense(case, fit.G + 1e-3 * fit.sigma2, fit.sigma2) < fit.ll


def test_two_measurements_of_each_patient_are_the_paired_t_test() -> None:
    rng = np.random.default_rng(2)
    before, after = rng.normal(30, 5, 9), rng.normal(25, 5, 9)
    after += before - 30
    who, time = np.tile(np.arange(9), 2), np.repeat([0, 1], 9)
    fit = pb.mixed_model(np.concatenate([before, after]), who, mods=time)
    d = after - before
    assert fit.beta[1] == pytest.approx(d.mean(), rel=1e-10)
    assert fit.se[1] == pytest.approx(d.std(ddof=1) / 3, rel=1e-8)
    assert fit.dfs[1] == pytest.approx(8, rel=1e-6)
    by_t = pb.standardised_change(d)
    assert fit.pval[1] == pytest.approx(by_t.pval, rel=1e-6)


def test_a_balanced_intercept_is_the_analysis_of_variance() -> None:
    rng = np.random.default_rng(6)
    y = rng.normal(0, 2, 8)[:, None] + rng.normal(0, 1, (8, 4))
    fit = pb.mixed_model(y.ravel(), np.repeat(np.arange(8), 4))
    within = np.sum((y - y.mean(axis=1, keepdims=True)) ** 2) / 24
    between = 4 * y.mean(axis=1).var(ddof=1)
    assert fit.sigma2 == pytest.approx(within, rel=1e-9)
    assert fit.G[0, 0] == pytest.approx((between - within) / 4, rel=1e-9)
    assert fit.dfs[0] == pytest.approx(7, rel=1e-6)
    shrunken = (1 - within / between) * (y.mean(axis=1) - y.mean())
    assert fit.effects[:, 0] == pytest.approx(shrunken, rel=1e-8)
    assert fit.icc == pytest.approx(fit.G[0, 0] / (fit.G[0, 0] + within))


def test_predicted_effects_with_a_slope() -> None:
    d = table("sleeping")
    fit = pb.mixed_model("y", "patient", mods="week", slope="week", data=d)
    mine = d["patient"] == float(fit.patients[3])
    X = np.column_stack([np.ones(mine.sum()), d["week"][mine]])
    V = X @ fit.G @ X.T + fit.sigma2 * np.eye(len(X))
    by_definition = fit.G @ X.T @ np.linalg.solve(V, d["y"][mine] - X @ fit.beta)
    assert fit.effects[3] == pytest.approx(by_definition, rel=1e-8)


@given(st.integers(0, 10_000), st.floats(-3, 3), st.booleans())
@settings(max_examples=30, deadline=None)
def test_units_and_order_do_not_matter(seed: int, power: float, sloped: bool) -> None:
    rng = np.random.default_rng(seed)
    who = rng.integers(0, 6, 22)
    x = rng.normal(0, 1, 22)
    y = rng.normal(0, 1, 6)[who] + 0.3 * x + rng.normal(0, 1, 22)
    unit, order = 10.0**power, rng.permutation(22)
    fit = pb.mixed_model(y, who, mods=x, slope=x if sloped else None)
    again = pb.mixed_model(
        (unit * y - 5)[order], [f"p{w}" for w in who[order]], mods=3 * x[order] + 100,
        slope=3 * x[order] + 100 if sloped else None,
    )  # fmt: skip
    assert again.sigma2 == pytest.approx(unit**2 * fit.sigma2, rel=1e-5)
    assert 3 * again.beta[1] == pytest.approx(unit * fit.beta[1], rel=1e-5, abs=1e-7 * unit)
    assert again.ll == pytest.approx(
        fit.ll - (22 - 2) * math.log(unit) - math.log(3), rel=1e-8, abs=1e-7
    )
    assert np.isfinite([*fit.beta, *fit.se, *fit.pval, fit.ll]).all()


def test_missing_rows_are_counted_and_patients_without_any_left_out() -> None:
    y = [1.0, 2.0, math.nan, 4.0, 5.5, 3.0, 2.0]
    fit = pb.mixed_model(y, ["a", "a", "b", "c", "c", None, "d"])
    assert (fit.k, fit.m, fit.k_left_out) == (5, 3, 2)
    assert fit.patients == ("a", "c", "d")
    assert fit.tidy()[0]["term"] == "intrcpt"


def test_normal_tests() -> None:
    d = table("uneven")
    fit = pb.mixed_model("y", "patient", mods="week", data=d, test="z", level=90)
    assert fit.ci_ub - fit.beta == pytest.approx(1.6448536269514722 * fit.se)
    assert np.isinf(fit.dfs).all()
    assert fit.pval[1] == pytest.approx(math.erfc(abs(fit.zval[1]) / math.sqrt(2)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": "reml"}, 'Did you mean "REML"'),
        ({"test": "knha"}, "t, z"),
        ({"level": 0.95}, "level=95"),
        ({"y": [1.0, 2.0]}, "one row per measurement"),
        ({"y": "pain"}, "names a column"),
        ({"y": [math.nan] * 4}, "none of the 4 rows"),
        ({"patient": list("abcd")}, "two measurements of a patient"),
        ({"patient": list("aaaa")}, "two patients"),
        ({"y": [1.0, 1.0, 2.0, 2.0]}, "residual variance is 0"),
        ({"y": [3.0, 3.0, 3.0, 3.0]}, "explain every measurement"),
        ({"mods": [1.0, 1.0, 1.0, 1.0]}, "follows from the intercept"),
        ({"slope": [2.0, 2.0, 2.0, 2.0]}, "slope"),
        ({"y": ["a", "b", "c", "d"]}, "not numbers"),
    ],
)
def test_misuse_says_what_to_do(change: dict[str, Any], words: str) -> None:
    given = {"y": [1.0, 2.5, 4.0, 7.0], "patient": list("aabb")} | change
    with pytest.raises(pb.ProbatumError, match=words):
        pb.mixed_model(given.pop("y"), given.pop("patient"), **given)
