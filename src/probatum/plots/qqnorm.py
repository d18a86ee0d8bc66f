"""Normal quantile plot of the residuals."""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv, ndtri

from probatum.meta.options import typed_options

from ..errors import BadInput, UnknownOption
from ..meta.diagnostics.influence import Residuals, rstandard, rstudent
from ..meta.models.multilevel.types import MultilevelFit
from ..meta.types import Floats, MetaFit
from .display import the_fit
from .figure import Figure
from .frame import Frame, Sign, area, around, axes, legend
from .labels import Mark, along, named
from .registry import drawing
from .scene import Circle, Item, Line, Polygon, Scene

_KINDS = {"rstandard": rstandard, "rstudent": rstudent}


@drawing(
    "Wang MC, Bushman BJ (1998). Psychological Methods 3, 46-54.",
    "pb.qqnorm(fit)",
)
@typed_options
def qqnorm(
    fit: MetaFit | MultilevelFit,
    *,
    residuals: str = "rstandard",
    narrow: bool = False,
    title: str = "Normal Q-Q plot",
) -> Figure:
    """Normal Q-Q plot: residuals of the studies against the normal quantiles expected of them.

    Wang MC, Bushman BJ (1998). Psychological Methods 3, 46-54. Expected quantiles are at
    (i - a) / (k + 1 - 2a) with a = 3/8 up to 10 studies and 1/2 beyond (Blom 1958; Hazen 1914).
    The band holds each of k independent standard normal values with 95% chance: the i-th
    smallest of k uniform values has a beta(i, k + 1 - i) distribution (David HA, Nagaraja HN
    2003, Order statistics, section 2.3).

    Studies outside the band are named.

    Parameters
    ----------
    fit : MetaFit or MultilevelFit
        By inverse variances, or multilevel; moderators are allowed.
    residuals : {"rstandard", "rstudent"}
        Standardised, or studentized deleted residuals (not of a multilevel fit).
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
        For anything but such a fit, or fewer than three studies.
    UnknownOption
        For other residuals.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.3, -0.2, 0.4], [0.04, 0.05, 0.03, 0.01])
    >>> pb.qqnorm(fit).scene.desc
    'Standardised residuals of 4 studies; none lies outside the 95% band.'
    """
    if residuals not in _KINDS:
        raise UnknownOption("residuals", residuals, _KINDS)
    found = _residuals(fit, residuals)
    known = np.flatnonzero(np.isfinite(found.z))
    order = known[np.argsort(found.z[known], kind="stable")]
    z, k = found.z[order], len(order)
    expected = normal_quantiles(k)
    lower, upper = order_limits(k)
    width, left, right, top, bottom = area(narrow)
    frame = Frame(
        around(expected, left, right), around([*z, *lower, *upper], bottom, top, pad=0.03)
    )
    upwards = frame.points(expected, upper)
    back = frame.points(expected[::-1], lower[::-1])
    ends = max(frame.x.lo, frame.y.lo), min(frame.x.hi, frame.y.hi)
    line = [frame.at(v, v) for v in ends]
    name = "Standardised" if residuals == "rstandard" else "Studentized deleted"
    items: list[Item] = [
        Polygon((*upwards, *back), "band2"),
        Line(*line[0], *line[1], "accent", 1.4),
        *axes(frame, "Expected of normal values", f"{name} residual"),
    ]
    outside = (z < lower) | (z > upper)
    at = frame.points(expected, z)
    for place, out in zip(at, outside):
        items.append(Circle(*place, 4.5, "paper", "ink") if out else Circle(*place, 4.5))
    marks = [Mark(*at[i], 4.5, found.slab[order[i]] if outside[i] else "") for i in range(k)]
    items += named(marks, (left + 2, 0, width, bottom - 2), along(line))
    one = "study" if isinstance(fit, MetaFit) else "estimate"
    signs: list[tuple[Sign, str]] = [("disc", one), ("band2", "95% of normal values")]
    signs += [("ring", "outside")] if outside.any() else []
    below, used = legend(signs, bottom + 66, width)
    names = ", ".join(found.slab[order[i]] for i in range(k) if outside[i])
    told = f"outside the 95% band: {names}" if names else "none lies outside the 95% band"
    many = "studies" if one == "study" else "estimates"
    desc = f"{name} residuals of {k} {many}; {told}."
    return Figure(Scene(width, bottom + 52 + used, (*items, *below), title, desc))


def _residuals(fit: MetaFit | MultilevelFit, residuals: str) -> Residuals:
    if not isinstance(fit, MultilevelFit):
        return _KINDS[residuals](the_fit(fit, "qqnorm", least=3))
    if residuals != "rstandard":
        raise BadInput('qqnorm of a multilevel fit needs residuals="rstandard".')
    if fit.k < 3:
        raise BadInput(f"qqnorm needs at least 3 estimates; this fit has {fit.k}.")
    return fit.rstandard()


def normal_quantiles(k: int) -> Floats:
    """Expected quantiles of k sorted standard normal values.

    Examples
    --------
    >>> normal_quantiles(3).round(3).tolist()
    [-0.869, 0.0, 0.869]
    """
    a = 0.375 if k <= 10 else 0.5
    out: Floats = ndtri((np.arange(1, k + 1) - a) / (k + 1 - 2 * a))
    return out


def order_limits(k: int, level: float = 95.0) -> tuple[Floats, Floats]:
    """Limits that hold each of k sorted standard normal values with the chance `level` (percent).

    Examples
    --------
    >>> [limit.round(2).tolist() for limit in order_limits(1)]
    [[-1.96], [1.96]]
    """
    i = np.arange(1, k + 1)
    out = (1 - level / 100) / 2
    low, high = (ndtri(betaincinv(i, k + 1 - i, p)) for p in (out, 1 - out))
    return low, high
