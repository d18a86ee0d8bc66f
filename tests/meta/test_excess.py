"""The test of excess significance with its options, against metafor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probatum as pb

FILE = Path(__file__).parents[2] / "validation" / "excess.json"
PINNED = json.loads(FILE.read_text(encoding="utf-8"))
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "theta": {"theta": -0.5},
    "tau2": {"theta": -0.5, "tau2": 0.1},
    "H0": {"theta": -0.7, "H0": -0.2},
    "less": {"alternative": "less"},
    "greater": {"alternative": "greater", "theta": 0.1},
    "binom": {"test": "binom", "theta": -0.3},
    "chi2": {"test": "chi2", "theta": -0.3},
    "limit": {"theta": -0.3, "limit_alpha": 0.05},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_is_metafors(name: str) -> None:
    found = pb.tes(pb.pool(PINNED["yi"], PINNED["vi"]), **OPTIONS[name])
    asked = PINNED["cases"][name]
    # with tau2 metafor integrates numerically, and its root search for the limit stops at 1e-4
    tol = 1e-5 if name == "tau2" else 1e-9
    assert asked["O"] == found.O
    assert pytest.approx(asked["E"], rel=tol) == found.E
    assert found.power == pytest.approx(asked["power"], rel=tol)
    assert found.pval == pytest.approx(asked["pval"], rel=tol)
    if asked["limit"] is None:
        assert np.isnan(found.limit)
    else:
        assert found.limit == pytest.approx(asked["limit"], abs=2e-4)


@pytest.mark.parametrize("name", ["plain", "H0", "less", "limit"])
def test_at_the_limit_p_is_that_level(name: str) -> None:
    fit, options = pb.pool(PINNED["yi"], PINNED["vi"]), OPTIONS[name]
    limit = pb.tes(fit, **options).limit
    again = pb.tes(fit, **{**options, "theta": limit})
    assert again.pval == pytest.approx(options.get("limit_alpha", 0.1), abs=1e-9)


def test_power_under_heterogeneity_is_what_simulation_gives() -> None:
    found = pb.tes(pb.pool([0.3, 0.1], [0.04, 0.09]), theta=0.4, tau2=0.05)
    rng = np.random.default_rng(1)
    se = np.array([0.2, 0.3])
    y = 0.4 + np.sqrt(0.05 + se**2) * rng.normal(size=(400_000, 2))
    assert found.power == pytest.approx((np.abs(y / se) > 1.959964).mean(axis=0), abs=0.004)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"tau2": -1.0}, "variance"),
        ({"limit_alpha": 1.0}, "limit_alpha"),
        ({"alternative": "both"}, "alternative"),
    ],
)
def test_bad_input_is_told(options: dict[str, Any], told: str) -> None:
    with pytest.raises(pb.ProbatumError, match=told):
        pb.tes(pb.pool([0.3, 0.1], [0.04, 0.09]), **options)
