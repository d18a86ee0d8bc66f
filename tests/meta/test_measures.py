"""Effect measures against metafor's escalc, over every case of the fixtures."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probatum.meta.measures import MEASURES, effect_sizes, measures
from probatum.meta.measures.hedges import correction
from probatum.meta.types import EffectSizes

FIXTURES = Path(__file__).parents[1] / "fixtures/reference"


def load(name: str) -> list[dict[str, Any]]:
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))["cases"]


SHARED, EDGES, ZEROS = (load(f"{n}.json") for n in ("escalc", "escalc_edges", "zero_cells"))


def compute(case: dict[str, Any]) -> EffectSizes:
    data = {name: np.array(x, dtype=float) for name, x in case["data"].items()}
    # 3.8-1 had no bias correction for ROM; ours is on by default (validation/divergences.md)
    opts = case["opts"] | ({"correct": False} if case["measure"] == "ROM" else {})
    return effect_sizes(data, measure=case["measure"], **opts, **{name: name for name in data})


def assert_equal(case: dict[str, Any]) -> None:
    es = compute(case)
    yi, vi = np.array(case["yi"], dtype=float), np.array(case["vi"], dtype=float)
    # metafor may keep one of the two; such a row can't be pooled, and ours has neither
    lost = np.isnan(yi) | np.isnan(vi)
    yi, vi = np.where(lost, np.nan, yi), np.where(lost, np.nan, vi)
    vi_here = es.vi
    if case["measure"] == "SMDH":
        # 3.8-1 multiplied by J^2; since 4.6-0 metafor doesn't (validation/divergences.md)
        vi_here = es.vi * correction(es.ni - 2) ** 2
    np.testing.assert_allclose(es.yi, yi, rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(vi_here, vi, rtol=1e-11, atol=1e-17)
    assert [bool(why) for why in es.reasons] == np.isnan(es.yi).tolist()


@pytest.mark.parametrize("case", SHARED + EDGES, ids=lambda case: case["id"])
def test_equals_metafor(case: dict[str, Any]) -> None:
    assert_equal(case)


@pytest.mark.parametrize("code", sorted({case["measure"] for case in ZEROS}))
def test_zero_cells_equal_metafor(code: str) -> None:
    for case in ZEROS:
        if case["measure"] == code:
            assert_equal(case)


def test_the_grid_did_not_shrink() -> None:
    assert Counter(case["measure"] for case in SHARED) == {
        "GEN": 13, "RR": 13, "OR": 18, "RD": 9, "AS": 5, "PETO": 6,
        "MD": 4, "SMD": 6, "SMDH": 2, "ROM": 5,
        "PR": 1, "PLN": 1, "PLO": 1, "PAS": 1, "PFT": 1,
        "IR": 1, "IRLN": 1, "IRR": 2, "IRD": 2,
        "COR": 3, "ZCOR": 3, "MC": 1, "SMCC": 1, "SMCR": 1,
    }  # fmt: skip
    assert Counter(case["measure"] for case in ZEROS) == {
        "RR": 31, "OR": 31, "RD": 31, "AS": 31, "PETO": 31,
        "PR": 11, "PLN": 11, "PLO": 11, "PAS": 11, "PFT": 11,
        "IR": 11, "IRLN": 11, "IRR": 20, "IRD": 20,
    }  # fmt: skip
    assert len(EDGES) == 34
    rows = sum(len(case["yi"]) for case in SHARED + EDGES + ZEROS)
    assert rows >= 4300


def test_every_measure_has_a_case_a_source_and_a_docstring() -> None:
    assert set(MEASURES) == {case["measure"] for case in SHARED}
    for entry in measures():
        assert any(ch.isdigit() for ch in entry["source"]) or entry["code"] == "GEN"
        assert MEASURES[entry["code"]].compute.__doc__
        assert entry["scale"] in {
            "ratio", "difference", "proportion", "correlation", "rate", "none",
        }  # fmt: skip


def test_hedges_correction_keeps_its_digits() -> None:
    # gamma(m/2) / (sqrt(m/2) gamma((m-1)/2)) to 20 digits, by mpmath
    exact = {
        2: 0.56418958354775628695,
        10: 0.92274560805308710336,
        100: 0.9924780549814448666,
        300: 0.99749756684385860828,
        301: 0.99750588864056449984,
        12345: 0.99993924522315221218,
        1e9: 0.99999999924999999978,
    }
    got = correction(np.array(list(exact), dtype=float))
    np.testing.assert_allclose(got, list(exact.values()), rtol=1e-15)
    assert np.isnan(correction(np.array([1.0, 0.0, -3.0]))).all()


def test_smdh_is_not_shrunk_twice() -> None:
    es = effect_sizes(measure="SMDH", m1i=5, m2i=3, sd1i=1, sd2i=1.5, n1i=10, n2i=9)
    s2 = (1 + 2.25) / 2
    part = es.yi[0] ** 2 * (1 / 9 + 1.5**4 / 8) / (8 * s2**2)
    assert es.vi[0] == pytest.approx(part + (1 / 9 + 2.25 / 8) / s2, rel=1e-14)


def test_rom_bias_correction() -> None:
    cells = {"m1i": 5, "m2i": 3, "sd1i": 1, "sd2i": 1.5, "n1i": 10, "n2i": 9}
    raw = effect_sizes(measure="ROM", correct=False, **cells)
    es = effect_sizes(measure="ROM", **cells)
    assert raw.yi[0] == pytest.approx(np.log(5 / 3), rel=1e-15)
    assert es.yi[0] - raw.yi[0] == pytest.approx((0.04 / 10 - 0.25 / 9) / 2, rel=1e-12)
    assert es.vi[0] == raw.vi[0]
