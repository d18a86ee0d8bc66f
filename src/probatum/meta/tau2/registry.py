"""The registry of estimators of tau2, and what stands for one where tau2 is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from probatum.errors import UnknownOption
from probatum.meta.kernel import Batch, forms, project
from probatum.meta.scalar import BOUNDARY, CONVERGED, FAILED
from probatum.meta.solvers import Estimate
from probatum.meta.types import GIVEN, Floats

FIXED, CLOSED = 0, 1
STATUS = {
    FIXED: GIVEN, CLOSED: "closed form", CONVERGED: "converged", BOUNDARY: "boundary",
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
    needs_weights : bool
        Whether it is defined by weights that the user gives.
    given : bool
        Whether tau2 is known, so that there is nothing to estimate.
    """

    code: str
    name: str
    source: str
    estimate: Estimator
    se: StandardError
    search: int | None = None
    needs_weights: bool = False
    given: bool = False


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
    >>> " ".join(m["code"] for m in tau2_methods())
    'EE DL HE HS HSk SJ ML REML EB PM SJIT DLIT PMM GENQ GENQM'
    """
    return [{"code": m.code, "name": m.name, "source": m.source} for m in METHODS.values()]


def given(how: Tau2Method, tau2: float) -> Tau2Method:
    """`how` where tau2 is not estimated but known."""

    def known(batch: Batch) -> Estimate[Floats]:
        return closed(batch, np.full(len(batch.y), tau2), FIXED)

    return replace(how, estimate=known, se=no_se, search=None, given=True)


def estimate(batch: Batch, how: Tau2Method) -> Estimate[Floats]:
    """tau2 by `how`; 0 where the design leaves no residual degrees of freedom to estimate it.

    These are the same for all analyses of a batch, or positive for all.
    """
    if batch.df[0] > 0.0 or how.given:
        return how.estimate(batch)
    return closed(batch, np.zeros(len(batch.y)), FIXED if how.code == "EE" else CLOSED)


def register(
    code: str, name: str, source: str, se: StandardError, search: int | None = None, *,
    needs_weights: bool = False,
) -> Callable[[Estimator], Estimator]:  # fmt: skip
    """Enter an estimator of tau2 under its code."""

    def add(estimator: Estimator) -> Estimator:
        METHODS[code] = Tau2Method(code, name, source, estimator, se, search, needs_weights)
        return estimator

    return add


def closed(batch: Batch, raw: Floats, code: int = CLOSED) -> Estimate[Floats]:
    """The estimate `raw`, or 0 where that is negative."""
    tau2 = np.maximum(raw, 0.0)
    status = np.full(tau2.shape, code, dtype=np.int8)
    return Estimate(tau2, status, batch.zero, forms(batch, tau2))


def no_se(batch: Batch, found: Estimate[Any]) -> Floats:
    """NaN: nothing was estimated."""
    return np.full(found.tau2.shape, np.nan)


def se_quadratic(batch: Batch, tau2: Floats, w: Floats, scale: Floats) -> Floats:
    """Standard error of scale * y'Py for P with weights w: 2 tr(P S P S), S = V + tau2 I."""
    fit = project(batch.y, batch.X, w)
    total = batch.real_v + tau2[:, None]
    return np.asarray(scale * np.sqrt(2.0 * fit.trace2(total, total)))
