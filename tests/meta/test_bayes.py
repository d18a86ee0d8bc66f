"""Bayesian pooling against integration over a plain grid of (mu, tau), and known limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import dblquad, quad

import probatum as pb
from probatum.meta.bayes.empirical import RHODES, TURNER
from probatum.meta.bayes.mixture import Mixture
from probatum.meta.bayes.priors import TauPrior, tau_prior

# coaching in eight schools: Rubin DB (1981), Journal of Educational Statistics 6, 377-400
SCHOOLS = np.array([28.39, 7.94, -2.75, 6.82, -0.64, 0.63, 18.01, 12.16])
ERRORS = np.array([14.9, 10.2, 16.3, 11.0, 9.4, 11.4, 10.4, 17.6])


def _by_grid(prior: TauPrior, mu: tuple[float, float] | None) -> dict[str, Any]:
    """Simpson's rule on a rectangle, by no part of the package but the prior's density."""
    from scipy.integrate import simpson

    T, M = np.linspace(1e-9, 250, 2501), np.linspace(-120, 140, 1041)
    ll = prior.log_density(T)[None, :] + np.zeros((len(M), 1))
    for y, s in zip(SCHOOLS, ERRORS):
        ll += stats.norm.logpdf(y, M[:, None], np.sqrt(s * s + T[None, :] ** 2))
    if mu is not None:
        ll += stats.norm.logpdf(M, *mu)[:, None]
    joint = np.exp(ll - ll.max())
    of_mu, of_tau = simpson(joint, x=T, axis=1), simpson(joint, x=M, axis=0)
    whole = simpson(of_mu, x=M)
    mean = simpson(of_mu * M, x=M) / whole
    below = simpson(of_mu[M <= 0], x=M[M <= 0]) / whole  # 0 is one of the points
    return {
        "mean": mean,
        "sd": np.sqrt(simpson(of_mu * (M - mean) ** 2, x=M) / whole),
        "below 0": below,
        "tau": simpson(of_tau * T, x=T) / whole,
        "log marginal": np.log(whole) + ll.max(),
    }


@pytest.mark.parametrize("mu", [None, (0.0, 10.0)])
@pytest.mark.parametrize(
    ("family", "parameters"),
    [("half-normal", {"scale": 10.0}), ("exponential", {"mean": 8.0}),
     ("half-t", {"scale": 8.0, "df": 4.0}), ("lognormal", {"mean": 3.0, "sd": 1.0})],
)  # fmt: skip
def test_against_a_grid(family: str, parameters: dict[str, float], mu: Any) -> None:
    prior = tau_prior(family, **parameters)
    fit = pb.pool_bayes(SCHOOLS, sei=ERRORS, tau=prior, mu=mu)
    grid = _by_grid(prior, mu)
    tol = 2e-4 if family == "half-t" else 1e-5  # the grid ends at 250
    assert fit.coefficients[0].average == pytest.approx(grid["mean"], rel=tol)
    assert fit.sd[0] == pytest.approx(grid["sd"], rel=tol)
    assert float(fit.coefficients[0].cdf(0.0)) == pytest.approx(grid["below 0"], rel=10 * tol)
    assert fit.tau.average == pytest.approx(grid["tau"], rel=1e-2 if tol > 1e-5 else tol)
    if mu is None:
        assert np.isnan(fit.log_marginal)
    else:
        assert fit.log_marginal == pytest.approx(grid["log marginal"], abs=1e-4)


def test_marginal_likelihood_against_adaptive_quadrature() -> None:
    def integrand(m: float, t: float) -> float:
        like = np.prod(stats.norm.pdf(SCHOOLS, m, np.sqrt(ERRORS**2 + t * t)))
        return float(like * stats.halfcauchy.pdf(t, scale=5) * stats.norm.pdf(m, 0, 10))

    value, _ = dblquad(integrand, 0, np.inf, -100, 100, epsabs=0, epsrel=1e-7)
    fit = pb.pool_bayes(SCHOOLS, sei=ERRORS, tau="half-cauchy", scale=5.0, mu=(0, 10))
    assert fit.log_marginal == pytest.approx(np.log(value), abs=1e-6)
    null, _ = quad(
        lambda m: np.prod(stats.norm.pdf(SCHOOLS, m, ERRORS)) * stats.norm.pdf(m, 0, 10),
        -100,
        100,
        epsabs=0,
    )
    assert fit.bf_homogeneity == pytest.approx(null / value, rel=1e-6)


def test_effect_bayes_factor_is_the_ratio_of_marginal_likelihoods() -> None:
    fit = pb.pool_bayes(SCHOOLS, sei=ERRORS, tau="half-normal", scale=10.0, mu=(0, 10))
    null, _ = quad(
        lambda t: (
            np.prod(stats.norm.pdf(SCHOOLS, 0, np.sqrt(ERRORS**2 + t * t)))
            * stats.halfnorm.pdf(t, scale=10)
        ),
        0, np.inf, epsabs=0,
    )  # fmt: skip
    assert fit.bf_effect() == pytest.approx(null / np.exp(fit.log_marginal), rel=1e-6)


@pytest.mark.parametrize(
    ("family", "parameters"),
    [("half-normal", {"scale": 0.5}), ("half-cauchy", {"scale": 0.5}),
     ("half-t", {"scale": 0.3, "df": 3.0}), ("exponential", {"mean": 0.4}),
     ("uniform", {"upper": 2.0}), ("lognormal", {"mean": -3.0, "sd": 1.5}),
     ("log-t", {"mean": -3.0, "scale": 1.2, "df": 5.0})],
)  # fmt: skip
def test_priors_integrate_to_one(family: str, parameters: dict[str, float]) -> None:
    prior = tau_prior(family, **parameters)
    # in log tau, where heavy tails on both sides are within reach
    total, _ = quad(
        lambda x: np.exp(prior.log_density(np.array([np.exp(x)]))[0] + x), -60, 60, limit=500,
        points=[np.log(2.0)],
    )  # fmt: skip
    assert prior.proper
    assert total == pytest.approx(1.0, abs=1e-6)


def test_a_tight_prior_gives_the_equal_effects_model() -> None:
    y, v = np.array([0.1, 0.3, 0.5]), np.array([0.01, 0.02, 0.03])
    fit = pb.pool_bayes(y, v, tau="half-normal", scale=1e-6, interval="central")
    fixed = pb.pool(y, v, method="EE", test="z")
    assert fit.beta == pytest.approx(fixed.beta, abs=1e-9)
    assert fit.ci_lb == pytest.approx(fixed.ci_lb, abs=1e-8)


def test_meta_regression_and_prediction() -> None:
    x = np.arange(8.0)
    fit = pb.pool_bayes(SCHOOLS, sei=ERRORS, mods=x, tau="half-normal", scale=10.0)
    assert fit.names == ("intrcpt", "mods")
    with pytest.raises(pb.BadInput, match="moderators"):
        fit.predictive()
    plain = pb.pool_bayes(SCHOOLS, sei=ERRORS, tau="half-normal", scale=10.0)
    new = plain.predictive()
    assert new.spread > plain.sd[0]
    assert new.average == pytest.approx(plain.coefficients[0].average)
    rows = plain.shrinkage()
    assert [r["slab"] for r in rows] == [str(i + 1) for i in range(8)]
    assert 7.94 < rows[0]["median"] < 28.39  # pulled from its estimate towards the average


def test_shortest_is_no_longer_than_central_and_holds_as_much() -> None:
    fit = pb.pool_bayes(SCHOOLS, sei=ERRORS, tau="half-normal", scale=10.0)
    a, b = fit.coefficients[0].shortest(95)
    c, d = fit.coefficients[0].central(95)
    assert b - a <= d - c
    held = float(fit.coefficients[0].cdf(b) - fit.coefficients[0].cdf(a))
    assert held == pytest.approx(0.95, abs=1e-9)
    assert fit.tau_lb == 0.0
    assert fit.tau.cdf(fit.tau_ub) == pytest.approx(0.95, abs=1e-9)
    assert fit.tau.cdf(fit.tau.quantile(0.3)) == pytest.approx(0.3, abs=1e-12)


def test_quantiles_are_the_inverse_of_the_distribution_function() -> None:
    p = np.array([1e-12, 1e-6, 0.025, 0.3, 0.5, 0.9, 0.975, 1 - 1e-9])
    fit = pb.pool_bayes(SCHOOLS, sei=ERRORS, tau="half-cauchy", scale=5.0)
    for law in (fit.coefficients[0], fit.predictive(), fit.tau):
        x = law.quantile(p)
        assert (np.diff(x) > 0).all()
        assert law.cdf(x) == pytest.approx(p, rel=1e-9, abs=1e-13)
        assert law.quantile(0.3) == pytest.approx(float(x[3]), rel=1e-14)
        step = 1e-5 * np.abs(x[2:7])
        slope = (law.cdf(x[2:7] + step) - law.cdf(x[2:7] - step)) / (2 * step)
        assert law.derivatives(x[2:7])[1] == pytest.approx(slope, rel=1e-6)
    lognormal = tau_prior("lognormal", mean=3.0, sd=1.0)
    inside = pb.pool_bayes(SCHOOLS, sei=ERRORS, tau=lognormal).tau
    low, high = inside.shortest(95)  # tau = 0 is impossible here
    _, density, _ = inside.derivatives(np.array([low, high]))
    assert density[0] == pytest.approx(density[1], rel=1e-9)
    assert inside.cdf(high) - inside.cdf(low) == pytest.approx(0.95, abs=1e-12)


def test_shortest_interval_of_two_peaks() -> None:
    """60 percent: one peak of two alone would not hold it, so it spans the gap or lies on one."""
    two = Mixture(np.array([0.3, 0.7]), np.array([0.0, 8.0]), np.array([1.0, 1.0]))
    low, high = two.shortest(60)
    tail = np.linspace(1e-6, 0.4 - 1e-6, 20_001)
    widths = two.quantile(0.6 + tail) - two.quantile(tail)
    assert high - low == pytest.approx(widths.min(), rel=1e-6)
    assert float(two.cdf(high) - two.cdf(low)) == pytest.approx(0.6, abs=1e-9)
    far = Mixture(np.array([1 - 1e-9, 1e-9]), np.array([0.0, 0.0]), np.array([1.0, 1e8]))
    assert far.quantile(0.975) == pytest.approx(stats.norm.ppf(0.975), abs=1e-7)
    assert far.cdf(far.quantile(1 - 1e-10)) == pytest.approx(1 - 1e-10, abs=1e-15)


@pytest.mark.parametrize(
    ("table", "column"),
    [("OR", c) for c in range(5)] + [(area, c) for area in RHODES for c in range(3)],
)
def test_empirical_tables_are_additive(table: str, column: int) -> None:
    """Both papers fitted additive models: a typing error would stand out of its column."""
    rows = TURNER if table == "OR" else RHODES[table]
    against = 1 if column == 0 else 0
    pairs = [(r[column], r[against]) for r in rows.values()]
    if table == "cancer":  # two cells of the first column are left out
        pairs = [(r[column], r[2 if column == 1 else 1]) for r in rows.values()]
    apart = [a[0] - b[0] for a, b in pairs if a is not None and b is not None]
    assert len(apart) >= 6
    assert np.ptp(apart) <= 0.021


def test_empirical_priors() -> None:
    prior = pb.empirical_prior("OR", "all-cause mortality", "pharmacological vs placebo")
    fit = pb.pool_bayes([0.1, 0.4, -0.2], [0.04, 0.05, 0.08], tau=prior)
    law = pb.tau_prior("lognormal", mean=-3.95, sd=1.34)
    assert fit.tau_median == pb.pool_bayes([0.1, 0.4, -0.2], [0.04, 0.05, 0.08], tau=law).tau_median
    assert dict(pb.empirical_prior("SMD").parameters) == {"mean": -3.44, "scale": 2.59, "df": 5.0}
    named = pb.empirical_prior("SMD", "mental health", "non-pharmacological", area="cancer")
    assert named.parameters["mean"] == -0.29
    with pytest.raises(pb.BadInput, match="can't be right"):
        pb.empirical_prior("SMD", "mental health", "non-pharmacological")
    with pytest.raises(pb.UnknownOption, match="all-cause mortality"):
        pb.empirical_prior("OR", "mortality", "pharmacological vs placebo")
    with pytest.raises(pb.UnknownOption, match="non-pharmacological"):
        pb.empirical_prior("SMD", "mental health", "drug vs drug")
    with pytest.raises(pb.BadInput, match="go together"):
        pb.empirical_prior("OR", "pain")
    with pytest.raises(pb.BadInput, match="know no medical area"):
        pb.empirical_prior("OR", area="cancer")


def test_bad_input_is_told() -> None:
    y, v = [0.1, 0.3], [0.01, 0.02]
    with pytest.raises(pb.BadInput, match="improper prior"):
        pb.pool_bayes(y, v, tau="uniform")
    with pytest.raises(pb.UnknownOption, match="half-normal"):
        pb.pool_bayes(y, v, tau="halfnormal")
    with pytest.raises(pb.BadInput, match="must be positive"):
        pb.pool_bayes(y, v, scale=-1)
    with pytest.raises(pb.BadInput, match="mean and a positive"):
        pb.pool_bayes(y, v, mu=(0, 0))
    with pytest.raises(pb.BadInput, match="sampling variances"):
        pb.pool_bayes(y, [0.01, 0.0])
    with pytest.raises(pb.BadInput, match="missing"):
        tau_prior("lognormal", mean=1)
    one = pb.pool_bayes([0.4], [0.04], tau="half-normal", scale=0.5)
    assert one.beta[0] == pytest.approx(0.4)
