"""Correlations ri among ni people, or the t-test (ti) or p-value (pi) they were tested with."""

from __future__ import annotations

import numpy as np
from scipy.special import hyp2f1

from probatum.meta.measures.average import weighted_mean
from probatum.meta.measures.registry import Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows
from probatum.meta.measures.standardised import check_p, t_of_p


def of_t(t: Floats, df: Floats) -> Floats:
    """The correlation whose t-test with `df` degrees of freedom gave t."""
    df = np.where(df > 0, df, np.nan)
    out: Floats = t / np.hypot(t, np.sqrt(df))
    return out


def correlations(cells: Cells, df: Floats) -> Floats:
    """The correlation as given, or from its t statistic or signed p-value."""
    r = cells.get("ri", np.full(df.shape, np.nan))
    with np.errstate(all="ignore"):
        for name in ("ti", "pi"):
            if name in cells:
                t = cells[name] if name == "ti" else t_of_p(cells[name], df)
                r = np.where(np.isnan(r), of_t(t, df), r)
    return r


def _r(cells: Cells) -> Floats:
    return correlations(cells, cells["ni"] - 2)


def _check(rows: Rows) -> None:
    rows.known("ni")
    rows.at_least(1, "ni")
    rows.flag(rows["ni"] <= 3, "ni = {ni}: a variance needs more than 3")
    check_p(rows)
    if "ri" in rows:
        rows.known("ri", unless=~np.isnan(_r(rows.cells)))
        rows.flag(np.abs(rows["ri"]) > 1, "ri = {ri} is outside -1 to 1")
    else:
        rows.lacks(np.isnan(_r(rows.cells)), "ri (or ti, pi)")


def _size(cells: Cells) -> Floats:
    return cells["ni"]


PAIR = Family(
    "correlation",
    _check,
    _size,
    undefined="Fisher's z of -1 or 1 is infinite",
    stands_for={"ri": ("ti", "pi")},
)


@measure(
    "COR",
    "correlation",
    PAIR,
    "ri ni",
    scale="correlation",
    null=0,
    limits=(-1, 1),
    vtypes=("LS", "AV"),
    source="Hedges & Olkin 1985, Statistical Methods for Meta-Analysis",
)
def correlation(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Raw correlation with its large-sample variance (Hedges & Olkin 1985).

    yi = ri, vi = (1 - ri^2)^2/(ni - 1); vtype "AV" takes the size-weighted average of ri. `ti` or
    `pi` (two-sided, with the sign of ri) may stand for ri.
    """
    r, n = _r(cells), cells["ni"]
    centre = weighted_mean(r, n) if choices.vtype == "AV" else r
    return r, (1 - centre**2) ** 2 / (n - 1)


@measure(
    "UCOR",
    "correlation (unbiased)",
    PAIR,
    "ri ni",
    display="correlation",
    scale="correlation",
    null=0,
    limits=(-1, 1),
    vtypes=("LS", "UB", "AV"),
    source="Olkin & Pratt 1958, Annals of Mathematical Statistics 29:201",
)
def unbiased_correlation(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Correlation corrected for its bias towards 0 (Olkin & Pratt 1958, eq. 2.3).

    yi = ri F(1/2, 1/2; (ni - 2)/2; 1 - ri^2), F the hypergeometric function. vi as for COR with
    yi in place of ri ("LS", "AV"), or unbiased ("UB"): yi^2 - 1 + (ni - 3)/(ni - 2) (1 - ri^2)
    F(1, 1; ni/2; 1 - ri^2) (Hedges 1989, J Educ Stat 14:109).
    """
    r, n = _r(cells), cells["ni"]
    rest = (1 - r) * (1 + r)
    yi = np.where(r == 0.0, 0.0, r * _hypergeometric(0.5, (n - 2) / 2, rest))
    if choices.vtype == "UB":
        return yi, yi**2 - 1 + (n - 3) / (n - 2) * rest * _hypergeometric(1.0, n / 2, rest)
    centre = weighted_mean(yi, n) if choices.vtype == "AV" else yi
    return yi, (1 - centre**2) ** 2 / (n - 1)


def _hypergeometric(a: float, c: Floats, z: Floats) -> Floats:
    """F(a, a; c; z) for 0 <= z <= 1 and a <= 1.

    scipy's is NaN for many c above 100; from 40 on thirty terms of the series are exact to
    rounding, as none is larger than that of a = z = 1, 1 / binom(c + j - 1, j).
    """
    large = c >= 40.0
    with np.errstate(all="ignore"):
        known = hyp2f1(a, a, np.where(large, 1.0, c), np.where(large, 0.0, z))
        term, total = np.ones_like(z), np.ones_like(z)
        for j in range(30):
            term = term * z * (a + j) ** 2 / ((c + j) * (1 + j))
            total = total + term
    return np.where(large, total, known)


@measure(
    "ZCOR",
    "Fisher's z transformed correlation",
    PAIR,
    "ri ni",
    display="correlation",
    scale="correlation",
    null=0,
    transf="ztor",
    limits=(-1, 1),
    source="Fisher 1921, Metron 1:3",
)
def fisher_z(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Fisher's variance-stabilising z (Fisher 1921).

    yi = atanh(ri), vi = 1/(ni - 3). `ti` or `pi` may stand for ri.
    """
    return np.arctanh(_r(cells)), 1 / (cells["ni"] - 3)
