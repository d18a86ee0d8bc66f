"""A kept search that was touched, cut or taken apart is told of at its place."""

import datetime
import json
from pathlib import Path

import pytest

from probatum.review.load import load
from probatum.review.searches.importing import Facts, import_export

DAY = datetime.date(2026, 11, 25)
NAME = "2026-11-25-embase"


@pytest.fixture
def review(tmp_path: Path) -> Path:
    from probatum.cli.main import main

    folder = tmp_path / "review"
    assert main(["new", str(folder)]) == 0
    export = tmp_path / "a.ris"
    export.write_text("".join(f"TY  - JOUR\nTI  - t {i}\nER  - \n" for i in range(3)))
    import_export(folder, export, Facts(database="Embase", hits=3), today=DAY)
    return folder


def codes(review: Path) -> list[tuple[str, str, int]]:
    return [(one.code, one.file, one.line) for one in load(review).problems]


def test_a_kept_search_is_read_whole(review: Path) -> None:
    found = load(review)
    assert found.problems == []
    (search,) = found.searches.values()
    assert [one.title for one in search.records] == ["t 0", "t 1", "t 2"]


def test_an_edited_export_is_told(review: Path) -> None:
    place = review / "searches" / NAME / "export.ris"
    place.write_text(place.read_text().replace("t 1", "t 9"))
    assert codes(review) == [("E151", f"searches/{NAME}/export.ris", 0)]


def test_a_cut_record_is_told_at_its_line(review: Path) -> None:
    place = review / "searches" / NAME / "records.jsonl"
    place.write_text(place.read_text()[:-10])
    assert ("E153", f"searches/{NAME}/records.jsonl", 3) in codes(review)
    assert len(load(review).searches[NAME].records) == 2


def test_counts_that_do_not_add_up_are_told(review: Path) -> None:
    place = review / "searches" / NAME / "run.json"
    row = json.loads(place.read_text())
    row["entries"] = 7
    place.write_text(json.dumps(row))
    assert ("E154", f"searches/{NAME}/run.json", 0) in codes(review)


def test_missing_files_and_strangers_are_told(review: Path) -> None:
    folder = review / "searches" / NAME
    (folder / "notes.docx").write_text("x")
    (folder / "export.ris").unlink()
    (review / "searches" / "stray.ris").write_text("x")
    assert sorted(codes(review)) == [
        ("E151", f"searches/{NAME}/export.ris", 0),
        ("W130", f"searches/{NAME}/notes.docx", 0),
        ("W130", "searches/stray.ris", 0),
    ]


def test_fewer_entries_than_hits_are_told_until_a_note_says_why(review: Path) -> None:
    place = review / "searches" / NAME / "search.toml"
    place.write_text(place.read_text().replace("hits = 3", "hits = 30"))
    assert codes(review) == [("W155", f"searches/{NAME}/search.toml", 5)]
    place.write_text(place.read_text() + 'note = "The platform exports the first 3 only."\n')
    assert codes(review) == []


def test_links_and_decisions_on_unknown_records_are_told(review: Path) -> None:
    (review / "records").mkdir()
    (review / "records" / "duplicates.csv").write_text(
        f"a,b,decision\n{NAME}-00001,{NAME}-00002,duplicate\n{NAME}-00001,nobody,distinct\n"
    )
    place = review / "screening" / "full-text"
    place.mkdir(parents=True)
    (place / "ann.csv").write_text(f"record,decision,reason\nx,include,\n{NAME}-00003,exclude,\n")
    assert sorted(codes(review)) == [
        ("E156", "records/duplicates.csv", 3),
        ("E156", "screening/full-text/ann.csv", 2),
        ("W158", "screening/full-text/ann.csv", 3),
    ]


def test_the_build_says_what_the_check_says(review: Path, tmp_path: Path) -> None:
    from probatum.build import steps  # noqa: F401
    from probatum.build.build import open_engine

    place = review / "searches" / NAME / "export.ris"
    place.write_text("changed")
    (review / "records").mkdir()
    (review / "records" / "duplicates.csv").write_text("a,b,decision\nx,y,duplicate\n")
    engine = open_engine(review)
    try:
        built = [(one["code"], one["file"], one["line"]) for one in engine.get("problems")]
    finally:
        engine.store.close()
    assert sorted(built) == sorted(codes(review))
