"""Matched pairs, or one group seen twice, events counted: the table of pairs ai bi ci di.

Rows are the first treatment (or time), columns the second: ai pairs with the event both times, bi
with the first alone, ci with the second alone, di with neither.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probatum.meta.measures.binary import no_contrast
from probatum.meta.measures.registry import INF, Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows

PAIR = ("ai", "bi", "ci", "di")
NEEDS = "ai bi ci di"


def _check(rows: Rows) -> None:
    rows.known(*PAIR)
    rows.at_least(0, *PAIR)
    rows.flag(_size(rows.cells) < 1, "the table is empty: ai + bi + ci + di is under 1")


def _check_margins(rows: Rows) -> None:
    _check(rows)
    rows.known("ri")
    rows.flag(np.abs(rows["ri"]) > 1, "ri = {ri} is outside -1 to 1")
    a, b, c, d = (rows[name] for name in PAIR)
    with np.errstate(all="ignore"):
        p1, p2 = a / (a + b), c / (c + d)
        both = p1 * p2 + rows["ri"] * np.sqrt(p1 * (1 - p1) * p2 * (1 - p2))
        slack = 0.5 / np.minimum(a + b, c + d)
        off = (both < np.maximum(0, p1 + p2 - 1) - slack) | (both > np.minimum(p1, p2) + slack)
    rows.flag(off, "ri = {ri} is not possible with these margins")


def _size(cells: Cells) -> Floats:
    total: Floats = cells["ai"] + cells["bi"] + cells["ci"] + cells["di"]
    return total


def _pairs(cells: Cells) -> Floats:
    pairs: Floats = cells["ai"] + cells["bi"]
    return pairs


def _empty(cells: Cells) -> NDArray[np.bool_]:
    never = (cells["ai"] + cells["bi"] == 0) & (cells["ai"] + cells["ci"] == 0)
    always = (cells["ci"] + cells["di"] == 0) & (cells["bi"] + cells["di"] == 0)
    return np.asarray(never | always)


UNDEFINED = "a zero cell leaves it undefined (see add and to)"
PAIRS = Family("matched pairs, events", _check, _size, UNDEFINED, counts=PAIR, empty=_empty)
MARGINS = Family(
    "matched pairs, margins",
    _check_margins,
    _pairs,
    UNDEFINED,
    counts=PAIR,
    empty=no_contrast,
)


@measure(
    "MPRR",
    "matched pairs marginal log risk ratio",
    PAIRS,
    NEEDS,
    display="risk ratio",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    source="Zou 2007, Statistics in Medicine 26:2379; May & Johnson 1997, Biometrics 53:1030",
)
def marginal_risk_ratio(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log ratio of the two marginal risks (Zou 2007).

    yi = log((ai + bi)/(ai + ci)), vi = (bi + ci)/((ai + bi) (ai + ci)).
    """
    a, b, c = cells["ai"], cells["bi"], cells["ci"]
    return np.log((a + b) / (a + c)), (b + c) / ((a + b) * (a + c))


@measure(
    "MPOR",
    "matched pairs marginal log odds ratio",
    PAIRS,
    NEEDS,
    display="odds ratio",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    source="Becker & Balagtas 1993, Biometrics 49:997",
)
def marginal_odds_ratio(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log odds ratio of the two margins (Becker & Balagtas 1993).

    yi is the difference of the marginal log odds; vi the sum of 1/count over the four marginal
    counts, less 2 n (ai di - bi ci) over their product, for the pairing.
    """
    a, b, c, d = (cells[name] for name in PAIR)
    first, second = (a + b, c + d), (a + c, b + d)
    n = a + b + c + d
    yi = np.log(first[0] / first[1]) - np.log(second[0] / second[1])
    apart = 1 / first[0] + 1 / first[1] + 1 / second[0] + 1 / second[1]
    shared = 2 * n * (a * d - b * c) / (first[0] * first[1] * second[0] * second[1])
    return yi, apart - shared


@measure(
    "MPRD",
    "matched pairs marginal risk difference",
    PAIRS,
    NEEDS,
    display="difference in risk",
    scale="difference",
    null=0,
    limits=(-1, 1),
    source="Fagerland, Lydersen & Laake 2014, Statistics in Medicine 33:2850 (Wald)",
)
def marginal_risk_difference(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Difference of the two marginal risks (Fagerland et al. 2014).

    yi = (bi - ci)/n, vi = ((bi + ci) - (bi - ci)^2/n)/n^2.
    """
    b, c, n = cells["bi"], cells["ci"], _size(cells)
    return (b - c) / n, ((b + c) - (b - c) ** 2 / n) / n**2


@measure(
    "MPORC",
    "conditional log odds ratio",
    PAIRS,
    NEEDS,
    display="odds ratio",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    source="Curtin, Elbourne & Altman 2002, Statistics in Medicine 21:2145",
)
def conditional_odds_ratio(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log odds ratio within pairs, from the discordant ones (Curtin et al. 2002).

    yi = log(bi/ci), vi = 1/bi + 1/ci.
    """
    return np.log(cells["bi"] / cells["ci"]), 1 / cells["bi"] + 1 / cells["ci"]


@measure(
    "MPPETO",
    "conditional log odds ratio (Peto)",
    PAIRS,
    NEEDS,
    display="odds ratio",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    source="Curtin, Elbourne & Altman 2002, Statistics in Medicine 21:2145",
)
def conditional_peto(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Peto's one-step log odds ratio within pairs (Curtin et al. 2002).

    yi = 2 (bi - ci)/(bi + ci), vi = 4/(bi + ci): observed minus expected over its variance, the
    discordant pairs being fair coins.
    """
    b, c = cells["bi"], cells["ci"]
    return 2 * (b - c) / (b + c), 4 / (b + c)


@measure(
    "MPORM",
    "matched pairs marginal log odds ratio (from the margins)",
    MARGINS,
    "ai bi ci di ri",
    display="odds ratio",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    source="Elbourne et al. 2002, International Journal of Epidemiology 31:140",
)
def odds_ratio_of_margins(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Marginal log odds ratio where only the margins and their correlation are known.

    Here ai bi are the pairs with and without the event under the first treatment, ci di under the
    second, and ri is the phi coefficient of the paired table: yi = log(ai di/(bi ci)), vi =
    1/ai + 1/bi + 1/ci + 1/di - 2 ri n/sqrt(ai bi ci di) with n pairs (Elbourne et al. 2002). An
    ri that the margins don't allow leaves the row out.
    """
    a, b, c, d = (cells[name] for name in PAIR)
    n = np.round((a + b + c + d) / 2)  # a pair may lack one of its two values
    shared = 2 * cells["ri"] * n / np.sqrt(a * b * c * d)
    return np.log((a / b) / (c / d)), 1 / a + 1 / b + 1 / c + 1 / d - shared
