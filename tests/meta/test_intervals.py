"""Intervals of tau2 against metafor, and the distribution they rest on against other formulas."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metafor_reference import Comparison
from scipy.integrate import quad
from scipy.stats import chi2, norm

import probatum as pb
from probatum.meta.quadratic_form import residual_cdf

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "intervals.json").read_text())
SCALES = {"tau2": 1e-6, "tau": 1e-3, "I2": 1e-3, "H2": 1.0}


def cases(*kinds: str) -> list[Any]:
    return [
        pytest.param(c, id=" ".join(str(c[n]) for n in c if n not in ("result", "tau2")))
        for c in PINNED["cases"]
        if c["fn"] in kinds
    ]


def fit_of(case: dict[str, Any], **options: Any) -> pb.MetaFit:
    d = PINNED["data"][case["set"]]
    mods = None if case["mods"] == "~1" else {n: d[n] for n in case["mods"][1:].split("+")}
    return pb.pool(d["yi"], d["vi"], mods=mods, **options)


def test_all_of_it_is_compared() -> None:
    assert Counter(c["fn"] for c in PINNED["cases"]) == {
        "PL": 24, "GENQ": 72, "predict": 105, "KR": 12,
    }  # fmt: skip


def same_limits(found: Any, ref: dict[str, Any], tol: float = 1e-7) -> None:
    """metafor says by a sign where its search ended, or an interval is empty."""
    c = Comparison()
    for i, (name, scale) in enumerate(SCALES.items()):
        _, low, high = getattr(found, name)
        if not found.empty:
            c.same(f"{name} low", low, ref["lb"][i], tol, scale)
        if not found.empty and ref["high_sign"] != ">":
            c.same(f"{name} high", high, ref["ub"][i], tol, scale)
    assert found.empty == (ref["low_sign"] == "<" and ref["high_sign"] == "<")
    assert not c.wrong, "\n".join(c.wrong)


@pytest.mark.parametrize("case", cases("PL"))
def test_profile_likelihood(case: dict[str, Any]) -> None:
    fit = fit_of(case, method=case["method"], test="z")
    # metafor measures the drop from the likelihood at its own tau2
    assert fit.tau2 == pytest.approx(case["tau2"], rel=1e-6, abs=1e-9)
    same_limits(fit.confint(type="PL"), case["result"])


@pytest.mark.parametrize("case", cases("GENQ"))
def test_generalised_q(case: dict[str, Any]) -> None:
    vi = np.array(PINNED["data"][case["set"]]["vi"])
    a = {"1/vi": 1 / vi, "1": np.ones_like(vi), "1/sqrt(vi)": vi**-0.5}[case["weights"]]
    found = fit_of(case, test="z").confint(type="GENQ", weights=a, level=case["level"])
    ref = case["result"]
    assert found.empty == (ref["low_sign"] == "<" and ref["high_sign"] == "<")
    settled = np.array(case["settled"], dtype=float)
    known = np.isfinite(settled)
    assert known[0]
    # metafor's root search has an absolute error of eps^(1/4); beyond 1000 it ends
    theirs = np.array([ref["lb"][0], ref["ub"][0]])
    assert np.array(found.tau2[1:])[known] == pytest.approx(theirs[known], abs=1.3e-4)
    assert np.array(found.tau2[1:])[known] == pytest.approx(settled[known], rel=1e-8, abs=1e-12)


@pytest.mark.parametrize(("method", "weights"), [("DL", "1/vi"), ("HE", "1")])
def test_dl_and_he_are_generalised_qs(method: str, weights: str) -> None:
    case = next(
        c for c in PINNED["cases"]
        if c["fn"] == "GENQ" and c["weights"] == weights and c["set"] == "bcg"
    )  # fmt: skip
    fit = fit_of(case, method=method, test="z")
    found = fit.confint(type="GENQ", level=case["level"])
    assert fit.tau2 == pytest.approx(case["tau2"], rel=1e-12)
    assert found.tau2[1:] == pytest.approx(case["settled"], rel=1e-8)


@pytest.mark.parametrize("k", [2, 3, 10, 300, 30_000])
def test_equal_variances_give_a_chi_square(k: int) -> None:
    q = chi2.ppf([1e-12, 1e-3, 0.025, 0.5, 0.975, 1 - 1e-6], k - 1)
    found = residual_cdf(q, np.ones((k, 1)), np.ones(k), np.ones((len(q), k)))
    assert found == pytest.approx(chi2.cdf(q, k - 1), rel=1e-11, abs=1e-16)


def farebrother(q: float, lam: Any) -> float:
    """Ruben's series, as in Farebrother RW (1984). Applied Statistics 33, 332-339."""
    least = lam.min()
    ratio, power = 1 - least / lam, np.ones(len(lam))
    a, g = [float(np.prod(np.sqrt(least / lam)))], []
    while 1 - sum(a) > 1e-13 and len(a) < 5000:
        power = power * ratio
        g.append(0.5 * float(power.sum()))
        a.append(float(np.dot(g, a[::-1])) / len(g))
    return float(np.dot(a, chi2.cdf(q / least, len(lam) + 2 * np.arange(len(a)))))


