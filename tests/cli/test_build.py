"""`probatum build`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from probatum.cli.main import main

sys.path.insert(0, str(Path(__file__).parents[1] / "build"))
import small_review


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_review.write(tmp_path / "review")


def test_build_says_what_it_did(folder: Path, capsys: pytest.CaptureFixture[str]):
    site = folder.parent / "site"
    assert main(["build", str(folder), "--out", str(site)]) == 0
    told = capsys.readouterr()
    assert "0 errors" in told.out
    assert told.err == ""  # quiet in a pipe
    assert (site / "index.html").is_file()


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]):
    site = folder.parent / "site"
    main(["build", str(folder), "--out", str(site), "--json"])
    first = json.loads(capsys.readouterr().out)
    assert "index.html" in first["written"]
    main(["build", str(folder), "--out", str(site), "--json"])
    assert json.loads(capsys.readouterr().out)["rebuilt_nodes"] == []


def test_problems_are_exit_1_and_misuse_is_exit_2(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "analyses/harm.toml").write_text("title = \n")
    site = folder.parent / "site"
    assert main(["build", str(folder), "--out", str(site)]) == 1
    assert "E110 analyses/harm.toml:1" in capsys.readouterr().out
    assert main(["build", str(folder / "nowhere"), "--out", str(site)]) == 2
    assert "not a folder" in capsys.readouterr().err
    assert main(["build", str(folder), "--out", str(folder)]) == 2
    assert "no build has written" in capsys.readouterr().err
