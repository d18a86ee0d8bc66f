"""What an analysis takes, as the pooling needs it: the studies it reads, a contrast each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from probatum.build.engine import Context
from probatum.build.steps.effects import Contrast
from probatum.review import contrast as contrasts
from probatum.review.cells import one_group
from probatum.review.checks.analysis import Around
from probatum.review.model import (
    AnalysisSpec,
    Arm,
    Estimate,
    OutcomeRow,
    Patient,
    ReviewInfo,
    Study,
)


def candidates(ctx: Context, spec: AnalysisSpec) -> dict[str, Study]:
    """The studies that could be selected: no others are read, so no others matter."""
    if spec.patients:
        names = set(ctx.get(f"measuring:{spec.patients}"))
    else:
        # rows that are named enter whatever their outcome, and no others do
        names = set() if spec.select.rows else set(ctx.get(f"having:{spec.outcome}"))
        for row in [*spec.select.rows, *(item.row for item in spec.exclude)]:
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


def around(ctx: Context, studies: Mapping[str, Study]) -> Around:
    """The studies that an analysis can touch, and all ids, which are read only when asked for."""
    return Around(studies, lambda: ctx.get("studies"), lambda: ctx.get("index")["results"])


def _arm_name(arms: Mapping[str, Arm], arm: str) -> str:
    return " + ".join(arms[one].label if one in arms else one for one in arm.split("+"))


def to_contrasts(
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
    people = tuple(row for row in picked.rows if isinstance(row, Patient))
    if people:
        return [Contrast(**common, people=people, frame=study.frame)]
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
    if one_group(spec.measure):
        return [(row,) for row in rows]
    rank = {"experimental": 0, "active-comparator": 1, "control": 2}
    rows.sort(key=lambda row: rank.get(contrasts.role_of(row, arms), 3))
    return [tuple(rows)]


def read_in_part(taken: Sequence[Contrast], studies: Mapping[str, Study], info: ReviewInfo) -> bool:
    """Whether a number was read elsewhere than in the whole paper, as far as rows say."""
    for contrast in taken:
        rows = contrast.rows()
        read = {report.id: report.read for report in studies[contrast.study].reports}
        for row in rows:
            known = info.source_types.get(row.source_type or read.get(row.source, ""))
            if known is not None and not known.full_text:
                return True
    return False
