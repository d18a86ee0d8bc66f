"""A small review of invented trials, as text, and random edits to it."""

from __future__ import annotations

import random
from pathlib import Path

REVIEW = """format = 1
id = "small"
title = "A small review"
version = "1"

[question]
population = "people"
intervention = "drug"
comparator = "placebo"
outcomes = "events"

[outcomes.relapse]
name = "relapse"

[outcomes.harm]
name = "harm"

[frames.patients]
name = "patients"
people = "patients in trials"

[source_types.paper]
name = "paper"
"""

STUDY = """title = "Trial {letter}"
short = "Trial {letter}"
year = 2001
status = "completed"
randomised = true
condition = "{condition}"
frame = "patients"
source = "main"
locator = "p. 1"

[[reports]]
id = "main"
citation = "Trial {letter} 2001"
doi = "10.1000/{letter}"
read = "paper"

[[arms]]
id = "T"
label = "drug"
role = "experimental"
source = "main"
locator = "p. 2"

[[arms]]
id = "C"
label = "placebo"
role = "control"
source = "main"
locator = "p. 2"
"""

HEADER = "id,arm,outcome,n,events,use,source,locator,source_type,verified\n"
ROWS = {
    "a": (4, 20, 8, 21),
    "b": (3, 30, 7, 29),
    "c": (10, 50, 12, 52),
    "d": (0, 15, 2, 14),
    "e": (6, 40, 9, 41),
}

RELAPSE = """title = "Relapse"
outcome = "relapse"
measure = "OR"
subgroup = "condition"
favours = ["drug", "placebo"]

[[sensitivity]]
id = "risk"
title = "As a risk ratio"
reason = "Another measure."
measure = "RR"
"""
HARM = """title = "Harm"
outcome = "harm"
measure = "OR"
"""


def outcomes(letter: str, cells: tuple[int, int, int, int]) -> str:
    """Text of an outcomes.csv: relapse for all, harm for two of the trials."""
    ai, n1, ci, n2 = cells
    rows = [
        f"{letter}1,T,relapse,{n1},{ai},main,main,p. 3,paper,true",
        f"{letter}1,C,relapse,{n2},{ci},main,main,p. 3,paper,true",
    ]
    if letter in "ab":
        rows += [
            f"{letter}2,T,harm,{n1},2,main,main,p. 4,paper,true",
            f"{letter}2,C,harm,{n2},1,main,main,p. 4,paper,true",
        ]
    return HEADER + "\n".join(rows) + "\n"


def write(root: Path) -> Path:
    """Write the review."""
    for folder in ("analyses", "studies"):
        (root / folder).mkdir(parents=True)
    (root / "review.toml").write_text(REVIEW)
    (root / "analyses/relapse.toml").write_text(RELAPSE)
    (root / "analyses/harm.toml").write_text(HARM)
    for letter, cells in ROWS.items():
        folder = root / f"studies/trial-{letter}"
        folder.mkdir()
        condition = "first" if letter in "abc" else "second"
        (folder / "study.toml").write_text(STUDY.format(letter=letter, condition=condition))
        (folder / "outcomes.csv").write_text(outcomes(letter, cells))
    return root


def edit(root: Path, dice: random.Random) -> str:
    """Make one random edit, wise or not, and say which."""
    letter = dice.choice("abcdef")
    folder = root / f"studies/trial-{letter}"
    kind = dice.choice(
        [
            "cell",
            "cell",
            "cell",
            "remove",
            "add",
            "title",
            "damage",
            "spec",
            "blank",
            "stranger",
            "version",
        ]
    )
    table, toml = folder / "outcomes.csv", folder / "study.toml"
    if kind in ("cell", "add"):
        folder.mkdir(exist_ok=True)
        toml.write_text(STUDY.format(letter=letter, condition=dice.choice(["first", "second"])))
        n1, n2 = dice.randint(10, 60), dice.randint(10, 60)
        table.write_text(outcomes(letter, (dice.randint(0, n1), n1, dice.randint(0, n2), n2)))
    elif kind == "remove":
        for path in (table, toml):
            path.unlink(missing_ok=True)
        if folder.is_dir():
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
    elif kind == "title" and toml.is_file():
        toml.write_text(toml.read_text().replace('short = "', 'short = "New '))
    elif kind == "damage" and table.is_file():
        table.write_text(table.read_text().replace(",T,", dice.choice([",X,", ",T,#REF!,"])))
    elif kind == "spec":
        model = dice.choice(["random", "equal", "mantel-haenszel", "peto", "none", "exact", "no"])
        text = f'title = "Harm"\noutcome = "harm"\nmeasure = "OR"\nmodel = "{model}"\n'
        (root / "analyses/harm.toml").write_text(text)
    elif kind == "blank" and table.is_file():
        table.write_text(table.read_text() + "\n\n")
    elif kind == "stranger":
        (root / f"analyses/note{dice.randint(0, 2)}.txt").write_text("a note")
    elif kind == "version":
        number = dice.randint(2, 9)
        (root / "review.toml").write_text(REVIEW.replace('version = "1"', f'version = "{number}"'))
    return f"{kind} {letter}"
