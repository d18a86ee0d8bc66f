"""An export in a review: kept as it came, taken in once, whole or not at all."""

import datetime
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from probatum.errors import BadInput, ProbatumError
from probatum.review.searches.importing import Facts, file_hash, import_export, quoted
from probatum.review.searches.model import Run

DAY = datetime.date(2026, 11, 25)
TEXT = "".join(
    f"TY  - JOUR\nTI  - Title {i}\nAU  - Name{i}, A\nDB  - Embase\nER  - \n" for i in range(3)
)


@pytest.fixture
def review(tmp_path: Path) -> Path:
    folder = tmp_path / "review"
    folder.mkdir()
    (folder / "review.toml").write_text("format = 1\n")
    return folder


def take(review: Path, text: str, name: str = "a.ris", facts: Facts | None = None) -> str:
    path = review.parent / name
    path.write_bytes(text.encode())
    return import_export(review, path, facts or Facts(), today=DAY).search


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".probatum-lock"
    }


def test_the_export_is_kept_as_it_came_and_records_have_lasting_ids(review: Path) -> None:
    name = take(review, TEXT + "TY  - JOUR\nER  - \n")
    assert name == "2026-11-25-embase"
    place = review / "searches" / name
    assert (place / "export.ris").read_bytes() == (review.parent / "a.ris").read_bytes()
    rows = [json.loads(line) for line in (place / "records.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == [f"{name}-{n:05d}" for n in (1, 2, 3)]
    run = Run.model_validate_json((place / "run.json").read_bytes())
    assert (run.entries, run.parsed, len(run.rejected)) == (4, 3, 1)
    for file in run.files:
        assert file_hash(place / file.name) == file.sha256


def test_a_second_import_changes_nothing(review: Path) -> None:
    first = take(review, TEXT)
    before = tree(review)
    assert take(review, TEXT, "copy.txt", Facts(database="Scopus")) == first
    assert tree(review) == before


def test_another_export_of_the_same_day_and_database_stands_beside_it(review: Path) -> None:
    names = [take(review, TEXT), take(review, TEXT + "TY  - JOUR\nTI  - x\nER  - \n")]
    assert names == ["2026-11-25-embase", "2026-11-25-embase-2"]


def test_a_file_without_entries_leaves_no_trace(review: Path) -> None:
    for text in ("", "just some words\n"):
        with pytest.raises(BadInput, match=r"x\.txt"):
            take(review, text, "x.txt")
    with pytest.raises(BadInput, match="no entries"):
        take(review, "just some words\n", "x.txt", Facts(format="ris"))
    assert not any((review / "searches").glob("[!.]*"))


def test_a_folder_that_is_no_review_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.ris").write_text(TEXT)
    with pytest.raises(ProbatumError, match=r"review\.toml"):
        import_export(tmp_path, tmp_path / "a.ris", Facts(), today=DAY)
    assert [path.name for path in tmp_path.iterdir()] == ["a.ris"]


def test_a_query_of_several_lines_is_kept_as_it_is() -> None:
    import tomllib

    for text in ("1. a\n2. b", "quote ' and \"", "'''\nx", "tab\t\x7f", ""):
        assert tomllib.loads(f"query = {quoted(text)}")["query"] == text


def test_an_import_that_is_killed_leaves_all_or_nothing(review: Path) -> None:
    big = review.parent / "big.ris"
    big.write_text("".join(f"TY  - JOUR\nTI  - Title {i}\nER  - \n" for i in range(20_000)))
    command = [sys.executable, "-m", "probatum.cli.main", "import", str(big)]
    command += ["--review", str(review), "--database", "Embase", "--date", "2026-11-25"]
    rng = random.Random(5)
    for _ in range(4):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ)
        time.sleep(0.2 + rng.random() * 0.8)
        process.send_signal(signal.SIGKILL)
        process.wait()
        made = list((review / "searches").glob("[!.]*"))
        assert all((path / "run.json").is_file() for path in made)
        assert len(made) <= 1
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    (place,) = (review / "searches").glob("[!.]*")
    lines = (place / "records.jsonl").read_text().splitlines()
    assert len({json.loads(line)["id"] for line in lines}) == len(lines) == 20_000
    assert not list((review / "searches").glob(".incoming-*"))
