"""Two groups, means compared: m1i sd1i n1i and m2i sd2i n2i."""

from __future__ import annotations

import numpy as np

from probatum.meta.measures.hedges import correction
from probatum.meta.measures.registry import INF, Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows

NEEDS = "m1i m2i sd1i sd2i n1i n2i"


def _check(rows: Rows) -> None:
    rows.known("m1i", "m2i", "sd1i", "sd2i", "n1i", "n2i")
    rows.at_least(0, "sd1i", "sd2i")
    rows.at_least(1, "n1i", "n2i")


def _check_same_sign(rows: Rows) -> None:
    _check(rows)
    opposite = np.sign(rows["m1i"]) * np.sign(rows["m2i"]) <= 0
    rows.flag(opposite, "a ratio needs two means of the same sign, not 0: m1i = {m1i}, m2i = {m2i}")


def _size(cells: Cells) -> Floats:
    return cells["n1i"] + cells["n2i"]


MEANS = Family(
    name="two groups, means",
    check=_check,
    size=_size,
    undefined="an SD of 0 or groups too small for it",
)
RATIO = Family(
    name="two groups, means",
    check=_check_same_sign,
    size=_size,
    undefined="the values are too extreme to divide",
)


def _pooled_variance(cells: Cells) -> Floats:
    df1, df2 = cells["n1i"] - 1, cells["n2i"] - 1
    pooled: Floats = (df1 * cells["sd1i"] ** 2 + df2 * cells["sd2i"] ** 2) / (df1 + df2)
    return pooled


def _weighted_mean(x: Floats, weights: Floats) -> float:
    """Mean over the studies where it is known."""
    known = np.isfinite(x) & np.isfinite(weights)
    return float(np.sum(weights[known] * x[known]) / np.sum(weights[known]))


@measure(
    "MD",
    "mean difference",
    MEANS,
    NEEDS,
    scale="difference",
    null=0,
    vtypes=("LS", "HO"),
    source="Borenstein 2009, in Cooper, Hedges & Valentine (eds), Handbook of Research Synthesis",
)
def mean_difference(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Raw mean difference (Borenstein 2009).

    yi = m1i - m2i; vi = sd1i^2/n1i + sd2i^2/n2i, or with vtype "HO" (equal variances) the pooled
    variance times (1/n1i + 1/n2i).
    """
    n1, n2 = cells["n1i"], cells["n2i"]
    if choices.vtype == "HO":
        vi = _pooled_variance(cells) * (1 / n1 + 1 / n2)
    else:
        vi = cells["sd1i"] ** 2 / n1 + cells["sd2i"] ** 2 / n2
    return cells["m1i"] - cells["m2i"], vi


@measure(
    "SMD",
    "standardized mean difference (Hedges' g)",
    MEANS,
    NEEDS,
    display="standardised mean difference",
    scale="difference",
    null=0,
    vtypes=("LS", "LS2", "UB", "AV"),
    source="Hedges 1981, Journal of Educational Statistics 6:107",
)
def standardized_mean_difference(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Hedges' g, with the exact bias correction (Hedges 1981, eq. 6e).

    yi = J(m) (m1i - m2i) / pooled SD, m = n1i + n2i - 2. Variances: "LS" 1/n1i + 1/n2i +
    g^2/(2N) (Hedges 1982, Psychol Bull 92:490); "LS2" J^2 (1/n1i + 1/n2i + d^2/(2N))
    (Borenstein 2009); "UB" the unbiased one (Hedges 1983, Psychol Bull 93:388); "AV" as "LS"
    with the size-weighted average of g in place of each g.
    """
    n1, n2 = cells["n1i"], cells["n2i"]
    n, m = n1 + n2, n1 + n2 - 2
    j = correction(m)
    d = (cells["m1i"] - cells["m2i"]) / np.sqrt(_pooled_variance(cells))
    g = j * d
    base = 1 / n1 + 1 / n2
    if choices.vtype == "LS2":
        return g, j**2 * (base + d**2 / (2 * n))
    if choices.vtype == "UB":
        return g, base + (1 - (m - 2) / (m * j**2)) * g**2
    if choices.vtype == "AV":
        return g, base + _weighted_mean(g, n) ** 2 / (2 * n)
    return g, base + g**2 / (2 * n)


@measure(
    "SMDH",
    "standardized mean difference (unequal variances)",
    MEANS,
    NEEDS,
    display="standardised mean difference",
    scale="difference",
    null=0,
    source="Bonett 2009, Psychological Methods 14:225",
)
def standardized_mean_difference_unequal(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Mean difference over the root of the average variance (Bonett 2008, Psychol Methods 13:99).

    yi = J(m) (m1i - m2i)/s with s^2 = (sd1i^2 + sd2i^2)/2, m = n1i + n2i - 2, and
    vi = yi^2 (sd1i^4/(n1i-1) + sd2i^4/(n2i-1)) / (8 s^4) + (sd1i^2/(n1i-1) + sd2i^2/(n2i-1)) / s^2
    (Bonett 2009, Psychol Methods 14:225), as metafor has it since 4.6-0 (before: times J^2).
    """
    df1, df2 = cells["n1i"] - 1, cells["n2i"] - 1
    v1, v2 = cells["sd1i"] ** 2, cells["sd2i"] ** 2
    s2 = (v1 + v2) / 2
    g = correction(df1 + df2) * (cells["m1i"] - cells["m2i"]) / np.sqrt(s2)
    w1, w2 = v1 / s2, v2 / s2
    vi = g**2 * (w1**2 / df1 + w2**2 / df2) / 8 + w1 / df1 + w2 / df2
    return g, vi


@measure(
    "ROM",
    "log ratio of means",
    RATIO,
    NEEDS,
    display="ratio of means",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    vtypes=("LS", "HO", "AV"),
    corrects=True,
    source="Hedges, Gurevitch & Curtis 1999, Ecology 80:1150; Lajeunesse 2015, Ecology 96:2056",
)
def ratio_of_means(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log ratio of means (Hedges et al. 1999), bias-corrected (Lajeunesse 2015).

    yi = log(m1i/m2i) + (cv1^2/n1i - cv2^2/n2i)/2, without the second term if ``correct=False``;
    vi = cv1^2/n1i + cv2^2/n2i with cv the coefficients of variation. vtype "HO" takes the pooled
    SD for both, "AV" the size-weighted average coefficient of variation of all studies.
    """
    m1, m2, n1, n2 = cells["m1i"], cells["m2i"], cells["n1i"], cells["n2i"]
    cv1, cv2 = cells["sd1i"] / m1, cells["sd2i"] / m2
    yi = np.log(m1 / m2)
    if choices.correct:
        yi = yi + (cv1**2 / n1 - cv2**2 / n2) / 2
    if choices.vtype == "HO":
        s2 = _pooled_variance(cells)
        return yi, s2 / (n1 * m1**2) + s2 / (n2 * m2**2)
    if choices.vtype == "AV":
        return yi, _weighted_mean(cv1, n1) ** 2 / n1 + _weighted_mean(cv2, n2) ** 2 / n2
    return yi, cv1**2 / n1 + cv2**2 / n2
