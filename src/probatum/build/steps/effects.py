"""From the results that an analysis takes to one effect with its variance each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from scipy.special import ndtri

from probatum.build.results import StudyEffect
from probatum.errors import BadInput
from probatum.meta.measures import MEASURES, effect_sizes
from probatum.meta.transforms import NEED_SIZE, to_analysis_scale
from probatum.review.cells import cells_of, sized
from probatum.review.model import AnalysisSpec, Estimate, OutcomeRow, Patient


@dataclass(frozen=True, slots=True)
class Scale:
    """What readers call a measure, its kind, null and back-transformation."""

    name: str
    kind: str
    null: float | None
    transf: str
    back: Callable[[Any, Any], Any]


def scale_of(measure: str) -> Scale:
    """What the numbers of a measure mean."""
    if measure in MEASURES:
        found = MEASURES[measure]
        return Scale(found.display, found.scale, found.null, found.transf, found.back)
    raise BadInput(f'measure "{measure}" does not exist; pb.measures() lists all')


def critical(level: float) -> float:
    """Standard normal quantile of a two-sided interval."""
    return float(ndtri(0.5 + level / 200))


@dataclass(frozen=True, slots=True)
class Contrast:
    """One result as the pooling takes it: rows of the arms, a reported estimate, or patients."""

    study: str
    label: str
    result: str
    arms: tuple[OutcomeRow, ...] = ()
    estimate: Estimate | None = None
    people: tuple[Patient, ...] = ()
    names: tuple[str, ...] = ()
    frame: str = ""
    subgroup: str = ""

    def refs(self) -> list[str]:
        """Rows it was read at."""
        if self.estimate is not None:
            return [f"studies/{self.study}/estimates.csv#{self.result}"]
        if self.people:
            return [f"studies/{self.study}/patients.csv#{row.id}" for row in self.people]
        return [f"studies/{self.study}/outcomes.csv#{row.id}/{row.arm}" for row in self.arms]

    def rows(self) -> tuple[OutcomeRow | Estimate | Patient, ...]:
        """The rows themselves."""
        return (self.estimate,) if self.estimate is not None else (*self.arms, *self.people)


def _cells(contrast: Contrast, measure: str) -> tuple[dict[str, float], dict[str, str]]:
    """Raw cells by their usual names, and where each was read."""
    cells: dict[str, float] = {}
    where: dict[str, str] = {}
    needed, refs = cells_of(measure), contrast.refs()
    if len(contrast.arms) != len({cell.group for cell in needed}):
        return cells, where  # results side by side may have any number of groups
    for cell in needed:
        number = getattr(contrast.arms[cell.group], cell.column)
        if number is not None:
            cells[cell.name] = number.value
            where[cell.name] = f"{refs[cell.group]}.{cell.column}"
    return cells, where


def from_counts(
    contrasts: Sequence[Contrast], spec: AnalysisSpec, measure: str
) -> tuple[list[tuple[float, float, str]], list[dict[str, float]], list[dict[str, str]]]:
    """(yi, vi, reason) of each row pair, with its cells and where they were read."""
    needs = [cell.name for cell in cells_of(measure)]
    if not needs:
        raise BadInput(f"measure {measure} can't be made of outcome rows")
    pairs = [_cells(contrast, measure) for contrast in contrasts]
    columns: dict[str, Any] = {
        name: np.array([cells.get(name, np.nan) for cells, _ in pairs], float) for name in needs
    }
    options: dict[str, Any] = {}
    if MEASURES[measure].family.counts:
        options = {"add": spec.add, "to": spec.to, "drop00": spec.drop00}
    es = effect_sizes(measure=measure, **columns, **options)
    reasons = es.reasons or ("",) * len(es)
    values = [(float(yi), float(vi), reason) for yi, vi, reason in zip(es.yi, es.vi, reasons)]
    return values, [cells for cells, _ in pairs], [where for _, where in pairs]


Effect = tuple[float, float, str]  # yi, vi, and why there are none


def _none(reason: str) -> Effect:
    return float("nan"), float("nan"), reason


def from_estimate(row: Estimate, measure: str) -> Effect:
    """(yi, vi, reason) of an estimate as reported, taken to the analysis scale.

    Without a standard error, the width of the interval gives the variance (Cochrane Handbook
    6.3.1). A standard error is taken as one of the analysis scale. A correlation, or an area under
    the curve, without either has the variance that follows from its numbers of people.
    """
    scale = scale_of(measure)
    if measure == "UCOR" and row.measure == "COR":  # what is to be corrected, not a result of it
        return _from_sizes(row, measure)
    if scale.transf in NEED_SIZE:
        return _none(f"a reported {row.measure} can't be taken to the analysis scale of {measure}")
    if row.estimate is None:
        return _none("no usable estimate is reported")
    yi = float(to_analysis_scale(scale.transf, row.estimate.value))
    if not isfinite(yi):
        return _none("no usable estimate is reported")
    if row.ci_lb is not None and row.ci_ub is not None:
        limits = np.array([row.ci_lb.value, row.ci_ub.value])
        lower, upper = to_analysis_scale(scale.transf, limits).tolist()
        if not isfinite(upper - lower) or upper <= lower:
            return _none("the reported interval can't be used")
        level = row.level.value if row.level is not None else 95
        return yi, ((upper - lower) / (2 * critical(level))) ** 2, ""
    if row.se is not None and row.se.value > 0:
        return yi, row.se.value**2, ""
    return _from_sizes(row, measure)


def _from_sizes(row: Estimate, measure: str) -> Effect:
    """An estimate whose variance follows from its numbers of people."""
    numbers: dict[str, Any] = {
        cell: getattr(row, column) for cell, column in sized(measure).items()
    }
    if not numbers:
        return _none("neither an interval nor a standard error is reported")
    if None in numbers.values():
        return _none("no numbers of people are reported")
    cells: dict[str, Any] = {cell: [number.value] for cell, number in numbers.items()}
    es = effect_sizes(measure=measure, **cells)
    return float(es.yi[0]), float(es.vi[0]), es.reasons[0] if es.reasons else ""


def _as_reported(row: Estimate, level: float) -> list[float | None] | None:
    """Estimate and interval as the source prints them, where it prints one at this level.

    An interval made anew from the variance would differ in the last digit wherever the
    printed one is rounded or not symmetric.
    """
    if row.estimate is None or row.ci_lb is None or row.ci_ub is None:
        return None
    if (row.level.value if row.level is not None else 95) != level:
        return None
    return [row.estimate.value, row.ci_lb.value, row.ci_ub.value]


def _people(contrast: Contrast) -> float | None:
    if contrast.estimate is not None:
        given = [contrast.estimate.n, contrast.estimate.n_comparator]
    else:
        given = [row.n for row in contrast.arms]
    return sum(n.value for n in given if n) if given[0] is not None else None


def keys_of(contrasts: Sequence[Contrast]) -> list[str]:
    """Study ids; with result and arms added only where a study stands twice."""
    keys = [contrast.study for contrast in contrasts]
    longer = (lambda c: c.result, lambda c: "+".join(row.arm for row in c.arms))
    for more in longer:
        twice = _twice(keys)
        keys = [f"{k}:{more(c)}" if k in twice else k for k, c in zip(keys, contrasts)]
    return keys


def _twice(names: Sequence[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}


def labels_of(contrasts: Sequence[Contrast]) -> list[str]:
    """Names of studies; where one stands twice, with what tells its results apart."""
    names = [contrast.label for contrast in contrasts]
    told = (_row_label, lambda c: " and ".join(c.names))
    for more in told:
        twice = _twice(names)
        names = [
            f"{name}: {more(c)}" if name in twice and more(c) else name
            for name, c in zip(names, contrasts)
        ]
    return names


def _row_label(contrast: Contrast) -> str:
    rows = (contrast.estimate,) if contrast.estimate is not None else contrast.arms
    return next((row.label for row in rows if row.label), "")


def number(value: Any) -> float | None:
    """A float, or None where there is none."""
    return None if value is None or not isfinite(float(value)) else float(value)


def size_of(cells: Mapping[str, float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """People or person-time of one group, for a back-transformation that depends on it."""
    return np.array([cells.get("ni", cells.get("ti", np.nan))])


def effects(contrasts: Sequence[Contrast], spec: AnalysisSpec, measure: str) -> list[StudyEffect]:
    """One line of the forest plot per contrast, in the given order."""
    counted = [contrast for contrast in contrasts if contrast.estimate is None]
    computed: Iterator[Any] = iter(())
    if counted:
        computed = zip(*from_counts(counted, spec, measure))
    scale, z = scale_of(measure), critical(spec.level)
    keys, labels = keys_of(contrasts), labels_of(contrasts)
    lines = []
    for key, label, contrast in zip(keys, labels, contrasts):
        row: Estimate | None = contrast.estimate
        if row is not None:
            (yi, vi, reason), cells, where = from_estimate(row, measure), {}, {}
        else:
            (yi, vi, reason), cells, where = next(computed)
        usable = isfinite(yi) and isfinite(vi) and vi >= 0
        size = size_of(cells) if scale.transf in NEED_SIZE else None
        shown = [yi, yi - z * vi**0.5, yi + z * vi**0.5] if usable else []
        display = [number(np.ravel(scale.back(np.array([x]), size))[0]) for x in shown]
        if row is not None and usable:
            display = _as_reported(row, spec.level) or display
        rows = [row] if row is not None else list(contrast.arms)
        lines.append(
            StudyEffect(
                key=key,
                study=contrast.study,
                label=label,
                result=contrast.result,
                refs=contrast.refs(),
                arm=contrast.names[0] if contrast.names else "",
                comparator=contrast.names[1] if len(contrast.names) > 1 else "",
                cells=cells,
                cell_refs=where,
                n=_people(contrast),
                yi=number(yi) if usable else None,
                vi=number(vi) if usable else None,
                estimate=display[0] if usable else None,
                ci_lb=display[1] if usable else None,
                ci_ub=display[2] if usable else None,
                subgroup=contrast.subgroup,
                frame=contrast.frame,
                derived=any(item.derived for item in rows),
                source_type=next((item.source_type for item in rows if item.source_type), ""),
                reason="" if usable else reason or "no estimate can be computed",
            )
        )
    return lines
