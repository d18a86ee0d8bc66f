"""Location-scale models against metafor, and by their derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import probatum as pb
from probatum.meta.models.location_scale import pool_location_scale
from probatum.meta.models.location_scale.likelihood import Likelihood
from probatum.meta.models.location_scale.links import LINKS

RNG = np.random.default_rng(7)
K = 30
X = RNG.normal(size=K)
V = RNG.uniform(0.02, 0.2, K)
Y = 0.2 + 0.3 * X + RNG.normal(size=K) * np.sqrt(V + np.exp(-2 + X))


@pytest.mark.parametrize("link", ["log", "identity"])
@pytest.mark.parametrize("restricted", [True, False])
def test_gradient_and_expected_information(restricted: bool, link: str) -> None:
    D = np.column_stack([np.ones(K), X])
    model = Likelihood(
        *(each[None] for each in (Y, V, D, D)), restricted=restricted, link=LINKS[link]
    )
    row = np.zeros(1, dtype=np.intp)
    alpha = np.array([[-1.5, 0.4]] if link == "log" else [[0.9, 0.2]])
    gradient = model.at(alpha, row).gradient[0]
    for j in range(2):
        h = np.zeros((1, 2))
        h[0, j] = 1e-6
        slope = (model.at(alpha + h, row).ll - model.at(alpha - h, row).ll) / 2e-6
        assert gradient[j] == pytest.approx(slope[0], rel=1e-6)
    # by the (k, k) matrix P, which the package never makes
    tau2 = model.tau2(alpha, row)[0]
    w = np.diag(1 / (V + tau2))
    P = w
    if restricted:
        P = w - w @ D @ np.linalg.inv(D.T @ w @ D) @ D.T @ w
    S = D * tau2[:, None] if link == "log" else D
    assert model.information(alpha, row)[0] == pytest.approx(0.5 * S.T @ (P * P) @ S, rel=1e-10)


def test_without_a_real_scale_moderator_it_is_the_usual_model() -> None:
    one = pb.pool_location_scale(Y, V, mods=X, scale=np.ones((K, 0)))
    usual = pb.pool(Y, V, mods=X, method="REML", test="z")
    assert one.tau2[0] == pytest.approx(usual.tau2, rel=1e-6)
    assert one.beta == pytest.approx(usual.beta, rel=1e-6)
    assert one.ll == pytest.approx(usual.ll, abs=1e-8)


def test_groups_have_their_own_tau2() -> None:
    group = (np.arange(K) % 2).astype(float)
    both = pb.pool_location_scale(Y, V, mods=group, scale=group, method="ML")
    for g in (0, 1):
        own = pb.pool(Y[group == g], V[group == g], method="ML", test="z")
        assert both.tau2[group == g][0] == pytest.approx(own.tau2, rel=1e-6)


def test_it_never_fails() -> None:
    rng = np.random.default_rng(11)
    for _ in range(60):
        k = int(rng.integers(6, 25))
        v = 10.0 ** rng.uniform(-4, 2, k)
        y = rng.normal(size=k) * np.sqrt(v + 10.0 ** rng.uniform(-4, 2))
        fit = pb.pool_location_scale(y, v, scale=rng.normal(size=k))
        assert np.isfinite([fit.ll, *fit.beta, *fit.se, *fit.alpha]).all()


def test_bad_input_is_told() -> None:
    with pytest.raises(pb.BadInput, match="scale is missing"):
        pb.pool_location_scale(Y, V, scale=None)
    with pytest.raises(pb.UnknownOption, match="REML"):
        pool_location_scale(Y, V, scale=X, method="DL")
    with pytest.raises(pb.BadInput, match="too few"):
        pb.pool_location_scale(Y[:4], V[:4], mods=X[:4], scale=X[:4])
    with pytest.raises(pb.BadInput, match="follows from"):
        pb.pool_location_scale(Y, V, scale=np.column_stack([X, X]))
