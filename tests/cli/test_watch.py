"""`build --watch` and `serve --watch` as real processes: edits, faults, mending, company."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "build"))
import small_review

PATIENCE = 60.0  # seconds until a test gives up; nothing here takes more than a few


class Process:
    """A running `probatum`, its lines read as they come."""

    def __init__(self, words: list[str]) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "probatum.cli", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self.lines.put(line)

    def until(self, words: str) -> str:
        """Wait for a line with these words; all that was said."""
        said = ""
        while words not in said:
            try:
                said += self.lines.get(timeout=PATIENCE)
            except queue.Empty:
                pytest.fail(f"{words!r} was not said, but: {said}")
        return said


@contextmanager
def running(*words: str) -> Iterator[Process]:
    """A process that is interrupted at the end, and then ends by itself."""
    process = Process(list(words))
    try:
        yield process
        assert process.child.poll() is None  # it is still alive
        process.child.send_signal(signal.SIGINT)
        assert process.child.wait(timeout=PATIENCE) == 0
    finally:
        process.child.kill()
        process.child.wait()


def holds(read: Callable[[], str], words: str) -> str:
    """Wait until a page holds these words."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        text = read()
        if words in text:
            return text
        time.sleep(0.05)
    pytest.fail(f"{words!r} did not appear")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_review.write(tmp_path / "review")


def change(path: Path, old: str, new: str) -> None:
    """Replace text in a file, which must hold it, at one stroke as editors do."""
    text = path.read_text()
    assert old in text
    aside = Path(tempfile.mkdtemp()) / "aside"
    aside.write_text(text.replace(old, new))
    aside.replace(path)


def test_a_watched_build_follows_edits_and_survives_faults(folder: Path):
    site, table = folder.parent / "site", folder / "studies/trial-e/outcomes.csv"
    with running("build", str(folder), "--out", str(site), "--watch") as process:
        process.until("; 0 errors")
        page = site / "studies/trial-e.html"
        study = lambda: page.read_text()  # noqa: E731
        holds(study, "Trial e")
        change(folder / "studies/trial-e/study.toml", '"Trial e"', '"Trial of walking"')
        process.until("; 0 errors")
        holds(study, "Trial of walking")
        # a number changes the pages that rest on it
        data = site / "data/analyses/relapse.csv"
        assert ",6.0,9.0," in data.read_text()
        change(table, "e1,T,relapse,40,6", "e1,T,relapse,40,7")
        process.until("; 0 errors")
        holds(lambda: data.read_text(), ",7.0,9.0,")
        # a row with a fault is told at its place
        change(table, "e1,T,relapse,40,7", "e1,T,relapse,40,70")
        assert "E214 studies/trial-e/outcomes.csv:2" in process.until(" error")
        change(table, "e1,T,relapse,40,70", "e1,T,relapse,40,8")
        process.until("; 0 errors")
        # the whole review breaks: the pages stay, and it is said
        good = study()
        change(folder / "review.toml", 'version = "1"', "version = ")
        said = process.until(" error")
        assert "E110 review.toml:4" in said
        assert "The earlier site is as it was." in said
        assert study() == good
        change(folder / "review.toml", "version = ", 'version = "2"')
        process.until("; 0 errors")
        holds(study, ">2</span>")
        holds(lambda: data.read_text(), ",8.0,9.0,")


def test_a_site_folder_that_is_taken_away_is_made_again(folder: Path):
    site = folder.parent / "site"
    with running("build", str(folder), "--out", str(site), "--watch") as process:
        process.until("; 0 errors")
        site.rename(folder.parent / "old")
        site.write_text("in the way")
        change(folder / "review.toml", '"1"', '"2"')
        process.until("needs a folder")
        site.unlink()
        change(folder / "review.toml", '"2"', '"3"')
        process.until("; 0 errors")
        assert (site / "index.html").is_file()


def test_a_watched_site_is_served_beside_another_build(folder: Path):
    site = folder.parent / "site"
    with running("serve", str(folder), "--out", str(site), "--watch") as process:
        address = process.until("http://").split("http://")[1].split()[0]

        def page() -> str:
            with urllib.request.urlopen(f"http://{address}index.html", timeout=PATIENCE) as got:
                return str(got.read().decode())

        assert "A small review" in page()
        change(folder / "review.toml", '"A small review"', '"A renamed review"')
        words = [sys.executable, "-m", "probatum.cli", "build", str(folder), "--out", str(site)]
        for _ in range(2):
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            assert (done.returncode, "0 errors" in done.stdout) == (0, True)
        holds(page, "A renamed review")
        change(folder / "review.toml", '"A renamed review"', '"A third name"')
        holds(page, "A third name")


def test_only_a_review_can_be_watched(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from probatum.cli.main import main

    assert main(["serve", str(tmp_path), "--watch"]) == 2
    assert "--watch needs one" in capsys.readouterr().err
    assert main(["build", str(tmp_path / "nowhere"), "--watch"]) == 2
    assert "not a folder" in capsys.readouterr().err
