"""Marginal likelihoods by adaptive Gauss-Hermite quadrature, with gradient and Hessian.

Given standard normal u, the predictor of arm j of study i is linear in the parameters:
eta = fixed' b + sum over r of lambda_r slope_jr u_r(r) + own_j alpha_i. The study's likelihood is
the mean over u. Nodes sit around each study's mode, scaled by its curvature (Pinheiro JC, Bates
DM, 1995, Journal of Computational and Graphical Statistics 4, 12-35); gradient and Hessian are
posterior means of complete-data derivatives (Louis TA, 1982, JRSS B 44, 226-233), from the same
nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from probatum.meta.models.glmm.families import Counts
from probatum.meta.types import Floats

MODE_STEPS = 60
LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A model of k studies with J arms each.

    Attributes
    ----------
    arms : tuple of Counts
        One per arm.
    fixed : ndarray, shape (J, k, p)
        Design of the fixed effects.
    slopes : ndarray, shape (R, J)
        How each variance parameter lambda_r enters the arms.
    effect : tuple of int
        Which random effect each variance parameter scales.
    own : ndarray, shape (J,), or None
        How a parameter of each study's own (alpha_i) enters its arms.
    """

    arms: tuple[Counts, ...]
    fixed: Floats
    slopes: Floats
    effect: tuple[int, ...]
    own: Floats | None = None

    @property
    def k(self) -> int:
        """Studies."""
        return int(self.fixed.shape[1])

    @property
    def p(self) -> int:
        """Fixed effects."""
        return int(self.fixed.shape[2])

    @property
    def d(self) -> int:
        """Random effects per study."""
        return 1 + max(self.effect) if self.effect else 0


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """Log-likelihood of each study with derivatives by the parameters (b, lambda) and alpha.

    `ll (k,)`, `gradient (k, P)`, `hessian (k, P, P)`; with own parameters also `g_own (k,)`,
    `h_own (k,)` and `cross (k, P)`. `mode (k, d)` is where the nodes were put.
    """

    ll: Floats
    gradient: Floats
    hessian: Floats
    mode: Floats
    g_own: Floats | None = None
    h_own: Floats | None = None
    cross: Floats | None = None


@lru_cache(maxsize=32)
def _grid(n: int, d: int) -> tuple[Floats, Floats]:
    """Nodes (Q, d) for the standard normal, and the logs of weight over density."""
    x, w = np.polynomial.hermite_e.hermegauss(n)
    one = np.log(w / np.sqrt(2 * np.pi)) + x**2 / 2
    axes = np.meshgrid(*([x] * d), indexing="ij")
    logs = np.meshgrid(*([one] * d), indexing="ij")
    nodes = np.stack([axis.ravel() for axis in axes], axis=1)
    return nodes, np.sum([log.ravel() for log in logs], axis=0)


def _steps(problem: Problem, lam: Floats) -> Floats:
    """Change of each arm's predictor per unit of each random effect, shape (J, d)."""
    out = np.zeros((len(problem.arms), problem.d))
    for r, effect in enumerate(problem.effect):
        out[:, effect] += lam[r] * problem.slopes[r]
    return out


def _modes(problem: Problem, base: Floats, step: Floats, start: Floats) -> tuple[Floats, Floats]:
    """Posterior mode of u in each study, and the negative Hessian there, (k, d) and (k, d, d).

    The log posterior is concave: Newton's steps, halved where they overshoot.
    """
    u = start
    value, slope, bend = _posterior(problem, base, step, u)
    for _ in range(MODE_STEPS):
        delta = np.linalg.solve(bend, slope[..., None])[..., 0]
        gain = np.sum(slope * delta, axis=1)
        if float(gain.max(initial=0.0)) < 1e-18:
            break
        for _ in range(30):
            new = u + delta
            fresh, new_slope, new_bend = _posterior(problem, base, step, new)
            worse = fresh < value - 1e-12 * (1 + np.abs(value))
            if not worse.any():
                break
            delta = np.where(worse[:, None], delta / 2, delta)
        u, value, slope, bend = new, fresh, new_slope, new_bend
    return u, bend


