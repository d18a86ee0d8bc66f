"""Individual patients: mixed models of repeated measurements with statsmodels as the peer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import probatum as pb
from benchmarks.cases import Line, Result, Skipped
from benchmarks.timing import best


def simulated(patients: int, times: int = 4) -> dict[str, Any]:
    """Measurements of patients who each have a level and a trend of their own."""
    rng = np.random.default_rng(1)
    who = np.repeat(np.arange(patients), times)
    week = np.tile(np.arange(times), patients).astype(float)
    y = 30 + rng.normal(0, 4, patients)[who] - 2 * week + rng.normal(0, 2, len(who))
    y += rng.normal(0, 1, patients)[who] * week
    return {"y": y, "who": who, "week": week}


def mixed_models() -> Iterator[Line]:
    """A full fit with Satterthwaite's degrees of freedom, beside one without in statsmodels."""
    for patients in (20, 2_000):
        for slope in (None, "week"):
            data = simulated(patients)

            def fit(data: dict[str, Any] = data, slope: str | None = slope) -> pb.MixedFit:
                return pb.mixed_model("y", "who", mods="week", slope=slope, data=data)

            name = f"mixed model, {patients:,} x 4" + (", slopes" if slope else "")
            yield _against_statsmodels(name, best(fit, repeats=5), fit(), data, slope)


def _against_statsmodels(
    name: str, seconds: float, found: pb.MixedFit, data: dict[str, Any], slope: str | None
) -> Line:
    try:
        from statsmodels.regression.mixed_linear_model import MixedLM
    except ImportError:
        return Skipped(name, "statsmodels is not installed")
    X = np.column_stack([np.ones(len(data["y"])), data["week"]])

    def peer() -> Any:
        lines = X if slope else X[:, :1]
        return MixedLM(data["y"], X, data["who"], exog_re=lines).fit(reml=True)

    theirs = best(peer, repeats=3)
    note = f"residual variance {found.sigma2:.6g} and {float(peer().scale):.6g}"
    return Result(name, seconds, theirs, theirs / seconds, at_least=1, note=note)


CASES = (mixed_models,)
