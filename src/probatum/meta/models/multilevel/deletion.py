"""A multilevel model without each cluster in turn, and what that changes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, stdtr

from probatum.errors import BadInput
from probatum.meta.inference import critical
from probatum.meta.models.multilevel.factors import Ints
from probatum.meta.models.multilevel.layout import layout_of
from probatum.meta.models.multilevel.likelihood import Likelihood, Point
from probatum.meta.models.multilevel.search import at, climb, polish
from probatum.meta.models.multilevel.types import MultilevelFit
from probatum.meta.robust.working import clusters_of
from probatum.meta.types import Bools, Floats


@dataclass(frozen=True, slots=True, eq=False)
class ClusterDeletion:
    """One row per cluster that was left out; shapes (clusters,) or (clusters, p).

    Attributes
    ----------
    slab : tuple of str
        The clusters.
    names, components : tuple of str
        Coefficients, and variances and correlations.
    k : ndarray of int
        Estimates left.
    beta, se, pval, ci_lb, ci_ub : ndarray, shape (clusters, p)
    values : ndarray, shape (clusters, components)
        Variances and correlations.
    QE : ndarray
    cook_d : ndarray
        Cook's distance: change of all coefficients, in the metric of their covariance.
    fit : MultilevelFit
        With all clusters.
    dfbs : ndarray, shape (clusters, p)
        Change of each coefficient, in standard errors (of all estimates, with the variances that
        are found without the cluster).
    """

    slab: tuple[str, ...]
    names: tuple[str, ...]
    components: tuple[str, ...]
    fit: MultilevelFit
    k: Ints
    beta: Floats
    se: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    values: Floats
    QE: Floats
    cook_d: Floats
    dfbs: Floats

    def to_dict(self) -> dict[str, list[Any]]:
        """The rows as plain columns; ``<field>_<coefficient>`` where there are several."""
        out: dict[str, list[Any]] = {"slab": list(self.slab), "k": self.k.tolist()}
        for field in ("beta", "se", "pval", "ci_lb", "ci_ub", "dfbs"):
            for j, name in enumerate(self.names):
                key = field if len(self.names) == 1 else f"{field}_{name}"
                out[key] = getattr(self, field)[:, j].tolist()
        for j, name in enumerate(self.components):
            out[name] = self.values[:, j].tolist()
        out.update(QE=self.QE.tolist(), cook_d=self.cook_d.tolist())
        return out


def leave_cluster_out(fit: MultilevelFit, cluster: Any = None) -> ClusterDeletion:
    """The model without each cluster in turn, all its variances estimated anew.

    Viechtbauer W, Cheung MWL (2010), Research Synthesis Methods 1, 112-125, with clusters in the
    place of studies.

    Parameters
    ----------
    fit : MultilevelFit
    cluster : array of shape (k_all,), or name of a grouping factor, optional
        By default the first grouping factor of the model.

    Returns
    -------
    ClusterDeletion
        NaN where the rest can't be fitted.

    Raises
    ------
    BadInput
        With fewer than two clusters.

    Examples
    --------
    >>> from probatum.meta.models.multilevel.fit import pool_multilevel
    >>> fit = pool_multilevel([0.1, 0.5, 0.6, -0.2, 0.9, 0.1], [0.02] * 6, random="~ 1 | study",
    ...                       data={"study": [1, 1, 2, 3, 4, 5]})
    >>> leave_cluster_out(fit).beta[:, 0].round(3).tolist()
    [0.35, 0.275, 0.471, 0.202, 0.399]
    """
    codes, levels = default_clusters(fit, cluster)
    if len(levels) < 2:
        raise BadInput(f"leaving one out needs at least two clusters; there is {len(levels)}.")
    points = [_without(fit, codes == j) for j in range(len(levels))]
    rows = [_row(fit, point) for point in points]
    stacked = [np.array([row[i] for row in rows]) for i in range(9)]
    kept = fit.k - np.bincount(codes, minlength=len(levels))
    names = tuple(c.name for c in fit.components)
    return ClusterDeletion(levels, fit.names, names, fit, kept, *stacked)


def default_clusters(fit: MultilevelFit, cluster: Any) -> tuple[Ints, tuple[str, ...]]:
    """Cluster of each fitted row, and the clusters: by default the first grouping factor's."""
    parts = fit.fitted_model.random.parts
    if cluster is None and parts:
        return parts[0].group.codes, tuple(str(x) for x in parts[0].group.levels)
    return clusters_of(fit, cluster)


def _without(fit: MultilevelFit, gone: Bools) -> Point | None:
    """The maximum without some rows, sought from that with them."""
    model, keep = fit.fitted_model, ~gone
    X = fit.X[fit.included][keep]
    if len(X) <= fit.p or np.linalg.matrix_rank(X) < fit.p:
        return None
    V = model.V.take(keep).scaled(model.unit)
    y = fit.data.yi[fit.included][keep] / math.sqrt(model.unit)
    layout = layout_of(V, [e.take(keep) for e in model.random.effects])
    restricted = model.point.model.restricted
    start = at(Likelihood(y, X, V.v, layout, restricted=restricted), model.point.theta)
    if start is None:
        return None
    return polish(climb(start, model.bounds), model.bounds).point


def _row(fit: MultilevelFit, point: Point | None) -> list[Any]:
    """Coefficients, errors, p-values, limits, components, QE, Cook's distance, dfbetas."""
    model, p = fit.fitted_model, fit.p
    if point is None:
        gap = np.full(p, math.nan)
        return [gap] * 5 + [np.full(len(fit.components), math.nan), math.nan, math.nan, gap]
    beta = point.beta * math.sqrt(model.unit)
    se = np.sqrt(np.diagonal(point.vb) * model.unit)
    df = None if fit.test == "z" else np.maximum(fit.dfs - (fit.k - point.model.k), 1.0)
    t = np.abs(beta / se)
    pval = 2.0 * (ndtr(-t) if df is None else stdtr(df, -t))
    half = critical(fit.level, df) * se
    moved = fit.beta - beta
    whole = model.point.model.at(point.theta)
    shares = [np.zeros(part.variances) for part in model.random.parts]
    values = [c.value for c in model.random.components(point.theta, model.unit, shares)]
    QE = point.model.at(model.random.no_effects()).rss
    cook = float(moved @ np.linalg.solve(fit.vb, moved))
    dfbs = moved / np.sqrt(np.diagonal(whole.vb) * model.unit)
    return [beta, se, pval, beta - half, beta + half, np.array(values), QE, cook, dfbs]
