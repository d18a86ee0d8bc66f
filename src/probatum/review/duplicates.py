"""Which records are the same work: every link with its reason, the last word of a pair counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from probatum.errors import Problem, problem, problem_code
from probatum.review.model import Frozen, Number
from probatum.review.table import read_table
from probatum.review.text import read_text

FILE = "records/duplicates.csv"
COLUMNS = ("a", "b", "decision", "score", "rule", "run", "decider", "date", "note")

Decision = Literal["duplicate", "distinct", "queue", "study"]

UNKNOWN_RECORD = problem_code(
    "E156",
    "Record does not exist",
    why="A link or decision about a record that is in no search changes nothing.",
    repair="Correct the id; records are listed in searches/*/records.jsonl.",
    example="a link to 2026-11-20-embase-09999 in a search of 120 records",
)
CONTRADICTION = problem_code(
    "E157",
    "Links of records contradict each other",
    why="Two records are told to be distinct, and other links make them one work.",
    repair="Undo one of the links: add a line with the decision distinct or duplicate.",
    example="a = b, b = c, and a is distinct from c",
)


class Link(Frozen):
    """One line of `records/duplicates.csv`: appended, never rewritten."""

    a: str
    b: str
    decision: Decision
    score: Number | None = None  # probability that they are one work
    rule: str = ""
    run: str = ""
    decider: str = ""  # a person, or the program and its version
    date: str = ""
    note: str = ""


@dataclass(frozen=True)
class Works:
    """The works behind the records: the first record of each stands for it.

    Attributes
    ----------
    of : dict
        The record that stands for each record, itself where it has no earlier duplicate.
    waiting : list of (str, str)
        Pairs that a person has to judge.
    contradictions : list of (str, str)
        Pairs that are told to be distinct and are joined by other links.
    """

    of: dict[str, str]
    waiting: list[tuple[str, str]]
    contradictions: list[tuple[str, str]]

    @property
    def duplicates(self) -> set[str]:
        """Records for which another one stands."""
        return {record for record, first in self.of.items() if record != first}


def read_links(data: bytes) -> tuple[list[Link], list[Problem], dict[str, int]]:
    """Read `records/duplicates.csv`: a pair may stand in several lines."""
    text, found = read_text(data, FILE)
    rows, more, lines = read_table(text, FILE, Link, ())
    return list(rows), found + more, lines


def last_words(links: Iterable[Link]) -> dict[tuple[str, str], Link]:
    """The link that counts for each pair: the last one."""
    return {(min(one.a, one.b), max(one.a, one.b)): one for one in links}


def works(records: Sequence[str], links: Iterable[Link]) -> Works:
    """Which record stands for which; `records` in the order they came in.

    Examples
    --------
    >>> known = works(["a", "b", "c"], [Link(a="b", b="a", decision="duplicate")])
    >>> known.of, known.duplicates
    ({'a': 'a', 'b': 'a', 'c': 'c'}, {'b'})
    """
    place = {record: index for index, record in enumerate(records)}
    parent = list(range(len(records)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    last = last_words(links)
    for (a, b), link in last.items():
        if link.decision == "duplicate" and a in place and b in place:
            low, high = sorted((root(place[a]), root(place[b])))
            parent[high] = low
    of = {record: records[root(index)] for record, index in place.items()}
    known = [(pair, link) for pair, link in last.items() if pair[0] in of and pair[1] in of]
    return Works(
        of,
        [pair for pair, link in known if link.decision == "queue" and of[pair[0]] != of[pair[1]]],
        [
            pair
            for pair, link in known
            if link.decision == "distinct" and of[pair[0]] == of[pair[1]]
        ],
    )


def check_links(
    links: Sequence[Link], records: Sequence[str], lines: Mapping[str, int]
) -> list[Problem]:
    """Links of records that don't exist, and links that contradict each other."""
    known, found = set(records), []
    for number, link in enumerate(links):
        for column, record in (("a", link.a), ("b", link.b)):
            if record not in known:
                line = lines.get(f"{FILE}#{number}", 0)
                message = f'"{record}" is in no search'
                found.append(problem(UNKNOWN_RECORD, FILE, line, column, message))
    for a, b in works(records, links).contradictions:
        message = f"{a} and {b} are told to be distinct, and other links join them"
        found.append(problem(CONTRADICTION, FILE, 0, "", message))
    return found
