"""The normal-normal hierarchical model, with tau integrated by quadrature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logsumexp

from probatum.errors import BadInput, UnknownOption
from probatum.meta.bayes.mixture import Mixture, shortest
from probatum.meta.bayes.priors import TauPrior, tau_prior
from probatum.meta.design import check_rank, design
from probatum.meta.inference import check_level
from probatum.meta.models.inverse_variance import as_effect_sizes
from probatum.meta.types import EffectSizes, Floats, labels

# tau is integrated on a log scale in pieces with Gauss-Legendre nodes: the integrand is analytic
# there in a strip of half-width pi/2, so the rule is exact to rounding long before this many
_PIECES, _NODES = 160, 10
_TINY = 1e-10  # smallest tau, relative to the smallest standard error; below it nothing changes
_HUGE = 1e9  # largest, relative to the spread of the estimates
INTERVALS = ("shortest", "central")


@dataclass(frozen=True, slots=True, eq=False)
class BayesFit:
    """Posterior of a random-effects meta-analysis; all on the analysis scale.

    Attributes
    ----------
    names : tuple of str
        Coefficients; ``"mu"`` alone without moderators.
    tau : TauPosterior
        Posterior of tau (`cdf`, `quantile`, `average`, `central`, `shortest`).
    coefficients : tuple of Mixture
        Posterior of each coefficient.
    beta, sd, ci_lb, ci_ub : ndarray, shape (p,)
        Posterior medians, standard deviations and credible intervals.
    tau_median, tau_lb, tau_ub : float
    log_marginal : float
        Log of the marginal likelihood (NaN under an improper prior).
    bf_homogeneity : float
        Bayes factor of tau = 0 against the prior of tau (NaN where that is improper).
    k, level, interval
        Estimates used, credible level in percent, kind of interval.
    """

    names: tuple[str, ...]
    tau: TauPosterior
    coefficients: tuple[Mixture, ...]
    beta: Floats
    sd: Floats
    ci_lb: Floats
    ci_ub: Floats
    tau_median: float
    tau_lb: float
    tau_ub: float
    log_marginal: float
    bf_homogeneity: float
    k: int
    level: float
    interval: str
    prior: TauPrior
    mu_prior: tuple[float, float] | None
    slab: tuple[str, ...]
    _theta: tuple[Mixture, ...]
    _new: Mixture | None

    def predictive(self) -> Mixture:
        """Distribution of the true effect of a new study.

        Raises
        ------
        BadInput
            With moderators, whose values for the new study are not known.
        """
        if self._new is None:
            raise BadInput("with moderators the effect of a new study depends on their values.")
        return self._new

    def shrinkage(self) -> list[dict[str, Any]]:
        """Posterior of each study's true effect: median, sd and interval."""
        rows = []
        for name, mix in zip(self.slab, self._theta):
            low, high = getattr(mix, self.interval)(self.level)
            rows.append(
                {"slab": name, "median": mix.quantile(0.5), "sd": mix.spread, "ci_lb": low,
                 "ci_ub": high}
            )  # fmt: skip
        return rows

    def bf_effect(self, value: float = 0.0, coefficient: int = 0) -> float:
        """Bayes factor of the coefficient being `value` against its normal prior.

        Savage and Dickey's ratio of posterior to prior density (Dickey JM, 1971, Annals of
        Mathematical Statistics 42, 204-223); NaN under the improper uniform prior.
        """
        if self.mu_prior is None or coefficient != 0:
            return float("nan")
        mean, sd = self.mu_prior
        prior = np.exp(-0.5 * ((value - mean) / sd) ** 2) / (sd * np.sqrt(2.0 * np.pi))
        return float(self.coefficients[0].density(value) / prior)

    def summary(self) -> str:
        """A readable account."""
        lines = [
            f"Bayesian random-effects meta-analysis of {self.k} estimates "
            f"({self.level:g}% {self.interval} intervals)",
            f"prior of tau: {self.prior.family} {dict(self.prior.parameters) or ''}".rstrip(),
        ]
        for i, name in enumerate(self.names):
            lines.append(
                f"{name:<12} {self.beta[i]: .4f}  sd {self.sd[i]:.4f}  "
                f"[{self.ci_lb[i]: .4f}, {self.ci_ub[i]: .4f}]"
            )
        lines.append(
            f"{'tau':<12} {self.tau_median: .4f}  [{self.tau_lb: .4f}, {self.tau_ub: .4f}]"
        )
        return "\n".join(lines)


