"""Model averages against metafor's fits and the formulas of Burnham and Anderson."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probatum as pb

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "averaging.json").read_text())
DATA = {name: PINNED[name] for name in ("lat", "when", "alloc")}
ES = pb.EffectSizes(np.array(PINNED["yi"]), np.array(PINNED["vi"]))
FORMULA = "~ lat + when + alloc"


@pytest.mark.parametrize("case", PINNED["cases"], ids=lambda c: f"{c['criterion']} {c['methods']}")
def test_as_by_metafor(case: dict[str, Any]) -> None:
    methods = ["EE" if m == "FE" else m for m in np.atleast_1d(case["methods"])]
    found = pb.model_average(ES, FORMULA, data=DATA, criterion=case["criterion"], methods=methods)
    assert found.estimate == pytest.approx(case["estimate"], rel=1e-6)
    assert found.se == pytest.approx(case["se"], rel=1e-6)
    assert found.importance == pytest.approx(case["importance"], rel=1e-6)
    assert [m.weight for m in found.models] == pytest.approx(case["weights"], rel=1e-5)
    assert found.table()[0]["delta"] == 0.0
    assert found.tidy()[1]["term"] == "lat"


def test_a_factor_enters_whole_and_an_interaction_with_its_parts() -> None:
    found = pb.model_average(ES, "~ lat * when + alloc", data=DATA, criterion="AIC")
    terms = {m.terms for m in found.models}
    assert ("alloc",) in terms
    assert not any("lat:when" in t and not {"lat", "when"} <= set(t) for t in terms)
    assert len(terms) == 2 * 5  # with alloc or not: none, lat, when, both, both with the product
    assert sum(m.weight for m in found.models) == pytest.approx(1.0)


def test_one_model_that_is_far_better_is_the_average() -> None:
    x = np.arange(30.0) - 14.5
    es = pb.EffectSizes(0.5 * x + 0.01 * np.sin(x), np.full(30, 0.001))
    found = pb.model_average(es, {"x": x})
    fit = pb.pool(es, mods={"x": x}, method="ML", test="z")
    assert found.estimate == pytest.approx(fit.beta, rel=1e-9)
    assert found.se == pytest.approx(fit.se, rel=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"criterion": "DIC"}, "AICc"),
        ({"methods": ["REML"]}, "don't compare"),
        ({"mods": None}, "at least one moderator"),
        ({"mods": np.random.default_rng(1).normal(size=(13, 12))}, "use fewer"),
    ],
)
def test_misuse(options: dict[str, Any], message: str) -> None:
    with pytest.raises(pb.ProbatumError, match=message):
        pb.model_average(ES, **({"mods": {"lat": DATA["lat"]}} | options))
