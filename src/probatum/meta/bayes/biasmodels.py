"""Models of publication bias for Bayesian averaging: weight functions of p, PET and PEESE."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import roots_jacobi

from probatum.meta.types import Floats


@dataclass(frozen=True, slots=True)
class Weights:
    """Chances of being seen that fall from one interval of p-values to the next.

    Attributes
    ----------
    steps : tuple of float
        p-values at which the chance changes.
    two_sided : bool
        Whether p is two-sided; otherwise one-sided, in the expected direction.
    share : float
        Prior weight among the models of bias.
    alpha : tuple of float
        Of the cumulative Dirichlet prior: the falls in the chance, from the interval of the
        smallest p on (the last is what is left), are shares with a Dirichlet distribution; empty
        for ones.
    """

    steps: tuple[float, ...]
    two_sided: bool
    share: float
    alpha: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        """Such as "one-sided 0.025, 0.05"."""
        side = "two-sided" if self.two_sided else "one-sided"
        return f"{side} {', '.join(f'{s:g}' for s in self.steps)}"

    def nodes(self, n: int) -> tuple[Floats, Floats]:
        """Weights of the intervals, shape (intervals, m), and the masses of the m nodes.

        The ratio of each chance to the one before has a beta distribution of its own: n
        Gauss-Jacobi nodes for each.
        """
        alpha = np.array(self.alpha or (1.0,) * (len(self.steps) + 1))
        omega, mass = np.ones((1, 1)), np.ones(1)
        for j in range(len(self.steps)):
            # beta(a, b) on (0, 1), from Jacobi's weight (1 - x)^(b - 1) (1 + x)^(a - 1)
            x, w = roots_jacobi(n, alpha[j] - 1.0, float(alpha[j + 1 :].sum()) - 1.0)
            ratio, w = 0.5 * (x + 1.0), w / w.sum()
            omega = np.repeat(omega, n, axis=1)
            omega = np.vstack([omega, omega[-1] * np.tile(ratio, len(mass))])
            mass = np.repeat(mass, n) * np.tile(w, len(mass))
        return omega, mass


@dataclass(frozen=True, slots=True)
class Regression:
    """PET or PEESE: the estimate rises with its standard error, or with its variance.

    Attributes
    ----------
    name : {"PET", "PEESE"}
    scale : float
        Of the half-Cauchy prior of the slope.
    share : float
        Prior weight among the models of bias.
    """

    name: str
    scale: float
    share: float

    def predictor(self, v: Floats) -> Floats:
        """What the estimates rise with."""
        return np.sqrt(v) if self.name == "PET" else v


BiasModel = Weights | Regression

# RoBMA-PSMA: Bartos et al. (2022), table 1
PSMA: tuple[BiasModel, ...] = (
    Weights((0.05,), True, 1 / 12),
    Weights((0.05, 0.10), True, 1 / 12),
    Weights((0.05,), False, 1 / 12),
    Weights((0.025, 0.05), False, 1 / 12),
    Weights((0.05, 0.5), False, 1 / 12),
    Weights((0.025, 0.05, 0.5), False, 1 / 12),
    Regression("PET", 1.0, 1 / 4),
    Regression("PEESE", 5.0, 1 / 4),
)
