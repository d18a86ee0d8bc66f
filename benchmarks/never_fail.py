"""A million awkward meta-analyses: ``python -m benchmarks.never_fail [SETS]``.

No exception, no NaN, every search converged; on a sample the optimum is compared with a grid (ML,
REML), the defining equation (PM, EB, SJIT, DLIT, PMM, GENQM) or extended precision (DL, HSk,
GENQ). Weights of GENQ and GENQM are as far apart as the variances; GENQM, which takes milliseconds,
is given every tenth set. Exit 1 if anything is wrong.
"""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from time import process_time

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

import probatum as pb
from benchmarks.data import Floats
from probatum.meta import compiled
from probatum.meta.quadratic_form import residual_cdf

METHODS = ("REML", "ML", "PM", "EB", "DL", "HSk", "SJIT", "DLIT", "PMM", "GENQ", "GENQM")
_COLUMNS = ("beta", "se", "ci_lb", "ci_ub", "pval", "tau2", "I2", "QE")
_CHUNK = 50_000
#: what takes milliseconds a fit is given one set in so many
_ONE_IN = {"GENQM": 10}
Sets = tuple[Floats, Floats, NDArray[np.int64]]


def awkward(groups: int, seed: int) -> Sets:
    """Estimates, variances and where each set begins.

    k from 2 to 50; variances up to 1e10 apart, on scales from 1e-8 to 1e8; tau2 0 or anything from
    far below the smallest variance to far above the largest; some sets with outliers, far from 0,
    all alike, or of equal variance.
    """
    rng = np.random.default_rng(seed)
    k = rng.integers(2, 51, groups)
    by = np.repeat(np.arange(groups), k)
    n = len(by)
    spread = rng.uniform(0, 10, groups) * rng.choice([0.0, 0.3, 1.0], groups, p=[0.1, 0.4, 0.5])
    low = rng.uniform(-8, 8, groups)
    v = 10.0 ** (low[by] + rng.random(n) * spread[by])
    tau2 = 10.0 ** (low + rng.uniform(-4, spread + 8)) * (rng.random(groups) < 0.7)
    z = rng.normal(size=n) * np.where(rng.random(n) < 0.02, 30.0, 1.0)
    far = rng.choice([0.0, 1.0, 1e3], groups) * 10.0 ** (low / 2)
    alike = rng.random(groups) < 0.01
    y = far[by] + np.where(alike[by], 0.0, z) * np.sqrt(v + tau2[by])
    return y, v, np.cumsum(k) - k


def thinned(sets: Sets, one_in: int) -> Sets:
    """The first of each `one_in` sets."""
    y, v, begin = sets
    by = np.repeat(np.arange(len(begin)), np.diff(np.append(begin, len(y))))
    keep = by % one_in == 0
    size = np.diff(np.append(begin, len(y)))[::one_in]
    return y[keep], v[keep], np.cumsum(size) - size


def chosen(v: Floats) -> Floats:
    """Weights that are no function of the variances, and up to 1e10 apart."""
    return np.asarray(10.0 ** (10.0 * np.modf(1e6 * np.abs(np.log10(v)))[0]))


def each(sets: Sets) -> Iterator[tuple[Floats, Floats]]:
    """The sets one by one."""
    y, v, begin = sets
    yield from zip(np.split(y, begin[1:]), np.split(v, begin[1:]))


def faults(sets: Sets, method: str, sample: int) -> list[str]:
    """What is wrong with the fits of these sets by `method`; the first `sample` are checked."""
    y, v, begin = sets
    by = np.repeat(np.arange(len(begin)), np.diff(np.append(begin, len(y))))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        weights = chosen(v) if method.startswith("GENQ") else None
        out = pb.pool_many(by=by, yi=y, vi=v, method=method, weights=weights)
    wrong = []
    for name in _COLUMNS:
        bad = np.flatnonzero(~np.isfinite(getattr(out, name)))
        if name == "pval":  # estimates all alike and 0 have neither effect nor error: 0 / 0
            bad = bad[(out.se[bad] > 0) | (out.beta[bad] != 0)]
        wrong += [f"{method} set {i}: {name} is {getattr(out, name)[i]}" for i in bad]
    wrong += [f"{method} set {i}: not converged" for i in np.flatnonzero(~out.converged)]
    for i, (own_y, own_v) in zip(range(sample), each(sets)):
        told = _CHECKS[method](own_y, own_v, float(out.tau2[i]), method)
        wrong += [f"{method} set {i}: {told}"] if told else []
    return wrong


def _standard(y: Floats, v: Floats) -> tuple[Floats, Floats, float]:
    """On the scale of the smallest variance, seen from its estimate: as exact as it gets."""
    at = int(v.argmin())
    return (y - y[at]) / np.sqrt(v[at]), v / v[at], float(v[at])


