"""``probatum import`` as a person and as a script use it."""

import json
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
