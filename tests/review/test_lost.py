"""A result that lost a row to an error is never pooled as what is left of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from probatum.review.contrast import select
from probatum.review.load import load

ROWS = "studies/a-2020/outcomes.csv"
SPEC = "analyses/relapse.toml"
THIRD = "A1,other,relapse,50,30,60,,,,main,paper,table 2,abstract,true\n"


@pytest.fixture
def three(good: dict[str, str]) -> dict[str, str]:
    """The first result has three arms, of which an odds ratio can't be made."""
    text = good["studies/a-2020/study.toml"]
    good["studies/a-2020/study.toml"] = (
        text + '\n[[arms]]\nid = "other"\nlabel = "o"\nrole = "control"\n'
    )
    good[ROWS] += THIRD
    return good


def taken(write: Any, files: dict[str, Any]) -> tuple[list[str], list[tuple[str, str]], list[str]]:
    """(results that enter, (result, reason) of those left out, codes)."""
    review = load(write(files))
    assert review.info is not None
    made = select(review.analyses["relapse"], review.studies, review.info)
    return (
        [item.result for item in made.items],
        [(item["row"], item["reason"]) for item in made.excluded],
        [found.code for found in made.problems],
    )


def codes_of(folder: Path) -> set[str]:
    """Codes of what is said of the rows and of the analysis."""
    return {found.code for found in load(folder).problems if found.file in (ROWS, SPEC)}


def test_three_arms_are_no_contrast(three: dict[str, str], write: Any) -> None:
    items, left, codes = taken(write, three)
    assert items == ["B1", "C1"]
    assert left == [("A1", "the result has 3 usable rows; a contrast has 2")]
    assert codes == ["E421"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("other,relapse,50,30,60", "other,relapse,50,51,60"),  # more events than people
        ("other,relapse,50,30", "other,relapse,50,#REF!"),
        ("other,relapse,50,30", "other,relapse,50,30,"),  # a comma too many
        ("other,relapse,50,30,60,,,,main,paper", 'other,relapse,50,30,60,,,,main,"paper'),
        ("A1,other", "2-Mar,other"),  # the id is lost
        ("A1,other", "A 1,other"),
        ("A1,other", "A1,drug"),  # the same arm twice: one of the two is wrong
        ("A1,other,relapse", "A1,other,"),
    ],
)
def test_nor_are_two_that_are_left_of_three(
    three: dict[str, str], write: Any, old: str, new: str
) -> None:
    assert old in three[ROWS]
    items, left, codes = taken(write, {**three, ROWS: three[ROWS].replace(old, new)})
    assert items == ["B1", "C1"]
    assert [row for row, _ in left] == ["A1"]
    assert "a row of it can't be used" in left[0][1]
    assert codes == ["E423"]


def test_rows_that_an_open_quotation_mark_swallows(three: dict[str, str], write: Any) -> None:
    """The mark is closed by a stray one further down, and the rows between are gone."""
    head, first, second, *rest = three[ROWS].split("\n")
    text = "\n".join([head, *rest[:-2], first, second.replace("table 2", '"table 2')])
    files = {**three, ROWS: text + "\n" + THIRD.replace("table 2", 'table 2"')}
    items, left, codes = taken(write, files)
    assert (items, [row for row, _ in left], codes) == (["B1", "C1"], ["A1"], ["E423"])


def test_a_share_is_not_taken_from_the_other_arm(good: dict[str, str], write: Any) -> None:
    """With the row of the treated arm gone, that of the control must not stand for it."""
    good[SPEC] = good[SPEC].replace('measure = "OR"', 'measure = "PLO"')
    assert taken(write, good)[0] == ["A1", "B1", "C1"]
    good[ROWS] = good[ROWS].replace("A1,drug,relapse,50,10", "A1,drug,relapse,50,100")
    assert taken(write, good)[0] == ["B1", "C1"]


def test_a_result_that_vanished_is_told_where_it_was_meant(
    good: dict[str, str], write: Any
) -> None:
    broken = good[ROWS].replace("A1,drug,relapse,50,10", "A1,drug,relapse,50,100")
    broken = broken.replace("A1,placebo,relapse,50,20", "A1,placebo,relapse,50,200")
    items, left, codes = taken(write, {**good, ROWS: broken})
    assert (items, [row for row, _ in left], codes) == (["B1", "C1"], ["A1"], ["E423"])
    # named in the analysis it is not unknown, and left out with a reason it is no problem
    named = {
        **good,
        ROWS: broken,
        SPEC: good[SPEC].replace('use = ["main"]', 'rows = ["A1", "B1"]'),
    }
    assert codes_of(write(named)) == {"E214", "E423"}
    out = good[SPEC] + '\n[[exclude]]\nrow = "A1"\nreason = "a typing error"\n'
    assert codes_of(write({**good, ROWS: broken, SPEC: out})) == {"E214"}
    # of another use it would not have entered
    aside = broken.replace(",main,paper,table 2", ",none,paper,table 2")
    assert taken(write, {**good, ROWS: aside})[1:] == ([], [])


def test_side_by_side_too(three: dict[str, str], write: Any) -> None:
    three[SPEC] = three[SPEC].replace('measure = "OR"', 'measure = "OR"\nmodel = "none"')
    assert taken(write, three)[0] == ["A1", "B1", "C1"]
    three[ROWS] = three[ROWS].replace("A1,other,relapse,50,30", "A1,other,relapse,50,31.5")
    assert taken(write, three)[0] == ["B1", "C1"]


def test_it_is_never_typed(good: dict[str, str], write: Any) -> None:
    good["studies/a-2020/study.toml"] = "lost = []\n" + good["studies/a-2020/study.toml"]
    found = load(write(good)).problems
    assert [(p.code, p.file, p.line) for p in found] == [("E111", "studies/a-2020/study.toml", 1)]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("unit,use,", "unit,uses,", "E121"),  # what the rows are for is not known
        ("locator,source_type", "locator,locator", "E122"),
        (",verified\n", ",verifed\n", "E121"),
    ],
)
def test_with_a_faulty_header_no_result_is_pooled(
    good: dict[str, str], write: Any, old: str, new: str, code: str
) -> None:
    assert old in good[ROWS]
    good[ROWS] = good[ROWS].replace(old, new)
    folder = write(good)
    items, left, codes = taken(write, good)
    assert items == ["B1", "C1"]
    assert [row for row, _ in left] == ["A1"]
    assert code in codes_of(folder)
    assert set(codes) <= {"E423"}


def test_who_was_not_verified_is_never_taken_for_verified(good: dict[str, str], write: Any) -> None:
    """The column that says so is misspelt: nothing of the table counts as verified."""
    good["facts.csv"] = (
        "id,topic,statement,source,verifed\nF1,law,A rule,gazette,false\nF2,law,Two,gazette,true\n"
    )
    review = load(write(good))
    assert {p.code for p in review.problems if p.file == "facts.csv"} == {"E121"}
    assert [fact.verified for fact in review.registers["facts"]] == [False, False]
    good["facts.csv"] = good["facts.csv"].replace("source,verifed", "source,verified")
    facts = load(write(good)).registers["facts"]
    assert [fact.verified for fact in facts] == [False, True]
