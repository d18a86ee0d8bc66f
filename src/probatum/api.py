"""The public library: every name of `probatum` is defined here and nowhere else.

What needs only numpy, scipy.special and scipy.optimize is imported at once; the plots room is
imported when a figure is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probatum.errors import BadInput, ProbatumError, UnknownOption
from probatum.meta.models.inverse_variance import pool
from probatum.meta.models.many import PooledMany, pool_many
from probatum.meta.tau2 import tau2_methods
from probatum.meta.types import EffectSizes, MetaFit

if TYPE_CHECKING:
    from probatum.meta.measures import effect_sizes, measures
    from probatum.meta.models.mantel_haenszel import pool_mh
    from probatum.meta.models.peto import pool_peto
    from probatum.plots.from_fit import forest, funnel

__all__ = [
    "BadInput",
    "EffectSizes",
    "MetaFit",
    "PooledMany",
    "ProbatumError",
    "UnknownOption",
    "effect_sizes",
    "forest",
    "funnel",
    "measures",
    "pool",
    "pool_many",
    "pool_mh",
    "pool_peto",
    "tau2_methods",
]

_LATER = {
    "effect_sizes": "probatum.meta.measures",
    "measures": "probatum.meta.measures",
    "pool_mh": "probatum.meta.models.mantel_haenszel",
    "pool_peto": "probatum.meta.models.peto",
    "forest": "probatum.plots.from_fit",
    "funnel": "probatum.plots.from_fit",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        value = globals()[name] = getattr(import_module(_LATER[name]), name)
        return value
    raise AttributeError(f"module 'probatum' has no attribute {name!r}")
