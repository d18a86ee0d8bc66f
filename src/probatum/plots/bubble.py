"""The bubble plot of a meta-regression: effects against a moderator, with the fitted line."""

from __future__ import annotations

import math
import re

import numpy as np

from probatum.meta.options import typed_options

from ..errors import BadInput, UnknownOption
from ..meta.design import INTERCEPT
from ..meta.models.multilevel.types import MultilevelFit
from ..meta.prediction import Prediction
from ..meta.types import Floats, MetaFit, labels
from .axis import fit_axis
from .display import Display, scaled, the_fit
from .figure import Figure
from .frame import Frame, Sign, area, around, axes, legend
from .labels import Box, Mark, along, named
from .registry import drawing
from .scene import Circle, Curve, Item, Line, Polygon, Scene

_STEPS = 60
_NAMED = 8  # studies at most


@drawing(
    "Thompson SG, Higgins JPT (2002). Statistics in Medicine 21, 1559-1573.",
    'by_latitude = pb.pool(es, mods="~ ablat", data=bcg)\npb.bubble(by_latitude)',
)
@typed_options
def bubble(
    fit: MetaFit | MultilevelFit,
    mod: str | int | None = None,
    *,
    label: str = "",
    narrow: bool = False,
    title: str = "Meta-regression",
) -> Figure:
    """Bubble plot of a meta-regression: effects against a moderator, with the fitted line.

    The area of a circle shows the study's weight; the inner band is the confidence interval of
    the average effect, the outer one the prediction interval. Further moderators are held at
    their mean, and the circles are not adjusted for them. Thompson SG, Higgins JPT (2002).
    Statistics in Medicine 21, 1559-1573.

    The eight studies farthest outside the prediction interval are named.

    Parameters
    ----------
    fit : MetaFit or MultilevelFit
        With at least one moderator. Circles of a multilevel fit show the estimates' precision.
    mod : str or int, optional
        The moderator: its name, or its place among the moderators from 0 on. Not needed where
        there is only one.
    label : str
        What the moderator is called beneath the axis; its name by default.
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
        For a fit without moderators, several of them without `mod`, or a moderator whose value
        changes others (interactions, polynomials): a line over it alone would mislead.
    UnknownOption
        If the model has no such moderator.

    Examples
    --------
    >>> import probatum as pb
    >>> data = {"dose": [1, 2, 3, 4]}
    >>> fit = pb.pool([0.1, 0.3, 0.2, 0.6], [0.04, 0.05, 0.03, 0.04], mods="~ dose", data=data)
    >>> pb.bubble(fit).scene.desc
    'Estimate of 4 studies against dose; per unit 0.14 (95% CI −0.17 to 0.44).'
    """
    if not isinstance(fit, MultilevelFit):
        fit = the_fit(fit, "bubble")
    j = _column(fit, mod)
    show = scaled(fit.data)
    values, use = fit.X[:, j], fit.included
    grid = np.linspace(values[use].min(), values[use].max(), _STEPS)
    line = _along(fit, j, grid)
    shown = {n: [show.value(float(v)) for v in getattr(line, n)] for n in _LINES}
    y = np.array([show.value(float(v)) for v in fit.data.yi])
    width, left, right, top, bottom = area(narrow)
    predicted = bool(np.isfinite(line.pi_lb).all())  # levels may have variances of their own
    ends = [*shown["pi_lb"], *shown["pi_ub"], *shown["ci_lb"], *shown["ci_ub"]]
    across = around(values[use], left, right)
    up = fit_axis(y[use], ends, scale=show.scale, null=show.null, left=bottom, right=top)
    frame = Frame(across, up)
    name = label or fit.names[j]
    items: list[Item] = []
    signs: list[tuple[Sign, str]] = [
        ("bubble", f"{_one(fit)}, by {'weight' if isinstance(fit, MetaFit) else 'precision'}"),
        ("strong", "average effect"),
        ("band1", f"its {fit.level:g}% CI"),
    ]
    if predicted:
        items.append(Polygon(_band(frame, grid, shown["pi_lb"], shown["pi_ub"]), "band2"))
        signs.append(("band2", f"{fit.level:g}% prediction interval"))
    items.append(Polygon(_band(frame, grid, shown["ci_lb"], shown["ci_ub"]), "band1"))
    curve = frame.points(grid, shown["pred"])
    taken = along(curve)
    if show.null is not None:
        at = up.place(show.null)
        taken += along([(left, at), (right, at)])
        items.append(Line(left, at, right, at, "muted", 1, "2 3"))
        signs.append(("dots", "no effect"))
    items += [*axes(frame, name, show.name), Curve(curve, "accent", 2)]
    items += _studies(fit, frame, j, y, taken)
    below, used = legend(signs, bottom + 66, width)
    scene = Scene(width, bottom + 52 + used, (*items, *below), title, _told(fit, j, name, show))
    return Figure(scene)


