"""What each study does to a fit: one row a study, one small column a statistic."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import chdtri

from probatum.meta.options import typed_options

from ..meta.diagnostics.influence import Influence, influence
from ..meta.types import Floats, MetaFit
from .axis import Axis
from .display import the_fit
from .figure import Figure
from .frame import Sign, around, legend
from .measuring import shorten, text_width
from .registry import drawing
from .scene import Circle, Item, Line, Polygon, Scene, Text

_LEAST, _MOST, _ROW, _SIZE = 90.0, 230.0, 20.0, 12.5  # of the column of names; of a row
_CELL, _GAP = 88.0, 14.0
_HEAD = 34.0


@dataclass(frozen=True, slots=True)
class _Column:
    """One statistic: its values, what it would be without influence, and the usual limits."""

    head: str
    values: Floats
    usual: float
    limits: tuple[float, ...] = ()


@drawing(
    "Viechtbauer W, Cheung MWL (2010). Research Synthesis Methods 1, 112-125.",
    "pb.influence_plot(fit)",
)
@typed_options
def influence_plot(fit: MetaFit, *, narrow: bool = False, title: str = "Influence") -> Figure:
    """Influence panel: the case deletion statistics of all studies side by side.

    One row a study, one column a statistic of `influence`: studentized deleted residual, DFFITS,
    Cook's distance, covariance ratio, tau2 and Q without the study, leverage, weight. Dashed lines
    are the usual limits; a study beyond one of those that make it influential is bold, with a
    diamond. Viechtbauer W, Cheung MWL (2010). Research Synthesis Methods 1, 112-125.

    Parameters
    ----------
    fit : MetaFit
        By inverse variances; moderators are allowed.
    narrow : bool
        For a phone: residual and Cook's distance only.
    title : str
        The figure's name for who can't see it; not drawn, since a caption says it.

    Returns
    -------
    Figure

    Raises
    ------
    BadInput
        For anything but such a fit, or fewer than three studies.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.3, -0.2, 0.4], [0.04, 0.05, 0.03, 0.01])
    >>> pb.influence_plot(fit).scene.desc
    'What leaving out each of 4 studies does to the fit. Beyond a usual limit: 3, 4.'
    """
    found = influence(the_fit(fit, "influence_plot", least=3))
    columns = _columns(fit, found)
    if narrow:
        columns = [columns[0], columns[2]]
    names = [study.replace("\n", " ") for study in found.slab]
    widest = max(
        text_width(study, _SIZE, bold=bool(out)) for study, out in zip(names, found.is_infl)
    )
    room = 170.0 if narrow else 10 + min(_MOST, max(_LEAST, widest))
    cell = 71.0 if narrow else _CELL
    width = room + len(columns) * (cell + _GAP)
    foot = _HEAD + _ROW * len(found.slab)
    items: list[Item] = []
    for n, study in enumerate(names):
        y, strong = _HEAD + _ROW * (n + 0.5), bool(found.is_infl[n])
        if n % 2 == 0:
            items.append(_stripe(y, width))
        words = shorten(study, room - 10, _SIZE, bold=strong)
        items.append(Text(0, y + 4.5, words, size=_SIZE, bold=strong, mark="id"))
    for c, column in enumerate(columns):
        left = room + c * (cell + _GAP) + _GAP / 2
        items += _cell(column, left, left + cell, foot, found)
    signs: list[tuple[Sign, str]] = [("disc", "study"), ("dash", "usual limit")]
    signs += [("diamond", "influential study")] if found.is_infl.any() else []
    below, used = legend(signs, foot + 50, width)
    far = ", ".join(s for s, out in zip(names, found.is_infl) if out)
    desc = (
        f"What leaving out each of {len(found.slab)} studies does to the fit. "
        f"Beyond a usual limit: {far or 'none'}."
    )
    return Figure(Scene(width, foot + 38 + used, (*items, *below), title, desc))


def _columns(fit: MetaFit, found: Influence) -> list[_Column]:
    k, p = fit.k, fit.p
    fits = 3 * math.sqrt(p / max(k - p, 1))
    return [
        _Column("Residual", found.rstudent, 0, (-1.96, 1.96)),
        _Column("DFFITS", found.dffits, 0, (-fits, fits)),
        _Column("Cook's D", found.cook_d, 0, (float(chdtri(p, 0.5)),)),
        _Column("Cov. ratio", found.cov_r, 1),
        _Column("τ² without", found.tau2_del, fit.tau2),
        _Column("Q without", found.QE_del, fit.QE),
        _Column("Leverage", found.hat, p / k, (3 * p / k,)),
        _Column("Weight (%)", found.weight, 100 / k),
    ]


def _stripe(y: float, width: float) -> Polygon:
    top, bottom = y - _ROW / 2, y + _ROW / 2
    return Polygon(((0, top), (width, top), (width, bottom), (0, bottom)), "band3")


def _cell(
    column: _Column, left: float, right: float, foot: float, found: Influence
) -> Iterator[Item]:
    """One column: its name, the usual value, limits in reach, and a mark for each study."""
    known = column.values[np.isfinite(column.values)]
    shown = [*known, column.usual]
    spread = max(shown) - min(shown)
    # a limit far away would squeeze the studies; it is drawn where it is near them
    near = [v for v in column.limits if min(shown) - spread <= v <= max(shown) + spread]
    axis = around([*shown, *near], left + 4, right - 4, pad=0.05)
    yield Text((left + right) / 2, 14, column.head, "middle", "muted", 12, True, mark="axis")
    yield Line(left, _HEAD - 6, right, _HEAD - 6, "rule")
    x = axis.x(column.usual)
    yield Line(x, _HEAD - 6, x, foot, "muted", 0.8)
    for limit in near:
        yield Line(axis.x(limit), _HEAD - 6, axis.x(limit), foot, "ink", 1, "5 3")
    for n, value in enumerate(column.values):
        if math.isfinite(value):
            yield _mark(axis.x(float(value)), _HEAD + _ROW * (n + 0.5), bool(found.is_infl[n]))
    yield Line(left, foot, right, foot)
    for value, label in _ticks(axis):
        yield Line(axis.x(value), foot, axis.x(value), foot + 4)
        yield Text(axis.x(value), foot + 17, label, "middle", "muted", 11, mark="axis")


def _mark(x: float, y: float, strong: bool) -> Item:
    if strong:
        return Polygon(((x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)), "accent")
    return Circle(x, y, 3.6)


def _ticks(axis: Axis) -> list[tuple[float, str]]:
    """Two or three ticks whose labels fit the column."""
    for most in (3, 2):
        ticks = axis.ticks(most)
        spans = [(axis.x(v), text_width(t, 11) / 2) for v, t in ticks]
        clear = all(b - a > wa + wb + 6 for (a, wa), (b, wb) in pairwise(spans))
        inside = all(axis.left - 10 <= x - w and x + w <= axis.right + 10 for x, w in spans)
        if ticks and clear and inside:
            return ticks
    return axis.ticks(2)[:1]
