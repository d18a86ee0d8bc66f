"""Trim and fill: how would the funnel look if its missing side were there?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput, UnknownOption
from probatum.meta.models.inverse_variance import pool
from probatum.meta.options import typed_options
from probatum.meta.refit import how_of, rows_of, slab_of
from probatum.meta.types import Bools, EffectSizes, Floats, MetaFit, need

ESTIMATORS = ("L0", "R0", "Q0")
_TURNS = 100


@dataclass(frozen=True, slots=True, eq=False)
class TrimFill:
    """The fit with the filled studies.

    Attributes
    ----------
    fit : MetaFit
        Of the studies and their filled mirror images (last in `fit.data`).
    k0, se_k0 : float
        Estimated number of missing studies and its standard error.
    p_k0 : float
        p-value that none are missing; NaN unless the estimator is R0.
    side : {"left", "right"}
        Where studies are missing.
    filled : ndarray of bool, shape (k + k0,)
    estimator : str
    converged : bool
        Whether the number settled (it can swing between two values).
    """

    fit: MetaFit
    k0: int
    se_k0: float
    p_k0: float
    side: str
    filled: Bools
    estimator: str
    converged: bool


@typed_options
def trimfill(fit: MetaFit, *, estimator: str = "L0", side: str | None = None) -> TrimFill:
    """Estimate how many studies are missing on one side of the funnel, and fill them in.

    Duval S, Tweedie R (2000), Biometrics 56, 455-463 and Journal of the American Statistical
    Association 95, 89-98. The filled studies are no data: the result shows how far the estimate
    might move.

    Parameters
    ----------
    fit : MetaFit
        Without moderators.
    estimator : {"L0", "R0", "Q0"}
    side : {"left", "right"}, optional
        Where studies are missing; by default the side that a regression on the standard error
        points to.

    Returns
    -------
    TrimFill

    Raises
    ------
    UnknownOption
        If `estimator` or `side` does not exist.
    BadInput
        With moderators, with fewer than three studies, or where Q0 has no value.

    Examples
    --------
    >>> yi, vi = [0.1, 0.2, 0.5, 0.8, 1.1], [0.01, 0.02, 0.1, 0.2, 0.3]
    >>> found = trimfill(pool(yi, vi, method="DL", test="z"))
    >>> found.k0, found.side
    (2, 'left')
    """
    need(fit, "MetaFit")
    if estimator not in ESTIMATORS:
        raise UnknownOption("estimator", estimator, ESTIMATORS)
    if side not in (None, "left", "right"):
        raise UnknownOption("side", side, ("left", "right"))
    y, v, _ = rows_of(fit)
    if fit.moderated:
        raise BadInput("trim and fill is for a fit without moderators.")
    if len(y) < 3:
        raise BadInput(f"trim and fill needs at least three studies; there are {len(y)}.")
    if side is None:
        side = _side(fit, y, v)
    flip = -1.0 if side == "right" else 1.0
    place = np.argsort(flip * y, kind="stable")
    ordered, spread = flip * y[place], v[place]
    k0, centre, raw, settled = _trim(fit, ordered, spread, place, estimator)
    se = _standard_error(len(y), raw, estimator)
    p = 0.5 ** (k0 + 1) if estimator == "R0" else float("nan")
    names = np.array(slab_of(fit))[place]
    return _fill(fit, k0, se, p, side, estimator, settled, flip, centre, place, names)


def _side(fit: MetaFit, y: Floats, v: Floats) -> str:
    x = np.sqrt(v)
    if np.ptp(x) <= 1e-9 * x.max():
        return "left"
    slope = pool(y, v, mods=x, test="z", **how_of(fit)).beta[1]
    return "right" if slope < 0 else "left"


def _centre(fit: MetaFit, y: Floats, v: Floats, rows: NDArray[np.int64]) -> float:
    return float(pool(y, v, test="z", **how_of(fit, rows)).beta[0])


def _trim(
    fit: MetaFit, y: Floats, v: Floats, place: NDArray[np.int64], estimator: str
) -> tuple[int, float, float, bool]:
    """Missing studies, the trimmed centre, the number before rounding, and whether it settled."""
    k, k0, seen = len(y), 0, -1
    centre, raw = 0.0, 0.0
    for _ in range(_TURNS):
        if k0 == seen:
            return k0, centre, raw, True
        seen = k0
        keep = max(k - k0, 2)
        centre = _centre(fit, y[:keep], v[:keep], place[:keep])
        off = y - centre
        rank = np.empty(k)
        rank[np.argsort(np.abs(off), kind="stable")] = np.arange(1, k + 1)
        raw = _missing(k, np.sign(off) * rank, estimator)
        k0 = min(max(0, round(raw)), k - 1)
    return k0, centre, raw, False


def _missing(k: int, signed: Floats, estimator: str) -> float:
    """Duval & Tweedie's estimators from the signed ranks of the distances to the centre."""
    if estimator == "R0":
        return k - float(np.max(-signed)) - 1.0
    score = float(signed[signed > 0].sum())
    if estimator == "L0":
        return (4.0 * score - k * (k + 1)) / (2.0 * k - 1.0)
    radicand = 2.0 * k * k - 4.0 * score + 0.25
    if radicand < 0.0:
        raise BadInput(
            "Q0 has no value here: the ranks of the estimates beyond the centre add up to "
            f"{score:g}, more than any number of missing studies explains. "
            'Use estimator="L0" or "R0".'
        )
    return k - 0.5 - math.sqrt(radicand)


def _standard_error(k: int, k0: float, estimator: str) -> float:
    if estimator == "R0":
        return float(np.sqrt(2.0 * max(k0, 0.0) + 2.0))
    variance = (
        k * (k + 1) * (2 * k + 1) + 10 * k0**3 + 27 * k0**2 + 17 * k0
        - 18 * k * k0**2 - 18 * k * k0 + 6 * k * k * k0
    ) / 24.0  # fmt: skip
    root = math.sqrt(variance) if variance >= 0 else math.nan
    if estimator == "L0":
        return 4.0 * root / (2.0 * k - 1.0)
    return float(2.0 * root / np.sqrt((k - 0.5) ** 2 - k0 * (2.0 * k - k0 - 1.0)))


def _fill(
    fit: MetaFit, k0: int, se: float, p: float, side: str, estimator: str, settled: bool,
    flip: float, centre: float, place: NDArray[np.int64], names: NDArray[Any],
) -> TrimFill:  # fmt: skip
    """Fit the studies with the mirror images of the k0 most extreme."""
    y, v, _ = rows_of(fit)
    far = place[len(y) - k0 :]
    mirrored = 2.0 * flip * centre - y[far]
    es = EffectSizes(
        np.concatenate([y, mirrored]), np.concatenate([v, v[far]]), fit.measure,
        (*slab_of(fit), *(f"Filled {name}" for name in names[len(y) - k0 :])),
    )  # fmt: skip
    again = how_of(fit, np.concatenate([np.arange(len(y)), far]))
    whole = pool(es, test=fit.test, level=fit.level, **again)
    filled = np.arange(len(y) + k0) >= len(y)
    return TrimFill(whole, k0, se, p, side, filled, estimator, settled)
