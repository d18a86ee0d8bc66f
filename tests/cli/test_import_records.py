"""``probatum import`` as a person and as a script use it."""

import errno
import json
import os
from pathlib import Path

import pytest

from probatum.cli.main import main

TEXT = "TY  - JOUR\nTI  - a\nER  - \nTY  - JOUR\nER  - \n"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    return path


def test_a_dry_run_tells_all_and_writes_nothing(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(export), "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["format"], told["entries"], told["parsed"]) == ("ris", 2, 1)
    assert [(one["line_from"], one["line_to"]) for one in told["rejected"]] == [(4, 5)]
    assert told["records"] == [{"type": "article", "title": "a"}]
    assert [path.name for path in export.parent.iterdir()] == ["a.txt"]


def test_rejected_entries_are_told_with_their_lines(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (export.parent / "review.toml").write_text("format = 1\n")
    assert main(["import", str(export), "--review", str(export.parent), "--hits", "3"]) == 1
    said = capsys.readouterr().out
    assert "2 entries = 1 records + 1 rejected" in said
    assert "lines 4 to 5: the entry has no title" in said
    assert "reported 3 hits and the export has 2" in said


def test_what_can_not_be_read_is_told_file_by_file(
    tmp_path: Path, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.ris").touch()
    files = [str(tmp_path / "none.ris"), str(tmp_path / "empty.ris"), str(export)]
    assert main(["import", *files, "--dry-run", "--json"]) == 1
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert "does not exist" in told[0]["problem"]
    assert "is empty" in told[1]["problem"]
    assert told[2]["parsed"] == 1
    assert "Traceback" not in err


def test_misuse_is_told(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(export), "--dry-run", "--format", "rsi"]) == 2
    assert 'Did you mean "ris"?' in capsys.readouterr().err
    assert main(["import", str(export), "--date", "yesterday"]) == 2
    assert "2026-11-20" in capsys.readouterr().err


def test_a_table_with_columns_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("Titel;Jahr\nEine Studie;2020\n")
    (tmp_path / "map.toml").write_text('title = "Titel"\nyear = "Jahr"\n')
    (tmp_path / "review.toml").write_text("format = 1\n")
    words = ["import", str(tmp_path / "a.csv"), "--columns", str(tmp_path / "map.toml")]
    assert main([*words, "--dry-run", "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)["records"]
    assert (record["title"], record["year"]) == ("Eine Studie", 2020)
    assert main([*words, "--review", str(tmp_path), "--database", "x"]) == 0
    assert main([*words[:3], str(tmp_path / "none.toml"), "--dry-run"]) == 2


def test_a_file_name_and_a_database_that_are_no_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "review.toml").write_text("format = 1\n")
    path = tmp_path / os.fsdecode(b"bad\xff.ris")
    try:
        path.write_text("TY  - JOUR\nTI  - a\nER  - \n")
    except OSError:
        pytest.skip("this system has no such file names")
    named = ["--database", os.fsdecode(b"x\xfe")]
    assert main(["import", str(path), "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parsed"] == 1
    assert main(["import", str(path), "--review", str(tmp_path), *named]) == 0
    (run,) = tmp_path.glob("searches/*/run.json")
    assert json.loads(run.read_text("utf-8"))["given"] == ["bad\ufffd.ris"]


@pytest.mark.parametrize(
    "words", [("--hits", "-5"), ("--date", "9999-12-31"), ("--date", "0202-12-31")]
)
def test_counts_and_dates_that_can_not_be(
    words: tuple[str, str], export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (export.parent / "review.toml").write_text("format = 1\n")
    review = str(export.parent)
    assert main(["import", str(export), "--review", review, f"{words[0]}={words[1]}"]) == 2
    assert words[1] in capsys.readouterr().err
    assert not (export.parent / "searches").exists()


def test_a_full_disk_is_no_fault_of_the_program(
    export: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*names: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "here/export.ris")

    (export.parent / "review.toml").write_text("format = 1\n")
    monkeypatch.setattr("shutil.copyfile", full)
    assert main(["import", str(export), "--review", str(export.parent)]) == 1
    said = capsys.readouterr().err
    assert '"here/export.ris": No space left on device' in said
    assert "fault in Probatum" not in said
    assert [path.name for path in (export.parent / "searches").glob("*[!k]")] == []
