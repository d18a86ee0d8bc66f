"""Exact tests that count only who changed: the sign test and McNemar's."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, bdtrc

from probatum.errors import BadInput
from probatum.meta.exact import binomial_interval
from probatum.meta.options import typed_options
from probatum.meta.patients.pairs import (
    Alternative,
    PairedTest,
    changes,
    check_alpha,
    check_alternative,
    order_limits,
    tails,
    zeros,
)


@typed_options
def sign_test(
    change: ArrayLike | None = None,
    *,
    before: ArrayLike | None = None,
    after: ArrayLike | None = None,
    mu: float = 0.0,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
) -> PairedTest:
    """Exact sign test of paired measurements, with an interval for the median change.

    Parameters
    ----------
    change : array_like, shape (n,), optional
        Change of each patient; or give `before` and `after`. NaN pairs are left out and counted.
    before, after : array_like, shape (n,), optional
    mu : float
        The median change under the null hypothesis.
    alternative : {"two-sided", "greater", "less"}
        "greater": patients rose.
    alpha : float
        Level of the test; the interval has level 1 - alpha.

    Returns
    -------
    PairedTest
        `statistic` counts the patients who rose, `estimate` is the median change.

    Raises
    ------
    BadInput, UnknownOption

    Notes
    -----
    Dixon WJ, Mood AM (1946), JASA 41, 557-566: patients without a change are left out of the
    test, the others rise with probability one half. The limits are order statistics of all
    changes (Thompson WR, 1936, Annals of Mathematical Statistics 7, 122-128). Nothing is assumed
    of the distribution of changes.

    Examples
    --------
    >>> test = sign_test([-4, -2, -6, -1, -3, -5, 0, -2])
    >>> test.statistic, test.n_zero, test.pval
    (0.0, 1, 0.015625)
    >>> test.estimate, test.ci_lb, test.ci_ub
    (-2.5, -6.0, 0.0)
    """
    alpha, alternative_ = check_alpha(alpha), check_alternative(alternative)
    found = changes(change, before, after, mu=mu)
    n, none = len(found.d), zeros(found)
    rose, moved = int(np.sum(found.d[~none] > 0)), int((~none).sum())
    below = np.asarray(bdtr(np.arange((n + 1) // 2, dtype=np.float64), n, 0.5))
    low, high, attained = order_limits(np.sort(found.d), below, alpha, alternative_)
    return PairedTest(
        "sign test", n, int(none.sum()), found.left_out, float(rose),
        tails(*_coins(rose, moved), alternative_), float(np.median(found.d)) + found.mu,
        low + found.mu, high + found.mu, alternative_, alpha, attained, True,
    )  # fmt: skip


def _coins(heads: int, n: int) -> tuple[float, float]:
    """P(X <= heads) and P(X >= heads) of n fair coins."""
    lower = float(bdtr(float(heads), n, 0.5)) if n else 1.0
    return lower, float(bdtrc(float(heads - 1), n, 0.5)) if heads else 1.0


@typed_options
def mcnemar(
    gained: int, lost: int, *, alternative: Alternative = "two-sided", alpha: float = 0.05
) -> PairedTest:
    """McNemar's exact test of a yes or no that was asked twice of the same patients.

    Parameters
    ----------
    gained, lost : int
        Patients who went from no to yes, and from yes to no. The others say nothing.
    alternative : {"two-sided", "greater", "less"}
        "greater": more gained it than lost it.
    alpha : float
        Level of the test; the interval has level 1 - alpha.

    Returns
    -------
    PairedTest
        `estimate` is the conditional odds ratio, gained / lost, with exact limits (Clopper and
        Pearson's, of the share gained / (gained + lost)).

    Raises
    ------
    BadInput, UnknownOption

    Notes
    -----
    McNemar Q (1947), Psychometrika 12, 153-157, with the binomial distribution in place of chi
    squared (Mosteller F, 1952, Biometrics 8, 220-226).

    Examples
    --------
    >>> test = mcnemar(9, 1)
    >>> test.estimate, round(test.pval, 5), round(test.ci_lb, 3), round(test.ci_ub, 1)
    (9.0, 0.02148, 1.247, 394.5)
    """
    alpha, alternative_ = check_alpha(alpha), check_alternative(alternative)
    for name, count in (("gained", gained), ("lost", lost)):
        if not (isinstance(count, (int, np.integer)) and count >= 0):
            raise BadInput(f"{name} is {count!r}; it takes a number of patients.")
    n = int(gained + lost)
    sides = 1 if alternative_ == "two-sided" else 2
    low, high = 0.0, math.inf
    if n:
        shares = binomial_interval(gained, n, level=100 * (1 - sides * alpha))
        low, high = (_odds(float(share)) for share in shares)
    if alternative_ != "two-sided":
        low, high = (low, math.inf) if alternative_ == "greater" else (0.0, high)
    return PairedTest(
        "McNemar's exact test", n, 0, 0, float(gained),
        tails(*_coins(int(gained), n), alternative_),
        _ratio(gained, lost), low, high,
        alternative_, alpha, 100 * (1 - alpha), True,
    )  # fmt: skip


def _ratio(gained: int, lost: int) -> float:
    return gained / lost if lost else math.inf if gained else math.nan


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else math.inf
