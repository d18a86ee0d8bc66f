"""Which way to compute with a covariance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from probatum.meta.models.multilevel.blockwise import Blockwise, linked
from probatum.meta.models.multilevel.bordered import Bordered
from probatum.meta.models.multilevel.effects import AnyEffect, Effect
from probatum.meta.models.multilevel.likelihood import Layout
from probatum.meta.models.multilevel.nested import Nested, is_nested
from probatum.meta.models.multilevel.sampling import Sampling

_CHEAP = 3e6  # steps of a factorisation that need no cleverness


def layout_of(V: Sampling, effects: Sequence[AnyEffect]) -> Layout:
    """The cheapest that this V and these effects allow."""
    plain = [e.outer for e in effects if isinstance(e, Effect) and e.relation is None]
    if len(plain) == len(effects) and not V.correlated and is_nested(plain):
        return Nested(V.v, plain)
    border: tuple[int, ...] = ()
    best = _cost(V, effects, border)
    if best > _CHEAP:
        intercepts = [i for i, e in enumerate(effects) if isinstance(e, Effect)]
        for size in range(1, len(intercepts) + 1):
            for some in combinations(intercepts, size):
                cost = _cost(V, effects, some)
                if cost < best:
                    best, border = cost, some
    return Bordered(V, effects, border) if border else Blockwise(V, effects)


def _cost(V: Sampling, effects: Sequence[AnyEffect], border: tuple[int, ...]) -> float:
    """About how many steps one factorisation takes."""
    base = [e for i, e in enumerate(effects) if i not in border]
    sizes = np.bincount(linked(base, V)).astype(np.float64)
    q = sum(_levels(e) for i, e in enumerate(effects) if i in border)
    return float(np.sum(sizes**3)) + 2.0 * float(q) ** 3


def _levels(effect: AnyEffect) -> int:
    if isinstance(effect, Effect) and effect.relation is not None:
        return len(effect.relation)
    return int(effect.outer.max(initial=-1)) + 1
