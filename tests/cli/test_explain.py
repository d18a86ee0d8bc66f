"""``probatum explain``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from probatum.cli.main import main

SOURCE = Path(__file__).parents[2] / "src" / "probatum"


def test_one_code(capsys: Any) -> None:
    assert main(["explain", "e214"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("E214  More events than people (error)")
    assert all(word in out for word in ("Why:", "Repair:", "Example:"))


def test_every_code_of_the_source_is_listed(capsys: Any) -> None:
    """A code that `explain` does not know would leave a reader alone with it."""
    written: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        written |= set(re.findall(r'problem_code\(\s*"([EW]\d{3})"', path.read_text()))
    assert main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} == written
    assert len(written) > 60
    assert lines == sorted(lines)


def test_an_unknown_code(capsys: Any) -> None:
    assert main(["explain", "E2144"]) == 2
    assert 'Did you mean "E214"?' in capsys.readouterr().err
