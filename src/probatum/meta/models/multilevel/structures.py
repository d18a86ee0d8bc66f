"""Structures of the effects of `inner` within `outer`: a registry of covariance matrices.

A structure is made of standard deviations (one for all levels, or one for each) and a correlation
that depends on how far apart two levels are. Where all levels share a variance, that variance is
the parameter; where each has its own, the parameters are standard deviations, in which the
covariance is smooth up to 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from probatum.meta.types import Floats


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number that the search moves.

    Attributes
    ----------
    kind : {"variance", "sd", "rho", "angle", "range"}
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
    lag : {"other", "places", "values", "space", "slopes"}
        How far apart two levels are: 1 if they differ, or by their places in sorted order, their
        values, or the distance of two places; "slopes": `inner` holds variables with random
        coefficients instead of levels.
    kinked : bool
        Whether the likelihood has a kink where the range is the distance of two places.
    """

    code: str
    title: str
    heterogeneous: bool
    correlation: Correlation
    parameters: Callable[[int, int], tuple[Parameter, ...]]
    lag: str
    kinked: bool = False


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


def _of_distance(shape: Callable[[Floats], tuple[Floats, Floats]]) -> Correlation:
    """From a function of distance over range, and its derivative, to a correlation."""

    def correlation(scale: Floats, lag: Floats) -> tuple[Floats, Floats]:
        x = lag / scale[0]
        value, slope = shape(x)
        return value, (-slope * x / scale[0])[None]

    return correlation


def _exponential(x: Floats) -> tuple[Floats, Floats]:
    return np.exp(-x), -np.exp(-x)


def _gaussian(x: Floats) -> tuple[Floats, Floats]:
    value = np.exp(-(x**2))
    return value, -2.0 * x * value


def _linear(x: Floats) -> tuple[Floats, Floats]:
    near = x < 1.0
    return np.where(near, 1.0 - x, 0.0), np.where(near, -1.0, 0.0)


def _rational(x: Floats) -> tuple[Floats, Floats]:
    return 1.0 / (1.0 + x**2), -2.0 * x / (1.0 + x**2) ** 2


def _spherical(x: Floats) -> tuple[Floats, Floats]:
    near = x < 1.0
    value = np.where(near, 1.0 - 1.5 * x + 0.5 * x**3, 0.0)
    return value, np.where(near, -1.5 + 1.5 * x**2, 0.0)


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


def _range(h: int, together: int) -> tuple[Parameter, ...]:
    return (Parameter("range", 1e-4, 1e3),)


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
for _code, _title, _shape in (
    ("SPEXP", "one variance, correlation exp(-d / rho)", _exponential),
    ("SPGAU", "one variance, correlation exp(-(d / rho)^2)", _gaussian),
    ("SPLIN", "one variance, correlation 1 - d / rho up to rho", _linear),
    ("SPRAT", "one variance, correlation 1 / (1 + (d / rho)^2)", _rational),
    ("SPSPH", "one variance, spherical correlation up to rho", _spherical),
):
    _register(_code, _title, _of_distance(_shape), _range, lag="space")
STRUCTURES["SPLIN"] = replace(STRUCTURES["SPLIN"], kinked=True)
_register("GEN", "correlated random coefficients", _any, _angles,
          heterogeneous=True, lag="slopes")  # fmt: skip
_register("GDIAG", "independent random coefficients", _independent, _none,
          heterogeneous=True, lag="slopes")  # fmt: skip


class Structure:
    """A registered structure of h levels: from parameters to a covariance matrix.

    `lag_unit` is the distance that the search counts as 1, `shortest` in it the least one: ranges
    are looked for between the two.
    """

    def __init__(
        self, kind: Kind, h: int, together: int, lag_unit: float = 1.0, shortest: float = 0.05
    ) -> None:
        if kind.correlation is _any and h == 2:
            # the same family, its parameter the correlation
            kind, together = replace(kind, correlation=_exchangeable, parameters=_one_rho), 2
        self.kind, self.h, self.lag_unit = kind, h, lag_unit
        self.shortest = min(max(shortest, 1e-4), 0.05)
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
        low, share = self.shortest, 0.5 + 0.5 * rho
        rest = [low * (2.0 / low) ** share if p.kind == "range" else rho for p in left]
        return np.concatenate([own, [min(max(r, p.lower), p.upper) for r, p in zip(rest, left)]])

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
