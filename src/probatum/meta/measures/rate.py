"""Events in person-time: xi in ti (one group), x1i in t1i and x2i in t2i (two groups)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probatum.meta.measures.registry import INF, Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows

NEEDS = "x1i x2i t1i t2i"
SOURCE = "Rothman, Greenland & Lash 2008, Modern Epidemiology, ch. 14"


def _check_one(rows: Rows) -> None:
    rows.known("xi", "ti")
    rows.at_least(0, "xi")
    rows.flag(rows["ti"] <= 0, "ti = {ti} is not over 0")


def _check_two(rows: Rows) -> None:
    rows.known("x1i", "x2i", "t1i", "t2i")
    rows.at_least(0, "x1i", "x2i")
    for name in ("t1i", "t2i"):
        rows.flag(rows[name] <= 0, f"{name} = {{{name}}} is not over 0")


def _no_size(cells: Cells) -> None:
    """Person-time is no number of people."""
    return


def _empty(cells: Cells) -> NDArray[np.bool_]:
    return np.asarray((cells["x1i"] == 0) & (cells["x2i"] == 0))


UNDEFINED = "no events leave it undefined (see add and to)"
ONE = Family("one group, person-time", _check_one, _no_size, UNDEFINED, counts=("xi",))
TWO = Family(
    "two groups, person-time",
    _check_two,
    _no_size,
    UNDEFINED,
    counts=("x1i", "x2i"),
    empty=_empty,
)


@measure(
    "IR",
    "incidence rate",
    ONE,
    "xi ti",
    display="rate",
    scale="rate",
    limits=(0, INF),
    source=SOURCE,
)
def rate(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Incidence rate with its Poisson variance (Rothman, Greenland & Lash 2008).

    yi = xi/ti, vi = xi/ti^2.
    """
    yi = cells["xi"] / cells["ti"]
    return yi, yi / cells["ti"]


@measure(
    "IRLN",
    "log incidence rate",
    ONE,
    "xi ti",
    display="rate",
    scale="rate",
    transf="exp",
    limits=(0, INF),
    source=SOURCE,
)
def log_rate(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log incidence rate with its Poisson variance (Rothman, Greenland & Lash 2008).

    yi = log(xi/ti), vi = 1/xi.
    """
    return np.log(cells["xi"] / cells["ti"]), 1 / cells["xi"]


@measure(
    "IRS",
    "square root transformed incidence rate",
    ONE,
    "xi ti",
    display="rate",
    scale="rate",
    transf="isqrt",
    limits=(0, INF),
    default_add=0.0,
    source=SOURCE,
)
def root_rate(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Square root of the rate, which stabilises its variance (Rothman et al. 2008).

    yi = sqrt(xi/ti), vi = 1/(4 ti).
    """
    return np.sqrt(cells["xi"] / cells["ti"]), 1 / (4 * cells["ti"])


@measure(
    "IRFT",
    "Freeman-Tukey transformed incidence rate",
    ONE,
    "xi ti",
    display="rate",
    scale="rate",
    transf="iirft",
    limits=(0, INF),
    default_add=0.0,
    source="Freeman & Tukey 1950, Annals of Mathematical Statistics 21:607",
)
def freeman_tukey_rate(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Freeman and Tukey's double root of the rate (1950), as half of the sum of the roots.

    yi = (sqrt(xi/ti) + sqrt((xi + 1)/ti))/2, vi = 1/(4 ti).
    """
    x, t = cells["xi"], cells["ti"]
    return (np.sqrt(x / t) + np.sqrt((x + 1) / t)) / 2, 1 / (4 * t)


@measure(
    "IRR",
    "log incidence rate ratio",
    TWO,
    NEEDS,
    display="rate ratio",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    source=SOURCE,
)
def rate_ratio(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log incidence rate ratio (Rothman, Greenland & Lash 2008).

    yi = log((x1i/t1i) / (x2i/t2i)), vi = 1/x1i + 1/x2i.
    """
    x1, x2 = cells["x1i"], cells["x2i"]
    return np.log((x1 / cells["t1i"]) / (x2 / cells["t2i"])), 1 / x1 + 1 / x2


@measure(
    "IRD",
    "incidence rate difference",
    TWO,
    NEEDS,
    display="difference in rates",
    scale="difference",
    null=0,
    source=SOURCE,
)
def rate_difference(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Incidence rate difference (Rothman, Greenland & Lash 2008).

    yi = x1i/t1i - x2i/t2i, vi = x1i/t1i^2 + x2i/t2i^2.
    """
    rate1, rate2 = cells["x1i"] / cells["t1i"], cells["x2i"] / cells["t2i"]
    return rate1 - rate2, rate1 / cells["t1i"] + rate2 / cells["t2i"]


@measure(
    "IRSD",
    "square root transformed incidence rate difference",
    TWO,
    NEEDS,
    display="difference in square root transformed rates",
    scale="difference",
    null=0,
    default_add=0.0,
    source="Bagos & Nikolopoulos 2009, International Journal of Biostatistics 5(1):21",
)
def root_rate_difference(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Difference of the square roots of two rates (Bagos & Nikolopoulos 2009).

    yi = sqrt(x1i/t1i) - sqrt(x2i/t2i), vi = 1/(4 t1i) + 1/(4 t2i).
    """
    t1, t2 = cells["t1i"], cells["t2i"]
    return np.sqrt(cells["x1i"] / t1) - np.sqrt(cells["x2i"] / t2), 1 / (4 * t1) + 1 / (4 * t2)
