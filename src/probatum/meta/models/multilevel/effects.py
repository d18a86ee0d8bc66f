"""The terms of a model as rows see them, and what they add to the covariance of a block."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from probatum.meta.models.multilevel.distances import Metric, euclidean
from probatum.meta.models.multilevel.factors import Ints
from probatum.meta.models.multilevel.structures import VARIANCE, Parameter, Structure
from probatum.meta.types import Bools, Floats


class Pattern(Protocol):
    """What one term adds to n blocks of m rows."""

    def value(self, theta: Floats) -> Floats:
        """Covariance, shape (n, m, m)."""

    def slopes(self, theta: Floats) -> list[Floats]:
        """Its derivative by each parameter, each of shape (n, m, m)."""


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """A random intercept for each level of a factor.

    Attributes
    ----------
    outer : ndarray of int, shape (k,)
        Level of each row; rows of different levels are independent in this term.
    relation : ndarray, shape (levels, levels), or None
        Known correlation of the levels (then those that are correlated are linked).
    """

    outer: Ints
    relation: Floats | None = None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What the search moves."""
        return (VARIANCE,)

    def take(self, kept: Bools) -> Effect:
        """For the rows that `kept` marks."""
        return replace(self, outer=self.outer[kept])

    def pattern(self, rows: Ints) -> Pattern:
        """Its covariance for blocks of rows, shape (n, m)."""
        code = self.outer[rows]
        if self.relation is not None:
            return _Shared(self.relation[code[:, :, None], code[:, None, :]])
        return _Shared(_same(code))


@dataclass(frozen=True, slots=True, eq=False)
class LevelEffect:
    """Effects of the levels of `inner`, structured within the levels of `outer`.

    Attributes
    ----------
    inner : ndarray of int, shape (k,)
    position : ndarray, shape (k, d)
        From which lags are taken: place, value or coordinates of the level.
    metric : callable
        The lag between positions.
    """

    outer: Ints
    inner: Ints
    position: Floats
    structure: Structure
    metric: Metric = euclidean

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What the search moves."""
        return self.structure.parameters

    @property
    def level_lags(self) -> Floats:
        """Lag of each pair of levels, shape (h, h)."""
        at = np.zeros((self.structure.h, self.position.shape[1]))
        at[self.inner] = self.position
        return self._lags(at)

    def nearest_lag(self, value: float) -> float:
        """The lag of two positions that is closest to a value."""
        places, best = np.unique(self.position, axis=0), np.inf
        for place in places:
            lags = self.metric(place[None], places) / self.structure.lag_unit
            best = min(
                best, float(lags[np.argmin(np.abs(lags - value))]), key=lambda x: abs(x - value)
            )
        return best

    def _lags(self, position: Floats) -> Floats:
        apart = self.metric(position[..., :, None, :], position[..., None, :, :])
        other = self.structure.kind.lag == "other"
        return np.asarray(np.sign(apart) if other else apart / self.structure.lag_unit)

    def take(self, kept: Bools) -> LevelEffect:
        """For the rows that `kept` marks."""
        return replace(
            self, outer=self.outer[kept], inner=self.inner[kept], position=self.position[kept]
        )

    def pattern(self, rows: Ints) -> Pattern:
        """Its covariance for blocks of rows, shape (n, m)."""
        same = _same(self.outer[rows])
        if not self.structure.kind.heterogeneous:
            return _Lagged(same, self._lags(self.position[rows]), self.structure)
        at = self.inner[rows]
        pairs = at[:, :, None] * self.structure.h + at[:, None, :]
        return _Levelled(same, pairs, self.level_lags, self.structure)


@dataclass(frozen=True, slots=True, eq=False)
class SlopeEffect:
    """Random coefficients of variables, one set for each level of a factor.

    Attributes
    ----------
    outer : ndarray of int, shape (k,)
    z : ndarray, shape (k, h)
        The variables.
    """

    outer: Ints
    z: Floats
    structure: Structure

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What the search moves."""
        return self.structure.parameters

    def take(self, kept: Bools) -> SlopeEffect:
        """For the rows that `kept` marks."""
        return replace(self, outer=self.outer[kept], z=self.z[kept])

    def pattern(self, rows: Ints) -> Pattern:
        """Its covariance for blocks of rows, shape (n, m)."""
        return _Sloped(_same(self.outer[rows]), self.z[rows], self.structure)


AnyEffect = Effect | LevelEffect | SlopeEffect


def _same(code: Ints) -> Floats:
    return np.asarray(code[:, :, None] == code[:, None, :], dtype=np.float64)


class _Shared:
    def __init__(self, same: Floats) -> None:
        self._same = same

    def value(self, theta: Floats) -> Floats:
        return np.asarray(theta[0] * self._same)

    def slopes(self, theta: Floats) -> list[Floats]:
        return [self._same]


class _Lagged:
    def __init__(self, same: Floats, lag: Floats, structure: Structure) -> None:
        self._same, self._lag, self._structure = same, lag, structure

    def value(self, theta: Floats) -> Floats:
        return np.asarray(self._same * self._structure.covariance(theta, self._lag)[0])

    def slopes(self, theta: Floats) -> list[Floats]:
        return [self._same * d for d in self._structure.covariance(theta, self._lag)[1]]


class _Sloped:
    def __init__(self, same: Floats, z: Floats, structure: Structure) -> None:
        self._same, self._z, self._structure = same, z, structure
        self._lag = 1.0 - np.eye(structure.h)

    def _through(self, G: Floats) -> Floats:
        return np.asarray(self._same * (self._z @ G @ np.swapaxes(self._z, 1, 2)))

    def value(self, theta: Floats) -> Floats:
        return self._through(self._structure.of_levels(theta, self._lag)[0])

    def slopes(self, theta: Floats) -> list[Floats]:
        return [self._through(d) for d in self._structure.of_levels(theta, self._lag)[1]]


class _Levelled:
    def __init__(self, same: Floats, pairs: Ints, lag: Floats, structure: Structure) -> None:
        self._same, self._pairs, self._lag, self._structure = same, pairs, lag, structure

    def value(self, theta: Floats) -> Floats:
        G, _ = self._structure.of_levels(theta, self._lag)
        return np.asarray(self._same * np.take(G.ravel(), self._pairs))

    def slopes(self, theta: Floats) -> list[Floats]:
        _, dG = self._structure.of_levels(theta, self._lag)
        return [self._same * np.take(d.ravel(), self._pairs) for d in dG]
