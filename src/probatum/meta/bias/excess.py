"""Excess of studies with small p-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, ndtr, ndtri

from probatum.errors import BadInput, UnknownOption
from probatum.meta.models.inverse_variance import pool
from probatum.meta.options import typed_options
from probatum.meta.refit import rows_of
from probatum.meta.types import Floats, MetaFit, need

KINDS = ("exact", "chi2", "binom")
SIDES = ("two-sided", "greater", "less")


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
    limit : float
        The true effect at which p would be `limit_alpha`: were the effect no farther from H0 than
        this, there would be an excess. On the side of `theta`; NaN where there is none.
    """

    k: int
    O: int  # noqa: E741  (the field's usual symbols are O and E)
    E: float
    ratio: float
    X2: float
    pval: float
    theta: float
    power: Floats
    limit: float


@typed_options
def tes(
    fit: MetaFit, *, theta: float | None = None, tau2: float = 0.0, H0: float = 0.0,
    alternative: str = "two-sided", alpha: float = 0.05, test: str = "exact",
    limit_alpha: float = 0.1,
) -> Excess:  # fmt: skip
    """Test of excess significance: more small p-values than the studies' power allows?

    Ioannidis JPA, Trikalinos TA (2007). Clinical Trials 4, 245-253. The exact p-value is that of
    a sum of independent yes/no trials whose chances are the studies' powers.

    Parameters
    ----------
    fit : MetaFit
    theta : float, optional
        True effect the power is computed for; the equal-effects mean by default.
    tau2 : float
        Variance of the true effects about `theta`.
    H0 : float
        The effect that the studies' own tests are of.
    alternative : {"two-sided", "greater", "less"}
        Of these tests.
    alpha : float
        Their level.
    test : {"exact", "chi2", "binom"}
    limit_alpha : float
        The level of `limit` (Ioannidis and Trikalinos's 0.10).

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
    >>> found.O, round(found.E, 2), round(found.pval, 2), round(found.limit, 2)
    (3, 1.95, 0.26, 0.38)
    """
    need(fit, "MetaFit")
    for name, value, known in (("test", test, KINDS), ("alternative", alternative, SIDES)):
        if value not in known:
            raise UnknownOption(name, value, known)
    for name, level in (("alpha", alpha), ("limit_alpha", limit_alpha)):
        if not 0.0 < level < 1.0:
            raise BadInput(f"{name} is {level}; it takes a probability such as 0.05.")
    if not (np.isfinite(tau2) and tau2 >= 0.0):
        raise BadInput(f"tau2 is {tau2}; it takes a variance, 0 or more.")
    y, v, _ = rows_of(fit)
    if theta is None:
        theta = float(pool(y, v, method="EE", test="z").beta[0])
    tests = _Tests(y, np.sqrt(v), tau2, H0, alternative, alpha)
    pval, X2 = _excess(tests.seen, tests.power(theta), test)
    expected = float(tests.power(theta).sum())
    return Excess(
        len(y), tests.seen, expected, tests.seen / expected, X2, pval, theta, tests.power(theta),
        _limit(tests, theta, test, limit_alpha),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Tests:
    """The studies' own tests of H0."""

    y: Floats
    se: Floats
    tau2: float
    H0: float
    alternative: str
    alpha: float

    @property
    def crit(self) -> float:
        """Quantile that a statistic must reach."""
        both = self.alternative == "two-sided"
        return float(-ndtri(self.alpha / 2.0 if both else self.alpha))

    @property
    def seen(self) -> int:
        """How many reach it."""
        z = (self.y - self.H0) / self.se
        sided = {"two-sided": np.abs(z), "greater": z, "less": -z}[self.alternative]
        return int((sided >= self.crit).sum())

    def power(self, theta: float) -> Floats:
        """Chance of each to reach it; estimates are normal about theta."""
        wide = np.sqrt(self.se**2 + self.tau2)
        reach = self.crit * self.se
        above = ndtr((theta - self.H0 - reach) / wide)
        below = ndtr((-(theta - self.H0) - reach) / wide)
        return np.asarray(
            {"two-sided": above + below, "greater": above, "less": below}[self.alternative]
        )


def _excess(seen: int, power: Floats, test: str) -> tuple[float, float]:
    """The p-value and, for "chi2", its statistic."""
    expected, k = float(power.sum()), len(power)
    if test != "chi2":
        chances = power if test == "exact" else np.full(k, expected / k)
        return min(float(_counts(chances)[seen:].sum()), 1.0), float("nan")
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.float64(seen - expected) ** 2
        X2 = float(off / expected + off / (k - expected)) if off > 0 else 0.0
    both = float(chdtrc(1, X2))
    return both / 2.0 if seen > expected else 1.0 - both / 2.0, X2


def _limit(tests: _Tests, theta: float, test: str, alpha: float) -> float:
    """Where p rises to alpha, going from H0 towards theta and on."""
    side = 1.0 if theta >= tests.H0 else -1.0

    def above(far: float) -> float:
        return _excess(tests.seen, tests.power(tests.H0 + side * far), test)[0] - alpha

    farthest = float(tests.se.max() + np.sqrt(tests.tau2)) * 40.0
    if above(0.0) >= 0.0 or above(farthest) <= 0.0:
        return float("nan")
    return tests.H0 + side * float(brentq(above, 0.0, farthest, xtol=1e-12))


def _counts(chances: Floats) -> Floats:
    """Distribution of the number of successes in independent trials."""
    out = np.ones(1)
    for p in chances:
        out = np.convolve(out, [1.0 - p, p])
    return out
