"""How likely a study with one-sided p-value p is to be seen: the functions of selection models.

Each gives log w(p) and its derivatives in delta; w is relative, so a constant factor is free.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from probatum.meta.types import Floats


@dataclass(frozen=True, slots=True, eq=False)
class PValues:
    """p-values with the logs of p and of 1 - p, which keep their digits near 0 and 1."""

    p: Floats
    log_p: Floats
    log_q: Floats


# delta, p -> log w and its derivatives, shape (parameters, ...)
LogWeight = Callable[[Floats, PValues], tuple[Floats, Floats]]


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


FUNCTIONS: dict[str, WeightFunction] = {}
PRESTON = (
    "Preston C, Ashby D, Smyth R (2004). Journal of Evaluation in Clinical Practice 10, 313-322"
)
INF = float("inf")


def _register(
    code: str, name: str, source: str, start: tuple[float, ...], none: tuple[float, ...],
    lower: tuple[float, ...], upper: tuple[float, ...], p_min: float = 0.0,
) -> Callable[[LogWeight], LogWeight]:  # fmt: skip
    def add(log_weight: LogWeight) -> LogWeight:
        FUNCTIONS[code] = WeightFunction(
            code, name, source, start, lower, upper, none, log_weight, p_min
        )
        return log_weight

    return add


@_register(
    "beta", "beta density", "Citkowicz M, Vevea JL (2017). Psychological Methods 22, 28-41",
    (1.0, 1.0), (1.0, 1.0), (1e-5, 1e-5), (INF, INF), 1e-5,
)  # fmt: skip
def _beta(delta: Floats, at: PValues) -> tuple[Floats, Floats]:
    value = (delta[0] - 1.0) * at.log_p + (delta[1] - 1.0) * at.log_q
    return value, np.stack([at.log_p, at.log_q])


@_register("halfnorm", "half-normal", PRESTON, (1.0,), (0.0,), (0.0,), (INF,))
def _half_normal(delta: Floats, at: PValues) -> tuple[Floats, Floats]:
    return -delta[0] * at.p**2, -(at.p**2)[None]


@_register("negexp", "negative exponential", PRESTON, (1.0,), (0.0,), (0.0,), (INF,))
def _negative_exponential(delta: Floats, at: PValues) -> tuple[Floats, Floats]:
    return -delta[0] * at.p, -at.p[None]


@_register("logistic", "logistic", PRESTON, (1.0,), (0.0,), (0.0,), (INF,))
def _logistic(delta: Floats, at: PValues) -> tuple[Floats, Floats]:
    x = delta[0] * at.p
    value = np.log(2.0) - np.logaddexp(0.0, x)
    return value, -(at.p / (1.0 + np.exp(-x)))[None]


@_register("power", "power", PRESTON, (1.0,), (0.0,), (0.0,), (INF,), 1e-5)
def _power(delta: Floats, at: PValues) -> tuple[Floats, Floats]:
    return delta[0] * at.log_q, at.log_q[None]


@_register(
    "negexppow", "negative exponential of a power of p",
    "Begg CB, Mazumdar M (1994). Biometrics 50, 1088-1101, p. 1093",
    # below 0.02 the function is a spike at p = 1, which the likelihood would chase
    (1.0, 1.0), (0.0, 1.0), (0.0, 0.02), (INF, INF),
)  # fmt: skip
def _negative_exponential_power(delta: Floats, at: PValues) -> tuple[Floats, Floats]:
    inverse = 1.0 / float(delta[1])
    powered = np.exp(inverse * at.log_p)
    return -delta[0] * powered, np.stack([-powered, delta[0] * powered * at.log_p * inverse**2])
