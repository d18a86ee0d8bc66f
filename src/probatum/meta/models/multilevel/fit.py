"""`pool_multilevel`: dependent estimates, pooled with nested, crossed or structured effects."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtr, stdtr

from probatum.errors import BadInput, UnknownOption
from probatum.meta.design import check_rank
from probatum.meta.inference import check_level, critical, omnibus
from probatum.meta.likelihood import criteria
from probatum.meta.models.multilevel.distances import read_distances
from probatum.meta.models.multilevel.effects import LevelEffect
from probatum.meta.models.multilevel.layout import layout_of
from probatum.meta.models.multilevel.likelihood import LOG_2PI, Likelihood, Point
from probatum.meta.models.multilevel.parts import Part, RandomPart
from probatum.meta.models.multilevel.relations import read_relations
from probatum.meta.models.multilevel.rows import Rows, read_rows
from probatum.meta.models.multilevel.search import Bounds, Maximum, at, climb, maximum
from probatum.meta.models.multilevel.structures import STRUCTURES
from probatum.meta.models.multilevel.terms import parse
from probatum.meta.models.multilevel.types import Model, MultilevelFit
from probatum.meta.options import typed_options
from probatum.meta.types import Bools, FitStats, Floats

METHODS = ("REML", "ML")
TESTS = ("z", "t")
DFS = ("residual", "contain")
_SMALL = 1000  # estimates


@typed_options
def pool_multilevel(
    yi: Any,
    V: Any = None,
    *,
    mods: Any = None,
    random: Any = None,
    struct: Any = "CS",
    R: Any = None,
    dist: Any = "euclidean",
    data: Any = None,
    method: str = "REML",
    test: str = "z",
    dfs: str = "residual",
    level: float = 95,
    slab: Any = None,
    intercept: bool = True,
    sigma2: Any = None,
    tau2: Any = None,
    rho: Any = None,
    gamma2: Any = None,
    phi: Any = None,
) -> MultilevelFit:
    """Pool dependent estimates: several per study, several outcomes, crossed classifications.

    Parameters
    ----------
    yi : EffectSizes, array of shape (k,), or column name
        Estimates on the analysis scale (the log for ratios).
    V : array of shape (k,) or (k, k), sparse matrix, list of square arrays, or column name
        Sampling variances, or their covariance matrix, or its blocks in the order of the rows.
        By default those of the `EffectSizes`.
    mods : str, array or mapping, optional
        Moderators, as in `pool`.
    random : str or sequence of str, optional
        Random effects: ``"~ 1 | study/id"`` (nested), several terms (crossed), or
        ``"~ outcome | study"`` with a structure. Names are columns of `data`.
    struct : str or sequence of str
        Structure of the effects of inner levels within an outer one: CS, HCS, UN, ID, DIAG, AR,
        HAR (by places in sorted order) or CAR (by time); SPEXP, SPGAU, SPLIN, SPRAT or SPSPH for
        ``"~ lon + lat | region"`` (rho is then a distance; SPLIN is a correlation for places on a
        line, with others only as far as the matrix stays positive definite); GEN or GDIAG for
        random coefficients of ``"~ dose | study"``. One for all terms, or one for each.
    R : mapping of str to matrix, optional
        Known correlations of the levels of an intercept's factor, such as a phylogeny's: a data
        frame with the levels as index, a pair (levels, matrix), or a matrix in sorted order.
    dist : str or mapping
        How distances of spatial structures are taken: "euclidean", "maximum" (of the differences of
        coordinates), "manhattan" (their sum) or "gcd" (kilometres between longitudes and
        latitudes). Or from the inner side of a term to one of these or to a matrix of distances,
        in the forms that `R` takes: ``dist={"site": D}`` with ``"~ site | region"``.
    data : mapping of columns or data frame, optional
    method : {"REML", "ML"}
    test : {"z", "t"}
    dfs : {"residual", "contain"}
        Degrees of freedom of t-tests: k - p, or by containment: for each coefficient the fewest
        levels of a grouping factor within which its moderator is constant, less p.
    level : float
        Confidence level in percent.
    slab : sequence, optional
        Labels of the estimates.
    intercept : bool
        Whether array moderators get an intercept.
    sigma2, tau2, rho, gamma2, phi : float or sequence, optional
        Components held at given values (None: estimated).

    Returns
    -------
    MultilevelFit
        Rows without a finite estimate, variance, moderator or group are left out, and counted.

    Raises
    ------
    UnknownOption
        If `method`, `test`, `dfs` or `struct` does not exist.
    BadInput
        If a column is missing, V isn't positive definite, moderators are collinear, or the random
        part can't be read.

    Notes
    -----
    Konstantopoulos S (2011), Research Synthesis Methods 2, 61-76; van Houwelingen HC, Arends LR,
    Stijnen T (2002), Statistics in Medicine 21, 589-624; Cheung MWL (2014), Psychological Methods
    19, 211-229; spatial structures: Pinheiro JC, Bates DM (2000). Mixed-Effects Models in S and
    S-PLUS. Springer, section 5.3.2. The likelihood is that of y ~ N(X beta, V + sum of the terms).

    Examples
    --------
    >>> table = {
    ...     "study": ["A", "A", "B", "B", "C", "C"],
    ...     "id": [1, 2, 3, 4, 5, 6],
    ...     "d": [0.1, 0.3, 0.5, 0.6, -0.2, 0.1],
    ...     "v": [0.02, 0.02, 0.03, 0.01, 0.02, 0.04],
    ... }
    >>> fit = pool_multilevel("d", "v", random="~ 1 | study/id", data=table)
    >>> round(float(fit.beta[0]), 4), fit.sigma2.round(4).tolist()
    (0.2307, [0.1043, 0.0])
    """
    for name, value, known in (("method", method, METHODS), ("test", test, TESTS),
                               ("dfs", dfs, DFS)):  # fmt: skip
        if value not in known:
            raise UnknownOption(name, value, known)
    level = check_level(level)
    terms = parse(random, struct, tuple(STRUCTURES))
    rows = read_rows(yi, V, slab, data, mods, terms, intercept=intercept)
    check_rank(rows.X, rows.layout.names)
    part = RandomPart(
        terms, rows.factors, read_relations(R, terms, rows.factors), rows.columns,
        read_distances(dist, terms, rows.factors),
    )  # fmt: skip
    given = {"sigma2": sigma2, "tau2": tau2, "rho": rho, "gamma2": gamma2, "phi": phi}
    for kind, values in given.items():
        if values is not None:
            part.fix(kind, values)
    _check_size(rows, part, method)
    found, model = search(rows, part, restricted=method == "REML")
    return assemble(rows, found, model, method=method, test=test, dfs=dfs, level=level)


def _check_size(rows: Rows, part: RandomPart, method: str) -> None:
    k, p = rows.X.shape
    q = int(np.count_nonzero(part.free))
    if k - (p if method == "REML" else 0) < 1 or q > k:
        raise BadInput(
            f"{k} estimates can't carry {p} coefficients and {q} variances and correlations; "
            "use fewer moderators or a simpler structure."
        )


def search(rows: Rows, part: RandomPart, *, restricted: bool) -> tuple[Maximum, Model]:
    """The maximum of the likelihood, computed in units of a typical sampling variance."""
    unit = float(np.median(rows.V.v))
    V = rows.V.scaled(unit)
    y = rows.y / math.sqrt(unit)
    likelihood = Likelihood(y, rows.X, V.v, layout_of(V, part.effects), restricted=restricted)
    bounds = Bounds.of(part.parameters, part.free)
    starts = part.starts(_totals(likelihood, V.v), part.scaled_given(unit))
    # small sets with structured effects often have several maxima, others hardly ever
    thorough = any(each.structure for each in part.parts) and len(y) <= _SMALL
    found = maximum(likelihood, starts, bounds, thorough=thorough)
    for each in part.parts:
        found = _on_a_kink(found, each, likelihood, bounds)
    return found, Model(found.point, part, bounds, rows.V, unit)


def _on_a_kink(found: Maximum, part: Part, likelihood: Likelihood, bounds: Bounds) -> Maximum:
    """The maximum with the range at the nearest distance, where that is as high.

    Derivatives lead only close to a maximum on a kink.
    """
    i, effect = part.at.stop - 1, part.effect
    if (
        not isinstance(effect, LevelEffect)
        or not effect.structure.kind.kinked
        or not bounds.free[i]
    ):
        return found
    theta = found.point.theta.copy()
    theta[i] = effect.nearest_lag(float(theta[i]))
    start = at(likelihood, bounds.clip(theta))
    if start is None:
        return found
    there = climb(start, bounds.holding(i))
    return found if there.point.ll < found.point.ll else replace(there, starts=found.starts)


def _totals(likelihood: Likelihood, v: Floats) -> list[float]:
    """Two guesses of the total variance of the effects, by moments.

    From Cochran's Q (DerSimonian R, Laird N, 1986, Controlled Clinical Trials 7, 177-188) and
    from the unweighted variance (Hedges LV, Olkin I, 1985), as if estimates were independent.
    """
    rest = likelihood.yX[:, -1]
    v = v[likelihood.layout.order]
    df = max(likelihood.k - likelihood.p, 1)
    w = 1.0 / v
    weighted = (float(np.sum(rest**2 * w)) - df) / float(
        np.sum(w) - np.sum(w**2) / np.sum(w) + 1e-9
    )
    plain = float(np.sum(rest**2)) / df - float(np.mean(v))
    return sorted({max(weighted, 0.05), max(plain, 0.05)})


def assemble(
    rows: Rows, found: Maximum, model: Model, *, method: str, test: str, dfs: str, level: float
) -> MultilevelFit:
    """All that a fit reports."""
    point, part, unit = model.point, model.random, model.unit
    k, p = rows.X.shape
    beta = point.beta * math.sqrt(unit)
    vb = point.vb * unit
    se = np.sqrt(np.diagonal(vb))
    df = _degrees(rows, part, test, dfs)
    none = point.model.at(part.no_effects())
    stat = beta / se
    half = critical(level, None if test == "z" else df) * se
    pval = 2.0 * (ndtr(-np.abs(stat)) if test == "z" else stdtr(df, -np.abs(stat)))
    tested = slice(1, None) if rows.layout.has_intercept and p > 1 else slice(0, None)
    QM, QMp, QMdf = omnibus(beta, vb, tested, float(np.min(df[tested])), test)
    shares, I2 = _shares(part, point.theta, unit, rows, none)
    return MultilevelFit(
        beta=beta, se=se, zval=stat, pval=pval, ci_lb=beta - half, ci_ub=beta + half, vb=vb,
        names=rows.layout.names, components=part.components(point.theta, unit, shares),
        QE=none.rss, QEp=float(chdtrc(k - p, none.rss)) if k > p else 1.0,
        QM=QM, QMp=QMp, QMdf=QMdf, I2=I2, k=k, p=p, m=int(QMdf[0]), dfs=df, method=method,
        test=test, level=level, data=rows.es, X=rows.layout.X, included=rows.usable,
        left_out=rows.reasons, fit_stats=_fit_stats(model, none),
        status=_status(found, model.bounds), notes=tuple(part.notes), encode=rows.layout.encode,
        fitted_model=model,
    )  # fmt: skip


def _status(found: Maximum, bounds: Bounds) -> str:
    if not bounds.free.any():
        return "fixed"
    if not found.converged:
        return "not converged"
    return "converged" if bounds.inside(found.point.theta)[bounds.free].all() else "boundary"


def _degrees(rows: Rows, part: RandomPart, test: str, dfs: str) -> Floats:
    """Degrees of freedom of each coefficient; NaN for test "z"."""
    X = rows.X
    k, p = X.shape
    if test == "z":
        return np.full(p, math.nan)
    out = np.full(p, float(k - p))
    if dfs == "contain":
        for each in part.parts:
            codes, levels = each.group.codes, len(each.group)
            first = np.empty(levels, dtype=np.int64)
            first[codes] = np.arange(k)
            constant = (X[first[codes]] == X).all(axis=0)
            out = np.where(constant, np.minimum(out, levels - p), out)
    return np.asarray(np.maximum(out, 1.0))


def _fit_stats(model: Model, none: Point) -> dict[str, FitStats]:
    """Likelihoods with AIC, BIC and AICc; the full one's deviance is from the saturated model."""
    likelihood = model.point.model
    k, p = likelihood.k, likelihood.p
    log_unit = math.log(model.unit)
    full, restricted = model.point.log_likelihoods
    full, restricted = full - 0.5 * k * log_unit, restricted - 0.5 * (k - p) * log_unit
    saturated = -0.5 * (k * LOG_2PI + none.M.logdet + k * log_unit)
    many = p + sum(
        not c.fixed
        for c in model.random.components(
            model.point.theta, 1.0, [np.zeros(each.variances) for each in model.random.parts]
        )
    )
    return {
        "ML": criteria(full, -2.0 * (full - saturated), many, k),
        "REML": criteria(restricted, -2.0 * restricted, many, k - p),
    }  # fmt: skip


