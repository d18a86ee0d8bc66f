"""Between yes/no outcomes and means: odds ratios as standardised differences, and the reverse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from probatum.meta.measures.binary import TABLE, odds_ratio
from probatum.meta.measures.proportion import probit
from probatum.meta.measures.registry import INF, Cells, Choices, Compute, Floats, measure
from probatum.meta.measures.standardised import NEEDS, STANDARDISED, hedges_g

#: SD of a logistic distribution with scale 1, in log odds
LOGISTIC = np.pi / np.sqrt(3)
#: log odds per SD of a normal distribution, over the middle of its range
NORMAL = 1.65
#: the conversions are of Cohen's d, without the correction that makes it g
UNCORRECTED = Choices(correct=False)
LOGISTIC_SOURCE = "Hasselblad & Hedges 1995, Psychological Bulletin 117:167; Chinn 2000"
NORMAL_SOURCE = "Cox & Snell 1989, Analysis of Binary Data; Sanchez-Meca et al. 2003"


@measure(
    "PBIT",
    "probit transformed risk difference",
    TABLE,
    "ai bi ci di",
    display="standardised mean difference",
    scale="difference",
    null=0,
    source="Sanchez-Meca, Marin-Martinez & Chacon-Moscoso 2003, Psychological Methods 8:448",
)
def probit_difference(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
    """Difference of the normal quantiles of the two risks (Sanchez-Meca et al. 2003).

    yi = probit(p1) - probit(p2), vi the sum of p (1 - p)/(n f^2), f the normal density at the
    quantile. Assumes a normal variable behind the outcome, with the same spread in both groups.
    """
    y1, v1 = probit(cells["ai"], cells["bi"])
    y2, v2 = probit(cells["ci"], cells["di"])
    return y1 - y2, v1 + v2


def _from_odds_ratio(factor: float, shape: str) -> Compute:
    def compute(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
        yi, vi = odds_ratio(cells, choices)
        return yi / factor, vi / factor**2

    compute.__doc__ = f"""Log odds ratio over {factor:.4g} as a standardised mean difference.

    Assumes a {shape} variable behind the outcome, with the same spread in both groups;
    vi is that of the log odds ratio over {factor:.4g}^2.
    """
    return compute


def _from_difference(factor: float, shape: str) -> Compute:
    def compute(cells: Cells, choices: Choices) -> tuple[Floats, Floats]:
        yi, vi = hedges_g(cells, UNCORRECTED)
        return yi * factor, vi * factor**2

    compute.__doc__ = f"""Cohen's d times {factor:.4g} as a log odds ratio.

    Assumes {shape} values with the same spread in both groups; vi is that of d times
    {factor:.4g}^2.
    """
    return compute


def _both(code: str, factor: float, shape: str, source: str) -> None:
    """Register a conversion both ways."""
    to_difference: Callable[[Compute], Compute] = measure(
        f"OR2D{code}",
        f"odds ratio as a standardised mean difference ({shape})",
        TABLE,
        "ai bi ci di",
        display="standardised mean difference",
        scale="difference",
        null=0,
        source=source,
    )
    to_difference(_from_odds_ratio(factor, shape))
    to_odds: Callable[[Compute], Compute] = measure(
        f"D2OR{code}",
        f"standardised mean difference as a log odds ratio ({shape})",
        STANDARDISED,
        NEEDS,
        display="odds ratio",
        scale="ratio",
        null=1,
        transf="exp",
        limits=(0, INF),
        source=source,
    )
    to_odds(_from_difference(factor, shape))


_both("", LOGISTIC, "logistic", LOGISTIC_SOURCE)
_both("L", LOGISTIC, "logistic", LOGISTIC_SOURCE)
_both("N", NORMAL, "normal", NORMAL_SOURCE)
