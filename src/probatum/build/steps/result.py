"""``result:<id>``: an analysis, or one of its sensitivity analyses, as an `AnalysisResult`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probatum.build.codes import ANALYSIS_FAILED, NOTHING
from probatum.build.engine import Context, StepFailed, step
from probatum.build.results import AnalysisResult, Presentation, StudyEffect, Subgroup
from probatum.build.steps.effects import Contrast, effects, scale_of
from probatum.build.steps.pooling import FITTERS, between, intervals, pooled, weights
from probatum.errors import Problem, problem
from probatum.meta.exact import binomial_interval
from probatum.review import contrast as contrasts
from probatum.review.checks.analysis import ANALYSIS_CHECKS
from probatum.review.model import AnalysisSpec, Arm, Estimate, OutcomeRow, ReviewInfo, Study

PROPORTIONS = ("proportion",)
DERIVED = (
    "Some counts were worked out from percentages or other tables because the source does not "
    "print them; the data table marks which."
)
INDIRECT = (
    "Not every number could be read in the full paper: the data table names what was read "
    "for each study."
)
NO_EVENTS = "Nobody had the event, so the exact upper limit is shown and no ratio is computed."
EVENTS = "The event occurred, so these studies are shown one by one and not added up."
LEFT_OUT = "Some studies give no estimate; the reason stands beside each."


@dataclass(frozen=True, slots=True)
class Part:
    """An analysis as it is run: the main one, or a sensitivity analysis merged into it."""

    id: str
    title: str
    reason: str
    spec: AnalysisSpec


def parts(spec: AnalysisSpec) -> list[Part]:
    """The main analysis and its sensitivity analyses."""
    reasons = {f"{spec.id}--{item.id}": item for item in spec.sensitivity}
    out = []
    for merged in contrasts.sensitivity_specs(spec):
        item = reasons.get(merged.id)
        title, reason = (item.title, item.reason) if item else (spec.title, "")
        out.append(Part(merged.id, title, reason, merged))
    return out


@step("parts")
def part_ids(ctx: Context, name: str) -> list[str]:
    """Ids of the results of an analysis, the main one first."""
    return [part.id for part in parts(ctx.model(f"spec:{name}", AnalysisSpec))]


@step("results")
def result_ids(ctx: Context, _: str) -> list[str]:
    """Ids of all results."""
    return [item for name in ctx.get("analyses") for item in ctx.get(f"parts:{name}")]


def candidates(ctx: Context, spec: AnalysisSpec) -> dict[str, Study]:
    """The studies that could be selected: no others are read, so no others matter."""
    # rows that are named enter whatever their outcome, and no others do
    names = set() if spec.select.rows else set(ctx.get(f"having:{spec.outcome}"))
    listed = [*spec.select.rows, *(item.row for item in spec.exclude)]
    for row in listed:
        names.update(ctx.get(f"holding:{row}"))
    names.update(spec.select.study)
    found: dict[str, Study] = {}
    usable = set(ctx.get("studies"))
    waiting = sorted(names)
    while waiting:  # with the studies whose participants and arms these are
        name = waiting.pop()
        if name in usable and name not in found:
            found[name] = ctx.model(f"study:{name}", Study)
            waiting.append(found[name].companion_of)
    return {name: found[name] for name in sorted(found)}


def _arm_name(arms: Mapping[str, Arm], arm: str) -> str:
    return " + ".join(arms[one].label if one in arms else one for one in arm.split("+"))


def _contrasts(
    picked: contrasts.Picked, spec: AnalysisSpec, studies: Mapping[str, Study]
) -> list[Contrast]:
    """A picked result as the pooling takes it; side by side, each group is a line of its own."""
    study = picked.study
    arms = contrasts.arms_of(study, studies)
    value = getattr(study, spec.subgroup, "") if spec.subgroup else ""
    group = str(value) if value not in ("", None) else ("not reported" if spec.subgroup else "")
    common: dict[str, Any] = {
        "study": study.id,
        "label": study.short or study.title,
        "result": picked.result,
        "subgroup": group,
    }
    out = []
    for row in picked.rows:
        if isinstance(row, Estimate):
            names = tuple(_arm_name(arms, arm) for arm in (row.arm, row.comparator) if arm)
            frame = row.frame or study.frame
            out.append(Contrast(**common, estimate=row, names=names, frame=frame))
    for rows in _groups(picked, spec, arms):
        names = tuple(_arm_name(arms, row.arm) for row in rows)
        frame = next((row.frame for row in rows if row.frame), study.frame)
        out.append(Contrast(**common, arms=rows, names=names, frame=frame))
    return out


def _groups(
    picked: contrasts.Picked, spec: AnalysisSpec, arms: Mapping[str, Arm]
) -> list[tuple[OutcomeRow, ...]]:
    """Rows that make one line together: the two of a contrast, or each by itself."""
    rows = [row for row in picked.rows if isinstance(row, OutcomeRow)]
    if not rows:
        return []
    if spec.model != "none":
        chosen = (picked.experimental, picked.comparator)
        return [tuple(row for row in chosen if row is not None)]
    if spec.measure in contrasts.ONE_GROUP:
        return [(row,) for row in rows]
    rank = {"experimental": 0, "active-comparator": 1, "control": 2}
    rows.sort(key=lambda row: rank.get(contrasts.role_of(row, arms), 3))
    return [tuple(rows)]


@step("result")
def result(ctx: Context, name: str) -> AnalysisResult:
    """Pool an analysis; whatever goes wrong is shown at its place."""
    analysis = name.partition("--")[0]
    spec = ctx.model(f"spec:{analysis}", AnalysisSpec)
    part = next(item for item in parts(spec) if item.id == name)
    try:
        info = ctx.model("info", ReviewInfo)
        studies = candidates(ctx, part.spec)
        selection = contrasts.select(part.spec, studies, info)
        found = [*selection.problems, *_checked(part, analysis, selection, studies, info)]
        errors = [item for item in found if item.severity == "error"]
        if errors:
            return _failed(part, analysis, found, selection)
        if not selection.items:
            left = "; ".join(f"{x['row']}: {x['reason']}" for x in selection.excluded)
            message = f"no result is selected ({left or 'none has its outcome, use and frame'})"
            return _failed(part, analysis, [_problem(part, analysis, message, NOTHING)], selection)
        lines = effects(
            [c for item in selection.items for c in _contrasts(item, part.spec, studies)],
            part.spec,
            _effect_measure(part.spec),
        )
        return _result(part, analysis, lines, selection, found)
    except StepFailed as failed:
        return _failed(part, analysis, [failed.problem])
    except (ValueError, ArithmeticError) as error:  # from the library: names what it could not do
        return _failed(part, analysis, [_problem(part, analysis, str(error), ANALYSIS_FAILED)])


def _checked(
    part: Part,
    analysis: str,
    selection: contrasts.Selection,
    studies: Mapping[str, Study],
    info: ReviewInfo,
) -> list[Problem]:
    """What forbids the analysis: the same people twice, frames or units mixed, ..."""
    return [
        problem(code, f"analyses/{analysis}.toml", 0, key, message)
        for check in ANALYSIS_CHECKS
        for code, key, message in check(part.spec, selection, studies, info)
    ]


def _effect_measure(spec: AnalysisSpec) -> str:
    return "PETO" if spec.model == "peto" else spec.measure


def _problem(part: Part, analysis: str, message: str, code: str) -> Problem:
    where = "" if part.id == analysis else f"sensitivity {part.id.partition('--')[2]}"
    return problem(code, f"analyses/{analysis}.toml", 0, where, message)


def _common(part: Part, analysis: str, selection: Any = None) -> dict[str, Any]:
    spec = part.spec
    fixed = {"mantel-haenszel": ("MH", "z"), "peto": ("PETO", "z")}
    method, test = fixed.get(spec.model, (spec.method, spec.test))
    if spec.model == "equal":
        method, test = "EE", spec.test if spec.test in ("z", "t") else "z"
    main = part.id == analysis and spec.status == "main"
    excluded = (
        []
        if selection is None
        else [{key: str(value) for key, value in item.items()} for item in selection.excluded]
    )
    return {
        "id": part.id,
        "analysis": analysis,
        "title": part.title,
        "reason": part.reason,
        "status": "main" if main else "sensitivity",
        "outcome": spec.outcome,
        "measure": spec.measure,
        "model": spec.model,
        "method": method,
        "test": test,
        "level": spec.level,
        "favours": spec.favours,
        "note": spec.note,
        "excluded": excluded,
    }


def _failed(
    part: Part, analysis: str, problems: Sequence[Problem], selection: Any = None
) -> AnalysisResult:
    try:
        scale = scale_of(part.spec.measure)
        told: dict[str, Any] = {
            "measure_name": scale.name or part.spec.measure,
            "scale": scale.kind,
            "null": scale.null,
        }
    except ValueError:
        told = {"measure_name": part.spec.measure, "scale": "none", "null": None}
    return AnalysisResult(
        **_common(part, analysis, selection),
        **told,
        presentation="failed",
        problems=[item.as_dict() for item in problems],
    )


def _presentation(spec: AnalysisSpec, lines: Sequence[StudyEffect], scale: str) -> Presentation:
    if spec.model == "exact" or _eventless(lines):
        return "exact"
    if spec.model == "none":
        return "listed"
    k = sum(line.yi is not None for line in lines)
    if k == 0:
        return "failed"
    return "single-study" if k == 1 else "two-studies" if k == 2 else "pooled"


def _eventless(lines: Sequence[StudyEffect]) -> bool:
    """Whether there are counts and nobody in any group had an event."""
    events = [
        line.cells[name] for line in lines for name in ("ai", "ci", "xi") if name in line.cells
    ]
    return bool(events) and not any(events) and all(line.cells for line in lines)


def _result(
    part: Part,
    analysis: str,
    lines: list[StudyEffect],
    selection: Any,
    found: Sequence[Problem],
) -> AnalysisResult:
    spec = part.spec
    scale = scale_of(spec.measure)
    presentation = _presentation(spec, lines, scale.kind)
    if presentation == "failed":
        reasons = "; ".join(f"{line.label}: {line.reason}" for line in lines)
        message = f"no study gives an estimate ({reasons})"
        return _failed(part, analysis, [_problem(part, analysis, message, NOTHING)], selection)
    made: dict[str, Any] = {}
    warnings: list[str] = []
    if presentation == "exact":
        lines, made["zero"] = _exact(lines, spec)
        warnings.append(NO_EVENTS if _eventless(lines) else EVENTS)
    elif presentation in ("pooled", "two-studies"):
        lines, pools = _pool(lines, spec, presentation)
        made.update(pools)
    if any(line.derived for line in lines):
        warnings.append(DERIVED)
    if any(_indirect(line.source_type) for line in lines):
        warnings.append(INDIRECT)
    if any(line.reason for line in lines):
        warnings.append(LEFT_OUT)
    frames = {line.frame for line in lines}
    return AnalysisResult(
        **_common(part, analysis, selection),
        presentation=presentation,
        measure_name=scale.name or spec.measure,
        scale=scale.kind,
        null=scale.null,
        frame=frames.pop() if len(frames) == 1 else "",
        studies=lines,
        warnings=warnings,
        conflicts=_conflicts(selection),
        problems=[item.as_dict() for item in found],
        **made,
    )


def _indirect(source_type: str) -> bool:
    """Whether something other than the paper itself (its text or tables) was read."""
    name = source_type.casefold()
    direct = "full" in name or "article" in name or name.startswith("paper")
    return bool(name) and (not direct or "derived" in name or "abstract" in name)


def _exact(
    lines: Sequence[StudyEffect], spec: AnalysisSpec
) -> tuple[list[StudyEffect], dict[str, float]]:
    """Exact (Clopper and Pearson 1934) limits; people are added up only where nobody had it."""
    shown, events, people = [], 0.0, 0.0
    for line in lines:
        x = line.cells.get("xi", line.cells.get("ai"))
        n = line.cells.get("ni", line.cells.get("n1i"))
        if x is None or n is None or not 0 <= x <= n or n <= 0:
            raise ValueError(f"{line.label}: an exact limit needs events and people of a group")
        lower, upper = binomial_interval(x, n, level=spec.level)
        events, people = events + x, people + n
        shown.append(
            line.model_copy(
                update={
                    "estimate": x / n,
                    "ci_lb": float(lower),
                    "ci_ub": float(upper),
                    "n": n,
                    "yi": None,
                    "vi": None,
                    "reason": "",
                }
            )
        )
    if len(shown) > 1 and (events or len({line.frame for line in shown}) > 1):
        return shown, {}  # neither rates with events nor different people are added up
    limit = float(binomial_interval(events, people, level=spec.level)[1])
    return shown, {"events": events, "n": people, "upper": limit, "level": spec.level}


def _pool(
    lines: Sequence[StudyEffect], spec: AnalysisSpec, presentation: str
) -> tuple[list[StudyEffect], dict[str, Any]]:
    """Pool the studies that have an estimate, and their subgroups."""
    usable = [line for line in lines if line.yi is not None]
    fit = FITTERS[spec.model](usable, spec, spec.test)
    share = dict(zip([line.key for line in usable], weights(fit)))
    weighed = [line.model_copy(update={"weight": share.get(line.key)}) for line in lines]
    made: dict[str, Any] = {"pooled": pooled(fit, usable, spec)}
    if presentation == "two-studies":
        made["intervals"] = intervals(usable, spec)
    elif spec.subgroup:
        made["subgroups"] = [
            _subgroup(name, usable, spec) for name in sorted({line.subgroup for line in usable})
        ]
        made["between"] = between(usable, spec)
    return weighed, made


def _subgroup(name: str, usable: Sequence[StudyEffect], spec: AnalysisSpec) -> Subgroup:
    """A subgroup; under three studies no pooled line, for the same reasons as in an analysis."""
    members = [line for line in usable if line.subgroup == name]
    found = None
    if len(members) >= 3:
        found = pooled(FITTERS[spec.model](members, spec, spec.test), members, spec)
    slug = "-".join("".join(c if c.isalnum() else " " for c in name.casefold()).split())
    return Subgroup(id=slug or "none", label=name, pooled=found, keys=[m.key for m in members])


def _conflicts(selection: Any) -> list[dict[str, str]]:
    """What sources of the pooled rows disagree about."""
    out = []
    taken: dict[str, set[str]] = {}
    studies: dict[str, Study] = {}
    for picked in selection.items:
        studies[picked.study.id] = picked.study
        taken.setdefault(picked.study.id, set()).add(picked.result)
    for name, study in studies.items():
        for conflict in study.conflicts:
            if taken[name] & {row.partition("/")[0] for row in conflict.rows}:
                out.append({"study": name, "about": conflict.about, "text": conflict.text})
    return out
