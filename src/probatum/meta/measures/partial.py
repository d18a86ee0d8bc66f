"""What a regression says of one predictor (ti) or of all (r2i), with mi predictors in ni people."""

from __future__ import annotations

import numpy as np

from probatum.meta.measures.average import weighted_mean
from probatum.meta.measures.correlation import correlations
from probatum.meta.measures.registry import Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows
from probatum.meta.measures.standardised import check_p, t_of_p

REGRESSION = "regression, one predictor"


def _residual_df(cells: Cells) -> Floats:
    df: Floats = cells["ni"] - cells["mi"] - 1
    return df


def _check_model(rows: Rows) -> None:
    rows.known("ni", "mi")
    rows.at_least(1, "mi")
    rows.flag(_residual_df(rows.cells) < 1, "ni = {ni} people are too few for mi = {mi} predictors")
    check_p(rows)


def _check_r2(rows: Rows) -> None:
    rows.known("r2i")
    rows.flag((rows["r2i"] < 0) | (rows["r2i"] > 1), "r2i = {r2i} is outside 0 to 1")


def _check(rows: Rows) -> None:
    _check_model(rows)
    r = correlations(rows.cells, _residual_df(rows.cells))
    if "ti" in rows:
        rows.known("ti", unless=~np.isnan(r))
    else:
        rows.lacks(np.isnan(r), "ti (or ri, pi)")
    if "ri" in rows:
        rows.flag(np.abs(rows["ri"]) > 1, "ri = {ri} is outside -1 to 1")


def _check_semi(rows: Rows) -> None:
    _check(rows)
    _check_r2(rows)


def _check_determination(rows: Rows) -> None:
    _check_r2(rows)
    rows.known("ni", "mi")
    rows.at_least(1, "mi")
    rows.flag(_residual_df(rows.cells) < 1, "ni = {ni} people are too few for mi = {mi} predictors")


def _size(cells: Cells) -> Floats:
    return cells["ni"]


INSTEAD = {"ti": ("ri", "pi")}
UNDEFINED = "the values are too extreme, or there are too few people"
PARTIAL = Family(REGRESSION, _check, _size, UNDEFINED, stands_for=INSTEAD)
SEMI = Family(REGRESSION, _check_semi, _size, UNDEFINED, stands_for=INSTEAD)
WHOLE = Family("regression, all predictors", _check_determination, _size, UNDEFINED)
ALOE = "Aloe & Becker 2012, Journal of Educational and Behavioral Statistics 37:278"
FISHER = "Fisher 1924, Metron 3:329"


