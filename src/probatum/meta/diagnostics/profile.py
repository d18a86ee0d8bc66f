"""Profile of the log-likelihood over tau2, and the interval it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri

from probatum.errors import BadInput
from probatum.meta.columns import floats
from probatum.meta.kernel import log_likelihood, project, single
from probatum.meta.models.rows import check_given
from probatum.meta.options import typed_options
from probatum.meta.refit import rows_of, weights_of
from probatum.meta.types import Floats, MetaFit, need

_POINTS = 400
_CELLS = 400_000  # of (tau2, row, column) held at once


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Log-likelihood `ll` at each `tau2`, all other parameters at their best; shape (m,)."""

    tau2: Floats
    ll: Floats
    maximum: float


@typed_options
def profile(fit: MetaFit, tau2: Any = None, *, points: int = 41) -> Profile:
    """Log-likelihood (restricted for REML) as a function of tau2.

    Hardy RJ, Thompson SG (1996). Statistics in Medicine 15, 619-629.

    Parameters
    ----------
    fit : MetaFit
        By method "ML" or "REML".
    tau2 : array of shape (m,), optional
        Where; by default `points` values from 0 to well beyond the estimate.

    Returns
    -------
    Profile
        ``tau2 ll``, of shape (m,).

    Raises
    ------
    BadInput
        For a method without a likelihood for tau2, or a negative tau2.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.9, 0.5], [0.01, 0.02, 0.03], method="ML", test="z")
    >>> curve = profile(fit, [fit.tau2])
    >>> bool(abs(curve.ll[0] - fit.ll) < 1e-12)
    True
    """
    need(fit, "MetaFit")
    y, v, X = rows_of(fit)
    if fit.method not in ("ML", "REML"):
        raise BadInput(f"{fit.method} has no likelihood of tau2; fit with method ML or REML.")
    if fit.tau2_given:
        raise BadInput("tau2 was given, not estimated; fit without tau2= for its profile.")
    if tau2 is None:
        scale = fit.tau2 + 3.0 * fit.se_tau2 if np.isfinite(fit.se_tau2) else fit.tau2
        if points < 1:
            raise BadInput(f"points is {points}; ask for at least 1.")
        at = np.linspace(0.0, max(scale, float(np.median(v))), points)
    else:
        at = np.atleast_1d(floats(tau2, "tau2"))
        if at.ndim != 1 or not (np.isfinite(at) & (at >= 0)).all():
            raise BadInput("tau2 is a list of values that are finite and not negative.")
        check_given(at.max(initial=0.0), v)
    restricted = fit.method == "REML"
    both = np.concatenate([at, [fit.tau2]])
    one, size = single(y, v, X, a=weights_of(fit)), max(1, _CELLS // X.size)
    ll = np.concatenate(
        [
            log_likelihood(
                one.take(np.zeros(len(some), dtype=np.int64)), some, restricted=restricted
            )
            for some in np.split(both, range(size, len(both), size))
        ]
    )
    return Profile(at, ll[:-1] - ll[-1] + fit.ll, fit.ll)


def likelihood_interval(fit: MetaFit, *, level: float) -> tuple[float, float]:
    """The tau2 at which the likelihood is no more than half a chi-square quantile below its top.

    Hardy RJ, Thompson SG (1996). Statistics in Medicine 15, 619-629. Should it rise and fall more
    than once, these are the outermost such tau2, so that none is left out.

    Raises
    ------
    BadInput
        For a method without a likelihood for tau2.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.9, 0.5], [0.01, 0.02, 0.03], method="REML", test="z")
    >>> [round(x, 3) for x in likelihood_interval(fit, level=95)]
    [0.023, 2.874]
    """
    cut = fit.ll - 0.5 * float(chdtri(1, 1.0 - level / 100.0))
    y, v, X = rows_of(fit)
    unit = float(np.min(v))
    # the score is at most r'r / (tau2 + min v)^2 - (k - p) / (tau2 + max v), r the unweighted
    # residuals: beyond this tau2 the likelihood only falls
    scatter = float(project(y[None], X[None], np.ones((1, len(y)))).rss[0]) / (fit.k - fit.p)
    end = 2.0 * (scatter + float(np.max(v)))

    def above(tau2: float) -> float:
        return float(profile(fit, [tau2]).ll[0]) - cut

    while above(end) > 0.0:
        end *= 4.0
    grid = unit * np.expm1(np.linspace(0.0, np.log1p(end / unit), _POINTS))
    at = np.sort(np.append(grid, fit.tau2))
    high = np.flatnonzero(profile(fit, at).ll >= cut)
    first, last = int(high[0]), int(high[-1])

    def root(a: float, b: float) -> float:
        # the default absolute tolerance, 2e-12, is no small number in every unit
        return float(brentq(above, a, b, xtol=1e-16 * unit, rtol=1e-13))

    low = 0.0 if first == 0 else root(at[first - 1], at[first])
    return low, root(at[last], at[last + 1])
