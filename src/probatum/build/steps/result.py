"""``result:<id>``: an analysis, or one of its sensitivity analyses, as an `AnalysisResult`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probatum.build.codes import ANALYSIS_FAILED, NOTHING
from probatum.build.engine import Context, StepFailed, step
from probatum.build.results import AnalysisResult, Presentation, StudyEffect, Subgroup
from probatum.build.steps.effects import Contrast, effects, scale_of
from probatum.build.steps.exact import as_counted, eventless, exact_limits
from probatum.build.steps.people import counted, twice
from probatum.build.steps.pooling import FITTERS, between, intervals, pooled, weights
from probatum.build.steps.series import series_effects
from probatum.build.steps.taken import around, candidates, read_in_part, to_contrasts
from probatum.errors import Problem, problem
from probatum.review import contrast as contrasts
from probatum.review.checks.analysis import ANALYSIS_CHECKS, Around
from probatum.review.model import AnalysisSpec, ReviewInfo, Study

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
UNREAD = (
    "Part of the review can't be read at present, so a result may be missing here; the list of "
    "problems says what."
)
UNCONTROLLED = (
    "These are people of case reports and case series. Nobody was compared with people who did "
    "not get the treatment, and who is reported is a choice: a change may have come by itself."
)
TWICE = "The same people may stand behind several of these results, so they are not added up."
LEFT_OUT = "Some studies give no estimate; the reason stands beside each."


@dataclass(frozen=True, slots=True)
class Part:
    """An analysis as it is run: the main one, or a sensitivity analysis merged into it."""

    id: str
    analysis: str  # the id of what it is a version of
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
        out.append(Part(merged.id, spec.id, title, reason, merged))
    return out


@step("parts")
def part_ids(ctx: Context, name: str) -> list[str]:
    """Ids of the results of an analysis, the main one first."""
    return [part.id for part in parts(ctx.model(f"spec:{name}", AnalysisSpec))]


@step("results")
def result_ids(ctx: Context, _: str) -> list[str]:
    """Ids of all results."""
    return [item for name in ctx.get("analyses") for item in ctx.get(f"parts:{name}")]


@dataclass(frozen=True, slots=True)
class _Run:
    """A part while it is computed."""

    part: Part
    info: ReviewInfo
    studies: Mapping[str, Study]
    selection: contrasts.Selection
    taken: list[Contrast]
    found: list[Problem]


@step("result")
def result(ctx: Context, name: str) -> AnalysisResult:
    """Pool an analysis; whatever goes wrong is shown at its place."""
    analysis = name.partition("--")[0]
    spec = ctx.model(f"spec:{analysis}", AnalysisSpec)
    part = next(item for item in parts(spec) if item.id == name)
    try:
        made = _made(_run(ctx, part))
    except StepFailed as failed:
        return _failed(part, [failed.problem])
    except (ValueError, ArithmeticError) as error:  # from the library: names what it could not do
        return _failed(part, [_problem(part, str(error), ANALYSIS_FAILED)])
    if ctx.get("unread"):
        return made.model_copy(update={"warnings": [*made.warnings, UNREAD]})
    return made


def _run(ctx: Context, part: Part) -> _Run:
    info = ctx.model("info", ReviewInfo)
    studies = candidates(ctx, part.spec)
    selection = contrasts.select(part.spec, studies, info)
    found = [*selection.problems, *_checked(part, selection, around(ctx, studies), info)]
    taken = [c for item in selection.items for c in to_contrasts(item, part.spec, studies)]
    return _Run(part, info, studies, selection, taken, found)


def _made(run: _Run) -> AnalysisResult:
    spec, selection = run.part.spec, run.selection
    if any(item.severity == "error" for item in run.found):
        return _failed(run.part, run.found, selection)
    if not selection.items:
        left = "; ".join(f"{x['row']}: {x['reason']}" for x in selection.excluded)
        message = f"no result is selected ({left or 'none has its outcome, use and frame'})"
        return _failed(run.part, [_problem(run.part, message, NOTHING)], selection)
    if spec.patients:
        lines = series_effects(run.taken, spec)
    else:
        lines = effects(run.taken, spec, "PETO" if spec.model == "peto" else spec.measure)
    presentation = _presentation(spec, lines)
    if presentation == "failed":
        reasons = "; ".join(f"{line.label}: {line.reason}" for line in lines)
        message = f"no study gives an estimate ({reasons})"
        return _failed(run.part, [_problem(run.part, message, NOTHING)], selection)
    return _presented(run, presentation, lines)


def _checked(
    part: Part,
    selection: contrasts.Selection,
    around: Around,
    info: ReviewInfo,
) -> list[Problem]:
    """What forbids the analysis: the same people twice, frames or units mixed, ..."""
    return [
        problem(code, _file(part), 0, key, message)
        for check in ANALYSIS_CHECKS
        for code, key, message in check(part.spec, selection, around, info)
    ]


def _file(part: Part) -> str:
    return f"analyses/{part.analysis}.toml"


def _problem(part: Part, message: str, code: str) -> Problem:
    _, changed, name = part.id.partition("--")
    return problem(code, _file(part), 0, f"sensitivity {name}" if changed else "", message)


def _common(part: Part, selection: contrasts.Selection | None) -> dict[str, Any]:
    spec = part.spec
    fixed = {"mantel-haenszel": ("MH", "z"), "peto": ("PETO", "z")}
    method, test = fixed.get(spec.model, (spec.method, spec.test))
    if spec.model == "equal":
        method, test = "EE", spec.test if spec.test in ("z", "t") else "z"
    if spec.model == "one-stage":
        test = "z" if spec.test == "z" else "t"
    main = part.id == part.analysis and spec.status == "main"
    return {
        "id": part.id,
        "analysis": part.analysis,
        "title": part.title,
        "reason": part.reason,
        "status": "main" if main else "sensitivity",
        "outcome": spec.outcome,
        "measure": spec.measure,
        "model": spec.model,
        "method": method,
        "test": test,
        "predtype": spec.predtype,
        "level": spec.level,
        "favours": spec.favours,
        "note": spec.note,
        "excluded": [] if selection is None else selection.excluded,
    }


def _failed(
    part: Part, problems: Sequence[Problem], selection: contrasts.Selection | None = None
) -> AnalysisResult:
    try:
        scale = scale_of(part.spec.measure)
        told: dict[str, Any] = {
            "measure_name": scale.name,
            "scale": scale.kind,
            "null": scale.null,
        }
    except ValueError:
        told = {"measure_name": part.spec.measure, "scale": "none", "null": None}
    return AnalysisResult(
        **_common(part, selection),
        **told,
        presentation="failed",
        problems=[item.as_dict() for item in problems],
    )


def _presentation(spec: AnalysisSpec, lines: Sequence[StudyEffect]) -> Presentation:
    if spec.model == "exact" or eventless(lines):
        return "exact"
    if spec.model == "none":
        return "listed"
    k = sum(line.yi is not None for line in lines)
    if k == 0:
        return "failed"
    return "single-study" if k == 1 else "two-studies" if k == 2 else "pooled"


def _presented(run: _Run, presentation: Presentation, lines: list[StudyEffect]) -> AnalysisResult:
    spec = run.part.spec
    scale = scale_of(spec.measure)
    made: dict[str, Any] = {}
    warnings: list[str] = []
    if presentation == "exact":
        scale, made["measure"] = scale_of("PR"), "PR"  # shares are shown, whatever was asked for
        again = twice(run.taken, run.studies)
        lines, made["zero"] = exact_limits(lines, spec, add=not again)
        warnings.append(NO_EVENTS if eventless(lines) else EVENTS)
        warnings += [TWICE] if again else []
    elif presentation == "listed" and scale.kind == "proportion":
        lines = as_counted(lines, spec)
    elif presentation in ("pooled", "two-studies"):
        lines, pools = _pool(lines, spec, presentation)
        made.update(pools)
    shown = [c for c, line in zip(run.taken, lines) if line.estimate is not None]
    k, n = counted(shown, run.studies)
    if "pooled" in made:
        k, n = made["pooled"].k, made["pooled"].n
    if spec.patients:
        warnings.append(UNCONTROLLED)
    if any(line.derived for line in lines):
        warnings.append(DERIVED)
    if read_in_part(run.taken, run.studies, run.info):
        warnings.append(INDIRECT)
    if any(line.reason for line in lines):
        warnings.append(LEFT_OUT)
    frames = {line.frame for line in lines}
    return AnalysisResult(
        **_common(run.part, run.selection) | made,
        presentation=presentation,
        measure_name=scale.name,
        scale=scale.kind,
        null=scale.null,
        frame=frames.pop() if len(frames) == 1 else "",
        k=k,
        n=n,
        studies=lines,
        warnings=warnings,
        conflicts=_conflicts(run.selection),
        problems=[item.as_dict() for item in run.found],
    )


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


def _conflicts(selection: contrasts.Selection) -> list[dict[str, str]]:
    """What sources of the pooled rows, or of all of a study, disagree about."""
    out = []
    taken: dict[str, set[str]] = {}
    studies: dict[str, Study] = {}
    for picked in selection.items:
        studies[picked.study.id] = picked.study
        taken.setdefault(picked.study.id, set()).add(picked.result)
    for name, study in studies.items():
        for conflict in study.conflicts:
            rows = {row.partition("/")[0] for row in conflict.rows}
            if not rows or taken[name] & rows:
                out.append({"study": name, "about": conflict.about, "text": conflict.text})
    return out