@pytest.mark.parametrize(("k", "p"), [(3, 1), (6, 2), (13, 1), (13, 4), (40, 3)])
def test_any_design_gives_the_weighted_sum_of_its_eigenvalues(k: int, p: int) -> None:
    rng = np.random.default_rng(100 * k + p)
    X = np.column_stack([np.ones(k), rng.normal(size=(k, p - 1))])
    a, S = np.exp(rng.normal(size=k)), np.exp(0.5 * rng.normal(size=k))
    A = np.diag(a)
    P = A - A @ X @ np.linalg.solve(X.T @ A @ X, X.T @ A)
    lam = np.linalg.eigvalsh(np.sqrt(S)[:, None] * P * np.sqrt(S))[p:]
    for q in lam.sum() * np.array([0.05, 0.5, 1, 2, 5]):
        found = residual_cdf(np.array([q]), X, a, S[None])[0]
        assert found == pytest.approx(farebrother(q, lam), rel=1e-9)


def test_one_huge_variance_among_many_small_ones() -> None:
    # the last row only pays for the coefficient, so the form is 1e6 chi2(1) + chi2(10000)
    X = np.zeros((10_002, 1))
    X[-1] = 1.0
    S = np.r_[1e6, np.ones(10_001)]
    for q in (9_900.0, 10_000.0, 1e6):
        exact, _ = quad(
            lambda x, q=q: 2 * norm.pdf(x) * chi2.cdf(q - 1e6 * x * x, 10_000),
            0, (q / 1e6) ** 0.5, epsabs=1e-14, limit=500,
        )  # fmt: skip
        assert residual_cdf(np.array([q]), X, np.ones(10_002), S[None])[0] == pytest.approx(
            exact, abs=1e-11
        )


def test_all_sums_of_no_size_are_zero() -> None:
    found = residual_cdf(np.array([0.0, 1.0]), np.ones((3, 1)), np.ones(3), np.ones((2, 3)))
    assert found[0] == 0.0
    assert found[1] == pytest.approx(chi2.cdf(1.0, 2))


def test_outermost_limits_of_a_likelihood_with_two_maxima() -> None:
    # found among simulated sets: between its maxima the profile falls below the limit
    yi, vi = [-1.9, -6.961, 0.939], [7.18788, 6.97627, 0.00179]
    fit = pb.pool(yi, vi, method="ML", test="z")
    _, low, high = fit.confint(type="PL").tau2
    cut = fit.ll - 0.5 * chi2.ppf(0.95, 1)
    assert low == 0.0
    assert pb.profile(fit, [high]).ll == pytest.approx(cut, abs=1e-9)
    assert (pb.profile(fit, high * np.geomspace(1.001, 1e6, 200)).ll < cut).all()
    assert (pb.profile(fit, np.geomspace(1e-6, high, 400)).ll < cut).any()


def test_profile_limits_of_tiny_units_are_as_exact() -> None:
    d = PINNED["data"]["bcg"]
    y, v = np.array(d["yi"]), np.array(d["vi"])
    one = pb.pool(y, v, method="ML", test="z").confint(type="PL").tau2
    tiny = pb.pool(1e-4 * y, 1e-8 * v, method="ML", test="z").confint(type="PL").tau2
    assert 1e8 * np.array(tiny) == pytest.approx(one, rel=1e-9)


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("REML", {"type": "Wald"}, "QP"),
        ("DL", {"type": "PL"}, "ML or REML"),
        ("REML", {"type": "GENQ"}, "weights="),
        ("REML", {"type": "GENQ", "weights": [1, 1]}, "13 rows"),
        ("REML", {"type": "GENQ", "weights": [0.0] * 13}, "positive"),
        ("REML", {"weights": [1.0] * 13}, "GENQ"),
    ],
)
def test_misuse(method: str, options: dict[str, Any], message: str) -> None:
    fit = fit_of({"set": "bcg", "mods": "~1"}, method=method, test="z")
    with pytest.raises(pb.ProbatumError, match=message):
        fit.confint(**options)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 5)), min_size=3, max_size=9).filter(
        lambda r: np.ptp([y for y, _ in r]) > 0.01
    ),
    factor=st.floats(0.01, 100),
    shift=st.floats(-10, 10),
)
def test_intervals_follow_the_unit_and_not_the_origin(
    rows: list[tuple[float, float]], factor: float, shift: float
) -> None:
    y, v = (np.array(x) for x in zip(*rows))
    one = pb.pool(y, v, test="kr")
    other = pb.pool(factor * y + shift, factor**2 * v, test="kr")
    assert other.ddf == pytest.approx(one.ddf, rel=1e-6)
    assert other.se == pytest.approx(factor * one.se, rel=1e-6)
    scale = factor**2
    for kind, a in (("PL", None), ("GENQ", 1 / v), ("GENQ", v**-0.5)):
        before = one.confint(type=kind, weights=a).tau2[1:]
        after = other.confint(type=kind, weights=a).tau2[1:]
        # a likelihood is flat about its top, which tau2 is found to 1e-7 by
        assert after == pytest.approx(scale * np.array(before), rel=1e-5, abs=1e-6 * scale)
