"""Model averages over publication bias: each marginal likelihood by plain grids, as the papers
write the models (Bartos et al. 2023, equations 1 to 6).
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import invgamma, norm

import probatum as pb
from probatum.errors import BadInput, UnknownOption
from probatum.meta.bayes.biasmodels import PSMA, Regression, Weights
from probatum.meta.bayes.robma import RobmaFit, robma

Y = np.array([0.62, 0.35, 0.51, -0.05, 0.8])
V = np.array([0.05, 0.02, 0.04, 0.03, 0.11])
CLOSE = 5e-6


def nodes(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre on (0, 1)."""
    x, w = np.polynomial.legendre.leggauss(n)
    return 0.5 * (x + 1.0), 0.5 * w


@pytest.fixture(scope="module")
def fit() -> RobmaFit:
    return robma(Y, V)


def priors(effect: bool, heterogeneity: bool) -> tuple[np.ndarray, ...]:
    """Places of mu and tau, flattened, and the log of prior times step."""
    mu, dmu = np.array([0.0]), np.array([0.0])
    if effect:
        mu = np.linspace(-6.5, 6.5, 1041)
        dmu = norm.logpdf(mu) + np.log(mu[1] - mu[0])
    tau, dtau = np.array([0.0]), np.array([0.0])
    if heterogeneity:
        x = np.linspace(np.log(0.004), np.log(60.0), 161)
        tau = np.exp(x)
        dtau = invgamma.logpdf(tau, 1.0, scale=0.15) + x + np.log(x[1] - x[0])
    m, t = (a.ravel() for a in np.meshgrid(mu, tau, indexing="ij"))
    return m, t, (dmu[:, None] + dtau[None]).ravel()


def normal_log(m: np.ndarray, t: np.ndarray, shift: np.ndarray | float = 0.0) -> np.ndarray:
    sd = np.sqrt(V + t[:, None] ** 2)
    return norm.logpdf(Y, m[:, None] + shift, sd).sum(axis=1)


def weighted_log(m: np.ndarray, t: np.ndarray, bias: Weights) -> np.ndarray:
    own = np.sqrt(V)
    sd = np.sqrt(V + t[:, None] ** 2)
    steps = np.array(bias.steps)
    cuts = [-np.inf, *norm.isf(steps[::-1] / (2 if bias.two_sided else 1)), np.inf]
    below = np.array(
        [
            norm.cdf((cut * own - m[:, None]) / sd)
            - (norm.cdf((-cut * own - m[:, None]) / sd) if bias.two_sided else 0.0)
            for cut in cuts[1:-1]
        ]
    )
    least = np.concatenate([np.zeros((1, *sd.shape)), below, np.ones((1, *sd.shape))])
    chance = np.diff(least, axis=0)[::-1]  # from the smallest p on
    p = 2 * norm.sf(abs(Y) / own) if bias.two_sided else norm.sf(Y / own)
    cell = np.searchsorted(steps, p)
    total = np.full(len(m), -np.inf)
    U, DU = nodes(60 if len(steps) < 3 else 32)
    shape = (len(U),) * len(steps)
    for at in np.ndindex(shape):  # falling weights: w1 = u1, w2 = u1 u2, ... uniform when ordered
        u = U[list(at)]
        omega = np.concatenate([[1.0], np.cumprod(u)])
        n = len(steps)
        log_mass = np.log(DU[list(at)]).sum() + np.log([1, 1, 2, 6][n])
        log_mass += sum((n - 1 - j) * np.log(u[j]) for j in range(n))
        seen = np.log(omega[cell]).sum() - np.log(np.tensordot(omega, chance, 1)).sum(axis=1)
        total = np.logaddexp(total, log_mass + seen)
    return normal_log(m, t) + total


def plain(effect: bool, heterogeneity: bool, bias: Weights | Regression | None) -> float:
    m, t, log_prior = priors(effect, heterogeneity)
    if bias is None:
        return float(logsumexp(normal_log(m, t) + log_prior))
    if isinstance(bias, Weights):
        return float(logsumexp(weighted_log(m, t, bias) + log_prior))
    parts = []
    for u in (np.arange(2000) + 0.5) / 2000:  # of a half-Cauchy, by its quantiles
        shift = bias.scale * np.tan(0.5 * np.pi * u) * bias.predictor(V)
        parts.append(logsumexp(normal_log(m, t, shift) + log_prior))
    return float(logsumexp(parts) - np.log(2000))


SMALL = [None, *(b for b in PSMA if isinstance(b, Weights) and len(b.steps) <= 1)]


@pytest.mark.parametrize("effect", [False, True])
@pytest.mark.parametrize("heterogeneity", [False, True])
@pytest.mark.parametrize("bias", SMALL, ids=lambda b: b.name if b else "none")
def test_marginal_likelihoods(
    fit: RobmaFit, effect: bool, heterogeneity: bool, bias: Weights | None
) -> None:
    name = bias.name if bias else "none"
    (ours,) = [
        m
        for m in fit.models
        if (m.effect, m.heterogeneity, m.bias) == (effect, heterogeneity, name)
    ]
    assert ours.log_marginal == pytest.approx(plain(effect, heterogeneity, bias), abs=CLOSE)


