"""Association of two yes/no variables: the 2x2 table ai bi ci di of one sample."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from probatum.meta.measures.binary import TABLE
from probatum.meta.measures.bivariate_normal import correlation_for, density
from probatum.meta.measures.registry import Cells, Choices, Floats, measure

FOUR = ("ai", "bi", "ci", "di")


def _phi(cells: Cells) -> Floats:
    a, b, c, d = (cells[name] for name in FOUR)
    out: Floats = (a * d - b * c) / np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    return out


def _phi_variance(cells: Cells, phi: Floats, stratified: bool) -> Floats:
    """Delta method, for fixed group sizes (two binomials) or a fixed total (multinomial)."""
    a, b, c, d = (cells[name] for name in FOUR)
    n1, n2 = a + b, c + d
    n = n1 + n2
    if stratified:
        w1, w2 = n1 / n, n2 / n
        p1, p2 = a / n1, c / n2
        p, q = w1 * p1 + w2 * p2, w1 * (b / n1) + w2 * (d / n2)
        bend = (p1 - p2) * (q - p) / (2 * p * q)
        d1, d2 = 1 - bend * w1, 1 + bend * w2
        spread = d1**2 * p1 * (b / n1) / n1 + d2**2 * p2 * (d / n2) / n2
        return np.asarray(w1 * w2 / (p * q) * spread)
    r1, r2, c1, c2 = n1 / n, n2 / n, (a + c) / n, (b + d) / n
    skew = (r1 - r2) * (c1 - c2) / np.sqrt(r1 * r2 * c1 * c2)
    uneven = (r1 - r2) ** 2 / (r1 * r2) + (c1 - c2) ** 2 / (c1 * c2)
    out: Floats = (1 - phi**2 + phi * (1 + phi**2 / 2) * skew - 0.75 * phi**2 * uneven) / n
    return out


@measure(
    "PHI",
    "phi coefficient",
    TABLE,
    "ai bi ci di",
    scale="correlation",
    null=0,
    limits=(-1, 1),
    vtypes=("LS", "CS", "ST"),
    default_add=0.0,
    source="Bishop, Fienberg & Holland 1975, Discrete Multivariate Analysis, eq. 11.3-16",
)
def phi_coefficient(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Phi coefficient, the correlation of two yes/no variables (Bishop et al. 1975, ch. 11).

    yi = (ai di - bi ci)/sqrt(n1i n2i (ai + ci) (bi + di)). vtype "CS" (or "LS") takes the table as
    one cross-sectional sample, "ST" as two groups of fixed size; each is its delta method.
    """
    yi = _phi(cells)
    return yi, _phi_variance(cells, yi, choices.vtype == "ST")


@measure(
    "ZPHI",
    "Fisher's z transformed phi coefficient",
    TABLE,
    "ai bi ci di",
    display="phi coefficient",
    scale="correlation",
    null=0,
    transf="ztor",
    limits=(-1, 1),
    vtypes=("LS", "CS", "ST"),
    default_add=0.0,
    source="Fisher 1921, Metron 1:3; Bishop, Fienberg & Holland 1975, eq. 11.3-16",
)
def phi_z(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Fisher's z of the phi coefficient; its variance by the delta method (not stabilised).

    yi = atanh(phi), vi = var(phi)/(1 - phi^2)^2.
    """
    return _to_z(*phi_coefficient(cells, choices))


def _to_z(yi: Floats, vi: Floats) -> tuple[Floats, Floats]:
    return np.arctanh(yi), vi / (1 - yi**2) ** 2


def _inverse_cells(cells: Cells) -> Floats:
    total: Floats = sum(1 / cells[name] for name in FOUR)  # type: ignore[assignment]
    return total


@measure(
    "YUQ",
    "Yule's Q",
    TABLE,
    "ai bi ci di",
    scale="correlation",
    null=0,
    limits=(-1, 1),
    source="Yule 1912, Journal of the Royal Statistical Society 75:579",
)
def yule_q(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Yule's coefficient of association (Yule 1912).

    yi = (OR - 1)/(OR + 1), vi = (1 - yi^2)^2 (1/ai + 1/bi + 1/ci + 1/di)/4.
    """
    ad, bc = cells["ai"] * cells["di"], cells["bi"] * cells["ci"]
    yi = (ad - bc) / (ad + bc)
    return yi, (1 - yi**2) ** 2 * _inverse_cells(cells) / 4


@measure(
    "YUY",
    "Yule's Y",
    TABLE,
    "ai bi ci di",
    scale="correlation",
    null=0,
    limits=(-1, 1),
    source="Yule 1912, Journal of the Royal Statistical Society 75:579",
)
def yule_y(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Yule's coefficient of colligation (Yule 1912).

    yi = (sqrt(OR) - 1)/(sqrt(OR) + 1), vi = (1 - yi^2)^2 (1/ai + 1/bi + 1/ci + 1/di)/16.
    """
    ad, bc = np.sqrt(cells["ai"] * cells["di"]), np.sqrt(cells["bi"] * cells["ci"])
    yi = (ad - bc) / (ad + bc)
    return yi, (1 - yi**2) ** 2 * _inverse_cells(cells) / 16


@measure(
    "RTET",
    "tetrachoric correlation",
    TABLE,
    "ai bi ci di",
    scale="correlation",
    null=0,
    limits=(-1, 1),
    default_add=0.0,
    source="Pearson 1900, Philosophical Transactions A 195:1; Hamdan 1970, Biometrika 57:212",
)
def tetrachoric(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Correlation of two normal variables seen only as above or below a threshold (Pearson 1900).

    The thresholds are the normal quantiles of the margins, yi the correlation at which the
    bivariate normal gives the first cell: the maximum of the likelihood (Hamdan 1970). vi is the
    multinomial delta method, Pearson's large-sample variance. A zero cell puts yi at -1 or 1,
    where there is no variance.
    """
    a, b, c, d = (cells[name] for name in FOUR)
    n = a + b + c + d
    p = np.array([a / n, b / n, c / n, d / n])
    h, k = ndtri((a + b) / n), ndtri((a + c) / n)
    r = correlation_for(h, k, p[0])
    r = np.where(np.min(p, axis=0) > 0, r, np.nan)
    s = np.sqrt((1 - r) * (1 + r))
    row, column = ndtr((k - r * h) / s), ndtr((h - r * k) / s)
    weight = np.array([1 - row - column, -row, -column, 0 * row])
    spread = np.sum(p * weight**2, axis=0) - np.sum(p * weight, axis=0) ** 2
    return r, spread / (n * density(h, k, r) ** 2)


@measure(
    "ZTET",
    "Fisher's z transformed tetrachoric correlation",
    TABLE,
    "ai bi ci di",
    display="tetrachoric correlation",
    scale="correlation",
    null=0,
    transf="ztor",
    limits=(-1, 1),
    default_add=0.0,
    source="Fisher 1921, Metron 1:3; Pearson 1900, Philosophical Transactions A 195:1",
)
def tetrachoric_z(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Fisher's z of the tetrachoric correlation; variance by the delta method (not stabilised).

    yi = atanh(r), vi = var(r)/(1 - r^2)^2.
    """
    return _to_z(*tetrachoric(cells, choices))
