"""Probability that a value of group 1 exceeds one of group 2: an area under the ROC curve.

No difference is 1/2: that is what an interval should be read against. Tests of a pooled
coefficient are against 0, for these measures as for all.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from probatum.meta.measures.continuous import group_sizes, pooled_variance
from probatum.meta.measures.registry import Cells, Choices, Compute, Family, Floats, measure
from probatum.meta.measures.rows import Rows
from probatum.meta.measures.standardised import NEEDS, UNEQUAL


def _check(rows: Rows) -> None:
    rows.known("ai", "n1i", "n2i")
    rows.at_least(1, "n1i", "n2i")
    rows.flag((rows["ai"] < 0) | (rows["ai"] > 1), "ai = {ai} is outside 0 to 1")
    complete = (rows["ai"] == 0) | (rows["ai"] == 1)
    rows.flag(complete, "ai = {ai}: groups that don't overlap give no variance")


AREA = Family(
    "two groups, probability of superiority", _check, group_sizes, "an area of 0 or 1"
)  # fmt: skip
NAMES = {"CLES": "common language effect size", "AUC": "area under the ROC curve"}


def _both(
    suffix: str, family: Family, needs: str, vtypes: tuple[str, ...], source: str
) -> Callable[[Compute], Compute]:
    """Register a formula under both names of the measure."""

    def register(compute: Compute) -> Compute:
        for code, name in NAMES.items():
            measure(
                code + suffix,
                name + (" (normal distributions)" if suffix else ""),
                family,
                needs,
                scale="none",
                null=0.5,
                limits=(0, 1),
                vtypes=vtypes,
                source=source,
            )(compute)
        return compute

    return register


@_both(
    "",
    AREA,
    "ai n1i n2i",
    ("LS", "LS2"),
    "Newcombe 2006, Statistics in Medicine 25:559; Hanley & McNeil 1982, Radiology 143:29",
)
def superiority(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """An area as reported: U / (n1i n2i), U Mann and Whitney's statistic (ties count half).

    vi = A (1 - A) (1 + a (1 - A)/(2 - A) + b A/(1 + A)) / (n1i n2i), exact for exponential
    distributions with a = n1i - 1, b = n2i - 1 (vtype "LS2", Hanley & McNeil 1982, eq. 1, 2);
    "LS" takes their mean for both, which holds up better for other ones (Newcombe 2006, method
    4). Areas of 0 and 1 have no variance and are left out.
    """
    A, n1, n2 = cells["ai"], cells["n1i"], cells["n2i"]
    a, b = n1 - 1, n2 - 1
    if choices.vtype == "LS":
        a = b = (n1 + n2) / 2 - 1
    return A, A * (1 - A) * (1 + a * (1 - A) / (2 - A) + b * A / (1 + A)) / (n1 * n2)


@_both(
    "N",
    UNEQUAL,
    NEEDS,
    ("LS", "HO"),
    "McGraw & Wong 1992, Psychological Bulletin 111:361; Reiser & Guttman 1986, Technometrics "
    "28:253",
)
def superiority_of_normal_values(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Phi(z), z = (m1i - m2i)/s, s^2 = sd1i^2 + sd2i^2; variance by the delta method.

    vi = phi(z)^2 ((sd1i^2/n1i + sd2i^2/n2i)/s^2 + z^2 (sd1i^4/(n1i-1) + sd2i^4/(n2i-1))/(2 s^4))
    (Reiser & Guttman 1986); vtype "HO" lets the groups share their SD: s^2 is twice the pooled
    variance, with vi = phi(z)^2 ((1/n1i + 1/n2i)/2 + z^2/(2 (n1i + n2i - 2))).
    """
    n1, n2 = cells["n1i"], cells["n2i"]
    v1, v2 = cells["sd1i"] ** 2, cells["sd2i"] ** 2
    if choices.vtype == "HO":
        s2 = 2 * pooled_variance(cells)
        spread, bend = (1 / n1 + 1 / n2) / 2, 1 / (2 * (n1 + n2 - 2))
    else:
        s2 = v1 + v2
        w1, w2 = v1 / s2, v2 / s2
        spread, bend = w1 / n1 + w2 / n2, (w1**2 / (n1 - 1) + w2**2 / (n2 - 1)) / 2
    z = (cells["m1i"] - cells["m2i"]) / np.sqrt(s2)
    y = ndtr(z)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    # so far apart that the probability is 0 or 1 to all digits, as with ai
    vi = np.where((y > 0) & (y < 1), density**2 * (spread + z**2 * bend), np.nan)
    return y, vi
