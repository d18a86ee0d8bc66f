"""Two groups, events counted: the 2x2 table with cells ai bi (group 1) and ci di (group 2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probatum.meta.measures.average import weighted_mean
from probatum.meta.measures.registry import INF, Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows


def _check(rows: Rows) -> None:
    rows.at_least(0, *(name for name in ("ai", "bi", "ci", "di") if name in rows))
    rows.rest_of("ai", "bi", "n1i")
    rows.rest_of("ci", "di", "n2i")
    rows.known("ai", "ci")
    for rest, whole in (("bi", "n1i"), ("di", "n2i")):
        rows.lacks(np.isnan(rows[rest]), f"{rest} (or {whole})")
        rows.known(rest, whole)
    rows.at_least(1, "n1i", "n2i")


def _size(cells: Cells) -> Floats:
    return cells["n1i"] + cells["n2i"]


def no_contrast(cells: Cells) -> NDArray[np.bool_]:
    """No events, or nothing but events, in both rows of the table."""
    no_events = (cells["ai"] == 0) & (cells["ci"] == 0)
    only_events = (cells["bi"] == 0) & (cells["di"] == 0)
    return np.asarray(no_events | only_events)


TABLE = Family(
    name="two groups, events",
    check=_check,
    size=_size,
    undefined="a zero cell leaves it undefined (see add and to)",
    stands_for={"bi": ("n1i",), "di": ("n2i",)},
    counts=("ai", "bi", "ci", "di"),
    empty=no_contrast,
)


@measure(
    "RR",
    "log risk ratio",
    TABLE,
    "ai bi ci di",
    display="risk ratio",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    source="Katz, Baptista, Azen & Pike 1978, Biometrics 34:469",
)
def risk_ratio(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log risk ratio with its large-sample variance (Katz et al. 1978, Biometrics 34:469).

    yi = log(p1 / p2), vi = 1/ai - 1/n1i + 1/ci - 1/n2i.
    """
    a, b, c, d = (cells[name] for name in ("ai", "bi", "ci", "di"))
    n1, n2 = a + b, c + d
    # 1/a - 1/n1 as (b/n1)/a: no digits are lost when nearly all have the event
    return np.log((a / n1) / (c / n2)), (b / n1) / a + (d / n2) / c


@measure(
    "OR",
    "log odds ratio",
    TABLE,
    "ai bi ci di",
    display="odds ratio",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    source="Woolf 1955, Annals of Human Genetics 19:251",
)
def odds_ratio(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log odds ratio with its large-sample variance (Woolf 1955, Ann Hum Genet 19:251).

    yi = log((ai/bi) / (ci/di)), vi = 1/ai + 1/bi + 1/ci + 1/di.
    """
    a, b, c, d = (cells[name] for name in ("ai", "bi", "ci", "di"))
    return np.log((a / b) / (c / d)), 1 / a + 1 / b + 1 / c + 1 / d


@measure(
    "RD",
    "risk difference",
    TABLE,
    "ai bi ci di",
    display="difference in risk",
    scale="difference",
    null=0,
    limits=(-1, 1),
    vtypes=("LS", "UB", "AV"),
    source="Fleiss, Levin & Paik 2003, Statistical Methods for Rates and Proportions",
)
def risk_difference(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Risk difference with the two binomial variances (Fleiss, Levin & Paik 2003).

    yi = p1 - p2, vi = p1 (1 - p1)/n1i + p2 (1 - p2)/n2i; vtype "UB" divides by n1i - 1 and
    n2i - 1 (unbiased), "AV" takes each group's size-weighted average risk over all studies.
    """
    n1, n2 = cells["ai"] + cells["bi"], cells["ci"] + cells["di"]
    p1, p2 = cells["ai"] / n1, cells["ci"] / n2
    if choices.vtype == "AV":
        mean1, mean2 = weighted_mean(p1, n1), weighted_mean(p2, n2)
        return p1 - p2, mean1 * (1 - mean1) / n1 + mean2 * (1 - mean2) / n2
    less = 1 if choices.vtype == "UB" else 0
    v1, v2 = p1 * (cells["bi"] / n1) / (n1 - less), p2 * (cells["di"] / n2) / (n2 - less)
    return p1 - p2, v1 + v2


@measure(
    "AS",
    "arcsine square root transformed risk difference",
    TABLE,
    "ai bi ci di",
    display="difference in arcsine transformed risks",
    scale="difference",
    null=0,
    limits=(-np.pi / 2, np.pi / 2),
    default_add=0.0,
    source="Ruecker, Schwarzer, Carpenter & Olkin 2009, Statistics in Medicine 28:721",
)
def arcsine_difference(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Arcsine difference, stable at zero cells (Ruecker et al. 2009, Stat Med 28:721).

    yi = asin(sqrt(p1)) - asin(sqrt(p2)), vi = 1/(4 n1i) + 1/(4 n2i).
    """
    n1, n2 = cells["ai"] + cells["bi"], cells["ci"] + cells["di"]
    y1, y2 = np.arcsin(np.sqrt(cells["ai"] / n1)), np.arcsin(np.sqrt(cells["ci"] / n2))
    return y1 - y2, 1 / (4 * n1) + 1 / (4 * n2)


@measure(
    "PETO",
    "log odds ratio (Peto)",
    TABLE,
    "ai bi ci di",
    display="odds ratio",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    source="Yusuf, Peto, Lewis, Collins & Sleight 1985, Prog Cardiovasc Dis 27:335",
)
def peto_odds_ratio(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Peto's one-step log odds ratio (Yusuf et al. 1985, Prog Cardiovasc Dis 27:335).

    yi = (O - E)/V and vi = 1/V, with O = ai, E its hypergeometric expectation given the margins
    and V its hypergeometric variance.
    """
    n1, n2 = cells["ai"] + cells["bi"], cells["ci"] + cells["di"]
    n, events, rest = n1 + n2, cells["ai"] + cells["ci"], cells["bi"] + cells["di"]
    expected = events * (n1 / n)
    v = (events / n) * (rest / n) * n1 * (n2 / (n - 1))
    return (cells["ai"] - expected) / v, 1 / v
