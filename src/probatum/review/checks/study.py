"""Checks of one study against itself, its companions and the review's lists of ids."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Collection, Iterator, Mapping

from probatum.errors import Problem, problem, problem_code
from probatum.review.contrast import arms_of
from probatum.review.model import ReviewInfo, Study

Lines = Mapping[str, int]
StudyCheck = Callable[[Study, Mapping[str, Study], ReviewInfo, Lines], Iterator[Problem]]

STUDY_CHECKS: list[StudyCheck] = []


def study_check(function: StudyCheck) -> StudyCheck:
    """Add a check of one study."""
    STUDY_CHECKS.append(function)
    return function


REPORT = problem_code(
    "E301",
    "Unknown report",
    why="A source names a report of the same study, with its citation.",
    repair="Add the report to study.toml, or correct the id.",
    example='source = "smith-2020" without a report of that id',
)
ARM = problem_code(
    "E302",
    "Unknown arm",
    why="Which arm is compared with which follows from the arms of study.toml.",
    repair="Add the arm to study.toml, or correct the id.",
    example="an outcome row of arm placebo in a study without that arm",
)
TOPIC = problem_code(
    "E311",
    "Unknown topic",
    why="Question pages list studies by the topics of review.toml.",
    repair="Add [topics.<id>] to review.toml, or correct the id.",
    example='topics = ["alchol"]',
)
OUTCOME = problem_code(
    "E303",
    "Unknown outcome",
    why="Analyses find their rows by the outcomes listed in review.toml.",
    repair="Add [outcomes.<id>] to review.toml, or correct the id.",
    example="outcome = relapes",
)
FRAME = problem_code(
    "E304",
    "Unknown population frame",
    why="Frames keep proportions of different people apart.",
    repair="Add [frames.<id>] to review.toml, or correct the id.",
    example="frame = clinc",
)
SOURCE_TYPE = problem_code(
    "E305",
    "Unknown type of source",
    why="Readers are told how close to the paper a number was read.",
    repair="Add [source_types.<id>] to review.toml, or correct the id.",
    example="source_type = absract",
)
COMPANION = problem_code(
    "E306",
    "Companion of an unknown study",
    why="The same people must not count twice, so the study they belong to must be known.",
    repair="Name the id of a study folder, not of the study itself.",
    example='companion_of = "smith-2019" without studies/smith-2019',
)
TWICE = problem_code(
    "E307",
    "Id stands twice in a study",
    why="Rows would point to two things at once.",
    repair="Give each report and each arm an id of its own.",
    example="two arms with the id placebo",
)
YEAR = problem_code(
    "E308",
    "Implausible year",
    why="The year is mistyped: nothing was published then.",
    repair="Check the year in the source.",
    example="year = 2203",
)
DATE = problem_code(
    "E309",
    "Date in the future",
    why="A report can't have been read on a day that is still to come.",
    repair="Check the date.",
    example="read_on = 2206-11-02",
)
COUNT = problem_code(
    "E310",
    "Impossible number of people in study.toml",
    why="People are counted, and no more are analysed than were randomised.",
    repair="Check the numbers in the source; are the two swapped?",
    example="n_randomised = 40, n_analysed = 44",
)


def near(name: str, known: Collection[str]) -> str:
    """' Did you mean "x"?', or what there is, or ''."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{found[0]}"?' if found else ""


def rows_of(study: Study) -> Iterator[tuple[str, str, object]]:
    """(file, row key, row) of all CSV rows of a study."""
    folder = f"studies/{study.id}"
    for row in study.outcomes:
        yield f"{folder}/outcomes.csv", f"{row.id}/{row.arm}", row
    for estimate in study.estimates:
        yield f"{folder}/estimates.csv", estimate.id, estimate
    for patient in study.patients:
        yield f"{folder}/patients.csv", patient.id, patient
    for judged in study.rob:
        yield f"{folder}/rob.csv", f"{judged.tool}/{judged.domain}", judged


def at(lines: Lines, file: str, key: str) -> int:
    """Line of a row or of a TOML key, or of the nearest table around the key."""
    while key:
        if line := lines.get(f"{file}#{key}"):
            return line
        key = key.rpartition(".")[0]
    return 0


