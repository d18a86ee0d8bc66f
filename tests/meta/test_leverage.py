"""Traces of a projection keep their digits when one study outweighs all others together."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray

from probatum.meta.kernel import project


def in_sixty_digits(X: NDArray, w: NDArray, d: NDArray) -> tuple[float, float]:
    """tr PD and tr PDPD with P = W - W X (X'WX)^-1 X'W."""
    with mp.workdps(60):
        W, D, X = mp.diag([mp.mpf(x) for x in w]), mp.diag([mp.mpf(x) for x in d]), mp.matrix(X)
        PD = (W - W * X * mp.inverse(X.T * W * X) * X.T * W) * D
        return tuple(float(mp.fsum(M[i, i] for i in range(M.rows))) for M in (PD, PD * PD))


@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize("seed", range(12))
def test_dominant_rows(p: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    k = int(rng.integers(p + 2, 9))
    w, d = 10.0 ** rng.uniform(-3, 3, k), 10.0 ** rng.uniform(-3, 3, k)
    X = np.column_stack([np.ones(k), rng.normal(size=(k, p - 1))])
    fit = project(np.zeros((1, k)), X[None], w[None])
    once, twice = in_sixty_digits(X, w, d)
    assert fit.trace(d[None])[0] == pytest.approx(once, rel=1e-12)
    assert fit.trace2(d[None], d[None])[0] == pytest.approx(twice, rel=1e-10)


def test_a_weight_of_ten_billion_others() -> None:
    w, d = np.array([1e10, 1.0, 2.0, 3.0]), np.array([5.0, 1.0, 1.0, 4.0])
    once, twice = in_sixty_digits(np.ones((4, 1)), w, d)
    fit = project(np.zeros((1, 4)), np.ones((1, 4, 1)), w[None])
    assert fit.trace(d[None])[0] == pytest.approx(once, rel=1e-14)
    assert fit.trace2(d[None], d[None])[0] == pytest.approx(twice, rel=1e-14)
