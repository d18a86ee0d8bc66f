"""Duplicates in a review: lines are added, what was decided stays, and each step can be undone."""

import datetime
import json
from pathlib import Path

import pytest

from probatum.cli.main import main
from probatum.errors import BadInput, ProbatumError
from probatum.review.deduplicating import RUNS, deduplicate, judge, read_runs
from probatum.review.duplicates import FILE, works
from probatum.review.load import load
from probatum.review.searches.importing import Facts, import_export

pytest.importorskip("polars")
DAY = datetime.date(2026, 11, 25)
WORKS = [
    ("Ketamine psychotherapy for heroin addiction", "Krupitsky, E", 2002, "273", "283"),
    ("Urinary symptoms among recreational users of ketamine", "Winstock, A", 2012, "1762", "1766"),
    ("Naltrexone for alcohol dependence in primary care", "Anton, R", 2006, "2003", "2017"),
]


def ris(*which: int, upper: bool = False) -> str:
    out = ""
    for title, author, year, first, last in (WORKS[i] for i in which):
        title = title.upper() + "." if upper else title
        out += (
            f"TY  - JOUR\nTI  - {title}\nAU  - {author}\nPY  - {year}\nJF  - J Addict\nVL  - 23\n"
            f"SP  - {first}\nEP  - {last}\nER  - \n"
        )
    return out


@pytest.fixture
def review(tmp_path: Path) -> Path:
    assert main(["new", str(tmp_path / "review")]) == 0
    return tmp_path / "review"


def take(review: Path, text: str, database: str) -> list[str]:
    path = review.parent / f"{database}.ris"
    path.write_text(text)
    name = import_export(review, path, Facts(database=database), today=DAY).search
    return [one.id for one in load(review).searches[name].records]


def known(review: Path) -> set[str]:
    found = load(review)
    assert found.problems == []
    records = [one.id for search in found.searches.values() for one in search.records]
    return works(records, found.links).duplicates


def test_a_run_adds_lines_and_a_second_one_finds_nothing_new(review: Path) -> None:
    first, second = take(review, ris(0, 1), "a"), take(review, ris(1, 2, upper=True), "b")
    done = deduplicate(review, by="probatum x", today=DAY)
    assert done is not None
    assert (done.run, done.records, done.merged) == (1, 4, 1)
    assert known(review) == {second[0]}
    (link,) = load(review).links
    assert {link.a, link.b} == {first[1], second[0]}
    assert (link.run, link.decider) == ("1", "probatum x")
    assert link.rule
    before = (review / FILE).read_bytes()
    assert deduplicate(review, by="probatum x", today=DAY) is None
    assert (review / FILE).read_bytes() == before


def test_new_records_touch_nothing_that_was_decided(review: Path) -> None:
    first, second = take(review, ris(0, 1), "a"), take(review, ris(1, upper=True), "b")
    deduplicate(review, by="p", today=DAY)
    judge(review, first[1], second[0], "distinct", by="ann", today=DAY)
    assert known(review) == set()
    before = (review / FILE).read_bytes()
    third = take(review, ris(0, 2), "c")
    done = deduplicate(review, by="p", today=DAY)
    assert done is not None
    assert (done.run, done.records, done.merged) == (2, 2, 1)
    assert (review / FILE).read_bytes().startswith(before)
    assert known(review) == {third[0]}
    assert [run.run for run in read_runs(review)] == [1, 2]


def test_a_person_can_merge_and_undo(review: Path) -> None:
    a, b = take(review, ris(0, 1), "a")
    judge(review, a, b, "duplicate", by="ann", today=DAY, note="same table")
    assert known(review) == {b}
    judge(review, b, a, "distinct", by="bo", today=DAY)
    assert known(review) == set()
    assert [link.decider for link in load(review).links] == ["ann", "bo"]


def test_contradictions_and_unknown_records_are_refused(review: Path) -> None:
    a, b, c = take(review, ris(0, 1, 2), "a")
    judge(review, a, b, "duplicate", by="ann", today=DAY)
    judge(review, b, c, "duplicate", by="ann", today=DAY)
    with pytest.raises(BadInput, match="other links join them"):
        judge(review, a, c, "distinct", by="ann", today=DAY)
    with pytest.raises(BadInput, match="in no search"):
        judge(review, a, "nobody", "distinct", by="ann", today=DAY)
    with pytest.raises(BadInput, match="one record"):
        judge(review, a, a, "duplicate", by="ann", today=DAY)


def test_damaged_records_stop_a_run_before_it_writes(review: Path) -> None:
    take(review, ris(0, 1), "a")
    (place,) = (review / "searches").glob("*/records.jsonl")
    place.write_text("half a li")
    with pytest.raises(ProbatumError, match=r"E15\d"):
        deduplicate(review, by="p", today=DAY)
    assert not (review / FILE).exists()
    (review / RUNS).parent.mkdir(exist_ok=True)
    (review / RUNS).write_text("{]\n")
    with pytest.raises(ProbatumError, match=r"runs\.jsonl:1"):
        read_runs(review)


def test_the_command_in_a_review(review: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = take(review, ris(0, 1), "a")
    take(review, ris(1, upper=True), "b")
    capsys.readouterr()
    assert main(["dedup", str(review), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["merged"] == 1
    assert main(["dedup", str(review)]) == 0
    assert "Nothing is new" in capsys.readouterr().out
    assert main(["dedup", str(review), "--distinct", *ids, "--by", "ann"]) == 0
    assert "decided by ann" in capsys.readouterr().out
    assert main(["dedup", str(review), "--pairs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["dedup", str(review.parent)]) == 2
    assert "no review" in capsys.readouterr().err
