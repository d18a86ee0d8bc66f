"""Every line of docs/from-metafor.md gives the same numbers in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probatum as pb

ROOT = Path(__file__).parents[1]
PINNED = json.loads((ROOT / "validation" / "from_metafor.json").read_text())
ROW = re.compile(r"^\| `(.+)` \| `(.+)` \|$", re.MULTILINE)
# dat.bcg: Colditz GA et al. (1994), JAMA 271, 698-702
BCG: dict[str, list[float]] = {
    "tpos": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    "tneg": [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
    "cpos": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    "cneg": [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
    "ablat": [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33],
    "year": [1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976],
}


def test_the_table_is_the_one_that_r_ran() -> None:
    text = (ROOT / "docs" / "from-metafor.md").read_text(encoding="utf-8")
    assert ROW.findall(text) == [(row["r"][0], row["python"][0]) for row in PINNED]
    assert len(PINNED) >= 30


@pytest.mark.parametrize("row", PINNED, ids=[row["python"][0][:60] for row in PINNED])
def test_both_columns_agree(row: dict[str, Any]) -> None:
    es = pb.effect_sizes(BCG, measure="RR", ai="tpos", bi="tneg", ci="cpos", di="cneg")
    ours = eval(row["python"][0], {"pb": pb, "es": es, "bcg": BCG})
    values = np.atleast_1d(np.asarray(ours, dtype=float)).ravel()
    # metafor's numerical derivatives are good to 1e-5, its root search for tau2 to 1e-3
    call = row["r"][0]
    tol = 1e-5 if "selmodel" in call or "scale =" in call else 1e-3 if "confint" in call else 1e-6
    assert values == pytest.approx(np.array(row["value"], dtype=float), rel=tol, abs=1e-9)
