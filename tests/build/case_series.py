"""A small review of invented case reports and series, as text."""

from __future__ import annotations

from pathlib import Path

REVIEW = """format = 1
id = "cases"
title = "Invented case series"
version = "1"

[question]
population = "people"
intervention = "drug"
comparator = "none"
outcomes = "episodes"

[outcomes.episodes]
name = "episodes"
better = "lower"

[source_types.paper]
name = "paper"
full_text = true
"""
STUDY = """title = "Series {letter}"
short = "Series {letter}"
year = 2011
status = "completed"
randomised = false
condition = "{condition}"
source = "main"
locator = "p. 1"

[[reports]]
id = "main"
citation = "Series {letter} 2011"
doi = "10.1000/{letter}"
read = "paper"

[[arms]]
id = "A"
label = "drug"
role = "single-arm"
source = "main"
locator = "p. 2"
"""
HEADER = "id,age,sex,outcome,outcome_measure,before,after,weeks,source,locator,source_type,verified"
#: before and after of each person
PEOPLE: dict[str, list[tuple[str, str]]] = {
    "a": [("28", "20"), ("31", "25"), ("35", "24"), ("30", "21")],
    "b": [("22", "18"), ("27", "25"), ("24", "19.5")],
    "c": [("30", "17"), ("41", "24"), ("25", "16")],
    "d": [("33", "22")],
}
ANALYSIS = """title = "Change in episodes"
outcome = "episodes"
patients = "episodes per day"
measure = "MC"
favours = ["fewer", "more"]

[[sensitivity]]
id = "all-people"
title = "All people in one model"
reason = "Takes in the case report."
model = "one-stage"
"""


def table(people: list[tuple[str, str]]) -> str:
    """Text of a patients.csv."""
    rows = [
        f"{i},30,female,fewer episodes,episodes per day,{x},{y},12,main,p. {i},paper,true"
        for i, (x, y) in enumerate(people, 1)
    ]
    return "\n".join([HEADER, *rows]) + "\n"


def write(root: Path) -> Path:
    """Write the review."""
    for folder in ("analyses", "studies"):
        (root / folder).mkdir(parents=True)
    (root / "review.toml").write_text(REVIEW)
    (root / "analyses/change.toml").write_text(ANALYSIS)
    for letter, people in PEOPLE.items():
        folder = root / f"studies/series-{letter}"
        folder.mkdir()
        condition = "first" if letter in "ab" else "second"
        (folder / "study.toml").write_text(STUDY.format(letter=letter, condition=condition))
        (folder / "patients.csv").write_text(table(people))
    return root
