"""metafor's results in ../shared/reference, which is too large for the repository."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "reference"
needs_reference = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="../shared/reference is not beside this clone"
)
NAMES = sorted(p.stem for p in FOLDER.glob("*.json")) if FOLDER.is_dir() else ["(absent)"]


@cache
def data_set(name: str) -> Any:
    """One data set: rows, effect sizes and results."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def univariate(name: str) -> list[tuple[str, Any, Any]]:
    """(label, effect sizes, results) of each measure of a data set."""
    d = data_set(name)
    return [
        (f"{name}/{i}/{unit.get('measure') or 'GEN'}", d["escalc"][unit["escalc_index"]], unit)
        for i, unit in enumerate(d["uni"])
    ]


def failed(value: Any) -> bool:
    """Whether metafor gave an error, or nothing."""
    return value is None or (isinstance(value, dict) and "error" in value)
