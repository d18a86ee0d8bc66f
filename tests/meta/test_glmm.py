"""Mixed models of counts: against metafor and lme4, exact integrals, properties, bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats.contingency import odds_ratio

import probatum as pb
from probatum.meta.models.glmm.families import Binomial, Hypergeometric, Poisson
from probatum.meta.models.glmm.fit import _counts
from probatum.meta.models.glmm.models import fit_equal, likelihood
from probatum.meta.models.glmm.quadrature import marginal

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "glmm.json").read_text())
SPARSE = PINNED["sets"]["sparse"]
MODELS = ("UM.FS", "UM.RS", "CM.AL", "CM.EL")


def model_of(case: dict[str, Any]) -> str:
    return case["model"] if isinstance(case.get("model"), str) else "UM.FS"


def problem(es: pb.EffectSizes, model: str, coding: float = 0.5, cor: bool = False) -> Any:
    counts = _counts(es, es.measure, True)
    X = np.ones((int(counts.usable.sum()), 1))
    return likelihood(es.measure, model, counts.used(), X, coding, cor)


def by_lme4(case: dict[str, Any]) -> bool:
    """Whether metafor hands the random-effects fit to lme4 (7 nodes, reached to about 1e-4)."""
    exact = case["measure"] == "OR" and model_of(case) == "CM.EL"
    return case.get("method") != "EE" and not exact


# metafor's numbers


def fits_of(case: dict[str, Any]) -> pb.MetaFit:
    es = pb.effect_sizes(measure=case["measure"], **PINNED["sets"][case["set"]])
    mods = case.get("mods")
    return pb.pool_glmm(
        es,
        model=model_of(case),
        mods=mods if isinstance(mods, list) else None,
        method=case["method"],
        test=case["test"],
    )


@pytest.mark.parametrize(
    "case", PINNED["fits"], ids=lambda c: f"{c['set']}-{model_of(c)}-{c['method']}-{c['test']}"
)
def test_pinned_fits(case: dict[str, Any]) -> None:
    fit = fits_of(case)
    assert fit.converged
    if "error" in case:  # "Optimizer (nlminb) did not achieve convergence"
        assert np.isfinite([fit.beta[0], fit.se[0]]).all()
        return
    loose = 1e-4 if by_lme4(case) else 1e-6
    assert fit.beta == pytest.approx(case["beta"], rel=loose)
    assert fit.se == pytest.approx(case["se"], rel=max(loose, 2e-5))
    assert fit.pval == pytest.approx(case["pval"], rel=20 * max(loose, 2e-5))
    assert fit.tau2 == pytest.approx(case["tau2"][0], rel=1e-4, abs=1e-8)
    assert fit.extra["QE_LRT"] == pytest.approx(case["QE_LRT"][0], rel=1e-9)
    assert fit.extra["QE_Wld"] == pytest.approx(case["QE_Wld"][0], rel=1e-4)
    assert fit.k == case["k"]
    stats = fit.fit_stats["ML"]
    for name in ("AIC", "BIC", "AICc"):  # what is added to -2 ll
        penalty = case[name][0] + 2 * case["ll"][0]
        assert getattr(stats, name) + 2 * stats.ll == pytest.approx(penalty, abs=1e-9)
    if not by_lme4(case) or fit.status == "boundary":
        assert stats.ll == pytest.approx(case["ll"][0], abs=1e-8)


@pytest.mark.parametrize(
    "case", PINNED["exact"], ids=lambda c: f"{c['set']}-{c['model']}-{c['tau']}"
)
def test_likelihoods_are_the_integrals(case: dict[str, Any]) -> None:
    es = pb.effect_sizes(measure=case["measure"], **PINNED["sets"][case["set"]])
    cells = _counts(es, case["measure"], False).cells
    chosen = likelihood(case["measure"], case["model"], cells, np.ones((len(es), 1)), 0.5)
    at = np.array([float(case["mu"])]), np.array([float(case["tau"])])
    ours = float(marginal(chosen.random, *at, None, 127, None).ll.sum())
    assert ours == pytest.approx(case["ll"], abs=2e-9)


def test_the_pinned_cases_did_not_shrink() -> None:
    assert (len(PINNED["fits"]), len(PINNED["exact"])) == (18, 18)


# effects correlated with the studies' levels


@pytest.mark.parametrize(
    "case", PINNED["correlated"], ids=lambda c: f"{c['set']}-coding-{c['coding']}"
)
def test_correlated_effects(case: dict[str, Any]) -> None:
    es = pb.effect_sizes(measure=case["measure"], **PINNED["sets"][case["set"]])
    fit = pb.pool_glmm(es, model="UM.RS", cor=True, coding=case["coding"])
    assert fit.status == "converged"
    near = 3e-2  # metafor's is the Laplace approximation
    assert fit.beta == pytest.approx(case["beta"], rel=near)
    assert fit.se == pytest.approx(case["se"], rel=near)
    assert fit.tau2 == pytest.approx(case["tau2"][0], rel=near)
    assert fit.extra["sigma2"] == pytest.approx(case["sigma2"][0], rel=near)
    # coding 0 varies the second group by what is the effect's opposite there: metafor's sign
    sign = -1 if case["coding"] == 0 else 1
    assert fit.extra["rho"] == pytest.approx(sign * case["rho"][0], rel=near)
    assert fit.fit_stats["ML"].dev == pytest.approx(case["dev"][0], abs=5e-2)


def test_correlated_effects_equal_lme4() -> None:
    theirs = PINNED["lme4"]
    es = pb.effect_sizes(measure="OR", **PINNED["sets"]["bcg"])
    chosen = problem(es, "UM.RS", cor=True)
    tau, rho = np.sqrt(theirs["tau2"][0]), theirs["rho"][0]
    lam = np.array([np.sqrt(theirs["sigma2"][0]), rho * tau, tau * np.sqrt(1 - rho**2)])
    b = np.array([theirs["level"][0], theirs["beta"][0]])
    laplace = float(marginal(chosen.random, b, lam, None, 1, None).ll.sum())
    assert laplace == pytest.approx(theirs["laplace"][0], abs=1e-6)
    assert laplace == pytest.approx(theirs["ll"][0], abs=2e-5)
    fit = pb.pool_glmm(es, model="UM.RS", cor=True)
    # parameters: two coefficients, two variances, one correlation (metafor 3.8-1 counts one less)
    stats = fit.fit_stats["ML"]
    assert (stats.AIC + 2 * stats.ll) / 2 == pytest.approx(theirs["df"][0])


@pytest.mark.parametrize("case", PINNED["exact_two"], ids=lambda c: str(c["lam"]))
def test_correlated_likelihoods_are_the_double_integrals(case: dict[str, Any]) -> None:
    chosen = problem(pb.effect_sizes(measure="OR", **SPARSE), "UM.RS", cor=True)
    at = np.array(case["b"]), np.array(case["lam"])
    ours = float(marginal(chosen.random, *at, None, 47, None).ll.sum())
    assert ours == pytest.approx(case["ll"], abs=1e-9)


def test_a_correlated_fit_is_the_same_whatever_the_coding_and_never_below_the_plain_one() -> None:
    for name in ("bcg", "sparse"):
        es = pb.effect_sizes(measure="OR", **PINNED["sets"][name])
        fits = [pb.pool_glmm(es, model="UM.RS", cor=True, coding=c) for c in (0.5, 1, 0)]
        plain = pb.pool_glmm(es, model="UM.RS")
        for fit in fits:
            assert fit.ll == pytest.approx(fits[0].ll, abs=1e-7)
            assert fit.tau2 == pytest.approx(fits[0].tau2, rel=1e-4)
            assert fit.ll >= plain.ll - 1e-8
            assert -1 <= fit.extra["rho"] <= 1
    assert "rho" not in plain.extra


# derivatives, limits


@pytest.mark.parametrize(
    "arm",
    [
        Binomial(np.array([0.0, 3, 9]), np.array([9.0, 9, 9]), np.array([0.1, -2, 0.5])),
        Poisson(np.array([0.0, 3, 9]), np.array([4.0, 2.5, 90])),
        Hypergeometric(
            *(np.array(x, float) for x in ([0, 3, 9], [9, 8, 9], [5, 7, 20], [4, 6, 9]))
        ),
    ],
    ids=["binomial", "Poisson", "hypergeometric"],
)
def test_derivatives_and_best(arm: Any) -> None:
    eta, h = np.array([[-1.0], [0.4], [2.0]]), 1e-5
    up, here, down = arm.at(eta + h), arm.at(eta), arm.at(eta - h)
    np.testing.assert_allclose(here.slope, (up.value - down.value) / (2 * h), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(here.bend, (up.slope - down.slope) / (2 * h), rtol=1e-6, atol=1e-8)
    grid = arm.at(np.tile(np.linspace(-40, 40, 8001), (3, 1))).value.max(axis=1)
    np.testing.assert_allclose(arm.best(), grid, atol=1e-4)
    assert np.all(arm.best() >= grid - 1e-12)


@pytest.mark.parametrize(("model", "cor"), [*((m, False) for m in MODELS), ("UM.RS", True)])
def test_gradient_and_hessian_of_the_marginal(model: str, cor: bool) -> None:
    es = pb.effect_sizes(measure="OR", **SPARSE)
    chosen = problem(es, model, cor=cor)
    b = np.full(chosen.random.p, -0.7)
    lam = np.array([0.6, 0.8, 0.5])[: len(chosen.random.effect)]
    alpha = None if chosen.random.own is None else np.full(chosen.random.k, -2.0)

    def ll(step: Any) -> float:
        at = marginal(chosen.random, b + step[: len(b)], lam + step[len(b) :], alpha, 60, None)
        return float(at.ll.sum())

    at, h, size = marginal(chosen.random, b, lam, alpha, 60, None), 1e-4, len(b) + len(lam)
    unit = h * np.eye(size)
    slopes = [(ll(u) - ll(-u)) / (2 * h) for u in unit]
    np.testing.assert_allclose(at.gradient.sum(axis=0), slopes, rtol=1e-6, atol=1e-7)
    bend = [[(ll(u + v) - ll(u - v) - ll(v - u) + ll(-u - v)) / (4 * h * h) for u in unit]
            for v in unit]  # fmt: skip
    np.testing.assert_allclose(at.hessian.sum(axis=0), bend, rtol=1e-4, atol=1e-4)


def test_one_table_gives_the_conditional_odds_ratio() -> None:
    fit = pb.pool_glmm(
        pb.effect_sizes(measure="OR", ai=12, bi=30, ci=20, di=25), model="CM.EL", method="EE"
    )
    known = odds_ratio([[12, 30], [20, 25]], kind="conditional").statistic
    assert np.exp(fit.beta[0]) == pytest.approx(known, rel=1e-6)


def test_standard_errors_are_those_of_the_whole_information() -> None:
    es = pb.effect_sizes(measure="OR", **PINNED["sets"]["bcg"])
    fit = pb.pool_glmm(es, model="UM.FS")
    chosen, tau = problem(es, "UM.FS"), np.sqrt(fit.tau2)

    def profile(mu: float, t: float) -> float:
        alpha = fit_equal(chosen).alpha
        for _ in range(50):
            at = marginal(chosen.random, np.array([mu]), np.array([t]), alpha, 25, None)
            alpha = alpha - at.g_own / at.h_own
        return float(at.ll.sum())

    h, top = 1e-3, profile(fit.beta[0], tau)
    mm = (profile(fit.beta[0] + h, tau) + profile(fit.beta[0] - h, tau) - 2 * top) / h**2
    tt = (profile(fit.beta[0], tau + h) + profile(fit.beta[0], tau - h) - 2 * top) / h**2
    mt = profile(fit.beta[0] + h, tau + h) - profile(fit.beta[0] + h, tau - h)
    mt = (mt - profile(fit.beta[0] - h, tau + h) + profile(fit.beta[0] - h, tau - h)) / (4 * h * h)
    covariance = np.linalg.inv(-np.array([[mm, mt], [mt, tt]]))
    assert fit.se[0] == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-4)
    assert fit.se_tau2 == pytest.approx(2 * tau * np.sqrt(covariance[1, 1]), rel=1e-3)


# properties


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS", "CM.EL"])
def test_swapping_the_groups_turns_the_effect_round(model: str) -> None:
    s = SPARSE
    there = pb.pool_glmm(pb.effect_sizes(measure="OR", **s), model=model)
    turned = {"ai": s["ci"], "bi": s["di"], "ci": s["ai"], "di": s["bi"]}
    back = pb.pool_glmm(pb.effect_sizes(measure="OR", **turned), model=model)
    assert back.beta[0] == pytest.approx(-there.beta[0], rel=1e-7)
    assert back.se[0] == pytest.approx(there.se[0], rel=1e-6)
    assert back.tau2 == pytest.approx(there.tau2, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_order_is_irrelevant(model: str) -> None:
    bcg = PINNED["sets"]["bcg"]
    order = [5, 3, 12, 0, 1, 2, 4, 11, 10, 9, 8, 7, 6]
    one = pb.pool_glmm(pb.effect_sizes(measure="OR", **bcg), model=model)
    other = {name: [x[i] for i in order] for name, x in bcg.items()}
    two = pb.pool_glmm(pb.effect_sizes(measure="OR", **other), model=model)
    assert two.beta[0] == pytest.approx(one.beta[0], rel=1e-10)
    assert two.tau2 == pytest.approx(one.tau2, rel=1e-10)


def test_a_study_without_events_changes_no_conditional_fit() -> None:
    more = {name: [*x, extra] for (name, x), extra in zip(SPARSE.items(), (0, 50, 0, 50))}
    one = pb.pool_glmm(pb.effect_sizes(measure="OR", **SPARSE), model="CM.EL")
    two = pb.pool_glmm(pb.effect_sizes(measure="OR", **more), model="CM.EL", drop00=False)
    assert two.beta[0] == pytest.approx(one.beta[0], rel=1e-9)
    left = pb.pool_glmm(pb.effect_sizes(measure="OR", **more))
    assert left.k_left_out == 1
    assert "say nothing of the effect" in left.left_out[-1]


@pytest.mark.parametrize("model", MODELS)
def test_sparse_tables_always_give_a_fit_or_a_reason(model: str) -> None:
    rng = np.random.default_rng(MODELS.index(model))
    fitted = 0
    for _ in range(15):
        k = int(rng.integers(2, 9))
        n1, n2 = rng.integers(5, 90, k), rng.integers(5, 90, k)
        p = rng.uniform(0.01, 0.2)
        es = pb.effect_sizes(
            measure="OR", ai=rng.binomial(n1, p / 2), n1i=n1, ci=rng.binomial(n2, p), n2i=n2
        )
        try:
            fit = pb.pool_glmm(es, model=model)
        except pb.BadInput:
            continue
        fitted += 1
        assert np.isfinite([fit.beta[0], fit.se[0], fit.tau2, fit.QE]).all()
        assert fit.tau2 >= 0
        equal = pb.pool_glmm(es, model=model, method="EE")
        assert fit.fit_stats["ML"].ll >= equal.fit_stats["ML"].ll - 1e-9
    assert fitted >= 10


@pytest.mark.parametrize("start", [0.02, 0.3, 3.0])
def test_no_grid_point_is_better(start: float) -> None:
    es = pb.effect_sizes(measure="OR", **PINNED["sets"]["bcg"])
    for model in ("CM.EL", "CM.AL"):
        fit = pb.pool_glmm(es, model=model)
        chosen = problem(es, model)
        for mu in np.linspace(fit.beta[0] - 1, fit.beta[0] + 1, 9):
            at = marginal(chosen.random, np.array([mu]), np.array([start]), None, 41, None)
            assert float(at.ll.sum()) <= fit.ll + 1e-10


def test_moderators_predictions_and_summary() -> None:
    es = pb.effect_sizes(measure="OR", **PINNED["sets"]["bcg"])
    latitude = np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33.0])
    fit = pb.pool_glmm(es, mods={"ablat": latitude}, model="CM.AL", test="t")
    assert fit.names == ("intrcpt", "ablat")
    assert fit.predict([[33.0]], transf="exp").pred[0] == pytest.approx(0.499, abs=2e-3)
    assert fit.QMdf == (1.0, 11.0)
    assert "OR CM.AL" in fit.summary()
    with pytest.raises(pb.BadInput, match="inverse-variance"):
        fit.confint()
    with pytest.raises(pb.BadInput):
        pb.leave1out(fit)


@pytest.mark.parametrize(
    ("es", "options", "message"),
    [
        ({"measure": "RR", "ai": 3, "bi": 9, "ci": 4, "di": 9}, {}, "pool_glmm takes OR"),
        ({"measure": "GEN", "yi": 1, "vi": 1}, {"measure": "OR"}, "needs the counts themselves"),
        ({"measure": "OR", "ai": 3, "bi": 9, "ci": 4, "di": 9}, {"model": "CM"}, 'model "CM"'),
        ({"measure": "OR", "ai": 3, "bi": 9, "ci": 4, "di": 9}, {"method": "REML"}, "method"),
        ({"measure": "OR", "ai": 3, "bi": 9, "ci": 4, "di": 9}, {"test": "knha"}, "test"),
        ({"measure": "OR", "ai": 3, "bi": 9, "ci": 4, "di": 9}, {"coding": 2}, "coding"),
        ({"measure": "OR", "ai": [0, 0], "bi": 9, "ci": [4, 2], "di": 9}, {}, "one group has no"),
        ({"measure": "OR", "ai": 3, "bi": 9, "ci": 4, "di": 9}, {"cor": True}, "UM.RS"),
        ({"measure": "PLO", "xi": [0, 0], "ni": 9}, {}, "no study has an event"),
        ({"measure": "OR", "ai": 3.5, "bi": 9, "ci": 4, "di": 9}, {}, "not whole numbers"),
        ({"measure": "OR", "ai": [3, 4], "bi": 9, "ci": 4, "di": 9},
         {"mods": [[1, 2, 3], [3, 4, 5]]}, "can't carry"),
        ({"measure": "IRR", "x1i": 3, "t1i": 9, "x2i": 4, "t2i": 9}, {"model": "CM.AL"},
         "conditional likelihood, CM.EL, is exact"),
        ({"measure": "OR", "ai": [None], "bi": [9], "ci": [4], "di": [9]}, {}, "ai is missing"),
    ],
)  # fmt: skip
def test_misuse_says_what_to_do(es: dict[str, Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(pb.ProbatumError, match=message):
        pb.pool_glmm(pb.effect_sizes(**es), **options)
