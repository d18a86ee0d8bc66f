"""One group, events counted: xi events in ni."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from probatum.meta.measures.average import weighted_mean
from probatum.meta.measures.registry import Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows


def _check(rows: Rows) -> None:
    rows.at_least(0, *(name for name in ("xi", "mi") if name in rows))
    rows.rest_of("xi", "mi", "ni")
    rows.known("xi")
    rows.lacks(np.isnan(rows["ni"]), "ni (or mi)")
    rows.known("mi", "ni")
    rows.at_least(1, "ni")


def _size(cells: Cells) -> Floats:
    return cells["ni"]


COUNT = Family(
    name="one group, events",
    check=_check,
    size=_size,
    undefined="no events, or nothing but events, leaves it undefined (see add and to)",
    stands_for={"ni": ("mi",)},
    counts=("xi", "mi"),
)


@measure(
    "PR",
    "proportion",
    COUNT,
    "xi ni",
    scale="proportion",
    limits=(0, 1),
    vtypes=("LS", "UB", "AV"),
    source="Fleiss, Levin & Paik 2003, Statistical Methods for Rates and Proportions",
)
def proportion(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Raw proportion with its binomial variance (Fleiss, Levin & Paik 2003).

    yi = p = xi/ni, vi = p (1 - p)/ni; vtype "UB" divides by ni - 1 (unbiased), "AV" takes the
    size-weighted average of p over all studies.
    """
    n = cells["xi"] + cells["mi"]
    p = cells["xi"] / n
    if choices.vtype == "AV":
        average = weighted_mean(p, n)
        return p, average * (1 - average) / n
    return p, p * (cells["mi"] / n) / (n - 1 if choices.vtype == "UB" else n)


@measure(
    "PLN",
    "log proportion",
    COUNT,
    "xi ni",
    display="proportion",
    scale="proportion",
    transf="exp",
    limits=(0, 1),
    vtypes=("LS", "AV"),
    source="Katz, Baptista, Azen & Pike 1978, Biometrics 34:469 (one group)",
)
def log_proportion(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log proportion, the delta method (one arm of Katz et al. 1978).

    yi = log(p), vi = 1/xi - 1/ni; vtype "AV" takes the size-weighted average of p over all
    studies: vi = (1/p - 1)/ni.
    """
    n = cells["xi"] + cells["mi"]
    if choices.vtype == "AV":
        average = weighted_mean(cells["xi"] / n, n)
        return np.log(cells["xi"] / n), (1 / average - 1) / n
    return np.log(cells["xi"] / n), (cells["mi"] / n) / cells["xi"]


@measure(
    "PLO",
    "log odds (logit transformed proportion)",
    COUNT,
    "xi ni",
    display="proportion",
    scale="proportion",
    transf="ilogit",
    limits=(0, 1),
    vtypes=("LS", "AV"),
    source="Woolf 1955, Annals of Human Genetics 19:251 (one group)",
)
def log_odds(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log odds with its large-sample variance (one arm of Woolf 1955).

    yi = log(xi/mi), vi = 1/xi + 1/mi, with mi = ni - xi; vtype "AV" takes the size-weighted
    average of p over all studies: vi = 1/(ni p (1 - p)).
    """
    if choices.vtype == "AV":
        n = cells["xi"] + cells["mi"]
        average = weighted_mean(cells["xi"] / n, n)
        return np.log(cells["xi"] / cells["mi"]), 1 / (n * average * (1 - average))
    return np.log(cells["xi"] / cells["mi"]), 1 / cells["xi"] + 1 / cells["mi"]


def probit(events: Floats, rest: Floats) -> tuple[Floats, Floats]:
    """Normal quantile of a proportion and its variance p (1 - p)/(n f^2), by the delta method."""
    n = events + rest
    z = ndtri(events / n)
    return z, 2 * np.pi * np.exp(z**2) * (events / n) * (rest / n) / n


@measure(
    "PRZ",
    "probit transformed proportion",
    COUNT,
    "xi ni",
    display="proportion",
    scale="proportion",
    transf="iprobit",
    limits=(0, 1),
    source="Finney 1971, Probit Analysis; Sanchez-Meca et al. 2003, Psychol Methods 8:448",
)
def probit_proportion(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Normal quantile of the proportion, the delta method (Finney 1971).

    yi = probit(p), vi = p (1 - p)/(ni f^2), f the normal density at yi.
    """
    return probit(cells["xi"], cells["mi"])


@measure(
    "PAS",
    "arcsine square root transformed proportion",
    COUNT,
    "xi ni",
    display="proportion",
    scale="proportion",
    transf="iarcsine",
    limits=(0, 1),
    default_add=0.0,
    source="Anscombe 1948, Biometrika 35:246",
)
def arcsine_proportion(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Arcsine square root of the proportion, stabilising its variance (Anscombe 1948).

    yi = asin(sqrt(p)), vi = 1/(4 ni).
    """
    n = cells["xi"] + cells["mi"]
    return np.arcsin(np.sqrt(cells["xi"] / n)), 1 / (4 * n)


@measure(
    "PFT",
    "Freeman-Tukey double arcsine transformed proportion",
    COUNT,
    "xi ni",
    display="proportion",
    scale="proportion",
    transf="ift",
    limits=(0, 1),
    default_add=0.0,
    source="Freeman & Tukey 1950, Annals of Mathematical Statistics 21:607",
)
def double_arcsine_proportion(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Freeman-Tukey double arcsine (Freeman & Tukey 1950), as half of the sum of the arcsines.

    yi = (asin(sqrt(xi/(ni+1))) + asin(sqrt((xi+1)/(ni+1))))/2, vi = 1/(4 ni + 2).
    """
    x, n = cells["xi"], cells["xi"] + cells["mi"]
    lower, upper = np.arcsin(np.sqrt(x / (n + 1))), np.arcsin(np.sqrt((x + 1) / (n + 1)))
    return (lower + upper) / 2, 1 / (4 * n + 2)
