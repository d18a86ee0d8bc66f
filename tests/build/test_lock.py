"""Two builds at once: the second waits and says so; a build that was killed blocks nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import small_review

import probatum.site.pages  # noqa: F401  (registers the pages)
from probatum.build.build import LOCK, build
from probatum.build.folder import LOCK as SITE_LOCK
from probatum.errors import ProbatumError
from probatum.review import lock
from probatum.review.lock import hold

HOLDER = """
import sys, time
from pathlib import Path
from probatum.review.lock import hold
with hold(Path(sys.argv[1]), "it"):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    """Another process that holds a lock until its input ends."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_a_second_process_waits_and_says_for_whom(tmp_path: Path):
    path = tmp_path / "lock"
    said: list[str] = []
    with holder(path) as child:
        assert child.stdin is not None
        threading.Timer(0.3, child.stdin.close).start()
        start = time.monotonic()
        with hold(path, "the site", waiting=said.append):
            assert time.monotonic() - start > 0.2
            assert path.read_text() == str(os.getpid())
    assert said == [
        f"the site is in use by another build (process {child.pid}); waiting for it to end"
    ]
    assert path.read_bytes() == b""  # the same bytes after every build


def test_a_killed_holder_blocks_nobody(tmp_path: Path):
    path = tmp_path / "lock"
    with holder(path) as child:
        child.send_signal(signal.SIGKILL)
        child.wait()
    said: list[str] = []
    with hold(path, "it", waiting=said.append):
        pass
    assert said == []


def test_waiting_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.1)
    path = tmp_path / "lock"
    with holder(path) as child:
        told = rf"process {child.pid}.*Wait for it or end it"
        with pytest.raises(ProbatumError, match=told), hold(path, "it"):
            pytest.fail("the lock was had twice")
        assert path.read_text() == str(child.pid)  # and its holder is still named
        assert child.stdin is not None
        child.stdin.close()


def test_without_a_place_for_a_lock_there_is_none(tmp_path: Path):
    with hold(tmp_path / "nowhere" / "deep" / "lock", "it"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["review", "site"])
def test_a_build_waits_for_another(tmp_path: Path, place: str):
    folder = small_review.write(tmp_path / "review")
    site = tmp_path / "site"
    build(folder, site)
    path = folder / LOCK if place == "review" else site / SITE_LOCK
    said: list[str] = []
    with holder(path) as child:
        assert child.stdin is not None
        threading.Timer(0.3, child.stdin.close).start()
        report = build(folder, site, waiting=said.append)
    assert report.problems == []
    assert len(said) == 1
    assert str(tmp_path / place) in said[0]


def test_many_builds_at_once_make_one_site(tmp_path: Path):
    """Three processes, one review, one folder: all end well and the site is that of one."""
    folder = small_review.write(tmp_path / "review")
    words = [sys.executable, "-m", "probatum.cli", "build", str(folder), "--out"]
    children = [
        subprocess.Popen([*words, str(tmp_path / "site")], stdout=subprocess.DEVNULL)
        for _ in range(3)
    ]
    assert [child.wait(timeout=120) for child in children] == [0, 0, 0]
    subprocess.run([*words, str(tmp_path / "alone")], check=True, stdout=subprocess.DEVNULL)
    one, other = (
        {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}
        for root in (tmp_path / "site", tmp_path / "alone")
    )
    assert one == other
