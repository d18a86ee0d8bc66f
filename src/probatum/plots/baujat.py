"""Baujat's plot: which studies make the heterogeneity, and which move the result."""

from __future__ import annotations

import numpy as np

from probatum.meta.options import typed_options

from ..meta.diagnostics.influence import baujat as coordinates
from ..meta.types import Floats, MetaFit
from .display import the_fit
from .figure import Figure
from .frame import Frame, area, axes, from_zero
from .labels import Mark, named
from .marks import empty_space
from .registry import drawing
from .scene import Circle, Item, Scene

_NAMED = 8  # studies at most


@drawing(
    "Baujat B, Mahe C, Pignon JP, Hill C (2002). Statistics in Medicine 21, 2641-2652.",
    'pb.baujat(pb.pool(es, method="EE"))',
)
@typed_options
def baujat(fit: MetaFit, *, narrow: bool = False, title: str = "Baujat plot") -> Figure:
    """Baujat plot: each study's share in heterogeneity against its influence on the result.

    Across: (y_i - fitted_i)^2 / (v_i + tau2). Up: the squared change of the fitted value when the
    study is left out, over its variance without the study. Baujat B, Mahe C, Pignon JP, Hill C
    (2002). Statistics in Medicine 21, 2641-2652.

    Studies that stand out in either direction are named.

    Parameters
    ----------
    fit : MetaFit
        By inverse variances; moderators are allowed.
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
    >>> fit = pb.pool([0.1, 0.3, -0.2], [0.04, 0.05, 0.03], slab=["A", "B", "C"])
    >>> pb.baujat(fit).scene.desc
    '3 studies. Those that stand out most: C, B, A.'
    """
    found = coordinates(the_fit(fit, "baujat"))
    far = standing_out(found.x, found.y)
    width, left, right, top, bottom = area(narrow)
    frame = Frame(from_zero(found.x, left, right), from_zero(found.y, bottom, top))
    known = np.isfinite(found.x) & np.isfinite(found.y)
    at = frame.points(np.where(known, found.x, 0.0), np.where(known, found.y, 0.0))
    items: list[Item] = list(
        axes(frame, "Squared Pearson residual (share in heterogeneity)", "Influence on the result")
    )
    if not known.any():  # as where all estimates agree
        words = "No study's influence can be told from 0"
        items += empty_space(words, left + 20, right - 20, (top + bottom) / 2 - 30, bottom - 60)
    for i in np.flatnonzero(known):
        items.append(Circle(*at[i], 4.5, "accent" if i in far else "ink"))
    order = [*far, *(i for i in range(len(at)) if i not in far)]
    marks = [Mark(*at[i], 4.5, found.slab[i] if i in far else "") for i in order]
    items += named(marks, (left + 2, 0, width, bottom - 2))
    names = ", ".join(found.slab[i] for i in far)
    desc = f"{len(at)} studies. Those that stand out most: {names or 'none'}."
    return Figure(Scene(width, bottom + 46, tuple(items), title, desc))


def standing_out(x: Floats, y: Floats) -> list[int]:
    """The studies farthest from the corner, in shares of both axes; the farthest first."""
    share = np.zeros(len(x))
    for values in (x, y):
        most = float(np.max(values, initial=0.0, where=np.isfinite(values)))
        share += np.nan_to_num(values / most, posinf=0.0) if most > 0 else 0.0
    order = np.argsort(-share, kind="stable")
    least = 0.2 if len(x) > _NAMED else 0.0
    return [int(i) for i in order[:_NAMED] if share[i] > least]
