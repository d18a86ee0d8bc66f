"""The profile of the log-likelihood over tau2, drawn."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtri

from ..meta.diagnostics.profile import likelihood_interval, profile
from ..meta.types import MetaFit
from .axis import Axis
from .display import number, the_fit
from .figure import Figure
from .frame import Frame, Sign, area, around, axes, legend
from .labels import Mark, along, named
from .registry import drawing
from .scene import Circle, Curve, Item, Line, Polygon, Scene

_POINTS = 121


@drawing(
    "Hardy RJ, Thompson SG (1996). Statistics in Medicine 15, 619-629.",
    "pb.profile_plot(fit)",
)
def profile_plot(
    fit: MetaFit, *, narrow: bool = False, title: str = "Profile of the likelihood"
) -> Figure:
    """Profile plot: the log-likelihood at each tau2, all other parameters at their best.

    The horizontal line is the drop of half the chi-square quantile on one degree of freedom; the
    values of tau2 above it are the profile likelihood interval at the fit's level. Hardy RJ,
    Thompson SG (1996). Statistics in Medicine 15, 619-629.

    Parameters
    ----------
    fit : MetaFit
        By method ML or REML; moderators are allowed.
    narrow : bool
        For a phone.
    title : str

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
    >>> fit = pb.pool([0.1, 0.9, 0.5], [0.01, 0.02, 0.03], method="REML")
    >>> pb.profile_plot(fit).scene.desc
    'Restricted log-likelihood of τ², highest at 0.15; 95% interval 0.02 to 2.87.'
    """
    fit = the_fit(fit, "profile_plot")
    drop = 0.5 * float(chdtri(1, 1 - fit.level / 100))
    lo, hi = likelihood_interval(fit, level=fit.level)
    most = _far_enough(fit, drop, hi)
    # closer together near 0, where the curve bends most
    curve = profile(fit, most * np.linspace(0.0, 1.0, _POINTS) ** 2)
    best, cut = fit.ll, fit.ll - drop
    width, left, right, top, bottom = area(narrow)
    floor = best - 1.6 * drop
    seen = curve.ll >= floor
    frame = Frame(
        Axis(0.0, most, left, right, "linear"), around([floor, best], bottom, top, pad=0.1)
    )
    strip = frame.x.x(lo), frame.x.x(hi)
    corners = ((strip[0], top), (strip[1], top), (strip[1], bottom), (strip[0], bottom))
    peak = frame.at(fit.tau2, best)
    line = frame.points(curve.tau2[seen], curve.ll[seen])
    level = frame.y.place(cut)
    items: list[Item] = [
        Polygon(corners, "band2"),
        Line(left, level, right, level, "ink", 1.2, "5 3"),
        Curve(line, "accent", 2),
        Line(*peak, peak[0], bottom, "muted", 1, "2 3"),
        Circle(*peak, 4.5, "accent"),
    ]
    label = Mark(*peak, 4.5, f"τ² = {number(fit.tau2)}")
    items += named([label], (left, 0, right, bottom), along(line))
    kind = "Restricted log-likelihood" if fit.method == "REML" else "Log-likelihood"
    items += axes(frame, "τ²", kind)
    limits = f"{number(lo)} to {number(hi)}"
    signs: list[tuple[Sign, str]] = [
        ("dash", f"{number(drop)} below the highest"),
        ("band2", f"{fit.level:g}% interval: {limits}"),
    ]
    below, used = legend(signs, bottom + 66, width)
    desc = f"{kind} of τ², highest at {number(fit.tau2)}; {fit.level:g}% interval {limits}."
    return Figure(Scene(width, bottom + 52 + used, (*items, *below), title, desc))


def _far_enough(fit: MetaFit, drop: float, limit: float) -> float:
    """A tau2 somewhat beyond the interval, where the likelihood has fallen further."""
    at = limit * 1.05 ** np.arange(1, 60)
    fallen = np.flatnonzero(profile(fit, at).ll < fit.ll - 1.15 * drop)
    return float(at[fallen[0]] if len(fallen) else at[-1])
