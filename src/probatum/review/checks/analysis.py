"""Checks of an analysis: what it names exists, and what it pools may be pooled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from probatum.errors import Problem, problem, problem_code
from probatum.meta.measures import MEASURES
from probatum.meta.prediction_types import PREDICTION_TYPES
from probatum.review.cells import one_group
from probatum.review.checks.rows import RATIOS
from probatum.review.checks.study import Lines, at, near
from probatum.review.contrast import (
    Picked,
    Selection,
    people_of,
    select,
    sensitivity_specs,
)
from probatum.review.model import AnalysisSpec, Estimate, Patient, ReviewInfo, Study
from probatum.review.series import person

PROPORTIONS = tuple(code for code, found in MEASURES.items() if found.scale == "proportion")
#: their values have the unit of what was measured, or of the time
WITH_UNIT = (
    "MD", "MC", "MN", "MNLN", "SDLN", "IR", "IRLN", "IRS", "IRFT", "IRD", "IRSD",
)  # fmt: skip
METHODS = (  # those that need nothing but the estimates
    "EE", "FE", "CE", "DL", "DLIT", "HE", "HS", "HSk", "SJ", "SJIT", "ML", "REML", "EB", "PM",
    "PMM",
)  # fmt: skip
TESTS = ("z", "t", "knha", "adhoc", "kr")
CHANGES = ("MC", "SMCC")  # what the changes of patients are pooled as
OF_PATIENTS = ("random", "equal", "one-stage", "none")
SUBGROUPS = (
    "year",
    "status",
    "design",
    "randomised",
    "blinding",
    "country",
    "condition",
    "condition_group",
    "population",
    "frame",
    "comparator",
    "follow_up",
)


@dataclass(frozen=True, slots=True)
class Around:
    """What an analysis may take or name: studies that it can touch, and all ids there are."""

    studies: Mapping[str, Study]
    ids: Callable[[], Collection[str]]  # of all studies of the review
    results: Callable[[], Collection[str]]  # of all their results


def all_around(studies: Mapping[str, Study]) -> Around:
    """The surroundings of an analysis where all studies are at hand."""

    def results() -> set[str]:
        found = {row.id for study in studies.values() for row in study.outcomes}
        found |= {row.id for study in studies.values() for row in study.estimates}
        return found | {lost.id for study in studies.values() for lost in study.lost if lost.id}

    return Around(studies, studies.keys, results)


AnalysisCheck = Callable[
    [AnalysisSpec, Selection, Around, ReviewInfo], Iterator[tuple[str, str, str]]
]
ANALYSIS_CHECKS: list[AnalysisCheck] = []


def analysis_check(function: AnalysisCheck) -> AnalysisCheck:
    """Add a check of an analysis; it yields (code, key, message)."""
    ANALYSIS_CHECKS.append(function)
    return function


MEASURE = problem_code(
    "E401",
    "Unknown measure",
    why="Nothing can be computed without knowing the measure.",
    repair="Use a code that `probatum.measures()` lists, in capitals.",
    example='measure = "rr"',
)
METHOD = problem_code(
    "E402",
    "Unknown method",
    why="Nothing can be computed without knowing the estimator of heterogeneity.",
    repair=f"Use one of: {', '.join(METHODS)}.",
    example='method = "RELM"',
)
TEST = problem_code(
    "E403",
    "Unknown test",
    why="Intervals follow from the test.",
    repair=f"Use one of: {', '.join(TESTS)}.",
    example='test = "hksj"',
)
LEVEL = problem_code(
    "E404",
    "Impossible confidence level",
    why="A level is a percentage between 50 and 100, such as 95.",
    repair="Type the level in percent.",
    example="level = 0.95",
)
OUTCOME = problem_code(
    "E405",
    "Analysis of an unknown outcome",
    why="No row can have it.",
    repair="Add [outcomes.<id>] to review.toml, or correct the id.",
    example='outcome = "relapes"',
)
ROW = problem_code(
    "E406",
    "Unknown result",
    why="The analysis would go on without it.",
    repair="Name the id of a row in outcomes.csv or estimates.csv; for patients,"
    " <study>/patients/<id>.",
    example='rows = ["Smith2020-9"] without such a row',
)
STUDY = problem_code(
    "E407",
    "Unknown study or frame in a selection",
    why="The condition would leave everything out.",
    repair="Correct the id.",
    example='study = ["smith-202"]',
)
EMPTY = problem_code(
    "E408",
    "Nothing to pool",
    why="No result fulfils the conditions.",
    repair="Loosen the selection, or write the result as facts instead of an analysis.",
    example='use = ["zero-event"] where no row has it',
)
UNVERIFIED = problem_code(
    "E409",
    "Unverified result listed",
    why="A result that was not verified never enters an analysis.",
    repair="Verify the row against its source, or take it out of the list.",
    example="select.rows with a row of verified = false",
)
SUBGROUP = problem_code(
    "E410",
    "Unknown subgroup field",
    why="Subgroups are made by a field of study.toml.",
    repair=f"Use one of: {', '.join(SUBGROUPS)}.",
    example='subgroup = "drug_dose"',
)
MIXED = problem_code(
    "E411",
    "Measures mixed",
    why="A hazard ratio is not an odds ratio; pooling them has no meaning.",
    repair="Pool each measure by itself.",
    example="a reported HR listed in an analysis of odds ratios",
)
SAME_PEOPLE = problem_code(
    "E412",
    "The same people twice",
    why="People who count twice make the result look more certain than it is.",
    repair="Leave one of the results out with [[exclude]], saying why.",
    example="a trial and its companion report in the same analysis",
)
FRAMES = problem_code(
    "E413",
    "Population frames mixed",
    why="Proportions, rates and means of people sampled in different ways have no common value.",
    repair='Restrict select.frame, or list the results side by side with model = "none".',
    example="a clinic series and a population survey in one pooled proportion",
)
UNITS = problem_code(
    "E414",
    "Units differ",
    why="Means, rates and differences of them add up only in one unit.",
    repair="Convert the rows to one unit (derived = true), or pool a measure without one (SMD).",
    example="mg/dL and mmol/L in an analysis of mean differences",
)
WEEKS = problem_code(
    "E415",
    "Range of weeks",
    why="A range has a start and an end.",
    repair="Write weeks = [from, to], in weeks.",
    example="weeks = [26]",
)
PREDTYPE = problem_code(
    "E417",
    "Unknown prediction interval",
    why="Prediction intervals follow different conventions, which must be named.",
    repair=f"Use one of: {', '.join(PREDICTION_TYPES)}.",
    example='predtype = "HTS2"',
)
NEEDS_REML = problem_code(
    "E418",
    "Kenward-Roger without REML",
    why="The adjustment is derived for the random-effects model fitted by restricted likelihood.",
    repair='Use model = "random" and method = "REML", or another test or predtype.',
    example='test = "kr" with method = "DL"',
)
MEASURE_FITS = problem_code(
    "E416",
    "Model does not fit the measure",
    why="Mantel-Haenszel and Peto weights exist for two-by-two tables only, exact limits for"
    " proportions, one-stage models and changes for patients.",
    repair='Use model = "random" or "equal", or another measure.',
    example='model = "peto" with measure = "MD"',
)


@analysis_check
def options(
    spec: AnalysisSpec, taken: Selection, around: Around, info: ReviewInfo
) -> Iterator[tuple[str, str, str]]:
    """Measure, method, test, level, subgroup and outcome are known."""
    if spec.measure not in MEASURES:
        guess = near(spec.measure.upper(), MEASURES)
        yield MEASURE, "measure", f'measure "{spec.measure}" does not exist.{guess}'
    if spec.method not in METHODS:
        guess = near(spec.method.upper(), METHODS)
        yield METHOD, "method", f'method "{spec.method}" does not exist.{guess}'
    if spec.test not in TESTS:
        yield TEST, "test", f'test "{spec.test}" does not exist.{near(spec.test, TESTS)}'
    if spec.predtype not in PREDICTION_TYPES:
        guess = near(spec.predtype, PREDICTION_TYPES)
        yield PREDTYPE, "predtype", f'predtype "{spec.predtype}" does not exist.{guess}'
    yield from _kenward_roger(spec)
    if not 50 <= spec.level < 100:
        yield LEVEL, "level", f"{spec.level:g} is not a percentage between 50 and 100"
    if spec.outcome not in info.outcomes:
        guess = near(spec.outcome, info.outcomes)
        yield OUTCOME, "outcome", f'outcome "{spec.outcome}" is unknown.{guess}'
    if spec.subgroup and spec.subgroup not in SUBGROUPS:
        guess = near(spec.subgroup, SUBGROUPS)
        yield SUBGROUP, "subgroup", f'"{spec.subgroup}" is not a field of studies.{guess}'
    tables = {
        "mantel-haenszel": ("OR", "RR", "RD", "IRR", "IRD"),
        "peto": ("OR", "PETO"),
        "exact": PROPORTIONS,
        "one-stage": ("MC",),
    }
    if spec.model in tables and spec.measure not in tables[spec.model]:
        yield MEASURE_FITS, "model", f'model "{spec.model}" does not exist for {spec.measure}'
    yield from _of_patients(spec)
    weeks = spec.select.weeks
    if weeks and (len(weeks) != 2 or weeks[0] > weeks[1]):
        yield WEEKS, "select.weeks", f"{weeks} is not a range [from, to]"


def _kenward_roger(spec: AnalysisSpec) -> Iterator[tuple[str, str, str]]:
    """Kenward and Roger's adjustment is one of restricted likelihood."""
    if spec.test == "kr" and spec.model != "random":
        yield NEEDS_REML, "test", f'test "kr" does not exist for model "{spec.model}"'
    if spec.model != "random" or spec.method == "REML":
        return
    for key, value in (("test", spec.test), ("predtype", spec.predtype)):
        if value in ("kr", "KR", "KR-PR"):
            yield NEEDS_REML, key, f'{key} "{value}" rests on REML; method is "{spec.method}"'