@pytest.mark.parametrize(
    "bias", [b for b in PSMA if isinstance(b, Weights) and len(b.steps) > 1], ids=lambda b: b.name
)
def test_marginal_likelihoods_of_several_steps(fit: RobmaFit, bias: Weights) -> None:
    ours = {(m.effect, m.heterogeneity, m.bias): m.log_marginal for m in fit.models}
    # three weights: 16 nodes for each are what can be held, and leave an error of 1e-4
    close = CLOSE if len(bias.steps) < 3 else 3e-4
    assert ours[False, False, bias.name] == pytest.approx(plain(False, False, bias), abs=close)
    if len(bias.steps) == 2 and bias.two_sided:
        assert ours[True, False, bias.name] == pytest.approx(plain(True, False, bias), abs=CLOSE)


@pytest.mark.parametrize("effect", [False, True])
@pytest.mark.parametrize("bias", PSMA[-2:], ids=lambda b: b.name)
def test_marginal_likelihoods_of_pet_and_peese(
    fit: RobmaFit, effect: bool, bias: Regression
) -> None:
    ours = {(m.effect, m.heterogeneity, m.bias): m for m in fit.models}
    one = ours[effect, False, bias.name]
    assert one.log_marginal == pytest.approx(plain(effect, False, bias), abs=1e-6)
    assert (one.mu != 0.0) is effect


def test_averages_follow_from_the_models(fit: RobmaFit) -> None:
    assert len(fit.models) == 36
    assert sum(m.prior for m in fit.models) == pytest.approx(1.0)
    weight = np.array([m.prior * np.exp(m.log_marginal) for m in fit.models])
    weight /= weight.sum()
    assert [m.posterior for m in fit.models] == pytest.approx(weight.tolist())
    assert fit.mu.mean == pytest.approx(sum(w * m.mu for w, m in zip(weight, fit.models)))
    assert fit.tau.mean == pytest.approx(sum(w * m.tau for w, m in zip(weight, fit.models)))
    has = sum(w for w, m in zip(weight, fit.models) if m.effect)
    assert fit.effect.posterior == pytest.approx(has)
    assert fit.effect.bf == pytest.approx(has / (1 - has))
    assert fit.mu.ci_lb <= fit.mu.median <= fit.mu.ci_ub
    assert fit.mu.ci_lb < fit.mu.mean < fit.mu.ci_ub


def test_moments_and_interval_of_the_effect_alone() -> None:
    found = robma(Y, V, bias=(), prior=(1.0, 0.0, 0.0))
    precision = 1.0 + (1.0 / V).sum()
    mean = (Y / V).sum() / precision
    assert found.mu.mean == pytest.approx(mean, rel=1e-9)
    assert found.mu.sd == pytest.approx(precision**-0.5, rel=1e-9)
    assert found.mu.ci_ub == pytest.approx(mean + norm.ppf(0.975) * precision**-0.5, rel=1e-7)
    assert found.tau.mean == 0.0


def test_the_other_side_is_a_mirror(fit: RobmaFit) -> None:
    other = robma(-Y, V, side="less")
    assert other.mu.mean == pytest.approx(-fit.mu.mean)
    assert (other.mu.ci_lb, other.mu.ci_ub) == pytest.approx((-fit.mu.ci_ub, -fit.mu.ci_lb))
    assert other.bias.bf == pytest.approx(fit.bias.bf)


def test_a_fit_will_do_and_summary_reads(fit: RobmaFit) -> None:
    assert pb.robma(pb.pool(Y, V)).effect.bf == pytest.approx(fit.effect.bf)
    assert "36 models" in fit.summary()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"side": "up"}, UnknownOption, "greater"),
        ({"mu": (0.0, -1.0)}, BadInput, "positive standard deviation"),
        ({"prior": (0.5, 2.0, 0.5)}, BadInput, "three probabilities"),
        ({"bias": ("PET",)}, BadInput, "no model of bias"),
        ({"bias": (Weights((0.5, 0.1), True, 1.0),)}, BadInput, "rise"),
    ],
)
def test_misuse_is_told(change: dict[str, object], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        robma(Y, V, **change)  # type: ignore[arg-type]


def test_awkward_data_give_numbers() -> None:
    for y, v in (([3.0], [0.1]), ([0.0, 0.0], [1.0, 1.0]), ([10.0, 12.0, -3.0], [0.01, 1.0, 4.0])):
        found = robma(y, v)
        assert np.isfinite([found.mu.mean, found.mu.ci_lb, found.tau.mean, found.bias.bf]).all()
        assert sum(m.posterior for m in found.models) == pytest.approx(1.0)
