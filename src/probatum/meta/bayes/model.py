"""The normal-normal hierarchical model, with tau integrated by quadrature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logsumexp

from probatum.errors import BadInput, UnknownOption
from probatum.meta.bayes.mixture import Mixture
from probatum.meta.bayes.priors import TauPrior, tau_prior
from probatum.meta.bayes.tau import TauPosterior, grid
from probatum.meta.design import check_rank, design
from probatum.meta.inference import check_level
from probatum.meta.models.rows import as_effect_sizes
from probatum.meta.options import typed_options
from probatum.meta.types import Bools, EffectSizes, Floats, labels

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
    data : EffectSizes
        All rows, those left out too.
    included : ndarray of bool, shape (k_all,)
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
    data: EffectSizes
    included: Bools
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


@typed_options
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
    edges, x, w = grid(y, v, prior)
    log_like, b, V = conditional(y, v, X, np.exp(x), location)
    log_post = log_like + prior.log_density(np.exp(x)) + x  # density of log tau
    top = float(np.max(log_post))
    post = TauPosterior(edges, x, w, log_post - top)
    weight = post.weights
    coefficients = tuple(Mixture.over_tau(weight, b[:, j], np.sqrt(V[:, j, j])) for j in range(p))
    limits = [getattr(c, interval)(level) for c in coefficients]
    tau_lb, tau_ub = getattr(post, interval)(level)
    proper = prior.proper and flat == 0
    log_marginal = float(logsumexp(log_post, b=w))
    at_zero, _, _ = conditional(y, v, X, np.zeros(1), location)
    bf = float(np.exp(at_zero[0] - log_marginal)) if prior.proper else float("nan")
    slab_kept = tuple(n for n, u in zip(labels(es.slab, len(es)), kept) if u)
    new = None
    if p == 1:
        new = Mixture.over_tau(weight, b[:, 0], np.sqrt(V[:, 0, 0] + post.nodes**2))
    return BayesFit(
        names=names, tau=post, coefficients=coefficients,
        beta=np.array([c.quantile(0.5) for c in coefficients]),
        sd=np.array([c.spread for c in coefficients]),
        ci_lb=np.array([a for a, _ in limits]), ci_ub=np.array([z for _, z in limits]),
        tau_median=post.quantile(0.5), tau_lb=tau_lb, tau_ub=tau_ub,
        log_marginal=log_marginal if proper else float("nan"), bf_homogeneity=bf, k=k,
        level=level, interval=interval, prior=prior,
        mu_prior=None if mu is None else (float(mu[0]), float(mu[1])), slab=slab_kept,
        data=es, included=kept,
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


def conditional(
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
    Q, R = _orthogonal(root[..., None] * rows[None])
    z = root * target
    c = np.einsum("mkp,mk->mp", Q, z)
    b = np.linalg.solve(R, c[..., None])[..., 0]
    inverse = np.linalg.inv(R)
    V = np.asarray(inverse @ np.swapaxes(inverse, -1, -2), dtype=np.float64)
    off = z - np.einsum("mkp,mp->mk", Q, c)
    rss = np.einsum("mk,mk->m", off, off)
    logdet = 2.0 * np.log(np.abs(np.diagonal(R, axis1=-2, axis2=-1))).sum(axis=1)
    free = k - (p - int(real.sum()))
    log_like = 0.5 * (np.log(whole).sum(axis=1) - logdet - rss - free * np.log(2.0 * np.pi))
    return log_like, b, V


def _orthogonal(A: Floats) -> tuple[Floats, Floats]:
    """QR of each matrix of a stack, by Gram-Schmidt run twice, which is as exact as Householder's.

    (Giraud L, Langou J, Rozložník M, 2005, Computers & Mathematics with Applications 50,
    1069-1075.) For many small matrices it is far faster than one LAPACK call for each.
    """
    p = A.shape[2]
    Q, R = np.empty_like(A), np.zeros((len(A), p, p))
    for j in range(p):
        column = A[:, :, j]
        for _ in range(2 if j else 0):
            along = np.einsum("mkp,mk->mp", Q[:, :, :j], column)
            column = column - np.einsum("mkp,mp->mk", Q[:, :, :j], along)
            R[:, :j, j] += along
        R[:, j, j] = np.sqrt(np.einsum("mk,mk->m", column, column))
        Q[:, :, j] = column / R[:, j, j, None]
    return Q, R


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
        out.append(Mixture.over_tau(post.weights, share * y[i] + (1.0 - share) * line, sd))
    return tuple(out)
