"""One group, measured twice: m1i sd1i and m2i sd2i with correlation ri, ni people."""

from __future__ import annotations

import numpy as np

from probatum.meta.measures.hedges import correction
from probatum.meta.measures.registry import Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows

NEEDS = "m1i m2i sd1i sd2i ni ri"


def _check_first_sd(rows: Rows) -> None:
    rows.known("m1i", "m2i", "sd1i", "ni", "ri")
    rows.at_least(0, "sd1i")
    rows.at_least(1, "ni")
    rows.flag(np.abs(rows["ri"]) > 1, "ri = {ri} is outside -1 to 1")


def _check(rows: Rows) -> None:
    rows.known("sd2i")
    rows.at_least(0, "sd2i")
    _check_first_sd(rows)


def _size(cells: Cells) -> Floats:
    return cells["ni"]


UNDEFINED = "an SD of 0 or a group too small for it"
BOTH = Family("one group, measured twice", _check, _size, UNDEFINED)
FIRST = Family("one group, measured twice", _check_first_sd, _size, UNDEFINED)


def _change_variance(cells: Cells) -> Floats:
    """Variance of the individual changes, from the two SDs and their correlation."""
    s1, s2 = cells["sd1i"], cells["sd2i"]
    variance: Floats = s1**2 + s2**2 - 2 * cells["ri"] * s1 * s2
    return variance


@measure(
    "MC",
    "mean change",
    BOTH,
    NEEDS,
    scale="difference",
    null=0,
    source="Gibbons, Hedeker & Davis 1993, Journal of Educational Statistics 18:271",
)
def mean_change(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Raw mean change (Gibbons, Hedeker & Davis 1993).

    yi = m1i - m2i, vi = (sd1i^2 + sd2i^2 - 2 ri sd1i sd2i)/ni.
    """
    return cells["m1i"] - cells["m2i"], _change_variance(cells) / cells["ni"]


@measure(
    "SMCC",
    "standardized mean change (change score standardization)",
    BOTH,
    NEEDS,
    display="standardised mean change",
    scale="difference",
    null=0,
    source="Gibbons, Hedeker & Davis 1993, Journal of Educational Statistics 18:271",
)
def standardized_change(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Mean change over the SD of the changes, bias-corrected (Gibbons et al. 1993).

    yi = J(ni - 1) (m1i - m2i)/sd of the changes, vi = 1/ni + yi^2/(2 ni).
    """
    n = cells["ni"]
    yi = correction(n - 1) * (cells["m1i"] - cells["m2i"]) / np.sqrt(_change_variance(cells))
    return yi, 1 / n + yi**2 / (2 * n)


@measure(
    "SMCR",
    "standardized mean change (raw score standardization)",
    FIRST,
    "m1i m2i sd1i ni ri",
    optional="sd2i",
    display="standardised mean change",
    scale="difference",
    null=0,
    source="Becker 1988, British Journal of Mathematical and Statistical Psychology 41:257",
)
def standardized_change_raw(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Mean change over the SD of the first score, bias-corrected (Becker 1988).

    yi = J(ni - 1) (m1i - m2i)/sd1i, vi = 2 (1 - ri)/ni + yi^2/(2 ni). sd1i belongs to the score
    whose spread is the yardstick, usually the one before treatment; sd2i is not used.
    """
    n = cells["ni"]
    yi = correction(n - 1) * (cells["m1i"] - cells["m2i"]) / cells["sd1i"]
    return yi, 2 * (1 - cells["ri"]) / n + yi**2 / (2 * n)
