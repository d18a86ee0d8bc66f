"""The maximum of a marginal likelihood, with each study's own parameter eliminated exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from probatum.meta.models.glmm.quadrature import Marginal, Problem, marginal
from probatum.meta.types import Floats

STEPS = 200
#: gain of log-likelihood that a step must promise to be taken
WORTH = 1e-13
ROUNDING = 1e-15
#: gain that the rounding of the log-likelihood may hide
HIDDEN = 1e-9
#: nodes per random effect: to begin with, and at most
FEWEST, MOST = {1: 15, 2: 11}, {1: 127, 2: 47}
#: change of the log-likelihood, relative, that more nodes may still make
SETTLED = 1e-11
#: longest step of a parameter (log odds, log rates): far estimates are reached in strides
STRIDE = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where the likelihood is greatest.

    `information` (P, P) is the negative Hessian of the profile by (b, lambda): its inverse is
    their covariance, also with own parameters (of which `own_information` (k, k) is the like).
    """

    b: Floats
    lam: Floats
    alpha: Floats | None
    ll: float
    information: Floats
    converged: bool
    at: Marginal


def maximise(problem: Problem, b: Floats, lam: Floats, alpha: Floats | None, nodes: int) -> Maximum:
    """Newton's steps on the observed information, shortened until the likelihood rises."""
    at = marginal(problem, b, lam, alpha, nodes, None)
    p = problem.p
    converged = False
    for _ in range(STEPS):
        step, own_step, gain = _direction(at)
        if gain < WORTH * (1 + abs(float(at.ll.sum()))) * 1e-2 or not np.isfinite(gain):
            converged = bool(np.isfinite(gain))
            break
        size = max(np.abs(step).max(initial=0.0), np.abs(own_step).max(initial=0.0))
        length = min(1.0, STRIDE / size) if size > 0 else 1.0
        if gain < HIDDEN and size < 1e-3:
            # rounding would hide what so short a step promises: it is taken on trust, the last
            b, lam = b + step[:p], lam + step[p:]
            alpha = None if alpha is None else alpha + own_step
            at, converged = marginal(problem, b, lam, alpha, nodes, at.mode), True
            break
        risen = None
        for _ in range(40):
            trial = (
                b + length * step[:p],
                lam + length * step[p:],
                None if alpha is None else alpha + length * own_step,
            )
            new = marginal(problem, *trial, nodes, at.mode)
            if np.isfinite(new.ll).all() and new.ll.sum() >= at.ll.sum() + 1e-4 * length * gain:
                # equal to rounding is no rise: such steps would go back and forth
                risen = new if new.ll.sum() > at.ll.sum() + ROUNDING * abs(at.ll.sum()) else None
                break
            length /= 2
        if risen is None:
            converged = gain < HIDDEN
            break
        b, lam, alpha = trial
        at = risen
    return Maximum(b, lam, alpha, float(at.ll.sum()), -_profile(at), converged, at)


def settled(problem: Problem, best: Maximum, nodes: int) -> Maximum:
    """The maximum with as many nodes as change its likelihood no more."""
    while problem.d and nodes < MOST[problem.d]:
        more = min(2 * nodes + 1, MOST[problem.d])
        check = marginal(problem, best.b, best.lam, best.alpha, more, best.at.mode)
        nodes = more
        moved = abs(float(check.ll.sum()) - best.ll)
        if best.converged and moved <= SETTLED * (1 + abs(best.ll)):
            break
        best = maximise(problem, best.b, best.lam, best.alpha, nodes)
    return best


def _profile(at: Marginal) -> Floats:
    """Hessian by (b, lambda) of the likelihood maximised over the own parameters."""
    H: Floats = at.hessian.sum(axis=0)
    if at.h_own is None or at.cross is None:
        return H
    h = np.minimum(at.h_own, -1e-12)
    out: Floats = H - np.einsum("kp,kr->pr", at.cross, at.cross / h[:, None])
    return out


def _direction(at: Marginal) -> tuple[Floats, Floats, float]:
    """Step of (b, lambda), of the own parameters, and the gain it promises."""
    g = at.gradient.sum(axis=0)
    if at.g_own is None or at.h_own is None or at.cross is None:
        step = ascent(-at.hessian.sum(axis=0), g)
        return step, np.zeros(0), float(g @ step)
    h = np.where(at.h_own < -1e-12, at.h_own, -np.maximum(np.abs(at.h_own), 1e-12))
    reduced = g - np.einsum("kp,k->p", at.cross, at.g_own / h)
    H = at.hessian.sum(axis=0) - np.einsum("kp,kr->pr", at.cross, at.cross / h[:, None])
    step = ascent(-H, reduced)
    own = -(at.g_own + at.cross @ step) / h
    return step, own, float(g @ step + at.g_own @ own)


def ascent(information: Floats, g: Floats) -> Floats:
    """Newton's step, with the curvature turned where the likelihood is not concave."""
    if not len(g):
        return g
    values, vectors = np.linalg.eigh(information)
    floor = 1e-10 * max(float(np.abs(values).max()), 1e-300)
    values = np.maximum(np.abs(values), floor)
    out: Floats = vectors @ ((vectors.T @ g) / values)
    return out
