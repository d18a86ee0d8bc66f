"""Bootstrap and simulation: limits as R's boot gives them, replicates as a plain loop does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

import probatum as pb
from probatum.meta import compiled
from probatum.meta.diagnostics import bootstrap, resampling
from probatum.meta.models.multilevel import layout
from probatum.meta.models.multilevel.resampling import drawn
from probatum.meta.refit import refit
from probatum.meta.types import Floats

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "bootstrap.json").read_text())
YI, VI = np.array(PINNED["yi"]), np.array(PINNED["vi"])
YEAR = np.array([48, 49, 60, 77, 73, 53, 73, 80, 68, 61, 74, 69, 76.0])


def _made(t: Any, t0: float, acceleration: float, level: float) -> bootstrap.Bootstrap:
    replicates = np.array(t, dtype=float)[:, None]
    return bootstrap.Bootstrap(
        ("t",), np.array([t0]), replicates, np.array([acceleration]), "nonparametric", level
    )


def test_limits_are_those_of_r() -> None:
    count = 0
    for case in PINNED["cases"]:
        for s in case["statistics"]:
            found = _made(s["t"], s["t0"], s["acceleration"], s["level"])
            for type in bootstrap.INTERVALS:
                ours = found.interval(type)[0]
                assert ours == pytest.approx(s[type], rel=1e-11), (type, s["level"])
                count += 1
    assert count == 18


def test_replicates_of_drawn_studies_are_metafors() -> None:
    fit = pb.pool(YI, VI, method="DL", test="z")
    for case in PINNED["cases"]:
        rows = np.array(case["rows"])
        again = refit(fit, np.ones(rows.shape, dtype=bool), y=YI[rows], v=VI[rows])
        beta, tau2 = (np.array(s["t"]) for s in case["statistics"])
        assert again.beta[:, 0] == pytest.approx(beta, rel=1e-11)
        assert again.tau2 == pytest.approx(tau2, rel=1e-10, abs=1e-13)


def test_efrons_chi_square() -> None:
    """Efron (1987), JASP 82, 171-185, table 1: a scale times chi-square with 19 df.

    With sampling variances of 1 in 20 studies, tau2 + 1 is the variance of the estimates.
    """
    y = np.linspace(-1.0, 1.0, 20) * 1000.0
    fit = pb.pool(y, np.ones(20))
    found = pb.bootstrap(fit, iterations=2000, level=90)
    theta = fit.tau2 + 1.0
    assert found.acceleration == pytest.approx([0.0, 0.1081, 0.1081], abs=5e-5)
    assert (found.replicates[:, 1] + 1.0).mean() / theta == pytest.approx(1.0, abs=0.03)
    grid = chi2.ppf(np.arange(1, 10_000) / 10_000, 19) / 19 * theta - 1.0
    limits = _made(grid, fit.tau2, found.acceleration[1], 90.0).interval("bca")[0]
    assert (limits + 1.0) / theta == pytest.approx([0.630, 1.88], abs=0.005)


def _fits(mods: bool) -> pb.MetaFit:
    return pb.pool(YI, VI, mods=YEAR if mods else None)


def _plain(fit: pb.MetaFit, y: Floats, v: Floats, x: Floats) -> list[float]:
    again = pb.pool(y, v, mods=x if fit.p > 1 else None)
    return [*again.beta, again.tau2, again.I2]


@pytest.mark.parametrize("path", ["NumPy", "compiled"])
@pytest.mark.parametrize("mods", [False, True])
def test_model_draws_as_a_plain_loop(
    path: str, mods: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if path == "compiled":
        pytest.importorskip("numba", reason="the extra `fast` is not installed")
    monkeypatch.setattr(compiled, "FROM", 1 if path == "compiled" else 10**12)
    fit = _fits(mods)
    found = pb.bootstrap(fit, iterations=40, seed=5)
    plain = [_plain(fit, y, VI, YEAR) for y in pb.simulate(fit, 40, seed=5)]
    assert found.names == (*fit.names, "tau2", "I2")
    assert found.estimate == pytest.approx([*fit.beta, fit.tau2, fit.I2])
    assert found.replicates == pytest.approx(np.array(plain), rel=1e-9, abs=1e-11)
    assert found.failed == 0


@pytest.mark.parametrize("mods", [False, True])
@pytest.mark.parametrize("cluster", [None, [1, 1, 2, 2, 2, 3, 4, 4, 4, 4, 5, 6, 6]])
def test_study_draws_as_a_plain_loop(mods: bool, cluster: list[int] | None) -> None:
    fit = _fits(mods)
    found = pb.bootstrap(fit, kind="nonparametric", iterations=40, cluster=cluster, seed=5)
    codes = np.arange(13) if cluster is None else np.array(cluster) - 1
    many = codes.max() + 1
    draws = np.random.default_rng(5).integers(0, many, (40, many))
    for draw, ours in zip(draws, found.replicates):
        rows = np.concatenate([np.flatnonzero(codes == c) for c in draw])
        if len(np.unique(YEAR[rows])) > 1:
            theirs = _plain(fit, YI[rows], VI[rows], YEAR[rows])
            assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-11)
    left = [_plain(fit, YI[keep], VI[keep], YEAR[keep])
            for keep in (codes != c for c in range(many))]  # fmt: skip
    away = np.mean(left, axis=0) - np.array(left)
    exact = (away**3).sum(axis=0) / (6.0 * (away**2).sum(axis=0) ** 1.5)
    assert found.acceleration == pytest.approx(exact, rel=1e-6)


def test_pieces_change_no_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = _fits(False)
    whole = pb.bootstrap(fit, iterations=50, seed=3)
    monkeypatch.setattr(resampling, "_CELLS", 100)
    parts = pb.bootstrap(fit, iterations=50, seed=3)
    assert parts.replicates == pytest.approx(whole.replicates, rel=1e-12)


def test_samples_without_a_fit_are_counted_and_left_out() -> None:
    group = np.array([0.0] * 12 + [1.0])
    fit = pb.pool(YI, VI, mods=group)
    found = pb.bootstrap(fit, kind="nonparametric", iterations=300)
    assert 50 < found.failed < 200  # (12/13)^13 = 0.35 of them lack the last trial
    assert np.isfinite(found.interval("percentile")).all()
    assert np.isfinite(found.se).all()
    rest = found.replicates[~np.isnan(found.replicates[:, 0])]
    assert found.bias == pytest.approx(rest.mean(axis=0) - found.estimate)


def test_no_heterogeneity_has_no_bca_limits() -> None:
    fit = pb.pool([0.1, 0.12, 0.11, 0.09, 0.1], [0.1] * 5)
    assert fit.tau2 == 0.0
    found = pb.bootstrap(fit, iterations=99)
    assert np.isnan(found.interval("bca")[1:]).all()
    assert np.isfinite(found.interval("bca")[0]).all()
    assert found.interval("percentile")[1, 0] == 0.0


def test_seeds_and_rows() -> None:
    fit = _fits(False)
    one, same, other = (pb.bootstrap(fit, iterations=9, seed=s) for s in (1, 1, 2))
    assert (one.replicates == same.replicates).all()
    assert (one.replicates != other.replicates).any()
    rows = one.tidy()
    assert [row["term"] for row in rows] == ["intrcpt", "tau2", "I2"]
    assert rows[1]["basic_high"] == pytest.approx(one.interval("basic")[1, 1])


def test_simulated_estimates_have_the_models_mean_and_spread() -> None:
    fit = _fits(True)
    draws = pb.simulate(fit, 20_000)
    error = np.sqrt(VI + fit.tau2)
    assert draws.shape == (20_000, 13)
    assert np.abs(draws.mean(axis=0) - fit.X @ fit.beta).max() < 5.0 * error.max() / 20_000**0.5
    assert draws.std(axis=0) == pytest.approx(error, rel=0.03)


def test_misuse_says_what_to_do() -> None:
    fit = _fits(False)
    with pytest.raises(pb.UnknownOption, match="nonparametric"):
        pb.bootstrap(fit, kind="wild")
    with pytest.raises(pb.UnknownOption, match="bca"):
        pb.bootstrap(fit, iterations=9).interval("BCA")
    with pytest.raises(pb.BadInput, match="at least 2"):
        pb.bootstrap(fit, iterations=1)
    with pytest.raises(pb.BadInput, match="nonparametric"):
        pb.bootstrap(fit, cluster=np.arange(13))
    with pytest.raises(pb.BadInput, match="13 estimates"):
        pb.bootstrap(fit, kind="nonparametric", cluster=[1, 2])
    with pytest.raises(pb.BadInput, match="two studies"):
        pb.bootstrap(fit, kind="nonparametric", cluster=np.zeros(13))
    with pytest.raises(pb.BadInput, match="at least one"):
        pb.simulate(fit, 0)
    counts = pb.effect_sizes(measure="PLO", xi=[8, 3, 12, 5], ni=[20, 25, 18, 22])
    with pytest.raises(pb.BadInput, match="fit by pool"):
        pb.simulate(pb.pool_glmm(counts))


# ---- multilevel models ----


def _multilevel(kind: str) -> tuple[pb.MultilevelFit, dict[str, Any], Any]:
    """A fit, its columns, and its sampling covariance."""
    rng = np.random.default_rng(11)
    study = np.repeat(np.arange(8), [3, 2, 4, 3, 2, 3, 4, 3])
    k = len(study)
    v = rng.uniform(0.02, 0.1, k)
    outcome = np.concatenate([np.arange(n) % 2 for n in np.bincount(study)])
    y = 0.3 + rng.normal(0, 0.4, 8)[study] + rng.normal(0, np.sqrt(v + 0.05))
    data = {"study": study, "id": np.arange(k), "outcome": outcome, "lab": np.arange(k) % 5}
    V: Any = v
    if kind in ("UN", "crossed"):
        same = study[:, None] == study
        V = np.where(same, 0.4 * np.sqrt(np.outer(v, v)), 0.0)
        np.fill_diagonal(V, v)
    random: Any = {"nested": "~ 1 | study/id", "UN": "~ outcome | study",
                   "crossed": ["~ 1 | study", "~ 1 | lab"]}[kind]  # fmt: skip
    struct = "UN" if kind == "UN" else "CS"
    return pb.pool_multilevel(y, V, random=random, struct=struct, data=data), data, V


class _Unit:
    """A generator whose normal numbers are the unit vectors."""

    def standard_normal(self, shape: tuple[int, int]) -> Floats:
        return np.eye(*shape)


@pytest.mark.parametrize("kind", ["nested", "UN", "crossed", "bordered"])
def test_multilevel_draws_have_the_models_covariance(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "bordered":
        monkeypatch.setattr(layout, "_CHEAP", -1.0)
        monkeypatch.setattr(layout, "_cost", lambda V, effects, border: -float(border == (1,)))
    fit, data, V = _multilevel("crossed" if kind == "bordered" else kind)
    M = np.diag(V) if np.ndim(V) == 1 else V
    study, lab = (data[n][:, None] == data[n] for n in ("study", "lab"))
    if kind == "UN":
        a, b, c = *fit.tau2, fit.rho[0] * np.sqrt(fit.tau2[0] * fit.tau2[1])
        G = np.array([[a, c], [c, b]])
        M = M + study * G[np.ix_(data["outcome"], data["outcome"])]
    elif kind == "nested":
        M = M + fit.sigma2[0] * study + fit.sigma2[1] * np.eye(fit.k)
    else:
        M = M + fit.sigma2[0] * study + fit.sigma2[1] * lab
    rows = len(fit.fitted_model.point.M.whiten(np.zeros((fit.k, 1))))
    if kind == "bordered":
        assert rows > fit.k
    noise = drawn(fit, rows, _Unit()) - fit.X @ fit.beta  # type: ignore[arg-type]
    assert noise.T @ noise == pytest.approx(M, rel=1e-9, abs=1e-11)


def _values(fit: pb.MultilevelFit) -> list[float]:
    return [*fit.beta, *(c.value for c in fit.components)]


@pytest.mark.parametrize("kind", ["nested", "UN", "crossed"])
def test_multilevel_model_draws_as_a_plain_loop(kind: str) -> None:
    fit, data, V = _multilevel(kind)
    found = pb.bootstrap(fit, iterations=6, seed=2)
    random: Any = {"nested": "~ 1 | study/id", "UN": "~ outcome | study",
                   "crossed": ["~ 1 | study", "~ 1 | lab"]}[kind]  # fmt: skip
    for y, ours in zip(pb.simulate(fit, 6, seed=2), found.replicates):
        again = pb.pool_multilevel(
            y, V, random=random, struct="UN" if kind == "UN" else "CS", data=data
        )
        assert ours == pytest.approx(_values(again), rel=1e-4, abs=1e-5)
    assert np.isnan(found.interval("bca")).all()


@pytest.mark.parametrize("kind", ["nested", "UN"])
def test_drawn_clusters_as_a_plain_loop(kind: str) -> None:
    fit, data, V = _multilevel(kind)
    found = pb.bootstrap(fit, kind="nonparametric", iterations=15, seed=4)
    matrix = np.diag(V) if np.ndim(V) == 1 else V
    rng = np.random.default_rng(4)
    for ours in found.replicates:
        draw = rng.integers(0, 8, 8)
        rows = np.concatenate([np.flatnonzero(data["study"] == c) for c in draw])
        copy = np.repeat(np.arange(8), [int((data["study"] == c).sum()) for c in draw])
        own = {"study": copy, "id": np.arange(len(rows)), "outcome": data["outcome"][rows]}
        V_own = matrix[np.ix_(rows, rows)] * (copy[:, None] == copy)
        again = pb.pool_multilevel(
            fit.data.yi[rows], V_own, data=own, struct="UN" if kind == "UN" else "CS",
            random="~ outcome | study" if kind == "UN" else "~ 1 | study/id",
        )  # fmt: skip
        assert ours == pytest.approx(_values(again), rel=1e-4, abs=1e-5)
    left = pb.leave1out(fit)
    away = left.beta.mean(axis=0) - left.beta
    exact = float((away**3).sum() / (6.0 * (away**2).sum() ** 1.5))
    assert found.acceleration[0] == pytest.approx(exact)
    assert np.isfinite(found.interval("bca")[0]).all()


def test_clusters_that_share_something_are_not_drawn_apart() -> None:
    fit, _, _ = _multilevel("crossed")
    with pytest.raises(pb.BadInput, match="outermost"):
        pb.bootstrap(fit, kind="nonparametric", iterations=5)
    nested, data, _ = _multilevel("nested")
    with pytest.raises(pb.BadInput, match="outermost"):
        pb.bootstrap(nested, kind="nonparametric", iterations=5, cluster=data["id"])
    with pytest.raises(pb.BadInput, match="two clusters"):
        pb.bootstrap(nested, kind="nonparametric", iterations=5, cluster=np.zeros(nested.k))
