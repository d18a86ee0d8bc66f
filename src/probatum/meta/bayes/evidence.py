"""Marginal likelihoods of models of effect, heterogeneity and publication bias, by quadrature.

tau is integrated in its logarithm, and so is mu where it isn't normal, by the trapezoidal rule on
a window beyond which nothing is left; for smooth integrands that vanish at both ends its error
falls exponentially with the step (Trefethen LN, Weideman JAC, 2014, SIAM Review 56, 385-458).
Steps are halved until the result stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, ndtr, ndtri

from probatum.meta.bayes.biasmodels import Regression, Weights
from probatum.meta.bayes.gridlaw import GridLaw
from probatum.meta.bayes.mixture import Mixture
from probatum.meta.bayes.model import conditional
from probatum.meta.bayes.priors import TauPrior
from probatum.meta.types import Floats

_LOG_2PI = float(np.log(2.0 * np.pi))
_DEEP, _SHALLOW = 36.0, 25.0  # log density below the peak at which a window ends
_SAME = 1e-9  # change of a log marginal likelihood at which halving ends
_AT_ONCE = 2_000_000  # numbers in one block
_SLOPES, _SLOPE_WEIGHTS = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Data and priors.

    Attributes
    ----------
    y, v : ndarray, shape (k,)
    mu : (float, float)
        Normal prior of the effect.
    tau : TauPrior
    """

    y: Floats
    v: Floats
    mu: tuple[float, float]
    tau: TauPrior


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Posterior under one model.

    Attributes
    ----------
    log_marginal : float
    mu : GridLaw or Mixture or None
        None where it is 0.
    log_tau : GridLaw or None
    mu_moments, tau_moments : (float, float)
        Mean and mean square.
    """

    log_marginal: float
    mu: GridLaw | Mixture | None
    log_tau: GridLaw | None
    mu_moments: tuple[float, float]
    tau_moments: tuple[float, float]


def evidence(
    q: Question, effect: bool, heterogeneity: bool, bias: Weights | Regression | None
) -> Evidence:
    """Marginal likelihood and posterior of one model."""
    if isinstance(bias, Weights):
        return _weighted(q, effect, heterogeneity, bias)
    return _normal(q, effect, heterogeneity, bias)


def _tau_grid(q: Question, log_f: Callable[[Floats], Floats]) -> tuple[Floats, Floats]:
    """Equal steps of log tau that resolve exp(log_f), and log_f there."""
    low, high = _tau_ends(q)
    for _ in range(4):  # close in on the peak
        x = np.linspace(low, high, 81)
        low, high = _window(x, log_f(x), _DEEP)
    n, total = 33, np.inf
    while True:
        x = np.linspace(low, high, n)
        f = log_f(x)
        before, total = total, float(logsumexp(f)) + float(np.log(x[1] - x[0]))
        if abs(total - before) < _SAME or n > 2000:
            return x, f
        n = 2 * n - 1


def _tau_ends(q: Question) -> tuple[float, float]:
    span = max(float(np.ptp(q.y)), float(np.sqrt(q.v.max())))
    high = np.log(min(q.tau.upper, 1e6 * span))
    return min(float(np.log(1e-10 * np.sqrt(q.v.min()))), high - 1.0), float(high)


def _window(x: Floats, f: Floats, depth: float) -> tuple[float, float]:
    """The stretch of x where f is within `depth` of its maximum, and one step more."""
    near = np.flatnonzero(f > np.nanmax(f) - depth)
    return float(x[max(near[0] - 1, 0)]), float(x[min(near[-1] + 1, len(x) - 1)])


def _normal(q: Question, effect: bool, heterogeneity: bool, bias: Regression | None) -> Evidence:
    """Without weights: mu is normal given tau and the slope."""
    columns = [np.ones(len(q.y))] if effect else []
    if bias is not None:
        columns.append(bias.predictor(q.v))
    mean, precision = np.zeros(len(columns)), np.zeros(len(columns))
    if effect:
        mean[0], precision[0] = q.mu[0], q.mu[1] ** -2

    def given(tau: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Log integrals, shape (m, s), and weight, mean, sd of mu at each tau and slope."""
        if not columns:
            spread = q.v + tau[:, None] ** 2
            value = -0.5 * np.sum(np.log(spread) + q.y**2 / spread + _LOG_2PI, axis=1)
            empty = np.zeros((len(tau), 1))
            return value[:, None], empty, empty, empty
        X = np.column_stack(columns)
        value, b, V = conditional(q.y, q.v, X, tau, (mean, precision))
        if bias is None:
            return value[:, None], np.ones((len(tau), 1)), b, np.sqrt(V[:, 0])
        slope, log_mass = _slopes(b[:, -1], np.sqrt(V[:, -1, -1]), bias.scale)
        if not effect:
            return value[:, None] + log_mass, slope, np.zeros_like(slope), np.zeros_like(slope)
        pull = V[:, 0, -1] / V[:, -1, -1]
        middle = b[:, :1] + pull[:, None] * (slope - b[:, -1:])
        sd = np.sqrt(np.maximum(V[:, 0, 0] - pull * V[:, 0, -1], 0.0))
        return value[:, None] + log_mass, slope, middle, np.broadcast_to(sd[:, None], slope.shape)

    if heterogeneity:
        x, _ = _tau_grid(q, lambda x: logsumexp(given(np.exp(x))[0], axis=1) + _log_tau_prior(q, x))
        prior = _log_tau_prior(q, x) + np.log(x[1] - x[0])
    else:
        x, prior = np.array([-np.inf]), np.zeros(1)
    value, _, middle, sd = given(np.exp(x))
    value = value + prior[:, None]
    log_marginal = float(logsumexp(value))
    share = np.exp(value - log_marginal)
    law = Mixture(share.ravel(), middle.ravel(), sd.ravel()) if effect else None
    return Evidence(
        log_marginal, law, GridLaw(x, share.sum(axis=1)) if heterogeneity else None,
        (float(np.sum(share * middle)), float(np.sum(share * (middle**2 + sd**2)))),
        _tau_moments(x, share.sum(axis=1)),
    )  # fmt: skip


