"""A fit again on some of its rows, or on changed ones: a batch of all the versions at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta import compiled
from probatum.meta.heterogeneity import heterogeneity, q_test
from probatum.meta.inference import Tested, by_forms, coefficients, mean_and_variance, tested
from probatum.meta.kernel import Batch
from probatum.meta.solvers import Estimate
from probatum.meta.tau2 import Tau2Method, estimate, given, tau2_method
from probatum.meta.types import Bools, Floats, MetaFit, labels

Rows = NDArray[np.int64]
# cells of (versions, rows, columns) held at once: about a second-level cache, and for compiled
# code, whose scratch is one analysis, what it takes not to notice the pieces
_CELLS, _COMPILED_CELLS = 110_000, 1_000_000
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Refits:
    """Fits of B versions of the same meta-analysis; NaN where a version can't be fitted.

    Attributes
    ----------
    beta, df : ndarray, shape (B, p)
        Coefficients, and the degrees of freedom of their t-tests.
    vb : ndarray, shape (B, p, p)
    tau2, I2, H2, QE, s2w : ndarray, shape (B,)
    k : ndarray, shape (B,)
        Rows used.
    test : str
        "z" all the same where there are only as many rows as columns.
    level : float
    """

    beta: Floats
    df: Floats
    vb: Floats
    tau2: Floats
    I2: Floats
    H2: Floats
    QE: Floats
    s2w: Floats
    k: Floats
    test: str
    level: float

    @cached_property
    def se(self) -> Floats:
        """Standard errors, shape (B, p)."""
        return np.asarray(np.sqrt(np.diagonal(self.vb, axis1=-2, axis2=-1)))

    @cached_property
    def zval(self) -> Floats:
        """Test statistics, shape (B, p)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.beta / self.se)

    @property
    def pval(self) -> Floats:
        """p-values, shape (B, p)."""
        return self._tests.pval  # type: ignore[no-any-return]

    @property
    def ci_lb(self) -> Floats:
        """Lower confidence limits, shape (B, p)."""
        return self._tests.ci_lb  # type: ignore[no-any-return]

    @property
    def ci_ub(self) -> Floats:
        """Upper confidence limits, shape (B, p)."""
        return self._tests.ci_ub  # type: ignore[no-any-return]

    @cached_property
    def QEp(self) -> Floats:
        """p-values of QE, shape (B,)."""
        out, df = np.full(len(self.k), np.nan), self.k - self.beta.shape[1]
        for rows in (df == 0.0, df > 0.0):
            if rows.any():
                out[rows] = q_test(self.QE[rows], df[rows])
        return out

    @cached_property
    def _tests(self) -> Tested:
        out = Tested(*(np.full(self.beta.shape, np.nan) for _ in Tested._fields))
        var, left = np.diagonal(self.vb, axis1=-2, axis2=-1), self.k - self.beta.shape[1]
        for rows, test in ((left == 0.0, "z"), (left > 0.0, self.test)):
            if rows.any():
                found = tested(self.beta[rows], var[rows], self.df[rows], test, self.level)
                for column, values in zip(out, found):
                    column[rows] = values
        return out


def rows_of(fit: MetaFit) -> tuple[Floats, Floats, Floats]:
    """Estimates, variances and design of the rows that were fitted.

    Raises
    ------
    BadInput
        For a model that is not fitted by inverse variances.
    """
    if not isinstance(fit, MetaFit):
        raise BadInput(f"this needs a fit by pool(); it is of type {type(fit).__name__}.")
    if fit.model != "inverse variance":
        raise BadInput(
            f"this needs a fit by pool(); {fit.model} pools tables and has no such rows."
        )
    use = fit.included
    return fit.data.yi[use], fit.data.vi[use], fit.X[use]


def method_of(fit: MetaFit) -> Tau2Method:
    """The estimator of tau2 that a fit was made by, or its given tau2."""
    how = tau2_method(fit.method)
    return given(how, fit.tau2) if fit.tau2_given else how


def weights_of(fit: MetaFit) -> Floats | None:
    """Weights of the coefficients in the rows that were fitted; None for the model's own."""
    if fit.user_weights is not None:
        return fit.user_weights[fit.included]
    return None if fit.weighted else np.ones(fit.k)


def how_of(fit: MetaFit, rows: Any = slice(None)) -> dict[str, Any]:
    """What `pool` is to be told to fit again as `fit`: `rows` of those that were fitted."""
    a = fit.user_weights
    return {
        "method": fit.method,
        "tau2": fit.tau2 if fit.tau2_given else None,
        "weights": None if a is None else a[fit.included][rows],
        "weighted": fit.weighted,
    }


def slab_of(fit: MetaFit) -> tuple[str, ...]:
    """Labels of the rows that were fitted."""
    names = labels(fit.data.slab, len(fit.data))
    return tuple(name for name, used in zip(names, fit.included) if used)