def _of_patients(spec: AnalysisSpec) -> Iterator[tuple[str, str, str]]:
    """What can be done with the changes of patients, and with nothing else."""
    if spec.patients and spec.measure not in CHANGES:
        known = " or ".join(CHANGES)
        yield MEASURE_FITS, "measure", f'patients are pooled as {known}, not "{spec.measure}"'
    if spec.patients and spec.model not in OF_PATIENTS:
        yield MEASURE_FITS, "model", f'model "{spec.model}" does not exist for patients'
    if spec.model == "one-stage":
        if not spec.patients:
            yield MEASURE_FITS, "model", 'model "one-stage" needs patients = "<outcome_measure>"'
        if spec.method not in ("REML", "ML"):
            yield METHOD, "method", f'"one-stage" is fitted by REML or ML, not "{spec.method}"'


@analysis_check
def named(
    spec: AnalysisSpec, taken: Selection, around: Around, info: ReviewInfo
) -> Iterator[tuple[str, str, str]]:
    """Rows, studies and frames that the selection names exist, and may enter."""
    rows: dict[str, list[bool]] = {}
    measures: dict[str, str] = {}
    for study in around.studies.values():
        for row in study.outcomes:
            rows.setdefault(row.id, []).append(row.verified)
        for estimate in study.estimates:
            rows.setdefault(estimate.id, []).append(estimate.verified)
        measures |= {row.id: row.measure for row in study.estimates}
        for lost in study.lost:  # the selection tells of it
            rows.setdefault(lost.id, [])
    if spec.patients:
        rows = {
            person(study.id, patient.id): [patient.verified]
            for study in around.studies.values()
            for patient in study.patients
        }
    listed = [("select.rows", name) for name in spec.select.rows]
    listed += [(f"exclude.{index}.row", item.row) for index, item in enumerate(spec.exclude)]
    for key, name in listed:
        if name not in rows:
            known = rows if spec.patients else around.results()
            what = "patient" if spec.patients else "result"
            yield ROW, key, f'{what} "{name}" is unknown.{near(name, known)}'
        elif key == "select.rows" and not all(rows[name]):
            yield UNVERIFIED, key, f'result "{name}" has verified = false'
        elif (
            key == "select.rows"
            and spec.model != "none"
            and spec.measure != "GEN"
            and measures.get(name, spec.measure) not in (spec.measure, "")
        ):
            yield MIXED, key, f'"{name}" is a reported {measures[name]}, not {spec.measure}'
    for name in spec.select.study:
        if name not in (ids := around.ids()):
            yield STUDY, "select.study", f'study "{name}" is unknown.{near(name, ids)}'
    for name in spec.select.frame:
        if name not in info.frames:
            yield STUDY, "select.frame", f'frame "{name}" is unknown.{near(name, info.frames)}'
    if not taken.items:
        why = f": {taken.excluded[0]['reason']}" if taken.excluded else ""
        yield EMPTY, "select", f"no result fulfils the conditions{why}"


