"""The identity link of location-scale models, and permutation tests of both links."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probatum as pb
from probatum.meta.models.location_scale.likelihood import Likelihood
from probatum.meta.models.location_scale.links import LINKS
from probatum.meta.models.location_scale.search import climb

FILE = Path(__file__).parents[2] / "validation" / "location_scale.json"
PINNED = json.loads(FILE.read_text(encoding="utf-8"))


def fitted(case: dict[str, Any], **options: Any) -> Any:
    data = {n: np.array(x, dtype=float) for n, x in PINNED["data"][case["data"]].items()}
    if "rows" in case:
        data = {n: x[np.array(case["rows"]) - 1] for n, x in data.items()}
    mods = {case["mods"]: data[case["mods"]]} if case["mods"] else None
    scale = {case["scale"]: data[case["scale"]]}
    return pb.pool_location_scale(data["yi"], data["vi"], scale=scale, mods=mods, **options)


@pytest.mark.parametrize("case", PINNED["fits"], ids=lambda c: f"{c['data']}-{c['scale']}")
def test_the_identity_link_is_metafors(case: dict[str, Any]) -> None:
    fit = fitted(case, link="identity", method=case["method"])
    assert fit.converged
    assert fit.ll >= case["ll"] - 1e-9
    assert fit.ll == pytest.approx(case["ll"], abs=1e-8)
    # metafor's search ends at a barrier above the edge, or some 1e-6 of a standard error off
    assert fit.alpha == pytest.approx(case["alpha"], rel=1e-4)
    assert fit.beta == pytest.approx(case["beta"], rel=1e-5)
    assert fit.se == pytest.approx(case["se"], rel=1e-4)
    assert fit.tau2 == pytest.approx(case["tau2"], rel=1e-3, abs=1e-5)
    if None not in case["se_alpha"]:  # its Hessian is not always inverted; ours is where it is one
        assert fit.se_alpha == pytest.approx(case["se_alpha"], rel=1e-4)
        assert [fit.QS, fit.QSp] == pytest.approx([case["QS"], case["QSp"]], rel=1e-3)


def test_on_the_edge_tau2_is_0_and_there_are_no_standard_errors() -> None:
    case = next(c for c in PINNED["fits"] if c["scale"] == "year")
    fit = fitted(case, link="identity")
    assert (fit.tau2 == 0).sum() == 1
    assert np.isnan(fit.se_alpha).all()
    assert np.isnan(fit.QS)
    # no feasible direction leads up: the gradient is a combination of the bounds that hold
    model = Likelihood(
        fit.yi[None],
        fit.vi[None],
        fit.X[None],
        fit.Z[None],
        restricted=True,
        link=LINKS["identity"],
    )
    slope = model.at(fit.alpha[None], np.zeros(1, dtype=np.intp)).gradient[0]
    force, rest, *_ = np.linalg.lstsq(fit.Z[fit.tau2 == 0].T, slope, rcond=None)
    assert (force < 0).all()
    assert np.sqrt(rest.sum()) < 1e-5 * np.abs(slope).max()


def test_identity_and_log_are_one_model_for_two_groups() -> None:
    data = PINNED["data"]["writing"]
    group = np.array(data["meta"], dtype=float)
    fits = [
        pb.pool_location_scale(data["yi"], data["vi"], scale=group, link=link)
        for link in ("log", "identity")
    ]
    assert fits[0].tau2 == pytest.approx(fits[1].tau2, rel=1e-5)
    assert fits[0].ll == pytest.approx(fits[1].ll, abs=1e-10)


@pytest.mark.parametrize("link", ["log", "identity"])
def test_no_other_start_ends_higher(link: str) -> None:
    rng = np.random.default_rng(3)
    for _ in range(8):
        k = int(rng.integers(8, 20))
        x, v = rng.uniform(size=k), rng.uniform(0.02, 0.3, k)
        y = rng.normal(size=k) * np.sqrt(v + 0.4 * x)
        fit = pb.pool_location_scale(y, v, scale=x, link=link)
        n = 40
        model = Likelihood(
            *(np.broadcast_to(a, (n, *a.shape)) for a in (fit.yi, fit.vi, fit.X, fit.Z)),
            restricted=True, link=LINKS[link],
        )  # fmt: skip
        ends = rng.uniform(0.001, 2, (n, 2))  # tau2 at x = 0 and at x = 1
        ends = np.log(ends) if link == "log" else ends
        starts = np.column_stack([ends[:, 0], ends[:, 1] - ends[:, 0]])
        found = climb(model, starts, np.arange(n), 1e-11 if link == "identity" else 0.0)
        assert found.ll.max() <= fit.ll + 1e-8


def test_it_is_told_when_no_variance_could_be_positive() -> None:
    y, v = [0.1, 0.4, -0.2, 0.3, 0.5], [0.1] * 5
    with pytest.raises(pb.BadInput, match="add an intercept"):
        pb.pool_location_scale(
            y, v, scale="~ x - 1", data={"x": [-1, -0.5, 0.2, 1, 2]}, link="identity"
        )
    with pytest.raises(pb.UnknownOption, match="identity"):
        pb.pool_location_scale(y, v, scale=[1, 2, 3, 4, 5], link="logit")


@pytest.mark.parametrize("case", PINNED["permutations"], ids=lambda c: c["data"])
def test_permutations_are_metafors(case: dict[str, Any]) -> None:
    found = pb.permutest(fitted(case), exact=True)
    assert found.pval.tolist() == pytest.approx(np.atleast_1d(case["pval"]).tolist(), rel=1e-12)
    assert found.QMp == pytest.approx(case["QMp"], rel=1e-12)
    # of the scale's intercept one in 360 versions is a tie by rounding
    assert found.pval_alpha == pytest.approx(case["pval_alpha"], abs=1 / 360 + 1e-9)
    assert found.pval_alpha[1] == pytest.approx(case["pval_alpha"][1], rel=1e-12)
    assert found.QSp == pytest.approx(case["QSp"], rel=1e-12)
    assert (found.versions, found.versions_alpha, found.without_alpha) == (64, 720, 0)
    assert found.exact
    assert found.exact_alpha


@pytest.mark.parametrize("case", PINNED["by_hand"], ids=lambda c: c["data"])
def test_permutations_with_every_fit_at_its_maximum(case: dict[str, Any]) -> None:
    assert pb.permutest(fitted(case), exact=True).QSp == pytest.approx(case["QSp"], rel=1e-12)


def test_versions_can_be_drawn_and_repeat() -> None:
    case = PINNED["permutations"][1]
    fit = fitted(case)
    one, two = (pb.permutest(fit, exact=False, iterations=60) for _ in range(2))
    other = pb.permutest(fit, exact=False, iterations=60, seed=5)
    assert one.pval_alpha.tolist() == two.pval_alpha.tolist() != other.pval_alpha.tolist()
    assert one.versions_alpha == 60
    assert not one.exact_alpha
    # the observed version is among them
    assert one.QSp >= 1 / 60


def test_what_has_no_statistic_is_counted_apart() -> None:
    case = {"data": "bcg", "rows": [1, 2, 3, 4, 5, 6], "mods": "", "scale": "ablat"}
    found = pb.permutest(fitted(case, link="identity"), exact=True)
    assert found.versions_alpha + found.without_alpha == 720
    assert found.without_alpha > 0
    assert np.isnan(found.QSp)  # the fit itself is on the edge
    assert found.pval[0] == 2 / 64
    plain = pb.pool_location_scale(
        *(PINNED["data"]["made"][n][:9] for n in ("yi", "vi")), scale="~ 1", data={}
    )
    alone = pb.permutest(plain)
    assert np.isnan(alone.pval_alpha).all()
    assert alone.versions == 512


def test_limits_are_refused() -> None:
    with pytest.raises(pb.BadInput, match="has no limits"):
        pb.permutest(fitted(PINNED["permutations"][1]), ci=True)