def refit(
    fit: MetaFit, masks: Bools, *, y: Floats | None = None, v: Floats | None = None,
    X: Floats | None = None, a: Floats | None = None,
) -> Refits:  # fmt: skip
    """Fit the rows that each of B masks selects, by the method and test of `fit`.

    Parameters
    ----------
    masks : ndarray of bool, shape (B, k)
        Over the rows that were fitted (over any number, where the rest is given too).
    y, v : ndarray, shape (B, k), optional
        Other estimates and variances for each version.
    X : ndarray, shape (B, k, p), optional
        Another design for each version; not needed for an intercept alone.
    a : ndarray, shape (B, k), optional
        Other weights for each version, of a fit without the model's own.

    Returns
    -------
    Refits
        A version whose columns depend on one another, or that has fewer rows than columns, is
        NaN.
    """
    y0, v0, X0 = rows_of(fit)
    ones = X0.shape[1] == 1 and bool((X0 == 1.0).all()) and X is None
    if ones:
        X0 = np.ones((masks.shape[1], 1))
    versions = _Versions(
        masks, y0 if y is None else y, v0 if v is None else v, X0 if X is None else X, ones,
        weights_of(fit) if a is None else a,
    )  # fmt: skip
    out = _empty(versions, fit)
    heavy = masks if versions.a is None else masks & (versions.a > 0.0)
    good = heavy.sum(axis=1) >= versions.p
    if versions.p > 1 and good.any():
        place = np.flatnonzero(good)
        good[place] = _full_rank(heavy[place], versions.of(versions.X, place, 2))
    alone, some = good & (out.k == versions.p), good & (out.k > versions.p)
    how = method_of(fit)
    for rows in _pieces(np.flatnonzero(alone), masks.shape[1] * versions.p, _CELLS):
        _fit(out, versions, rows, fit, how, "z")  # nothing is left for tau2 or for a t-test
    left = np.flatnonzero(some)
    if (
        ones
        and by_forms(fit.test, versions.a)
        and how.search is not None
        and compiled.worthwhile(len(left))
    ):
        _fit_compiled(out, versions, left, fit, how.search)
        return out
    for rows in _pieces(left, masks.shape[1] * versions.p, _CELLS):
        _fit(out, versions, rows, fit, how, fit.test)
    return out


class _Versions(NamedTuple):
    """What is fitted: `y`, `v` and `X` and `a` with or without a leading axis of B."""

    masks: Bools
    y: Floats
    v: Floats
    X: Floats
    ones: bool
    a: Floats | None

    @property
    def p(self) -> int:
        return int(self.X.shape[-1])

    def of(self, x: Floats, rows: Rows, axes: int) -> Floats:
        """`x` for some versions; it has so many axes in each of them."""
        return x[rows] if x.ndim > axes else np.broadcast_to(x, (len(rows), *x.shape))

    def batch(self, rows: Rows) -> Batch:
        """Some versions as analyses of their own."""
        mask = self.masks[rows]
        y, v, X = (self.of(x, rows, n) for x, n in ((self.y, 1), (self.v, 1), (self.X, 2)))
        full, k = bool(mask.all()), mask.sum(axis=1).astype(np.float64)
        if not full:
            # the batch runs along memory, as the search wants it
            y, v = np.where(mask.T, y.T, 0.0).T, np.where(mask.T, v.T, np.inf).T
        a = None if self.a is None else np.where(mask, self.of(self.a, rows, 1), 0.0)
        return Batch(y, v, mask, X, self.ones, k, k - self.p, full, a)

    def flat(self, rows: Rows) -> tuple[Floats, Floats]:
        """Estimates and variances of some versions, one version after the other."""
        version, column = np.divmod(np.flatnonzero(self.masks[rows]), self.masks.shape[1])
        own = rows[version]
        y, v = (x[own, column] if x.ndim > 1 else x[column] for x in (self.y, self.v))
        return y, v


def _empty(versions: _Versions, fit: MetaFit) -> Refits:
    many, p = len(versions.masks), versions.p

    def hole(*shape: int) -> Floats:
        return np.full((many, *shape), np.nan)

    return Refits(
        beta=hole(p), df=hole(p), vb=hole(p, p), tau2=hole(), I2=hole(), H2=hole(), QE=hole(),
        s2w=hole(), k=versions.masks.sum(axis=1).astype(np.float64), test=fit.test, level=fit.level,
    )  # fmt: skip


def _full_rank(masks: Bools, X: Floats) -> Bools:
    """Whether the columns are independent within the rows of each mask."""
    design = X * masks[..., None]
    norms = np.sqrt(np.sum(design * design, axis=-2))
    safe = np.where(norms > 0, norms, 1.0)
    R = np.linalg.qr(design / safe[..., None, :], mode="r")
    diagonal = np.abs(np.diagonal(R, axis1=-2, axis2=-1))
    return np.asarray((norms > 0).all(axis=-1) & (diagonal > _SAME).all(axis=-1))


def _pieces(rows: Rows, width: int, cells: int) -> Iterator[Rows]:
    """Versions of `width` cells each, in pieces of so many cells."""
    size = max(1, cells // width)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _fit(
    out: Refits, versions: _Versions, rows: Rows, fit: MetaFit, how: Tau2Method, test: str
) -> None:
    batch = versions.batch(rows)
    estimated = estimate(batch, how)
    found = coefficients(batch, estimated, test=test)
    out.beta[rows], out.df[rows] = found.beta, found.df
    out.vb[rows], out.s2w[rows] = found.vb, found.s2w
    _spread(out, rows, estimated, batch.df, fixed=how.code == "EE")


def _fit_compiled(out: Refits, versions: _Versions, rows: Rows, fit: MetaFit, kind: int) -> None:
    for some in _pieces(rows, versions.masks.shape[1], _COMPILED_CELLS):
        size = out.k[some].astype(np.int64)
        y, v = versions.flat(some)
        found, df = (
            compiled.search(y, v, np.cumsum(size) - size, size, kind),
            (size - 1).astype(np.float64),
        )
        beta, var, out.s2w[some] = mean_and_variance(found, df, test=fit.test)
        out.beta[some, 0], out.df[some, 0], out.vb[some, 0, 0] = beta, df, var
        _spread(out, some, found, df, fixed=False)


def _spread(
    out: Refits, rows: Rows, estimated: Estimate[Floats], df: Floats, *, fixed: bool
) -> None:
    apart = heterogeneity(estimated, df, fixed=fixed)
    out.tau2[rows], out.QE[rows] = estimated.tau2, apart.QE
    out.I2[rows], out.H2[rows] = apart.I2, apart.H2
