"""A fit as cluster-robust methods see it: whitened rows by cluster, and the working covariance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from probatum.errors import BadInput
from probatum.meta.columns import plain
from probatum.meta.kernel import project
from probatum.meta.models.multilevel.blockwise import Blockwise, linked
from probatum.meta.models.multilevel.effects import AnyEffect, Effect
from probatum.meta.models.multilevel.factors import Ints, factor, present
from probatum.meta.models.multilevel.sampling import Sampling
from probatum.meta.models.multilevel.types import MultilevelFit
from probatum.meta.refit import rows_of, weights_of
from probatum.meta.types import Floats, MetaFit

Fit = MetaFit | MultilevelFit


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Clusters of one size: their rows, shape (n, m), and working covariance, shape (n, m, m)."""

    rows: Ints
    M: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Working:
    """The rows that were fitted, in coordinates in which the coefficients' covariance is I.

    With root root' = (X'WX)^-1 the design is X root, and a coefficient vector c of it stands for
    root c. W is M^-1 where the weights are the model's own.

    Attributes
    ----------
    X, WX : ndarray, shape (k, p)
        The design, and W times it.
    resid : ndarray, shape (k,)
    root : ndarray, shape (p, p)
    cluster : ndarray of int, shape (k,)
    levels : tuple of str
    spread : ndarray, shape (p, p), or None
        X'WMWX, which is I (None) where the weights are the model's own.
    """

    X: Floats
    WX: Floats
    resid: Floats
    root: Floats
    cluster: Ints
    levels: tuple[str, ...]
    V: Sampling
    effects: tuple[AnyEffect, ...]
    theta: Floats
    spread: Floats | None = None

    @property
    def clusters(self) -> int:
        """How many there are."""
        return len(self.levels)

    def sums(self, rows: Floats) -> Floats:
        """Sums of rows, shape (k, ...), over each cluster."""
        out = np.zeros((self.clusters, *rows.shape[1:]))
        np.add.at(out, self.cluster, rows)
        return out

    def scores(self, resid: Floats) -> Floats:
        """X'M^-1 r of each cluster, shape (clusters, p)."""
        return self.sums(self.WX * resid[:, None])

    @property
    def separate(self) -> bool:
        """Whether no random effect or sampling covariance joins two clusters."""
        block = linked(self.effects, self.V)
        one = np.empty(int(block.max(initial=-1)) + 1, dtype=np.int64)
        one[block] = self.cluster
        return bool(np.array_equal(one[block], self.cluster))

    def blocks(self) -> list[Block]:
        """The clusters by size, with the working covariance of their rows."""
        layout = Blockwise(self.V, [*self.effects, Effect(self.cluster)])
        given = layout.at(np.append(self.theta, 0.0)).given
        return [
            Block(layout.order[b.place].reshape(b.n, b.m), b.covariance(given))
            for b in layout.batches
        ]


def working(fit: Fit, cluster: Any) -> Working:
    """The working model of a fit, by clusters.

    Parameters
    ----------
    cluster : array of shape (k_all,) or (k,), or str, or None
        A name is that of a grouping factor of a multilevel fit; None takes the estimates' own.

    Raises
    ------
    BadInput
        If there are no clusters, or not more of them than coefficients.
    """
    codes, levels = clusters_of(fit, cluster)
    if len(levels) <= fit.p:
        raise BadInput(
            f"there are {len(levels)} clusters and {fit.p} coefficients: robust methods need more "
            "clusters than coefficients."
        )
    X = fit.X[fit.included]
    resid = fit.residuals()[fit.included]
    if isinstance(fit, MultilevelFit):
        model = fit.fitted_model
        size = math.sqrt(model.unit)
        root, WX = model.point.root * size, model.point.U / size
        effects, theta = tuple(model.random.effects), model.point.theta
        V, unit = model.V, model.unit
        return Working(X @ root / size, WX * size, resid / size, root, codes, levels,
                       V.scaled(unit), effects, theta)  # fmt: skip
    y, v, X = rows_of(fit)
    total = v + fit.tau2
    given = weights_of(fit)
    w = 1.0 / total if given is None else given
    root = np.linalg.inv(project(y[None], X[None], w[None]).R[0])
    rotated = X @ root
    weighted = rotated * w[:, None]
    spread = None if given is None else weighted.T @ (weighted * total[:, None])
    return Working(rotated, weighted, resid, root, codes, levels, Sampling(total), (), np.zeros(0),
                   spread)  # fmt: skip


def clusters_of(fit: Fit, cluster: Any) -> tuple[Ints, tuple[str, ...]]:
    """Cluster of each row that was fitted, and the clusters' names (see `working`)."""
    values = fit.data.cluster if cluster is None else cluster
    if values is None:
        raise BadInput("give the cluster of each estimate, such as the study it comes from.")
    if isinstance(values, str):
        return _named(fit, values)
    array = np.asarray(plain(values))
    if array.dtype.kind in "US":
        array = array.astype(object)
    if array.shape == (len(fit.data),):
        array = array[fit.included]
    if array.shape != (fit.k,):
        raise BadInput(f"cluster has {len(np.atleast_1d(array))} rows; there are {len(fit.data)}.")
    if not present(array).all():
        raise BadInput("cluster is missing for an estimate that was fitted.")
    found = factor(array)
    return found.codes, tuple(str(x) for x in found.levels)


def _named(fit: Fit, name: str) -> tuple[Ints, tuple[str, ...]]:
    groups = {}
    if isinstance(fit, MultilevelFit):
        for part in fit.fitted_model.random.parts:
            groups[part.term.label.split(" | ")[-1]] = part.group
    if name not in groups:
        known = f"its random effects have: {', '.join(groups)}" if groups else "give an array"
        raise BadInput(f'the fit has no grouping "{name}"; {known}.')
    group = groups[name]
    return group.codes, tuple(str(x) for x in group.levels)