@measure(
    "PCOR",
    "partial correlation",
    PARTIAL,
    "ti ni mi",
    scale="correlation",
    null=0,
    limits=(-1, 1),
    vtypes=("LS", "AV"),
    source=f"Aloe & Thompson 2013, J Soc Social Work Res 4:390; {FISHER}",
)
def partial_correlation(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Correlation of outcome and predictor, the other predictors held (Aloe & Thompson 2013).

    yi = ti/sqrt(ti^2 + ni - mi - 1), mi all predictors with the one of interest. vi =
    (1 - yi^2)^2/(ni - mi): a correlation with mi - 1 variables held is distributed as one among
    mi - 1 fewer people (Fisher 1924). metafor before 4.4-0 has ni - mi - 1 there. vtype "AV" takes
    the size-weighted average of yi. `ri` (the partial correlation) or `pi` (the t-test's
    two-sided p-value, signed) may stand for ti.
    """
    r, n = correlations(cells, _residual_df(cells)), cells["ni"]
    centre = weighted_mean(r, n) if choices.vtype == "AV" else r
    return r, (1 - centre**2) ** 2 / (n - cells["mi"])


@measure(
    "ZPCOR",
    "Fisher's z transformed partial correlation",
    PARTIAL,
    "ti ni mi",
    display="partial correlation",
    scale="correlation",
    null=0,
    transf="ztor",
    limits=(-1, 1),
    source=f"{FISHER}; Aloe & Thompson 2013, J Soc Social Work Res 4:390",
)
def partial_z(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Fisher's z of the partial correlation (Fisher 1924).

    yi = atanh(r), vi = 1/(ni - mi - 2): mi - 1 variables are held, and z loses 3 more. metafor
    before 4.0-0 has ni - mi - 1 there.
    """
    r = correlations(cells, _residual_df(cells))
    left = cells["ni"] - cells["mi"] - 2
    return np.arctanh(r), 1 / np.where(left > 0, left, np.nan)


def _semi_partial(cells: Cells) -> Floats:
    df = _residual_df(cells)
    t = cells.get("ti", np.full(df.shape, np.nan))
    if "pi" in cells:
        t = np.where(np.isnan(t), t_of_p(cells["pi"], df), t)
    of_test = t * np.sqrt((1 - cells["r2i"]) / df)
    return np.where(np.isnan(of_test), cells["ri"], of_test) if "ri" in cells else of_test


@measure(
    "SPCOR",
    "semi-partial correlation",
    SEMI,
    "ti ni mi r2i",
    scale="correlation",
    null=0,
    limits=(-1, 1),
    vtypes=("LS", "AV"),
    source=ALOE,
)
def semi_partial_correlation(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Correlation of outcome and predictor freed of the other predictors (Aloe & Becker 2012).

    yi = ti sqrt((1 - r2i)/(ni - mi - 1)); vi = (r2i^2 - 2 r2i + u - u^2 + 1)/ni with
    u = r2i - yi^2, the R^2 without the predictor (eq. 6). vtype "AV" takes the size-weighted
    average of yi. `ri` (the semi-partial correlation) or `pi` may stand for ti.
    """
    r, r2, n = _semi_partial(cells), cells["r2i"], cells["ni"]
    centre = weighted_mean(r, n) if choices.vtype == "AV" else r
    without = r2 - centre**2
    return r, (r2**2 - 2 * r2 + without - without**2 + 1) / n


@measure(
    "ZSPCOR",
    "Fisher's z transformed semi-partial correlation",
    SEMI,
    "ti ni mi r2i",
    display="semi-partial correlation",
    scale="correlation",
    null=0,
    transf="ztor",
    limits=(-1, 1),
    vtypes=("LS", "AV"),
    source=f"Fisher 1921, Metron 1:3; {ALOE}",
)
def semi_partial_z(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Fisher's z of the semi-partial correlation; variance by the delta method (not stabilised).

    yi = atanh(r), vi = var(r)/(1 - r^2)^2.
    """
    r, v = semi_partial_correlation(cells, choices)
    return np.arctanh(r), v / (1 - r**2) ** 2


@measure(
    "R2",
    "coefficient of determination",
    WHOLE,
    "r2i ni mi",
    scale="none",
    limits=(0, 1),
    vtypes=("LS", "AV"),
    source="Kendall & Stuart 1979, The Advanced Theory of Statistics 2, eq. 27.88",
)
def determination(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Share of the variance that a regression explains (Kendall & Stuart 1979, eq. 27.88).

    yi = r2i, vi = 4 yi (1 - yi)^2/ni, for large samples and a true share over 0; vtype "AV" takes
    the size-weighted average of yi.
    """
    r2, n = cells["r2i"], cells["ni"]
    centre = weighted_mean(r2, n) if choices.vtype == "AV" else r2
    return r2, 4 * centre * (1 - centre) ** 2 / n


@measure(
    "ZR2",
    "r-to-z transformed coefficient of determination",
    WHOLE,
    "r2i ni mi",
    display="coefficient of determination",
    scale="none",
    transf="ztor2",
    limits=(0, 1),
    source="Olkin & Finn 1995, Psychological Bulletin 118:155",
)
def determination_z(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Fisher's z of the root of R^2 (Olkin & Finn 1995, with the usual factor of 1/2).

    yi = atanh(sqrt(r2i)), vi = 1/ni, for large samples and a true share over 0.
    """
    return np.arctanh(np.sqrt(cells["r2i"])), 1 / cells["ni"]
