"""Which results an analysis pools, and which arm stands against which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from probatum.errors import Problem, problem, problem_code
from probatum.review.cells import cells_of, natural, one_group, sized
from probatum.review.model import (
    AnalysisSpec,
    Arm,
    Estimate,
    Number,
    OutcomeRow,
    Patient,
    ReviewInfo,
    Study,
)
from probatum.review.series import PATIENTS, patients_taken

_RANK = {"experimental": 0, "group": 0, "active-comparator": 1, "control": 2}

ROLES = problem_code(
    "E420",
    "Unclear which arm is compared with which",
    why="The direction of an effect follows from the roles of the arms.",
    repair="Give one arm the role experimental and the other control or active-comparator.",
    example='two arms with role = "group" in an analysis of odds ratios',
)
ARMS = problem_code(
    "E421",
    "A contrast needs two arms",
    why="A comparison is made of two rows of outcomes.csv with the same id.",
    repair="Give the result one row per arm; join arms that belong together with +.",
    example="a result of three arms in an analysis of odds ratios",
)
CELLS = problem_code(
    "E422",
    "Result without the numbers that the measure needs",
    why="The result would be left out of the analysis without a word.",
    repair="Fill in the cells, leave the result out with [[exclude]], or choose another measure.",
    example="an outcome row without events in an analysis of odds ratios",
)
LOST = problem_code(
    "E423",
    "Result with a damaged row",
    why="Without the row another comparison would be pooled than the one that was extracted.",
    repair="Repair the rows that are reported for the study, or leave the result out"
    " with [[exclude]].",
    example="a result of three arms of which one row can't be read",
)
_DAMAGED = "a row of it can't be used, so what is left of it may be another comparison"
_DAMAGED_SERIES = "a row of its patients.csv can't be used, so a patient may be missing"


@dataclass(frozen=True, slots=True)
class Picked:
    """A result that enters an analysis.

    `rows` are its outcome rows, its one estimate, or the patients of a series. For a contrast of
    counts or means `experimental` and `comparator` are the two rows; for one group `experimental`
    is the row.
    """

    study: Study
    result: str
    kind: Literal["outcomes", "estimates", "patients"]
    rows: tuple[OutcomeRow, ...] | tuple[Estimate, ...] | tuple[Patient, ...]
    experimental: OutcomeRow | None = None
    comparator: OutcomeRow | None = None

    @property
    def refs(self) -> tuple[str, ...]:
        """Where its rows stand: ``studies/<id>/outcomes.csv#<result>/<arm>``."""
        file = f"studies/{self.study.id}/{self.kind}.csv"
        return tuple(
            f"{file}#{row.id}/{row.arm}" if isinstance(row, OutcomeRow) else f"{file}#{row.id}"
            for row in self.rows
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """What enters an analysis, what was left out and why, and what is wrong."""

    items: list[Picked]
    excluded: list[dict[str, str]]
    problems: list[Problem]


def arms_of(study: Study, studies: Mapping[str, Study]) -> dict[str, Arm]:
    """Arms of a study and of the studies it is a companion of, by id."""
    found: dict[str, Arm] = {}
    seen: set[str] = set()
    at: Study | None = study
    while at is not None and at.id not in seen:
        seen.add(at.id)
        found = {arm.id: arm for arm in at.arms} | found
        at = studies.get(at.companion_of)
    return found


def people_of(study: Study, studies: Mapping[str, Study]) -> str:
    """Id of the study whose participants these are: the end of the chain of companions."""
    seen = {study.id}
    while study.companion_of in studies and study.companion_of not in seen:
        study = studies[study.companion_of]
        seen.add(study.id)
    return study.id


def role_of(row: OutcomeRow, arms: Mapping[str, Arm]) -> str:
    """Role of a row's arm; joined arms take the role they share, "" where they share none."""
    roles = {arms[id].role if id in arms else "" for id in row.arm.split("+")}
    return roles.pop() if len(roles) == 1 else ""


def sensitivity_specs(spec: AnalysisSpec) -> list[AnalysisSpec]:
    """The analysis itself, then each sensitivity analysis as a spec of its own.

    A sensitivity analysis has the id ``<analysis>--<sensitivity>``; what it states replaces
    what the analysis states (`select` and `exclude` as a whole).
    """
    out = [spec.model_copy(update={"sensitivity": []})]
    for item in spec.sensitivity:
        stated = {
            name: getattr(item, name)
            for name in ("measure", "model", "method", "test", "predtype", "select", "exclude")
            if getattr(item, name) is not None
        }
        more = {
            "id": f"{spec.id}--{item.id}",
            "title": item.title,
            "note": item.reason,
            "status": "sensitivity",
            "sensitivity": [],
        }
        out.append(spec.model_copy(update=stated | more))
    return out


def _refused(
    spec: AnalysisSpec,
    study: Study,
    frames: set[str],
    outcomes: set[str],
    uses: set[str],
    weeks: list[Number | None],
) -> bool:
    """Whether a condition of the selection does not hold."""
    select = spec.select
    if select.study and study.id not in select.study:
        return True
    if select.randomised is not None and study.randomised is not select.randomised:
        return True
    if select.frame and not {frame or study.frame for frame in frames} <= set(select.frame):
        return True
    if len(select.weeks) == 2:
        low, high = select.weeks
        if not all(week is not None and low <= week.value <= high for week in weeks):
            return True
    if select.rows:  # a named result enters whatever its outcome and use
        return False
    return outcomes != {spec.outcome} or bool(select.use and not uses <= set(select.use))


def _pair(
    rows: list[OutcomeRow], measure: str, arms: Mapping[str, Arm]
) -> tuple[OutcomeRow | None, OutcomeRow | None, str, str]:
    """(experimental, comparator, code, message)."""
    roles = [role_of(row, arms) for row in rows]
    if one_group(measure):
        if len(rows) == 1:
            return rows[0], None, "", ""
        first = [row for row, role in zip(rows, roles, strict=True) if role == "experimental"]
        if len(first) == 1:
            return first[0], None, "", ""
        return None, None, ROLES, f"the result has {len(rows)} rows, of which one can enter"
    if len(rows) != 2:
        return None, None, ARMS, f"the result has {len(rows)} usable rows; a contrast has 2"
    ranks = [_RANK.get(role) for role in roles]
    if ranks[0] is None or ranks[1] is None or ranks[0] == ranks[1]:
        named = " and ".join(role or "none" for role in roles)
        return None, None, ROLES, f"the roles of the two arms are {named}"
    if ranks[0] < ranks[1]:
        return rows[0], rows[1], "", ""
    return rows[1], rows[0], "", ""


def _results(study: Study) -> dict[str, list[OutcomeRow]]:
    out: dict[str, list[OutcomeRow]] = {}
    for row in study.outcomes:
        out.setdefault(row.id, []).append(row)
    return out


def _filled(rows: list[OutcomeRow], measure: str) -> str:
    """ "" or which cell is empty; `rows` are the experimental group and the comparator."""
    cells = cells_of(measure)
    if not cells:
        return f"{measure} can't be computed from rows of outcomes.csv"
    for cell in cells:
        if getattr(rows[cell.group], cell.column) is None:
            return f'"{cell.column}" is empty in arm {rows[cell.group].arm}'
    return ""


def _usable(row: Estimate, measure: str) -> bool:
    limits = row.ci_lb is not None and row.ci_ub is not None
    columns = sized(measure).values()
    sizes = bool(columns) and all(getattr(row, column) is not None for column in columns)
    return row.estimate is not None and (limits or row.se is not None or sizes)


@dataclass(frozen=True, slots=True)
class _Taking:
    """A selection while it is made: results enter, or are left out with the reason."""

    spec: AnalysisSpec
    made: Selection

    def leave(self, study: Study, result: str, reason: str, code: str = "") -> None:
        """Leave a result out; with a code that is a problem of the analysis."""
        self.made.excluded.append({"row": result, "study": study.id, "reason": reason})
        if code:
            file = f"analyses/{self.spec.id.split('--')[0]}.toml"
            message = f'result "{result}" of {study.id} is left out: {reason}'
            self.made.problems.append(problem(code, file, 0, "select", message))

    def asked(self, study: Study, result: str, rows: Sequence[OutcomeRow | Estimate]) -> bool:
        """Whether a result is meant by the selection."""
        if self.spec.select.rows and result not in self.spec.select.rows:
            return False
        return not _refused(
            self.spec,
            study,
            {row.frame for row in rows},
            {row.outcome for row in rows},
            {row.use for row in rows},
            [row.weeks for row in rows],
        )

    def enters(self, study: Study, result: str, rows: Sequence[OutcomeRow | Estimate]) -> bool:
        """Whether a result that is meant may enter; writes down why not."""
        left_out = {item.row: item.reason for item in self.spec.exclude}
        if not self.asked(study, result, rows):
            return False
        if result in left_out:
            self.leave(study, result, left_out[result])
        elif study.status != "completed":
            self.leave(study, result, f"the study is not completed ({study.status})")
        elif not all(row.verified for row in rows):
            self.leave(study, result, "not verified against its source")
        elif any(lost.id == result for lost in study.lost):
            self.leave(study, result, _DAMAGED, LOST)
        else:
            return True
        return False

    def counted(self, study: Study, arms: Mapping[str, Arm]) -> None:
        """Take the outcome rows of a study."""
        for result, rows in _results(study).items():
            if not self.enters(study, result, rows):
                continue
            if self.spec.model == "none":
                self.made.items.append(Picked(study, result, "outcomes", tuple(rows), rows[0]))
                continue
            one, other, code, message = _pair(rows, self.spec.measure, arms)
            used = [row for row in (one, other) if row is not None]
            if not code and (message := _filled(used, self.spec.measure)):
                code = CELLS
            if code:
                self.leave(study, result, message, code)
            else:
                self.made.items.append(Picked(study, result, "outcomes", tuple(used), one, other))

    def reported(self, study: Study) -> None:
        """Take the reported estimates of a study."""
        asked = self.spec.measure
        for row in study.estimates:
            if not self.enters(study, row.id, [row]):
                continue
            mixed = row.measure not in (asked, natural(asked)) and asked != "GEN"
            if self.spec.model != "none" and mixed:
                measure = row.measure or "words only"
                reason = f"reported as {measure}; this analysis pools {asked}"
                self.leave(study, row.id, reason)
            elif self.spec.model != "none" and not _usable(row, asked):
                self.leave(study, row.id, "no estimate with an interval or standard error", CELLS)
            else:
                self.made.items.append(Picked(study, row.id, "estimates", (row,)))

    def measured(self, study: Study) -> None:
        """Take the patients of a study."""
        kept, left = patients_taken(self.spec, study)
        if study.id not in (self.spec.select.study or [study.id]):
            return
        if study.lost_patients:
            self.leave(study, PATIENTS, _DAMAGED_SERIES, LOST)
        elif kept and study.status != "completed":
            self.leave(study, PATIENTS, f"the study is not completed ({study.status})")
        else:
            for name, reason in left:
                self.leave(study, name, reason)
            if kept:
                self.made.items.append(Picked(study, PATIENTS, "patients", tuple(kept)))

    def vanished(self, study: Study) -> None:
        """Tell of results that lost all their rows, or their purpose, where they were meant."""
        told = {(item["study"], item["row"]) for item in self.made.excluded}
        left = {row.id for row in study.outcomes} | {row.id for row in study.estimates}
        named, select = self.spec.select.rows, self.spec.select
        for lost in study.lost:
            if (study.id, lost.id) in told or (lost.id in left and lost.use):
                continue
            if any(item.row == lost.id for item in self.spec.exclude):
                continue
            meant = lost.outcome == self.spec.outcome and (not lost.use or lost.use in select.use)
            if lost.id in named if named else meant and study.id in (select.study or [study.id]):
                self.leave(study, lost.id, _DAMAGED, LOST)


def select(spec: AnalysisSpec, studies: Mapping[str, Study], info: ReviewInfo) -> Selection:
    """Results that an analysis pools, in order of study and result.

    Results of studies that are not completed, unverified results and results of another
    measure are left out with the reason; so are results that lack what the measure needs, and
    results of which a row is damaged. An analysis of patients takes those of each study together.
    """
    taking = _Taking(spec, Selection([], [], []))
    for _, study in sorted(studies.items()):
        if spec.patients:
            taking.measured(study)
            continue
        taking.counted(study, arms_of(study, studies))
        taking.reported(study)
        taking.vanished(study)
    return taking.made