Fit = MetaFit | MultilevelFit
_LINES = ("pred", "ci_lb", "ci_ub", "pi_lb", "pi_ub")


def _column(fit: Fit, mod: str | int | None) -> int:
    """Which column of the design the figure runs along."""
    start = int(fit.names[0] == INTERCEPT)
    names = fit.names[start:]
    if not names:
        raise BadInput(
            "bubble needs a moderator, and this fit has none; "
            'pool with mods="~ year", or draw forest(fit).'
        )
    if mod is None:
        if len(names) > 1:
            raise BadInput(f"bubble needs mod: the model has {', '.join(names)}.")
        mod = 0
    if isinstance(mod, int):
        if not 0 <= mod < len(names):
            raise UnknownOption("mod", mod, names)
        name = names[mod]
    elif mod in names:
        name = mod
    else:
        raise UnknownOption("mod", mod, names)
    bound = [n for n in names if n != name and re.search(rf"\b{re.escape(name)}\b", n)]
    if bound or ":" in name:
        raise BadInput(
            f"{name} does not move alone in this model ({', '.join(bound or [name])}): a line over "
            "it would mislead. Use fit.predict(newmods) at the values you are interested in."
        )
    return names.index(name) + start


def _along(fit: Fit, j: int, grid: Floats) -> Prediction:
    """Average effects along a moderator, with the others at their mean."""
    start = int(fit.names[0] == INTERCEPT)
    rows = np.tile(fit.X[fit.included].mean(axis=0), (len(grid), 1))
    rows[:, j] = grid
    return fit.predict(rows[:, start:])


def _band(
    frame: Frame, grid: Floats, lower: list[float], upper: list[float]
) -> tuple[tuple[float, float], ...]:
    return (*frame.points(grid, upper), *frame.points(grid[::-1], lower[::-1]))


def _studies(fit: Fit, frame: Frame, j: int, y: Floats, taken: list[Box]) -> list[Item]:
    """Circles, the heavy ones first; names of those farthest outside the prediction interval."""
    own = fit.predict(fit.X[:, int(fit.names[0] == INTERCEPT) :])
    weights = fit.weights if isinstance(fit, MetaFit) else 1.0 / fit.data.vi
    with np.errstate(divide="ignore", invalid="ignore"):  # an interval may have no width
        beyond = np.fmax(own.pi_lb - fit.data.yi, fit.data.yi - own.pi_ub)
        beyond = beyond / (own.pi_ub - own.pi_lb)
    far = [int(i) for i in np.argsort(-beyond)[:_NAMED] if beyond[i] > 1e-9]
    most = float(np.nanmax(np.where(fit.included, weights, np.nan)))
    names = labels(fit.data.slab, len(fit.data))
    items: list[Item] = []
    marks: dict[int, Mark] = {}
    order = sorted(np.flatnonzero(fit.included), key=lambda i: -weights[i])
    for i in order:
        x, up = frame.at(float(fit.X[i, j]), float(y[i]))
        r = max(2.5, 13 * math.sqrt(max(0.0, float(weights[i])) / most)) if most > 0 else 5.0
        items.append(Circle(x, up, r, "accent", "accent", 0.35))
        marks[int(i)] = Mark(x, up, r, names[i] if i in far else "")
    left, top, right, bottom = frame.box
    first = [*(marks.pop(i) for i in far), *marks.values()]
    return [*items, *named(first, (left + 2, top - 8, right + 14, bottom - 2), taken)]


def _told(fit: Fit, j: int, name: str, show: Display) -> str:
    slope, lb, ub = (show.value(float(v[j])) for v in (fit.beta, fit.ci_lb, fit.ci_ub))
    words = f"{show.number(slope)} ({fit.level:g}% CI {show.number(lb)} to {show.number(ub)})"
    per = "times per unit" if show.scale == "log" else "per unit"
    words = f"{words} {per}" if show.scale == "log" else f"{per} {words}"
    many = "studies" if _one(fit) == "study" else "estimates"
    return f"{show.name} of {fit.k} {many} against {name}; {words}."


def _one(fit: Fit) -> str:
    return "study" if isinstance(fit, MetaFit) else "estimate"