def _log_tau_prior(q: Question, x: Floats) -> Floats:
    """Log density of log tau."""
    return np.asarray(q.tau.log_density(np.exp(x)) + x)


def _tau_moments(x: Floats, share: Floats) -> tuple[float, float]:
    tau = np.exp(x)
    return float(share @ tau), float(share @ tau**2)


def _slopes(b: Floats, sd: Floats, scale: float) -> tuple[Floats, Floats]:
    """Nodes of a positive slope with normal likelihood and half-Cauchy prior, and log masses.

    With slope = scale sinh(t) the prior is 2 / (pi cosh t); six Gauss-Legendre pieces in t over
    where the likelihood is not below its highest value for positive slopes by a factor exp(-40).
    """
    low = np.maximum(0.0, b - 9.0 * sd)
    high = b + np.sqrt(np.maximum(-b, 0.0) ** 2 + 81.0 * sd**2)
    a, z = np.arcsinh(low / scale), np.arcsinh(high / scale)
    edges = a[:, None] + (z - a)[:, None] * np.linspace(0.0, 1.0, 7)
    half = 0.5 * np.diff(edges, axis=1)[..., None]
    t = (edges[:, :-1, None] + half * (_SLOPES + 1.0)).reshape(len(b), -1)
    mass = np.log(half * _SLOPE_WEIGHTS).reshape(len(b), -1)
    slope = scale * np.sinh(t)
    log_normal = -0.5 * ((slope - b[:, None]) / sd[:, None]) ** 2 - np.log(sd)[:, None]
    return slope, mass + log_normal - 0.5 * _LOG_2PI + np.log(2.0 / np.pi) - np.log(np.cosh(t))


