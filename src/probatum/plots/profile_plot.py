"""The profile of the log-likelihood over the variances and correlations of a fit, drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri

from probatum.meta.options import typed_options

from ..errors import BadInput
from ..meta.diagnostics.profile import likelihood_interval, profile
from ..meta.models.multilevel.types import MultilevelFit
from ..meta.types import Floats, MetaFit
from .axis import Axis
from .display import number, the_fit
from .figure import Figure
from .frame import Area, Frame, Sign, around, axes, legend, panels
from .labels import Mark, along, named
from .names import component_name
from .registry import drawing
from .scene import Circle, Curve, Item, Line, Polygon, Scene

_POINTS = 121


@dataclass(frozen=True, slots=True)
class _Profile:
    """One parameter: its values with the log-likelihood there, estimate and interval."""

    name: str
    at: Floats
    ll: Floats
    estimate: float
    lb: float
    ub: float

    def __str__(self) -> str:
        return f"{self.name} {number(self.estimate)} ({number(self.lb)} to {number(self.ub)})"


@drawing(
    "Hardy RJ, Thompson SG (1996). Statistics in Medicine 15, 619-629.",
    "pb.profile_plot(fit)",
    'teams = pb.pool_multilevel(es, random="~ 1 | team/trial", data=bcg)\npb.profile_plot(teams)',
)
@typed_options
def profile_plot(
    fit: MetaFit | MultilevelFit, *, narrow: bool = False, title: str = "Profile of the likelihood"
) -> Figure:
    """Profile plot: the log-likelihood at each tau2, all other parameters at their best.

    Of a multilevel fit every variance and correlation that was estimated has its own panel. The
    horizontal line is the drop of half the chi-square quantile on one degree of freedom; the
    values above it are the profile likelihood interval at the fit's level. Hardy RJ, Thompson SG
    (1996). Statistics in Medicine 15, 619-629.

    Parameters
    ----------
    fit : MetaFit or MultilevelFit
        By method ML or REML; moderators are allowed.
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
        For anything but such a fit, fewer than two studies, or nothing to estimate.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.9, 0.5], [0.01, 0.02, 0.03], method="REML")
    >>> pb.profile_plot(fit).scene.desc
    'Restricted log-likelihood, highest at (with the 95% interval): τ² 0.15 (0.02 to 2.87).'
    """
    curves = _curves(fit) if isinstance(fit, MultilevelFit) else [_tau2(fit)]
    drop = 0.5 * float(chdtri(1, 1 - fit.level / 100))
    kind = "Restricted log-likelihood" if fit.method == "REML" else "Log-likelihood"
    width, rooms = panels(len(curves), narrow)
    items: list[Item] = []
    for curve, room in zip(curves, rooms):
        items += _panel(curve, room, fit.ll, drop, kind)
    bottom = max(room[3] for room in rooms)
    limits = f": {number(curves[0].lb)} to {number(curves[0].ub)}" if len(curves) == 1 else ""
    signs: list[tuple[Sign, str]] = [
        ("dash", f"{number(drop)} below the highest"),
        ("band2", f"{fit.level:g}% interval{limits}"),
    ]
    below, used = legend(signs, bottom + 66, width)
    told = "; ".join(map(str, curves))
    desc = f"{kind}, highest at (with the {fit.level:g}% interval): {told}."
    return Figure(Scene(width, bottom + 52 + used, (*items, *below), title, desc))


def _tau2(fit: MetaFit) -> _Profile:
    fit = the_fit(fit, "profile_plot")
    lo, hi = likelihood_interval(fit, level=fit.level)
    most = _far_enough(fit, 0.5 * float(chdtri(1, 1 - fit.level / 100)), hi)
    # closer together near 0, where the curve bends most
    found = profile(fit, most * np.linspace(0.0, 1.0, _POINTS) ** 2)
    return _Profile("τ²", found.tau2, found.ll, fit.tau2, lo, hi)


def _curves(fit: MultilevelFit) -> list[_Profile]:
    found = fit.profiles()
    if not found:
        raise BadInput("profile_plot needs a variance or correlation that was estimated.")
    return [
        _Profile(component_name(f.component), f.at, f.ll, f.component.value, f.ci_lb, f.ci_ub)
        for f in found
    ]


def _panel(curve: _Profile, room: Area, best: float, drop: float, kind: str) -> list[Item]:
    left, right, top, bottom = room
    floor = best - 1.6 * drop
    seen = curve.ll >= floor
    start = min(0.0, float(curve.at[0]))
    frame = Frame(
        Axis(start, float(curve.at[-1]) or 1.0, left, right, "linear"),
        around([floor, best], bottom, top, pad=0.1),
    )
    strip = frame.x.x(curve.lb), frame.x.x(curve.ub)
    corners = ((strip[0], top), (strip[1], top), (strip[1], bottom), (strip[0], bottom))
    peak = frame.at(curve.estimate, best)
    line = frame.points(curve.at[seen], curve.ll[seen])
    level = frame.y.place(best - drop)
    label = Mark(*peak, 4.5, f"{curve.name} = {number(curve.estimate)}")
    return [
        Polygon(corners, "band2"),
        Line(left, level, right, level, "ink", 1.2, "5 3"),
        Curve(line, "accent", 2),
        Line(*peak, peak[0], bottom, "muted", 1, "2 3"),
        Circle(*peak, 4.5, "accent"),
        *named([label], (left, 0, right, bottom), along(line)),
        *axes(frame, curve.name, kind),
    ]


def _far_enough(fit: MetaFit, drop: float, limit: float) -> float:
    """A tau2 somewhat beyond the interval, where the likelihood has fallen further."""
    at = limit * 1.05 ** np.arange(1, 60)
    fallen = np.flatnonzero(profile(fit, at).ll < fit.ll - 1.15 * drop)
    return float(at[fallen[0]] if len(fallen) else at[-1])
