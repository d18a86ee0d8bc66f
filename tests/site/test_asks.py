"""Questions in lists: an answer without an analysis that states how sure it is shows it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import probatum.site.pages  # noqa: F401  registers the pages
from probatum.build.build import build

BCG = Path(__file__).parents[2] / "examples" / "bcg"
ASK = """+++
title = "Does it help with another illness?"

[[claims]]
id = "answer"
text = "That is very uncertain."
sources = ["{row}"]
{stated}+++
"""


@pytest.mark.parametrize("stated", ["", 'certainty = "very low"\n'])
def test_a_stated_certainty_stands_in_the_list(tmp_path: Path, stated: str) -> None:
    folder = tmp_path / "bcg"
    shutil.copytree(BCG, folder, ignore=shutil.ignore_patterns(".probatum"))
    study = next(folder.glob("studies/*/outcomes.csv"))
    result, arm = study.read_text(encoding="utf-8").split("\n")[1].split(",")[:2]
    page = ASK.format(row=f"{study.parent.name}/{result}/{arm}", stated=stated)
    (folder / "questions" / "another.md").write_text(page, encoding="utf-8")
    report = build(folder, tmp_path / "out")
    assert [p for p in report.problems if p.severity == "error"] == []
    listed = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    item = listed.partition("questions/another.html")[2].partition("</li>")[0]
    assert ("very low" in item.casefold()) == bool(stated)
