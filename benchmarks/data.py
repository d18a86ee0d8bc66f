"""The numbers that are fitted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Colditz GA et al. (1994), JAMA 271, 698-702: 13 trials of BCG; log risk ratios from the tables
_TPOS = np.array([4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27], dtype=float)
_TNEG = np.array(
    [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886], dtype=float
)
_CPOS = np.array([11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29], dtype=float)
_CNEG = np.array(
    [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825], dtype=float
)
BCG_CELLS = {"ai": _TPOS, "bi": _TNEG, "ci": _CPOS, "di": _CNEG}
BCG_LATITUDE = np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33], dtype=float)
_N1, _N2 = _TPOS + _TNEG, _CPOS + _CNEG
BCG_Y = np.log(_TPOS / _N1 / (_CPOS / _N2))
BCG_V = 1 / _TPOS - 1 / _N1 + 1 / _CPOS - 1 / _N2


def simulated(groups: int, seed: int = 20240229) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Estimates, variances and group numbers: k from 3 to 30, half of the tau2 at 0."""
    rng = np.random.default_rng(seed)
    k = rng.integers(3, 31, size=groups)
    by = np.repeat(np.arange(groups), k)
    v = rng.chisquare(4, size=len(by)) / 40 + 0.005
    tau = np.where(rng.random(groups) < 0.5, 0.0, rng.uniform(0.05, 0.6, size=groups))
    return rng.normal(0.3, np.sqrt(v + tau[by] ** 2)), v, by


def one_large(k: int, seed: int = 5) -> tuple[Floats, Floats]:
    """One meta-analysis of k estimates."""
    rng = np.random.default_rng(seed)
    v = rng.chisquare(4, size=k) / 40 + 0.005
    return rng.normal(0.3, np.sqrt(v + 0.04)), v
