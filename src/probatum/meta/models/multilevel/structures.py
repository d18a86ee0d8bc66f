"""Structures of the effects of `inner` within `outer`: a registry of covariance matrices.

A structure is made of standard deviations (one for all levels, or one for each) and a correlation
that depends on how far apart two levels are. Where all levels share a variance, that variance is
the parameter; where each has its own, the parameters are standard deviations, in which the
covariance is smooth up to 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from probatum.meta.types import Floats


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number that the search moves.

    Attributes
    ----------
    kind : {"variance", "sd", "rho", "angle"}
    lower, upper : float
        Where it may lie; variances and standard deviations in units of the data.
    """

    kind: str
    lower: float
    upper: float


VARIANCE = Parameter("variance", 0.0, math.inf)
_SD = Parameter("sd", 0.0, math.inf)
_ANGLE = Parameter("angle", -math.inf, math.inf)

Correlation = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""From parameters (r,) and lags (any shape) to correlations and derivatives (r, that shape)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A registered structure.

    Attributes
    ----------
    heterogeneous : bool
        Whether each level has its own variance.
    parameters : callable
        The correlation's, from h (levels) and the most of them within one level of `outer`.
    lag : {"other", "places", "values"}
        How far apart two levels are: 1 if they differ, or by their places in sorted order, or by
        their values.
    """

    code: str
    title: str
    heterogeneous: bool
    correlation: Correlation
    parameters: Callable[[int, int], tuple[Parameter, ...]]
    lag: str


STRUCTURES: dict[str, Kind] = {}


def _register(
    code: str, title: str, correlation: Correlation,
    parameters: Callable[[int, int], tuple[Parameter, ...]], *,
    heterogeneous: bool = False, lag: str = "other",
) -> None:  # fmt: skip
    STRUCTURES[code] = Kind(code, title, heterogeneous, correlation, parameters, lag)


def _independent(_: Floats, lag: Floats) -> tuple[Floats, Floats]:
    return np.where(lag == 0.0, 1.0, 0.0), np.zeros((0, *lag.shape))


def _exchangeable(rho: Floats, lag: Floats) -> tuple[Floats, Floats]:
    return np.where(lag == 0.0, 1.0, rho[0]), np.where(lag == 0.0, 0.0, 1.0)[None]


def _autoregressive(rho: Floats, lag: Floats) -> tuple[Floats, Floats]:
    r = float(rho[0])
    if r == 0.0:
        return np.where(lag == 0.0, 1.0, 0.0), np.where(lag == 1.0, 1.0, 0.0)[None]
    matrix = np.power(r, lag)
    return matrix, (lag * matrix / r)[None]


def _any(angles: Floats, lag: Floats) -> tuple[Floats, Floats]:
    """Rows of the Cholesky factor as points on a sphere.

    Pinheiro JC, Bates DM (1996). Unconstrained parametrizations for variance-covariance
    matrices. Statistics and Computing 6, 289-296, section 2.3.
    """
    h, q = len(lag), len(angles)
    L, dL = np.zeros((h, h)), np.zeros((q, h, h))
    L[0, 0], at = 1.0, 0
    for j in range(1, h):
        cos, sin = np.cos(angles[at : at + j]), np.sin(angles[at : at + j])
        ending = np.concatenate([cos, [1.0]])
        L[j, : j + 1] = ending * np.concatenate([[1.0], np.cumprod(sin)])
        for i in range(j):
            turned = ending.copy()
            turned[:i], turned[i] = 0.0, -sin[i]
            turned[i + 1 :] *= cos[i]
            others = np.where(np.arange(j) == i, 1.0, sin)
            dL[at + i, j, : j + 1] = turned * np.concatenate([[1.0], np.cumprod(others)])
        at += j
    dC = dL @ L.T
    return L @ L.T, dC + np.swapaxes(dC, 1, 2)


def angles_of(C: Floats) -> Floats:
    """The angles that give the correlation matrix C."""
    # a singular C is moved inside by less than the search can tell
    L, out = np.linalg.cholesky((1.0 - 1e-9) * C + 1e-9 * np.eye(len(C))), []
    for j in range(1, len(C)):
        left = 1.0
        for i in range(j):
            cos = float(np.clip(L[j, i] / left, -1.0, 1.0)) if left > 0.0 else 0.0
            out.append(math.acos(cos))
            left *= math.sqrt(1.0 - cos * cos)
    return np.array(out)


def _one_rho(h: int, together: int) -> tuple[Parameter, ...]:
    least = -1.0 / (together - 1) if together > 1 else 0.0
    return (Parameter("rho", least, 1.0),)


def _angles(h: int, together: int) -> tuple[Parameter, ...]:
    return (_ANGLE,) * (h * (h - 1) // 2)


def _none(h: int, together: int) -> tuple[Parameter, ...]:
    return ()


def _signed(h: int, together: int) -> tuple[Parameter, ...]:
    return (Parameter("rho", -1.0, 1.0),)


def _positive(h: int, together: int) -> tuple[Parameter, ...]:
    return (Parameter("rho", 0.0, 1.0),)


_register("CS", "one variance, one correlation", _exchangeable, _one_rho)
_register("HCS", "own variances, one correlation", _exchangeable, _one_rho, heterogeneous=True)
_register("UN", "any covariance matrix", _any, _angles, heterogeneous=True)
_register("ID", "one variance, independent", _independent, _none)
_register("DIAG", "own variances, independent", _independent, _none, heterogeneous=True)
_register("AR", "one variance, correlation by places", _autoregressive, _signed, lag="places")
_register("HAR", "own variances, correlation by places", _autoregressive, _signed,
          heterogeneous=True, lag="places")  # fmt: skip
_register("CAR", "one variance, correlation by time", _autoregressive, _positive, lag="values")


class Structure:
    """A registered structure of h levels: from parameters to a covariance matrix."""

    def __init__(self, kind: Kind, h: int, together: int) -> None:
        if kind.code == "UN" and h == 2:
            kind, together = STRUCTURES["HCS"], 2  # the same family, its parameter the correlation
        self.kind, self.h = kind, h
        self.variances = h if kind.heterogeneous else 1
        # independent levels add their variances linearly; correlated ones are smooth in the sd
        self.by_sd = kind.heterogeneous and kind.correlation is not _independent
        own = _SD if self.by_sd else VARIANCE
        self.parameters = (own,) * self.variances + kind.parameters(h, together)
        self._last: tuple[bytes, tuple[Floats, Floats]] | None = None

    @property
    def pairwise(self) -> bool:
        """Whether each pair of levels has its own correlation, given by angles."""
        return _ANGLE in self.parameters

    def start(self, variance: float, rho: float) -> Floats:
        """Parameters with this variance, and about this correlation between neighbours."""
        own = np.full(self.variances, math.sqrt(variance) if self.by_sd else variance)
        left = self.parameters[self.variances :]
        if self.pairwise:
            rho = max(rho, -0.9 / (self.h - 1))
            C = np.eye(self.h) + rho * (1.0 - np.eye(self.h))
            return np.concatenate([own, angles_of(C)])
        return np.concatenate([own, [min(max(rho, p.lower), p.upper) for p in left]])

    def of_levels(self, theta: Floats, lag: Floats) -> tuple[Floats, Floats]:
        """Covariances of all pairs of levels; kept, since every batch of blocks asks for them."""
        key = theta.tobytes()
        if self._last is None or self._last[0] != key:
            self._last = (key, self.covariance(theta, lag))
        return self._last[1]

    def covariance(self, theta: Floats, lag: Floats) -> tuple[Floats, Floats]:
        """Covariances of the shape of `lag`, and their derivatives by each parameter.

        `lag` is (h, h) for all pairs of levels where each level has its own variance.
        """
        n = self.variances
        C, dC = self.kind.correlation(theta[n:], lag)
        if not self.kind.heterogeneous:
            return theta[0] * C, np.concatenate([C[None], theta[0] * dC])
        unit = np.eye(n)
        if not self.by_sd:
            return np.diag(theta[:n]), unit[:, :, None] * unit[:, None, :]
        sd = theta[:n]
        scale = np.outer(sd, sd)
        raised = unit[:, :, None] * sd[None, None, :]
        return scale * C, np.concatenate([(raised + np.swapaxes(raised, 1, 2)) * C, scale * dC])
