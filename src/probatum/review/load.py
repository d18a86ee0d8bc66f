"""A review folder to typed models, with every problem collected and nothing else lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from probatum.errors import Problem, problem, problem_code
from probatum.review import decisions, duplicates
from probatum.review.checks import check_all, check_rows
from probatum.review.decisions import STAGES, Decision, Stage, check_decisions
from probatum.review.duplicates import Link, check_links
from probatum.review.flow import in_order
from probatum.review.folder import OUTSIDE, UNREADABLE, CannotRead, ReviewFolder
from probatum.review.locate import read_toml
from probatum.review.lost import lost_results
from probatum.review.model import (
    FORMAT,
    REGISTERS,
    AnalysisSpec,
    Certainty,
    Estimate,
    Frozen,
    LostResult,
    OutcomeRow,
    Patient,
    Question,
    ReviewInfo,
    RobRow,
    Sourced,
    Study,
)
from probatum.review.searches.importing import RECORDS, RUN, SEARCH
from probatum.review.searches.read import SearchFolder, read_search
from probatum.review.table import DOUBLE_COLUMN, UNKNOWN_COLUMN, read_table
from probatum.review.text import read_text
from probatum.review.typed import UNKNOWN_KEY, typed

T = TypeVar("T")

NO_REVIEW = problem_code(
    "E101",
    "No review.toml",
    why="A review folder is known by its review.toml.",
    repair="Name the right folder, or make one with: probatum new FOLDER",
    example="probatum check . in another folder",
)
NO_STUDY = problem_code(
    "E108",
    "No study.toml",
    why="The rows of a study mean nothing without its arms and reports.",
    repair="Write a study.toml, or delete the folder.",
    example="studies/dakwar-2020/ with an outcomes.csv alone",
)
BAD_ID = problem_code(
    "E131",
    "Id is not in kebab-case",
    why="Ids are addresses on the site and must be the same on every file system.",
    repair="Rename it with small letters, digits and hyphens.",
    example="studies/Dakwar 2020/",
)
STRANGER = problem_code(
    "W130",
    "File is not part of a review",
    why="A misnamed file is never read, and its rows would be missed without a word.",
    repair="Correct its name, or keep it elsewhere.",
    example="studies/a/outcome.csv",
)
FRONT_MATTER = problem_code(
    "E140",
    "Front matter",
    why="A question starts with TOML between two lines of +++.",
    repair="Start the file with +++, the keys, and +++ again.",
    example="a question without the second +++",
)
FORMAT_NEWER = problem_code(
    "E141",
    "Unknown format",
    why="A later Probatum may have given keys another meaning.",
    repair=f"This Probatum reads format {FORMAT}: update Probatum or correct the number.",
    example="format = 9",
)

TABLES: dict[str, tuple[str, type[Frozen], tuple[str, ...]]] = {
    "outcomes.csv": ("outcomes", OutcomeRow, ("id", "arm")),
    "estimates.csv": ("estimates", Estimate, ("id",)),
    "patients.csv": ("patients", Patient, ("id",)),
    "rob.csv": ("rob", RobRow, ("tool", "domain")),
}
STUDY_FILES = ", ".join(("study.toml", *TABLES))
_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """A value (None where unusable), its problems, and lines by ``"<file>#<key>"``."""

    value: T | None
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Review:
    """A loaded review folder."""

    root: Path
    info: ReviewInfo | None
    studies: dict[str, Study]
    registers: dict[str, tuple[Sourced, ...]]
    analyses: dict[str, AnalysisSpec]
    certainty: dict[str, Certainty]
    questions: dict[str, Question]
    searches: dict[str, SearchFolder]
    links: tuple[Link, ...]
    decisions: tuple[Decision, ...]
    problems: list[Problem]
    lines: dict[str, int]


def _at(file: str, lines: Mapping[str, int]) -> dict[str, int]:
    return {f"{file}#{key}": line for key, line in lines.items()}


def parse_info(data: bytes, file: str = "review.toml") -> Parsed[ReviewInfo]:
    """Read `review.toml`."""
    text, found = read_text(data, file)
    values, lines, more = read_toml(text, file)
    found += more
    if values is None:
        return Parsed(None, found, _at(file, lines))
    if values.get("format") != FORMAT and isinstance(values.get("format"), int):
        message = f"format {values['format']} is not known; expected {FORMAT}"
        found.append(problem(FORMAT_NEWER, file, lines.get("format", 1), "format", message))
    value, more = typed(ReviewInfo, values, file, lines)
    return Parsed(value, found + more, _at(file, lines))


def parse_study(name: str, files: Mapping[str, bytes], *, complete: bool = True) -> Parsed[Study]:
    """Read a study folder from the bytes of its files, by name.

    Where it is not `complete`, a file could not be read, and any result may be missing.
    """
    base = f"studies/{name}"
    found: list[Problem] = []
    lines: dict[str, int] = {}
    if not _KEBAB.match(name):
        found.append(problem(BAD_ID, base, 0, "", f'"{name}" is not in kebab-case'))
    if "study.toml" not in files:
        found.append(problem(NO_STUDY, base, 0, "", "the folder has no study.toml"))
        return Parsed(None, found, lines)
    file = f"{base}/study.toml"
    text, more = read_text(files["study.toml"], file)
    found += more
    values, keys, more = read_toml(text, file)
    found += more
    lines |= _at(file, keys)
    if values is None:
        return Parsed(None, found, lines)
    values = dict(values)
    for reserved in ("id", "lost", "lost_patients", *(kind for kind, _, _ in TABLES.values())):
        if reserved in values:
            del values[reserved]
            found.append(_misplaced(file, keys, reserved))
    values["id"] = name
    value, more = typed(Study, values, file, keys)
    found += more
    lost = [] if complete else [LostResult(id="")]
    tables: dict[str, Any] = {"lost": lost, "lost_patients": not complete}
    for table, (kind, model, key) in TABLES.items():
        if table not in files:
            continue
        place = f"{base}/{table}"
        text, more = read_text(files[table], place)
        found += more
        if text or not more:
            rows, more, at = read_table(text, place, model, key)
            found += more
            headed = not {item.code for item in more} & {DOUBLE_COLUMN, UNKNOWN_COLUMN}
            lines |= _at(place, at)
            tables[kind], more = check_rows(rows, key, place, lines)
            found += more
            dropped = any(item.severity == "error" for item in found)
            gone = lost_results(text, tables[kind], key, headed=headed) if dropped else []
            if kind in ("outcomes", "estimates"):
                lost += gone
            elif kind == "patients" and gone:
                tables["lost_patients"] = True
    return Parsed(value and value.model_copy(update=tables), found, lines)


def parse_register(name: str, data: bytes) -> Parsed[tuple[Sourced, ...]]:
    """Read ``<name>.csv``, one of `REGISTERS`."""
    file = f"{name}.csv"
    text, found = read_text(data, file)
    rows, more, lines = read_table(text, file, REGISTERS[name], ("id",))
    good, faults = check_rows(rows, ("id",), file, _at(file, lines))
    return Parsed(tuple(good), found + more + faults, _at(file, lines))


def _named(name: str, file: str) -> list[Problem]:
    if _KEBAB.match(name):
        return []
    return [problem(BAD_ID, file, 0, "", f'"{name}" is not in kebab-case')]


def _misplaced(file: str, lines: Mapping[str, int], key: str) -> Problem:
    """An id, or rows, typed where the name of the file or a CSV file says it."""
    place = "the name of the file or folder" if key == "id" else f"{key}.csv"
    if key in ("lost", "lost_patients"):
        place = "the rows of the study"
    if key == "body":
        place = "the text below the second +++"
    message = f'key "{key}" is unknown here: it follows from {place}'
    return problem(UNKNOWN_KEY, file, lines.get(key, 1), key, message)


def parse_analysis(name: str, data: bytes, file: str) -> Parsed[AnalysisSpec]:
    """Read `analyses/<name>.toml`.

    A selection that lost a condition would pool other studies than were meant, so a fault
    outside ``[[sensitivity]]`` leaves nothing to run.
    """
    text, found = read_text(data, file)
    found += _named(name, file)
    values, lines, more = read_toml(text, file)
    found += more
    if values is None:
        return Parsed(None, found, _at(file, lines))
    if "id" in values:
        found.append(_misplaced(file, lines, "id"))
    value, more = typed(AnalysisSpec, {**values, "id": name}, file, lines)
    if any(not item.field.startswith("sensitivity.") for item in more):
        value = None
    return Parsed(value, found + more, _at(file, lines))


def parse_certainty(name: str, data: bytes, file: str) -> Parsed[Certainty]:
    """Read `certainty/<name>.toml`; the name is that of an analysis ("a" or "a--b")."""
    text, found = read_text(data, file)
    found += _named(name.replace("--", "-"), file)
    values, lines, more = read_toml(text, file)
    found += more
    if values is None:
        return Parsed(None, found, _at(file, lines))
    if "id" in values:
        found.append(_misplaced(file, lines, "id"))
    value, more = typed(Certainty, {**values, "id": name}, file, lines)
    # a judgement that lost one of its reasons would no longer be the one that was made
    return Parsed(None if more else value, found + more, _at(file, lines))


def parse_question(name: str, data: bytes, file: str) -> Parsed[Question]:
    """Read `questions/<name>.md`: TOML between two lines of ``+++``, then Markdown."""
    text, found = read_text(data, file)
    found += _named(name, file)
    head, _, rest = text.partition("\n")
    matter, fence, body = rest.partition("\n+++")
    if head.strip() != "+++" or not fence:
        message = "expected TOML between two lines of +++ at the start"
        found.append(problem(FRONT_MATTER, file, 1, "", message))
        return Parsed(None, found)
    values, lines, more = read_toml(matter, file, first=2)
    found += more
    if values is None:
        return Parsed(None, found, _at(file, lines))
    found += [_misplaced(file, lines, key) for key in ("id", "body") if key in values]
    lines["body"] = matter.count("\n") + 4
    values = {**values, "id": name, "body": body.partition("\n")[2]}
    value, more = typed(Question, values, file, lines)
    return Parsed(value, found + more, _at(file, lines))


def parse_search(name: str, files: Mapping[str, bytes]) -> Parsed[SearchFolder]:
    """Read a search folder from the bytes of its files."""
    value, found, lines = read_search(name, files)
    return Parsed(value, found + _named(name, f"searches/{name}"), lines)


def kept_files(run: bytes | None) -> list[str]:
    """The files that `run.json` says were kept, wherever it can be read."""
    try:
        told = json.loads(run or b"{}")
        return [str(file["name"]) for file in told["files"]]
    except (ValueError, KeyError, TypeError):
        return []


def parse_links(data: bytes) -> Parsed[tuple[Link, ...]]:
    """Read `records/duplicates.csv`."""
    rows, found, lines = duplicates.read_links(data)
    return Parsed(tuple(rows), found, _at(duplicates.FILE, lines))


def parse_decisions(stage: Stage, reviewer: str, data: bytes) -> Parsed[tuple[Decision, ...]]:
    """Read one person's decisions of a stage."""
    rows, found, lines = decisions.read_decisions(stage, reviewer, data)
    return Parsed(tuple(rows), found, _at(decisions.place(stage, reviewer), lines))