@study_check
def ids(
    study: Study, studies: Mapping[str, Study], info: ReviewInfo, lines: Lines
) -> Iterator[Problem]:
    """Every id that a row names exists."""
    reports = {report.id for report in study.reports}
    # rows of a companion may name the arms of the trial whose people these are
    arms = arms_of(study, studies)
    known: dict[str, tuple[str, Collection[str]]] = {
        "source": (REPORT, reports),
        "arm": (ARM, arms),
        "comparator": (ARM, arms),
        "outcome": (OUTCOME, info.outcomes),
        "frame": (FRAME, info.frames),
        "source_type": (SOURCE_TYPE, info.source_types),
    }
    for file, key, row in rows_of(study):
        for field, (code, names) in known.items():
            if field == "outcome" and file.endswith("patients.csv"):
                continue  # words of the report, not an outcome of the review
            value = getattr(row, field, "")
            parts = value.split("+") if code == ARM else [value]
            for part in parts:
                if part and part not in names:
                    message = f'{field} "{part}" is unknown.{near(part, names)}'
                    yield problem(code, file, at(lines, file, key), field, message)


@study_check
def texts(
    study: Study, studies: Mapping[str, Study], info: ReviewInfo, lines: Lines
) -> Iterator[Problem]:
    """Every id that study.toml names exists, and stands once."""
    file = f"studies/{study.id}/study.toml"
    reports = [report.id for report in study.reports]
    arms = [arm.id for arm in study.arms]
    for table, names in (("reports", reports), ("arms", arms)):
        for index, name in enumerate(names):
            if name in names[:index]:
                key = f"{table}.{index}"
                message = f'{table} has the id "{name}" twice'
                yield problem(TWICE, file, at(lines, file, key), f"{key}.id", message)
    asked = [
        ("source", study.source),
        *((f"arms.{index}.source", arm.source) for index, arm in enumerate(study.arms)),
    ]
    for key, source in asked:
        if source and source not in reports:
            message = f'source "{source}" is unknown.{near(source, reports)}'
            yield problem(REPORT, file, at(lines, file, key), key, message)
    if study.frame and study.frame not in info.frames:
        message = f'frame "{study.frame}" is unknown.{near(study.frame, info.frames)}'
        yield problem(FRAME, file, at(lines, file, "frame"), "frame", message)
    for topic in study.topics:
        if topic not in info.topics:
            message = f'topic "{topic}" is unknown.{near(topic, info.topics)}'
            yield problem(TOPIC, file, at(lines, file, "topics"), "topics", message)
    for index, report in enumerate(study.reports):
        if report.read and report.read not in info.source_types:
            key = f"reports.{index}.read"
            message = f'read "{report.read}" is unknown.{near(report.read, info.source_types)}'
            yield problem(SOURCE_TYPE, file, at(lines, file, key), key, message)
    other = study.companion_of
    if other and (other == study.id or other not in studies):
        message = f'companion_of "{other}" is not another study.{near(other, studies)}'
        yield problem(COMPANION, file, at(lines, file, "companion_of"), "companion_of", message)


@study_check
def plausible(
    study: Study, studies: Mapping[str, Study], info: ReviewInfo, lines: Lines
) -> Iterator[Problem]:
    """Years, dates and numbers of people that can be."""
    file = f"studies/{study.id}/study.toml"
    today = datetime.date.today()
    years = [("year", study.year)]
    years += [(f"reports.{index}.year", report.year) for index, report in enumerate(study.reports)]
    for key, year in years:
        if year is not None and not 1600 <= year <= today.year + 1:
            message = f"{year} is not a plausible year"
            yield problem(YEAR, file, at(lines, file, key), key, message)
    for index, report in enumerate(study.reports):
        # a day of grace: the author's day may have begun before this machine's
        if report.read_on is not None and report.read_on > today + datetime.timedelta(days=1):
            key = f"reports.{index}.read_on"
            message = f"{report.read_on} is in the future"
            yield problem(DATE, file, at(lines, file, key), key, message)
    groups = [("", study.n_randomised, study.n_analysed)]
    groups += [
        (f"arms.{index}.", arm.n_randomised, arm.n_analysed) for index, arm in enumerate(study.arms)
    ]
    for prefix, randomised, analysed in groups:
        for name, count in (("n_randomised", randomised), ("n_analysed", analysed)):
            if count is not None and count < 0:
                message = f"{count} is negative"
                line = at(lines, file, prefix + name)
                yield problem(COUNT, file, line, prefix + name, message)
        if randomised is not None and analysed is not None and analysed > randomised:
            key = f"{prefix}n_analysed"
            message = f"{analysed} analysed are more than {randomised} randomised"
            yield problem(COUNT, file, at(lines, file, key), key, message)
