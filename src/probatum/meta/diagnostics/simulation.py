"""New estimates from a fitted model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from probatum.errors import BadInput
from probatum.meta.options import typed_options
from probatum.meta.refit import rows_of
from probatum.meta.types import Floats, MetaFit, need

if TYPE_CHECKING:
    from probatum.meta.models.multilevel.types import MultilevelFit


@typed_options
def simulate(fit: MetaFit | MultilevelFit, n: int = 1000, *, seed: int | None = 0) -> Floats:
    """Draw the estimates anew from the fitted model, all its parameters taken as true.

    y ~ N(X beta, V + tau2 I), or with the covariance of all the random effects of a multilevel
    model.

    Parameters
    ----------
    fit : MetaFit or MultilevelFit
        By `pool` or `pool_multilevel`.
    n : int
        Sets of estimates.
    seed : int or None
        None draws others at every call.

    Returns
    -------
    ndarray, shape (n, k)
        One column per row that was fitted.

    Raises
    ------
    BadInput
        For another model, or n under 1.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.1, 0.3, 0.5], [0.01, 0.02, 0.03], method="DL", test="z")
    >>> simulate(fit, 4).shape
    (4, 3)
    """
    need(fit, "MetaFit", "MultilevelFit")
    if n < 1:
        raise BadInput(f"n is {n}; ask for at least one set of estimates.")
    return drawn(fit, n, np.random.default_rng(seed))


def drawn(fit: MetaFit | MultilevelFit, n: int, rng: np.random.Generator) -> Floats:
    """`simulate` with a generator that goes on."""
    if not isinstance(fit, MetaFit):
        from probatum.meta.models.multilevel.resampling import drawn as drawn_multilevel

        return drawn_multilevel(fit, n, rng)
    _, v, X = rows_of(fit)
    noise = np.sqrt(v + fit.tau2) * rng.standard_normal((n, len(v)))
    return np.asarray(X @ fit.beta + noise, dtype=np.float64)
