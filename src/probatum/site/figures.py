"""Figures of a result: the forest plot twice (wide, and for a phone), and the funnel plot."""

from __future__ import annotations

import math
from typing import Literal

from markupsafe import Markup

from probatum.build.results import AnalysisResult, StudyEffect
from probatum.build.shown import Shown
from probatum.plots.forest import Bar, Diamond, ForestTable, Heading, Row, StudyRow, forest_scene
from probatum.plots.funnel import FunnelData, funnel_scene
from probatum.plots.svg import render_svg
from probatum.site.numbers import ResultNumbers
from probatum.site.page import Page
from probatum.site.sentences import measure_words


def _value(value: float | None) -> float:
    return math.nan if value is None else value


class ForestFigure:
    """Collects the rows of a forest plot and which shown value each text is."""

    def __init__(self, page: Page, result: AnalysisResult) -> None:
        self.page, self.result = page, result
        self.numbers = ResultNumbers(result)
        self.ids: dict[str, str] = {}

    def svg(self) -> Markup | None:
        """Return both figures, or nothing where there is nothing to draw."""
        if not any(s.estimate is not None for s in self.result.studies):
            return None
        table = self._table()
        both = (
            f'<div class="{kind}">'
            + render_svg(forest_scene(table, narrow=narrow), ids=self.ids, standalone=False)
            + "</div>"
            for kind, narrow in (("wide", False), ("narrow", True))
        )
        return Markup("".join(both))

    def _text(self, key: str, value: Shown | None) -> str:
        if value is None:
            return ""
        self.page.register(value)
        self.ids[key] = value.id
        return value.display

    def _table(self) -> ForestTable:
        result = self.result
        log = result.scale in ("ratio", "rate") and all(
            s.ci_lb is None or s.ci_lb > 0 for s in result.studies
        )
        favours = result.favours if len(result.favours) == 2 else ["", ""]
        scale: Literal["log", "linear", "percent"] = "log" if log else "linear"
        if result.scale == "proportion":
            scale = "percent"
        pooled = result.pooled if result.presentation == "pooled" else None
        return ForestTable(
            rows=tuple(self._rows()),
            title="Forest plot",
            desc="The table after the figure holds the same numbers.",
            scale=scale,
            null=result.null,
            effect="Result and interval",
            favours=(favours[0], favours[1]),
            pooled=pooled.estimate if pooled else None,
            weights=any(s.weight is not None for s in result.studies) and pooled is not None,
        )

    def _rows(self) -> list[Row]:
        result = self.result
        rows: list[Row] = []
        grouped = [g for g in result.subgroups if g.keys]
        by_key = {s.key: s for s in result.studies}
        for group in grouped:
            rows.append(Heading(group.label))
            rows += [self._study(by_key[k]) for k in group.keys if k in by_key]
            if group.pooled is not None and group.pooled.k > 2:
                key = f"group/{group.id}"
                text = self._text(f"{key}/text", self.numbers.pooled_line(group.id))
                rows.append(
                    Diamond(
                        key,
                        "Together",
                        group.pooled.estimate,
                        group.pooled.ci_lb,
                        group.pooled.ci_ub,
                        text,
                    )
                )
        held = {k for g in grouped for k in g.keys}
        rows += [self._study(s) for s in result.studies if s.key not in held]
        return rows + self._foot()

    def _foot(self) -> list[Row]:
        result, pooled = self.result, self.result.pooled
        if result.presentation == "two-studies":
            return []
        if pooled is None or result.presentation != "pooled":
            return []
        text = self._text("pooled/text", self.numbers.pooled_line())
        rows: list[Row] = [
            Diamond("pooled", "All together", pooled.estimate, pooled.ci_lb, pooled.ci_ub, text)
        ]
        if pooled.pi_lb is not None and pooled.pi_ub is not None:
            text = self._text("pi/text", self.numbers.interval(kind="pi", figure=True))
            rows.append(Bar("pi", "A new study (prediction)", pooled.pi_lb, pooled.pi_ub, text))
        return rows

    def _study(self, effect: StudyEffect) -> StudyRow:
        numbers = self.numbers
        text = self._text(f"{effect.key}/text", numbers.study_line(effect))
        weight = self._text(f"{effect.key}/weight", numbers.study(effect, "weight"))
        return StudyRow(
            effect.key,
            effect.label,
            (),
            _value(effect.estimate),
            _value(effect.ci_lb),
            _value(effect.ci_ub),
            text or "no estimate",
            effect.weight,
            weight,
        )


def funnel(result: AnalysisResult) -> Markup | None:
    """Return the funnel plot where there are ten or more studies."""
    pooled = result.pooled
    points = [(s.yi, s.vi) for s in result.studies if s.yi is not None and s.vi]
    if pooled is None or len(points) < 10 or result.presentation != "pooled":
        return None
    if result.scale == "proportion":
        return None
    log = result.scale in ("ratio", "rate")
    data = FunnelData(
        yi=tuple(y for y, _ in points),
        sei=tuple(math.sqrt(v) for _, v in points if v),
        center=pooled.beta,
        title="Funnel plot",
        desc="Effect against standard error.",
        scale="log" if log else "linear",
        effect=measure_words(result),
    )
    both = (
        f'<div class="{kind}">'
        + render_svg(funnel_scene(data, narrow=narrow), standalone=False)
        + "</div>"
        for kind, narrow in (("wide", False), ("narrow", True))
    )
    return Markup("".join(both))


__all__ = ["ForestFigure", "funnel"]
