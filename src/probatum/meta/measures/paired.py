"""One group, measured twice: m1i sd1i and m2i sd2i with correlation ri, ni people."""

from __future__ import annotations

import numpy as np

from probatum.meta.measures.hedges import correction
from probatum.meta.measures.registry import INF, Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows
from probatum.meta.measures.standardised import INSTEAD, check_p, t_of_p

NEEDS = "m1i m2i sd1i sd2i ni ri"


def _check_pairs(rows: Rows) -> None:
    rows.at_least(1, "ni")
    rows.flag(np.abs(rows["ri"]) > 1, "ri = {ri} is outside -1 to 1")


def _check_first_sd(rows: Rows) -> None:
    rows.known("m1i", "m2i", "sd1i", "ni", "ri")
    rows.at_least(0, "sd1i")
    _check_pairs(rows)


def _check(rows: Rows) -> None:
    rows.known("sd2i")
    rows.at_least(0, "sd2i")
    _check_first_sd(rows)


def _check_spread(rows: Rows) -> None:
    rows.known("sd1i", "sd2i", "ni", "ri")
    rows.at_least(0, "sd1i", "sd2i")
    _check_pairs(rows)


def _check_same_sign(rows: Rows) -> None:
    _check(rows)
    opposite = np.sign(rows["m1i"]) * np.sign(rows["m2i"]) <= 0
    rows.flag(opposite, "a ratio needs two means of the same sign, not 0: m1i = {m1i}, m2i = {m2i}")


def _given(cells: Cells) -> Floats:
    """Mean change over the SD of the changes as reported, or from a paired t-test."""
    n = cells["ni"]
    d = np.full(n.shape, np.nan)
    with np.errstate(all="ignore"):
        for name in INSTEAD:
            if name in cells:
                value = cells[name] if name != "pi" else t_of_p(cells[name], n - 1)
                d = np.where(np.isnan(d), value if name == "di" else value / np.sqrt(n), d)
    return d


def _check_change(rows: Rows) -> None:
    rows.known("ni")
    rows.at_least(1, "ni")
    check_p(rows)
    given = ~np.isnan(_given(rows.cells))
    for name in CHANGE:
        if name in rows:
            rows.known(name, unless=given)
        else:
            rows.lacks(~given, f"{name} (or di, ti, pi)")
    rows.at_least(0, *(name for name in ("sd1i", "sd2i") if name in rows))
    if "ri" in rows:
        rows.flag(np.abs(rows["ri"]) > 1, "ri = {ri} is outside -1 to 1")


def _size(cells: Cells) -> Floats:
    return cells["ni"]


CHANGE = ("m1i", "m2i", "sd1i", "sd2i", "ri")
UNDEFINED = "an SD of 0 or a group too small for it"
BOTH = Family("one group, measured twice", _check, _size, UNDEFINED)
FIRST = Family("one group, measured twice", _check_first_sd, _size, UNDEFINED)
OF_CHANGES = Family(
    "one group, measured twice",
    _check_change,
    _size,
    UNDEFINED,
    stands_for=dict.fromkeys(CHANGE, INSTEAD),
)
PAIRED_SPREAD = Family("one group, measured twice", _check_spread, _size, UNDEFINED)
PAIRED_RATIO = Family("one group, measured twice", _check_same_sign, _size, UNDEFINED)


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


def _with_variance(
    d: Floats, df: Floats, spread: Floats, n: Floats, choices: Choices
) -> tuple[Floats, Floats]:
    """Estimate and variance of a standardised change; `spread` is that of the change over SD^2."""
    j = correction(df) if choices.correct else 1.0
    y = j * d
    if choices.vtype == "LS2":
        return y, j**2 * (spread + d**2 / (2 * n))
    return y, spread + y**2 / (2 * n)