class TauPosterior:
    """Posterior of tau, piecewise on the quadrature's own nodes."""

    def __init__(self, edges: Floats, x: Floats, w: Floats, log_post: Floats) -> None:
        self._edges, self._x = edges, x
        mass = np.exp(log_post) * w
        self._piece = mass.reshape(_PIECES, _NODES).sum(axis=1)
        self._cum = np.concatenate([[0.0], np.cumsum(self._piece)])
        self._log_post = log_post.reshape(_PIECES, _NODES)
        self.nodes = np.exp(x)
        self.weights = mass / self._cum[-1]
        self._whole = float(self._cum[-1])

    def _within(self, piece: int, x: float) -> float:
        """Mass of a piece below x, by integrating its interpolating polynomial."""
        low, high = self._edges[piece], self._edges[piece + 1]
        at = 2.0 * (x - low) / (high - low) - 1.0
        values = np.exp(self._log_post[piece])
        return float(_INTEGRALS(at) @ values * 0.5 * (high - low))

    def cdf(self, tau: float) -> float:
        """Probability of a value below `tau`."""
        if tau <= 0:
            return 0.0
        x = float(np.log(tau))
        if x <= self._edges[0]:
            return 0.0
        if x >= self._edges[-1]:
            return 1.0
        piece = int(np.searchsorted(self._edges, x, side="right")) - 1
        return float(self._cum[piece] + self._within(piece, x)) / self._whole

    def quantile(self, p: float) -> float:
        """The value below which a share p lies."""
        goal = p * self._whole
        piece = min(int(np.searchsorted(self._cum, goal, side="right")) - 1, _PIECES - 1)
        low, high = float(self._edges[piece]), float(self._edges[piece + 1])
        for _ in range(100):
            middle = 0.5 * (low + high)
            if middle in (low, high):
                break
            if self._cum[piece] + self._within(piece, middle) < goal:
                low = middle
            else:
                high = middle
        return float(np.exp(0.5 * (low + high)))

    @property
    def average(self) -> float:
        """Posterior mean (infinite where the integral does not exist is not detected)."""
        return float(self.weights @ self.nodes)

    def central(self, level: float) -> tuple[float, float]:
        """Interval with equal tails."""
        tail = 0.5 * (1.0 - level / 100.0)
        return self.quantile(tail), self.quantile(1.0 - tail)

    def shortest(self, level: float) -> tuple[float, float]:
        """Shortest interval; it begins at 0 where the density falls throughout."""
        low, high = shortest(self.quantile, level)
        from_zero = self.quantile(level / 100.0)
        return (0.0, from_zero) if from_zero <= (high - low) * (1.0 + 1e-9) else (low, high)


def _antiderivatives() -> Any:
    """Integral from -1 to t of each Lagrange polynomial of the nodes, as a function of t."""
    nodes, _ = np.polynomial.legendre.leggauss(_NODES)
    tables = []
    for i in range(_NODES):
        values = np.zeros(_NODES)
        values[i] = 1.0
        fit = np.polynomial.legendre.Legendre.fit(nodes, values, _NODES - 1, domain=[-1, 1])
        tables.append(fit.integ(lbnd=-1))

    def at(t: float) -> Floats:
        return np.array([table(t) for table in tables])

    return at


_INTEGRALS = _antiderivatives()


