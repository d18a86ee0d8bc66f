"""Where the likelihood of a mixed model is greatest, and how sure its variances are."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq, minimize

from probatum.errors import BadInput
from probatum.meta.patients.blocks import At, Blocks, evaluate
from probatum.meta.types import Floats

#: ratios of variances that are looked at to begin with, on the scale of the blocks
_GRID = np.concatenate([[0.0], np.logspace(-8, 10, 73)])
#: steps of numerical second derivatives, on the scale of the blocks
_STEP = 1e-5


def greatest(data: Blocks) -> Floats:
    """L of the greatest likelihood, shape (q, q), lower triangular.

    Raises
    ------
    BadInput
        If nothing varies within patients, so that the likelihood has no maximum.
    """
    return _one(data) if data.q == 1 else _several(data)


def _one(data: Blocks) -> Floats:
    """A random intercept: every dip of the deviance on a grid, each solved by its derivative."""
    unit = 1 / float(data.scale[0] ** 2)
    ratios = unit * _GRID

    def slope(log_ratio: float) -> float:
        at = evaluate(data, np.array([[[math.exp(log_ratio / 2)]]]))
        return float(at.slope(data.dof)[0, 0, 0])

    K = evaluate(data, np.sqrt(ratios)[:, None, None]).slope(data.dof)[:, 0, 0]
    if K[-1] < 0:
        raise _flat()
    found = [0.0] if K[0] >= 0 else []
    for i in np.flatnonzero((K[:-1] < 0) & (K[1:] >= 0)):
        low = max(ratios[i], unit * _GRID[1] * 1e-8)
        if slope(math.log(low)) < 0:
            at = brentq(slope, math.log(low), math.log(ratios[i + 1]), xtol=1e-13, rtol=1e-14)
            found.append(math.exp(at))
        else:
            found.append(0.0)
    roots = np.sqrt(np.array(found))[:, None, None]
    return np.asarray(roots[int(np.argmin(evaluate(data, roots).deviance))])


def _flat() -> BadInput:
    return BadInput(
        "each patient's measurements follow the model without any spread, so the residual "
        "variance is 0 and the likelihood has no maximum."
    )


def _unpack(free: Floats, q: int) -> Floats:
    L = np.zeros((q, q))
    L[np.tril_indices(q)] = free
    return L


def _several(data: Blocks) -> Floats:
    """Intercept and slope: quasi-Newton from several starts, then Newton's steps."""
    q = data.q
    lower = np.tril_indices(q)
    sizes = data.scale

    def by_gradient(free: Floats) -> tuple[float, Floats]:
        L = _unpack(free, q) / sizes[:, None]
        at = evaluate(data, L[None])
        return float(at.deviance[0]), (2 * at.slope(data.dof)[0] @ L / sizes[:, None])[lower]

    best: Floats | None = None
    least = math.inf
    for start, lean in ((0.3, 0.3), (1.0, -0.3), (4.0, 0.3)):
        begin = start * (np.eye(q) + lean * np.tril(np.ones((q, q)), -1))
        out = minimize(by_gradient, begin[lower], jac=True, method="BFGS",
                       options={"gtol": 1e-9, "maxiter": 500})  # fmt: skip
        if float(out.fun) < least - 1e-9:
            least, best = float(out.fun), np.asarray(out.x, dtype=np.float64)
    if best is None or np.abs(best).max() > 1e5:
        raise _flat()
    best = _polished(by_gradient, best)
    L = _unpack(best, q) / sizes[:, None]
    return np.asarray(L * np.where(np.diagonal(L) < 0, -1.0, 1.0))


def _polished(by_gradient: Callable[[Floats], tuple[float, Floats]], x: Floats) -> Floats:
    """Newton's steps while the gradient falls: quasi-Newton stops at the root of its precision."""
    g = by_gradient(x)[1]
    for _ in range(5):
        H = np.array([
            (by_gradient(x + h)[1] - by_gradient(x - h)[1]) / (2 * _STEP)
            for h in _STEP * np.eye(len(x))
        ])  # fmt: skip
        new = x - np.linalg.lstsq((H + H.T) / 2, g, rcond=1e-9)[0]
        fresh = by_gradient(new)[1]
        if not np.abs(fresh).max() < np.abs(g).max():
            break
        x, g = new, fresh
    return x


def degrees(data: Blocks, L: Floats, contrasts: Floats) -> Floats:
    """Satterthwaite's degrees of freedom of contrasts (c, p) of the coefficients.

    Giesbrecht FG, Burns JC (1985), Biometrics 41, 477-486; Kuznetsova A, Brockhoff PB,
    Christensen RHB (2017), Journal of Statistical Software 82(13), section 3.1: 2 f^2 over the
    delta-method variance of f, the variance of a contrast as a function of the variances, whose
    own covariance is twice the inverse Hessian of the deviance.
    """
    q = data.q
    lower = np.tril_indices(q)
    at = evaluate(data, L[None])
    sigma2 = float(at.rss[0]) / data.dof
    free = np.append(L[lower], math.log(sigma2))
    # a variance of 0 is no free direction: steps are of the size of what is there
    size = _STEP / data.scale
    steps = np.append(np.broadcast_to(size[:, None], (q, q))[lower], _STEP)
    H = np.empty((len(free), len(free)))
    for i, step in enumerate(steps):
        h = np.zeros(len(free))
        h[i] = step
        H[i] = (_gradient(data, free + h) - _gradient(data, free - h)) / (2 * step)
    scale = 1 / np.sqrt(np.maximum(np.abs(np.diagonal(H)), 1e-300))
    covariance = 2 * np.linalg.pinv((H + H.T) / 2 * np.outer(scale, scale), rcond=1e-8)
    covariance *= np.outer(scale, scale)
    f, g = _variances(data, at, L, sigma2, contrasts)
    spread = np.einsum("ci,ij,cj->c", g, covariance, g)
    with np.errstate(divide="ignore"):
        return np.asarray(2 * f**2 / spread)


def _gradient(data: Blocks, free: Floats) -> Floats:
    """Gradient of the deviance by L and log sigma2, coefficients at their best."""
    L = _unpack(free[:-1], data.q)
    at = evaluate(data, L[None])
    sigma2 = math.exp(free[-1])
    K = at.G[0] - at.V[0] / sigma2 - at.C[0]
    return np.append((2 * K @ L)[np.tril_indices(data.q)], data.dof - at.rss[0] / sigma2)


def _variances(
    data: Blocks, at: At, L: Floats, sigma2: float, contrasts: Floats
) -> tuple[Floats, Floats]:
    """Variances of contrasts, and their derivatives by L and log sigma2."""
    inverse = np.linalg.inv(at.A[0])
    a = contrasts @ inverse
    f = sigma2 * np.einsum("cp,cp->c", a, contrasts)
    design = data.T[:, :, : data.p, :, : data.p]
    inner = np.einsum("uqarb,ca,cb->cuqr", design, a, a)
    moved = np.einsum("uqr,curs,uts->cqt", at.S[0], inner, at.S[0]) @ L
    by_L = 2 * sigma2 * moved[:, *np.tril_indices(len(L))]
    return f, np.column_stack([by_L, f])
