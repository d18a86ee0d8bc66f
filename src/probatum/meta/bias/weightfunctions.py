"""How likely a study with one-sided p-value p is to be seen: the functions of selection models.

Each gives log w(p) with its first and second derivatives in delta; w is relative, so a constant
factor is free.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtr

from probatum.meta.types import Floats

ALTERNATIVES = ("greater", "less", "two-sided")


@dataclass(frozen=True, slots=True, eq=False)
class PValues:
    """p-values with the logs of p and of 1 - p, which keep their digits near 0 and 1."""

    p: Floats
    log_p: Floats
    log_q: Floats


def p_values(z: Floats, alternative: str, floor: float = 0.0) -> PValues:
    """p with its logs, kept between `floor` and 1 - `floor`; z = y / standard error."""
    if alternative == "two-sided":
        size = np.abs(z)
        log_p = np.log(2.0) + log_ndtr(-size)
        log_q = np.log(np.maximum(2.0 * ndtr(size) - 1.0, 1e-300))
        p = 2.0 * ndtr(-size)
    else:
        sign = 1.0 if alternative == "greater" else -1.0
        p, log_p, log_q = ndtr(-sign * z), log_ndtr(-sign * z), log_ndtr(sign * z)
    if floor > 0.0:
        low, high = np.log(floor), np.log1p(-floor)
        p = np.clip(p, floor, 1.0 - floor)
        log_p, log_q = np.clip(log_p, low, high), np.clip(log_q, low, high)
    return PValues(p, log_p, log_q)


# delta (q, starts, 1) and p (n,) -> log w, its first derivatives, and its second ones in the order
# 00 01 11 of pairs; each an array that broadcasts to (starts, n)
Jet = tuple[Floats, tuple[Floats, ...], tuple[Floats | float, ...]]
LogWeight = Callable[[Floats, PValues], Jet]


@dataclass(frozen=True, slots=True)
class WeightFunction:
    """A selection function.

    Attributes
    ----------
    code, name, source : str
    start, lower, upper : tuple of float
        Starting values and bounds of delta.
    none : tuple of float
        The delta that means no selection.
    log_weight : callable
    p_min : float
        p-values are kept between it and 1 - p_min. Where w has no bound as p goes to 0 or 1 one
        study would decide everything; metafor's limit for these functions is 1e-5.
    """

    code: str
    name: str
    source: str
    start: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    none: tuple[float, ...]
    log_weight: LogWeight
    p_min: float = 0.0
    flat: Callable[[Floats], float] | None = None
    width: float = 2.0


FUNCTIONS: dict[str, WeightFunction] = {}
PRESTON = (
    "Preston C, Ashby D, Smyth R (2004). Journal of Evaluation in Clinical Practice 10, 313-322"
)
INF = float("inf")


_FAR = 9.0  # p is 1e-19 there


def _far(delta: Floats) -> float:
    return _FAR


def _far_of_a_power(delta: Floats) -> float:
    """p^(1 / b) falls as exp(-z^2 / 2b)."""
    return _FAR * float(np.sqrt(max(1.0, np.max(delta[:, 1]))))


def _register(
    code: str, name: str, source: str, start: tuple[float, ...], none: tuple[float, ...],
    lower: tuple[float, ...], upper: tuple[float, ...], p_min: float = 0.0,
    flat: Callable[[Floats], float] | None = None, width: float = 2.0,
) -> Callable[[LogWeight], LogWeight]:  # fmt: skip
    def add(log_weight: LogWeight) -> LogWeight:
        FUNCTIONS[code] = WeightFunction(
            code, name, source, start, lower, upper, none, log_weight, p_min, flat, width
        )
        return log_weight

    return add


@_register(
    "beta", "beta density", "Citkowicz M, Vevea JL (2017). Psychological Methods 22, 28-41",
    (1.0, 1.0), (1.0, 1.0), (1e-5, 1e-5), (INF, INF), 1e-5,
)  # fmt: skip
def _beta(delta: Floats, at: PValues) -> Jet:
    value = (delta[0] - 1.0) * at.log_p + (delta[1] - 1.0) * at.log_q
    return value, (at.log_p, at.log_q), (0.0, 0.0, 0.0)


@_register("halfnorm", "half-normal", PRESTON, (1.0,), (0.0,), (0.0,), (INF,), flat=_far)
def _half_normal(delta: Floats, at: PValues) -> Jet:
    square = at.p**2
    return -delta[0] * square, (-square,), (0.0,)


@_register("negexp", "negative exponential", PRESTON, (1.0,), (0.0,), (0.0,), (INF,), flat=_far)
def _negative_exponential(delta: Floats, at: PValues) -> Jet:
    return -delta[0] * at.p, (-at.p,), (0.0,)


@_register("logistic", "logistic", PRESTON, (1.0,), (0.0,), (0.0,), (INF,), flat=_far)
def _logistic(delta: Floats, at: PValues) -> Jet:
    x = delta[0] * at.p
    value = np.log(2.0) - np.logaddexp(0.0, x)
    chance = 1.0 / (1.0 + np.exp(-x))
    return value, (-at.p * chance,), (-(at.p**2) * chance * (1.0 - chance),)


@_register("power", "power", PRESTON, (1.0,), (0.0,), (0.0,), (INF,), 1e-5)
def _power(delta: Floats, at: PValues) -> Jet:
    return delta[0] * at.log_q, (at.log_q,), (0.0,)


@_register(
    "negexppow", "negative exponential of a power of p",
    "Begg CB, Mazumdar M (1994). Biometrics 50, 1088-1101, p. 1093",
    # below 0.02 the function is a spike at p = 1, which the likelihood would chase
    (1.0, 1.0), (0.0, 1.0), (0.0, 0.02), (INF, INF), flat=_far_of_a_power, width=0.25,
)  # fmt: skip
def _negative_exponential_power(delta: Floats, at: PValues) -> Jet:
    inverse = 1.0 / delta[1]
    powered = np.exp(inverse * at.log_p)
    turn = powered * at.log_p * inverse**2  # minus the derivative of `powered` in delta[1]
    bend = -turn * inverse * (2.0 + inverse * at.log_p)
    return -delta[0] * powered, (-powered, delta[0] * turn), (0.0, turn, delta[0] * bend)
