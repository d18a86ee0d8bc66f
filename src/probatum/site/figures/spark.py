"""A result in one small line, beside its numbers in a list."""

from __future__ import annotations

from markupsafe import Markup

from probatum.build.results import AnalysisResult
from probatum.plots.axis import Scale
from probatum.plots.spark import spark_scene
from probatum.plots.svg import render_svg
from probatum.plots.table import Diamond, StudyRow

#: The axis that all sparks of a scale share.
_SHARED: dict[str, tuple[Scale, float, float]] = {
    "ratio": ("log", 0.1, 10.0),
    "proportion": ("percent", 0.0, 1.0),
    "correlation": ("linear", -1.0, 1.0),
}
#: Measures without a unit share one too.
_STANDARDISED = ("SMD", "SMDH", "SMCC", "SMCR")
_MOST = 4  # studies side by side that are still told apart


def spark(found: AnalysisResult) -> Markup | None:
    """Return a line with the result and its interval; nothing where there is no result.

    Decorative: the numbers stand beside it in words. Two studies, and results side by side,
    are drawn as what they are: a line each, and none of them where they are too many.
    """
    rows = _rows(found)
    if not 0 < len(rows) <= _MOST:
        return None
    scale, lo, hi = _axis(found, rows)
    scene = spark_scene(tuple(rows), scale=scale, null=found.null, lo=lo, hi=hi)
    svg = render_svg(scene, standalone=False, hidden=True)
    return Markup('<span class="spark">{}</span>').format(Markup(svg))


def _rows(found: AnalysisResult) -> list[StudyRow | Diamond]:
    pooled = found.pooled
    if found.presentation == "pooled" and pooled is not None:
        return [Diamond("", "", pooled.estimate, pooled.ci_lb, pooled.ci_ub)]
    known = [
        (s.estimate, s.ci_lb, s.ci_ub)
        for s in found.studies
        if s.estimate is not None and s.ci_lb is not None and s.ci_ub is not None
    ]
    size = 33.0 / max(1, len(known)) ** 2  # the more lines, the smaller the squares
    return [StudyRow("", "", (), *limits, weight=size) for limits in known]


def _axis(found: AnalysisResult, rows: list[StudyRow | Diamond]) -> tuple[Scale, float, float]:
    if found.scale in _SHARED:
        return _SHARED[found.scale]
    if found.measure in _STANDARDISED:
        return "linear", -2.0, 2.0
    # values with a unit can't share an axis with others: all in sight, the null in the middle
    limits = [limit for row in rows for limit in (row.ci_lb, row.ci_ub)]
    if found.null is None:
        return "linear", min(0.0, *limits), 1.05 * max(*limits, 1e-9)
    reach = 1.1 * max([abs(limit - found.null) for limit in limits] + [1e-9])
    return "linear", found.null - reach, found.null + reach
