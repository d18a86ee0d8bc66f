"""A claim that new evidence breaks is said at the build and on its page."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import probatum.site.pages  # noqa: F401  registers the pages
from probatum.build.build import build

BCG = Path(__file__).parents[2] / "examples" / "bcg"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [("ci_ub < 1", True), ("ci_ub > 1", False), ("k >= 14", False), ("tuberculosis.k == 13", True)],
)
def test_broken_claims_are_told(tmp_path: Path, condition: str, holds: bool) -> None:
    folder = tmp_path / "bcg"
    shutil.copytree(BCG, folder, ignore=shutil.ignore_patterns(".probatum"))
    page = folder / "questions" / "does-bcg-protect.md"
    text = page.read_text(encoding="utf-8").split("\n")
    where = next(i for i, line in enumerate(text) if line.startswith("expect"))
    text[where] = f'expect = ["{condition}"]'
    page.write_text("\n".join(text), encoding="utf-8")
    report = build(folder, tmp_path / "out")
    told = [(p.code, p.file, p.line) for p in report.problems]
    expected = [] if holds else [("E510", "questions/does-bcg-protect.md", where + 1)]
    assert told == expected
    html = (tmp_path / "out" / "questions" / "does-bcg-protect.html").read_text(encoding="utf-8")
    assert (condition.replace("<", "&lt;").replace(">", "&gt;") in html) == (not holds)


def test_a_claim_of_a_failed_analysis_is_no_second_fault(tmp_path: Path) -> None:
    """One row with a fault: it is told, and the analysis without it, and no sentence about it."""
    folder = tmp_path / "bcg"
    shutil.copytree(BCG, folder, ignore=shutil.ignore_patterns(".probatum"))
    table = folder / "studies" / "aronson-1948" / "outcomes.csv"
    text = table.read_text(encoding="utf-8")
    first = text.split("\n")[1].split(",")
    head = text.split("\n")[0].split(",")
    first[head.index("events")] = "9999"
    table.write_text("\n".join([text.split("\n")[0], ",".join(first), *text.split("\n")[2:]]))
    codes = {p.code for p in build(folder, tmp_path / "out").problems}
    assert codes == {"E214", "E423"}
    page = (tmp_path / "out" / "questions" / "does-bcg-protect.html").read_text(encoding="utf-8")
    assert "(no value)" in page
