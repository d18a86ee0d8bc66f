"""Fail-safe numbers: how many null studies would undo the result?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from probatum.errors import BadInput, UnknownOption
from probatum.meta.columns import yes_or_no
from probatum.meta.models.inverse_variance import pool
from probatum.meta.models.rows import as_effect_sizes
from probatum.meta.options import typed_options
from probatum.meta.refit import rows_of
from probatum.meta.types import Floats, MetaFit

TYPES = ("Rosenthal", "Orwin", "Rosenberg")


@dataclass(frozen=True, slots=True)
class FailSafe:
    """A fail-safe N.

    Attributes
    ----------
    type : str
    fsnum : float
        Studies that would have to be added.
    alpha : float
    pval : float
        Of the observed studies (NaN for Orwin).
    average, target : float
        Average effect seen, and the one aimed at (NaN where there is none).
    """

    type: str
    fsnum: float
    alpha: float
    pval: float
    average: float
    target: float


@typed_options
def fsn(
    fit: Any, vi: Any = None, *, type: str = "Rosenthal", alpha: float = 0.05,
    target: float | None = None, weighted: bool = False,
) -> FailSafe:  # fmt: skip
    """Studies with no effect that would have to exist to take the result away.

    Parameters
    ----------
    fit : MetaFit, or estimates with `vi`
    type : {"Rosenthal", "Orwin", "Rosenberg"}
        Rosenthal R (1979), Psychological Bulletin 86, 638-641: until Stouffer's combined
        one-sided p-value is `alpha`. Orwin RG (1983), Journal of Educational Statistics 8,
        157-159: until the average effect is `target`. Rosenberg MS (2005), Evolution 59,
        464-468: until the equal-effects two-sided p-value is `alpha`.
    alpha : float
    target : float, optional
        For Orwin; by default half of the average seen.
    weighted : bool
        Orwin's average by inverse variances.

    Returns
    -------
    FailSafe

    Raises
    ------
    UnknownOption, BadInput

    Examples
    --------
    >>> fsn([0.5, 0.6, 0.4], [0.01, 0.02, 0.01]).fsnum
    62.0
    """
    weighted = yes_or_no("weighted", weighted)
    if type not in TYPES:
        raise UnknownOption("type", type, TYPES)
    if not 0.0 < alpha < 1.0:
        raise BadInput(f"alpha is {alpha}; it takes a probability such as 0.05.")
    if isinstance(fit, MetaFit):
        y, v, _ = rows_of(fit)
    else:
        es = as_effect_sizes(fit, vi, None, None, None)
        y, v, _ = rows_of(pool(es, method="EE", test="z"))
    if type == "Rosenthal":
        return _rosenthal(y, v, alpha)
    if type == "Orwin":
        return _orwin(y, v, alpha, target, weighted)
    return _rosenberg(y, v, alpha)


def _rosenthal(y: Floats, v: Floats, alpha: float) -> FailSafe:
    z = float(np.sum(y / np.sqrt(v)))
    needed = (z / float(ndtri(alpha))) ** 2 - len(y)
    pval = float(ndtr(-abs(z) / math.sqrt(len(y))))
    nan = float("nan")
    return FailSafe("Rosenthal", _more(needed, pval <= alpha), alpha, pval, nan, nan)


def _orwin(y: Floats, v: Floats, alpha: float, target: float | None, weighted: bool) -> FailSafe:
    average = float(np.average(y, weights=1.0 / v) if weighted else np.mean(y))
    goal = average / 2.0 if target is None else float(target)
    if goal == 0.0:
        raise BadInput("no number of null studies brings the average to exactly 0; name a target.")
    reachable = abs(goal) < abs(average) and (goal > 0) == (average > 0)
    needed = len(y) * (average - goal) / goal
    nan = float("nan")
    return FailSafe("Orwin", _more(needed, reachable), alpha, nan, average, goal)


def _rosenberg(y: Floats, v: Floats, alpha: float) -> FailSafe:
    w = 1.0 / v
    total = float(w.sum())
    average = float(w @ y) / total
    pval = float(2.0 * ndtr(-abs(average) * math.sqrt(total)))
    needed = ((float(w @ y) / float(ndtri(alpha / 2.0))) ** 2 - total) / (total / len(y))
    return FailSafe("Rosenberg", _more(needed, pval <= alpha), alpha, pval, average, float("nan"))


def _more(needed: float, there: bool) -> float:
    """Whole studies; none where the result was not there in the first place.

    A whole number but for rounding is that number: 160 estimates of 0.21 need 64 to average 0.15.
    """
    return float(math.ceil(needed - 1e-9)) if there and needed > 1e-9 else 0.0
