"""Exact limits for a single proportion or rate, where no ratio can be computed.

No event in n people doesn't mean no risk: the exact upper limit says how large the risk could
still be. Which limit is meant has to be named, since a one-sided 95% limit (the "rule of three")
is lower than the upper end of a two-sided 95% interval.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainccinv, betaincinv, gammainccinv, gammaincinv

from probatum.errors import BadInput, UnknownOption

Floats = NDArray[np.float64]
Sides = Literal["one", "two"]


def _tail(level: float, sides: str) -> float:
    """Probability outside the limit(s) on one side."""
    if isinstance(level, bool) or not 0 < level < 100:
        raise BadInput(f"level is in percent, over 0 and under 100, such as 95; got {level!r}")
    if level < 1:
        raise BadInput(f"level is in percent: write {level * 100:g}, not {level!r}")
    if sides not in ("one", "two"):
        raise UnknownOption("sides", sides, ("one", "two"))
    return (1 - level / 100) / (1 if sides == "one" else 2)


def _events(x: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Broadcast events and trials; impossible pairs become NaN."""
    xs, ns = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(n, np.float64))
    good = (xs >= 0) & (xs <= ns) & (ns > 0) & np.isfinite(ns)
    # ends have a limit of exactly 0 or 1; the placeholder keeps the beta function defined
    return np.where(good, xs, np.nan), np.where(good, ns, np.nan), np.where(good, 1.0, np.nan)


def binomial_interval(x: ArrayLike, n: ArrayLike, *, level: float = 95) -> tuple[Floats, Floats]:
    """Exact two-sided interval for a proportion (Clopper & Pearson 1934, Biometrika 26:404).

    Parameters
    ----------
    x, n : array_like
        Events and people; shapes broadcast.
    level : float
        Confidence level in percent.

    Returns
    -------
    lower, upper : ndarray
        Limits on the proportion; NaN where x or n is missing or impossible (x over n, n of 0).

    Raises
    ------
    BadInput
        If level isn't a percentage between 1 and 100.

    Examples
    --------
    >>> lower, upper = binomial_interval(0, 100)
    >>> float(lower), round(float(upper), 5)
    (0.0, 0.03622)
    """
    tail = _tail(level, "two")
    return _binomial_lower(x, n, tail), _binomial_upper(x, n, tail)


def _binomial_lower(x: ArrayLike, n: ArrayLike, tail: float) -> Floats:
    """Proportion at which x or more events have probability `tail` (0 for no events)."""
    xs, ns, good = _events(x, n)
    inside = betaincinv(np.where(xs > 0, xs, 1.0), ns - xs + 1, tail)
    return (np.where(xs > 0, inside, 0.0) * good)[()]


def _binomial_upper(x: ArrayLike, n: ArrayLike, tail: float) -> Floats:
    """Proportion at which x or fewer events have probability `tail` (1 for nothing but events)."""
    xs, ns, good = _events(x, n)
    inside = betainccinv(xs + 1, np.where(xs < ns, ns - xs, 1.0), tail)
    return (np.where(xs < ns, inside, 1.0) * good)[()]


def binomial_upper(x: ArrayLike, n: ArrayLike, *, sides: Sides, level: float = 95) -> Floats:
    """Exact upper limit for a proportion (Clopper & Pearson 1934, Biometrika 26:404).

    Parameters
    ----------
    x, n : array_like
        Events and people; shapes broadcast.
    sides : {"one", "two"}
        "one": the limit is exceeded with probability 100 - level percent. "two": the upper end of
        the two-sided interval of that level.
    level : float
        Confidence level in percent.

    Returns
    -------
    ndarray
        Upper limit on the proportion, NaN where x or n is missing or impossible.

    Raises
    ------
    BadInput, UnknownOption
        If level or sides can't be used.

    Examples
    --------
    No event in 100 people; one-sided the answer is close to 3/n (the rule of three):

    >>> round(float(binomial_upper(0, 100, sides="one")), 5)
    0.02951
    >>> round(float(binomial_upper(0, 100, sides="two")), 5)
    0.03622
    """
    return _binomial_upper(x, n, _tail(level, sides))


def _exposure(x: ArrayLike, t: ArrayLike) -> tuple[Floats, Floats]:
    """Broadcast events and person-time; impossible pairs become NaN."""
    xs, ts = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(t, np.float64))
    good = (xs >= 0) & np.isfinite(xs) & (ts > 0) & np.isfinite(ts)
    return np.where(good, xs, np.nan), np.where(good, ts, np.nan)


def poisson_interval(
    x: ArrayLike, t: ArrayLike = 1.0, *, level: float = 95
) -> tuple[Floats, Floats]:
    """Exact two-sided interval for a rate (Garwood 1936, Biometrika 28:437).

    Parameters
    ----------
    x, t : array_like
        Events and person-time; shapes broadcast. With t = 1 the limits are those of the count.
    level : float
        Confidence level in percent.

    Returns
    -------
    lower, upper : ndarray
        Limits on the rate; NaN where x or t is missing or impossible.

    Raises
    ------
    BadInput
        If level isn't a percentage between 1 and 100.

    Examples
    --------
    >>> lower, upper = poisson_interval(10)
    >>> round(float(lower), 4), round(float(upper), 4)
    (4.7954, 18.3904)
    """
    tail = _tail(level, "two")
    xs, ts = _exposure(x, t)
    lower = np.where(xs == 0, 0 * ts, gammaincinv(np.where(xs > 0, xs, 1.0), tail) / ts)
    return lower[()], (gammainccinv(xs + 1, tail) / ts)[()]


def poisson_upper(x: ArrayLike, t: ArrayLike = 1.0, *, sides: Sides, level: float = 95) -> Floats:
    """Exact upper limit for a rate (Garwood 1936, Biometrika 28:437).

    Parameters
    ----------
    x, t : array_like
        Events and person-time; shapes broadcast.
    sides : {"one", "two"}
        As in `binomial_upper`.
    level : float
        Confidence level in percent.

    Returns
    -------
    ndarray
        Upper limit on the rate, NaN where x or t is missing or impossible.

    Raises
    ------
    BadInput, UnknownOption
        If level or sides can't be used.

    Examples
    --------
    >>> round(float(poisson_upper(0, 100, sides="one")), 6)
    0.029957
    """
    xs, ts = _exposure(x, t)
    out: Floats = gammainccinv(xs + 1, _tail(level, sides)) / ts
    return out
