"""A site built once for all tests of this room."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

import probatum.build.steps
import probatum.site.pages  # noqa: F401
from probatum.build.build import build

sys.path.insert(0, str(Path(__file__).parent))

import folder as tiny

ROOT = Path(__file__).parents[2]
REVIEWS = {"tiny": None, "bcg": ROOT / "examples/bcg", "ketamine": ROOT / "reviews/ketamine"}


@pytest.fixture(scope="session", params=list(REVIEWS))
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """(name, review folder, site folder, build report) of each review."""
    base = tmp_path_factory.mktemp(request.param)
    source = REVIEWS[request.param]
    if source is None:
        tiny.write(base / "review")
        return "tiny", base / "review", base / "out", tiny.build(base / "review", base / "out")
    if not (source / "review.toml").is_file():
        pytest.skip(f"{source} is not there yet")

    shutil.copytree(source, base / "review", ignore=shutil.ignore_patterns(".probatum"))
    return request.param, base / "review", base / "out", build(base / "review", base / "out")


@pytest.fixture(scope="session")
def tiny_site(tmp_path_factory: pytest.TempPathFactory):
    """The site folder of the tiny review."""
    base = tmp_path_factory.mktemp("tiny-site")
    tiny.write(base / "review")
    tiny.build(base / "review", base / "out")
    return base / "out"
