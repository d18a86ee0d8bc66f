"""Profile likelihood intervals and Kenward-Roger over the whole fixture of models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from metafor_reference import floats, reference

import probatum as pb

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "intervals_grid.json").read_text())
SETS = {s["id"]: s for s in reference()["sets"]}
LIMITS = [(p, m) for p in PINNED for m in ("ML", "REML") if "error" not in p[m]]


def test_nothing_was_dropped() -> None:
    assert len(PINNED) == 152
    assert len(LIMITS) == 302
    assert sum(p["KR"] is not None for p in PINNED) == 151


@pytest.mark.parametrize(
    ("p", "method"), LIMITS, ids=lambda x: x if isinstance(x, str) else x["id"]
)
def test_profile_likelihood(p: dict[str, Any], method: str) -> None:
    s, ref = SETS[p["id"]], p[method]
    v = floats(s["vi"])
    fit = pb.pool(floats(s["yi"]), v, method=method, test="z")
    _, low, high = fit.confint(type="PL").tau2
    scale = 1e-6 * float(np.nanmedian(v))
    assert low == pytest.approx(ref["lb"], rel=1e-6, abs=scale)
    assert high == pytest.approx(ref["ub"], rel=1e-6, abs=scale)


@pytest.mark.parametrize("p", [p for p in PINNED if p["KR"]], ids=lambda p: p["id"])
def test_kenward_roger(p: dict[str, Any]) -> None:
    s = SETS[p["id"]]
    fit = pb.pool(floats(s["yi"]), floats(s["vi"]), test="kr")
    assert fit.se[0] == pytest.approx(p["KR"]["se"], rel=2e-6)
    assert fit.dfs == pytest.approx(p["KR"]["df"], rel=2e-6)
