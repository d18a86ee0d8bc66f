"""docs/methods: every method has a page with its source, and every example runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import probatum as pb

FOLDER = Path(__file__).parents[1] / "docs" / "methods"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != "index.md")
SECTIONS = ["What", "When", "How", "Example", "Differences from metafor"]
# figures have their own page, types and errors come with what returns or raises them
GALLERY = (FOLDER.parent / "gallery.md").read_text(encoding="utf-8")
FIGURES = set(re.findall(r"^## `pb\.(\w+)`", GALLERY, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_when_how_and_whence(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    how = text.split("## How\n")[1].split("\n## ")[0]
    assert re.search(r"\b(18|19|20)\d\d\b", how)
    assert f"({page.name})" in (FOLDER / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_its_example_runs(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    space: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page.name, "exec"), space)
    assert capsys.readouterr().out


def test_every_method_of_the_library_has_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    functions = {name for name in pb.__all__ if not isinstance(getattr(pb, name), type)}
    missing = [name for name in functions - FIGURES if f"pb.{name}" not in text]
    assert sorted(missing) == []


def test_every_estimator_of_tau2_is_named() -> None:
    text = (FOLDER / "random-effects.md").read_text(encoding="utf-8")
    assert [one["code"] for one in pb.tau2_methods() if f"`{one['code']}`" not in text] == []


def test_links_lead_somewhere() -> None:
    for page in [*PAGES, FOLDER / "index.md"]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"
