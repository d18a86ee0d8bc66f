"""The forest plot of a result: its rows, and which shown value each text is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from markupsafe import Markup

from probatum.build.results import AnalysisResult, StudyEffect, Subgroup
from probatum.build.shown import Shown
from probatum.plots.axis import Scale
from probatum.plots.forest import forest_scene
from probatum.plots.table import Bar, Diamond, ForestTable, Heading, Look, Note, Row, StudyRow
from probatum.site.addresses import ref_target, study_path
from probatum.site.arms import ArmColumn, arm_columns
from probatum.site.figures.inline import both
from probatum.site.numbers import ResultNumbers
from probatum.site.page import Page
from probatum.site.sentences import agreement

_METHODS = {"z": "Normal (Wald) method", "adhoc": "Hartung-Knapp method", "t": "t method"}
_DESC = "The table after the figure holds the same numbers."


def forest(on: Page, found: AnalysisResult) -> Markup | None:
    """Return the forest plot as part of a page; nothing for an analysis that failed."""
    made = forest_table(found)
    if made is None:
        return None
    return both(
        lambda narrow: forest_scene(made.table, narrow=narrow),
        on=on,
        shown=made.shown,
        links=made.links,
    )


@dataclass(frozen=True, slots=True)
class Made:
    """A forest plot before its layout; `shown` and `links` are by the keys of its texts."""

    table: ForestTable
    shown: dict[str, Shown]
    links: dict[str, str]


def forest_table(found: AnalysisResult) -> Made | None:
    """Return what the forest plot of a result shows."""
    if found.presentation == "failed":
        return None
    rows = _Rows(found)
    known = any(s.estimate is not None for s in found.studies)
    pooled = found.pooled if found.presentation == "pooled" else None
    left, right = found.favours if len(found.favours) == 2 else ("", "")
    measure = found.measure_name
    table = ForestTable(
        rows=tuple(rows.all()) if known else (),
        title=f"Forest plot: {found.title}",
        desc=_DESC,
        scale=_scale(found),
        null=found.null,
        columns=tuple(f"{column.name}\n{column.counted}" for column in rows.columns),
        effect=f"{measure[:1].upper()}{measure[1:]} [{rows.numbers.level().display} interval]",
        favours=(left, right),
        pooled=pooled.estimate if pooled else None,
        weights=pooled is not None and any(s.weight is not None for s in found.studies),
        empty="These studies give no estimate" if found.studies else "No study found",
    )
    return Made(table, rows.shown, rows.links)


def _scale(found: AnalysisResult) -> Scale:
    if found.scale == "proportion":
        return "percent"
    log = found.scale in ("ratio", "rate")
    return "log" if log and all(low > 0 for low in _lowest(found)) else "linear"


def _lowest(found: AnalysisResult) -> Iterator[float]:
    """The lower ends of all that is drawn."""
    pools = [found.pooled, *(group.pooled for group in found.subgroups)]
    ends = [s.ci_lb for s in found.studies] + [i.ci_lb for i in found.intervals]
    for pool in pools:
        ends += [pool.ci_lb, pool.pi_lb] if pool is not None else []
    return (end for end in ends if end is not None)


def _value(value: float | None) -> float:
    return math.nan if value is None else value


@dataclass(slots=True)
class _Rows:
    """Makes the rows of a result and remembers what each text shows and leads to."""

    found: AnalysisResult
    shown: dict[str, Shown] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    numbers: ResultNumbers = field(init=False)
    columns: list[ArmColumn] = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = ResultNumbers(self.found)
        self.columns = arm_columns(self.found)

    def all(self) -> Iterator[Row]:
        """Subgroups, the other studies, and what stands beneath them."""
        by_key = {s.key: s for s in self.found.studies}
        held: set[str] = set()
        for group in self.found.subgroups:
            yield Heading(group.label)
            yield from (self._study(by_key[key]) for key in group.keys if key in by_key)
            yield from self._group_foot(group)
            held.update(group.keys)
        yield from (self._study(s) for s in self.found.studies if s.key not in held)
        feet = {"pooled": self._pooled, "two-studies": self._two, "exact": self._exact}
        foot = feet.get(self.found.presentation)
        if foot is not None:
            yield from foot()

    def _text(self, key: str, value: Shown | None) -> str:
        if value is None:
            return ""
        self.shown[key] = value
        return value.display

    def _study(self, effect: StudyEffect) -> StudyRow:
        key, numbers = effect.key, self.numbers
        self.links[f"{key}/label"] = (
            ref_target(effect.refs[0]) if effect.refs else study_path(effect.study)
        )
        cells = [
            self._text(f"{key}/cell/{i}", numbers.arm(effect, column.cells)) or "–"
            for i, column in enumerate(self.columns)
        ]
        return StudyRow(
            key,
            effect.label,
            tuple(cells),
            _value(effect.estimate),
            _value(effect.ci_lb),
            _value(effect.ci_ub),
            self._text(f"{key}/text", numbers.study_line(effect)) or "no estimate",
            effect.weight,
            self._text(f"{key}/weight", numbers.study(effect, "weight")),
        )

    def _group_foot(self, group: Subgroup) -> Iterator[Row]:
        pooled = group.pooled
        if pooled is not None and pooled.k > 2:
            key = f"group/{group.id}"
            text = self._text(f"{key}/text", self.numbers.pooled_line(group.id))
            limits = pooled.estimate, pooled.ci_lb, pooled.ci_ub
            yield Diamond(key, "Together", *limits, text)

    def _pooled(self) -> Iterator[Row]:
        pooled, numbers = self.found.pooled, self.numbers
        if pooled is None:
            return
        text = self._text("pooled/text", numbers.pooled_line())
        limits = pooled.estimate, pooled.ci_lb, pooled.ci_ub
        yield Diamond("pooled", "All together", *limits, text)
        if pooled.pi_lb is not None and pooled.pi_ub is not None:
            text = self._text("pi/text", numbers.interval(kind="pi", figure=True))
            yield Bar("pi", "A new study (prediction)", pooled.pi_lb, pooled.pi_ub, text)
        if pooled.I2 is not None and pooled.k > 1:
            yield from self._note("agreement", numbers.agreement(agreement(pooled.I2)))
        groups = self.found.subgroups
        if len(groups) > 1:
            lead = "Test for a difference between the groups"
            yield from self._note("between", numbers.difference(lead))
        if any(group.pooled is None for group in groups):
            yield Note("A group of fewer than three studies gets no average of its own.")

    def _note(self, key: str, value: Shown | None) -> Iterator[Row]:
        if value is not None:
            yield Note(self._text(key, value), key)

    def _two(self) -> Iterator[Row]:
        """Both intervals, visibly different, and no diamond: neither is the answer."""
        if len(self.found.intervals) < 2:
            return
        yield Heading("The two together, in two ways")
        for interval in self.found.intervals:
            key = f"intervals/{interval.test}"
            text = self._text(f"{key}/text", self.numbers.named_interval(interval, figure=True))
            label = _METHODS.get(interval.test, "Interval")
            look: Look = "solid" if interval.test == "z" else "dashed"
            yield Bar(key, label, interval.ci_lb, interval.ci_ub, text, look)

    def _exact(self) -> Iterator[Row]:
        """The limit of all people together, where nobody had the event."""
        upper = self.numbers.zero("upper")
        if upper is not None and len(self.found.studies) > 1:
            text = self._text("zero/text", self.numbers.zero_line())
            yield Bar("zero", "All together", 0.0, self.found.zero["upper"], text, "solid")


__all__ = ["Made", "forest", "forest_table"]
