"""Log-likelihoods of selection models by scipy's adaptive quadrature, one study at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

from probatum.meta.bias.seen import Smooth, log_likelihood
from probatum.meta.bias.weightfunctions import FUNCTIONS, PValues


def _integral(log_w: Any, centre: float, wide: float, kinks: list[float]) -> float:
    ends = [centre - 12 * wide, centre + 12 * wide]
    inside = sorted({*(k for k in kinks if ends[0] < k < ends[1]), centre})
    value, _ = quad(
        lambda z: np.exp(log_w(z)) * norm.pdf(z, centre, wide), *ends, points=inside, limit=400,
        epsabs=0, epsrel=1e-11,
    )  # fmt: skip
    return float(value)


def by_quadrature(
    type: str, y: Any, v: Any, theta: Any, p_min: float, step: float | None = None
) -> float:
    """At theta = (mean, tau2, *delta), for the alternative "greater"."""
    beta, tau2, *delta = (float(x) for x in theta)

    def log_w(z: float) -> float:
        def at(p: float) -> float:
            p = min(max(p, p_min), 1 - p_min)
            with np.errstate(divide="ignore"):
                known = PValues(*(np.array([x]) for x in (p, np.log(max(p, 1e-300)), np.log1p(-p))))
            return float(FUNCTIONS[type].log_weight(np.array(delta), known)[0][0])

        p = float(norm.sf(z))
        return at(p) if step is None else (0.0 if p <= step else at(p) - at(step))

    total = 0.0
    kinks = [0.0, -norm.ppf(p_min), norm.ppf(p_min)] if p_min else [0.0]
    kinks += [] if step is None else [-norm.ppf(step)]
    for yi, vi in zip(y, v):
        centre, wide = beta / np.sqrt(vi), np.sqrt((vi + tau2) / vi)
        whole = _integral(log_w, centre, wide, kinks)
        seen = norm.logpdf(yi, beta, np.sqrt(vi + tau2))
        total += log_w(yi / np.sqrt(vi)) + float(seen) - np.log(whole)
    return total


def errors(type: str, y: Any, v: Any, theta: Any, p_min: float, free: Any) -> Any:
    """Standard errors of the free parameters at a maximum, by second differences.

    Of the package's own likelihood, whose value is compared with the quadrature first.
    """
    model = Smooth(y, v, np.ones((len(y), 1)), FUNCTIONS[type], (), "greater", p_min)
    steps = np.diag(1e-3 * np.abs(theta))[free]

    def at(change: Any) -> float:
        return float(log_likelihood(model, (theta + change)[None], True)[0][0])

    if abs(at(0.0) - by_quadrature(type, y, v, theta, p_min)) > 1e-9:
        return np.full(len(steps), np.nan)
    hessian = [
        [(at(a + b) - at(a - b) - at(b - a) + at(-a - b)) / (4.0 * a.sum() * b.sum())
         for a in steps] for b in steps
    ]  # fmt: skip
    return np.sqrt(np.diagonal(np.linalg.inv(-np.array(hessian))))
