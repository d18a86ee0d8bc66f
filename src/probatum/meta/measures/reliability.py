"""Cronbach's alpha ai of a scale of mi items in ni people."""

from __future__ import annotations

import numpy as np

from probatum.meta.measures.registry import Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows


def _check(rows: Rows) -> None:
    rows.known("ai", "mi", "ni")
    rows.flag(rows["ai"] > 1, "ai = {ai}: alpha is at most 1")
    rows.at_least(2, "mi")
    rows.flag(rows["ni"] <= 2, "ni = {ni}: a variance needs more than 2")


def _size(cells: Cells) -> Floats:
    return cells["ni"]


ALPHA = Family("Cronbach's alpha", _check, _size, undefined="an alpha of 1 leaves it undefined")


@measure(
    "ARAW",
    "Cronbach's alpha",
    ALPHA,
    "ai mi ni",
    scale="none",
    limits=(-np.inf, 1),
    source="van Zyl, Neudecker & Nel 2000, Psychometrika 65:271; Bonett 2010, Psychol Methods",
)
def alpha(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Alpha as it is (Bonett 2010, Psychological Methods 15:368).

    yi = ai, vi = 2 mi (1 - ai)^2/((mi - 1) (ni - 2)).
    """
    m, n = cells["mi"], cells["ni"]
    return cells["ai"], 2 * m * (1 - cells["ai"]) ** 2 / ((m - 1) * (n - 2))


@measure(
    "AHW",
    "Hakstian-Whalen transformed alpha",
    ALPHA,
    "ai mi ni",
    display="Cronbach's alpha",
    scale="none",
    transf="iahw",
    limits=(-np.inf, 1),
    source="Hakstian & Whalen 1976, Psychometrika 41:219",
)
def cube_root_alpha(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Hakstian and Whalen's cube root (1976), turned so that it rises with alpha.

    yi = 1 - (1 - ai)^(1/3), vi = 18 mi (ni - 1) (1 - ai)^(2/3)/((mi - 1) (9 ni - 11)^2).
    """
    m, n = cells["mi"], cells["ni"]
    root = np.cbrt(1 - cells["ai"])
    return 1 - root, 18 * m * (n - 1) * root**2 / ((m - 1) * (9 * n - 11) ** 2)


@measure(
    "ABT",
    "Bonett transformed alpha",
    ALPHA,
    "ai mi ni",
    display="Cronbach's alpha",
    scale="none",
    transf="iabt",
    limits=(-np.inf, 1),
    source="Bonett 2002, Journal of Educational and Behavioral Statistics 27:335",
)
def log_alpha(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Bonett's log of 1 - alpha (2002), turned so that it rises with alpha.

    yi = -log(1 - ai), vi = 2 mi/((mi - 1) (ni - 2)).
    """
    m, n = cells["mi"], cells["ni"]
    return -np.log1p(-cells["ai"]), 2 * m / ((m - 1) * (n - 2))