@dataclass(frozen=True, slots=True)
class TextKind:
    """A kind of text that has a folder of its own: one file each, named by its id."""

    folder: str
    end: str
    parse: Callable[[str, bytes, str], Parsed[Any]]

    def file(self, name: str) -> str:
        """Path of the text `name`."""
        return f"{self.folder}/{name}{self.end}"


TEXTS: dict[str, TextKind] = {
    "spec": TextKind("analyses", ".toml", parse_analysis),
    "certainty": TextKind("certainty", ".toml", parse_certainty),
    "question": TextKind("questions", ".md", parse_question),
}


def is_kept(file: str, kept: Iterable[str]) -> bool:
    """Whether a name in a search folder is a part of the search (a folder: of its files)."""
    return file in (SEARCH, RUN) or any(name.split("/")[0] == file for name in kept)


class _Reading:
    """A review while it is loaded: every problem and line is kept, whatever becomes of the rest."""

    def __init__(self, folder: ReviewFolder) -> None:
        self.folder = folder
        self.found: list[Problem] = []
        self.lines: dict[str, int] = {}

    def file(self, path: str) -> bytes | None:
        """Bytes of a file; None where there is none, or it can't be read."""
        try:
            return self.folder.file(path)
        except CannotRead as fault:
            self.found.append(fault.problem)
            return None

    def names(self, path: str) -> list[str]:
        """Names in a folder; none where it can't be read."""
        try:
            return self.folder.names(path)
        except CannotRead as fault:
            self.found.append(fault.problem)
            return []

    def keep(self, parsed: Parsed[T]) -> T | None:
        """The value; problems and lines are kept."""
        self.found.extend(parsed.problems)
        self.lines.update(parsed.lines)
        return parsed.value

    def stranger(self, path: str, expected: str) -> None:
        """Tell of a file that is not read."""
        message = f"the file is not read; expected {expected}"
        self.found.append(problem(STRANGER, path, 0, "", message))

    def study(self, name: str) -> Study | None:
        """Read a study folder; strangers in it are told of."""
        before = len(self.found)
        inside = self.names(f"studies/{name}")
        files: dict[str, bytes] = {}
        for file in inside:
            path = f"studies/{name}/{file}"
            if file != "study.toml" and file not in TABLES:
                self.stranger(path, STUDY_FILES)
            elif (content := self.file(path)) is not None:
                files[file] = content
        if "study.toml" not in files and len(self.found) > before:
            return None  # why it can't be read has been told
        if not inside and self.file(f"studies/{name}") is not None:
            self.stranger(f"studies/{name}", "study folders only")
            return None
        complete = not any(item.code in (OUTSIDE, UNREADABLE) for item in self.found[before:])
        return self.keep(parse_study(name, files, complete=complete))

    def search(self, name: str) -> SearchFolder | None:
        """Read a search folder; strangers in it are told of."""
        base = f"searches/{name}"
        inside = self.names(base)
        if not inside and self.file(base) is not None:
            self.stranger(base, "search folders only")
            return None
        run = self.file(f"{base}/{RUN}") if RUN in inside else None
        kept = kept_files(run)
        for file in inside:
            if not is_kept(file, kept):
                self.stranger(f"{base}/{file}", f"{SEARCH}, {RUN} and the files it names")
        files = {RUN: run} if run is not None else {}
        for file in dict.fromkeys([SEARCH, RECORDS, *kept]):
            content = self.file(f"{base}/{file}")
            if content is not None:
                files[file] = content
        return self.keep(parse_search(name, files))

    def links(self) -> tuple[Link, ...]:
        """Read the links between records."""
        content = self.file(duplicates.FILE)
        return () if content is None else self.keep(parse_links(content)) or ()

    def decisions(self) -> tuple[Decision, ...]:
        """Read all decisions, stage by stage and person by person."""
        out: list[Decision] = []
        for stage in STAGES:
            for name in self.names(f"screening/{stage}"):
                path = f"screening/{stage}/{name}"
                if not name.endswith(".csv"):
                    self.stranger(path, "files that end in .csv")
                elif (content := self.file(path)) is not None:
                    read = self.keep(parse_decisions(stage, name[:-4], content))
                    out += read or ()
        return tuple(out)

    def texts(self, kind: TextKind) -> dict[str, Any]:
        """Read all texts of a kind."""
        out: dict[str, Any] = {}
        for name in self.names(kind.folder):
            path = f"{kind.folder}/{name}"
            if not name.endswith(kind.end):
                self.stranger(path, f"files that end in {kind.end}")
            elif (content := self.file(path)) is not None:
                value = self.keep(kind.parse(name.removesuffix(kind.end), content, path))
                if value is not None:
                    out[value.id] = value
        return out