def pool_bayes(
    yi: Any, vi: Any = None, *, sei: Any = None, mods: Any = None, data: Any = None,
    slab: Any = None, tau: str | TauPrior = "half-normal", scale: float | None = None,
    mu: Sequence[float] | None = None, level: float = 95, interval: str = "shortest",
) -> BayesFit:  # fmt: skip
    """Bayesian random-effects meta-analysis without sampling.

    yi ~ N(x'beta, vi + tau2). Given tau the coefficients are normal; tau is integrated on a grid
    of Gauss-Legendre pieces in log tau. Röver C (2020). Journal of Statistical Software 93(6);
    model and marginal posteriors there in sections 2.2 to 2.5.

    Parameters
    ----------
    yi, vi, sei, mods, data, slab
        As in `pool`.
    tau : str or TauPrior
        Prior of tau (see `tau_prior`); a name of a family with one scale takes `scale`.
    scale : float, optional
        Scale of the prior; by default 0.5 for half-normal and half-Cauchy, which suits log odds
        ratios (Spiegelhalter DJ, Abrams KR, Myles JP, 2004, Bayesian approaches to clinical
        trials and health-care evaluation, section 5.7). On other scales choose your own.
    mu : (mean, sd), optional
        Normal prior of the (first) coefficient; by default an improper uniform one.
    level : float
        Credible level in percent.
    interval : {"shortest", "central"}

    Returns
    -------
    BayesFit

    Raises
    ------
    UnknownOption, BadInput
        BadInput also where the posterior is improper: a flat prior of tau with fewer than three
        estimates beyond the coefficients.

    Examples
    --------
    >>> fit = pool_bayes([0.1, 0.3, 0.5], [0.01, 0.02, 0.03], tau="half-normal", scale=0.5)
    >>> round(float(fit.beta[0]), 3), round(fit.tau_median, 3)
    (0.264, 0.21)
    """
    if interval not in INTERVALS:
        raise UnknownOption("interval", interval, INTERVALS)
    level = check_level(level)
    es = as_effect_sizes(yi, vi, sei, slab, data)
    prior = _prior(tau, scale)
    y, v, X, names, kept = _rows(es, mods, data)
    k, p = X.shape
    flat = p - (mu is not None)
    if k < flat:
        raise BadInput(f"{k} estimates can't carry {p} coefficients with a flat prior.")
    if not prior.proper and k - flat < 2:
        raise BadInput(
            f"an improper prior of tau with {k} estimates has no posterior; use a proper prior "
            'such as tau="half-normal".'
        )
    location = _location_prior(mu, p)
    edges, x, w = _grid(y, v, prior)
    log_like, b, V = _conditional(y, v, X, np.exp(x), location)
    log_post = log_like + prior.log_density(np.exp(x)) + x  # density of log tau
    top = float(np.max(log_post))
    post = TauPosterior(edges, x, w, log_post - top)
    weight = post.weights
    coefficients = tuple(Mixture(weight, b[:, j], np.sqrt(V[:, j, j])) for j in range(p))
    limits = [getattr(c, interval)(level) for c in coefficients]
    tau_lb, tau_ub = getattr(post, interval)(level)
    proper = prior.proper and flat == 0
    log_marginal = float(logsumexp(log_post, b=w))
    at_zero, _, _ = _conditional(y, v, X, np.zeros(1), location)
    bf = float(np.exp(at_zero[0] - log_marginal)) if prior.proper else float("nan")
    slab_kept = tuple(n for n, u in zip(labels(es.slab, len(es)), kept) if u)
    new = Mixture(weight, b[:, 0], np.sqrt(V[:, 0, 0] + post.nodes**2)) if p == 1 else None
    return BayesFit(
        names=names, tau=post, coefficients=coefficients,
        beta=np.array([c.quantile(0.5) for c in coefficients]),
        sd=np.array([c.spread for c in coefficients]),
        ci_lb=np.array([a for a, _ in limits]), ci_ub=np.array([z for _, z in limits]),
        tau_median=post.quantile(0.5), tau_lb=tau_lb, tau_ub=tau_ub,
        log_marginal=log_marginal if proper else float("nan"), bf_homogeneity=bf, k=k,
        level=level, interval=interval, prior=prior,
        mu_prior=None if mu is None else (float(mu[0]), float(mu[1])), slab=slab_kept,
        _theta=_shrunken(y, v, X, b, V, post), _new=new,
    )  # fmt: skip


def _prior(tau: str | TauPrior, scale: float | None) -> TauPrior:
    if isinstance(tau, TauPrior):
        if scale is not None:
            raise BadInput("the prior of tau already has its parameters: leave out scale.")
        return tau
    if tau in ("half-normal", "half-cauchy"):
        return tau_prior(tau, scale=0.5 if scale is None else scale)
    if tau == "exponential" and scale is not None:
        return tau_prior(tau, mean=scale)
    if tau == "uniform":
        return tau_prior(tau, **({} if scale is None else {"upper": scale}))
    return tau_prior(tau, **({} if scale is None else {"scale": scale}))


