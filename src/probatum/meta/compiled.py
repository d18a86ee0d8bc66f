"""`scalar` compiled by Numba, if it is installed (``probatum[fast]``): for large batches."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.meta import scalar
from probatum.meta.kernel import gathered
from probatum.meta.scalar import BOUNDARY, CONVERGED, REML, Forms
from probatum.meta.solvers import Estimate, highest
from probatum.meta.types import Floats

Rows = NDArray[np.int64]
_LOG = logging.getLogger(__name__)

#: analyses from which on a search is worth loading (and once, compiling) the code for it
FROM = 5_000
_SURVEYED = 2_000  # analyses of which all maxima are looked for at once
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


def search(y: Floats, v: Floats, begin: Rows, size: Rows, kind: int) -> Estimate[Floats]:
    """tau2 of analyses of at least two estimates.

    Parameters
    ----------
    y, v : ndarray, shape (n,)
        All estimates; analysis i has `size[i]` of them from `begin[i]` on.
    kind : int
        Which search: see `scalar`.
    """
    out = np.empty((18, len(size)))
    _search_each()(y, v, begin, size, kind, out)
    unsure = np.flatnonzero(out[1] == 0.0)
    unsure = unsure[np.argsort(size[unsure], kind="stable")]
    for start in range(0, len(unsure), _SURVEYED):
        some = unsure[start : start + _SURVEYED]
        batch = gathered(y, v, begin[some], size[some])
        better = highest(batch, out[0, some], restricted=kind == REML)
        out[0, some], out[10:, some] = better.tau2, better.at
    status = np.where(out[0] > 0.0, CONVERGED, BOUNDARY).astype(np.int8)
    return Estimate(out[0], status, Forms(*out[2:10]), Forms(*out[10:]))


@lru_cache(maxsize=1)
def _search_each() -> Callable[..., None]:
    """`scalar.search_each`, compiled when it is first called and then kept on disk."""
    import numba
    from numba.extending import overload, register_jitable

    overload(scalar.moments, jit_options={"fastmath": _MATH})(_loop)
    for part in _PARTS:
        register_jitable(part)
    jit: Any
    try:
        jit = numba.njit(cache=True, nogil=True)(scalar.search_each)
    except RuntimeError:  # no folder that can be written to
        jit = numba.njit(nogil=True)(scalar.search_each)
    if not _kept(jit.stats.cache_path):
        _LOG.warning("probatum: compiling the search for large batches, once; some two seconds")
    return jit  # type: ignore[no-any-return]


def _kept(folder: str | None) -> bool:
    """Whether Numba's folder has compiled code that is younger than its source."""
    if folder is None:
        return False
    source = Path(scalar.__file__).stat().st_mtime
    pattern = f"scalar.search_each-*.py{sys.version_info[0]}{sys.version_info[1]}.nbi"
    return any(found.stat().st_mtime >= source for found in Path(folder).glob(pattern))


def _loop(one: Any, t: float) -> Any:
    return scalar.moments_loop
