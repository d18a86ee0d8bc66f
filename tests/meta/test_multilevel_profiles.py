"""Profiles of multilevel fits against metafor's (validation/profiles.R)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

import probatum as pb
from probatum.meta.models.multilevel.profile import ComponentProfile, profiles

PINNED = json.loads(
    (Path(__file__).parents[2] / "validation" / "profiles.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def curves() -> tuple[ComponentProfile, ...]:
    yi, vi = np.array(PINNED["yi"]), np.array(PINNED["vi"])
    data = {"team": PINNED["team"], "trial": range(len(yi))}
    fit = pb.pool_multilevel(yi, vi, random="~ 1 | team/trial", data=data)
    assert fit.ll == pytest.approx(PINNED["ll"], abs=1e-6)
    return profiles(fit, points=161, level=99.99)


@pytest.mark.parametrize("row", PINNED["rows"])
def test_a_profile_is_metafors(curves: tuple[ComponentProfile, ...], row: dict[str, float]) -> None:
    curve = curves[int(row["component"])]
    between = PchipInterpolator(curve.at, curve.ll)  # between the curve's own points
    assert float(between(row["value"])) == pytest.approx(row["ll"], abs=1e-4)
