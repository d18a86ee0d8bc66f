"""Pooling with moderators of the average effect, and of how much effects differ."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtr, stdtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.design import INTERCEPT, Design, check_rank, design
from probatum.meta.inference import check_level, critical, omnibus
from probatum.meta.models.inverse_variance import pool
from probatum.meta.models.location_scale.fit import LocationScaleFit
from probatum.meta.models.location_scale.likelihood import Likelihood
from probatum.meta.models.location_scale.links import LINKS
from probatum.meta.models.location_scale.search import maximise, on_the_edge, settled_on_edge
from probatum.meta.models.rows import as_effect_sizes
from probatum.meta.options import typed_options
from probatum.meta.types import Bools, EffectSizes, Floats, labels

METHODS = ("REML", "ML")
TESTS = ("z", "t")


@typed_options
def pool_location_scale(
    yi: Any, vi: Any = None, *, scale: Any, mods: Any = None, sei: Any = None, data: Any = None,
    slab: Any = None, link: str = "log", method: str = "REML", test: str = "z", level: float = 95,
) -> LocationScaleFit:  # fmt: skip
    """Pool with moderators of the average effect and of the variance between studies.

    yi ~ N(x'beta, vi + tau2_i) with log tau2_i = z'alpha, or tau2_i = z'alpha with every tau2_i at
    0 or above. Viechtbauer W, López-López JA (2022). Research Synthesis Methods 13, 697-715,
    eqs. 3-6.

    Parameters
    ----------
    yi, vi, sei, mods, data, slab
        As in `pool`.
    scale : formula, array or mapping
        Moderators of log tau2, in the same forms as `mods`; an intercept is added to arrays.
    link : {"log", "identity"}
        Whether `scale` is about log tau2 or about tau2.
    method : {"REML", "ML"}
    test : {"z", "t"}
        "t" has k - p degrees of freedom for beta and k - q for alpha.
    level : float
        In percent.

    Returns
    -------
    LocationScaleFit

    Raises
    ------
    UnknownOption, BadInput

    Examples
    --------
    >>> yi, vi = [0.1, 0.9, -0.4, 0.3, 0.35, 0.28], [0.02, 0.03, 0.02, 0.02, 0.03, 0.02]
    >>> fit = pool_location_scale(yi, vi, scale=[0, 0, 0, 1, 1, 1])
    >>> bool(fit.tau2[0] > fit.tau2[5])
    True
    """
    if method not in METHODS:
        raise UnknownOption("method", method, METHODS)
    if test not in TESTS:
        raise UnknownOption("test", test, TESTS)
    if link not in LINKS:
        raise UnknownOption("link", link, list(LINKS))
    level = check_level(level)
    es = as_effect_sizes(yi, vi, sei, slab, data)
    usable, first, second = _designs(es, mods, scale, data)
    names, names_alpha = first.names, second.names
    y, v, X, Z = es.yi[usable], es.vi[usable], first.X[usable], second.X[usable]
    k, p, q = len(y), X.shape[1], Z.shape[1]
    check_rank(X, names)
    check_rank(Z, names_alpha)
    if k < p + q + 1:
        raise BadInput(f"{k} estimates are too few for {p} and {q} coefficients.")
    model = Likelihood(
        y[None], v[None], X[None], Z[None], restricted=method == "REML", link=LINKS[link]
    )
    plain = pool(y, v, mods=X, intercept=False, method=method, test="z").tau2
    row = np.zeros(1, dtype=np.intp)
    peak = maximise(model, np.array([plain]))
    if model.link.bounded:
        peak = settled_on_edge(model, peak)
    edge = on_the_edge(model, peak.alpha, row)[0]
    va = np.full((q, q), np.nan) if edge.any() else model.covariance(peak.alpha, row)[0]
    alpha, ll, found = peak.alpha[0], float(peak.ll[0]), model.at(peak.alpha, row).fit
    beta, vb = found.coef[0], found.unscaled_cov[0]
    fixed = pool(y, v, mods=X, intercept=False, method="EE", test="z")
    location = _inference(beta, vb, None if test == "z" else float(k - p), level)
    spread = _inference(alpha, va, None if test == "z" else float(k - q), level)
    QM, QMp, QMdf = omnibus(beta, vb, _tested(names), float(k - p), test)
    QS, QSp, QSdf = omnibus(alpha, va, _tested(names_alpha), float(k - q), test)
    size = k - p if method == "REML" else k
    slab_kept = tuple(n for n, u in zip(labels(es.slab, len(es)), usable) if u)
    return LocationScaleFit(
        beta, *location, alpha, *spread, vb, va, names, names_alpha,
        tau2=np.where(edge, 0.0, model.tau2(peak.alpha, row)[0]),
        QE=fixed.QE, QEp=float(chdtrc(k - p, fixed.QE)),
        QM=QM, QMp=QMp, QMdf=QMdf, QS=QS, QSp=QSp, QSdf=QSdf, ll=ll,
        AIC=-2.0 * ll + 2.0 * (p + q), BIC=-2.0 * ll + float(np.log(size)) * (p + q), k=k,
        method=method, test=test, level=level, link=link, slab=slab_kept,
        converged=bool(peak.settled[0]), yi=y, vi=v, X=X, Z=Z, data=es, included=usable,
        encode=first.encode, encode_alpha=second.encode,
    )  # fmt: skip


def _designs(es: EffectSizes, mods: Any, scale: Any, data: Any) -> tuple[Bools, Design, Design]:
    """Rows that can be used, and the designs of both parts."""
    with np.errstate(invalid="ignore"):
        if ((es.vi <= 0) & np.isfinite(es.yi)).any():
            raise BadInput("sampling variances must be positive; correct them or make them NaN.")
    usable = np.isfinite(es.yi) & np.isfinite(es.vi)
    if scale is None:
        raise BadInput("scale is missing: name the moderators of tau2, or use pool().")
    first = design(mods, data, usable, intercept=True)
    second = design(scale, data, usable, intercept=True)
    usable &= np.isfinite(first.X).all(axis=1) & np.isfinite(second.X).all(axis=1)
    if not usable.any():
        raise BadInput(f"none of the {len(es)} rows can be used.")
    return usable, first, second


def _tested(names: tuple[str, ...]) -> slice:
    return slice(1, None) if names[0] == INTERCEPT and len(names) > 1 else slice(0, None)


Columns = tuple[Floats, Floats, Floats, Floats, Floats]


def _inference(b: Floats, cov: Floats, df: float | None, level: float) -> Columns:
    se = np.sqrt(np.diagonal(cov))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = b / se
    pval = 2.0 * (ndtr(-np.abs(z)) if df is None else stdtr(df, -np.abs(z)))
    reach = critical(level, df) * se
    return se, z, pval, b - reach, b + reach