def _rows(
    es: EffectSizes, mods: Any, data: Any
) -> tuple[Floats, Floats, Floats, tuple[str, ...], Any]:
    with np.errstate(invalid="ignore"):
        if ((es.vi <= 0) & np.isfinite(es.yi)).any():
            raise BadInput("sampling variances must be positive; correct them or make them NaN.")
    usable = np.isfinite(es.yi) & np.isfinite(es.vi)
    layout = design(mods, data, usable, intercept=True)
    usable &= np.isfinite(layout.X).all(axis=1)
    if not usable.any():
        raise BadInput(f"none of the {len(es)} rows can be used.")
    X = layout.X[usable]
    if mods is not None:
        check_rank(X, layout.names)
    names = ("mu",) if X.shape[1] == 1 else layout.names
    return es.yi[usable], es.vi[usable], X, names, usable


def _location_prior(mu: Sequence[float] | None, p: int) -> tuple[Floats, Floats]:
    """Prior means and precisions of the coefficients (0: flat)."""
    mean, precision = np.zeros(p), np.zeros(p)
    if mu is not None:
        if len(mu) != 2 or not (np.isfinite(mu).all() and mu[1] > 0):
            raise BadInput(f"mu is {mu!r}; it takes a mean and a positive standard deviation.")
        mean[0], precision[0] = float(mu[0]), float(mu[1]) ** -2
    return mean, precision


def _grid(y: Floats, v: Floats, prior: TauPrior) -> tuple[Floats, Floats, Floats]:
    """Edges of the pieces, and nodes and weights, in log tau."""
    low = np.log(_TINY * np.sqrt(v.min()))
    span = max(float(np.ptp(y)), float(np.sqrt(v.max())))
    high = np.log(min(prior.upper, _HUGE * span))
    low = min(low, high - 1.0)
    edges = np.linspace(low, high, _PIECES + 1)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half = 0.5 * np.diff(edges)[:, None]
    x = edges[:-1, None] + half * (nodes + 1.0)
    return edges, x.ravel(), np.broadcast_to(half * weights, x.shape).ravel()


def _conditional(
    y: Floats, v: Floats, X: Floats, tau: Floats, location: tuple[Floats, Floats]
) -> tuple[Floats, Floats, Floats]:
    """Given each tau: log marginal likelihood, mean (m, p) and covariance (m, p, p) of beta."""
    mean, precision = location
    w = 1.0 / (v[None, :] + tau[:, None] ** 2)
    k, p = X.shape
    # prior rows join the regression as further observations, each with its own precision
    real = precision > 0
    rows = np.concatenate([X, np.eye(p)[real]])
    target = np.concatenate([y, mean[real]])
    whole = np.concatenate([w, np.broadcast_to(precision[real], (len(tau), real.sum()))], axis=1)
    root = np.sqrt(whole)
    Q, R = np.linalg.qr(root[..., None] * rows[None])
    z = root * target
    c = np.einsum("mkp,mk->mp", Q, z)
    b = np.linalg.solve(R, c[..., None])[..., 0]
    inverse = np.linalg.inv(R)
    V = inverse @ np.swapaxes(inverse, -1, -2)
    off = z - np.einsum("mkp,mp->mk", Q, c)
    rss = np.einsum("mk,mk->m", off, off)
    logdet = 2.0 * np.log(np.abs(np.diagonal(R, axis1=-2, axis2=-1))).sum(axis=1)
    free = k - (p - int(real.sum()))
    log_like = 0.5 * (np.log(whole).sum(axis=1) - logdet - rss - free * np.log(2.0 * np.pi))
    return log_like, b, V


def _shrunken(
    y: Floats, v: Floats, X: Floats, b: Floats, V: Floats, post: TauPosterior
) -> tuple[Mixture, ...]:
    """Posterior of each study's own effect."""
    t2 = post.nodes**2
    out = []
    for i in range(len(y)):
        # at tau = 0 a study's effect is the line itself
        share = t2 / (t2 + v[i])
        line = b @ X[i]
        spread = np.einsum("p,mpq,q->m", X[i], V, X[i])
        sd = np.sqrt(share * v[i] + (1.0 - share) ** 2 * spread)
        out.append(Mixture(post.weights, share * y[i] + (1.0 - share) * line, sd))
    return tuple(out)
