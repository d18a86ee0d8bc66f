"""The funnel plot of a result with ten or more studies."""

from __future__ import annotations

import math

from markupsafe import Markup

from probatum.build.results import AnalysisResult
from probatum.meta.measures import MEASURES
from probatum.meta.transforms import to_analysis_scale
from probatum.plots.funnel import FunnelData, funnel_scene
from probatum.site.figures.inline import both

#: With fewer studies a funnel says nothing (Sterne et al. 2011, BMJ 343:d4002).
FROM = 10


def funnel(found: AnalysisResult) -> Markup | None:
    """Return the funnel plot as part of a page, or nothing where it would say nothing."""
    data = funnel_data(found)
    return None if data is None else both(lambda narrow: funnel_scene(data, narrow=narrow))


def funnel_data(found: AnalysisResult) -> FunnelData | None:
    """Return what the funnel plot shows: effects and standard errors on the analysis scale."""
    pooled = found.pooled
    points = [(s.yi, s.vi) for s in found.studies if s.yi is not None and s.vi]
    if pooled is None or len(points) < FROM or found.presentation != "pooled":
        return None
    if found.scale == "proportion":
        return None
    measure = MEASURES[found.measure]
    # names are of the scale that the axis shows: of ratios it shows the ratio, of others yi
    name = found.measure_name if measure.transf in ("exp", "identity") else measure.name
    null = None if found.null is None else float(to_analysis_scale(measure.transf, found.null))
    return FunnelData(
        yi=tuple(y for y, _ in points),
        sei=tuple(math.sqrt(v) for _, v in points if v),
        center=pooled.beta,
        title=f"Funnel plot: {found.title}",
        desc="Each point is a study: its result across, its standard error downwards.",
        scale="log" if measure.transf == "exp" else "linear",
        null=null,
        effect=name[:1].upper() + name[1:],
    )
