"""The weight function of a selection model: how likely a result is seen, by its p-value."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from probatum.meta.options import typed_options

from ..errors import BadInput
from ..meta.bias.selection import SelectionFit
from ..meta.bias.weightfunctions import FUNCTIONS
from ..meta.types import Floats, MetaFit
from .axis import Axis
from .display import number, p_text
from .figure import Figure
from .frame import Frame, Sign, area, axes, from_zero, legend
from .registry import drawing
from .scene import Curve, Item, Line, Polygon, Scene

_POINTS = 241
_RUG = 9.0
_SIDES = {"greater": "one-sided for a positive effect",
          "less": "one-sided for a negative effect",
          "two-sided": "two-sided"}  # fmt: skip


@drawing(
    "Vevea JL, Hedges LV (1995). Psychometrika 60, 419-435.",
    'steps = pb.selmodel(fit, steps=[0.025, 0.5], alternative="less")\npb.selection_plot(steps)',
    'pb.selection_plot(pb.selmodel(fit, "negexp", alternative="less"))',
)
@typed_options
def selection_plot(
    found: SelectionFit, *, narrow: bool = False, title: str = "Selection function"
) -> Figure:
    """Weight function of a selection model: how likely a result is seen, by its p-value.

    Strokes at the foot are the studies. The band is each weight's Wald interval at the fit's
    level, where the function has one parameter or is a step function. p-values are drawn by their
    square roots, so that small ones can be told apart. Vevea JL, Hedges LV (1995). Psychometrika
    60, 419-435.

    Parameters
    ----------
    found : SelectionFit
        Made by `selmodel`.
    narrow : bool
        For a phone.
    title : str
        The figure's name for who can't see it; not drawn, since a caption says it.

    Returns
    -------
    Figure

    Raises
    ------
    BadInput
        For anything else.

    Examples
    --------
    >>> import probatum as pb
    >>> yi = [0.1, 0.5, 0.7, 0.3, 0.9, 0.4, 0.6, 1.1]
    >>> fit = pb.pool(yi, [0.01, 0.05, 0.08, 0.03, 0.2, 0.04, 0.06, 0.3])
    >>> pb.selection_plot(pb.selmodel(fit, steps=[0.025])).scene.title
    'Selection function'
    """
    if not isinstance(found, SelectionFit):
        made = "pb.selmodel(fit)" if isinstance(found, MetaFit) else "pb.selmodel(pb.pool(es))"
        raise BadInput(
            f"selection_plot draws a selection model; this is of type {type(found).__name__}. "
            f"{made} makes one."
        )
    p, weight, lower, upper = _curve(found)
    width, left, right, top, bottom = area(narrow, 400.0)
    high = float(weight.max())
    # a wide band is cut, so that the weights themselves can be read
    most = max(high, min(float(np.nanmax(upper, initial=high)), 2.5 * high))
    frame = Frame(Axis(0.0, 1.0, left, right, "root"), from_zero([1.1 * most], bottom, top))
    items: list[Item] = []
    known = np.isfinite(lower) & np.isfinite(upper)
    if known.any():
        edge = frame.points(p[known], upper[known])
        back = frame.points(p[known][::-1], lower[known][::-1])
        items.append(Polygon((*edge, *back), "band2"))
    level = frame.y.place(1.0)
    items += [
        Line(left, level, right, level, "muted", 1, "2 3"),
        Curve(frame.points(p, weight), "accent", 2),
        *axes(frame, f"p-value, {_SIDES[found.alternative]}", "Relative chance of being seen"),
    ]
    seen = found.observed()
    for value in seen:
        x = frame.x.x(float(value))
        items.append(Line(x, top, x, top + _RUG, "ink", 1))
    signs: list[tuple[Sign, str]] = [("strong", _name(found)), ("dots", "no selection")]
    signs += [("band2", f"its {found.level:g}% interval")] if known.any() else []
    signs.append(("ticks", "studies"))
    below, used = legend(signs, bottom + 66, width)
    scene = Scene(width, bottom + 52 + used, (*items, *below), title, _told(found))
    return Figure(scene)


def _curve(found: SelectionFit) -> tuple[Floats, Floats, Floats, Floats]:
    """p-values, weights, and their limits (NaN where there are none)."""
    p = np.linspace(0.0, 1.0, _POINTS) ** 2
    if found.type == "stepfun":  # both sides of each step
        cuts = np.array(found.steps)
        p = np.sort(np.concatenate([p, cuts, np.nextafter(cuts, 1.0)]))
    weight = found.weight(p)
    unit = float(weight.max()) if found.type == "beta" else 1.0
    half = float(ndtri(0.5 + found.level / 200)) * found.se_delta
    if found.type == "stepfun" or len(found.delta) == 1:
        ends = [np.maximum(found.delta + sign * half, 0.0) for sign in (-1, 1)]
        limits = [found.weight(p, end) for end in ends]
        lower, upper = np.minimum(*limits), np.maximum(*limits)
    else:
        lower = upper = np.full(len(p), np.nan)
    return p, weight / unit, lower / unit, upper / unit


def _name(found: SelectionFit) -> str:
    return "step function" if found.type == "stepfun" else FUNCTIONS[found.type].name


def _told(found: SelectionFit) -> str:
    lrt = f"likelihood ratio test of no selection {number(found.LRT)} ({p_text(found.LRTp)})"
    weights = f"; {lrt}."
    if found.type == "stepfun":
        edges = [0.0, *found.steps, 1.0]
        cells = [
            f"{number(float(w))} from p = {a:g} to {b:g}"
            for w, a, b in zip(found.delta, edges, edges[1:])
        ]
        weights = f": weight {', '.join(cells)}{weights}"
    name = _name(found)
    return f"{name[:1].upper()}{name[1:]} of {found.k} studies{weights}"
