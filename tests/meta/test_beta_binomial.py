"""Beta-binomial models: against VGAM and glmmTMB, 40 digits, limits, bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import betabinom, binom

import probatum as pb
from probatum.meta.models.beta_binomial.likelihood import LINKS, Arm, Model, derivatives
from probatum.meta.models.beta_binomial.sums import rule

FILE = Path(__file__).parents[2] / "validation" / "beta_binomial.json"
PINNED = json.loads(FILE.read_text())
SETS = PINNED["sets"]


def es_of(name: str, measure: str) -> pb.EffectSizes:
    cells = {key: values for key, values in SETS[name].items() if key != "x"}
    return pb.effect_sizes(measure=measure, **cells)


def fit_of(case: dict[str, Any]) -> pb.MetaFit:
    return pb.pool_beta_binomial(
        es_of(case["set"], case["measure"]),
        common=case["common"],
        mods={"x": case["mods"]} if case.get("mods") else None,
    )


@pytest.mark.parametrize(
    "case",
    PINNED["fits"],
    ids=lambda c: f"{c['set']}-{c['measure']}-{c['common']}{'-mods' if c.get('mods') else ''}",
)
def test_fits_equal_vgam_and_glmmtmb(case: dict[str, Any]) -> None:
    fit = fit_of(case)
    assert fit.status == "converged"
    if "ll" in case:
        assert fit.ll == pytest.approx(case["ll"], abs=1e-8)
        assert fit.beta[0] == pytest.approx(case["beta"], rel=2e-6)
        shared = "beta" if case["common"] == "beta" else "rho"
        assert fit.extra[shared] == pytest.approx(case["rho"], rel=2e-6)
    if case.get("tmb"):
        p = len(fit.beta)
        assert fit.ll >= case["tmb"]["ll"][0] - 1e-8
        assert fit.ll == pytest.approx(case["tmb"]["ll"][0], abs=1e-7)
        assert fit.beta == pytest.approx(case["tmb"]["beta"][-p:], rel=1e-4, abs=1e-7)
        assert fit.se == pytest.approx(case["tmb"]["se"][-p:], rel=1e-4)
        assert fit.extra["rho"] == pytest.approx(case["tmb"]["rho"][0], rel=1e-4)


def test_the_pinned_fits_did_not_shrink() -> None:
    assert len(PINNED["fits"]) == 21
    assert sum(bool(case.get("tmb")) for case in PINNED["fits"]) == 8


# the likelihood


@pytest.mark.parametrize("m", [0, 1, 15, 16, 17, 28, 29, 100, 4_097, 300_000])
def test_sums_from_few_values(m: int) -> None:
    at, w = rule(m)
    r = np.arange(m, dtype=np.float64)
    assert len(at) < 16 + 12 * 20
    for c, g in ((0.3, 0.01), (1e-4, 2.0), (0.9, 1e-9)):
        for f in (np.log, np.reciprocal, np.square):
            exact = float(np.sum(f(c + r * g)))
            assert float(w @ f(c + at * g)) == pytest.approx(exact, rel=1e-12, abs=1e-12)


def test_log_likelihoods_are_those_of_scipy() -> None:
    y, n = np.array([0.0, 3, 9, 40, 900]), np.array([15.0, 20, 9, 4000, 90_000])
    mu, g = np.array([0.3, 0.1, 0.8, 0.02, 0.01]), np.array([0.2, 1e-3, 3.0, 0.05, 0.02])
    ours = Arm(y, n).at(mu, g)[0]
    np.testing.assert_allclose(ours, betabinom.logpmf(y, n, mu / g, (1 - mu) / g), atol=2e-9)
    ours = Arm(y, n).at(mu, np.zeros(5))[0]
    np.testing.assert_allclose(ours, binom.logpmf(y, n, mu), rtol=1e-11)


@pytest.mark.parametrize("common_beta", [False, True])
@pytest.mark.parametrize("link", LINKS)
def test_gradient_and_hessian(link: str, common_beta: bool) -> None:
    y, n = np.array([3.0, 0, 9, 40]), np.array([20.0, 15, 9, 400])
    one = np.ones((4, 1))
    designs = np.hstack([one, one]), np.hstack([one, 0 * one])
    model = Model((Arm(y, n), Arm(y + 1, n + 3)), designs, LINKS[link], common_beta)
    b = np.array([0.3, 0.1]) if link == "identity" else np.array([-0.9, 0.2])

    def at(step: Any) -> Any:
        found = derivatives(model, b + step[:2], 0.2 * float(np.exp(step[2])))
        assert found is not None
        return found

    h = 1e-5
    here, unit = at(np.zeros(3)), h * np.eye(3)
    slopes = [(at(u)[0] - at(-u)[0]) / (2 * h) for u in unit]
    np.testing.assert_allclose(here[1], slopes, rtol=1e-7, atol=1e-7)
    bends = [(at(u)[1] - at(-u)[1]) / (2 * h) for u in unit]
    np.testing.assert_allclose(here[2], bends, rtol=1e-6, atol=1e-5)


def test_a_search_without_derivatives_finds_nothing_better() -> None:
    d = SETS["zeros"]
    a, b, c, e = (np.array(d[name], float) for name in ("ai", "bi", "ci", "di"))

    def fall(t: Any) -> float:
        beta = np.exp(t[2])
        first, second = np.exp(t[0] + t[1]), np.exp(t[0])
        ll = betabinom.logpmf(a, a + b, first, beta) + betabinom.logpmf(c, c + e, second, beta)
        return -float(ll.sum())

    options = {"xatol": 1e-10, "fatol": 1e-13, "maxiter": 9000, "maxfev": 9000}
    best = minimize(fall, [0.0, -0.5, 2.0], method="Nelder-Mead", options=options)
    fit = pb.pool_beta_binomial(es_of("zeros", "OR"), common="beta")
    assert fit.ll == pytest.approx(-best.fun, abs=1e-9)
    assert fit.beta[0] == pytest.approx(best.x[1], abs=1e-6)
    assert fit.extra["beta"] == pytest.approx(np.exp(best.x[2]), rel=1e-5)


# what must hold


@pytest.mark.parametrize("common", ["rho", "beta"])
def test_links_tell_of_the_same_fit(common: str) -> None:
    fits = {
        code: pb.pool_beta_binomial(es_of("zeros", code), common=common)
        for code in ("OR", "RR", "RD")
    }
    ll = [fit.ll for fit in fits.values()]
    assert ll == pytest.approx([ll[0]] * 3, abs=1e-10)
    ratio, diff = np.exp(fits["RR"].beta[0]), fits["RD"].beta[0]
    second = diff / (ratio - 1)
    odds = ratio * (1 - second) / (1 - ratio * second)
    assert np.exp(fits["OR"].beta[0]) == pytest.approx(odds, rel=1e-7)


def test_groups_swapped_and_studies_in_another_order() -> None:
    d = SETS["zeros"]
    swapped = pb.effect_sizes(measure="OR", ai=d["ci"], bi=d["di"], ci=d["ai"], di=d["bi"])
    turned = pb.effect_sizes(
        measure="OR", **{name: d[name][::-1] for name in ("ai", "bi", "ci", "di")}
    )
    one = pb.pool_beta_binomial(es_of("zeros", "OR"))
    other = pb.pool_beta_binomial(swapped)
    assert other.beta[0] == pytest.approx(-one.beta[0], rel=1e-8)
    assert other.se[0] == pytest.approx(one.se[0], rel=1e-8)
    again = pb.pool_beta_binomial(turned)
    assert again.beta[0] == pytest.approx(one.beta[0], rel=1e-9)


def test_no_variation_is_the_binomial_model() -> None:
    xi, ni = [5, 10, 15, 20], [50, 100, 150, 200]
    fit = pb.pool_beta_binomial(pb.effect_sizes(measure="PLO", xi=xi, ni=ni))
    assert fit.status == "boundary"
    assert (fit.extra["rho"], fit.extra["LRT"], fit.extra["LRTp"]) == (0.0, 0.0, 1.0)
    assert fit.beta[0] == pytest.approx(np.log(0.1 / 0.9), rel=1e-10)
    assert fit.se[0] == pytest.approx(1 / np.sqrt(500 * 0.09), rel=1e-10)
    glmm = pb.pool_glmm(pb.effect_sizes(measure="PLO", xi=xi, ni=ni))
    assert fit.ll == pytest.approx(glmm.ll, abs=1e-9)


def test_studies_without_events_count() -> None:
    d = SETS["zeros"]
    keep = [i for i in range(8) if d["ai"][i] + d["ci"][i] > 0]
    less = {name: [d[name][i] for i in keep] for name in ("ai", "bi", "ci", "di")}
    with_zeros = pb.pool_beta_binomial(es_of("zeros", "OR"))
    without = pb.pool_beta_binomial(pb.effect_sizes(measure="OR", **less))
    assert (with_zeros.k, without.k) == (8, 6)
    assert with_zeros.beta[0] != pytest.approx(without.beta[0], rel=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_sparse_tables_always_give_a_fit_or_a_reason(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fitted = 0
    for _ in range(12):
        k = int(rng.integers(1, 9))
        n1, n2 = rng.integers(1, 90, k), rng.integers(1, 90, k)
        p = rng.beta(1, 4, k)
        es = pb.effect_sizes(
            measure="OR", ai=rng.binomial(n1, p / 2), n1i=n1, ci=rng.binomial(n2, p), n2i=n2
        )
        for code in ("OR", "RR", "RD"):
            try:
                fit = pb.pool_beta_binomial(es, measure=code, common=("rho", "beta")[seed % 2])
            except pb.BadInput:
                continue
            fitted += 1
            assert fit.converged
            assert np.isfinite([fit.beta[0], fit.se[0], fit.ll]).all()
            assert fit.extra["LRT"] >= 0
    assert fitted >= 20


def test_what_it_says_of_itself() -> None:
    fit = pb.pool_beta_binomial(es_of("bcg", "OR"), test="t")
    text = fit.summary()
    assert "beta-binomial model of 13 estimates (OR)" in text
    assert "intraclass correlation = 0.0508 (SE 0.0165)" in text
    assert "I2" not in text
    shown = fit.predict(transf="exp")
    assert shown.pred[0] == pytest.approx(np.exp(fit.beta[0]))
    assert np.isnan(shown.pi_lb[0])
    assert "common beta = 18.0575" in pb.pool_beta_binomial(
        es_of("bcg", "OR"), common="beta"
    ).summary()  # fmt: skip


def test_its_forest_plot_has_what_it_has() -> None:
    svg = pb.forest(pb.pool_beta_binomial(es_of("zeros", "OR")))._repr_svg_()
    assert "intraclass correlation" in svg
    assert "likelihood ratio" in svg
    assert "Weight" not in svg
    assert "Q =" not in svg


@pytest.mark.parametrize(
    ("es", "options", "message"),
    [
        ({"measure": "MD", "m1i": 1, "m2i": 2, "sd1i": 1, "sd2i": 1, "n1i": 9, "n2i": 9}, {},
         "pool_beta_binomial takes OR"),
        ({"measure": "GEN", "yi": 1, "vi": 1}, {"measure": "OR"}, "needs the counts themselves"),
        ({"measure": "OR", "ai": 3, "bi": 9, "ci": 4, "di": 9}, {"common": "alpha"}, "common"),
        ({"measure": "OR", "ai": 3, "bi": 9, "ci": 4, "di": 9}, {"test": "knha"}, "test"),
        ({"measure": "PLO", "xi": 3, "ni": 9}, {"common": "beta"}, "two groups"),
        ({"measure": "OR", "ai": [0, 0], "bi": 9, "ci": [4, 2], "di": 9}, {}, "one group has no"),
        ({"measure": "PR", "xi": [9, 9], "ni": 9}, {}, "anything but events"),
        ({"measure": "PLO", "xi": 3.5, "ni": 9}, {}, "not whole numbers"),
        ({"measure": "OR", "ai": [3, 4], "bi": 9, "ci": 4, "di": 9},
         {"mods": [[1, 2, 3], [3, 4, 5]]}, "can't carry"),
    ],
)  # fmt: skip
def test_misuse_says_what_to_do(es: dict[str, Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(pb.ProbatumError, match=message):
        pb.pool_beta_binomial(pb.effect_sizes(**es), **options)
