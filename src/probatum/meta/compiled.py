"""`scalar` compiled by Numba, if it is installed (``probatum[fast]``): for large batches."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.meta import scalar
from probatum.meta.scalar import BOUNDARY, CONVERGED, Forms
from probatum.meta.solvers import Estimate
from probatum.meta.types import Bools, Floats

#: analyses from which on a search is worth loading (and once, compiling) the code for it
FROM = 10_000
_PARTS = (
    scalar.combine, scalar.original, scalar.forms_at, scalar.point_of, scalar.centre,
    scalar.falls_until, scalar.rises_from, scalar.steep, scalar.newton, scalar.climb,
    scalar.proven, scalar.maximise, scalar.match_q,
)  # fmt: skip
# sums may be taken in any order, which lets them be vectorised; NaN and inf stay what they are
_MATH = {"reassoc", "contract"}


def worthwhile(count: int) -> bool:
    """Whether so many analyses are better searched here, and Numba is installed."""
    return count >= FROM and find_spec("numba") is not None


def search(
    y: Floats, v: Floats, begin: NDArray[np.int64], size: NDArray[np.int64], kind: int
) -> tuple[Estimate[Floats], Bools]:
    """tau2 of analyses of at least two estimates, and where it is certain.

    Parameters
    ----------
    y, v : ndarray, shape (n,)
        All estimates; analysis i has `size[i]` of them from `begin[i]` on.
    kind : int
        Which search: see `scalar`.

    Returns
    -------
    Estimate
        Of the analyses where it is certain.
    sure : ndarray of bool, shape (B,)
    """
    out = np.empty((18, len(size)))
    _search_each()(y, v, begin, size, kind, out)
    sure = out[1] == 1.0
    if not sure.all():
        out = out[:, sure]
    status = np.where(out[0] > 0.0, CONVERGED, BOUNDARY).astype(np.int8)
    return Estimate(out[0], status, Forms(*out[2:10]), Forms(*out[10:])), sure


@lru_cache(maxsize=1)
def _search_each() -> Callable[..., None]:
    """`scalar.search_each`, compiled when it is first called and then kept on disk."""
    import numba
    from numba.extending import overload, register_jitable

    overload(scalar.moments, jit_options={"fastmath": _MATH})(_loop)
    for part in _PARTS:
        register_jitable(part)
    jit: Callable[..., None]
    try:
        jit = numba.njit(cache=True, nogil=True)(scalar.search_each)
    except RuntimeError:  # no folder that can be written to
        jit = numba.njit(nogil=True)(scalar.search_each)
    return jit


def _loop(one: Any, t: float) -> Any:
    return scalar.moments_loop
