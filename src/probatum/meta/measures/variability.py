"""Spread compared: logs of SDs and coefficients of variation (SD over mean) and their ratios."""

from __future__ import annotations

import numpy as np

from probatum.meta.measures.continuous import RATIO, group_sizes
from probatum.meta.measures.mean import ONE_SPREAD, SAME_SIGN
from probatum.meta.measures.paired import PAIRED_RATIO, PAIRED_SPREAD
from probatum.meta.measures.registry import INF, Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows

NAKAGAWA = "Nakagawa et al. 2015, Methods in Ecology and Evolution 6:143"
SENIOR = f"{NAKAGAWA}; Senior, Viechtbauer & Nakagawa 2020, Research Synthesis Methods 11:553"


def _check(rows: Rows) -> None:
    rows.known("sd1i", "sd2i", "n1i", "n2i")
    rows.at_least(0, "sd1i", "sd2i")
    rows.at_least(1, "n1i", "n2i")


SPREAD = Family("two groups, means", _check, group_sizes, "an SD of 0 or a group of one person")


def log_sd(sd: Floats, n: Floats, correct: bool) -> tuple[Floats, Floats]:
    """Log SD, corrected for its bias, with its variance (Raudenbush & Bryk 1987)."""
    # the log of an SD is too small by about this on average, and this is its variance too
    half = 1 / (2 * np.where(n > 1, n - 1, np.nan))
    return np.log(sd) + (half if correct else 0), half


@measure(
    "VR",
    "log ratio of SDs",
    SPREAD,
    "sd1i sd2i n1i n2i",
    optional="m1i m2i",
    display="ratio of SDs",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    corrects=True,
    source=NAKAGAWA,
)
def variability_ratio(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log ratio of standard deviations, bias-corrected (Nakagawa et al. 2015, eq. 4 and 6).

    yi = log(sd1i/sd2i) + 1/(2 (n1i - 1)) - 1/(2 (n2i - 1)), vi = 1/(2 (n1i - 1)) +
    1/(2 (n2i - 1)); ``correct=False`` leaves the correction out.
    """
    y1, v1 = log_sd(cells["sd1i"], cells["n1i"], choices.correct)
    y2, v2 = log_sd(cells["sd2i"], cells["n2i"], choices.correct)
    return y1 - y2, v1 + v2


@measure(
    "CVR",
    "log ratio of coefficients of variation",
    RATIO,
    "m1i m2i sd1i sd2i n1i n2i",
    display="ratio of coefficients of variation",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    corrects=True,
    source=SENIOR,
)
def coefficient_of_variation_ratio(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log ratio of coefficients of variation, bias-corrected (Senior et al. 2020).

    yi = log(cv1/cv2) + 1/(2 (n1i - 1)) - 1/(2 (n2i - 1)) - (cv1^2/n1i - cv2^2/n2i)/2, and
    vi = cv1^2/n1i + 1/(2 (n1i - 1)) + cv2^2/n2i + 1/(2 (n2i - 1)) (Nakagawa et al. 2015, eq. 12,
    for normal data). metafor before 5.0 has all but the last term of yi; ``correct=False`` leaves
    that term out and keeps the two before it.
    """
    y1, v1 = log_sd(cells["sd1i"], cells["n1i"], True)
    y2, v2 = log_sd(cells["sd2i"], cells["n2i"], True)
    m1, m2 = cells["m1i"], cells["m2i"]
    of_mean1 = (cells["sd1i"] / m1) ** 2 / cells["n1i"]
    of_mean2 = (cells["sd2i"] / m2) ** 2 / cells["n2i"]
    yi = y1 - y2 - np.log(m1 / m2)
    if choices.correct:
        yi = yi - (of_mean1 - of_mean2) / 2
    return yi, v1 + of_mean1 + v2 + of_mean2


@measure(
    "VRC",
    "log ratio of SDs (change)",
    PAIRED_SPREAD,
    "sd1i sd2i ni ri",
    optional="m1i m2i",
    display="ratio of SDs",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    source=f"{NAKAGAWA} (for two dependent sets of values)",
)
def variability_ratio_change(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log ratio of two dependent standard deviations (after Nakagawa et al. 2015).

    yi = log(sd1i/sd2i), vi = (1 - ri^2)/(ni - 1): the logs of two SDs of the same people have
    correlation ri^2.
    """
    n, r = cells["ni"], cells["ri"]
    return np.log(cells["sd1i"] / cells["sd2i"]), (1 - r**2) / np.where(n > 1, n - 1, np.nan)


@measure(
    "CVRC",
    "log ratio of coefficients of variation (change)",
    PAIRED_RATIO,
    "m1i m2i sd1i sd2i ni ri",
    display="ratio of coefficients of variation",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    corrects=True,
    source=f"{SENIOR} (for two dependent sets of values)",
)
def coefficient_of_variation_ratio_change(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log ratio of two dependent coefficients of variation (after Senior et al. 2020).

    yi = log(cv1/cv2) - (cv1^2 - cv2^2)/(2 ni), the last term not with ``correct=False``;
    vi = (1 - ri^2)/(ni - 1) + (cv1^2 + cv2^2 - 2 ri cv1 cv2)/ni.
    """
    n = cells["ni"]
    cv1, cv2 = cells["sd1i"] / cells["m1i"], cells["sd2i"] / cells["m2i"]
    yi = np.log(cv1 / cv2)
    if choices.correct:
        yi = yi - (cv1**2 - cv2**2) / (2 * n)
    _, of_spread = variability_ratio_change(cells, choices)
    return yi, of_spread + (cv1**2 + cv2**2 - 2 * cells["ri"] * cv1 * cv2) / n


@measure(
    "CVLN",
    "log coefficient of variation",
    SAME_SIGN,
    "mi sdi ni",
    display="coefficient of variation",
    scale="none",
    transf="exp",
    limits=(0, INF),
    corrects=True,
    source=NAKAGAWA,
)
def log_coefficient_of_variation(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log coefficient of variation, bias-corrected (Nakagawa et al. 2015, eq. 26 and 27).

    yi = log(sdi/mi) + 1/(2 (ni - 1)), the last term not with ``correct=False``;
    vi = 1/(2 (ni - 1)) + sdi^2/(ni mi^2).
    """
    m, n = cells["mi"], cells["ni"]
    y, v = log_sd(cells["sdi"] / m, n, choices.correct)
    return y, v + (cells["sdi"] / m) ** 2 / n


@measure(
    "SDLN",
    "log standard deviation",
    ONE_SPREAD,
    "sdi ni",
    optional="mi",
    display="standard deviation",
    scale="none",
    transf="exp",
    limits=(0, INF),
    corrects=True,
    source="Raudenbush & Bryk 1987, Journal of Educational Statistics 12:241",
)
def log_standard_deviation(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log standard deviation, bias-corrected (Raudenbush & Bryk 1987).

    yi = log(sdi) + 1/(2 (ni - 1)), the last term not with ``correct=False``;
    vi = 1/(2 (ni - 1)).
    """
    return log_sd(cells["sdi"], cells["ni"], choices.correct)
