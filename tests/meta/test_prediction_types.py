"""Prediction intervals by name: metafor's, those named after meta's, and the bootstrap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad_vec
from scipy.optimize import brentq
from scipy.stats import norm
from scipy.stats import t as student
from test_intervals import cases, farebrother, fit_of

import probatum as pb
from probatum.meta.prediction_types import PREDICTION_TYPES, tau2_quantiles
from probatum.meta.quadratic_form import residual_cdf

BCG = {"set": "bcg", "mods": "~1"}


def limits(fit: pb.MetaFit, predtype: str, **options: Any) -> list[float]:
    p = fit.predict(predtype=predtype, **options)
    return [float(p.pi_lb[0]), float(p.pi_ub[0])]


@pytest.mark.parametrize("case", cases("predict"))
def test_metafors_conventions(case: dict[str, Any]) -> None:
    found = fit_of(case, test=case["test"]).predict(predtype=case["pi"])
    size = np.ptp(np.r_[case["result"]["lb"], case["result"]["ub"]])
    assert found.pi_lb == pytest.approx(np.atleast_1d(case["result"]["lb"]), abs=1e-7 * size)
    assert found.pi_ub == pytest.approx(np.atleast_1d(case["result"]["ub"]), abs=1e-7 * size)


@pytest.mark.parametrize(
    ("name", "test", "own", "df"),
    [("V", "z", "t", 12), ("HTS", "z", "Riley", 11), ("HK", "knha", "t", 12),
     ("HK-PR", "knha", "Riley", 11), ("S", "z", "default", np.inf)],
)  # fmt: skip
def test_a_name_says_which_error_whatever_the_fit_has(
    name: str, test: str, own: str, df: float
) -> None:
    fit = fit_of(BCG, test=test)
    half = student.ppf(0.975, df) * (fit.vb[0, 0] + fit.tau2) ** 0.5
    expected = [fit.beta[0] - half, fit.beta[0] + half]
    assert limits(fit, own) == pytest.approx(expected, rel=1e-12)
    for other in ("z", "t", "knha", "adhoc", "kr"):
        assert limits(fit_of(BCG, test=other), name) == pytest.approx(expected, rel=1e-12)


def test_kenward_roger() -> None:
    fit = fit_of(BCG, test="kr")
    for name, df in (("KR", fit.dfs), ("KR-PR", fit.dfs - 1)):
        half = student.ppf(0.975, df) * (fit.vb[0, 0] + fit.tau2) ** 0.5
        for test in ("kr", "z"):
            assert limits(fit_of(BCG, test=test), name)[1] == pytest.approx(fit.beta[0] + half)
    assert limits(fit, "default") == pytest.approx(limits(fit, "KR"))


def test_with_moderators_the_coefficients_count() -> None:
    fit = fit_of({"set": "bcg", "mods": "~x1"}, test="z")
    p = fit.predict([30.0], predtype="HTS")
    half = student.ppf(0.975, 10) * (p.se[0] ** 2 + fit.tau2) ** 0.5
    assert p.pi_ub[0] == pytest.approx(p.pred[0] + half)


def test_every_convention_is_told_and_runs() -> None:
    fit = fit_of(BCG, test="knha")
    for name, kind in PREDICTION_TYPES.items():
        low, high = limits(fit, name.lower(), draws=1000)
        assert low < fit.beta[0] < high
        assert kind.source
        assert name in (pb.MetaFit.predict.__doc__ or "") + str(kind)
    narrow, wide = limits(fit, "S"), limits(fit, "HTS")
    assert wide[0] < narrow[0]
    assert narrow[1] < wide[1]


# Hartung J, Knapp G (2001). Statistics in Medicine 20, 3875-3889: 13 trials of cisapride
CISAPRIDE = {
    "ai": [15, 12, 29, 42, 14, 44, 14, 29, 10, 17, 38, 19, 21],
    "n1i": [16, 16, 34, 56, 22, 54, 17, 58, 14, 26, 44, 29, 38],
    "ci": [9, 1, 18, 31, 6, 17, 7, 23, 3, 6, 12, 22, 19],
    "n2i": [16, 16, 34, 56, 22, 55, 15, 58, 15, 27, 45, 30, 38],
}


def test_the_authors_own_example_of_the_bootstrap() -> None:
    # documentation of the authors' R package pimeta 1.1.4, "Introduction": 25,000 draws gave
    # 4.141 [0.533, 33.692], with its own random numbers. One run's log limits have standard
    # deviations of 0.015 and 0.03 (from ours with other seeds); ours has a hundredth of that.
    es = pb.effect_sizes(measure="OR", add=0.5, to="all", **CISAPRIDE)
    fit = pb.pool(es, method="DL", test="z")
    p = fit.predict(predtype="NNF", transf="exp", draws=400_000)
    assert p.pred[0] == pytest.approx(4.141, abs=5e-4)
    assert fit.tau2 == pytest.approx(0.718, abs=5e-4)
    assert np.log(p.pi_lb[0]) == pytest.approx(np.log(0.533), abs=0.05)
    assert np.log(p.pi_ub[0]) == pytest.approx(np.log(33.692), abs=0.09)


def test_the_bootstrap_draws_from_the_distribution_that_it_should() -> None:
    # the probability below each limit by integration over tau2 and t, with Farebrother's series
    y, v = np.array([0.1, 0.9, 0.5, -0.2, 0.4]), np.array([0.04, 0.02, 0.03, 0.05, 0.03])
    fit = pb.pool(y, v, test="z")
    a = 1 / v
    P = np.diag(a) - np.outer(a, a) / a.sum()
    q = y @ P @ y

    def below(tau2: float) -> float:
        root = np.sqrt(v + tau2)
        lam = np.linalg.eigvalsh(root[:, None] * P * root)[1:]
        return farebrother(q, lam)

    nodes, weights = np.polynomial.legendre.leggauss(40)
    u = 0.5 + 0.5 * nodes
    quantiles = [
        0.0 if 1 - below(0.0) >= x
        else brentq(lambda s, x=x: 1 - below(s) - x, 0, 1e3, xtol=1e-10) for x in u
    ]  # fmt: skip
    assert tau2_quantiles(y, v, u) == pytest.approx(quantiles, rel=1e-3, abs=1e-5)
    limits_ = np.array(limits(fit, "NNF", draws=1_000_000, seed=3))
    total = np.zeros(2)
    for weight, tau2 in zip(weights, quantiles):
        w = 1 / (v + tau2)
        mean = w @ y / w.sum()
        se = (w @ (y - mean) ** 2 / w.sum() / 4) ** 0.5
        away = limits_ - mean
        part, _ = quad_vec(
            lambda s, away=away, se=se, tau2=tau2: student.pdf(s, 4)
            * norm.cdf((away + s * se) / max(tau2, 1e-12) ** 0.5),
            -60, 60, epsabs=1e-8, limit=400, points=(0.0,),
        )  # fmt: skip
        total += 0.5 * weight * part
    assert total == pytest.approx([0.025, 0.975], abs=8e-4)


@pytest.mark.parametrize("k", [2, 3, 10, 40])
def test_quantiles_of_the_confidence_distribution_are_exact_to_a_millionth(k: int) -> None:
    rng = np.random.default_rng(k)
    v, u = rng.uniform(0.01, 0.3, k), rng.random(25_000)
    y = rng.normal(size=k) * np.sqrt(v + 0.1)
    some = np.argsort(u)[::97]  # from one end to the other
    found = tau2_quantiles(y, v, u)[some]
    a, above = 1.0 / v, found > 0
    q = float(a @ (y - a @ y / a.sum()) ** 2)
    total = v + found[above, None]
    back = 1.0 - residual_cdf(np.full(above.sum(), q), np.ones((k, 1)), a, total)
    assert back == pytest.approx(u[some][above], abs=3e-6)


def test_seeds() -> None:
    fit = fit_of(BCG, test="z")
    one, again, other, free = (
        limits(fit, "NNF", draws=500, seed=s) for s in (1, 1, 2, None)
    )  # fmt: skip
    assert one == again
    assert one != other
    assert free not in (one, other)


def test_studies_that_agree_leave_tau2_its_atom_at_0() -> None:
    y, v = np.array([0.1, 0.1001, 0.0999, 0.1]), np.array([0.1, 0.2, 0.15, 0.1])
    tau2 = tau2_quantiles(y, v, np.array([0.01, 0.5, 0.99, 0.9999999]))
    assert (tau2[:3] == 0.0).all()
    assert tau2[3] >= 0.0
    a = v.min() / v
    q = a @ (y - a @ y / a.sum()) ** 2
    assert residual_cdf(np.array([q]), np.ones((4, 1)), a, v[None])[0] < 1e-6


def test_identical_estimates_leave_no_width() -> None:
    fit = pb.pool([0.3, 0.3, 0.3], [0.1, 0.2, 0.15], test="z")
    assert limits(fit, "NNF", draws=1000) == pytest.approx([0.3, 0.3], abs=1e-9)


@pytest.mark.parametrize(
    ("case", "options", "message"),
    [
        (BCG, {"predtype": "HST"}, "HTS"),
        ({"set": "two", "mods": "~1"}, {"predtype": "HTS"}, "degrees of freedom"),
        ({"set": "bcg", "mods": "~x1"}, {"predtype": "NNF"}, "without moderators"),
        (BCG, {"predtype": "NNF", "draws": 5}, "at least 100"),
    ],
)
def test_misuse(case: dict[str, Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(pb.ProbatumError, match=message):
        fit_of(case, test="z").predict(**options)
    with pytest.raises(pb.BadInput, match="REML"):
        fit_of(BCG, test="z", method="DL").predict(predtype="KR")
