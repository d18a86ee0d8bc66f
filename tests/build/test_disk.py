"""Disks that are full, folders that can't be written or read: a clear message, and no loss."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import small_review

import probatum.site.pages  # noqa: F401  (registers the pages)
from probatum.build.build import build
from probatum.build.folder import SiteFolder
from probatum.cli.main import main
from probatum.errors import ProbatumError
from probatum.review.load import load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_review.write(tmp_path / "review")


def tree(path: Path) -> dict[str, bytes]:
    return {
        p.relative_to(path).as_posix(): p.read_bytes()
        for p in sorted(path.rglob("*"))
        if p.is_file()
    }


def places(folder: Path, site: Path) -> set[tuple[str, str]]:
    """(code, file) of all errors; the build and the check agree on the text's."""
    report = build(folder, site)
    found = {(p.code, p.file) for p in report.problems if p.severity == "error"}
    checked = {(p.code, p.file) for p in load(folder).problems if p.severity == "error"}
    assert checked <= found
    return found


# ---------------------------------------------------------------------- writing
FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
from probatum.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_full_disk_leaves_the_earlier_site(folder: Path):
    """No file may grow beyond six thousand bytes, as if the disk were full."""
    site = folder.parent / "site"
    build(folder, site)
    before = tree(site)
    table = folder / "studies/trial-a/outcomes.csv"
    table.write_text(table.read_text().replace("a1,T,relapse,20,4", "a1,T,relapse,20,5"))
    words = [sys.executable, "-c", FULL, "build", str(folder), "--out", str(site)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "can't be written" in done.stderr
    assert "What stood there before is unchanged." in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(site) == before
    # with room again it is as if nothing had been
    assert build(folder, site).problems == []
    build(folder, folder.parent / "clean")
    assert tree(site) == tree(folder.parent / "clean")


@pytest.mark.parametrize("at", [0, 3, 14])
def test_a_disk_that_fills_up_on_the_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch, at: int, capsys: pytest.CaptureFixture[str]
):
    site = folder.parent / "site"
    build(folder, site)
    before = tree(site)
    (folder / "review.toml").write_text(small_review.REVIEW.replace('"A small', '"Another small'))
    plain, count = SiteFolder._part, [0]

    def full(self: SiteFolder, data: bytes) -> str:
        count[0] += 1
        if count[0] > at:
            raise OSError(28, "No space left on device")
        return plain(self, data)

    monkeypatch.setattr(SiteFolder, "_part", full)
    assert main(["build", str(folder), "--out", str(site)]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert tree(site) == before


@pytest.mark.parametrize("out", ["/proc/site", "/dev/null", "/dev/null/site", "loop"])
def test_a_place_that_can_hold_no_site(folder: Path, out: str, capsys: pytest.CaptureFixture[str]):
    place = folder.parent / out
    if out == "loop":
        place.symlink_to(place)
    assert main(["build", str(folder), "--out", str(place)]) == 2
    told = capsys.readouterr().err
    assert "--out" in told
    assert "fault in Probatum" not in told


def test_one_file_that_cannot_be_written_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch):
    site = folder.parent / "site"
    plain = os.replace

    def denied(source: str, target: Path) -> None:
        if Path(target).name == "trial-a.html":
            raise PermissionError(13, "Permission denied")
        plain(source, target)

    monkeypatch.setattr(os, "replace", denied)
    report = build(folder, site)
    assert [(p.code, p.file) for p in report.problems] == [("E608", "studies/trial-a.html")]
    assert (site / "studies/trial-b.html").is_file()
    monkeypatch.undo()
    assert build(folder, site).problems == []
    assert (site / "studies/trial-a.html").is_file()


def test_an_id_too_long_for_a_page(folder: Path):
    """A folder may have a name of 255 bytes; with ".html" behind it, that is too much."""
    name = "-".join(["trial"] * 42) + "-ab"
    assert len(name) == 254
    (folder / "studies/trial-e").rename(folder / "studies" / name)
    report = build(folder, folder.parent / "site")
    assert [(p.code, p.file) for p in report.problems] == [("E608", f"studies/{name}.html")]
    assert (folder.parent / "site/studies/trial-a.html").is_file()


def test_deep_folders(tmp_path: Path):
    deep = tmp_path
    while len(str(deep)) < 3000:
        deep = deep / ("d" * 200)
    deep.mkdir(parents=True)
    folder = small_review.write(deep / "review")
    assert build(folder, deep / "site").problems == []
    assert (deep / "site/index.html").is_file()
    with pytest.raises(ProbatumError, match="too long"):
        build(folder, deep.joinpath(*["d" * 200] * 6))


