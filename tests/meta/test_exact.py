"""Exact limits against base R's binom.test and poisson.test, and by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import bdtr, pdtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.exact import binomial_interval, binomial_upper, poisson_interval, poisson_upper

R = json.loads(
    (Path(__file__).parents[1] / "fixtures/reference/exact_limits.json").read_text("utf-8")
)


@pytest.mark.parametrize(
    ("kind", "interval", "upper"),
    [
        ("binomial", binomial_interval, binomial_upper),
        ("poisson", poisson_interval, poisson_upper),
    ],
)
def test_equals_r(kind: str, interval: Any, upper: Any) -> None:
    case = {name: np.array(x, dtype=float) for name, x in R[kind].items()}
    assert len(case["x"]) == 42
    for level in (90.0, 95.0, 99.0):
        at = case["level"] == level
        x, n = case["x"][at], case["n"][at]
        low, high = interval(x, n, level=level)
        np.testing.assert_allclose(low, case["lower"][at], rtol=1e-12, atol=1e-300)
        np.testing.assert_allclose(high, case["upper"][at], rtol=1e-12)
        np.testing.assert_allclose(
            upper(x, n, sides="one", level=level), case["upper_one_sided"][at], rtol=1e-12
        )
        np.testing.assert_allclose(upper(x, n, sides="two", level=level), high, rtol=1e-15)


@pytest.mark.parametrize("n", [1, 7, 100, 10**6])
def test_no_events_has_a_closed_form(n: int) -> None:
    # (1 - p)^n = alpha
    assert binomial_upper(0, n, sides="one") == pytest.approx(
        -np.expm1(np.log(0.05) / n), rel=1e-12
    )
    assert binomial_upper(0, n, sides="two") == pytest.approx(
        -np.expm1(np.log(0.025) / n), rel=1e-12
    )
    assert poisson_upper(0, n, sides="one") == pytest.approx(-np.log(0.05) / n, rel=1e-12)


def test_ends() -> None:
    low, high = binomial_interval([0, 10], 10)
    assert (low[0], high[1]) == (0, 1)
    assert low[1] == pytest.approx(0.025**0.1)
    assert high[0] == pytest.approx(1 - 0.025**0.1)


def test_impossible_and_missing_are_nan() -> None:
    x = [-1, 11, 3, np.nan, 3, 3]
    n = [10, 10, 0, 10, np.nan, np.inf]
    for low, high in (binomial_interval(x, n), poisson_interval([-1, np.nan, 1], [1, 1, 0])):
        assert np.isnan(low).all()
        assert np.isnan(high).all()
    assert np.isnan(poisson_upper(0, np.nan, sides="one"))


@pytest.mark.parametrize("level", [0.95, 0, 100, 150, -5, np.nan, True])
def test_level_is_in_percent(level: float) -> None:
    for call in (binomial_interval, poisson_interval):
        with pytest.raises(BadInput, match="level is in percent"):
            call(1, 10, level=level)


def test_sides_must_be_named() -> None:
    with pytest.raises(UnknownOption, match='sides "both" does not exist'):
        binomial_upper(0, 10, sides="both")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="sides"):
        poisson_upper(0, 10)  # type: ignore[call-arg]


@given(st.integers(1, 3000), st.data(), st.floats(50, 99.9))
def test_limits_leave_out_what_they_promise(n: int, data: st.DataObject, level: float) -> None:
    x = data.draw(st.integers(0, n))
    low, high = binomial_interval(x, n, level=level)
    tail = (1 - level / 100) / 2
    assert 0 <= low <= x / n <= high <= 1
    if x < n:
        assert bdtr(x, n, float(high)) == pytest.approx(tail, rel=1e-6)
    if x > 0:
        assert 1 - bdtr(x - 1, n, float(low)) == pytest.approx(tail, rel=1e-6)
    rate = poisson_upper(x, 1, sides="one", level=level)
    assert pdtr(x, float(rate)) == pytest.approx(2 * tail, rel=1e-6)
