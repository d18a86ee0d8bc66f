"""Prediction intervals of a fit by every convention, one under the other."""

from __future__ import annotations

import math
from dataclasses import replace

from probatum.meta.options import typed_options

from ..errors import BadInput
from ..meta.prediction_types import PREDICTION_TYPES, PredictionType
from ..meta.types import MetaFit
from .display import Display, Transf, the_fit
from .figure import Figure
from .forest import forest_scene
from .forest_fit import Wanted, diamond, heterogeneity, how, table_of
from .registry import drawing
from .table import Bar, Note, Row


@drawing(
    "Veroniki AA et al. (2019). Research Synthesis Methods 10, 23-43.",
    "pb.prediction_plot(fit)",
)
@typed_options
def prediction_plot(
    fit: MetaFit,
    *,
    transf: Transf = "auto",
    favours: tuple[str, str] = ("", ""),
    narrow: bool = False,
    title: str = "Prediction intervals",
) -> Figure:
    """Prediction intervals by every convention: where the true effect of a new study may lie.

    What each convention is stands in `MetaFit.predict`, whose `predtype` takes its name; sources
    are in its docs. Veroniki AA et al. (2019). Research Synthesis Methods 10, 23-43.

    Parameters
    ----------
    fit : MetaFit
        Without moderators.
    transf : {"auto", "none"}
        Back to the scale that people read (ratios, percent), or as analysed.
    favours : pair of str
        What a value left and right of no effect favours.
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

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.3, -0.2, 0.5], [0.04, 0.05, 0.03, 0.02])
    >>> pb.prediction_plot(fit).scene.desc.partition(". ")[0]
    'Estimate in a new study, by 11 conventions: from [−0.42, 0.79] to [−1.20, 1.56]'
    """
    fit = the_fit(fit, "prediction_plot", least=3, plain=True)
    show = Display(fit.data, transf)
    values = fit.beta[0], fit.ci_lb[0], fit.ci_ub[0]
    rows: list[Row] = [diamond("pooled", f"Pooled ({how(fit)}), confidence", show, values)]
    missing, bars = [], []
    for name, kind in PREDICTION_TYPES.items():
        try:
            found = fit.predict(predtype=name)
        except BadInput:
            missing.append(name)
            continue
        low, high = (show.value(float(v[0])) for v in (found.pi_lb, found.pi_ub))
        text = show.interval(low, high)
        bars.append(Bar(f"prediction/{name}", _label(kind), low, high, text))
    rows += bars
    rows.append(Note(f"Heterogeneity: {heterogeneity(fit)}"))
    if missing:
        rows.append(Note(f"Not for such a fit: {', '.join(missing)}."))
    table = table_of(
        rows, fit.data, show, Wanted(cells=False, favours=favours, title=title), fit.level,
        told=_told(show, bars), pooled=show.value(float(fit.beta[0])), weights=False,
    )  # fmt: skip
    head = f"{show.name} [{fit.level:g}% interval]"
    table = replace(table, label="Convention", effect=head)
    return Figure(forest_scene(table, narrow=narrow))


def _label(kind: PredictionType) -> str:
    """Name and meaning, without what other programs call it."""
    meaning = kind.meaning.partition(" (")[0].replace(" - ", "\N{MINUS SIGN}")
    return f"{kind.name}: {meaning.replace('tau2', 'τ²')}"


def _told(show: Display, bars: list[Bar]) -> str:
    start = f"{show.name} in a new study, by {len(bars)} conventions"
    known = [b for b in bars if math.isfinite(b.lb) and math.isfinite(b.ub)]
    if not known:
        return f"{start}: no limits."
    narrowest = min(known, key=lambda b: b.ub - b.lb)
    widest = max(known, key=lambda b: b.ub - b.lb)
    return f"{start}: from {narrowest.text} to {widest.text}."
