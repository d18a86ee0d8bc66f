"""``probatum check`` and the command line around all verbs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from probatum.cli import check as check_verb
from probatum.cli.main import main


@pytest.fixture
def review(tmp_path: Path) -> Path:
    """A good review, as `probatum new` makes it."""
    folder = tmp_path / "review"
    assert main(["new", str(folder)]) == 0
    return folder


def _outcomes(review: Path) -> Path:
    return next(iter(sorted((review / "studies").glob("*/outcomes.csv"))))


def test_a_good_review(review: Path, capsys: Any) -> None:
    capsys.readouterr()
    assert main(["check", str(review)]) == 0
    assert "0 errors, 0 warnings." in capsys.readouterr().out


def test_a_fault_is_printed_with_its_place(review: Path, capsys: Any) -> None:
    path = _outcomes(review)
    path.write_text(path.read_text().replace(",main,", ",mian,", 1))
    capsys.readouterr()
    assert main(["check", str(review)]) == 1
    out = capsys.readouterr().out
    assert f"E202 studies/{path.parent.name}/outcomes.csv:2 use" in out
    assert 'Did you mean "main"?' in out


def test_json_is_data(review: Path, capsys: Any) -> None:
    path = _outcomes(review)
    path.write_text(path.read_text().replace(",main,", ",mian,", 1))
    capsys.readouterr()
    assert main(["check", str(review), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    first = next(item for item in found if item["code"] == "E202")
    assert (first["line"], first["severity"], first["field"]) == (2, "error", "use")


def test_a_folder_that_is_no_review(tmp_path: Path, capsys: Any) -> None:
    assert main(["check", str(tmp_path)]) == 1
    assert "E101" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "none")]) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_misuse_names_the_nearest_verb(capsys: Any) -> None:
    assert main(["chek"]) == 2
    assert 'Did you mean "check"?' in capsys.readouterr().err
    assert main(["check", "--jsn"]) == 2
    assert main([]) == 2
    assert main(["check", "--help"]) == 0


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [(KeyboardInterrupt(), 130, ""), (RuntimeError("odd"), 1, "unexpected RuntimeError: odd")],
)
def test_no_traceback(
    raised: BaseException, code: int, said: str, monkeypatch: Any, capsys: Any
) -> None:
    def fail(_: object) -> int:
        raise raised

    monkeypatch.delenv("PROBATUM_DEBUG", raising=False)
    monkeypatch.setattr(check_verb, "run", fail)
    assert main(["check"]) == code
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_debug_shows_where(monkeypatch: Any) -> None:
    def fail(_: object) -> int:
        raise RuntimeError("odd")

    monkeypatch.setenv("PROBATUM_DEBUG", "1")
    monkeypatch.setattr(check_verb, "run", fail)
    with pytest.raises(RuntimeError, match="odd"):
        main(["check"])