def _arms(item: Picked) -> set[str]:
    """Arms of a result; an estimate without arms, and patients, stand for the whole study."""
    names: set[str] = set()
    for row in item.rows:
        names |= {part for part in getattr(row, "arm", "").split("+") if part}
        names |= {part for part in getattr(row, "comparator", "").split("+") if part}
    return names


def _shared(one: Picked, other: Picked, studies: Mapping[str, Study]) -> str:
    """Why two results may rest on the same people, or ''."""
    if one.study.id == other.study.id:
        arms, others = _arms(one), _arms(other)
        if arms and others and not arms & others:
            return ""
        return "both are results of the same arms of one study"
    whose = people_of(one.study, studies)
    if whose == people_of(other.study, studies):
        return f"both studies report on the participants of {whose}"
    labels = set(one.study.overlap) & set(other.study.overlap)
    return f"both studies carry the overlap label {min(labels)}" if labels else ""


@analysis_check
def people(
    spec: AnalysisSpec, taken: Selection, around: Around, info: ReviewInfo
) -> Iterator[tuple[str, str, str]]:
    """Nobody counts twice in what is pooled."""
    if spec.model in ("none", "exact"):
        return
    for one, other in _near_pairs(taken.items, around.studies):
        if why := _shared(one, other, around.studies):
            first, second = (f"{item.study.id} {item.result}" for item in (one, other))
            yield SAME_PEOPLE, "select", f"{first} and {second}: {why}"