def _shares(
    part: RandomPart, theta: Floats, unit: float, rows: Rows, none: Point
) -> tuple[list[Floats], float]:
    """I2 of each variance, and of all together, in percent.

    The typical sampling variance is that of Higgins JPT, Thompson SG (2002), Statistics in
    Medicine 21, 1539-1558, eq. 9, in its form for moderators and any V, (k - p) / tr(P); shares
    by level as in Cheung (2014), eqs. 19-20. Levels with variances of their own are set against
    their own rows (Jackson D, White IR, Riley RD, 2012, Statistics in Medicine 31, 3805-3820).
    """
    from probatum.meta.models.multilevel.components import variances

    U = none.U
    P = rows.V.inverse_diagonal() * unit - np.sum(U * U, axis=1)
    leverage = np.sum((rows.X @ none.root) * U, axis=1)
    typical = _typical(P, leverage, np.ones(len(P), dtype=np.bool_))
    own = [variances(each.structure, theta[each.at]) for each in part.parts]
    common = all(len(x) == 1 for x in own)
    total = sum(float(x[0]) for x in own) if common else math.nan
    out = []
    for each, x in zip(part.parts, own):
        if common:
            out.append(100.0 * x / (total + typical))
            continue
        if len(x) == 1 or each.inner is None:
            out.append(np.full(len(x), math.nan))
            continue
        within = [_typical(P, leverage, each.inner.codes == j) for j in range(len(x))]
        out.append(100.0 * x / (x + np.array(within)))
    return out, 100.0 * total / (total + typical) if common and own else math.nan


def _typical(P: Floats, leverage: Floats, rows: Bools) -> float:
    free = float(np.sum(1.0 - leverage[rows]))
    return free / float(np.sum(P[rows])) if free > 1e-9 else math.nan
