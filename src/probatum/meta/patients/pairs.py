"""Patients measured twice: reading the pairs, and what an exact test of them gives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from probatum.errors import BadInput, UnknownOption
from probatum.meta import columns
from probatum.meta.types import Bools, Floats

Alternative = Literal["two-sided", "greater", "less"]
ALTERNATIVES: tuple[str, ...] = get_args(Alternative)
#: differences this small beside the largest value are rounding: 0.3 - 0.1 and 0.2 are one change
ROUNDING = 1e-12
#: a tail probability may exceed its bound by this share, which is rounding too
SLACK = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class PairedTest:
    """A test of whether patients changed, with an estimate and its interval.

    Attributes
    ----------
    test : str
        Name of the test.
    n, n_zero, n_left_out : int
        Complete pairs; those of them without a change (from `mu`); pairs with a missing value.
    statistic, pval : float
    estimate, ci_lb, ci_ub : float
        The typical change. Limits are infinite where so few patients can't bound it.
    alternative : str
    alpha : float
        Probability of rejecting a true hypothesis that the test may have; the interval leaves it
        out (in both tails together, unless the test is one-sided).
    attained : float
        Level in percent that the interval really has: at least 100 (1 - alpha), since an exact
        interval moves in steps.
    exact : bool
        Whether the null distribution was counted, not approximated or sampled.
    """

    test: str
    n: int
    n_zero: int
    n_left_out: int
    statistic: float
    pval: float
    estimate: float
    ci_lb: float
    ci_ub: float
    alternative: str
    alpha: float
    attained: float
    exact: bool

    @property
    def reject(self) -> bool:
        """Whether the p-value is no larger than alpha."""
        return self.pval <= self.alpha


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Changes of complete pairs, less `mu`.

    `d (n,)`; `tiny` is what differs by rounding alone; `left_out` pairs lacked a value.
    """

    d: Floats
    mu: float
    tiny: float
    left_out: int


def check_alpha(alpha: float) -> float:
    """`alpha` if it is a probability under one half.

    Raises
    ------
    BadInput
    """
    try:
        value = float(alpha)
    except (TypeError, ValueError):
        raise BadInput(f"alpha is {alpha!r}; it takes a probability such as 0.05.") from None
    if 1.0 <= value < 50.0:
        raise BadInput(f"alpha is a probability: write alpha={value / 100:g}, not {value:g}.")
    if not 0.0 < value < 0.5:
        raise BadInput(f"alpha is {value:g}; it takes a probability under 0.5, such as 0.05.")
    return value


def check_alternative(alternative: str) -> str:
    """`alternative` if it exists.

    Raises
    ------
    UnknownOption
    """
    if alternative not in ALTERNATIVES:
        raise UnknownOption("alternative", alternative, ALTERNATIVES)
    return alternative


def floats(values: Any, name: str) -> Floats:
    """A column of finite numbers or NaN.

    Raises
    ------
    BadInput
    """
    try:
        x = columns.floats(values, name)
    except BadInput:
        raise BadInput(f"{name} has values that are not numbers; leave a gap as NaN.") from None
    if x.ndim != 1:
        raise BadInput(f"{name} has {x.ndim} dimensions; it takes one value per row.")
    if np.isinf(x).any():
        raise BadInput(f"{name} has an infinite value in row {int(np.argmax(np.isinf(x)))}.")
    return x


def changes(
    change: ArrayLike | None,
    before: ArrayLike | None,
    after: ArrayLike | None,
    *,
    mu: float = 0.0,
) -> Changes:
    """Changes, or after minus before, of complete pairs, less `mu`.

    Raises
    ------
    BadInput
        If neither or both are given, lengths differ, or no pair is complete.
    """
    mu = float(mu)
    if not math.isfinite(mu):
        raise BadInput(f"mu is {mu}; it takes a finite change.")
    if (change is None) == (before is None and after is None):
        raise BadInput("give either change, or before and after.")
    if change is not None:
        d = floats(change, "change")
        size = np.abs(d)
    else:
        x, y = both(before, after)
        d, size = y - x, np.maximum(np.abs(x), np.abs(y))
    known = ~np.isnan(d)
    if not known.any():
        raise BadInput(f"none of the {len(d)} patients has both values.")
    largest = max(float(size[known].max()), abs(mu))
    return Changes(d[known] - mu, mu, ROUNDING * largest, int((~known).sum()))


def both(before: ArrayLike | None, after: ArrayLike | None) -> tuple[Floats, Floats]:
    """Two columns of one length.

    Raises
    ------
    BadInput
    """
    if before is None or after is None:
        raise BadInput("before and after belong together: give both.")
    x, y = floats(before, "before"), floats(after, "after")
    if x.shape != y.shape:
        raise BadInput(f"before has {len(x)} rows and after has {len(y)}: one row per patient.")
    return x, y


def zeros(found: Changes) -> Bools:
    """Which changes are none, but for rounding."""
    return np.asarray(np.abs(found.d) <= found.tiny)


def tails(lower: float, upper: float, alternative: str) -> float:
    """A p-value from P(statistic <= observed) and P(statistic >= observed)."""
    if alternative == "less":
        return min(1.0, lower)
    if alternative == "greater":
        return min(1.0, upper)
    return min(1.0, 2.0 * min(lower, upper))


def order_limits(
    values: Floats, below: Floats, alpha: float, alternative: str
) -> tuple[float, float, float]:
    """Confidence limits that are order statistics, and the level in percent that they have.

    Parameters
    ----------
    values : ndarray, shape (M,)
        Sorted, such that the true value lies under the j-th (from 0) with probability
        ``below[j]``, and over the j-th from the end with the same.
    below : ndarray, shape (M,) or its beginning
    """
    share = alpha / 2 if alternative == "two-sided" else alpha
    left = int(np.searchsorted(below, share * (1.0 + SLACK), side="right"))
    missed = float(below[left - 1]) if left else 0.0
    lower = float(values[left - 1]) if left else -math.inf
    upper = float(values[-left]) if left else math.inf
    if alternative == "greater":
        return lower, math.inf, 100.0 * (1.0 - missed)
    if alternative == "less":
        return -math.inf, upper, 100.0 * (1.0 - missed)
    return lower, upper, 100.0 * (1.0 - 2.0 * missed)
