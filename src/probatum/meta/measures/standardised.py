"""Two groups, means compared in standard deviations: m1i sd1i n1i and m2i sd2i n2i, or d, t, p."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from probatum.meta.measures.average import weighted_mean
from probatum.meta.measures.continuous import check_means, group_sizes, pooled_variance
from probatum.meta.measures.hedges import correction
from probatum.meta.measures.registry import Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows

NEEDS = "m1i m2i sd1i sd2i n1i n2i"
#: what may be given in place of means and SDs: Cohen's d, a t statistic, a signed p-value
INSTEAD = ("di", "ti", "pi")


def t_of_p(p: Floats, df: Floats) -> Floats:
    """The t statistic of a two-sided p-value whose sign is that of the effect."""
    out: Floats = np.sign(p) * -stdtrit(df, np.abs(p) / 2)
    return out


def check_p(rows: Rows) -> None:
    """Flag p-values beyond 1; a p-value of 0 has no t statistic, nor a sign."""
    if "pi" in rows:
        rows.flag(np.abs(rows["pi"]) > 1, "pi = {pi} is outside -1 to 1")
        rows.flag(rows["pi"] == 0, "pi = 0 has neither a t statistic nor a sign")


def _given(cells: Cells) -> Floats:
    """Cohen's d as reported, or from a t-test of the two groups; NaN where there is neither."""
    n1, n2 = cells["n1i"], cells["n2i"]
    d = np.full(n1.shape, np.nan)
    with np.errstate(all="ignore"):
        per_t = np.sqrt(1 / n1 + 1 / n2)
        for name in INSTEAD:
            if name in cells:
                value = cells[name] if name != "pi" else t_of_p(cells[name], n1 + n2 - 2)
                d = np.where(np.isnan(d), value if name == "di" else value * per_t, d)
    return d


def _check(rows: Rows) -> None:
    rows.known("n1i", "n2i")
    rows.at_least(1, "n1i", "n2i")
    check_p(rows)
    given = ~np.isnan(_given(rows.cells))
    for name in ("m1i", "m2i", "sd1i", "sd2i"):
        if name in rows:
            rows.known(name, unless=given)
        else:
            rows.lacks(~given, f"{name} (or di, ti, pi)")
    rows.at_least(0, *(name for name in ("sd1i", "sd2i") if name in rows))


def _check_second(rows: Rows) -> None:
    rows.known("m1i", "m2i", "sd2i", "n1i", "n2i")
    rows.at_least(0, "sd2i")
    rows.at_least(1, "n1i", "n2i")


UNDEFINED = "an SD of 0 or groups too small for it"
STANDARDISED = Family(
    name="two groups, means",
    check=_check,
    size=group_sizes,
    undefined=UNDEFINED,
    stands_for=dict.fromkeys(("m1i", "m2i", "sd1i", "sd2i"), INSTEAD),
)
SECOND = Family("two groups, means", _check_second, group_sizes, UNDEFINED)
UNEQUAL = Family("two groups, means", check_means, group_sizes, UNDEFINED)


def cohen_d(cells: Cells) -> Floats:
    """Mean difference over the pooled SD, or as given (di, ti, pi) where means or SDs are not."""
    d = np.full(cells["n1i"].shape, np.nan)
    if all(name in cells for name in ("m1i", "m2i", "sd1i", "sd2i")):
        d = (cells["m1i"] - cells["m2i"]) / np.sqrt(pooled_variance(cells))
        incomplete = np.isnan(sum(cells[name] for name in ("m1i", "m2i", "sd1i", "sd2i")))
        return np.where(incomplete, _given(cells), d)
    return _given(cells)


def _large_sample(
    d: Floats, df: Floats, spread: Floats, n: Floats, sizes: Floats, choices: Choices
) -> tuple[Floats, Floats]:
    """Estimate and variance of a standardised difference whose SD has `df` degrees of freedom.

    `spread` is the variance of the mean difference over that SD squared, `n` the people behind
    the SD, `sizes` the weights of an average. Without the bias correction J is 1.
    """
    j = correction(df)
    shrink = j if choices.correct else 1.0
    y = shrink * d
    if choices.vtype == "LS2":
        return y, shrink**2 * (spread + d**2 / (2 * n))
    if choices.vtype == "UB":
        g = j * d
        return y, (spread + (1 - (df - 2) / (df * j**2)) * g**2) * (shrink / j) ** 2
    if choices.vtype == "AV":
        return y, spread + weighted_mean(y, sizes) ** 2 / (2 * n)
    return y, spread + y**2 / (2 * n)


