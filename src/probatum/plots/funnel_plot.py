"""`pb.funnel`: the funnel plot of a fit, and what models of small studies make of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from probatum.meta.options import typed_options

from ..errors import BadInput, UnknownOption
from ..meta.bias.limit import LimitFit
from ..meta.bias.pet_peese import PetPeese
from ..meta.bias.trimfill import TrimFill
from ..meta.models.multilevel.types import MultilevelFit
from ..meta.types import Bools, EffectSizes, MetaFit, labels
from .display import Display, scaled, the_fit
from .figure import Figure
from .funnel import CONTOURS, FunnelData, Trend, funnel_scene
from .registry import drawing

LABELS = ("none", "outside", "all")


@drawing(
    "Light RJ, Pillemer DB (1984), Summing up; contours: Peters JL et al. (2008), Journal of "
    "Clinical Epidemiology 61, 991-996.",
    'pb.funnel(fit, label="outside")',
    "pb.funnel(pb.trimfill(fit))",
    "pb.funnel(pb.limitmeta(fit))",
    "pb.funnel(pb.petpeese(fit))",
)
@typed_options
def funnel(
    fit: MetaFit | MultilevelFit | TrimFill | LimitFit | PetPeese,
    *,
    filled: Any = None,
    label: str = "none",
    narrow: bool = False,
    title: str = "Funnel plot",
) -> Figure:
    """Contour-enhanced funnel plot of a fit, or of what a model of small studies makes of it.

    Contours after Peters et al. (2008), J Clin Epidemiol 61:991, around no effect; the dashed
    lines hold 95% of the studies if all estimate the pooled effect. Studies that trim and fill
    fills in, which are no data, are open. Limit meta-analysis (Rücker G et al. 2011, Biostatistics
    12, 122-142) and PET-PEESE (Stanley TD, Doucouliagos H 2014, Research Synthesis Methods 5,
    60-78) add the effect that they expect at each standard error.

    Parameters
    ----------
    fit : MetaFit, MultilevelFit, TrimFill, LimitFit or PetPeese
    filled : array of bool, optional
        For a fit: which rows are filled in.
    label : {"none", "outside", "all"}
        Which studies are named: those beyond the dashed lines, or all that find a place.
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
        For a fit with moderators: its studies do not stand around one effect.
    UnknownOption
        If `label` is none of these.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool([0.1, 0.2, 0.5, 0.8, 1.1], [0.01, 0.02, 0.1, 0.2, 0.3], method="EE")
    >>> pb.funnel(fit).scene.desc
    'Estimate of 5 studies against their standard errors, around 0.19.'
    >>> pb.funnel(pb.trimfill(fit)).scene.desc
    'Estimate of 5 studies and 2 filled ones against their standard errors, around 0.16.'
    """
    if label not in LABELS:
        raise UnknownOption("label", label, LABELS)
    trends: tuple[Trend, ...] = ()
    if isinstance(fit, TrimFill):
        filled, fit = fit.filled, fit.fit
    elif isinstance(fit, LimitFit | PetPeese):
        trends, fit = _trends(fit), fit.fit
    if not isinstance(fit, MultilevelFit) or fit.p > 1:
        fit = the_fit(fit, "funnel", least=1, plain=True)
    data = fit.data
    ok = np.isfinite(data.yi) & np.isfinite(data.vi) & (data.vi >= 0)
    made = np.zeros(len(data), dtype=bool) if filled is None else np.asarray(filled, dtype=bool)
    if made.shape != ok.shape:
        raise BadInput(f"filled has shape {made.shape}; expected one value for each of {len(ok)}.")
    show, extra = scaled(data), int(made[ok].sum())
    beside = f" and {extra} filled {'one' if extra == 1 else 'ones'}" if extra else ""
    told = "".join(f"; {trend.name}" for trend in trends)
    of = "estimates" if isinstance(fit, MultilevelFit) else "studies"
    drawn = FunnelData(
        tuple(float(v) for v in data.yi[ok]),
        tuple(float(v) for v in np.sqrt(data.vi[ok])),
        float(fit.beta[0]),
        title,
        f"{show.name} of {fit.k - extra} {of}{beside} against their standard errors, around "
        f"{show.number(show.value(float(fit.beta[0])))}{told}.",
        "log" if show.scale == "log" else "linear",
        null=Display(data, "none").null,
        effect=show.name,
        filled=tuple(bool(f) for f in made[ok]),
        trends=trends,
        names=_names(data, float(fit.beta[0]), ok & ~made, label),
    )
    return Figure(funnel_scene(drawn, narrow=narrow))


def _names(data: EffectSizes, center: float, own: Bools, label: str) -> tuple[str, ...]:
    """Names of the rows that are drawn; "" for those that stay without."""
    reach = CONTOURS[1][0] * np.sqrt(np.where(own, data.vi, np.nan))
    shown = own & ((label == "all") | (np.abs(data.yi - center) > reach))
    names = labels(data.slab, len(data))
    drawn = np.isfinite(data.yi) & np.isfinite(data.vi) & (data.vi >= 0)
    if label == "none":
        return ()
    return tuple(names[i] if shown[i] else "" for i in np.flatnonzero(drawn))


def _trends(found: LimitFit | PetPeese) -> tuple[Trend, ...]:
    """Lines over the standard errors, with what they come to at 0."""
    show = scaled(found.fit.data)

    def name(model: str, at: Callable[[float], float]) -> str:
        return f"{model}, to {show.number(show.value(at(0.0)))}"

    if isinstance(found, LimitFit):
        return (Trend(name("limit meta-analysis", found.at), found.at),)
    lines = []
    for model in ("PET", "PEESE"):
        at = partial(found.at, model=model)
        dash = "" if model == found.chosen else "2 3"
        lines.append(Trend(name(model, at), at, dash))
    return tuple(lines)
