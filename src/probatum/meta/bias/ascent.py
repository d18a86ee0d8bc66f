"""Climbing a log-likelihood with bounds from several starts at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from probatum.meta.types import Bools, Floats

# theta (S, d) -> value (S,), gradient (S, d), Hessian (S, d, d)
Function = Callable[[Floats], tuple[Floats, Floats, Floats]]
_MOST_STEPS = 150
_SETTLED = 1e-12  # promised gain below which a start is done
_STIFF = 1e12


def climb(
    function: Function, theta: Floats, lower: Floats, upper: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """The maxima reached: theta, value, gradient, Hessian.

    Newton's method damped as by Levenberg and Marquardt (Marquardt DW, 1963, Journal of the
    Society for Industrial and Applied Mathematics 11, 431-441), on the absolute values of the
    curvatures, so that it leaves saddles; parameters at a bound that they press against rest.
    """
    theta = np.clip(theta, lower, upper)
    value, gradient, hessian = function(theta)
    damping = np.full(len(theta), 1e-2)
    live = np.flatnonzero(np.isfinite(value))
    for _ in range(_MOST_STEPS):
        if not len(live):
            break
        at = theta[live]
        step = _step(at, gradient[live], hessian[live], damping[live], lower, upper)
        trial = np.clip(at + step, lower, upper)
        gain = np.sum(gradient[live] * (trial - at), axis=1)
        new, slope, curve = function(trial)
        good = (new >= value[live]) & np.isfinite(slope).all(axis=1)
        good &= np.isfinite(curve).all(axis=(1, 2))
        taken = live[good]
        theta[taken], value[taken] = trial[good], new[good]
        gradient[taken], hessian[taken] = slope[good], curve[good]
        damping[live] *= np.where(good, 0.1, 8.0)
        done = (np.abs(gain) < _SETTLED) | (damping[live] > _STIFF)
        live = _apart(live[~done], theta, value)
    return theta, value, gradient, hessian


def _apart(live: NDArray[np.intp], theta: Floats, value: Floats) -> NDArray[np.intp]:
    """Without starts that have come to where an earlier one is."""
    at, height = theta[live], value[live]
    near = np.abs(at[:, None] - at) <= 1e-5 * (np.abs(at) + 1e-3)
    near = near.all(axis=2) & (np.abs(height[:, None] - height) <= 1e-6)
    return live[~np.tril(near, -1).any(axis=1)]


def resting(theta: Floats, gradient: Floats, lower: Floats, upper: Floats) -> Bools:
    """Parameters at a bound with the way up beyond it."""
    low = (theta <= lower + 1e-12) & (gradient <= 0)
    high = (theta >= upper - 1e-12) & (gradient >= 0)
    return np.asarray(low | high)


def _step(
    theta: Floats, gradient: Floats, hessian: Floats, damping: Floats, lower: Floats, upper: Floats
) -> Floats:
    rest = resting(theta, gradient, lower, upper)
    size = np.sqrt(np.maximum(np.abs(np.diagonal(hessian, axis1=1, axis2=2)), 1e-12))
    g = np.where(rest, 0.0, gradient / size)
    scaled = -hessian / (size[:, :, None] * size[:, None, :])
    scaled[rest[:, :, None] | rest[:, None, :]] = 0.0
    value, vector = np.linalg.eigh(scaled)
    across = np.matmul(np.swapaxes(vector, 1, 2), g[..., None])[..., 0]
    along = across / np.maximum(np.abs(value) + damping[:, None], 1e-14)
    return np.asarray(np.matmul(vector, along[..., None])[..., 0] / size)
