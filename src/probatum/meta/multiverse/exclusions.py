"""Which studies each choice leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from probatum.errors import BadInput, UnknownOption
from probatum.meta.types import Bools, EffectSizes, labels

_MOST_EXCLUSIONS = 12


def subsets(
    es: EffectSizes, exclude: Mapping[str, Any], leave1out: bool
) -> tuple[list[str], Bools]:
    """Names of what is left out, and the rows that stay; the first subset is everything."""
    if len(exclude) > _MOST_EXCLUSIONS:
        raise BadInput(
            f"{len(exclude)} reasons to exclude make {2 ** len(exclude)} combinations; "
            f"{_MOST_EXCLUSIONS} are possible."
        )
    gone = {name: _excluded(es, name, rows) for name, rows in exclude.items()}
    names, masks = [], []
    for size in range(len(gone) + 1):
        for some in combinations(gone, size):
            out = np.zeros(len(es), dtype=np.bool_)
            for name in some:
                out |= gone[name]
            names.append(" + ".join(some))
            masks.append(~out)
            for i in np.flatnonzero(~out) if leave1out else ():
                one = ~out
                one[i] = False
                names.append(" + ".join((*some, labels(es.slab, len(es))[i])))
                masks.append(one)
    return names, np.array(masks)


def _excluded(es: EffectSizes, name: str, rows: Any) -> Bools:
    given = np.asarray(rows)
    if given.dtype == np.bool_:
        if given.shape != (len(es),):
            raise BadInput(f'exclude "{name}" has {len(given)} rows; there are {len(es)} studies.')
        return given
    slab = labels(es.slab, len(es))
    wanted = [str(x) for x in np.atleast_1d(given)]
    unknown = [x for x in wanted if x not in slab]
    if unknown:
        raise UnknownOption(f'exclude "{name}": study', unknown[0], slab)
    return np.array([s in wanted for s in slab])
