"""One Chromium for all browser tests, and three reviews as sites on disk."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "site"))

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, headless."""
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs Chromium at /usr/bin/chromium")
        pytest.skip("no Chromium at /usr/bin/chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site of the tiny review, one page of each kind, with hostile text."""
    import folder as tiny
    from test_registers import FILES

    base = tmp_path_factory.mktemp("browser-site")
    tiny.write(base / "review")
    for name, text in FILES.items():
        (base / "review" / name).write_text(text)
    report = tiny.build(base / "review", base / "out")
    assert not [p for p in report.problems if p.code.startswith("E60")], report.problems
    return base / "out"


def _built(folder: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import probatum.site.pages  # noqa: F401  registers the pages
    from probatum.build.build import build

    base = tmp_path_factory.mktemp(folder.replace("/", "-"))
    shutil.copytree(ROOT / folder, base / "review", ignore=shutil.ignore_patterns(".probatum"))
    build(base / "review", base / "out")
    return base / "out"


@pytest.fixture(scope="session")
def bcg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site of the example."""
    return _built("examples/bcg", tmp_path_factory)


@pytest.fixture(scope="session")
def flagship(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site of the flagship."""
    return _built("reviews/ketamine", tmp_path_factory)
