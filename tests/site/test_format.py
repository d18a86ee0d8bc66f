"""How numbers are written."""

from __future__ import annotations

import pytest

from probatum.site import format as fmt


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.7149, "0.71"),
        (9.994, "9.99"),
        (9.996, "10.0"),
        (12.34, "12.3"),
        (99.96, "100"),
        (103.7, "104"),
        (5548.2, "5\N{NARROW NO-BREAK SPACE}548"),
        (0.004, "<0.01"),
        (0.0, "0"),
        (-0.004, ">\N{MINUS SIGN}0.01"),
        (-0.666, "\N{MINUS SIGN}0.67"),
        (float("inf"), "infinite"),
    ],
)
def test_ratio(value: float, text: str) -> None:
    assert fmt.ratio(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0739, "7.4%"),
        (0.436, "44%"),
        (0.0002, "<0.1%"),
        (0.9996, ">99.9%"),
        (1.0, "100%"),
        (0.0, "0%"),
        (0.0996, "10%"),
        (0.994, "99.4%"),
    ],
)
def test_percent(value: float, text: str) -> None:
    assert fmt.percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3e-5, "<0.001"),
        (0.0317, "0.032"),
        (0.451, "0.45"),
        (0.999, ">0.99"),
        (0.001, "0.001"),
    ],
)
def test_p_value(value: float, text: str) -> None:
    assert fmt.p_value(value) == text


def test_counts_and_intervals() -> None:
    assert fmt.count(1320.0) == "1\N{NARROW NO-BREAK SPACE}320"
    assert fmt.count(2.5) == "2.5"
    assert fmt.bounds("0.33", "1.57") == "0.33 to 1.57"
    assert fmt.brackets("0.33", "1.57") == "[0.33, 1.57]"
    low, up = (fmt.effect(v, scale="difference", measure="RD") for v in (-0.12, 0.031))
    assert fmt.bounds(low, up) == "\N{MINUS SIGN}12 to 3.1\N{NO-BREAK SPACE}points"
