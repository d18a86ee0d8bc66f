"""Causes of exclusions: the keys that stand in validation/divergences.md."""

from __future__ import annotations

import re
from pathlib import Path

FILE = Path(__file__).parents[2] / "validation" / "divergences.md"
SECTION = "## Excluded from the parity grid"


def listed(text: str | None = None) -> set[str]:
    """The keys in the first column of the section's table."""
    text = FILE.read_text(encoding="utf-8") if text is None else text
    section = text.partition(SECTION)[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([a-z0-9-]+)` \|", section, flags=re.MULTILINE))
