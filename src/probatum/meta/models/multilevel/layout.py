"""Which way to compute with a covariance."""

from __future__ import annotations

from collections.abc import Sequence

from probatum.meta.models.multilevel.blockwise import Blockwise
from probatum.meta.models.multilevel.effects import Effect, LevelEffect
from probatum.meta.models.multilevel.likelihood import Layout
from probatum.meta.models.multilevel.nested import Nested, is_nested
from probatum.meta.models.multilevel.sampling import Sampling


def layout_of(V: Sampling, effects: Sequence[Effect | LevelEffect]) -> Layout:
    """The cheapest that this V and these effects allow."""
    plain = [e.outer for e in effects if isinstance(e, Effect) and e.relation is None]
    if len(plain) == len(effects) and not V.correlated and is_nested(plain):
        return Nested(V.v, plain)
    return Blockwise(V, effects)