def _posterior(
    problem: Problem, base: Floats, step: Floats, u: Floats
) -> tuple[Floats, Floats, Floats]:
    d = problem.d
    value, slope = -0.5 * np.sum(u**2, axis=1), -u.copy()
    bend = np.broadcast_to(np.eye(d), (problem.k, d, d)).copy()
    for j, arm in enumerate(problem.arms):
        found = arm.at((base[j] + u @ step[j])[:, None])
        value = value + found.value[:, 0]
        slope += found.slope * step[j]
        bend -= found.bend[:, :, None] * np.outer(step[j], step[j])
    return value, slope, bend


def marginal(
    problem: Problem, b: Floats, lam: Floats, alpha: Floats | None, n: int, start: Floats | None
) -> Marginal:
    """The marginal likelihood with n nodes per random effect.

    `start` are modes to begin with, from nearby parameters.
    """
    k, d = problem.k, problem.d
    base = problem.fixed @ b
    if alpha is not None and problem.own is not None:
        base = base + problem.own[:, None] * alpha
    if d == 0:
        u = np.zeros((k, 1, 0))
        log_weight = np.zeros((k, 1))
        mode = np.zeros((k, 0))
    else:
        step = _steps(problem, lam)
        mode, bend = _modes(problem, base, step, np.zeros((k, d)) if start is None else start)
        nodes, logs = _grid(n, d)
        # rows of the inverse root of the curvature
        root = np.linalg.inv(np.linalg.cholesky(bend))
        u = mode[:, None, :] + nodes @ root
        half_det = np.sum(np.log(np.diagonal(root, axis1=1, axis2=2)), axis=1)
        log_weight = logs + half_det[:, None] - 0.5 * np.sum(u**2, axis=2)
    return _integrate(problem, base, lam, u, log_weight, mode)


def _integrate(
    problem: Problem, base: Floats, lam: Floats, u: Floats, log_weight: Floats, mode: Floats
) -> Marginal:
    k, Q = log_weight.shape
    R, P = len(problem.effect), problem.p + len(problem.effect)
    step = _steps(problem, lam)
    by_effect = u[:, :, list(problem.effect)] if R else np.zeros((k, Q, 0))
    score, curve = np.zeros((k, Q, P)), np.zeros((k, Q, P, P))
    total = log_weight
    own = problem.own
    s_own, c_own, c_cross = np.zeros((k, Q)), np.zeros((k, Q)), np.zeros((k, Q, P))
    for j, arm in enumerate(problem.arms):
        found = arm.at(base[j][:, None] + u @ step[j])
        z = np.empty((k, Q, P))
        z[:, :, : problem.p] = problem.fixed[j][:, None, :]
        z[:, :, problem.p :] = by_effect * problem.slopes[:, j]
        total = total + found.value
        score += found.slope[..., None] * z
        curve += found.bend[..., None, None] * z[..., :, None] * z[..., None, :]
        if own is not None:
            s_own += found.slope * own[j]
            c_own += found.bend * own[j] ** 2
            c_cross += (found.bend * own[j])[..., None] * z
    top = total.max(axis=1)
    w = np.exp(total - top[:, None])
    scale = w.sum(axis=1)
    ll = top + np.log(scale)
    w /= scale[:, None]
    gradient = np.einsum("kq,kqp->kp", w, score)
    hessian = np.einsum("kq,kqpr->kpr", w, curve)
    hessian += np.einsum("kq,kqp,kqr->kpr", w, score, score)
    hessian -= gradient[:, :, None] * gradient[:, None, :]
    if own is None:
        return Marginal(ll, gradient, hessian, mode)
    g_own = np.sum(w * s_own, axis=1)
    h_own = np.sum(w * (c_own + s_own**2), axis=1) - g_own**2
    cross = np.einsum("kq,kqp->kp", w, c_cross + s_own[..., None] * score)
    cross -= g_own[:, None] * gradient
    return Marginal(ll, gradient, hessian, mode, g_own, h_own, cross)
