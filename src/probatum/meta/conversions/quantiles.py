"""Distributions fitted to a few quantiles, for means and SDs of skewed values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares
from scipy.special import betaincinv, gammaincinv, gammaln, ndtri

from probatum.meta.types import Floats

Numbers = dict[str, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """A family of distributions with two parameters.

    `quantile` takes probabilities and two unbounded parameters, `moments` gives mean and SD,
    `start` parameters near given mean and SD; `low` and `high` bound the values it can have.
    """

    name: str
    quantile: Callable[[Floats, Floats], Floats]
    moments: Callable[[Floats], tuple[float, float]]
    start: Callable[[float, float], list[float]]
    low: float = 0.0
    high: float = np.inf


def _lognormal_moments(t: Floats) -> tuple[float, float]:
    v = np.exp(2 * t[1])
    mean = np.exp(t[0] + v / 2)
    return float(mean), float(mean * np.sqrt(np.expm1(v)))


def _lognormal_start(mean: float, sd: float) -> list[float]:
    v = np.log1p((sd / mean) ** 2)
    return [np.log(mean) - v / 2, np.log(v) / 2]


def _gamma_moments(t: Floats) -> tuple[float, float]:
    shape, scale = np.exp(t)
    return float(shape * scale), float(np.sqrt(shape) * scale)


def _weibull_moments(t: Floats) -> tuple[float, float]:
    shape, scale = np.exp(t)
    first, second = np.exp(gammaln(1 + 1 / shape)), np.exp(gammaln(1 + 2 / shape))
    return float(scale * first), float(scale * np.sqrt(max(second - first**2, 0.0)))


def _weibull_start(mean: float, sd: float) -> list[float]:
    shape = (sd / mean) ** -1.086  # Justus et al. 1978, J Appl Meteorol 17:350
    return [np.log(shape), np.log(mean) - float(gammaln(1 + 1 / shape))]


def _beta_moments(t: Floats) -> tuple[float, float]:
    a, b = np.exp(t)
    mean = a / (a + b)
    return float(mean), float(np.sqrt(mean * (1 - mean) / (a + b + 1)))


def _beta_start(mean: float, sd: float) -> list[float]:
    size = max(mean * (1 - mean) / sd**2 - 1, 0.1)
    return [np.log(mean * size), np.log((1 - mean) * size)]


SHAPES = (
    Shape("normal", lambda p, t: t[0] + np.exp(t[1]) * ndtri(p),
          lambda t: (float(t[0]), float(np.exp(t[1]))), lambda m, s: [m, np.log(s)], low=-np.inf),
    Shape("log-normal", lambda p, t: np.exp(t[0] + np.exp(t[1]) * ndtri(p)), _lognormal_moments,
          _lognormal_start),
    Shape("gamma", lambda p, t: np.exp(t[1]) * gammaincinv(np.exp(t[0]), p), _gamma_moments,
          lambda m, s: [2 * np.log(m / s), 2 * np.log(s) - np.log(m)]),
    Shape("beta", lambda p, t: betaincinv(np.exp(t[0]), np.exp(t[1]), p), _beta_moments,
          _beta_start, high=1.0),
    Shape("Weibull", lambda p, t: np.exp(t[1]) * (-np.log1p(-p)) ** np.exp(-t[0]),
          _weibull_moments, _weibull_start),
)  # fmt: skip


def nearest(x: Numbers, n: float) -> tuple[float, float, str]:
    """Mean and SD of the distribution whose quantiles are nearest to the numbers.

    Quantile estimation (McGrath S et al. 2020, Statistical Methods in Medical Research 29,
    2520-2537): least squares over the families of SHAPES; the ends of the range are taken as the
    quantiles 1/n and 1 - 1/n.

    Returns
    -------
    mean, sd : float
        NaN where it can't be done.
    said : str
        What is assumed, or why it can't be done.
    """
    places = {"min": 1 / n, "q1": 0.25, "median": 0.5, "q3": 0.75, "max": 1 - 1 / n}
    values, p = np.array(list(x.values())), np.array([places[name] for name in x])
    unit = float(values[-1] - values[0])
    rough = _rough(values, p)
    best, found = np.inf, (np.nan, np.nan, "no distribution could be fitted")
    for shape in SHAPES:
        if not (shape.low < values[0] and values[-1] < shape.high) or rough[0] <= shape.low:
            continue
        with np.errstate(all="ignore"):
            fit = least_squares(
                lambda t, shape=shape: np.nan_to_num(
                    (shape.quantile(p, t) - values) / unit, nan=1e6, posinf=1e6, neginf=-1e6
                ),
                shape.start(*rough),
                xtol=1e-14,
                ftol=1e-14,
                gtol=1e-14,
            )
            mean, sd = shape.moments(fit.x)
        if fit.cost < best and np.isfinite(sd):
            best = fit.cost
            found = mean, sd, f"assumes a {shape.name} distribution, the nearest of those tried"
    return found


def _rough(values: Floats, p: Floats) -> tuple[float, float]:
    """Mean and SD of the normal distribution nearest to the quantiles."""
    z = ndtri(p)
    sd = float(np.sum((z - z.mean()) * values) / np.sum((z - z.mean()) ** 2))
    return float(values.mean() - sd * z.mean()), sd
