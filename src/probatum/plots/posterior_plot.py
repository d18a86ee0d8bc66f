"""Posterior densities of a Bayesian meta-analysis, with the priors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from probatum.meta.options import typed_options

from ..errors import BadInput
from ..meta.bayes.model import BayesFit
from ..meta.types import Floats, MetaFit
from .axis import Axis
from .display import Display, number, scaled
from .figure import Figure
from .frame import Area, Frame, Sign, axes, legend, panels
from .registry import drawing
from .scene import Curve, Item, Line, Polygon, Scene

_POINTS = 241
_TAIL = 0.001  # of a posterior that is not drawn on either side


@dataclass(frozen=True, slots=True)
class _Law:
    """One parameter: densities where it is drawn, median and interval, on the analysis scale."""

    name: str
    at: Floats
    density: Floats
    median: float
    lb: float
    ub: float
    prior: Floats | None = None
    new: Floats | None = None  # density of a new study's true effect


@drawing(
    "Röver C (2020). Journal of Statistical Software 93(6).",
    "pb.posterior_plot(pb.pool_bayes(es, mu=(0, 2)))",
)
@typed_options
def posterior_plot(
    fit: BayesFit, *, narrow: bool = False, title: str = "Posterior densities"
) -> Figure:
    """Posterior plot: what a Bayesian fit says of the pooled effect and of tau, with the priors.

    The shaded part holds the credible interval; the thin curve is the true effect in a new study,
    the dashed ones are priors (none where it is flat). Röver C (2020). Journal of Statistical
    Software 93(6), section 3.

    Parameters
    ----------
    fit : BayesFit
        Made by `pool_bayes`; with moderators each coefficient has a panel.
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
        For anything else.

    Examples
    --------
    >>> import probatum as pb
    >>> fit = pb.pool_bayes([0.1, 0.3, 0.5], [0.01, 0.02, 0.03], interval="central")
    >>> pb.posterior_plot(fit).scene.desc.partition("; τ")[0]
    'Posterior median (95% central interval): Estimate 0.26 (−0.13 to 0.71)'
    """
    if not isinstance(fit, BayesFit):
        made = "pb.pool_bayes(fit.data)" if isinstance(fit, MetaFit) else "pb.pool_bayes(es)"
        raise BadInput(
            f"posterior_plot draws a Bayesian fit; this is of type {type(fit).__name__}. "
            f"{made} makes one."
        )
    show = scaled(fit.data)
    laws = [*_effects(fit, show), _tau(fit)]
    width, rooms = panels(len(laws), narrow)
    items: list[Item] = []
    for law, room in zip(laws, rooms):
        items += _panel(law, room, show if law.name != "τ" else None)
    bottom = max(room[3] for room in rooms)
    interval = f"{fit.level:g}% {fit.interval} interval"
    signs: list[tuple[Sign, str]] = [("strong", "posterior"), ("band1", interval)]
    signs += [("thin", "true effect in a new study")] if laws[0].new is not None else []
    signs += [("dash", "prior")] if any(law.prior is not None for law in laws) else []
    below, used = legend(signs, bottom + 66, width)
    desc = f"Posterior median ({interval}): {'; '.join(_told(law, show) for law in laws)}."
    return Figure(Scene(width, bottom + 52 + used, (*items, *below), title, desc))


def _effects(fit: BayesFit, show: Display) -> Iterator[_Law]:
    """The coefficients; alone, with the true effect of a new study."""
    alone = len(fit.coefficients) == 1
    name = show.name
    for j, law in enumerate(fit.coefficients):
        wide = fit.predictive() if alone else law
        ends = law.quantile(_TAIL), law.quantile(1 - _TAIL)
        # a new study's tails may be far out: its middle 95% is enough
        ends = min(ends[0], wide.quantile(0.025)), max(ends[1], wide.quantile(0.975))
        at = np.linspace(*ends, _POINTS)
        prior = None
        if j == 0 and fit.mu_prior is not None:
            mean, sd = fit.mu_prior
            prior = np.exp(-0.5 * ((at - mean) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))
        yield _Law(
            name if alone else fit.names[j], at, law.density(at), float(fit.beta[j]),
            float(fit.ci_lb[j]), float(fit.ci_ub[j]), prior,
            wide.density(at) if alone else None,
        )  # fmt: skip


def _tau(fit: BayesFit) -> _Law:
    most = float(fit.tau.quantile(1 - 5 * _TAIL))
    at = most * np.linspace(0.0, 1.0, _POINTS)
    at[0] = at[1] * 1e-3  # densities are of the log of tau
    density = fit.tau.derivatives(at)[1]
    prior = np.exp(fit.prior.log_density(at)) if fit.prior.proper else None
    return _Law("τ", at, density, fit.tau_median, fit.tau_lb, fit.tau_ub, prior)


def _panel(law: _Law, room: Area, show: Display | None) -> Iterator[Item]:
    left, right, top, bottom = room
    back: Callable[[float], float] = float if show is None else show.value
    scale = "linear" if show is None else show.scale
    start = 0.0 if show is None else back(float(law.at[0]))
    across = Axis(start, back(float(law.at[-1])), left, right, scale)
    # a prior's peak is shown unless it would squeeze the posterior
    high = float(law.density.max())
    most = 1.08 * max(high, min(1.5 * high, _peak(law.prior)))
    frame = Frame(across, Axis(0.0, most, bottom, top, "linear"))
    x = [back(float(v)) for v in law.at]
    held = (law.at >= law.lb) & (law.at <= law.ub)
    inside = frame.points(np.array(x)[held], law.density[held])
    if len(inside) > 1:
        feet = (inside[-1][0], bottom), (inside[0][0], bottom)
        yield Polygon((*inside, *feet), "band1")
    middle = across.x(back(law.median))
    yield Line(middle, bottom, middle, frame.at(0.0, _height(law))[1], "accent", 1, "2 3")
    if show is not None and show.null is not None and across.lo < show.null < across.hi:
        at = across.x(show.null)
        yield Line(at, top, at, bottom, "ink", 1)
    if law.prior is not None:
        seen = law.prior <= most
        yield Curve(frame.points(np.array(x)[seen], law.prior[seen]), "ink", 1.2, "5 3")
    if law.new is not None:
        yield Curve(frame.points(x, law.new), "muted", 1.2)
    yield Curve(frame.points(x, law.density), "accent", 2)
    yield from axes(frame, law.name, "Density")


def _peak(prior: Floats | None) -> float:
    return 0.0 if prior is None else float(prior.max())


def _height(law: _Law) -> float:
    return float(np.interp(law.median, law.at, law.density))


def _told(law: _Law, show: Display) -> str:
    back: Callable[[float], float] = float if law.name == "τ" else show.value
    median, lb, ub = (number(back(v)) for v in (law.median, law.lb, law.ub))
    return f"{law.name} {median} ({lb} to {ub})"
