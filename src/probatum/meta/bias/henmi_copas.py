"""Henmi and Copas' interval: random effects read with equal-effects weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammainc

from probatum.errors import BadInput
from probatum.meta.inference import check_level
from probatum.meta.kernel import single
from probatum.meta.options import typed_options
from probatum.meta.refit import rows_of
from probatum.meta.tau2 import tau2_method
from probatum.meta.types import Floats, MetaFit, need

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(240)


@dataclass(frozen=True, slots=True)
class HenmiCopas:
    """Equal-effects estimate with an interval that allows for heterogeneity and selection."""

    beta: float
    se: float
    ci_lb: float
    ci_ub: float
    tau2: float
    level: float


@typed_options
def hc(fit: MetaFit, *, level: float | None = None) -> HenmiCopas:
    """Interval for the mean by Henmi and Copas.

    Large studies keep their weight, so that selection among small ones does less harm; the
    interval takes the variance between studies (DerSimonian-Laird) into account. Henmi M, Copas
    JB (2010). Statistics in Medicine 29, 2969-2983.

    With R the standardized error of the mean, the interval is beta +/- u se, where u solves
    P(|R| sd <= u se(Q)) = level. Given R, Cochran's Q is taken as a gamma variable with its
    exact first two moments under the normal model.

    Parameters
    ----------
    fit : MetaFit
        Without moderators.
    level : float, optional

    Returns
    -------
    HenmiCopas
        ``beta se ci_lb ci_ub tau2``, on the analysis scale.

    Raises
    ------
    BadInput

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> found = hc(pool([0.1, 0.9, 0.5], [0.01, 0.02, 0.03], method="DL", test="z"))
    >>> round(found.ci_lb, 2), round(found.ci_ub, 2)
    (-0.67, 1.45)
    """
    need(fit, "MetaFit")
    level = fit.level if level is None else check_level(level)
    y, v, _ = rows_of(fit)
    if fit.moderated:
        raise BadInput("Henmi and Copas' interval is for a fit without moderators.")
    if len(y) < 2:
        raise BadInput("Henmi and Copas' interval needs at least two studies.")
    w = 1.0 / v
    beta = float(w @ y / w.sum())
    batch = single(y, v, np.ones((len(y), 1)))
    tau2 = float(tau2_method("DL").estimate(batch).tau2[0])
    law = _Law(w, tau2)
    tail = 0.5 * (1.0 - level / 100.0)
    high = 1.0
    while law.beyond(high) > tail:
        high *= 2.0
    u = float(brentq(lambda x: law.beyond(x) - tail, 1e-8, high, xtol=1e-12, rtol=1e-13))
    reach = u * law.spread
    return HenmiCopas(beta, law.spread, beta - reach, beta + reach, tau2, level)


class _Law:
    """Joint law of the mean's standardized error R and Cochran's Q at a given tau2."""

    def __init__(self, w: Floats, tau2: float) -> None:
        self.k = len(w)
        s1, s2 = float(np.sum(w)), float(np.sum(w * w))
        self.s1, self.s2, self.c = s1, s2, s1 - s2 / s1
        self.wide = s1 + tau2 * s2  # variance of sum w (y - mu)
        self.spread = float(np.sqrt(self.wide)) / s1
        # Q = y'Ay, A = diag(w) - ww'/s1; cov(y) = D = diag(1/w + tau2); h = cov(y, R)
        total = 1.0 / w + tau2
        h = w * total / np.sqrt(self.wide)
        Ah = w * h - w * (w @ h) / s1
        self.slope = float(h @ Ah)
        trace = float(np.sum(w * total) - np.sum(w * w * total) / s1)
        self.mean0 = trace - self.slope
        # tr (A S)^2 with S = D - hh', through sums alone
        wt = w * total
        square = float(
            np.sum(wt * wt) - 2.0 * np.sum(w * wt * wt) / s1 + np.sum(w * wt) ** 2 / s1**2
        )
        ADA = float(np.sum(Ah * total * Ah))
        self.var0 = 2.0 * (square - 2.0 * ADA + self.slope**2)
        self.var2 = 4.0 * (ADA - self.slope**2)

    def beyond(self, u: float) -> float:
        """P(R > u se(Q) / sd): the upper tail; by symmetry half of what lies outside."""
        edge = u * np.sqrt(self.s1 / self.wide)  # below it tau2 = 0 is already wide enough
        top = max(edge + 10.0, 12.0)
        r = edge + (top - edge) * 0.5 * (_NODES + 1.0)
        # |R| sd > u se holds while Q is below this
        need = (r * r / (u * u) * self.wide - self.s1) / self.s2
        q = self.k - 1.0 + self.c * np.maximum(need, 0.0)
        mean = self.mean0 + self.slope * r * r
        var = self.var0 + self.var2 * r * r
        below = gammainc(mean * mean / var, q * mean / var)
        density = np.exp(-0.5 * r * r) / np.sqrt(2.0 * np.pi)
        return float(np.sum(_WEIGHTS * below * density) * 0.5 * (top - edge))
