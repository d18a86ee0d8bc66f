"""Everything that metafor exports is here, or docs/from-metafor.md says why not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import probatum as pb

ROOT = Path(__file__).parents[1]
KNOWN = json.loads((ROOT / "validation" / "metafor_names.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "from-metafor.md").read_text(encoding="utf-8")
#: metafor's functions that have another name here than theirs with "_" for "."
RENAMED = {
    "cumul": "cumulative",
    "escalc": "effect_sizes",
    "galbraith": "radial",
    "regplot": "bubble",
    "rma": "pool",
    "rma.uni": "pool",
    "rma.mv": "pool_multilevel",
    "rma.mh": "pool_mh",
    "rma.peto": "pool_peto",
    "rma.glmm": "pool_glmm",
}


def test_every_measure_is_here() -> None:
    ours = {m["code"] for m in pb.measures()}
    assert set(KNOWN["measures"]) <= ours
    assert len(KNOWN["measures"]) == 64
    told = PAGE.partition("**Measures**")[2].partition("**Transformations**")[0]
    assert set(re.findall(r"\b[A-Z][A-Z0-9]+\b", told)) == ours - set(KNOWN["measures"])


@pytest.mark.parametrize("name", KNOWN["transformations"])
def test_every_transformation_is_here(name: str) -> None:
    name = "ipft" if name == "ipft.hm" else name  # with the harmonic mean as n
    x = 0.5 if name.startswith(("a", "i", "l", "p", "r")) else 0.2
    more = {
        "n": 20 if "pft" in name or "irft" in name else None,
        "sd": 2.0 if name == "dtomd" else None,
        "pc": 0.2 if name.startswith("logor") else None,
        "tau2": 0.1 if name.endswith(".int") else None,
    }
    assert np.isfinite(pb.transf(x, name, **more))


def test_every_function_is_here_or_told() -> None:
    table = PAGE.partition("| not here |")[2]
    told = {
        name.strip()
        for line in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)
        for name in line.split(",")
        if "---" not in line and "why" not in line
    }
    here = {f for f in KNOWN["functions"] if RENAMED.get(f, f.replace(".", "_")) in pb.__all__}
    here |= {"fitstats"}  # an attribute of fits
    assert hasattr(pb.pool([0.1, 0.3], [0.1, 0.1]), "fit_stats")
    assert set(KNOWN["functions"]) - here == told