def load(folder: str | Path) -> Review:
    """Load a review folder; all faults in its text are in `Review.problems`.

    Examples
    --------
    >>> review = load("examples/bcg")  # doctest: +SKIP
    >>> review.problems  # doctest: +SKIP
    []
    """
    root = Path(folder)
    reading = _Reading(ReviewFolder(root))
    found, lines = reading.found, reading.lines
    data = reading.file("review.toml")
    if data is None:
        if not found:
            found.append(problem(NO_REVIEW, "review.toml", 0, "", f'"{root}" has no review.toml'))
        return Review(root, None, {}, {}, {}, {}, {}, {}, (), (), found, lines)
    info = reading.keep(parse_info(data))
    read = [reading.study(name) for name in reading.names("studies")]
    studies = {study.id: study for study in read if study is not None}
    registers: dict[str, tuple[Sourced, ...]] = {}
    for name in REGISTERS:
        content = reading.file(f"{name}.csv")
        if content is not None:
            registers[name] = reading.keep(parse_register(name, content)) or ()
    texts = {name: reading.texts(kind) for name, kind in TEXTS.items()}
    read_searches = [reading.search(name) for name in reading.names("searches")]
    searches = {one.search.id: one for one in read_searches if one is not None}
    links, decided = reading.links(), reading.decisions()
    review = Review(
        root, info, studies, registers, texts["spec"], texts["certainty"], texts["question"],
        searches, links, decided, found, lines,
    )  # fmt: skip
    records = [one.id for search in in_order(searches.values()) for one in search.records]
    found.extend(check_links(links, records, lines))
    found.extend(check_decisions(decided, records, lines))
    if info is not None:
        found.extend(check_all(info, studies, registers, texts, lines))
    found.sort()
    return review
