"""Two groups, means compared: m1i sd1i n1i and m2i sd2i n2i."""

from __future__ import annotations

import numpy as np

from probatum.meta.measures.average import weighted_mean
from probatum.meta.measures.registry import INF, Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows

NEEDS = "m1i m2i sd1i sd2i n1i n2i"


def check_means(rows: Rows) -> None:
    """Means, SDs and sizes of both groups are known and possible."""
    rows.known("m1i", "m2i", "sd1i", "sd2i", "n1i", "n2i")
    rows.at_least(0, "sd1i", "sd2i")
    rows.at_least(1, "n1i", "n2i")


def _check_same_sign(rows: Rows) -> None:
    check_means(rows)
    opposite = np.sign(rows["m1i"]) * np.sign(rows["m2i"]) <= 0
    rows.flag(opposite, "a ratio needs two means of the same sign, not 0: m1i = {m1i}, m2i = {m2i}")


def group_sizes(cells: Cells) -> Floats:
    """People in both groups."""
    return cells["n1i"] + cells["n2i"]


MEANS = Family(
    name="two groups, means",
    check=check_means,
    size=group_sizes,
    undefined="an SD of 0 or groups too small for it",
)
RATIO = Family(
    name="two groups, means",
    check=_check_same_sign,
    size=group_sizes,
    undefined="the values are too extreme to divide",
)


def pooled_variance(cells: Cells) -> Floats:
    """Variance within groups, averaged over their degrees of freedom."""
    df1, df2 = cells["n1i"] - 1, cells["n2i"] - 1
    pooled: Floats = (df1 * cells["sd1i"] ** 2 + df2 * cells["sd2i"] ** 2) / (df1 + df2)
    return pooled


@measure(
    "MD",
    "mean difference",
    MEANS,
    NEEDS,
    scale="difference",
    null=0,
    vtypes=("LS", "UB", "HO"),
    source="Borenstein 2009, in Cooper, Hedges & Valentine (eds), Handbook of Research Synthesis",
)
def mean_difference(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Raw mean difference (Borenstein 2009).

    yi = m1i - m2i; vi = sd1i^2/n1i + sd2i^2/n2i (unbiased, so also "UB"), or with vtype "HO"
    (equal variances) the pooled variance times (1/n1i + 1/n2i).
    """
    n1, n2 = cells["n1i"], cells["n2i"]
    if choices.vtype == "HO":
        vi = pooled_variance(cells) * (1 / n1 + 1 / n2)
    else:
        vi = cells["sd1i"] ** 2 / n1 + cells["sd2i"] ** 2 / n2
    return cells["m1i"] - cells["m2i"], vi


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
    vtypes=("LS", "HO", "AV", "AVHO"),
    corrects=True,
    source="Hedges, Gurevitch & Curtis 1999, Ecology 80:1150; Lajeunesse 2015, Ecology 96:2056",
)
def ratio_of_means(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log ratio of means (Hedges et al. 1999), bias-corrected (Lajeunesse 2015).

    yi = log(m1i/m2i) + (cv1^2/n1i - cv2^2/n2i)/2, without the second term if ``correct=False``;
    vi = cv1^2/n1i + cv2^2/n2i with cv the coefficients of variation. vtype "HO" takes the pooled
    SD for both, "AV" the size-weighted average coefficient of variation of each group over all
    studies, "AVHO" one average for both groups (Nakagawa et al. 2023, Ecology Letters 26:232).
    """
    m1, m2, n1, n2 = cells["m1i"], cells["m2i"], cells["n1i"], cells["n2i"]
    cv1, cv2 = cells["sd1i"] / m1, cells["sd2i"] / m2
    yi = np.log(m1 / m2)
    if choices.correct:
        yi = yi + (cv1**2 / n1 - cv2**2 / n2) / 2
    if choices.vtype == "HO":
        s2 = pooled_variance(cells)
        return yi, s2 / (n1 * m1**2) + s2 / (n2 * m2**2)
    if choices.vtype == "AV":
        return yi, weighted_mean(cv1, n1) ** 2 / n1 + weighted_mean(cv2, n2) ** 2 / n2
    if choices.vtype == "AVHO":
        common = weighted_mean(np.append(cv1, cv2), np.append(n1, n2))
        return yi, common**2 * (1 / n1 + 1 / n2)
    return yi, cv1**2 / n1 + cv2**2 / n2
