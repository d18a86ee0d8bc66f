"""The specification curve: every combination of choices in order of its answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from probatum.meta.options import typed_options

from ..errors import BadInput
from ..meta.multiverse import Multiverse
from ..meta.types import EffectSizes, MetaFit
from .axis import fit_axis
from .display import Display, number, scaled
from .figure import Figure
from .frame import Sign, area, legend, upright
from .marks import TICK
from .measuring import shorten, text_width
from .registry import drawing
from .scene import Circle, Dots, Item, Line, Polygon, Role, Scene, Text

_MOST = 400
_ROW, _HEAD, _CURVE = 17.0, 28.0, 250.0
_NOTHING = "nothing"
_NAMES = {
    "measure": "Measure", "model": "Model", "method": "τ² by", "test": "Interval",
    "excluded": "Left out",
}  # fmt: skip
_FIELDS = {name: field for field, name in _NAMES.items()}


@drawing(
    "Voracek M, Kossmeier M, Tran US (2019). Zeitschrift für Psychologie 227, 64-82.",
    'pb.specification_curve(pb.multiverse(es, leave1out=True).where(test="knha"))',
    'older = {"before 1960": ["Aronson 1948", "Ferguson & Simes 1949", "Stein & Aronson 1953"]}\n'
    'many = pb.multiverse(es, models=["inverse variance", "Mantel-Haenszel"], exclude=older)\n'
    "pb.specification_curve(many)",
)
@typed_options
def specification_curve(
    multiverse: Multiverse, *, narrow: bool = False, title: str = "Specification curve"
) -> Figure:
    """Specification curve: all answers in order, and below each the choices that led to it.

    Lines are confidence intervals. The coloured answer is the first combination's. Voracek M,
    Kossmeier M, Tran US (2019). Zeitschrift für Psychologie 227, 64-82; Simonsohn U, Simmons JP,
    Nelson LD (2020). Nature Human Behaviour 4, 1208-1214.

    Parameters
    ----------
    multiverse : Multiverse
        Of measures that share one scale.
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
        For anything but a multiverse, fewer than two answers, more than 400, or measures whose
        scales differ.

    Examples
    --------
    >>> import probatum as pb
    >>> es = pb.EffectSizes(np.array([0.1, 0.5, 0.3]), np.array([0.02, 0.03, 0.02]))
    >>> pb.specification_curve(pb.multiverse(es, tests=["z"])).scene.desc
    'Estimate by 4 combinations of choices, from 0.28 to 0.28; 4 of 4 intervals exclude 0.'
    """
    show = _display(multiverse)
    order = np.argsort(multiverse.estimate, kind="stable")
    order = order[np.isfinite(multiverse.estimate[order])]
    if not 2 <= len(order) <= _MOST:
        raise BadInput(
            f"specification_curve draws 2 to {_MOST} answers; these are {len(order)}. "
            "Choose among them with multiverse.where(...)."
        )
    width, left, right, top, _ = area(narrow)
    groups = {_NAMES[name]: options for name, options in multiverse.varied().items()}
    labels = [*groups, *(_word(o) for options in groups.values() for o in options)]
    left = min(max([left, *(text_width(text, TICK) + 14 for text in labels)]), 0.42 * width)
    bottom, step = top + _CURVE, (right - left) / len(order)
    across = [left + (i + 0.5) * step for i in range(len(order))]
    items: list[Item] = []
    items += _curve(multiverse, show, order, across, (left, top, right, bottom))
    foot = bottom
    for name, options in groups.items():
        chosen = [getattr(multiverse.choices[i], _FIELDS[name]) for i in order]
        items += _group(name, options, chosen, across, (left, foot, right))
        foot += _HEAD + _ROW * len(options)
    signs: list[tuple[Sign, str]] = [("disc", f"an answer with its {multiverse.level:g}% interval")]
    signs += [("accent", "the first combination")] if 0 in order else []
    below, used = legend(signs, foot + 34, width)
    told = _told(multiverse, show, order)
    return Figure(Scene(width, foot + 20 + used, (*items, *below), title, told))


def _display(multiverse: object) -> Display:
    if not isinstance(multiverse, Multiverse):
        made = "pb.multiverse(fit.data)" if isinstance(multiverse, MetaFit) else "pb.multiverse(es)"
        raise BadInput(
            f"specification_curve draws a multiverse; this is of type {type(multiverse).__name__}. "
            f"{made} makes one."
        )
    measures = list(dict.fromkeys(c.measure for c in multiverse.choices))
    shown = [scaled(EffectSizes(np.zeros(0), np.zeros(0), m)) for m in measures]
    if len({(s.scale, s.null) for s in shown}) > 1:
        raise BadInput(
            f"specification_curve needs one scale; {', '.join(measures)} have several. Draw "
            f'multiverse.where(measure="{measures[0]}").'
        )
    shown[0].name = "Effect" if len(shown) > 1 else shown[0].name
    return shown[0]


def _curve(
    multiverse: Multiverse, show: Display, order: NDArray[np.int64], across: list[float],
    box: tuple[float, float, float, float],
) -> Iterator[Item]:  # fmt: skip
    """The answers with their intervals, cut where the axis ends."""
    left, top, right, bottom = box
    y, low, high = (
        [show.value(float(v)) for v in column[order]]
        for column in (multiverse.estimate, multiverse.ci_lb, multiverse.ci_ub)
    )
    up = fit_axis(y, [*low, *high], scale=show.scale, null=show.null, left=bottom, right=top)
    yield Line(left, top, left, bottom)
    yield from upright(up, left, show.name)
    if show.null is not None and up.lo <= show.null <= up.hi:
        yield Line(left, up.place(show.null), right, up.place(show.null), "ink", 1)
    r = _radius(across)
    main = list(order).index(0) if 0 in order else -1
    for i, x in enumerate(across):
        role: Role = "accent" if i == main else "muted"
        ends = [min(bottom, max(top, up.place(v))) for v in (low[i], high[i])]
        if not np.isnan(ends).any():
            yield Line(x, ends[0], x, ends[1], role, 2.0 if i == main else 1.0)
            wide = min(4.0, 0.4 * (across[1] - across[0]))
            for cut, tip, foot in (
                (low[i] < up.lo, bottom, bottom - 5),
                (high[i] > up.hi, top, top + 5),
            ):
                if cut:
                    yield Polygon(((x, tip), (x - wide, foot), (x + wide, foot)), role)
    yield Dots(
        tuple((x, up.place(v)) for i, (x, v) in enumerate(zip(across, y)) if i != main), 2 * r
    )
    if main >= 0:
        yield Circle(across[main], up.place(y[main]), max(r, 3.2), "accent")


def _group(
    name: str, options: tuple[str, ...], chosen: list[str], across: list[float],
    place: tuple[float, float, float],
) -> Iterator[Item]:  # fmt: skip
    """One choice: a line of marks for each of its options."""
    left, top, right = place
    yield Text(0, top + _HEAD, name, "start", "muted", TICK, bold=True, mark="axis")
    for j, option in enumerate(options):
        y = top + _HEAD + _ROW * (j + 1)
        yield Line(left, y - 4, right, y - 4, "rule", 0.6)
        label = shorten(_word(option), left - 10, TICK)
        yield Text(0, y, label, "start", "ink", TICK, mark="axis")
        marks = tuple((x, y - 4) for x, c in zip(across, chosen) if c == option)
        yield Dots(marks, 2 * _radius(across))


def _word(option: str) -> str:
    return option.replace("\n", " ") or _NOTHING


def _radius(across: list[float]) -> float:
    return min(3.4, max(1.0, 0.36 * (across[1] - across[0])))


def _told(multiverse: Multiverse, show: Display, order: NDArray[np.int64]) -> str:
    """The figure in a sentence."""
    low, high = (multiverse.estimate[order[i]] for i in (0, -1))
    ends = " to ".join(number(show.value(float(v))) for v in (low, high))
    out = np.sum((multiverse.ci_lb[order] > 0) | (multiverse.ci_ub[order] < 0))
    null = "" if show.null is None else (
        f"; {out} of {len(order)} intervals exclude {show.null:g}"
    )  # fmt: skip
    return f"{show.name} by {len(order)} combinations of choices, from {ends}{null}."
