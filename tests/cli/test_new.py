"""``probatum new``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from probatum.cli.main import main
from probatum.review.load import load


def test_a_new_review_has_everything_and_no_problems(tmp_path: Path, capsys: Any) -> None:
    folder = tmp_path / "mine"
    assert main(["new", str(folder), "--title", 'Does "it" help?']) == 0
    assert "probatum check" in capsys.readouterr().out
    review = load(folder)
    assert review.problems == []
    assert review.info is not None
    assert review.info.title == 'Does "it" help?'
    assert len(review.studies) == 3
    assert len(review.analyses) == 1
    [question] = review.questions.values()
    assert question.claims
    assert all(claim.expect for claim in question.claims)
    assert "#" in (folder / "review.toml").read_text()  # it explains itself


def test_what_is_there_is_left_alone(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    assert main(["new", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert main(["new", str(tmp_path / "mine.txt")]) == 2


def test_a_new_review_builds(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert main(["new", str(folder)]) == 0
    assert main(["build", str(folder), "--out", str(tmp_path / "site")]) == 0
    assert (tmp_path / "site" / "index.html").is_file()
