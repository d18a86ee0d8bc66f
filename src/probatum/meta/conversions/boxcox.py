"""Means and SDs of skewed values that a power makes normal (Box and Cox), from a few quantiles.

The unit is the median, so that the units of the data do not matter. Powers run from 0, the
log-normal distribution: under a power below 0 the distribution has no mean.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.special import log_ndtr, ndtr

from probatum.meta.types import Floats

Numbers = dict[str, float]
Formula = Callable[[dict[str, Floats], Floats], Floats]
#: beyond this power the values are all but the same
HIGHEST = 50.0
#: rank of each number among n values, as (a, b) in a + b (n - 1)
RANKS = {"min": (1, 0), "q1": (1, 0.25), "median": (1, 0.5), "q3": (1, 0.75), "max": (1, 1)}
NODES, WEIGHTS = np.polynomial.legendre.leggauss(400)
NOTHING = (np.nan, np.nan)


def changed(x: Floats, power: float) -> Floats:
    """(x^power - 1) / power, the log at 0."""
    log = np.log(x)
    return np.expm1(power * log) / power if power > 1e-9 else log + power * log**2 / 2


def moments(power: float, mu: float, sigma: float) -> tuple[float, float]:
    """Mean and SD of (1 + power Y)^(1/power), Y normal and no less than -1/power."""
    if power < 1e-9:
        mean = np.exp(mu + sigma**2 / 2)
        return float(mean), float(mean * np.sqrt(np.expm1(sigma**2)))
    low = max(-12.0, (-1 / power - mu) / sigma)
    high = max(low, 0.0) + 12 + 2 * sigma  # squares weigh values 2 sigma farther out
    z = (low + high) / 2 + (high - low) / 2 * NODES
    w = WEIGHTS * np.exp(-(z**2) / 2)
    x = np.exp(np.log1p(np.maximum(power * (mu + sigma * z), -1 + 1e-300)) / power)
    w = w / w.sum()
    mean = float(w @ x)
    return mean, float(np.sqrt(w @ (x - mean) ** 2))


def _said(power: float, leans: bool) -> str:
    if power > 1e-9:
        return f"assumes that values to the power {power:.3g} are normally distributed"
    return "assumes a log-normal distribution" + (
        ", though the numbers are even more skewed" if leans else ""
    )


def _lean(x: Floats, power: float) -> Floats:
    """By how much each pair of outer numbers, changed, is not symmetric about the median."""
    u = changed(x, power)
    middle = len(u) // 2
    out: Floats = u[:middle] + u[:middle:-1] - 2 * u[middle]
    return out


def symmetric_power(x: Floats) -> float:
    """The power from 0 that makes the numbers most symmetric; NaN if they lean left at any."""
    if len(x) == 3:
        if _lean(x, 0.0)[0] >= 0:
            return 0.0
        if _lean(x, HIGHEST)[0] < 0:
            return np.nan
        return float(brentq(lambda power: float(_lean(x, power)[0]), 0.0, HIGHEST, xtol=1e-13))

    def apart(power: float) -> float:
        return float(np.sum(_lean(x, power) ** 2))

    grid = np.concatenate([[0.0], np.geomspace(0.05, HIGHEST, 60)])
    best = int(np.argmin([apart(power) for power in grid]))
    if best == len(grid) - 1:
        return np.nan
    ends = grid[max(best - 1, 0)], grid[best + 1]
    found = minimize_scalar(apart, bounds=ends, method="bounded", options={"xatol": 1e-12})
    return float(found.x) if found.fun < apart(0.0) else 0.0


def by_symmetry(x: Numbers, n: float, mean: Formula, sd: Formula) -> tuple[float, float, str]:
    """Mean and SD by the power that makes the numbers symmetric, then the normal formulas.

    Box-Cox method (McGrath S et al. 2020, Statistical Methods in Medical Research 29,
    2520-2537, section 2.2); the moments are integrals, where the authors simulate.

    Returns
    -------
    mean, sd : float
        NaN where it can't be done.
    said : str
        What is assumed, or why it can't be done.
    """
    values = np.array(list(x.values()))
    if values[0] <= 0:
        return *NOTHING, "powers need values over 0"
    unit = x["median"]
    power = symmetric_power(values / unit)
    if np.isnan(power):
        return *NOTHING, "no power makes these numbers symmetric"
    u = changed(values / unit, power)
    numbers, size = {name: u[i : i + 1] for i, name in enumerate(x)}, np.array([n])
    mu, sigma = float(mean(numbers, size)[0]), float(sd(numbers, size)[0])
    m, s = moments(power, mu, sigma)
    leans = bool(np.any(_lean(values / unit, 0.0) > 1e-9 * u[-1]))
    return unit * m, unit * s, _said(power, leans)


def order_likelihood(t: Floats, x: Floats, ranks: Floats, n: float) -> float:
    """Log-likelihood of numbers of given ranks; t is (power, mu, log sigma).

    The joint density of order statistics (David HA, Nagaraja HN, 2003, Order Statistics, eq.
    2.2.2) with ranks that need not be whole, less its constant.
    """
    power, mu, sigma = float(t[0]), float(t[1]), float(np.exp(t[2]))
    z = (changed(x, power) - mu) / sigma
    upper = -z[:-1] > 0  # differences of the smaller tails
    between = np.where(upper, ndtr(z[1:]) - ndtr(z[:-1]), ndtr(-z[:-1]) - ndtr(-z[1:]))
    if not np.all(between > 0):
        return -np.inf
    gaps = np.diff(ranks) - 1
    out = gaps @ np.log(between) + (ranks[0] - 1) * log_ndtr(z[0])
    out += (n - ranks[-1]) * log_ndtr(-z[-1])
    out += np.sum(-(z**2) / 2 - t[2] + (power - 1) * np.log(x))
    return float(out)


def by_likelihood(x: Numbers, n: float, mean: Formula, sd: Formula) -> tuple[float, float, str]:
    """Mean and SD by the power, mean and SD under which the numbers are likeliest.

    Method for unknown non-normal distributions (Cai S, Zhou J, Pan J, 2021, Statistical Methods
    in Medical Research 30, 2701-2719): maximum likelihood of the order statistics after a
    Box-Cox change; the moments are integrals. Returns as `by_symmetry`.
    """
    values = np.array(list(x.values()))
    if values[0] <= 0:
        return *NOTHING, "powers need values over 0"
    if np.any(np.diff(values) <= 0):
        return *NOTHING, "two of the numbers are the same, which has no likelihood"
    unit, ranks = x["median"], np.array([a + b * (n - 1) for a, b in (RANKS[k] for k in x)])
    values = values / unit
    best, found = -np.inf, None
    for power in (symmetric_power(values), 0.0, 1.0):
        if np.isnan(power):
            continue
        u = changed(values, power)
        numbers, size = {name: u[i : i + 1] for i, name in enumerate(x)}, np.array([n])
        start = np.array([power, mean(numbers, size)[0], np.log(sd(numbers, size)[0])])
        fit = minimize(
            lambda t: np.nan_to_num(-order_likelihood(t, values, ranks, n), posinf=1e10),
            start, method="L-BFGS-B", jac="3-point",
            bounds=[(0.0, HIGHEST), (None, None), (None, None)],
            options={"ftol": 1e-13, "gtol": 1e-7, "maxiter": 200},
        )  # fmt: skip
        if -fit.fun > best:
            best, found = -float(fit.fun), fit.x
    if found is None or not np.isfinite(best) or found[0] > 0.999 * HIGHEST:
        return *NOTHING, "no power makes these numbers likely"
    m, s = moments(float(found[0]), float(found[1]), float(np.exp(found[2])))
    return unit * m, unit * s, _said(float(found[0]), leans=False)
