"""Cluster-robust inference for users' weights, against metafor and clubSandwich."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probatum as pb

FILE = Path(__file__).parents[2] / "validation" / "robust_weights.json"
PINNED = json.loads(FILE.read_text(encoding="utf-8"))


def fitted(case: dict[str, Any]) -> pb.MetaFit:
    data = PINNED["data"][case["data"]]
    how: dict[str, Any] = {"weights": "w"} if case["how"] == "weights" else {"weighted": False}
    mods = None if case["mods"] == "~ 1" else case["mods"]
    return pb.pool("yi", "vi", mods=mods, data=data, test="z", **how)


@pytest.mark.parametrize(
    "case", PINNED["cases"], ids=lambda c: f"{c['data']}-{c['mods']}-{c['how']}".replace(" ", "")
)
def test_they_are_those_of_clubsandwich(case: dict[str, Any]) -> None:
    fit, cluster = fitted(case), PINNED["data"][case["data"]]["group"]
    assert fit.beta == pytest.approx(case["beta"], rel=1e-6)
    plain = pb.robust(fit, cluster, type="CR1p", small=False)
    assert plain.se == pytest.approx(np.atleast_1d(case["CR1p"]), rel=1e-6)
    assert plain.pval == pytest.approx(np.atleast_1d(case["p_CR1p"]), rel=1e-5)
    assert pb.robust(fit, cluster, type="CR0").se == pytest.approx(
        np.atleast_1d(case["CR0"]), rel=1e-6
    )
    second = pb.robust(fit, cluster)
    assert second.se == pytest.approx(np.atleast_1d(case["CR2"]), rel=1e-6)
    assert second.dfs == pytest.approx(np.atleast_1d(case["df"]), rel=1e-5)
    assert second.pval == pytest.approx(np.atleast_1d(case["p_CR2"]), rel=1e-4)
    if "HTZ" in case:
        assert [second.QM, second.QMdf[1], second.QMp] == pytest.approx(case["HTZ"], rel=1e-4)


def test_the_models_own_weights_given_by_hand_change_nothing() -> None:
    data = PINNED["data"]["made"]
    own = pb.pool("yi", "vi", mods="~ when", data=data, test="z")
    by_hand = 1.0 / (np.array(data["vi"]) + own.tau2)
    given = pb.pool("yi", "vi", mods="~ when", data=data, weights=by_hand, tau2=own.tau2, test="z")
    one, two = (pb.robust(fit, data["group"]) for fit in (own, given))
    for name in ("se", "dfs", "pval"):
        assert getattr(one, name) == pytest.approx(getattr(two, name), rel=1e-10)
    assert (one.QM, one.QMp) == pytest.approx((two.QM, two.QMp), rel=1e-10)
    # nor does their unit
    again = pb.robust(
        pb.pool("yi", "vi", mods="~ when", data=data, weights=1e6 * by_hand, tau2=own.tau2),
        data["group"],
    )
    assert again.dfs == pytest.approx(two.dfs, rel=1e-9)


def test_second_is_unbiased_under_the_working_model() -> None:
    # the mean of the sandwich over the working model is the true covariance of the coefficients
    data = {name: np.array(x, float) for name, x in PINNED["data"]["bcg"].items()}
    v = data["vi"] + 0.3
    fit = pb.pool("yi", "vi", mods="~ when", data=data, weights="w", tau2=0.3, test="z")
    X, w = fit.X, data["w"]
    bread = np.linalg.inv(X.T @ (w[:, None] * X))
    true = bread @ (X.T @ ((w * w * v)[:, None] * X)) @ bread
    total = np.zeros((2, 2))
    for i in range(len(v)):  # the sandwich is quadratic in y: its mean is a sum over directions
        y = np.where(np.arange(len(v)) == i, np.sqrt(v[i]), 0.0)
        one = pb.pool(y, data["vi"], mods=data["when"], weights=w, tau2=0.3, test="z")
        total += pb.robust(one, data["group"]).vb
    assert total == pytest.approx(true, rel=1e-9)


def test_the_wild_bootstrap_still_needs_the_models_own() -> None:
    fit = fitted(PINNED["cases"][2])
    with pytest.raises(pb.BadInput, match="own weights"):
        pb.wild_bootstrap(fit, [1], PINNED["data"]["bcg"]["group"])
