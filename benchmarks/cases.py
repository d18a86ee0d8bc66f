"""What is measured. Each case times ours and the peer on the same numbers, and checks both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import probatum as pb
from benchmarks.timing import best, fresh_import, race

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
_N1, _N2 = _TPOS + _TNEG, _CPOS + _CNEG
BCG_Y = np.log(_TPOS / _N1 / (_CPOS / _N2))
BCG_V = 1 / _TPOS - 1 / _N1 + 1 / _CPOS - 1 / _N2


@dataclass(frozen=True)
class Result:
    """One line of the table: `ratio` must be on the right side of `goal`."""

    name: str
    ours: float
    peer: float
    ratio: float
    goal: float
    at_most: bool
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal


def import_cost() -> Iterator[Result]:
    """`import probatum` beside the imports it can't do without, in fresh interpreters."""
    floor, ours = [], []
    for _ in range(9):  # in turn, so that a busy moment hits both
        floor.append(fresh_import("import numpy, scipy.special, scipy.optimize"))
        ours.append(fresh_import("import probatum"))
    a, b = min(ours), min(floor)
    yield Result("import", a, b, a / b, 1.5, True, "against numpy, scipy.special, scipy.optimize")


def _pymare(y: Floats, v: Floats) -> tuple[float, float]:
    from pymare import Dataset
    from pymare.estimators import VarianceBasedLikelihoodEstimator

    data = Dataset(y=y[:, None], v=v[:, None], X=np.ones((len(y), 1)), add_intercept=False)
    out = VarianceBasedLikelihoodEstimator(method="REML").fit_dataset(data).summary()
    return float(np.ravel(out.get_fe_stats()["est"])[0]), float(np.ravel(out.tau2)[0])


def _statsmodels(y: Floats, v: Floats) -> Any:
    from statsmodels.stats.meta_analysis import combine_effects

    return combine_effects(y, v, method_re="iterated").summary_frame()


def single_fit() -> Iterator[Result]:
    """One REML fit with Hartung-Knapp intervals of the BCG trials."""
    fit = pb.pool(BCG_Y, BCG_V)
    est, tau2 = _pymare(BCG_Y, BCG_V)
    apart = f"tau2 {fit.tau2:.5f} and {tau2:.5f}, estimate {fit.beta[0]:.5f} and {est:.5f}"
    ours, peer = race(lambda: pb.pool(BCG_Y, BCG_V), lambda: _pymare(BCG_Y, BCG_V), rounds=150)
    yield Result("one fit, PyMARE (REML)", ours, peer, peer / ours, 10, False, apart)
    ours, peer = race(lambda: pb.pool(BCG_Y, BCG_V), lambda: _statsmodels(BCG_Y, BCG_V), rounds=150)
    note = (
        "its iterated (Paule-Mandel) estimator, as it has no REML; two intervals, no fit statistics"
    )
    yield Result("one fit, statsmodels", ours, peer, peer / ours, 10, False, note)


def simulated(groups: int, seed: int = 20240229) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Estimates, variances and group numbers: k from 3 to 30, half of the tau2 at 0."""
    rng = np.random.default_rng(seed)
    k = rng.integers(3, 31, size=groups)
    by = np.repeat(np.arange(groups), k)
    v = rng.chisquare(4, size=len(by)) / 40 + 0.005
    tau = np.where(rng.random(groups) < 0.5, 0.0, rng.uniform(0.05, 0.6, size=groups))
    y = rng.normal(0.3, np.sqrt(v + tau[by] ** 2))
    return y, v, by


def many_fits(groups: int = 10_000, subset: int = 200) -> Iterator[Result]:
    """REML fits of many small meta-analyses; PyMARE in a loop over some, scaled to all."""
    y, v, by = simulated(groups)
    table = {"analysis": by, "yi": y, "vi": v}
    ours = best(lambda: pb.pool_many(table, by="analysis"), repeats=5)
    out = pb.pool_many(table, by="analysis")
    cut = [(y[by == g], v[by == g]) for g in range(subset)]

    def loop() -> list[tuple[float, float]]:
        return [_pymare(a, b) for a, b in cut]

    apart = max(abs(t - o) for (_, t), o in zip(loop(), out.tau2[:subset]))
    peer = best(loop, repeats=3) * groups / subset
    note = f"PyMARE scaled from {subset}; its tau2 differ from ours by at most {apart:.1g}"
    yield Result(f"{groups:,} fits, PyMARE in a loop", ours, peer, peer / ours, 200, False, note)
