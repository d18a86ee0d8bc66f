"""Spatial structures and distances of multilevel models, against metafor and by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probatum as pb
from probatum.meta.models.multilevel.distances import great_circle, manhattan, maximum

FILE = Path(__file__).parents[2] / "validation" / "spatial.json"
PINNED = json.loads(FILE.read_text(encoding="utf-8"))


def fitted(case: dict[str, Any]) -> pb.MultilevelFit:
    made = case["data"] == "made"
    random = [f"~ {case['inner']} | one"]
    if case["id"]:
        random.append("~ 1 | id" if made else "~ 1 | river/site")
    known = PINNED["D" if made else "river"]
    matrix = case["dist"] == "matrix"
    dist = {"site": (known["levels"], known["D"])} if matrix else case["dist"]
    given = dict(zip(("rho", "tau2"), case["given"])) if case["given"] else {}
    return pb.pool_multilevel(
        "yi", "vi", random=random, struct=case["struct"], dist=dist, data=PINNED[case["data"]],
        method=case["method"], **given,
    )  # fmt: skip


@pytest.mark.parametrize(
    "case", PINNED["cases"], ids=lambda c: f"{c['data']}-{c['struct']}-{c['dist']}-{c['id']}"
)
def test_every_structure_is_metafors(case: dict[str, Any]) -> None:
    fit = fitted(case)
    ll = fit.fit_stats[case["method"]].ll
    assert ll >= case["ll"] - 1e-8
    assert ll == pytest.approx(case["ll"], abs=1e-7)
    assert fit.status in ("converged", "boundary")
    # metafor's optimisers stop some 1e-6 from the maximum
    assert fit.beta == pytest.approx(case["beta"], rel=1e-4)
    assert fit.se == pytest.approx(case["se"], rel=1e-4)
    assert fit.rho == pytest.approx([case["rho"]], rel=1e-4)
    assert fit.tau2 == pytest.approx([case["tau2"]], rel=2e-4)
    assert np.allclose(fit.sigma2, case["sigma2"], rtol=1e-3, atol=1e-6)


def test_a_linear_correlation_can_have_its_maximum_on_a_kink() -> None:
    case = next(c for c in PINNED["cases"] if c["struct"] == "SPLIN" and c["dist"] == "euclidean")
    fit, at = fitted(case), np.unique(PINNED["made"]["at"])
    distances = np.abs(at[:, None] - at[None, :])
    assert np.abs(distances - fit.rho[0]).min() < 1e-12


def test_distances() -> None:
    a, b = np.array([[1.0, 5.0]]), np.array([[4.0, 3.0]])
    assert (maximum(a, b)[0], manhattan(a, b)[0]) == (3.0, 5.0)
    # Meeus 1998, example 11.c: Paris to Washington, 6181.63 km
    paris = np.array([2 + 20 / 60 + 14 / 3600, 48 + 50 / 60 + 11 / 3600])
    washington = np.array([-(77 + 3 / 60 + 56 / 3600), 38 + 55 / 60 + 17 / 3600])
    assert great_circle(paris, washington) == pytest.approx(6181.63, abs=0.005)
    assert great_circle(paris, paris) == 0
    # a degree along the equator
    assert great_circle(np.zeros(2), np.array([1.0, 0.0])) == pytest.approx(111.3195, abs=1e-3)


def test_a_matrix_gives_what_its_coordinates_give() -> None:
    data = PINNED["made"]
    names = sorted(set(data["site"]))
    where = {s: (x, y) for s, x, y in zip(data["site"], data["lon"], data["lat"])}
    at = np.array([where[name] for name in names])
    D = great_circle(at[:, None, :], at[None, :, :])
    options = {"struct": "SPEXP", "data": data, "method": "ML"}
    one = pb.pool_multilevel("yi", "vi", random="~ lon + lat | one", dist="gcd", **options)
    two = pb.pool_multilevel("yi", "vi", random="~ site | one", dist={"site": D}, **options)
    assert one.beta == pytest.approx(two.beta, rel=1e-6)
    assert one.fit_stats["ML"].ll == pytest.approx(two.fit_stats["ML"].ll, abs=1e-9)


@pytest.mark.parametrize(
    ("dist", "random", "told"),
    [
        ("air", "~ lon + lat | one", "air"),
        ("gcd", "~ at | one", "longitude and a latitude"),
        ({"place": "gcd"}, "~ lon + lat | one", "random has: lon"),
        ({"site": np.eye(3)}, "~ site | one", "takes 14 by 14"),
        ({"site": np.eye(14)}, "~ site | one", "no 0 on the diagonal"),
        ({"site": (["s1"], [[0.0]])}, "~ site | one", "no row for"),
        ({"site": np.triu(np.ones((14, 14)), 1)}, "~ site | one", "not symmetric"),
    ],
)
def test_bad_distances_are_told(dist: Any, random: str, told: str) -> None:
    with pytest.raises(pb.ProbatumError, match=told):
        pb.pool_multilevel(
            "yi", "vi", random=random, struct="SPEXP", dist=dist, data=PINNED["made"]
        )
