"""Change of patients in units of a standard deviation, for small samples."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import nctdtr, ndtri, stdtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.measures.hedges import correction
from probatum.meta.options import typed_options
from probatum.meta.patients.pairs import (
    Alternative,
    both,
    changes,
    check_alpha,
    check_alternative,
    tails,
)

YARDSTICKS = {
    "change": "the SD of the changes (SMCC)",
    "before": "the SD before treatment (SMCR)",
}


@dataclass(frozen=True, slots=True, eq=False)
class StandardisedChange:
    """Mean change over a standard deviation.

    Attributes
    ----------
    estimate : float
        Free of small-sample bias: `J` times `d`.
    d, J, df : float
        As observed; Hedges' exact correction; degrees of freedom of the SD.
    vi : float
        Large-sample variance, as `effect_sizes` gives it for SMCC or SMCR: for pooling.
    ci_lb, ci_ub : float
        Limits for the true value, from the noncentral t distribution.
    pval : float
        Paired t-test of no change.
    exact : bool
        Whether normal changes make the limits exact (yes for the SD of the changes).
    n, n_left_out : int
    by, alternative : str
    alpha : float
    """

    estimate: float
    d: float
    J: float
    df: float
    vi: float
    ci_lb: float
    ci_ub: float
    pval: float
    exact: bool
    n: int
    n_left_out: int
    by: str
    alternative: str
    alpha: float


@typed_options
def standardised_change(
    change: ArrayLike | None = None,
    *,
    before: ArrayLike | None = None,
    after: ArrayLike | None = None,
    by: Literal["change", "before"] = "change",
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
) -> StandardisedChange:
    """Within-person change in standard deviations, with its exact small-sample correction.

    Parameters
    ----------
    change : array_like, shape (n,), optional
        Change of each patient (for ``by="change"``); or give `before` and `after`.
    before, after : array_like, shape (n,), optional
    by : {"change", "before"}
        The yardstick: the SD of the changes, which grows small where patients change alike, or
        the SD before treatment, which compares with differences between groups.
    alternative : {"two-sided", "greater", "less"}
        "greater": patients rose; the interval then has a lower limit only.
    alpha : float
        Level of the test; the interval has level 1 - alpha.

    Returns
    -------
    StandardisedChange

    Raises
    ------
    BadInput, UnknownOption
        BadInput for fewer than 3 patients, or an SD of 0.

    Notes
    -----
    Gibbons RD, Hedeker DR, Davis JM (1993), Journal of Educational Statistics 18, 271-279
    (change); Becker BJ (1988), British Journal of Mathematical and Statistical Psychology 41,
    257-278 (before); the correction J(n - 1) is that of Hedges LV (1981), Journal of
    Educational Statistics 6, 107-128, eq. 6e, and makes both unbiased for normal values, since a
    mean is independent of its sample's SD. Limits: noncentral t with n - 1 degrees of freedom
    (Steiger JH, Fouladi RT, 1997, in What If There Were No Significance Tests?, 221-257), exact
    for the SD of the changes. For the SD before, the ratio of both SDs enters as estimated, which
    makes them approximate (Viechtbauer W, 2007, Journal of Educational and Behavioral
    Statistics 32, 39-60).

    Examples
    --------
    Hours of sleep gained by ten patients on hyoscine (Student 1908, Biometrika 6, 1-25):

    >>> gained = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    >>> found = standardised_change(gained)
    >>> round(found.d, 4), round(found.J, 4), round(found.estimate, 4)
    (1.1637, 0.9139, 1.0635)
    >>> round(found.ci_lb, 3), round(found.ci_ub, 3)
    (0.331, 1.961)
    """
    if by not in YARDSTICKS:
        raise UnknownOption("by", by, tuple(YARDSTICKS))
    alpha, alternative_ = check_alpha(alpha), check_alternative(alternative)
    if by == "before" and change is not None:
        raise BadInput('by="before" needs the SD before treatment: give before and after.')
    found = changes(change, before, after)
    n, mean = len(found.d), float(found.d.mean())
    if n < 3:
        raise BadInput(f"{n} complete pairs have no usable spread; it takes 3 or more.")
    spread = float(found.d.std(ddof=1))
    ratio, r = 1.0, math.nan
    if by == "before":
        x, y = both(before, after)
        known = ~np.isnan(y - x)
        own = float(x[known].std(ddof=1))
        if own <= found.tiny:
            raise BadInput("all patients had the same value before: its SD is 0.")
        ratio = spread / own
        with np.errstate(invalid="ignore"):
            r = float(np.corrcoef(x[known], y[known])[0, 1])
    if spread <= found.tiny:
        raise BadInput("all patients changed alike: the SD of the changes is 0.")
    d = ratio * mean / spread
    J = float(correction(np.array([n - 1.0]))[0])
    t = math.sqrt(n) * mean / spread
    low, high = noncentrality(t, n - 1.0, alpha, alternative_)
    scale = ratio / math.sqrt(n)
    leading = 1 / n if by == "change" else 2 * (1 - r) / n
    return StandardisedChange(
        J * d, d, J, n - 1.0, leading + (J * d) ** 2 / (2 * n), scale * low, scale * high,
        tails(float(stdtr(n - 1.0, t)), float(stdtr(n - 1.0, -t)), alternative_),
        by == "change", n, found.left_out, by, alternative_, alpha,
    )  # fmt: skip


def noncentrality(t: float, df: float, alpha: float, alternative: str) -> tuple[float, float]:
    """Limits for the noncentrality of an observed t, each by the tail that it leaves.

    Examples
    --------
    >>> low, high = noncentrality(2.0, 9.0, 0.05, "two-sided")
    >>> round(low, 4), round(high, 4)
    (-0.2059, 4.1162)
    """
    share = alpha / 2 if alternative == "two-sided" else alpha
    low, high = -math.inf, math.inf
    if alternative != "less":  # P(T >= t) = share
        low = -_reaching(lambda nc: float(nctdtr(df, nc, -t)) - share, -t, df, share)
    if alternative != "greater":  # P(T <= t) = share
        high = _reaching(lambda nc: float(nctdtr(df, nc, t)) - share, t, df, share)
    return low, high


def _reaching(excess: Callable[[float], float], t: float, df: float, share: float) -> float:
    """Where a function that falls with the noncentrality crosses 0."""
    step = (abs(float(ndtri(share))) + 1.0) * math.sqrt(1.0 + t * t / (2 * df))
    below, above = t, t + step
    while excess(below) < 0:
        below -= step
    while excess(above) > 0:
        above += step
    return float(brentq(excess, below, above, xtol=1e-12, rtol=1e-14))
