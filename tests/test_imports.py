"""`import probatum` is light, and everything it promises exists."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import probatum as pb

HEAVY = (
    "scipy.stats", "pandas", "formulaic", "matplotlib", "pydantic", "jinja2", "markdown_it",
    "scipy.sparse", "polars", "numba",
)  # fmt: skip


def test_import_loads_nothing_heavy() -> None:
    # scipy.optimize, which is allowed, brings scipy.sparse by itself: only ours counts
    code = "import sys, probatum; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()).isdisjoint(HEAVY)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = pb.no_such_thing


@pytest.mark.parametrize("name", pb.__all__)
def test_every_promised_name_exists(name: str) -> None:
    assert getattr(pb, name).__module__.startswith("probatum.")
    assert name in dir(pb)


def test_test_files_have_names_of_their_own() -> None:
    # pytest imports them by their name alone: two of one name stop the whole run
    names = [path.name for path in Path(__file__).parent.rglob("test_*.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []
