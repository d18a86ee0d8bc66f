"""A minimal good review, as text that a test changes in one place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from good_review import GOOD

Write = Callable[[dict[str, str | bytes]], Path]


@pytest.fixture
def good() -> dict[str, str]:
    """The files of the good review."""
    return dict(GOOD)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files as a review folder."""

    def _write(files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / "review" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            data = content.encode() if isinstance(content, str) else content
            path.write_bytes(data)
        return tmp_path / "review"

    return _write
