"""`probatum serve`: loopback only, and nothing but the site."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from probatum.build.folder import LIST
from probatum.cli.main import main
from probatum.cli.serve import server
from probatum.errors import ProbatumError


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    (root / "a").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "index.html").write_text("home")
    (root / "a/index.html").write_text("page a")
    (root / LIST).write_text("index.html\n")
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    return root


@pytest.fixture
def port(site: Path) -> Iterator[int]:
    with server(site, 0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        assert running.server_address[0] == "127.0.0.1"
        yield running.server_port
        running.shutdown()


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest("GET", path, skip_host=False)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_pages(port: int):
    assert get(port, "/") == (200, b"home")
    assert get(port, "/a/") == (200, b"page a")
    assert get(port, "/a/index.html?x=1") == (200, b"page a")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/a/..%2f..%2fsecret.txt",
        "/link.txt",
        "/.probatum-files",
        "/%2eprobatum-files",
        "/empty/",
        "//etc/passwd",
        "/nowhere.html",
    ],
)
def test_nothing_else(port: int, path: str):
    status, body = get(port, path)
    assert status == 404
    assert b"secret" not in body


def test_the_sites_own_page_for_addresses_that_do_not_exist(port: int, site: Path):
    (site / "404.html").write_text("not here")
    assert get(port, "/nowhere/at/all.html") == (404, b"not here")


def test_messages(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["serve", str(tmp_path)]) == 2
    assert "probatum build" in capsys.readouterr().err
    with pytest.raises(ProbatumError, match="up to 65535"):
        server(site, 70000)
    with server(site, 0) as running, pytest.raises(ProbatumError, match="--port"):
        server(site, running.server_port)


def test_a_review_folder_is_built_and_served(tmp_path: Path) -> None:
    """What `make run` does: one command from text to an address on this machine."""
    review = Path(__file__).parents[2] / "examples" / "bcg"
    words = [sys.executable, "-m", "probatum.cli", "serve", str(review), "--out", "site"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            line = next(line for line in running.stdout if line.startswith("http://"))
            assert line.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(line.split()[0], timeout=20) as page:
                assert b"tuberculosis" in page.read()
        finally:
            running.send_signal(signal.SIGINT)
        assert running.wait(timeout=20) == 0
