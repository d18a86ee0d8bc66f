"""The drapery plot: p-value functions of all studies and of the pooled effect."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtr, stdtr

from probatum.meta.options import typed_options

from ..meta.inference import critical
from ..meta.types import Floats, MetaFit
from .axis import Axis, fit_axis
from .display import number, scaled, the_fit
from .figure import Figure
from .frame import Frame, Sign, area, axes, legend
from .registry import drawing
from .scene import Curve, Item, Line, Polygon, Scene, Text

_STEPS = 241
_STUDY_STEPS = 41  # of a study's curve, from its p-value 0.001 to 0.001; fewer where many are
_LEVELS = (0.01, 0.05, 0.1)


@drawing(
    "Rücker G, Schwarzer G (2021). Research Synthesis Methods 12, 8-19.",
    "pb.drapery(fit)",
)
@typed_options
def drapery(fit: MetaFit, *, narrow: bool = False, title: str = "Drapery plot") -> Figure:
    """Drapery plot: the p-value of every possible effect, for each study and for the pooled effect.

    A curve cut at height p is the confidence interval at level 1 - p, so that no one level is
    preferred. Studies are thin curves (normal), the pooled effect is the thick one (by the fit's
    own test), and the shaded curve is for the true effect of a new study. Rücker G, Schwarzer G
    (2021). Research Synthesis Methods 12, 8-19.

    Parameters
    ----------
    fit : MetaFit
        Without moderators.
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
        For anything but such a fit, or fewer than two studies.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.3, -0.2], [0.04, 0.05, 0.03], test="z")
    >>> pb.drapery(fit).scene.desc
    'p-value functions of 3 studies and of the pooled 0.04 (95% CI −0.25 to 0.33).'
    """
    fit = the_fit(fit, "drapery", plain=True)
    show = scaled(fit.data)
    y, se = fit.data.yi[fit.included], np.sqrt(fit.data.vi[fit.included])
    centre, own = float(fit.beta[0]), float(fit.se[0])
    spread = float(np.sqrt(own**2 + fit.tau2)) if np.isfinite(fit.tau2) else own
    width, left, right, top, bottom = area(narrow)
    reach = float(critical(90.0, None if fit.test == "z" else fit.dfs))
    points = [show.value(float(v)) for v in y]
    far = [show.value(centre + sign * reach * own) for sign in (-1, 1)]
    sides = [show.value(float(v)) for v in (*(y - 2.6 * se), *(y + 2.6 * se))]
    across = fit_axis(
        [*points, *far], sides, scale=show.scale, null=show.null, left=left, right=right
    )
    frame = Frame(across, Axis(0.0, 1.0, bottom, top, "linear"))
    log = show.scale == "log"
    lo, hi = (np.log(across.lo), np.log(across.hi)) if log else (across.lo, across.hi)

    def curve(at: Floats, p: Floats) -> tuple[tuple[float, float], ...]:
        return frame.points(np.exp(at) if log else at, p)

    items: list[Item] = []
    # finer around the peak, which can be sharp
    grid = np.concatenate([np.linspace(lo, hi, _STEPS), centre + own * np.linspace(-4, 4, 81)])
    grid = np.unique(grid[(grid >= lo) & (grid <= hi)])
    if spread > own:
        new_study = curve(grid, _p(fit, grid, centre, spread))
        items.append(Polygon(((left, bottom), *new_study, (right, bottom)), "band2"))
    items += _levels(frame)
    steps = max(15, min(_STUDY_STEPS, 2400 // fit.k)) | 1  # odd, so that one is the peak
    for centre_i, se_i in zip(y, se):
        inside = centre_i + se_i * np.linspace(-3.29, 3.29, steps)
        inside = inside[(inside >= lo) & (inside <= hi)]
        if len(inside) > 1 and se_i > 0:
            p = 2 * ndtr(-np.abs(inside - centre_i) / se_i)
            items.append(Curve(curve(inside, p), "muted", 0.8))
    if across.lo < (show.null or 0.0) < across.hi and show.null is not None:
        items.append(Line(across.x(show.null), top, across.x(show.null), bottom, "ink", 1))
    items.append(Curve(curve(grid, _p(fit, grid, centre, own)), "accent", 2.4))
    items += axes(frame, show.name, "p-value")
    ends = (show.value(float(v[0])) for v in (fit.ci_lb, fit.ci_ub))
    pooled = show.value(centre)
    signs: list[tuple[Sign, str]] = [
        ("strong", f"pooled {show.name.lower()} {number(pooled)}"),
        ("thin", "a study"),
    ]
    signs += [("band2", "the true effect in a new study")] if spread > own else []
    below, used = legend(signs, bottom + 66, width)
    limits = " to ".join(number(v) for v in ends)
    desc = (
        f"p-value functions of {fit.k} studies and of the pooled {number(pooled)} "
        f"({fit.level:g}% CI {limits})."
    )
    return Figure(Scene(width, bottom + 52 + used, (*items, *below), title, desc))


def _levels(frame: Frame) -> Iterator[Item]:
    """Lines at the usual p-values, with the labels of those that stand clear of each other."""
    left, _, right, _ = frame.box
    for level in _LEVELS:
        height = frame.y.place(level)
        yield Line(left, height, right, height, "rule", 1, "2 3")
        if level > _LEVELS[0]:
            label = f"{level:g}"
            yield Text(right + 2, height + 4, label, role="muted", size=11, mark="axis")


def _p(fit: MetaFit, at: Floats, centre: float, se: float) -> Floats:
    """Two-sided p-value of each effect, by the fit's own test."""
    if se <= 0:  # studies that all agree, by Knapp-Hartung
        return np.where(at == centre, 1.0, 0.0)
    t = -np.abs(at - centre) / se
    return np.asarray(2 * (ndtr(t) if fit.test == "z" else stdtr(fit.dfs, t)))
