"""Reading metafor's numbers, and comparing a fit with them."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.parity.reference import floats

from probatum.meta.types import MetaFit

FILE = Path(__file__).parents[1] / "fixtures" / "reference" / "models.json.gz"
CLOSED, ITERATED = 1e-10, 1e-6
ITERATIVE = {"ML", "REML", "EB", "PM", "PMM", "SJIT"}


@cache
def reference() -> Any:
    """The whole fixture."""
    return json.loads(gzip.decompress(FILE.read_bytes()))


def tolerance(method: str) -> float:
    return ITERATED if method in ITERATIVE else CLOSED


class Comparison:
    """Collects what differs; `count` is how many numbers were compared."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.count = 0

    def same(self, where: str, ours: Any, theirs: Any, tol: float, scale: Any = 0.0) -> None:
        """Relative to the larger of metafor's value and `scale` (for values that may be 0)."""
        a, b = np.atleast_1d(np.asarray(ours, dtype=float)), floats(theirs)
        self.count += len(b)
        if a.shape != b.shape:
            self.wrong.append(f"{where}: {len(a)} numbers, metafor has {len(b)}")
            return
        size = np.maximum(np.abs(b), scale)
        with np.errstate(invalid="ignore"):
            near = (np.abs(a - b) <= tol * size) | (a == b) | (np.isnan(a) & np.isnan(b))
        for i in np.flatnonzero(~near):
            with np.errstate(all="ignore"):
                off = abs(a[i] - b[i]) / size[i] if np.ndim(size) else abs(a[i] - b[i])
            self.wrong.append(f"{where}[{i}]: {a[i]!r}, metafor {b[i]!r} (off {off:.1e})")


def compare_fit(c: Comparison, where: str, fit: MetaFit, ref: dict[str, Any], tol: float) -> None:
    """Everything that a metafor fit reports and ours has too.

    A statistic t that is off by a relative e moves its p-value by a relative e t^2 (normal tail),
    so p-values are compared with what the tolerance of their statistic allows.
    """
    v = fit.data.vi[fit.included]
    se = floats(ref["se"])
    se_scale = np.where(np.isfinite(se), se, 0.0)
    assert (fit.k, fit.p) == (ref["k"], ref["p"]), where
    c.same(f"{where} beta", fit.beta, ref["beta"], tol, se_scale)
    c.same(f"{where} se", fit.se, ref["se"], tol)
    c.same(f"{where} stat", fit.zval, ref["stat"], tol, 1.0)
    stat = np.nan_to_num(floats(ref["stat"]), posinf=1.0, neginf=1.0)
    slack = tol * float(np.max(np.maximum(1.0, stat**2)))
    c.same(f"{where} pval", fit.pval, ref["pval"], slack, 1e-300)
    c.same(f"{where} ci_lb", fit.ci_lb, ref["ci_lb"], tol, se_scale)
    c.same(f"{where} ci_ub", fit.ci_ub, ref["ci_ub"], tol, se_scale)
    ddf = floats(ref["ddf"] if ref.get("ddf") else None)
    c.same(f"{where} dfs", fit.dfs, float(ddf[0]), tol)
    c.same(f"{where} tau2", fit.tau2, ref["tau2"], tol, 1e-3 * float(np.median(v)))
    c.same(f"{where} se_tau2", fit.se_tau2, ref["se_tau2"], tol)
    c.same(f"{where} I2", fit.I2, ref["I2"], tol, 1.0)
    c.same(f"{where} H2", fit.H2, ref["H2"], tol, 1.0)
    c.same(f"{where} R2", fit.R2, ref["R2"], tol, 1.0)
    c.same(f"{where} s2w", fit.s2w, ref["s2w"], tol, 1e-3)
    # y'Py is a small difference of large numbers where effects dwarf their errors
    c.same(f"{where} QE", fit.QE, ref["QE"], tol, 1e-3)
    c.same(f"{where} QEp", fit.QEp, ref["QEp"], tol * max(1.0, fit.QE), 1e-300)
    c.same(f"{where} QM", fit.QM, ref["QM"], tol, 1.0)
    c.same(
        f"{where} QMp",
        fit.QMp,
        ref["QMp"],
        max(slack, tol * np.nan_to_num(fit.QM, posinf=1.0)),
        1e-300,
    )
    c.same(f"{where} QMdf", fit.QMdf, ref["QMdf"], tol)


def compare_stats(c: Comparison, where: str, fit: MetaFit, ref: dict[str, Any], tol: float) -> None:
    """Likelihoods; the one that was maximised must not be below metafor's."""
    stats = ref["fit_stats"]
    for kind in ("ML", "REML"):
        for name in ("ll", "dev", "AIC", "BIC", "AICc"):
            ours, theirs = getattr(fit.fit_stats[kind], name), stats[name][kind][0]
            c.same(f"{where} {kind} {name}", ours, theirs, tol, 1.0)
        if kind == fit.method:
            assert fit.fit_stats[kind].ll >= stats["ll"][kind][0] - 1e-8, where
