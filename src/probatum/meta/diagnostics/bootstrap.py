"""Bootstrap of a fit: new estimates from the model, or studies drawn with replacement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr, ndtri

from probatum.errors import BadInput, UnknownOption
from probatum.meta.diagnostics.resampling import from_model, from_studies
from probatum.meta.inference import check_level
from probatum.meta.options import typed_options
from probatum.meta.types import Floats, MetaFit, need

if TYPE_CHECKING:
    from probatum.meta.models.multilevel.types import MultilevelFit

KINDS = ("parametric", "nonparametric")
INTERVALS = ("percentile", "basic", "bca")


@dataclass(frozen=True, slots=True, eq=False)
class Bootstrap:
    """Estimates from bootstrap samples.

    Attributes
    ----------
    names : tuple of str
        Coefficients, then ``"tau2"`` and ``"I2"``, or a multilevel model's variances and
        correlations.
    estimate : ndarray, shape (q,)
        Of the fit itself.
    replicates : ndarray, shape (B, q)
        NaN where a sample could not be fitted (a moderator that is the same in all studies drawn).
    acceleration : ndarray, shape (q,)
        For BCa intervals; NaN where it isn't known.
    kind : {"parametric", "nonparametric"}
    level : float
        In percent.
    """

    names: tuple[str, ...]
    estimate: Floats
    replicates: Floats
    acceleration: Floats
    kind: str
    level: float

    @property
    def se(self) -> Floats:
        """Standard deviation of the replicates, shape (q,)."""
        return np.asarray(np.nanstd(self.replicates, axis=0, ddof=1))

    @property
    def bias(self) -> Floats:
        """Mean of the replicates less the estimate, shape (q,)."""
        return np.asarray(np.nanmean(self.replicates, axis=0) - self.estimate)

    @property
    def failed(self) -> int:
        """Samples that could not be fitted."""
        return int(np.isnan(self.replicates[:, 0]).sum())

    def interval(self, type: str = "percentile", *, level: float | None = None) -> Floats:
        """Confidence limits, shape (q, 2).

        Parameters
        ----------
        type : {"percentile", "basic", "bca"}
            Quantiles of the replicates; these mirrored at the estimate; or quantiles corrected
            for bias and acceleration (Efron B, 1987, Journal of the American Statistical
            Association 82, 171-185; Efron B, Tibshirani RJ, 1993, An introduction to the
            bootstrap, eqs. 14.9, 14.10, 14.14).
        level : float, optional
            In percent; the fit's by default.

        Raises
        ------
        UnknownOption

        Notes
        -----
        Quantiles are interpolated on the normal scale (Davison AC, Hinkley DV, 1997, Bootstrap
        methods and their application, eq. 5.8). BCa limits are NaN where they do not exist: all
        replicates lie on one side of the estimate (as for a tau2 estimated as 0), or the
        acceleration is not known.
        """
        if type not in INTERVALS:
            raise UnknownOption("type", type, INTERVALS)
        tail = 0.5 * (1.0 - (self.level if level is None else check_level(level)) / 100.0)
        tails = np.array([tail, 1.0 - tail])
        out = np.empty((len(self.names), 2))
        for j, estimate in enumerate(self.estimate):
            values = np.sort(self.replicates[:, j][~np.isnan(self.replicates[:, j])])
            if type == "bca":
                out[j] = _quantiles(
                    values, _corrected(values, estimate, self.acceleration[j], tails)
                )
            else:
                out[j] = _quantiles(values, tails)
                if type == "basic":
                    out[j] = 2.0 * estimate - out[j, ::-1]
        return out

    def tidy(self) -> list[dict[str, Any]]:
        """One plain row per estimate, with all three intervals."""
        rows: list[dict[str, Any]] = [
            {"term": n, "estimate": float(e), "bias": float(b), "std_error": float(s)}
            for n, e, b, s in zip(self.names, self.estimate, self.bias, self.se)
        ]
        for type in INTERVALS:
            for row, (low, high) in zip(rows, self.interval(type).tolist()):
                row[f"{type}_low"], row[f"{type}_high"] = low, high
        return rows


def _quantiles(values: Floats, at: Floats) -> Floats:
    """Quantiles of sorted values, between two of them on the normal scale."""
    n = len(values)
    if n == 0 or np.isnan(at).any():
        return np.full(at.shape, np.nan)
    place = (n + 1.0) * at
    below = np.clip(np.floor(place + 1e-9).astype(np.int64), 1, n)  # (n + 1) p may be whole
    above = np.minimum(below + 1, n)
    z, low, high = ndtri(at), ndtri(below / (n + 1.0)), ndtri(above / (n + 1.0))
    share = np.where(above > below, (z - low) / np.where(above > below, high - low, 1.0), 0.0)
    share = np.clip(share, 0.0, 1.0)
    return np.asarray(values[below - 1] + share * (values[above - 1] - values[below - 1]))


def _corrected(values: Floats, estimate: float, acceleration: float, tails: Floats) -> Floats:
    """Which quantiles of the replicates are the BCa limits."""
    if not 0 < np.count_nonzero(values < estimate) < len(values):
        return np.full(2, np.nan)
    z0 = ndtri(np.count_nonzero(values < estimate) / len(values))
    z = z0 + ndtri(tails)
    return np.asarray(ndtr(z0 + z / (1.0 - acceleration * z)))


@typed_options
def bootstrap(
    fit: MetaFit | MultilevelFit, *, kind: str = "parametric", iterations: int = 1999,
    cluster: Any = None, level: float | None = None, seed: int | None = 0,
) -> Bootstrap:  # fmt: skip
    """Bootstrap the coefficients and the heterogeneity of a fit.

    Parameters
    ----------
    fit : MetaFit or MultilevelFit
        By `pool` or `pool_multilevel`.
    kind : {"parametric", "nonparametric"}
        Draw estimates from the fitted model (see `simulate`), or draw studies with replacement.
    iterations : int
        Samples. With 1999 the limits of 95% intervals are replicates, not between two of them.
    cluster : array of shape (k_all,), optional
        Estimates that are drawn together ("nonparametric"). By default each estimate is drawn by
        itself; of a multilevel model, the levels of its first grouping factor.
    level : float, optional
        In percent; the fit's by default.
    seed : int or None
        None draws others at every call.

    Returns
    -------
    Bootstrap

    Raises
    ------
    UnknownOption
        If `kind` does not exist.
    BadInput
        For a model that can't be drawn from, or with fewer than two clusters or samples.

    Notes
    -----
    Viechtbauer W, López-López JA, Sánchez-Meca J, Marín-Martínez F (2015), Psychological Methods
    20, 360-374 (tau2); van den Noortgate W, Onghena P (2005), Behavior Research Methods 37, 11-22
    (both kinds); Adams DC, Gurevitch J, Rosenberg MS (1997), Ecology 78, 1277-1283 (BCa).
    The acceleration of resampled studies is the jackknife's (Efron & Tibshirani 1993, eq. 14.15).
    In the parametric model it is a sixth of the score's skewness (Efron 1987): 0 for coefficients,
    and tr(P^3) / (6 (tr(P^2) / 2)^(3/2)) for tau2, and so for I2, which grows with it.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.3, 0.5, -0.4, 0.9], [0.01, 0.02, 0.03, 0.02, 0.04])
    >>> found = bootstrap(fit, iterations=999)
    >>> found.names
    ('intrcpt', 'tau2', 'I2')
    >>> found.interval("percentile").shape
    (3, 2)
    """
    need(fit, "MetaFit", "MultilevelFit")
    if kind not in KINDS:
        raise UnknownOption("kind", kind, KINDS)
    if iterations < 2:
        raise BadInput(f"iterations is {iterations}; ask for at least 2 (1999 is usual).")
    if kind == "parametric" and cluster is not None:
        raise BadInput('the model draws every estimate; cluster needs kind="nonparametric".')
    level = fit.level if level is None else check_level(level)
    rng = np.random.default_rng(seed)
    if not isinstance(fit, MetaFit):
        from probatum.meta.models.multilevel import resampling as multilevel

        if kind == "parametric":
            found = multilevel.from_model(fit, iterations, rng)
        else:
            found = multilevel.from_clusters(fit, iterations, cluster, rng)
    elif kind == "parametric":
        found = from_model(fit, iterations, rng)
    else:
        found = from_studies(fit, iterations, cluster, rng)
    return Bootstrap(*found, kind=kind, level=level)
