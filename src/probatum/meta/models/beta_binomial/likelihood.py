"""The beta-binomial likelihood of k studies by linear predictors of the mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from probatum.meta.models.beta_binomial.sums import LogSums
from probatum.meta.models.glmm.newton import ascent
from probatum.meta.types import Floats

STEPS = 100
STRIDE = 3.0
#: gain of log-likelihood that a step must promise to be taken, and what is none
WORTH, NOTHING = 1e-18, 1e-9
#: a gain that the likelihood's rounding can hide: from here on Newton's steps are trusted
NEAR = 1e-7
#: dispersions to begin with
STARTS = (0.01, 0.1, 1.0, 0.0005)


@dataclass(frozen=True, slots=True)
class Link:
    """Mean as a function of the predictor, with two derivatives; `to` is its inverse."""

    to: Callable[[Floats], Floats]
    mean: Callable[[Floats], tuple[Floats, Floats, Floats]]


def _logistic(eta: Floats) -> tuple[Floats, Floats, Floats]:
    p, q = expit(eta), expit(-eta)
    return p, p * q, p * q * (q - p)


def _exponential(eta: Floats) -> tuple[Floats, Floats, Floats]:
    e = np.exp(np.minimum(eta, 50.0))
    return e, e, e


def _identity(eta: Floats) -> tuple[Floats, Floats, Floats]:
    return eta, np.ones_like(eta), np.zeros_like(eta)


LINKS = {
    "logit": Link(lambda p: np.log(p) - np.log1p(-p), _logistic),
    "log": Link(np.log, _exponential),
    "identity": Link(lambda p: p, _identity),
}


class Arm:
    """y of n people, whose risks follow a beta distribution with mean mu.

    With g = 1 / (alpha + beta) the probability is a product over people (Prentice RL, 1986, JASA
    81, 321-327, eq. 1): log f = sum of log(mu + r g) over r < y, of log(1 - mu + r g) over
    r < n - y, less that of log(1 + r g) over r < n. g = 0 is the binomial distribution. The
    binomial coefficient is the same three sums of -log(r + 1): term by term little is left, and
    with one factor more in all terms, which cancels, next to nothing.
    """

    def __init__(self, y: Floats, n: Floats) -> None:
        self.events, self.others, self.all = LogSums(y), LogSums(n - y), LogSums(n)
        self.least = 1 / np.maximum(n, 1.0)

    def at(self, mu: Floats, g: Floats) -> Floats:
        """Log-likelihood, and its derivatives by mu, g, (mu, mu), (mu, g), (g, g): (6, k)."""
        factor = np.maximum(g, self.least)
        out = self.events.at(mu, g, factor)
        signs = np.array([1.0, -1.0, 1.0, 1.0, -1.0, 1.0])[:, None]
        out = out + signs * self.others.at(1 - mu, g, factor)
        total = self.all.at(np.ones_like(mu), g, factor)
        out[[0, 2, 5]] -= total[[0, 2, 5]]
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Arms with their designs.

    Attributes
    ----------
    arms : tuple of Arm
    X : tuple of ndarray, shape (k, p)
        Design of each arm's predictor.
    link : Link
    common_beta : bool
        Whether beta is common to all arms, g = delta (1 - mu) with delta = 1 / beta, or the
        intraclass correlation, g = delta with delta = rho / (1 - rho).
    """

    arms: tuple[Arm, ...]
    X: tuple[Floats, ...]
    link: Link
    common_beta: bool


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where the likelihood is greatest; `information` is by (b, log delta), by b at delta = 0."""

    b: Floats
    delta: float
    ll: float
    information: Floats
    converged: bool


def derivatives(model: Model, b: Floats, delta: float) -> tuple[float, Floats, Floats] | None:
    """Log-likelihood with gradient and Hessian by (b, log delta); None outside its domain."""
    p = len(b)
    ll, grad, hess = 0.0, np.zeros(p + 1), np.zeros((p + 1, p + 1))
    for arm, X in zip(model.arms, model.X, strict=True):
        mu, h1, h2 = model.link.mean(X @ b)
        if not np.all((mu > 0) & (mu < 1)):
            return None
        share, slope = (1 - mu, -delta) if model.common_beta else (np.ones_like(mu), 0.0)
        value, m, g, mm, mg, gg = arm.at(mu, delta * share)
        ll += float(value.sum())
        eta = (m + g * slope) * h1
        two = (mm + 2 * mg * slope + gg * slope**2) * h1**2 + (m + g * slope) * h2
        both = delta * (mg + gg * slope) * share * h1 + g * slope * h1
        disp = delta * g * share
        grad[:p] += X.T @ eta
        grad[p] += disp.sum()
        hess[:p, :p] += X.T @ (two[:, None] * X)
        hess[:p, p] += X.T @ both
        hess[p, p] += np.sum(delta**2 * gg * share**2 + disp)
    hess[p, :p] = hess[:p, p]
    return ll, grad, hess


def climb(model: Model, b: Floats, delta: float) -> Maximum:
    """Newton's steps, shortened until the likelihood rises; delta = 0 stays (the binomial)."""
    size = len(b) + (delta > 0)
    at = derivatives(model, b, delta)
    assert at is not None
    converged = False
    for _ in range(STEPS):
        ll, g, H = at[0], at[1][:size], at[2][:size, :size]
        step = ascent(-H, g)
        gain = float(g @ step)
        if not gain > WORTH:
            converged = bool(np.isfinite(gain))
            break
        length = min(1.0, STRIDE / float(np.abs(step).max()))
        least = -NOTHING if gain < NEAR else 1e-4 * gain
        risen = None
        for _ in range(60):
            to = b + length * step[: len(b)]
            spread = delta * float(np.exp(length * step[-1])) if delta > 0 else 0.0
            new = derivatives(model, to, spread)
            if new is not None and new[0] > ll + least * length:
                risen = new
                break
            length /= 2
        if risen is None:
            # the domain ends here
            break
        b, delta, at = to, spread, risen
        if 0 < delta < 1e-14:
            break
    return Maximum(b, delta, at[0], -at[2][:size, :size], converged)


def binomial(model: Model, b: Floats) -> Maximum:
    """The model without variation between studies."""
    return climb(model, b, 0.0)


def highest(model: Model, equal: Maximum) -> Maximum:
    """The greatest maximum from several dispersions, or that of the binomial model."""
    found = [climb(model, equal.b, start) for start in STARTS]
    best = max(found, key=lambda one: (one.converged, one.ll))
    return best if best.ll > equal.ll + NOTHING else equal
