"""A yes/no variable with a quantitative one: correlations from the means of its two groups."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from probatum.meta.measures.registry import Cells, Choices, Floats, measure
from probatum.meta.measures.standardised import NEEDS, STANDARDISED, cohen_d

POINT = "Tate 1954, Annals of Mathematical Statistics 25:603"
BISERIAL = "Soper 1914, Biometrika 10:384; Jacobs & Viechtbauer 2017, Res Synth Methods 8:161"


def _point_biserial(cells: Cells) -> tuple[Floats, Floats, Floats]:
    """The correlation, d and h = m/n1i + m/n2i by which they go together."""
    n1, n2 = cells["n1i"], cells["n2i"]
    d, m = cohen_d(cells), n1 + n2 - 2
    h = np.where(m > 0, m, np.nan) * (1 / n1 + 1 / n2)
    return d / np.sqrt(d**2 + h), d, h


@measure(
    "RPB",
    "point-biserial correlation",
    STANDARDISED,
    NEEDS,
    scale="correlation",
    null=0,
    limits=(-1, 1),
    vtypes=("LS", "ST", "CS"),
    source=POINT,
)
def point_biserial(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Correlation of group and value (Tate 1954): yi = d/sqrt(d^2 + h), h = m/n1i + m/n2i.

    vtype "ST" (or "LS") is for groups of fixed size: vi = h^2/(d^2 + h)^3 times the variance of
    d, 1/n1i + 1/n2i + d^2/(2 N); "CS" for one sample that falls into two groups: vi = (1 - yi^2)^2
    (N^2 yi^2/(4 n1i n2i) + 1 - 3 yi^2/2)/N (Tate 1954). `di`, `ti`, `pi` may stand for
    the means.
    """
    n1, n2 = cells["n1i"], cells["n2i"]
    n = n1 + n2
    r, d, h = _point_biserial(cells)
    if choices.vtype == "CS":
        return r, (1 - r**2) ** 2 * (n**2 * r**2 / (4 * n1 * n2) + 1 - 1.5 * r**2) / n
    return r, h**2 / (d**2 + h) ** 3 * (1 / n1 + 1 / n2 + d**2 / (2 * n))


@measure(
    "ZPB",
    "Fisher's z transformed point-biserial correlation",
    STANDARDISED,
    NEEDS,
    display="point-biserial correlation",
    scale="correlation",
    null=0,
    transf="ztor",
    limits=(-1, 1),
    vtypes=("LS", "ST", "CS"),
    source=f"Fisher 1921, Metron 1:3; {POINT}",
)
def point_biserial_z(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Fisher's z of the point-biserial correlation; variance by the delta method.

    yi = atanh(r), vi = var(r)/(1 - r^2)^2.
    """
    r, v = point_biserial(cells, choices)
    return np.arctanh(r), v / (1 - r**2) ** 2


def _biserial(cells: Cells) -> tuple[Floats, Floats]:
    r, _, _ = _point_biserial(cells)
    n = cells["n1i"] + cells["n2i"]
    p = cells["n1i"] / n
    q = 1 - p
    z = ndtri(q)  # the cut, with the share p above it
    f = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    rb = np.sqrt(p * q) / f * r
    bend = p * q * z**2 / f**2 + (2 * p - 1) * z / f - 2.5
    return rb, (rb**4 + rb**2 * bend + p * q / f**2) / (n - 1)


@measure(
    "RBIS",
    "biserial correlation",
    STANDARDISED,
    NEEDS,
    scale="correlation",
    null=0,
    limits=(-1, 1),
    source=BISERIAL,
)
def biserial(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Correlation with the normal variable that was cut into two groups (Soper 1914).

    yi = r sqrt(p q)/f, r the point-biserial correlation, p = n1i/N = 1 - q, f the normal density
    at the quantile z of q; vi = (yi^4 + yi^2 (p q z^2/f^2 + (2 p - 1) z/f - 5/2) + p q/f^2)/(N - 1)
    (Jacobs & Viechtbauer 2017, eq. 8).
    """
    return _biserial(cells)


@measure(
    "ZBIS",
    "Fisher's z transformed biserial correlation",
    STANDARDISED,
    NEEDS,
    display="biserial correlation",
    scale="correlation",
    null=0,
    transf="ztor",
    limits=(-1, 1),
    source=f"Fisher 1921, Metron 1:3; {BISERIAL}",
)
def biserial_z(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Fisher's z of the biserial correlation; variance by the delta method.

    yi = atanh(r), vi = var(r)/(1 - r^2)^2; a biserial correlation may lie beyond 1, where there
    is no z.
    """
    r, v = _biserial(cells)
    return np.arctanh(r), v / (1 - r**2) ** 2
