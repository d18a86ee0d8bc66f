"""A fault goes through a whole build: told at its place, no traceback, and the rest is built."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

import probatum.site.pages  # noqa: F401  (registers the pages)
from probatum.build.build import build
from probatum.review.load import Review, load

sys.path.insert(0, str(Path(__file__).parents[1] / "review"))
from good_review import GOOD
from test_faults import ELSEWHERE, FAULTS, INFO, Fault
from test_faults import _broken as broken

# one fault of each code; what a code means is the same for each of its faults
SAMPLE = list({fault.code: fault for fault in FAULTS}.values())
ALWAYS = {"index.html", "analyses/index.html", "studies/index.html", "problems.html", "404.html"}


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The good review, built, with its cache: every fault starts from there."""
    root = tmp_path_factory.mktemp("good")
    write(root / "review", GOOD)
    report = build(root / "review", root / "site")
    assert report.problems == []
    return root


def expected(review: Review) -> set[str]:
    """The pages of what can be used."""
    pages = {f"studies/{name}.html" for name in review.studies}
    pages |= {f"analyses/{name}.html" for name in review.analyses}
    return pages | {f"questions/{name}.html" for name in review.questions}


def test_the_sample_is_large() -> None:
    assert len(SAMPLE) >= 55


@pytest.mark.parametrize("fault", SAMPLE, ids=[fault.code for fault in SAMPLE])
def test_a_fault_is_told_and_the_rest_is_built(good: Path, tmp_path: Path, fault: Fault) -> None:
    folder, site = tmp_path / "review", tmp_path / "site"
    shutil.copytree(good / "review", folder)
    shutil.copytree(good / "site", site)
    write(folder, {fault.file: broken(GOOD, fault)[fault.file]})
    report = build(folder, site)
    # told at its place, and nothing is told that is not in the text
    place = (fault.code, ELSEWHERE.get(fault.code, fault.file), fault.line)
    told = [(p.code, p.file, p.line) for p in report.problems]
    assert place in told
    assert not [p for p in report.problems if p.code in ("E601", "E602", "E604", "E610", "E611")]
    assert not any("Traceback" in p.message or "Error:" in p.message for p in report.problems)
    assert report.failed == (any(p.severity == "error" for p in report.problems))
    # the check says the same, word for word
    review = load(folder)
    assert set(review.problems) <= set(report.problems)
    # all the rest is built: the pages of everything that can be used, and no others
    pages = {p.relative_to(site).as_posix() for p in site.rglob("*.html")}
    if not report.whole:
        assert fault.file == INFO
        assert pages == {p.relative_to(good / "site").as_posix() for p in good.rglob("*.html")}
        return
    assert pages >= ALWAYS
    assert {p for p in pages if p.count("/") and not p.endswith("index.html")} >= expected(review)
    kinds = ("studies/", "analyses/", "questions/")
    assert {p for p in pages if p.startswith(kinds)} - ALWAYS == expected(review)
    assert fault.code in (site / "problems.html").read_text("utf-8")