def test_a_review_that_cannot_be_written_to_is_built(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """No cache, no lock: slower, and the same site."""
    build(folder, folder.parent / "site")
    (folder / ".probatum" / "cache.sqlite").unlink()
    for path in sorted((folder / ".probatum").iterdir()):
        path.unlink()
    (folder / ".probatum").rmdir()
    (folder / ".probatum").write_text("in the way")
    report = build(folder, folder.parent / "other")
    assert report.problems == []
    assert tree(folder.parent / "site") == tree(folder.parent / "other")


def test_what_others_put_into_the_site_stays(folder: Path):
    site = folder.parent / "site"
    build(folder, site)
    for path in ("CNAME", "studies/trial-a.pdf", ".well-known/security.txt", "mine/index.html"):
        (site / path).parent.mkdir(exist_ok=True)
        (site / path).write_text("mine")
    for path in (folder / "studies").iterdir():
        for file in path.iterdir():
            file.unlink()
        path.rmdir()
    build(folder, site)
    left = {path for path, data in tree(site).items() if data == b"mine"}
    assert left == {"CNAME", "studies/trial-a.pdf", ".well-known/security.txt", "mine/index.html"}
    assert not (site / "studies/trial-a.html").exists()


def test_a_list_of_files_that_lies_deletes_nothing_outside(folder: Path):
    site = folder.parent / "site"
    build(folder, site)
    (folder.parent / "thesis.txt").write_text("mine")
    (site / ".probatum-files").write_text(f"../thesis.txt\n{folder.parent}/thesis.txt\n.\n/\n\n")
    report = build(folder, site)
    assert (folder.parent / "thesis.txt").read_text() == "mine"
    # what it no longer lists is not ours any more: told, and left alone
    assert {p.code for p in report.problems} == {"E605"}


# ---------------------------------------------------------------------- reading
def refuse(monkeypatch: pytest.MonkeyPatch, ends: str) -> None:
    """Reading a path that ends so is refused, as the system does to other accounts."""
    opened, listed, looked = Path.open, Path.iterdir, Path.is_file

    def denied(self: Path) -> None:
        if self.as_posix().endswith(ends):
            raise PermissionError(13, "Permission denied", str(self))

    def no_open(self: Path, *given: str, **named: str | None) -> object:
        denied(self)
        return opened(self, *given, **named)

    def no_list(self: Path) -> object:
        denied(self)
        return listed(self)

    def no_look(self: Path) -> bool:
        denied(self.parent)
        return looked(self)

    monkeypatch.setattr(Path, "open", no_open)
    monkeypatch.setattr(Path, "iterdir", no_list)
    monkeypatch.setattr(Path, "is_file", no_look)


@pytest.mark.parametrize(
    ("ends", "file"),
    [
        ("review/studies/trial-a/outcomes.csv", "studies/trial-a/outcomes.csv"),
        ("review/studies/trial-a/study.toml", "studies/trial-a/study.toml"),
        ("review/analyses/harm.toml", "analyses/harm.toml"),
        ("review/facts.csv", "facts.csv"),
        ("review/studies/trial-a", "studies/trial-a"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_built(
    folder: Path, monkeypatch: pytest.MonkeyPatch, ends: str, file: str
):
    (folder / "facts.csv").write_text("id,topic,statement,source\nF1,law,A rule,gazette\n")
    (folder / "questions").mkdir()
    site = folder.parent / "site"
    build(folder, site)
    refuse(monkeypatch, ends)
    found = places(folder, site)
    assert ("E109", file) in found
    assert {code for code, _ in found} == {"E109"}
    assert (site / "studies/trial-b.html").is_file()
    if "trial-a" in file:
        page = (site / "analyses/relapse.html").read_text()
        assert "can’t be read at present" in page or "can&#39;t be read at present" in page


@pytest.mark.parametrize(
    "ends", ["review/review.toml", "review/studies", "review/analyses", "review/questions"]
)
def test_where_nothing_can_be_made_the_earlier_site_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, ends: str
):
    (folder / "questions").mkdir()
    site = folder.parent / "site"
    build(folder, site)
    before = tree(site)
    refuse(monkeypatch, ends)
    report = build(folder, site)
    assert (report.whole, report.earlier) == (False, True)
    assert "E109" in {p.code for p in report.problems}
    now = tree(site)
    assert {path for path in before if now.get(path) != before[path]} == {"problems.html"}


@pytest.mark.skipif(os.geteuid() == 0, reason="the system refuses root nothing")
def test_permissions_of_the_system(folder: Path):
    path = folder / "studies/trial-a/outcomes.csv"
    path.chmod(0)
    assert ("E109", "studies/trial-a/outcomes.csv") in places(folder, folder.parent / "site")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def away(path: Path) -> None:
    (path.parents[3] / "secret").write_text("id,arm,outcome\nx,T,relapse\n")
    path.symlink_to(path.parents[3] / "secret")


@pytest.mark.parametrize(("make", "code"), [(loop, "E109"), (pipe, "E109"), (away, "E106")])
def test_strange_things_instead_of_a_table(folder: Path, make: Callable[[Path], None], code: str):
    path = folder / "studies/trial-a/outcomes.csv"
    path.unlink()
    make(path)
    assert places(folder, folder.parent / "site") == {(code, "studies/trial-a/outcomes.csv")}


def test_a_study_that_is_a_link_out_is_not_followed(folder: Path):
    (folder / "studies/trial-a").rename(folder.parent / "trial-a")
    (folder / "studies/trial-a").symlink_to(folder.parent / "trial-a")
    found = places(folder, folder.parent / "site")
    assert found == {("E106", "studies/trial-a")}
    assert not (folder.parent / "site/studies/trial-a.html").exists()
