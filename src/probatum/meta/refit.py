"""A fit again on some of its rows, or on changed ones: a batch of all the versions at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta.heterogeneity import heterogeneity, q_test
from probatum.meta.inference import infer
from probatum.meta.kernel import Batch
from probatum.meta.tau2 import estimate, tau2_method
from probatum.meta.types import Bools, Floats, MetaFit, labels

# cells of (versions, rows, columns) held at once: about a second-level cache
_CELLS = 200_000
_SAME = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Refits:
    """Fits of B versions of the same meta-analysis; NaN where a version can't be fitted.

    Attributes
    ----------
    beta, se, zval, pval, ci_lb, ci_ub : ndarray, shape (B, p)
    vb : ndarray, shape (B, p, p)
    tau2, I2, H2, QE, QEp, s2w : ndarray, shape (B,)
    k : ndarray of int, shape (B,)
        Rows used.
    """

    beta: Floats
    se: Floats
    zval: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    vb: Floats
    tau2: Floats
    I2: Floats
    H2: Floats
    QE: Floats
    QEp: Floats
    s2w: Floats
    k: Floats


def rows_of(fit: MetaFit) -> tuple[Floats, Floats, Floats]:
    """Estimates, variances and design of the rows that were fitted.

    Raises
    ------
    BadInput
        For a model that is not fitted by inverse variances.
    """
    if fit.model != "inverse variance":
        raise BadInput(
            f"this needs a fit by pool(); {fit.model} pools tables and has no such rows."
        )
    use = fit.included
    return fit.data.yi[use], fit.data.vi[use], fit.X[use]


def slab_of(fit: MetaFit) -> tuple[str, ...]:
    """Labels of the rows that were fitted."""
    names = labels(fit.data.slab, len(fit.data))
    return tuple(name for name, used in zip(names, fit.included) if used)


def refit(
    fit: MetaFit, masks: Bools, *, y: Floats | None = None, X: Floats | None = None
) -> Refits:
    """Fit the rows that each of B masks selects, by the method and test of `fit`.

    Parameters
    ----------
    masks : ndarray of bool, shape (B, k)
        Over the rows that were fitted.
    y : ndarray, shape (B, k), optional
        Other estimates for each version.
    X : ndarray, shape (B, k, p), optional
        Another design for each version.

    Returns
    -------
    Refits
        A version whose columns depend on one another, or that has fewer rows than columns, is
        NaN. A single estimate has test "z".
    """
    y0, v, X0 = rows_of(fit)
    many, p = len(masks), X0.shape[1]
    out = _empty(many, p)
    out.k[:] = masks.sum(axis=1)
    good = out.k >= p
    if p > 1 and good.any():
        place = np.flatnonzero(good)
        good[place] = _full_rank(masks[place], X0 if X is None else X[place])
    for rows, alone in _slices(out.k, good, p, y0.size):
        mask = masks[rows]
        own_y = np.broadcast_to(y0, mask.shape) if y is None else y[rows]
        own_X = np.broadcast_to(X0, (*mask.shape, p)) if X is None else X[rows]
        full = bool(mask.all())
        n = out.k[rows]
        batch = Batch(
            own_y if full else np.where(mask, own_y, 0.0),
            np.broadcast_to(v, mask.shape) if full else np.where(mask, v, np.inf),
            mask, own_X, p == 1 and bool((X0 == 1.0).all()) and X is None, n, n - p, full,
        )  # fmt: skip
        _fill(out, rows, batch, fit, "z" if alone else fit.test)
    return out


def _empty(many: int, p: int) -> Refits:
    def hole(*shape: int) -> Floats:
        return np.full((many, *shape), np.nan)

    return Refits(
        beta=hole(p), se=hole(p), zval=hole(p), pval=hole(p), ci_lb=hole(p), ci_ub=hole(p),
        vb=hole(p, p), tau2=hole(), I2=hole(), H2=hole(), QE=hole(), QEp=hole(), s2w=hole(),
        k=hole(),
    )  # fmt: skip


def _full_rank(masks: Bools, X: Floats) -> Bools:
    """Whether the columns are independent within the rows of each mask."""
    design = X * masks[..., None]
    norms = np.sqrt(np.sum(design * design, axis=-2))
    safe = np.where(norms > 0, norms, 1.0)
    R = np.linalg.qr(design / safe[..., None, :], mode="r")
    diagonal = np.abs(np.diagonal(R, axis1=-2, axis2=-1))
    return np.asarray((norms > 0).all(axis=-1) & (diagonal > _SAME).all(axis=-1))


def _slices(k: Floats, good: Bools, p: int, width: int) -> Iterator[tuple[NDArray[np.int64], bool]]:
    """Versions in pieces that fit the cache: (rows, whether they are lone estimates)."""
    size = max(1, _CELLS // (width * p))
    # with as many rows as columns nothing is left for tau2 or for a t-test
    for alone, chosen in ((True, good & (k == p)), (False, good & (k > p))):
        place = np.flatnonzero(chosen)
        for start in range(0, len(place), size):
            yield place[start : start + size], alone


def _fill(out: Refits, rows: NDArray[np.int64], batch: Batch, fit: MetaFit, test: str) -> None:
    how = tau2_method(fit.method)
    estimated = estimate(batch, how)
    found = infer(batch, estimated, test=test, level=fit.level, weighted=fit.weighted)
    spread = heterogeneity(estimated, batch.df, fixed=how.code == "EE")
    out.beta[rows], out.se[rows], out.zval[rows] = found.beta, found.se, found.stat
    out.pval[rows], out.ci_lb[rows], out.ci_ub[rows] = found.pval, found.ci_lb, found.ci_ub
    out.vb[rows], out.tau2[rows], out.s2w[rows] = found.vb, estimated.tau2, found.s2w
    out.I2[rows], out.H2[rows] = spread.I2, spread.H2
    out.QE[rows], out.QEp[rows] = spread.QE, q_test(spread.QE, batch.df)
