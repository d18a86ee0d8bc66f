"""Excess of studies with small p-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from probatum.errors import BadInput, UnknownOption
from probatum.meta.models.inverse_variance import pool
from probatum.meta.refit import rows_of
from probatum.meta.types import Floats, MetaFit

KINDS = ("exact", "chi2", "binom")


@dataclass(frozen=True, slots=True, eq=False)
class Excess:
    """Observed against expected small p-values.

    Attributes
    ----------
    k, O : int
        Studies, and those with p below `alpha`.
    E : float
        Expected: the sum of the studies' power at `theta`.
    ratio : float
    X2 : float
        Chi-square statistic; NaN unless the test is "chi2".
    pval : float
        One-sided: that so many or more would be seen.
    theta : float
    power : ndarray, shape (k,)
    """

    k: int
    O: int  # noqa: E741  (the field's usual symbols are O and E)
    E: float
    ratio: float
    X2: float
    pval: float
    theta: float
    power: Floats


def tes(
    fit: MetaFit, *, theta: float | None = None, alpha: float = 0.05, test: str = "exact"
) -> Excess:
    """Test of excess significance: more small p-values than the studies' power allows?

    Ioannidis JPA, Trikalinos TA (2007). Clinical Trials 4, 245-253. The exact p-value is that of
    a sum of independent yes/no trials whose chances are the studies' powers.

    Parameters
    ----------
    fit : MetaFit
    theta : float, optional
        True effect the power is computed for; the equal-effects mean by default.
    alpha : float
    test : {"exact", "chi2", "binom"}

    Returns
    -------
    Excess

    Raises
    ------
    UnknownOption, BadInput

    Examples
    --------
    >>> fit = pool([0.5, 0.6, 0.4], [0.04, 0.06, 0.03], method="EE", test="z")
    >>> found = tes(fit)
    >>> found.O, round(found.E, 2), round(found.pval, 2)
    (3, 1.95, 0.26)
    """
    if test not in KINDS:
        raise UnknownOption("test", test, KINDS)
    if not 0.0 < alpha < 1.0:
        raise BadInput(f"alpha is {alpha}; it takes a probability such as 0.05.")
    y, v, _ = rows_of(fit)
    if theta is None:
        theta = float(pool(y, v, method="EE", test="z").beta[0])
    se = np.sqrt(v)
    crit = float(-ndtri(alpha / 2.0))
    power = ndtr(theta / se - crit) + ndtr(-theta / se - crit)
    seen, expected, k = int((np.abs(y / se) >= crit).sum()), float(power.sum()), len(y)
    X2 = float("nan")
    if test == "exact":
        pval = float(_counts(power)[seen:].sum())
    elif test == "binom":
        pval = float(_counts(np.full(k, expected / k))[seen:].sum())
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            off = np.float64(seen - expected) ** 2
            X2 = float(off / expected + off / (k - expected)) if off > 0 else 0.0
        both = float(chdtrc(1, X2))
        pval = both / 2.0 if seen > expected else 1.0 - both / 2.0
    return Excess(k, seen, expected, seen / expected, X2, min(pval, 1.0), theta, power)


def _counts(chances: Floats) -> Floats:
    """Distribution of the number of successes in independent trials."""
    out = np.ones(1)
    for p in chances:
        out = np.convolve(out, [1.0 - p, p])
    return out
