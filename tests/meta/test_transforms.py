"""Back-transformations: exact round trips, monotone, clipped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.errors import BadInput, UnknownOption
from probatum.meta.measures import MEASURES, effect_sizes
from probatum.meta.transforms import TRANSFORMS, harmonic_mean, ift, transform

FIXTURES = Path(__file__).parents[1] / "fixtures/reference"
N = np.array([1, 2, 7, 40, 1000, 12345])


@pytest.mark.parametrize("code", ["PR", "PLN", "PLO", "PAS", "PFT"])
def test_a_proportion_comes_back(code: str) -> None:
    x = np.array([1, 1, 3, 39, 1, 12000])
    es = effect_sizes(measure=code, xi=x, ni=N, to="none")
    inside = np.isfinite(es.yi)
    back = MEASURES[code].back(es.yi, ni=es.ni)
    np.testing.assert_allclose(back[inside], (x / N)[inside], rtol=1e-11)
    assert inside.sum() >= 5


@pytest.mark.parametrize("x", [0, 1])
def test_freeman_tukey_ends_come_back(x: int) -> None:
    es = effect_sizes(measure="PFT", xi=x * N, ni=N)
    np.testing.assert_allclose(MEASURES["PFT"].back(es.yi, ni=N), x, atol=1e-12)


def test_freeman_tukey_inverse_equals_metafor() -> None:
    case = json.loads((FIXTURES / "exact_limits.json").read_text("utf-8"))["ift"]
    y, n, p = (np.array(case[name], dtype=float) for name in ("y", "n", "p"))
    np.testing.assert_allclose(ift(y, n), p, rtol=1e-9, atol=1e-12)
    assert len(y) == 54


def test_freeman_tukey_needs_a_size() -> None:
    with pytest.raises(BadInput, match="harmonic mean"):
        MEASURES["PFT"].back(0.5)


@given(st.floats(-50, 50), st.floats(-50, 50), st.sampled_from(sorted(MEASURES)), st.floats(1, 1e6))
def test_back_is_monotone_and_in_range(a: float, b: float, code: str, n: float) -> None:
    found = MEASURES[code]
    low, high = (float(v) for v in found.back([min(a, b), max(a, b)], ni=n))
    assert low <= high + 1e-12
    assert found.limits[0] <= low
    assert high <= found.limits[1]


@pytest.mark.parametrize("code", sorted(MEASURES))
def test_no_effect_on_the_analysis_scale_is_the_null(code: str) -> None:
    found = MEASURES[code]
    if found.null is not None:
        # where nothing is transformed, the null is itself: 0.5 of a probability of superiority
        start = found.null if found.transf == "identity" else 0.0
        assert found.back(start) == pytest.approx(found.null)
    else:
        assert found.scale in ("proportion", "rate", "none")
    assert found.transf in TRANSFORMS
    assert np.isnan(found.back(np.nan, ni=10))


def test_clipping() -> None:
    assert MEASURES["PAS"].back([-0.3, 2.0]).tolist() == [0, 1]
    assert MEASURES["PLN"].back(0.2) == 1
    assert MEASURES["RD"].back(-1.2) == -1
    assert MEASURES["IR"].back(-0.1) == 0
    assert MEASURES["RR"].back(800.0) == np.inf


def test_harmonic_mean() -> None:
    assert harmonic_mean([10, 40, np.nan]) == pytest.approx(16)
    assert np.isnan(harmonic_mean([]))


def test_unknown_transformation() -> None:
    with pytest.raises(UnknownOption, match='transf "log" does not exist'):
        transform("log")
