"""Estimators of the between-study variance tau2: a registry, each solved for a whole batch.

Review of the estimators: Veroniki AA et al. (2016). Methods to estimate the between-study
variance and its uncertainty in meta-analysis. Research Synthesis Methods 7, 55-79.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from probatum.errors import UnknownOption
from probatum.meta import solvers
from probatum.meta.kernel import Batch, forms, project, weights
from probatum.meta.scalar import BOUNDARY, CONVERGED, FAILED, MATCH_Q, ML, REML
from probatum.meta.solvers import Estimate
from probatum.meta.types import Floats

FIXED, CLOSED = 0, 1
STATUS = {
    FIXED: "fixed", CLOSED: "closed form", CONVERGED: "converged", BOUNDARY: "boundary",
    FAILED: "not converged",
}  # fmt: skip


Estimator = Callable[[Batch], Estimate[Floats]]
StandardError = Callable[[Batch, Estimate[Any]], Any]


@dataclass(frozen=True, slots=True)
class Tau2Method:
    """An estimator of tau2: `estimate` and its large-sample standard error `se`.

    Attributes
    ----------
    code, name, source : str
        Symbol (metafor's), full name, and where it was published.
    estimate : callable
        Batch to `Estimate`.
    se : callable
        Batch and its `Estimate` to the standard error of tau2, shape (B,).
    search : int or None
        Which search of `scalar` it is; then `se` takes numbers too.
    """

    code: str
    name: str
    source: str
    estimate: Estimator
    se: StandardError
    search: int | None = None


METHODS: dict[str, Tau2Method] = {}
ALIASES = {"FE": "EE", "CE": "EE"}


def tau2_method(code: str) -> Tau2Method:
    """The estimator called `code`; "FE" and "CE" are other names of "EE".

    Raises
    ------
    UnknownOption
        If no estimator has that name.
    """
    found = METHODS.get(ALIASES.get(str(code), str(code)))
    if found is None:
        raise UnknownOption("method", code, [*METHODS, *ALIASES])
    return found


def tau2_methods() -> list[dict[str, str]]:
    """The estimators of tau2, with the publication each comes from.

    Returns
    -------
    list of dict
        Keys ``code name source``.

    Examples
    --------
    >>> [m["code"] for m in tau2_methods()]
    ['EE', 'DL', 'HE', 'HS', 'SJ', 'ML', 'REML', 'EB', 'PM']
    """
    return [{"code": m.code, "name": m.name, "source": m.source} for m in METHODS.values()]


def estimate(batch: Batch, how: Tau2Method) -> Estimate[Floats]:
    """tau2 by `how`; 0 where the design leaves no residual degrees of freedom.

    These are the same for all analyses of a batch, or positive for all.
    """
    if batch.df[0] > 0.0:
        return how.estimate(batch)
    return _closed(batch, np.zeros(len(batch.y)), FIXED if how.code == "EE" else CLOSED)


def _register(
    code: str, name: str, source: str, se: StandardError, search: int | None = None
) -> Callable[[Estimator], Estimator]:
    def add(estimator: Estimator) -> Estimator:
        METHODS[code] = Tau2Method(code, name, source, estimator, se, search)
        return estimator

    return add


def _closed(batch: Batch, raw: Floats, code: int = CLOSED) -> Estimate[Floats]:
    tau2 = np.maximum(raw, 0.0)
    status = np.full(tau2.shape, code, dtype=np.int8)
    return Estimate(tau2, status, batch.zero, forms(batch, tau2))


def _no_se(batch: Batch, found: Estimate[Any]) -> Floats:
    return np.full(found.tau2.shape, np.nan)


def _var_q(batch: Batch, found: Estimate[Any]) -> Floats:
    """Variance of Q at tau2 (Biggerstaff & Tweedie 1997)."""
    f, tau2 = found.zero, found.tau2
    return np.asarray(2.0 * batch.df + 4.0 * tau2 * f.t1 + 2.0 * tau2**2 * f.t2)


def _se_dl(batch: Batch, found: Estimate[Any]) -> Floats:
    return np.asarray(np.sqrt(_var_q(batch, found)) / found.zero.t1)


def _se_hs(batch: Batch, found: Estimate[Any]) -> Floats:
    return np.asarray(np.sqrt(_var_q(batch, found)) / found.zero.w1)


def _se_quadratic(batch: Batch, tau2: Floats, w: Floats, scale: Floats) -> Floats:
    """Standard error of scale * y'Py for P with weights w: 2 tr(P S P S), S = V + tau2 I."""
    fit = project(batch.y, batch.X, w)
    total = batch.real_v + tau2[:, None]
    return np.asarray(scale * np.sqrt(2.0 * fit.trace2(total, total)))


def _se_he(batch: Batch, found: Estimate[Any]) -> Floats:
    return _se_quadratic(batch, found.tau2, batch.real, 1.0 / batch.df)


def _se_sj(batch: Batch, found: Estimate[Any]) -> Floats:
    start = _sj_start(batch)
    return _se_quadratic(batch, found.tau2, weights(batch, start), start / batch.df)


def _se_ml(batch: Batch, found: Estimate[Any]) -> Any:
    return (2.0 / found.at.w2) ** 0.5


def _se_reml(batch: Batch, found: Estimate[Any]) -> Any:
    return (2.0 / found.at.t2) ** 0.5


def _se_eb(batch: Batch, found: Estimate[Any]) -> Any:
    return np.sqrt(2.0 * batch.k**2 / batch.df) / found.at.w1


@_register(
    "EE", "equal effects (tau2 = 0)",
    "Hedges LV, Vevea JL (1998). Psychological Methods 3, 486-504", _no_se,
)  # fmt: skip
def _equal_effects(batch: Batch) -> Estimate[Floats]:
    return _closed(batch, np.zeros(len(batch.y)), FIXED)


@_register(
    "DL", "DerSimonian-Laird",
    "DerSimonian R, Laird N (1986). Controlled Clinical Trials 7, 177-188; with moderators "
    "Raudenbush SW (2009), in The handbook of research synthesis, eq. 16.38", _se_dl,
)  # fmt: skip
def _dersimonian_laird(batch: Batch) -> Estimate[Floats]:
    f = batch.zero
    return _closed(batch, (f.q1 - batch.df) / f.t1)


@_register(
    "HE", "Hedges",
    "Hedges LV, Olkin I (1985). Statistical methods for meta-analysis, eq. 9.25", _se_he,
)  # fmt: skip
def _hedges(batch: Batch) -> Estimate[Floats]:
    fit = project(batch.y, batch.X, batch.real)
    return _closed(batch, (fit.rss - fit.trace(batch.real_v)) / batch.df)


@_register(
    "HS", "Hunter-Schmidt",
    "Schmidt FL, Hunter JE (1990/2014). Methods of meta-analysis, ch. 3; Viechtbauer W (2005). "
    "Journal of Educational and Behavioral Statistics 30, 261-293, eq. 10", _se_hs,
)  # fmt: skip
def _hunter_schmidt(batch: Batch) -> Estimate[Floats]:
    f = batch.zero
    return _closed(batch, (f.q1 - batch.k) / f.w1)


def _sj_start(batch: Batch) -> Floats:
    """Crude between-study variance sum (yi - mean)^2 / k, from which SJ takes its step."""
    real = batch.real
    mean = (batch.y * real).sum(axis=-1) / batch.k
    deviation = (batch.y - mean[:, None]) * real
    return np.asarray((deviation**2).sum(axis=-1) / batch.k)


@_register(
    "SJ", "Sidik-Jonkman",
    "Sidik K, Jonkman JN (2005). Applied Statistics 54, 367-384", _se_sj,
)  # fmt: skip
def _sidik_jonkman(batch: Batch) -> Estimate[Floats]:
    start = _sj_start(batch)
    return _closed(batch, start * forms(batch, start).q1 / batch.df)


@_register(
    "ML", "maximum likelihood",
    "Hardy RJ, Thompson SG (1996). Statistics in Medicine 15, 619-629", _se_ml, ML,
)  # fmt: skip
def _maximum_likelihood(batch: Batch) -> Estimate[Floats]:
    return solvers.maximise(batch, restricted=False)


@_register(
    "REML", "restricted maximum likelihood",
    "Viechtbauer W (2005). Journal of Educational and Behavioral Statistics 30, 261-293; "
    "Raudenbush SW (2009), in The handbook of research synthesis", _se_reml, REML,
)  # fmt: skip
def _restricted_maximum_likelihood(batch: Batch) -> Estimate[Floats]:
    return solvers.maximise(batch, restricted=True)


@_register(
    "EB", "empirical Bayes",
    "Morris CN (1983). Journal of the American Statistical Association 78, 47-55; its equation "
    "has the root of PM's: Viechtbauer W et al. (2015). Psychological Methods 20, 360-374",
    _se_eb, MATCH_Q,
)  # fmt: skip
def _empirical_bayes(batch: Batch) -> Estimate[Floats]:
    return solvers.solve_q(batch, batch.df)


@_register(
    "PM", "Paule-Mandel",
    "Paule RC, Mandel J (1982). Journal of Research of the National Bureau of Standards 87, "
    "377-385; with moderators DerSimonian R, Kacker R (2007). Contemporary Clinical Trials 28, "
    "105-114", _se_eb, MATCH_Q,
)  # fmt: skip
def _paule_mandel(batch: Batch) -> Estimate[Floats]:
    return solvers.solve_q(batch, batch.df)
