"""The parameters of a fit by name: variances and correlations on the scale of the data."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from probatum.meta.models.multilevel.structures import Structure
from probatum.meta.types import Bools, Floats


@dataclass(frozen=True, slots=True)
class Component:
    """A variance or correlation of the model.

    Attributes
    ----------
    kind : {"sigma2", "tau2", "rho", "gamma2", "phi"}
    term : str
        The term of the formula it belongs to.
    level : str
        Level of `inner`, or a pair of them ("" where all share it).
    value : float
        Variance or correlation, for spatial structures the range in units of distance. NaN for
        the correlation of two levels that never occur together.
    I2 : float
        Share of the total variance in percent (NaN for correlations).
    groups : int
        Levels of the grouping factor.
    fixed : bool
        Whether it was given, or can't be estimated, rather than estimated.
    """

    kind: str
    term: str
    level: str
    value: float
    I2: float
    groups: int
    fixed: bool

    @property
    def is_correlation(self) -> bool:
        """Whether it is a correlation rather than a variance."""
        return self.kind in ("rho", "phi")

    @property
    def name(self) -> str:
        """Such as ``sigma2 study/id`` or ``tau2 outcome | study [PD]``."""
        return f"{self.kind} {self.term}" + (f" [{self.level}]" if self.level else "")


def variances(structure: Structure | None, theta: Floats) -> Floats:
    """A term's variances, in the units of `theta`."""
    if structure is None:
        return theta
    own = theta[: structure.variances]
    return own**2 if structure.by_sd else own


def correlations(structure: Structure | None, theta: Floats) -> Floats:
    """A term's correlations: one, or one per pair of levels (1-2, 1-3, ..., 2-3, ...)."""
    if structure is None:
        return np.zeros(0)
    rest = theta[structure.variances :]
    if not structure.pairwise:
        return rest * structure.lag_unit
    C, _ = structure.kind.correlation(rest, np.zeros((structure.h, structure.h)))
    return np.asarray(C[np.triu_indices(structure.h, 1)])


def jacobian(structure: Structure | None, theta: Floats) -> Floats:
    """Derivative of variances and correlations by the parameters, shape (components, q)."""
    if structure is None:
        return np.eye(1)
    n = structure.variances
    top = np.zeros((n, len(theta)))
    top[:, :n] = np.diag(2.0 * theta[:n]) if structure.by_sd else np.eye(n)
    rest = theta[n:]
    if not structure.pairwise:
        bottom = structure.lag_unit * np.eye(len(theta))[n:]
    else:
        _, dC = structure.kind.correlation(rest, np.zeros((structure.h, structure.h)))
        pairs = np.triu_indices(structure.h, 1)
        bottom = np.hstack([np.zeros((len(pairs[0]), n)), dC[:, pairs[0], pairs[1]].T])
    return np.vstack([top, bottom])


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """What a term's components are called.

    Attributes
    ----------
    kinds : pair of str
        Of variances and correlations.
    levels : tuple of str
        One per variance ("" for a common one).
    groups : int
    together : ndarray of bool, shape (h, h), or None
        Which levels of `inner` occur within one level of `outer`, where that is told by pairs.
    """

    kinds: tuple[str, str]
    term: str
    levels: tuple[str, ...]
    groups: int
    together: Bools | None = None

    def components(
        self, structure: Structure | None, theta: Floats, unit: float, free: Bools, I2: Floats
    ) -> list[Component]:
        """The term's components at these parameters."""
        own = variances(structure, theta) * unit
        out = [
            Component(self.kinds[0], self.term, name, float(x), float(share), self.groups, not f)
            for name, x, share, f in zip(self.levels, own, I2, free)
        ]
        rho = correlations(structure, theta)
        for (name, seen), value in zip(self._pairs(len(rho)), rho):
            fixed = not (seen and free[-1])
            shown = float(value) if seen else math.nan
            out.append(
                Component(self.kinds[1], self.term, name, shown, math.nan, self.groups, fixed)
            )
        return out

    def _pairs(self, many: int) -> list[tuple[str, bool]]:
        """Name of each correlation, and whether the data have such pairs at all."""
        if self.together is None or many < 2:
            return [(", ".join(self.levels) if len(self.levels) == 2 else "", True)] * many
        return [
            (f"{self.levels[a]}, {self.levels[b]}", bool(self.together[a, b]))
            for a, b in zip(*np.triu_indices(len(self.levels), 1))
        ]
