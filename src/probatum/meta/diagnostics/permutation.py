"""Permutation tests of a fit's coefficients."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.errors import BadInput
from probatum.meta.design import INTERCEPT
from probatum.meta.refit import Refits, refit, rows_of
from probatum.meta.types import Floats, MetaFit

_EXACT = 50_000  # versions up to which all are tried when nothing else is asked for
_PIECE = 20_000  # versions held at once
_TIE = 1e-7  # a statistic this close to the observed one counts as equal to it


@dataclass(frozen=True, slots=True, eq=False)
class Permutation:
    """Permutation p-values.

    Attributes
    ----------
    names : tuple of str
    pval : ndarray, shape (p,)
        Share of the versions with a test statistic at least as far from 0.
    QMp : float
        The same for the omnibus test of the moderators.
    versions : int
        Versions tried, the observed one among them.
    exact : bool
        Whether these were all there are.
    """

    names: tuple[str, ...]
    pval: Floats
    QMp: float
    versions: int
    exact: bool


def permutest(
    fit: MetaFit, *, exact: bool | None = None, iterations: int = 1000, seed: int | None = 0
) -> Permutation:
    """Test the coefficients by permutation.

    Without moderators the signs of the estimates are flipped, with moderators the rows of the
    design are exchanged, and the model is fitted again each time. Follmann DA, Proschan MA
    (1999), Biometrics 55, 732-737; Higgins JPT, Thompson SG (2004), Statistics in Medicine 23,
    1663-1682.

    Parameters
    ----------
    fit : MetaFit
    exact : bool, optional
        Try all versions; by default where there are at most 50,000.
    iterations : int
        Versions to draw otherwise, the observed one among them.
    seed : int or None
        None draws others at every call.

    Returns
    -------
    Permutation

    Raises
    ------
    BadInput
        If `exact` asks for more versions than can be tried, or iterations is under 2.

    Examples
    --------
    >>> from probatum.meta.models.inverse_variance import pool
    >>> fit = pool([0.5, 0.3, 0.4, 0.6], [0.01, 0.02, 0.03, 0.02], method="DL", test="z")
    >>> found = permutest(fit)
    >>> found.pval.tolist(), found.versions
    ([0.125], 16)
    """
    y, _, X = rows_of(fit)
    alone = fit.p == 1 and fit.names[0] == INTERCEPT
    total = 2**fit.k if alone else math.factorial(min(fit.k, 170))
    every = total <= _EXACT if exact is None else exact
    if every and total > 5_000_000:
        raise BadInput(f"{total:.3g} versions can't all be tried; use exact=False.")
    if not every and iterations < 2:
        raise BadInput(f"iterations is {iterations}; ask for at least 2.")
    tested = slice(1, None) if fit.names[0] == INTERCEPT and fit.p > 1 else slice(0, None)
    observed = refit(fit, np.ones((1, fit.k), dtype=np.bool_))
    seen, omnibus = np.abs(observed.zval[0]), _wald(observed, tested)[0]
    beyond, together, tried = np.zeros(fit.p), 0.0, 0
    for change in _versions(fit.k, alone, every, iterations, seed):
        masks = np.ones((len(change), fit.k), dtype=np.bool_)
        again = refit(fit, masks, y=change * y) if alone else refit(fit, masks, X=X[change])
        beyond += (np.abs(again.zval) >= seen * (1.0 - _TIE)).sum(axis=0)
        together += float((_wald(again, tested) >= omnibus * (1.0 - _TIE)).sum())
        tried += len(change)
    return Permutation(fit.names, beyond / tried, together / tried, tried, every)


def _wald(r: Refits, tested: slice) -> Floats:
    b, v = r.beta[:, tested], r.vb[:, tested, tested]
    if b.shape[1] == 1:
        return np.asarray(b[:, 0] ** 2 / v[:, 0, 0])
    return np.asarray(np.einsum("bi,bi->b", b, np.linalg.solve(v, b[..., None])[..., 0]))


def _versions(
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