def hedges_g(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Hedges' g and its variance (see the measure SMD)."""
    n1, n2 = cells["n1i"], cells["n2i"]
    n = n1 + n2
    # without means, groups of one person still have no SD
    return _large_sample(cohen_d(cells), n - 2, 1 / n1 + 1 / n2, n, n, choices)


@measure(
    "SMD",
    "standardized mean difference (Hedges' g)",
    STANDARDISED,
    NEEDS,
    display="standardised mean difference",
    scale="difference",
    null=0,
    vtypes=("LS", "LS2", "UB", "AV"),
    corrects=True,
    source="Hedges 1981, Journal of Educational Statistics 6:107",
)
def standardized_mean_difference(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Hedges' g, with the exact bias correction (Hedges 1981, eq. 6e).

    yi = J(m) (m1i - m2i) / pooled SD, m = n1i + n2i - 2; Cohen's d (J = 1) if ``correct=False``.
    Where means or SDs are missing, `di` (Cohen's d), `ti` (the t statistic) or `pi` (its
    two-sided p-value, with the sign of the effect) stand for them. Variances: "LS" 1/n1i + 1/n2i
    + g^2/(2N) (Hedges 1982, Psychol Bull 92:490); "LS2" J^2 (1/n1i + 1/n2i + d^2/(2N))
    (Borenstein 2009); "UB" the unbiased one (Hedges 1983, Psychol Bull 93:388); "AV" as "LS"
    with the size-weighted average of g in place of each g.
    """
    return hedges_g(cells, choices)


@measure(
    "SMDH",
    "standardized mean difference (unequal variances)",
    UNEQUAL,
    NEEDS,
    display="standardised mean difference",
    scale="difference",
    null=0,
    vtypes=("LS",),
    corrects=True,
    source="Bonett 2009, Psychological Methods 14:225",
)
def standardized_mean_difference_unequal(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Mean difference over the root of the average variance (Bonett 2008, Psychol Methods 13:99).

    yi = J(m) (m1i - m2i)/s with s^2 = (sd1i^2 + sd2i^2)/2, m = n1i + n2i - 2 (J = 1 if
    ``correct=False``), and vi = yi^2 (sd1i^4/(n1i-1) + sd2i^4/(n2i-1)) / (8 s^4) +
    (sd1i^2/(n1i-1) + sd2i^2/(n2i-1)) / s^2 (Bonett 2009, Psychol Methods 14:225), as metafor has
    it since 4.6-0 (before: times J^2).
    """
    df1, df2 = cells["n1i"] - 1, cells["n2i"] - 1
    v1, v2 = cells["sd1i"] ** 2, cells["sd2i"] ** 2
    s2 = (v1 + v2) / 2
    d = (cells["m1i"] - cells["m2i"]) / np.sqrt(s2)
    yi = correction(df1 + df2) * d if choices.correct else d
    w1, w2 = v1 / s2, v2 / s2
    return yi, yi**2 * (w1**2 / df1 + w2**2 / df2) / 8 + w1 / df1 + w2 / df2


@measure(
    "SMD1",
    "standardized mean difference (SD of group 2)",
    SECOND,
    "m1i m2i sd2i n1i n2i",
    optional="sd1i",
    display="standardised mean difference",
    scale="difference",
    null=0,
    vtypes=("LS", "LS2", "UB", "AV"),
    corrects=True,
    source="Glass 1976, Educational Researcher 5:3; Hedges 1981, J Educ Stat 6:107",
)
def glass_delta(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Glass's delta, bias-corrected (Hedges 1981): the SD of group 2, usually the control group.

    yi = J(n2i - 1) (m1i - m2i)/sd2i (J = 1 if ``correct=False``). Variances as for SMD, with n2i
    people behind the SD: "LS" 1/n1i + 1/n2i + yi^2/(2 n2i), "LS2", "UB", "AV". sd1i is not used.
    """
    n1, n2 = cells["n1i"], cells["n2i"]
    d = (cells["m1i"] - cells["m2i"]) / cells["sd2i"]
    return _large_sample(d, n2 - 1, 1 / n1 + 1 / n2, n2, n1 + n2, choices)


@measure(
    "SMD1H",
    "standardized mean difference (SD of group 2, unequal variances)",
    UNEQUAL,
    NEEDS,
    display="standardised mean difference",
    scale="difference",
    null=0,
    corrects=True,
    source="Bonett 2008, Psychological Methods 13:99; Bonett 2009, Psychological Methods 14:225",
)
def glass_delta_unequal(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Glass's delta with a variance that lets the groups' SDs differ (Bonett 2008, 2009).

    yi as for SMD1, vi = (sd1i/sd2i)^2/(n1i - 1) + 1/(n2i - 1) + yi^2/(2 (n2i - 1)), as metafor
    has it since 4.6-0 (before: times J^2).
    """
    df1, df2 = cells["n1i"] - 1, cells["n2i"] - 1
    d = (cells["m1i"] - cells["m2i"]) / cells["sd2i"]
    yi = correction(df2) * d if choices.correct else d
    return yi, (cells["sd1i"] / cells["sd2i"]) ** 2 / df1 + 1 / df2 + yi**2 / (2 * df2)
