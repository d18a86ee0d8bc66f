"""The versions of the data that a permutation test fits again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput

_EXACT = 50_000  # versions up to which all are tried when nothing else is asked for
_MOST = 5_000_000  # versions that are ever tried
_PIECE = 20_000  # versions held at once
TIE = 1e-7  # a statistic this close to the observed one counts as equal to it


def chosen(total: int, exact: bool | None, iterations: int) -> bool:
    """Whether all versions are tried.

    Raises
    ------
    BadInput
        If they are too many, or those to be drawn too few.
    """
    every = total <= _EXACT if exact is None else exact
    if every and total > _MOST:
        raise BadInput(f"{total:.3g} versions can't all be tried; use exact=False.")
    if not every and iterations < 2:
        raise BadInput(f"iterations is {iterations}; ask for at least 2.")
    return every


def versions(
    k: int, signs: bool, every: bool, iterations: int, seed: int | None
) -> Iterator[NDArray[Any]]:
    """Sign vectors or orders of the rows, the observed one first, in pieces."""
    if every and signs:
        codes = np.arange(2**k, dtype=np.int64)
        for start in range(0, len(codes), _PIECE):
            piece = codes[start : start + _PIECE, None] >> np.arange(k)
            yield 1.0 - 2.0 * (piece & 1)
        return
    if every:
        orders = itertools.permutations(range(k))
        while some := list(itertools.islice(orders, _PIECE)):
            yield np.array(some)
        return
    rng = np.random.default_rng(seed)
    for start in range(0, iterations, _PIECE):
        size = min(_PIECE, iterations - start)
        if signs:
            made = rng.choice((-1.0, 1.0), size=(size, k))
            made[0] = made[0] if start else 1.0
        else:
            made = np.argsort(rng.random((size, k)), axis=1)
            made[0] = made[0] if start else np.arange(k)
        yield made