class _Selected:
    """Likelihood of mu and tau with the weights integrated out."""

    def __init__(self, q: Question, bias: Weights) -> None:
        self.q, self.bias = q, bias
        own = np.sqrt(q.v)
        tails = np.array([0.0, *bias.steps, 1.0])
        self.edges: list[tuple[Floats, float]]
        if bias.two_sided:
            edge = -ndtri(tails / 2.0)
            self.edges = [(own[:, None] * edge, 1.0), (own[:, None] * edge, -1.0)]
            p = 2.0 * ndtr(-np.abs(q.y) / own)
        else:
            self.edges = [(own[:, None] * -ndtri(tails), 1.0)]
            p = ndtr(-q.y / own)
        cell = np.searchsorted(np.array(bias.steps), p, side="left")
        self.counts = np.bincount(cell, minlength=len(tails) - 1)

    def log_likelihood(self, mu: Floats, tau: Floats, n: int) -> Floats:
        """At each pair (mu, tau), with n nodes for each weight."""
        omega, mass = self.bias.nodes(n)
        with np.errstate(divide="ignore"):
            seen = self.counts @ np.log(omega) + np.log(mass)
        k, block = len(self.q.y), max(1, _AT_ONCE // (len(self.q.y) * len(mass)))
        out = np.empty(len(mu))
        for i in range(0, len(mu), block):
            here = slice(i, i + block)
            spread = self.q.v + tau[here, None] ** 2
            log_f = -0.5 * (np.log(spread) + (self.q.y - mu[here, None]) ** 2 / spread + _LOG_2PI)
            chance = self._chances(mu[here], np.sqrt(spread)).reshape(-1, len(omega)) @ omega
            chance = chance.reshape(-1, k, len(mass))
            # products of twenty at a time neither lose digits nor underflow
            logs = sum(
                np.log(np.multiply.reduce(chance[:, j : j + 20], axis=1)) for j in range(0, k, 20)
            )
            out[here] = log_f.sum(axis=1) + logsumexp(seen - logs, axis=1)
        return np.asarray(out)

    def _chances(self, mu: Floats, sd: Floats) -> Floats:
        """Probability of each interval of p, shape (m, k, intervals)."""
        parts = []
        for edge, sign in self.edges:
            below = ndtr((sign * mu[:, None, None] - edge) / sd[..., None])
            parts.append(below[..., 1:] - below[..., :-1])
        whole = parts[0] if len(parts) == 1 else parts[0] + parts[1]
        return np.asarray(np.maximum(whole, 1e-300))


_COARSE = 6  # nodes for each weight while windows are sought
_NODES, _MOST_NODES = (12, 16, 24, 40, 64), 5_000


def _weighted(q: Question, effect: bool, heterogeneity: bool, bias: Weights) -> Evidence:
    """With weights: a grid of mu and log tau, each of one place where it is 0."""
    model = _Selected(q, bias)

    def log_f(mu: Floats, x: Floats, n: int) -> Floats:
        """Likelihood times priors on the grid, shape (len(mu), len(x)); -inf far below the top."""
        m, t = (part.ravel() for part in np.meshgrid(mu, x, indexing="ij"))
        prior = np.zeros(len(m))
        if effect:
            prior += -0.5 * ((m - q.mu[0]) / q.mu[1]) ** 2 - np.log(q.mu[1]) - 0.5 * _LOG_2PI
        if heterogeneity:
            prior += _log_tau_prior(q, t)
        value = model.log_likelihood(m, np.exp(t), _COARSE) + prior
        if n != _COARSE:
            high = value > np.max(value) - _SHALLOW
            value[~high] = -np.inf
            value[high] = model.log_likelihood(m[high], np.exp(t[high]), n) + prior[high]
        return np.asarray(value.reshape(len(mu), len(x)))

    mu, x = _grid(q, effect, heterogeneity, log_f)
    f = _settled(bias, lambda n: log_f(mu, x, n))
    log_step = sum(np.log(each[1] - each[0]) for each in (mu, x) if len(each) > 1)
    log_marginal = float(logsumexp(f)) + float(log_step)
    share = np.exp(f + log_step - log_marginal)
    of_mu, of_x = share.sum(axis=1), share.sum(axis=0)
    return Evidence(
        log_marginal, GridLaw(mu, of_mu) if effect else None,
        GridLaw(x, of_x) if heterogeneity else None,
        (float(of_mu @ mu), float(of_mu @ mu**2)), _tau_moments(x, of_x),
    )  # fmt: skip


def _grid(
    q: Question, effect: bool, heterogeneity: bool, log_f: Callable[[Floats, Floats, int], Floats]
) -> tuple[Floats, Floats]:
    """Equal steps in mu and log tau that resolve the integrand."""
    ends = np.array([[0.0, 0.0], [-np.inf, -np.inf]])
    if effect:
        far = 6.0 * float(np.sqrt(np.var(q.y) + q.v.max()))
        ends[0] = float(q.y.min()) - far, float(q.y.max()) + far
        wide = 8.5 * q.mu[1]
        ends[0] = max(ends[0, 0], q.mu[0] - wide), min(ends[0, 1], q.mu[0] + wide)
        if ends[0, 0] >= ends[0, 1]:  # prior and data are worlds apart
            ends[0] = sorted((q.mu[0], float(np.mean(q.y))))
    if heterogeneity:
        ends[1] = _tau_ends(q)

    def steps(n: int) -> list[Floats]:
        return [np.linspace(a, z, n) if a < z else np.array([a]) for a, z in ends.tolist()]

    for _ in range(6):
        mu, x = steps(25)
        f = log_f(mu, x, _COARSE)
        closer = np.array(
            [_window(mu, f.max(axis=1), _SHALLOW), _window(x, f.max(axis=0), _SHALLOW)]
        )
        with np.errstate(invalid="ignore"):
            settled = np.diff(closer) > 0.7 * np.diff(ends)
        ends = closer
        if settled[np.isfinite(ends[:, 0]) & (ends[:, 0] < ends[:, 1])].all():
            break
    n, total = 17, np.inf
    while True:
        mu, x = steps(n)
        step = sum(np.log(each[1] - each[0]) for each in (mu, x) if len(each) > 1)
        before, total = total, float(logsumexp(log_f(mu, x, _COARSE)) + step)
        if abs(total - before) < 1e-7 or n > 150:
            return mu, x
        n = (3 * n) // 2


def _settled(bias: Weights, log_f: Callable[[int], Floats]) -> Floats:
    """`log_f` with so many nodes for each weight that the whole stays, or as many as can be held.

    The whole and not the maximum decides: where an effect against the expected side makes
    significance rare, tiny weights matter, and few nodes miss them.
    """
    f, total = log_f(_NODES[0]), np.inf
    for n in _NODES[1:]:
        before, total = total, float(logsumexp(f))
        if abs(total - before) < 1e-6 or n ** len(bias.steps) > _MOST_NODES:
            break
        f = log_f(n)
    return f
