"""Cluster-robust inference against clubSandwich and metafor, and by its own definitions."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.parity.families.multilevel import compound
from metafor_reference import Comparison
from test_multilevel import table_of

import probatum as pb

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "robust.json").read_text())["cases"]


def pinned_fit(name: str) -> tuple[Any, Any]:
    t = table_of("d")
    V = compound(t["vi"], t["study"], 0.5)
    t["own"] = (t["study"] == 7).astype(float)
    mods = "~ x + z + outcome"
    if name.startswith("uni"):
        which = {"uni": None, "uni mods": mods, "uni own": "~ x + own"}[name]
        return pb.pool(t["yi"], t["vi"], mods=which, data=t, test="z"), t["study"]
    made = {
        "nested mods": {"V": t["vi"], "mods": mods, "random": "~ 1 | study/id"},
        "blocks mods": {"V": V, "mods": mods, "random": "~ 1 | study/id"},
        "struct": {"V": V, "mods": "~ outcome - 1", "random": "~ outcome | study",
                   "struct": "HCS"},
        "groups": {"V": t["vi"], "mods": "~ x", "random": "~ 1 | group/study/id"},
    }[name]  # fmt: skip
    fit = pb.pool_multilevel(t["yi"], data=t, **made)
    return fit, t["group" if name == "groups" else "study"]


def test_the_pinned_cases_did_not_shrink() -> None:
    assert len(PINNED) == 28
    assert sum(len(case["tests"]) for case in PINNED) == 44


@pytest.mark.parametrize("case", PINNED, ids=lambda c: f"{c['id']} {c['type']}")
def test_pinned(case: dict[str, Any]) -> None:
    c = Comparison()
    fit, cluster = pinned_fit(case["id"])
    out = pb.robust(fit, cluster, type=case["type"])
    # a cluster with a coefficient of its own gives that coefficient no variance to estimate
    alone = case["id"] == "uni own"
    use = slice(0, 2) if alone else slice(None)
    c.same("se", out.se[use], case["se"][use], 1e-6)
    c.same("df", out.dfs[use], case["df"][use], 1e-5)
    c.same("p", out.pval[use], case["p"][use], 1e-4, 1e-12)
    for test in case["tests"]:
        found = pb.wald_test(out, test["which"])
        c.same("F", found.F, test["F"], 1e-4)
        c.same("dfs", found.dfs[1], test["df"], 1e-4)
        c.same("pval", found.pval, test["p"], 1e-3, 1e-12)
    assert not c.wrong, "\n".join(c.wrong)


# by definition ----------------------------------------------------------------------------------


def dense(fit: pb.MultilevelFit) -> Any:
    """M of a fit with sigma2 for study and id, as a whole matrix."""
    t = table_of("d")
    same = t["study"][:, None] == t["study"]
    return np.diag(t["vi"] + fit.sigma2[1]) + fit.sigma2[0] * same


def test_CR2_is_unbiased_under_its_working_model() -> None:
    t = table_of("d")
    fit = pb.pool_multilevel("yi", "vi", mods="~ x + z", random="~ 1 | study/id", data=t)
    M, X = dense(fit), fit.X
    out = pb.robust(fit, t["study"])
    # E of the sandwich: sum of B a_j' Cov(e_j) a_j B, from the definition with whole matrices
    W = np.linalg.inv(M)
    B = np.linalg.inv(X.T @ W @ X)
    left = M - X @ B @ X.T
    total = np.zeros((3, 3))
    for s in np.unique(t["study"]):
        rows = np.flatnonzero(t["study"] == s)
        Mj, Rj = M[np.ix_(rows, rows)], left[np.ix_(rows, rows)]
        L = np.linalg.cholesky(Mj)
        values, vectors = np.linalg.eigh(L.T @ Rj @ L)
        A = L @ (vectors / np.sqrt(values)) @ vectors.T @ L.T
        a = A @ np.linalg.inv(Mj) @ X[rows] @ B
        total += a.T @ Rj @ a
    assert total == pytest.approx(fit.vb, rel=1e-8)
    assert out.vb == pytest.approx(out.vb.T)


def test_the_plain_sandwich_allows_effects_that_join_clusters() -> None:
    t = table_of("d")
    fit = pb.pool_multilevel("yi", "vi", random=["~ 1 | study", "~ 1 | lab"], data=t)
    with pytest.raises(pb.BadInput, match="join the clusters"):
        pb.robust(fit, t["study"])
    out = pb.robust(fit, t["study"], type="CR0", small=False)
    s = fit.sigma2
    M = np.diag(t["vi"]) + s[0] * (t["study"][:, None] == t["study"])
    M = M + s[1] * (t["lab"][:, None] == t["lab"])
    w = np.linalg.inv(M).sum(axis=0)
    resid = t["yi"] - fit.beta[0]
    scores = [np.sum((w * resid)[t["study"] == j]) for j in np.unique(t["study"])]
    assert out.vb[0, 0] == pytest.approx(np.sum(np.square(scores)) / np.sum(w) ** 2, rel=1e-8)


def test_names_of_groupings_and_clusters_of_the_estimates() -> None:
    t = table_of("konst")
    fit = pb.pool_multilevel("yi", "vi", random="~ 1 | district/school", data=t)
    whole = pb.robust(fit, "district")
    assert whole.se == pytest.approx(pb.robust(fit, t["district"]).se)
    es = pb.EffectSizes(t["yi"], t["vi"], cluster=t["district"])
    assert pb.robust(pb.pool(es)).clusters == 11
    assert "CR2, 11 clusters" in whole.summary()
    assert whole.tidy()[0]["df"] == pytest.approx(9.863, abs=1e-3)
    with pytest.raises(pb.BadInput, match='no grouping "school"'):
        pb.robust(fit, "school")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"type": "CR9"}, 'type "CR9" does not exist'),
        ({"cluster": [1, 2]}, "cluster has 2 rows; there are 5"),
        ({"cluster": None}, "give the cluster of each estimate"),
        ({"cluster": [1, 1, 1, 1, 1]}, "more clusters than coefficients"),
        ({"cluster": [1, 1, 2, 3, None]}, "missing for an estimate"),
    ],
)
def test_bad_input(more: dict[str, Any], words: str) -> None:
    fit = pb.pool([0.1, 0.3, 0.5, 0.2, 0.8], [0.02, 0.02, 0.03, 0.03, 0.02])
    with pytest.raises(pb.ProbatumError, match=words):
        pb.robust(fit, **({"cluster": [1, 1, 2, 3, 4]} | more))


def test_contrasts_of_a_multilevel_fit() -> None:
    t = table_of("konst")
    fit = pb.pool_multilevel(
        "yi", "vi", mods="~ year", random="~ 1 | district/school", test="t", dfs="contain", data=t
    )
    out = pb.wald_test(fit, [1])
    assert (out.QM, out.QMp) == pytest.approx((fit.QM, fit.QMp))
    assert pb.wald_test(fit, [[1.0, 1990.0]]).QMdf == (1.0, 9.0)


# wild bootstrap ----------------------------------------------------------------------------------


def by_hand(fit: pb.MultilevelFit, cluster: Any, signs: Any) -> float:
    """The statistic of one version, from whole matrices and a new fit of changed estimates."""
    M, X = dense(fit), fit.X
    W = np.linalg.inv(M)
    B = np.linalg.inv(X.T @ W @ X)
    y = fit.data.yi
    beta = B @ X.T @ W @ y
    C = np.eye(3)[[1, 2]]
    null = beta - B @ C.T @ np.linalg.solve(C @ B @ C.T, C @ beta)
    if signs is not None:
        y = X @ null + signs * (y - X @ null)
    beta = B @ X.T @ W @ y
    scores = np.array([
        (X.T @ W)[:, cluster == j] @ (y - X @ beta)[cluster == j] for j in np.unique(cluster)
    ])  # fmt: skip
    cov = C @ B @ scores.T @ scores @ B @ C.T
    return float(C @ beta @ np.linalg.solve(cov, C @ beta))


def test_wild_bootstrap_by_hand() -> None:
    t = table_of("d")
    fit = pb.pool_multilevel("yi", "vi", mods="~ x + z", random="~ 1 | study/id", data=t)
    out = pb.wild_bootstrap(fit, [1, 2], "study", iterations=200, seed=3)
    assert out.statistic == pytest.approx(by_hand(fit, t["study"], None), rel=1e-8)
    assert (out.versions, out.exact) == (200, False)
    again = pb.wild_bootstrap(fit, [1, 2], "study", iterations=200, seed=3)
    assert np.array_equal(out.distribution, again.distribution)
    rng = np.random.default_rng(3)
    signs = rng.choice(np.array([-1.0, 1.0]), size=(200, 30))
    one = by_hand(fit, t["study"], signs[7][t["study"].astype(int) - 1])
    assert out.distribution[7] == pytest.approx(one, rel=1e-7)
    beyond = np.count_nonzero(out.distribution >= out.statistic)
    assert out.pval == (beyond + 1) / 201


def test_few_clusters_take_every_sign_pattern() -> None:
    t = table_of("berkey")
    fit = pb.pool(t["yi"], t["vi"], test="z")
    out = pb.wild_bootstrap(fit, [0], t["trial"])
    assert (out.exact, out.versions) == (True, 32)
    assert out.pval * 32 == pytest.approx(round(out.pval * 32))
    assert out.pval >= 2 / 32
    for auxiliary in ("webb", "mammen"):
        other = pb.wild_bootstrap(fit, [0], t["trial"], auxiliary=auxiliary, iterations=99)
        assert (other.exact, other.versions) == (False, 99)
        assert 0.0 < other.pval <= 1.0


def test_p_values_are_spread_evenly_where_there_is_no_effect() -> None:
    rng = np.random.default_rng(11)
    found = []
    for _ in range(300):
        study = np.repeat(np.arange(20), 3)
        yi = rng.normal(size=20)[study] * 0.5 + rng.normal(size=60) * 0.3
        x = rng.normal(size=20)[study]
        fit = pb.pool(yi, np.full(60, 0.09), mods=x, method="DL", test="z")
        found.append(pb.wild_bootstrap(fit, [1], study, iterations=199).pval)
    p = np.sort(found)
    apart = np.max(np.abs(p - (np.arange(300) + 0.5) / 300))
    assert apart < 1.63 / np.sqrt(300)  # Kolmogorov and Smirnov, 1%


def test_the_multipliers_have_mean_0_and_variance_1() -> None:
    from probatum.meta.robust.bootstrap import AUXILIARY, _multipliers

    for name, third in zip(AUXILIARY, (0.0, 1.0, 0.0)):
        x, _ = _multipliers(50, 4000, name, 1)
        assert x.mean() == pytest.approx(0.0, abs=0.01)
        assert x.var() == pytest.approx(1.0, abs=0.01)
        assert np.mean(x**3) == pytest.approx(third, abs=0.03)
    patterns, exact = _multipliers(3, 8, "rademacher", 1)
    assert exact
    assert {tuple(r) for r in patterns} == set(product((1.0, -1.0), repeat=3))
    with pytest.raises(pb.UnknownOption, match='auxiliary "coin"'):
        pb.wild_bootstrap(pb.pool([0.1, 0.2, 0.4], [0.1] * 3), [0], [1, 2, 3], auxiliary="coin")
