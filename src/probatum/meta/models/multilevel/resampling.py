"""New samples for a multilevel model: estimates from the model, or clusters with replacement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from probatum.errors import BadInput
from probatum.meta.diagnostics.resampling import (
    Resampled,
    gathered_rows,
    jackknife_acceleration,
)
from probatum.meta.models.multilevel.blockwise import linked
from probatum.meta.models.multilevel.deletion import default_clusters, leave_cluster_out
from probatum.meta.models.multilevel.effects import AnyEffect, Effect, LevelEffect
from probatum.meta.models.multilevel.factors import Ints
from probatum.meta.models.multilevel.layout import layout_of
from probatum.meta.models.multilevel.likelihood import Likelihood
from probatum.meta.models.multilevel.sampling import Correlated, Sampling
from probatum.meta.models.multilevel.search import at, climb, polish
from probatum.meta.models.multilevel.types import MultilevelFit
from probatum.meta.types import Floats


def drawn(fit: MultilevelFit, n: int, rng: np.random.Generator) -> Floats:
    """Estimates from the fitted model, shape (n, k).

    With T'T the inverse of the covariance M, the columns of M T' have covariance M.
    """
    model = fit.fitted_model
    point, order = model.point, model.point.model.layout.order
    rows = len(point.M.whiten(np.zeros((fit.k, 1))))
    u = point.M.unwhiten(rng.standard_normal((rows, n)))
    back = np.argsort(order)
    noise = model.V.scaled(model.unit).times(u[back])
    for i in range(len(model.random.parts)):
        noise += point.M.effects(i, u)[0][back]
    mean = fit.X[fit.included] @ fit.beta
    return np.asarray(mean + math.sqrt(model.unit) * noise.T, dtype=np.float64)


def from_model(fit: MultilevelFit, iterations: int, rng: np.random.Generator) -> Resampled:
    """Fits of estimates drawn from the model."""
    model, X = fit.fitted_model, fit.X[fit.included]
    layout, v = model.point.model.layout, model.V.v / model.unit
    replicates = [_fitted(fit, y, X, v, layout) for y in drawn(fit, iterations, rng)]
    unknown = np.full(len(replicates[0]), math.nan)
    return Resampled(_names(fit), _estimate(fit), np.array(replicates), unknown)


def from_clusters(
    fit: MultilevelFit, iterations: int, cluster: Any, rng: np.random.Generator
) -> Resampled:
    """Fits of clusters drawn with replacement; a cluster that is drawn twice counts as two."""
    model = fit.fitted_model
    codes, levels = default_clusters(fit, cluster)
    if len(levels) < 2:
        raise BadInput(f"resampling needs at least two clusters; there is {len(levels)}.")
    _check_independent(model.random.effects, model.V, codes)
    order, size = np.argsort(codes, kind="stable"), np.bincount(codes)
    X, y, V = fit.X[fit.included], fit.data.yi[fit.included], model.V.scaled(model.unit)
    replicates = []
    for _ in range(iterations):
        draw = rng.integers(0, len(size), len(size))
        rows = order[gathered_rows(draw[None], size)[0][0]]
        copy = np.repeat(np.arange(len(draw)), size[draw])
        effects = [_copied(e, rows, copy) for e in model.random.effects]
        own_V = _gathered(V, codes, order, draw, rows)
        layout = layout_of(own_V, effects)
        replicates.append(_fitted(fit, y[rows], X[rows], own_V.v, layout))
    without = leave_cluster_out(fit, cluster)
    acceleration = jackknife_acceleration(np.hstack([without.beta, without.values]))
    return Resampled(_names(fit), _estimate(fit), np.array(replicates), acceleration)


def _names(fit: MultilevelFit) -> tuple[str, ...]:
    return (*fit.names, *(c.name for c in fit.components))


def _estimate(fit: MultilevelFit) -> Floats:
    return np.array([*fit.beta, *(c.value for c in fit.components)])


def _fitted(fit: MultilevelFit, y: Floats, X: Floats, v: Floats, layout: Any) -> Floats:
    """Coefficients and components of a sample, sought from the fit's; NaN if it has none."""
    model = fit.fitted_model
    out = np.full(fit.p + len(fit.components), math.nan)
    if len(X) <= fit.p or np.linalg.matrix_rank(X) < fit.p:
        return out
    restricted = model.point.model.restricted
    likelihood = Likelihood(y / math.sqrt(model.unit), X, v, layout, restricted=restricted)
    start = at(likelihood, model.point.theta)
    if start is None:
        return out
    point = polish(climb(start, model.bounds), model.bounds).point
    shares = [np.zeros(part.variances) for part in model.random.parts]
    components = model.random.components(point.theta, model.unit, shares)
    out[: fit.p] = point.beta * math.sqrt(model.unit)
    out[fit.p :] = [c.value for c in components]
    return out


def _check_independent(effects: Sequence[AnyEffect], V: Sampling, codes: Ints) -> None:
    """Refuse clusters that have something in common: drawing them apart would cut it."""
    block = linked(effects, V)
    first = np.zeros(int(block.max()) + 1, dtype=np.int64)
    first[block] = codes
    related = any(isinstance(e, Effect) and e.relation is not None for e in effects)
    if related or (first[block] != codes).any():
        raise BadInput(
            "clusters that share random effects or sampling covariances can't be drawn one by "
            'one; name the outermost factor by cluster=, or use kind="parametric".'
        )


def _copied(effect: AnyEffect, rows: Ints, copy: Ints) -> AnyEffect:
    """A term for some rows, with levels of their own for each copy of a cluster."""
    codes = effect.outer[rows] * (int(copy.max()) + 1) + copy
    outer = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    if isinstance(effect, Effect):
        return replace(effect, outer=outer)
    if isinstance(effect, LevelEffect):
        return replace(
            effect, outer=outer, inner=effect.inner[rows], position=effect.position[rows]
        )
    return replace(effect, outer=outer, z=effect.z[rows])


def _gathered(V: Sampling, codes: Ints, order: Ints, draw: Ints, rows: Ints) -> Sampling:
    """Sampling covariance of some rows: that of each cluster, for each time it was drawn."""
    size = np.bincount(codes)
    rank = np.empty(len(codes), dtype=np.int64)
    rank[order] = np.arange(len(codes)) - np.repeat(np.cumsum(size) - size, size)
    begin = np.cumsum(size[draw]) - size[draw]
    correlated = []
    for b in V.correlated:
        copy, block = np.nonzero(draw[:, None] == codes[b.rows[:, 0]])
        if len(copy):
            places = begin[copy][:, None] + rank[b.rows[block]]
            correlated.append(Correlated(places, b.matrix[block]))
    return Sampling(V.v[rows], tuple(correlated))