def _likelihood(y: Floats, v: Floats, t: Floats, method: str) -> Floats:
    total = v + t[:, None]
    w = 1 / total
    s1 = w.sum(axis=1)
    off = y - ((w @ y) / s1)[:, None]
    extra = np.log(s1) if method == "REML" else 0.0
    return np.asarray(-0.5 * (np.log(total).sum(axis=1) + (w * off**2).sum(axis=1) + extra))


def _no_higher_on_a_grid(y: Floats, v: Floats, tau2: float, method: str) -> str:
    d, s, unit = _standard(y, v)
    top = 10.0 * (np.ptp(d) ** 2 + s.max())
    grid = np.expm1(np.linspace(0.0, np.log1p(top), 1500))
    ll = _likelihood(d, s, np.append(grid, tau2 / unit), method)
    size = 1e-12 * np.abs(ll[-1])  # rounding of the sum itself
    gap = float(ll[:-1].max() - ll[-1])
    return f"the likelihood is higher by {gap:.2g} elsewhere" if gap > 1e-9 + size else ""


def _q(y: Floats, v: Floats, t: float) -> float:
    w = 1 / (v + t)
    return float((w * (y - (w @ y) / w.sum()) ** 2).sum())


def _equation_holds(y: Floats, v: Floats, tau2: float, method: str) -> str:
    d, s, unit = _standard(y, v)
    q, goal = _q(d, s, tau2 / unit), float(len(y) - 1)
    if method == "PMM":
        goal = float(chdtri(goal, 0.5))
    fine = q <= goal * (1 + 1e-9) if tau2 == 0.0 else abs(q - goal) <= 1e-9 * goal
    return "" if fine else f"Q at tau2 is {q}, not {goal}"


def _median_holds(y: Floats, v: Floats, tau2: float, method: str) -> str:
    d, s, unit = _standard(y, v)
    a = chosen(v) / chosen(v).max()
    q = np.array([float(a @ (d - (a @ d) / a.sum()) ** 2)])
    total = s[None] + tau2 / unit
    below = float(residual_cdf(q, np.ones((len(y), 1)), a, total)[0])
    fine = below <= 0.5 + 1e-9 if tau2 == 0.0 else abs(below - 0.5) <= 1e-9
    return "" if fine else f"a Q as large has probability {below} below it, not 1/2"


def _moment_estimate(y: Floats, v: Floats, tau2: float, method: str) -> str:
    a, b = (np.asarray(x, dtype=np.longdouble) for x in (y, v))
    w = chosen(v).astype(np.longdouble) if method == "GENQ" else 1 / b
    s1, k = w.sum(), len(y)
    q = (w * (a - (w * a).sum() / s1) ** 2).sum()
    trace, expected = (w * (1 - w / s1)).sum(), (w * (1 - w / s1) * b).sum()
    if method == "HSk":
        q, trace, expected = q * k / (k - 1), s1, np.longdouble(k)
    exact = max(0.0, float((q - expected) / trace))
    # the difference from the expectation loses what Q itself can't hold
    error = 1e-9 * exact + 1e-14 * float(max(q, expected) / trace) * k
    return "" if abs(tau2 - exact) <= error else f"tau2 is {tau2}, not {exact}"


_CHECKS = {
    "REML": _no_higher_on_a_grid,
    "ML": _no_higher_on_a_grid,
    "PM": _equation_holds,
    "EB": _equation_holds,
    "SJIT": _equation_holds,
    "DLIT": _equation_holds,
    "PMM": _equation_holds,
    "GENQM": _median_holds,
    "DL": _moment_estimate,
    "HSk": _moment_estimate,
    "GENQ": _moment_estimate,
}


def main(total: int) -> int:
    """Run `total` sets through every method."""
    found, seconds, looked, fits = 0, Counter[str](), Counter[str](), Counter[str]()
    for seed, first in enumerate(range(0, total, _CHUNK)):
        sets = awkward(min(_CHUNK, total - first), seed)
        compiled.FROM = 10**12 if seed % 2 else 1  # NumPy and compiled code in turn
        for method in METHODS:
            own = thinned(sets, _ONE_IN.get(method, 1))
            sample = min(200, len(own[2]))
            looked[method] += sample
            fits[method] += len(own[2])
            start = process_time()
            wrong = faults(own, method, sample)
            seconds[method] += process_time() - start
            found += len(wrong)
            for line in wrong[:5]:
                print(f"seed {seed} {line}", flush=True)
    for m in METHODS:
        each_us = 1e6 * seconds[m] / fits[m]
        print(f"{m:6} {fits[m]:>9,} fits, {looked[m]:,} checked one by one, {each_us:.1f} us a fit")
    print(f"{found} wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
