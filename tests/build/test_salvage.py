"""A review that can't be read as a whole: the earlier site stays, and the problems are shown."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import small_review

import probatum.site.pages  # noqa: F401  (registers the pages)
from probatum.build.build import build

CHANGES = {"problems.html", ".probatum-files"}


def tree(path: Path) -> dict[str, bytes]:
    return {
        p.relative_to(path).as_posix(): p.read_bytes()
        for p in sorted(path.rglob("*"))
        if p.is_file()
    }


def unparsed(folder: Path) -> tuple[str, str, int]:
    """Damage review.toml; (code, file, line)."""
    path = folder / "review.toml"
    path.write_text(path.read_text().replace('title = "A small', "title = A small"))
    return ("E110", "review.toml", 3)


def incomplete(folder: Path) -> tuple[str, str, int]:
    path = folder / "review.toml"
    path.write_text(path.read_text().replace('version = "1"\n', ""))
    return ("E112", "review.toml", 1)


def missing(folder: Path) -> tuple[str, str, int]:
    (folder / "review.toml").unlink()
    return ("E101", "review.toml", 0)


def turned_away(folder: Path) -> tuple[str, str, int]:
    """The folder of studies is a link to another place."""
    shutil.move(folder / "studies", folder.parent / "elsewhere")
    (folder / "studies").symlink_to(folder.parent / "elsewhere")
    return ("E106", "studies", 0)


DAMAGE = pytest.mark.parametrize("damage", [unparsed, incomplete, missing, turned_away])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_review.write(tmp_path / "review")


@DAMAGE
def test_the_earlier_site_stays(folder: Path, damage):
    site = folder.parent / "site"
    build(folder, site)
    good = tree(site)
    copy = folder.parent / "copy"
    shutil.copytree(folder, copy)
    place = damage(folder)
    report = build(folder, site)
    assert (report.failed, report.whole, report.earlier) == (True, False, True)
    assert place in [(p.code, p.file, p.line) for p in report.problems]
    assert {p.code for p in report.problems} == {place[0]}  # one fault, and nothing that follows
    now = tree(site)
    assert set(now) == set(good)
    assert {path for path in good if now[path] != good[path]} <= CHANGES
    page = now["problems.html"].decode()
    assert place[0] in page
    assert "no new pages were made" in page
    # a second time nothing changes, and mended it is as it was
    assert build(folder, site).written == []
    assert tree(site) == now
    shutil.rmtree(folder)
    (folder.parent / "copy").rename(folder)
    mended = build(folder, site)
    assert (mended.whole, mended.problems) == (True, [])
    assert tree(site) == good


@DAMAGE
def test_without_an_earlier_site_the_first_page_tells(folder: Path, damage):
    site = folder.parent / "site"
    code, _, _ = damage(folder)
    report = build(folder, site)
    assert (report.failed, report.whole, report.earlier) == (True, False, False)
    made = tree(site)
    assert made["index.html"] == made["problems.html"]
    assert code in made["index.html"].decode()
    assert {path for path in made if path.endswith(".html")} == {"index.html", "problems.html"}
    assert build(folder, site).written == []


def test_a_first_page_that_told_of_problems_gives_way(folder: Path):
    site = folder.parent / "site"
    text = (folder / "review.toml").read_text()
    unparsed(folder)
    build(folder, site)
    (folder / "review.toml").write_text(text)
    assert build(folder, site).problems == []
    build(folder, folder.parent / "clean")
    assert tree(site) == tree(folder.parent / "clean")


def test_hostile_text_reaches_the_page_escaped(folder: Path):
    (folder / "studies/trial-a/<b>.csv").write_text("x")
    unparsed(folder)
    build(folder, folder.parent / "site")
    page = (folder.parent / "site/problems.html").read_text()
    assert "&lt;b&gt;.csv" in page
    assert "<b>.csv" not in page