@measure(
    "SMCC",
    "standardized mean change (change score standardization)",
    OF_CHANGES,
    NEEDS,
    display="standardised mean change",
    scale="difference",
    null=0,
    vtypes=("LS", "LS2"),
    corrects=True,
    source="Gibbons, Hedeker & Davis 1993, Journal of Educational Statistics 18:271",
)
def standardized_change(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Mean change over the SD of the changes, bias-corrected (Gibbons et al. 1993).

    yi = J(ni - 1) (m1i - m2i)/sd of the changes (J = 1 if ``correct=False``), vi = 1/ni +
    yi^2/(2 ni), or with vtype "LS2" J^2 (1/ni + d^2/(2 ni)), d before correction. `di` (d as
    reported), `ti` (paired t statistic) or `pi` (its two-sided p-value, signed) may stand for the
    means, SDs and ri.
    """
    n = cells["ni"]
    d = _given(cells)
    if all(name in cells for name in CHANGE):
        known = ~np.isnan(sum(cells[name] for name in CHANGE))
        own = (cells["m1i"] - cells["m2i"]) / np.sqrt(_change_variance(cells))
        d = np.where(known, own, d)
    return _with_variance(d, n - 1, 1 / n, n, choices)


@measure(
    "SMCR",
    "standardized mean change (raw score standardization)",
    FIRST,
    "m1i m2i sd1i ni ri",
    optional="sd2i",
    display="standardised mean change",
    scale="difference",
    null=0,
    vtypes=("LS", "LS2"),
    corrects=True,
    source="Becker 1988, British Journal of Mathematical and Statistical Psychology 41:257",
)
def standardized_change_raw(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Mean change over the SD of the first score, bias-corrected (Becker 1988).

    yi = J(ni - 1) (m1i - m2i)/sd1i (J = 1 if ``correct=False``), vi = 2 (1 - ri)/ni +
    yi^2/(2 ni), or with vtype "LS2" J^2 (2 (1 - ri)/ni + d^2/(2 ni)). sd1i belongs to the score
    whose spread is the yardstick, usually the one before treatment; sd2i is not used.
    """
    n = cells["ni"]
    d = (cells["m1i"] - cells["m2i"]) / cells["sd1i"]
    return _with_variance(d, n - 1, 2 * (1 - cells["ri"]) / n, n, choices)


@measure(
    "SMCRH",
    "standardized mean change (raw score standardization, unequal variances)",
    BOTH,
    NEEDS,
    display="standardised mean change",
    scale="difference",
    null=0,
    corrects=True,
    source="Bonett 2008, Psychological Methods 13:99",
)
def standardized_change_unequal(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Becker's standardised change with a variance that lets the two SDs differ (Bonett 2008).

    yi as for SMCR, vi = v/(sd1i^2 (ni - 1)) + yi^2/(2 (ni - 1)), v the variance of the changes, as
    metafor has it since 4.6-0 (before: times J^2).
    """
    df = cells["ni"] - 1
    d = (cells["m1i"] - cells["m2i"]) / cells["sd1i"]
    yi = correction(df) * d if choices.correct else d
    return yi, _change_variance(cells) / (cells["sd1i"] ** 2 * df) + yi**2 / (2 * df)


@measure(
    "SMCRP",
    "standardized mean change (pooled SD)",
    BOTH,
    NEEDS,
    display="standardised mean change",
    scale="difference",
    null=0,
    corrects=True,
    source="Cousineau 2020, The Quantitative Methods for Psychology 16:418",
)
def standardized_change_pooled(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Mean change over the root of the average of both variances (Cousineau 2020).

    yi = J(m) (m1i - m2i)/s with s^2 = (sd1i^2 + sd2i^2)/2, whose degrees of freedom are
    m = 2 (ni - 1)/(1 + ri^2) (J = 1 if ``correct=False``); vi = 2 (1 - ri)/ni +
    (1 + ri^2) yi^2/(4 ni), for equal variances.
    """
    n, r = cells["ni"], cells["ri"]
    y = _over_average_sd(cells, choices)
    return y, 2 * (1 - r) / n + (1 + r**2) * y**2 / (4 * n)


def _over_average_sd(cells: Cells, choices: Choices) -> Floats:
    s = np.sqrt((cells["sd1i"] ** 2 + cells["sd2i"] ** 2) / 2)
    d: Floats = (cells["m1i"] - cells["m2i"]) / s
    df = 2 * (cells["ni"] - 1) / (1 + cells["ri"] ** 2)
    return correction(df) * d if choices.correct else d


@measure(
    "SMCRPH",
    "standardized mean change (pooled SD, unequal variances)",
    BOTH,
    NEEDS,
    display="standardised mean change",
    scale="difference",
    null=0,
    corrects=True,
    source="Bonett 2008, Psychological Methods 13:99, eq. 10",
)
def standardized_change_pooled_unequal(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """As SMCRP, with a variance that lets the two SDs differ (Bonett 2008, eq. 10).

    vi = yi^2 (sd1i^4 + sd2i^4 + 2 ri^2 sd1i^2 sd2i^2)/(8 s^4 (ni - 1)) + v/(s^2 (ni - 1)), v the
    variance of the changes.
    """
    df = cells["ni"] - 1
    v1, v2 = cells["sd1i"] ** 2, cells["sd2i"] ** 2
    s2 = (v1 + v2) / 2
    y = _over_average_sd(cells, choices)
    fourth = (v1 / s2) ** 2 + (v2 / s2) ** 2 + 2 * cells["ri"] ** 2 * (v1 / s2) * (v2 / s2)
    return y, y**2 * fourth / (8 * df) + _change_variance(cells) / (s2 * df)


@measure(
    "ROMC",
    "log ratio of means (change)",
    PAIRED_RATIO,
    NEEDS,
    display="ratio of means",
    scale="ratio",
    null=1,
    transf="exp",
    limits=(0, INF),
    corrects=True,
    source="Lajeunesse 2011, Ecology 92:2049; Lajeunesse 2015, Ecology 96:2056",
)
def ratio_of_means_change(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log ratio of two dependent means (Lajeunesse 2011), bias-corrected (Lajeunesse 2015).

    yi = log(m1i/m2i) + (cv1^2 - cv2^2)/(2 ni), without the second term if ``correct=False``;
    vi = (cv1^2 + cv2^2 - 2 ri cv1 cv2)/ni with cv the coefficients of variation.
    """
    n = cells["ni"]
    cv1, cv2 = cells["sd1i"] / cells["m1i"], cells["sd2i"] / cells["m2i"]
    yi = np.log(cells["m1i"] / cells["m2i"])
    if choices.correct:
        yi = yi + (cv1**2 - cv2**2) / (2 * n)
    return yi, (cv1**2 + cv2**2 - 2 * cells["ri"] * cv1 * cv2) / n
