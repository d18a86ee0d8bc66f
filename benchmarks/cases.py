"""What is measured. Each case times ours and the peers on the same numbers, and compares them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

import probatum as pb
from benchmarks import peers
from benchmarks.data import BCG_V, BCG_Y, one_large, simulated
from benchmarks.timing import best, fresh_import, race
from probatum.meta import compiled


@dataclass(frozen=True)
class Result:
    """One line of the table.

    Attributes
    ----------
    ours, peer : float
        CPU seconds; the peer's are None where there is none.
    ratio : float or None
        That a goal is set for.
    at_least, at_most, within : float or None
        Goals: for the ratio, for the ratio, and for `ours` in seconds.
    note : str
    """

    name: str
    ours: float
    peer: float | None = None
    ratio: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    within: float | None = None
    note: str = ""

    @property
    def ratio_met(self) -> bool:
        """Whether the goals against the peer, measured in the same run, are met."""
        ratio = self.ratio or 0.0
        return (self.at_least is None or ratio >= self.at_least) and (
            self.at_most is None or ratio <= self.at_most
        )

    @property
    def met(self) -> bool:
        """Whether all goals are met, absolute times too."""
        return self.ratio_met and (self.within is None or self.ours <= self.within)


@dataclass(frozen=True)
class Skipped:
    """A line that can't be measured here."""

    name: str
    reason: str


Line = Result | Skipped


def import_cost() -> Iterator[Line]:
    """`import probatum` with what `pool` needs, beside the imports it can't do without."""
    floor, ours = [], []
    for _ in range(9):  # in turn, so that a busy moment hits both
        floor.append(fresh_import("import numpy, scipy.special, scipy.optimize"))
        ours.append(fresh_import("import probatum; probatum.pool"))
    a, b = min(ours), min(floor)
    note = "against numpy, scipy.special, scipy.optimize"
    yield Result("import", a, b, a / b, at_most=1.5, note=note)


def single_fit() -> Iterator[Line]:
    """One REML fit with Hartung-Knapp intervals of the BCG trials, with its full result."""
    fit = pb.pool(BCG_Y, BCG_V)
    least = race(
        {
            "ours": (lambda: pb.pool(BCG_Y, BCG_V), 10),
            "PyMARE": (lambda: peers.pymare(BCG_Y, BCG_V), 1),
            "PyMetaAnalysis": (lambda: peers.pymetaanalysis(BCG_Y, BCG_V), 1),
            "statsmodels": (lambda: peers.statsmodels(BCG_Y, BCG_V), 3),
        },
        rounds=200,
    )
    ours = least["ours"]
    for name, peer, goal in (
        ("PyMARE", peers.pymare, 10),
        ("PyMetaAnalysis", peers.pymetaanalysis, 5),
    ):
        est, tau2 = peer(BCG_Y, BCG_V)
        note = f"tau2 {fit.tau2:.6f} and {tau2:.6f}, estimate {fit.beta[0]:.6f} and {est:.6f}"
        yield _slower(f"one fit, {name}", ours, least[name], note, at_least=goal, within=1e-4)
    note = "its Paule-Mandel estimator, as it has no REML; two intervals, no fit statistics"
    yield _slower("one fit, statsmodels", ours, least["statsmodels"], note)
    found = peers.metafor([(BCG_Y, BCG_V)] * 20, rounds=10)
    if isinstance(found, str):
        yield Skipped("one fit, metafor", found)
    else:
        note = f"tau2 {fit.tau2:.6f} and {found['tau2'][0]:.6f}"
        yield _slower("one fit, metafor", ours, found["seconds"], note)


def _slower(
    name: str, ours: float, peer: float, note: str, *, at_least: float | None = None,
    within: float | None = None,
) -> Result:  # fmt: skip
    return Result(name, ours, peer, peer / ours, at_least=at_least, within=within, note=note)


def many_fits(groups: int = 10_000, subset: int = 200) -> Iterator[Line]:
    """REML + knha fits of many small meta-analyses, with intervals and p-values, for each path."""
    y, v, by = simulated(groups)
    table = {"analysis": by, "yi": y, "vi": v}
    cut = [(y[by == g], v[by == g]) for g in range(subset)]
    threshold, paths = compiled.FROM, {"NumPy": 10**12, "compiled": 1}
    goals = {"NumPy": 6e-6, "compiled": 1.5e-6}
    ours, tau2 = {}, {}
    for path, start in paths.items():
        if path == "compiled" and find_spec("numba") is None:
            continue
        compiled.FROM = start
        pb.pool_many(table, by="analysis")
        ours[path] = best(lambda: pb.pool_many(table, by="analysis"), repeats=20) / groups
        tau2[path] = pb.pool_many(table, by="analysis").tau2
    compiled.FROM = threshold
    pymare = best(lambda: [peers.pymare(a, b) for a, b in cut], repeats=3) / subset
    theirs = np.array([peers.pymare(a, b)[1] for a, b in cut])
    found = peers.metafor(cut, rounds=2)
    for path, seconds in ours.items():
        apart = np.abs(tau2[path][:subset] - theirs).max()
        note = f"per fit, {subset} fits by PyMARE; tau2 differ by at most {apart:.0e}"
        name = f"{groups:,} fits, {path}, PyMARE"
        yield _slower(name, seconds, pymare, note, at_least=200, within=goals[path])
        name = f"{groups:,} fits, {path}, metafor"
        yield _against_metafor(name, seconds, tau2[path][:subset], found)
    if "compiled" not in ours:
        yield Skipped(f"{groups:,} fits, compiled", "numba is not installed (probatum[fast])")


def _against_metafor(
    name: str, seconds: float, tau2: np.ndarray, found: dict[str, object] | str
) -> Line:
    if isinstance(found, str):
        return Skipped(name, found)
    theirs = np.array(found["tau2"], dtype=np.float64)
    apart, failed = np.nanmax(np.abs(tau2 - theirs)), int(np.isnan(theirs).sum())
    note = f"per fit, {len(theirs)} fits by metafor, {failed} of them failed; "
    note += f"tau2 differ by at most {apart:.0e}"
    return _slower(name, seconds, float(found["seconds"]), note)  # type: ignore[arg-type]


def large_fits() -> Iterator[Line]:
    """One fit of very many estimates."""
    for k, repeats in ((100_000, 10), (1_000_000, 4)):
        y, v = one_large(k)
        seconds = best(lambda y=y, v=v: pb.pool(y, v), repeats=repeats)  # type: ignore[misc]
        goal = 1.0 if k == 1_000_000 else None
        yield Result(f"one fit of {k:,}", seconds, within=goal)


CASES = (import_cost, single_fit, many_fits, large_fits)
