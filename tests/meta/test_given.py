"""What weights, a given tau2 and offsets mean, and what is refused with them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

import probatum as pb

Y = np.array([0.1, 0.9, 0.5, 0.2, 0.7])
V = np.array([0.01, 0.02, 0.03, 0.02, 0.05])
A = np.array([1.0, 5.0, 2.0, 0.5, 3.0])
X = np.array([1.0, 4.0, 2.0, 1.0, 3.0])


def fit(**more: Any) -> pb.MetaFit:
    return pb.pool(Y, V, **{"test": "z", **more})


@pytest.mark.parametrize("method", ["SJIT", "DLIT", "EB"])
@pytest.mark.parametrize("mods", [None, X])
def test_one_root_has_several_names(method: str, mods: Any) -> None:
    assert fit(method=method, mods=mods).tau2 == pytest.approx(fit(method="PM", mods=mods).tau2)


@pytest.mark.parametrize("step", ["SJIT", "DLIT"])
def test_an_iterated_estimator_is_where_its_step_stays(step: str) -> None:
    found = fit(method=step)
    w = 1.0 / (V + found.tau2)
    q = float(w @ (Y - w @ Y / w.sum()) ** 2)
    trace = float(w.sum() - w @ w / w.sum())
    with_v = float(w @ V - (w * w) @ V / w.sum())
    new = found.tau2 * q / 4 if step == "SJIT" else (q - with_v) / trace
    assert new == pytest.approx(found.tau2, rel=1e-10)
    if step == "DLIT":
        assert found.se_tau2 == pytest.approx(math.sqrt(8.0) / trace)


def test_homogeneous_estimates_have_no_variance_between_them() -> None:
    for method in ("HSk", "SJIT", "DLIT", "PMM", "GENQ", "GENQM"):
        found = pb.pool([0.2, 0.21, 0.19], [0.1, 0.2, 0.3], method=method, weights=[1, 2, 3])
        assert found.tau2 == 0.0


def test_dl_and_he_are_generalised_q_with_their_weights() -> None:
    for method, weights in (("DL", 1 / V), ("HE", np.ones(5))):
        ours, same = fit(method="GENQ", weights=weights, mods=X), fit(method=method, mods=X)
        assert (ours.tau2, ours.se_tau2) == pytest.approx((same.tau2, same.se_tau2), rel=1e-10)


def test_medians_of_two_estimates_in_closed_form() -> None:
    """(y1 - y2)^2 / (v1 + v2 + 2 tau2) is the median of a chi-square with one degree of freedom."""
    exact = (0.8**2 / chi2.median(1) - 0.03) / 2
    for method in ("PMM", "GENQM"):
        found = pb.pool([0.1, 0.9], [0.01, 0.02], method=method, weights=[1, 5], test="z")
        assert found.tau2 == pytest.approx(exact, rel=1e-10)


def test_weights_have_no_unit() -> None:
    one, other = fit(weights=A, mods=X), fit(weights=1e30 * A, mods=X)
    assert one.beta == pytest.approx(other.beta, rel=1e-12)
    assert one.vb == pytest.approx(other.vb, rel=1e-12)


def test_the_models_own_weights_give_its_own_fit() -> None:
    for mods in (None, X):
        plain = fit(mods=mods, tau2=0.05)
        same = fit(mods=mods, tau2=0.05, weights=1 / (V + 0.05))
        assert same.beta == pytest.approx(plain.beta, rel=1e-12)
        assert same.vb == pytest.approx(plain.vb, rel=1e-12)
        assert same.ll == pytest.approx(plain.ll, rel=1e-12)


def test_a_row_without_weight_is_left_out_and_one_of_0_is_kept() -> None:
    gap = fit(weights=[1, math.nan, 2, 0.5, 3])
    assert (gap.k, gap.left_out[1]) == (4, "no weight")
    nil = fit(weights=[1, 0, 2, 0.5, 3])
    assert (nil.k, nil.weights[1]) == (5, 0.0)
    assert nil.tau2 == fit().tau2


def test_an_offset_is_taken_off() -> None:
    known = [0.1, 0.0, 0.2, math.nan, 0.1]
    found = fit(offset=known)
    assert found.beta == pytest.approx(pb.pool(Y - known, V, test="z").beta)
    assert (found.k, found.left_out[3]) == (4, "no offset")


def test_a_given_tau2_is_kept_and_told() -> None:
    found = fit(tau2=0.3, mods=X)
    assert (found.tau2, found.status, found.tau2_given) == (0.3, "fixed", True)
    assert math.isnan(found.se_tau2)
    assert "tau2 given" in found.summary()
    assert "weights given" in fit(weights=A).summary()
    assert (pb.leave1out(found).tau2 == 0.3).all()
    assert (pb.pool_many(yi=[Y, Y[:1]], vi=[V, V[:1]], tau2=0.3).tau2 == 0.3).all()
    assert pb.pool([0.1], [0.2], tau2=0.3).se[0] == pytest.approx(math.sqrt(0.5))


@pytest.mark.parametrize(
    ("method", "more"),
    [
        *((m, {"weights": A}) for m in ("REML", "PMM", "EE", "GENQ", "GENQM")),
        *((m, {"weighted": False}) for m in ("REML", "PMM", "EE")),
    ],
)
def test_many_as_one(method: str, more: dict[str, Any]) -> None:
    one = fit(method=method, test="knha", **more)
    listed = {n: [x] if isinstance(x, np.ndarray) else x for n, x in more.items()}
    many = pb.pool_many(yi=[Y], vi=[V], method=method, **listed)
    assert (many.beta[0], many.se[0], many.pval[0], many.tau2[0]) == pytest.approx(
        (one.beta[0], one.se[0], one.pval[0], one.tau2), rel=1e-12
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"method": "GENQ"}, "give weights="),
        ({"method": "GENQM", "tau2": 0.1}, "give weights="),
        ({"method": "GENQ", "weights": [0, 1, 1, 1, 1]}, "leave out such rows"),
        ({"weights": [1, 2]}, "2 rows; there are 5"),
        ({"weights": [1, 2, -3, 4, 5]}, "weight 3 is -3"),
        ({"weights": [1, 2, math.inf, 4, 5]}, "finite"),
        ({"weights": [0] * 5}, "all weights are 0"),
        ({"weights": [1, 0, 0, 0, 0], "mods": X}, "can't carry 2 coefficients"),
        ({"weights": "size"}, "data="),
        ({"weights": A, "weighted": False}, "leave out one"),
        ({"tau2": -0.1}, "not negative"),
        ({"tau2": math.nan}, "finite"),
        ({"tau2": [0.1, 0.2]}, "one number"),
        ({"tau2": 0.1, "method": "EE"}, "tau2 of 0"),
        ({"tau2": 0.1, "test": "kr"}, "leave out tau2="),
        ({"weights": A, "test": "kr"}, "own weights"),
        ({"offset": [1.0]}, "1 rows"),
    ],
)
def test_misuse_says_what_to_do(more: dict[str, Any], told: str) -> None:
    with pytest.raises(pb.BadInput, match=told):
        fit(**more)


def test_what_does_not_apply_is_refused() -> None:
    for found in (fit(weights=A), fit(weighted=False)):
        for function in (pb.blup, pb.ranef, pb.selmodel):
            with pytest.raises(pb.BadInput, match="weights="):
                function(found)
    given = fit(tau2=0.1)
    for call in (given.confint, lambda: pb.profile(given), lambda: pb.selmodel(given)):
        with pytest.raises(pb.BadInput, match=r"given|tau2="):
            call()
    with pytest.raises(pb.BadInput, match="positive and finite; they are not in group b"):
        pb.pool_many(by=list("aab"), yi=[1, 2, 3], vi=[1, 1, 1], weights=[1, 1, -1])
