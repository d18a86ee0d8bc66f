"""L'Abbé's plot: the risk in one group against that in the other."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import expit, logit

from probatum.meta.options import typed_options

from ..errors import BadInput
from ..meta.models.inverse_variance import pool
from ..meta.types import EffectSizes, MetaFit
from .axis import Axis, fit_axis
from .display import Display, number, single
from .figure import Figure
from .frame import Frame, Sign, area, axes, from_zero, legend
from .labels import Box, Mark, along, named
from .registry import drawing
from .scene import Circle, Curve, Item, Line, Scene

# risk (or rate) in group 1, given that in group 2 and the effect on the analysis scale
_CURVES: dict[str, Callable[[float, float], float]] = {
    "RR": lambda x, b: x * math.exp(b),
    "OR": lambda x, b: float(expit(logit(x) + b)),
    "PETO": lambda x, b: float(expit(logit(x) + b)),
    "RD": lambda x, b: x + b,
    "AS": lambda x, b: math.sin(min(max(math.asin(math.sqrt(x)) + b, 0.0), math.pi / 2)) ** 2,
    "IRR": lambda x, b: x * math.exp(b),
    "IRD": lambda x, b: x + b,
    "IRSD": lambda x, b: max(math.sqrt(x) + b, 0.0) ** 2,
}
_PAIRS = ((("ai", "n1i"), ("ci", "n2i"), "Risk"), (("x1i", "t1i"), ("x2i", "t2i"), "Rate"))


@drawing(
    "L'Abbé KA, Detsky AS, O'Rourke K (1987). Annals of Internal Medicine 107, 224-233.",
    'pb.labbe(es, arms=("vaccinated", "not vaccinated"))',
)
@typed_options
def labbe(
    es: EffectSizes | MetaFit,
    *,
    arms: tuple[str, str] = ("group 1", "group 2"),
    log: bool | None = None,
    narrow: bool = False,
    title: str = "L'Abbé plot",
) -> Figure:
    """L'Abbé plot: each study's risk (or rate) in group 1 against that in group 2.

    The dashed diagonal is no difference, the line the pooled effect, the area of a circle the
    number of people (or the time) studied. L'Abbé KA, Detsky AS, O'Rourke K (1987). Annals of
    Internal Medicine 107, 224-233.

    Parameters
    ----------
    es : EffectSizes or MetaFit
        Made of the counts in two groups. Effect sizes are pooled (REML) for the line; of a fit
        with moderators only the studies are drawn.
    arms : pair of str
        What groups 1 and 2 are called.
    log : bool, optional
        Logarithmic axes; by default where no risk is 0 and the largest is over 20 times the
        smallest. They leave out studies without events.
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
        For effect sizes that were not made of two groups' counts.

    Examples
    --------
    >>> import probatum as pb
    >>> es = pb.effect_sizes(measure="RR", ai=[4, 6], n1i=[20, 30], ci=[8, 9], n2i=[20, 30])
    >>> pb.labbe(es).scene.desc
    'Risk in group 1 against risk in group 2 of 2 studies; pooled risk ratio 0.59.'
    """
    data = es.data if isinstance(es, MetaFit) else es
    if not isinstance(data, EffectSizes):
        raise BadInput(
            f"labbe draws effect sizes of two groups; this is of type {type(es).__name__}. "
            'Try: labbe(pb.effect_sizes(data, measure="RR", ai=..., n1i=..., ci=..., n2i=...)).'
        )
    y, x, size, what = _shares(data)
    effect = _effect(es)
    width, left, right, top, bottom = area(narrow, 480.0)
    right = min(right, left + bottom - top)  # a square: the diagonal has its true slope
    frame = _frame([v for v in (*x, *y) if math.isfinite(v)], what, log, (left, top, right, bottom))
    items: list[Item] = [
        *axes(frame, f"{what} in {arms[1]}", f"{what} in {arms[0]}"),
        Line(left, bottom, right, top, "ink", 1, "5 3"),
    ]
    lines = along([(left, bottom), (right, top)])
    signs: list[tuple[Sign, str]] = [("dash", "no difference")]
    told = ""
    if effect is not None and data.measure in _CURVES:
        curve = _pooled(frame, _CURVES[data.measure], effect)
        items += [Curve(curve, "accent", 2)] if len(curve) > 1 else []
        lines += along(curve)
        show = Display(data, "auto")
        words = f"pooled {show.name.lower()} {number(show.value(effect))}"
        signs.append(("strong", words))
        told = f"; {words}"
    items += _studies(frame, x, y, size, data.slab, width, lines)
    signs.append(("bubble", "study, by size"))
    below, used = legend(signs, bottom + 66, width)
    desc = f"{what} in {arms[0]} against {what.lower()} in {arms[1]} of {len(x)} studies{told}."
    return Figure(Scene(width, bottom + 52 + used, (*items, *below), title, desc))


Column = list[float]


def _shares(data: EffectSizes) -> tuple[Column, Column, Column, str]:
    """Risk in both groups and the size of each study, NaN where unknown; and what it is."""
    have = data.inputs
    for one, two, what in _PAIRS:
        if {*one, *two} <= have.keys():
            with np.errstate(divide="ignore", invalid="ignore"):
                y, x = (np.asarray(have[a] / have[b], dtype=np.float64) for a, b in (one, two))
                size = have[one[1]] + have[two[1]]
            known = np.isfinite(x) & np.isfinite(y)
            if not known.any():
                raise BadInput("labbe finds no study with the counts of both groups.")
            return (
                np.where(known, y, np.nan).tolist(),
                np.where(known, x, np.nan).tolist(),
                np.where(known, size, np.nan).tolist(),
                what,
            )
    raise BadInput(
        f"labbe needs the events of two groups (ai, n1i, ci, n2i or x1i, t1i, x2i, t2i); "
        f"these effect sizes ({data.measure}) were not made of such."
    )


def _effect(es: EffectSizes | MetaFit) -> float | None:
    if isinstance(es, MetaFit):
        return float(es.beta[0]) if single(es) else None
    known = np.isfinite(es.yi) & np.isfinite(es.vi) & (es.vi > 0)
    return float(pool(es, method="REML").beta[0]) if known.any() else None


def _frame(known: Column, what: str, log: bool | None, box: Box) -> Frame:
    """The same axis across and up."""
    left, top, right, bottom = box
    events = [v for v in known if v > 0]
    if log is None:
        log = len(events) == len(known) and max(known) > 20 * min(known)
    if log and not events:
        raise BadInput("labbe finds no event, and log axes have no place for 0; try log=False.")

    def axis(start: float, end: float) -> Axis:
        if log:
            lo, hi = min(events) / 1.5, max(events) * 1.5
            return Axis(lo, hi, start, end, "log", what == "Risk")
        if what == "Risk":
            return fit_axis(known, (), scale="percent", null=None, left=start, right=end)
        return from_zero(known, start, end)

    return Frame(axis(left, right), axis(bottom, top))


def _pooled(
    frame: Frame, risk: Callable[[float, float], float], effect: float
) -> tuple[tuple[float, float], ...]:
    """The pooled effect's line, as far as it runs inside the frame."""
    log = frame.x.scale == "log"
    across = (np.geomspace if log else np.linspace)(frame.x.lo, frame.x.hi, 101)[1:-1]
    pairs = [(float(x), risk(float(x), effect)) for x in across]
    return tuple(frame.at(x, y) for x, y in pairs if frame.y.lo <= y <= frame.y.hi)


def _studies(
    frame: Frame,
    x: Column,
    y: Column,
    size: Column,
    slab: tuple[str, ...],
    width: float,
    lines: list[Box],
) -> list[Item]:
    """Circles, the large ones first so that none is hidden, and names of the larger studies."""
    most = max(s for s in size if math.isfinite(s))
    least = 0.0 if frame.x.scale == "log" else -1.0
    shown = (i for i, s in enumerate(size) if math.isfinite(s) and min(x[i], y[i]) > least)
    order = sorted(shown, key=lambda i: -size[i])
    items: list[Item] = []
    marks: list[Mark] = []
    for i in order:
        across, up = frame.at(x[i], y[i])
        r = max(3.0, 16 * math.sqrt(size[i] / most)) if most > 0 else 5.0
        items.append(Circle(across, up, r, "accent", "accent", 0.35))
        marks.append(Mark(across, up, r, slab[i] if len(order) <= 20 and slab else ""))
    left, top, _, bottom = frame.box
    return [*items, *named(marks, (left + 2, top - 8, width, bottom - 2), lines)]
