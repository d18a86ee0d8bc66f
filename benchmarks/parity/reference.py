"""metafor's results in ../shared/reference: files, columns, numbers."""

from __future__ import annotations

import csv
import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parents[3] / "shared" / "reference"
NAMES = sorted(p.stem for p in FOLDER.glob("*.json"))
SPECIAL = {"NaN": math.nan, "Inf": math.inf, "-Inf": -math.inf}


@cache
def data_set(name: str) -> Any:
    """One file: effect sizes and results."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def floats(values: Any) -> Any:
    """R's numbers in the shape they have, with null for NA."""
    if isinstance(values, list) and values and isinstance(values[0], list):
        return np.array([floats(row) for row in values])
    rows = values if isinstance(values, list) else [values]
    return np.array([math.nan if v is None else SPECIAL.get(str(v), v) for v in rows], dtype=float)


@cache
def table(name: str) -> dict[str, Any]:
    """The rows of a data set by column: numbers with NaN where missing, or text."""
    with (FOLDER / data_set(name)["csv"]).open(newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    return {column: _column([r[column] for r in rows]) for column in rows[0]}


def _column(cells: list[str]) -> Any:
    try:
        return np.array([math.nan if x in ("", "NA") else float(x) for x in cells])
    except ValueError:
        return np.array(cells, dtype=object)


def cells(name: str, columns: dict[str, str]) -> dict[str, Any]:
    """Arguments of an effect size: a column each, or one of generate.R's expressions."""
    t = table(name)
    known = {
        "rep(0.3, length(ai))": lambda: np.full(len(t["ai"]), 0.3),
        "se^2": lambda: t["se"] * t["se"],
        "OmE/V": lambda: t["OmE"] / t["V"],
        "1/V": lambda: 1.0 / t["V"],
    }
    return {arg: t[c] if c in t else known[c]() for arg, c in columns.items()}
