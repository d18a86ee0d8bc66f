"""One group, a mean: mi sdi ni."""

from __future__ import annotations

import numpy as np

from probatum.meta.measures.hedges import correction
from probatum.meta.measures.registry import INF, Cells, Choices, Family, Floats, measure
from probatum.meta.measures.rows import Rows


def _check_spread(rows: Rows) -> None:
    rows.known("sdi", "ni")
    rows.at_least(0, "sdi")
    rows.at_least(1, "ni")


def _check(rows: Rows) -> None:
    rows.known("mi")
    _check_spread(rows)


def _check_positive(rows: Rows) -> None:
    _check(rows)
    rows.flag(rows["mi"] <= 0, "mi = {mi} is not over 0, and a log needs that")


def _size(cells: Cells) -> Floats:
    return cells["ni"]


UNDEFINED = "an SD of 0 or a group too small for it"
ONE = Family("one group, mean", _check, _size, UNDEFINED)
SAME_SIGN = Family("one group, mean", _check_positive, _size, UNDEFINED)
ONE_SPREAD = Family("one group, mean", _check_spread, _size, UNDEFINED)


@measure(
    "MN",
    "mean",
    ONE,
    "mi sdi ni",
    scale="none",
    source="Borenstein, Hedges, Higgins & Rothstein 2009, Introduction to Meta-Analysis, ch. 4",
)
def mean(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Raw mean with the square of its standard error.

    yi = mi, vi = sdi^2/ni; sdi is the SD of the values, not the standard error of the mean.
    """
    return cells["mi"], cells["sdi"] ** 2 / cells["ni"]


@measure(
    "SMN",
    "standardized mean",
    ONE,
    "mi sdi ni",
    display="standardised mean",
    scale="none",
    corrects=True,
    source="Gibbons, Hedeker & Davis 1993, Journal of Educational Statistics 18:271",
)
def standardized_mean(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Mean over SD, bias-corrected: one group against a fixed number taken from mi beforehand.

    yi = J(ni - 1) mi/sdi (J = 1 if ``correct=False``), vi = 1/ni + yi^2/(2 ni): Gibbons et al.
    1993 with changes as the values.
    """
    n = cells["ni"]
    d = cells["mi"] / cells["sdi"]
    yi = correction(n - 1) * d if choices.correct else d
    return yi, 1 / n + yi**2 / (2 * n)


@measure(
    "MNLN",
    "log mean",
    SAME_SIGN,
    "mi sdi ni",
    display="mean",
    scale="none",
    transf="exp",
    limits=(0, INF),
    source="Hedges, Gurevitch & Curtis 1999, Ecology 80:1150 (one group)",
)
def log_mean(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Log mean, the delta method (one group of Hedges et al. 1999).

    yi = log(mi), vi = sdi^2/(ni mi^2).
    """
    m = cells["mi"]
    return np.log(m), (cells["sdi"] / m) ** 2 / cells["ni"]