def _near_pairs(
    items: Sequence[Picked], studies: Mapping[str, Study]
) -> Iterator[tuple[Picked, Picked]]:
    """Pairs of one study, its companions, or one overlap label, in order; no others can share."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index, item in enumerate(items):
        groups.setdefault(("study", people_of(item.study, studies)), []).append(index)
        for label in set(item.study.overlap):
            groups.setdefault(("label", label), []).append(index)
    pairs = {pair for group in groups.values() for pair in combinations(group, 2)}
    return ((items[one], items[other]) for one, other in sorted(pairs))


@analysis_check
def alike(
    spec: AnalysisSpec, taken: Selection, around: Around, info: ReviewInfo
) -> Iterator[tuple[str, str, str]]:
    """What is pooled has one frame, one unit and one measure."""
    if spec.model in ("none", "exact"):
        return
    # patients are selected by what they were measured with
    rows = [
        (item, row) for item in taken.items for row in item.rows if not isinstance(row, Patient)
    ]
    if one_group(spec.measure):
        frames = {row.frame or item.study.frame for item, row in rows}
        if len(frames) > 1:
            named = ", ".join(sorted(frame or "(none)" for frame in frames))
            yield FRAMES, "select", f"pooled results of one group, of different frames: {named}"
    if spec.measure in WITH_UNIT:
        units = {row.unit for _, row in rows}
        if len(units) > 1:
            named = ", ".join(sorted(unit or "(none)" for unit in units))
            yield UNITS, "select", f"values in different units: {named}"
    if spec.measure == "GEN":
        measures = {row.measure for _, row in rows if isinstance(row, Estimate)}
        if len(measures) > 1:
            yield MIXED, "select", f"different measures: {', '.join(sorted(measures))}"
        elif ratios := measures & RATIOS:
            name = ratios.pop()
            yield MIXED, "measure", f'a reported {name} is a ratio: pool it with measure = "{name}"'


def check_analysis(
    spec: AnalysisSpec, around: Around, info: ReviewInfo, lines: Lines
) -> list[Problem]:
    """All checks of an analysis and of its sensitivity analyses; each finding once."""
    file = f"analyses/{spec.id}.toml"
    found: list[Problem] = []
    for index, version in enumerate(sensitivity_specs(spec), -1):
        taken = select(version, around.studies, info)
        here = [
            problem(code, file, 0, key, message)
            for check in ANALYSIS_CHECKS
            for code, key, message in check(version, taken, around, info)
        ]
        for item in (*taken.problems, *here):
            key = item.field
            if index >= 0:  # said of the sensitivity analysis, where it says otherwise
                key = f"sensitivity.{index}.{item.field}"
                if any((old.code, old.message) == (item.code, item.message) for old in found):
                    continue
            line = at(lines, file, key) or at(lines, file, item.field) or 1
            found.append(replace(item, line=line, field=key))
    return found
