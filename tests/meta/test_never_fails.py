"""Awkward sets of estimates never fail: a small run of ``python -m benchmarks.never_fail``."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.never_fail import METHODS, awkward, chosen, each, faults

import probatum as pb
from probatum.meta import compiled

ALL = tuple(m["code"] for m in pb.tau2_methods())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["NumPy", "compiled"])
def test_many_awkward_sets(method: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if path == "compiled":
        pytest.importorskip("numba", reason="the extra `fast` is not installed")
    monkeypatch.setattr(compiled, "FROM", 1 if path == "compiled" else 10**12)
    sets = awkward(200 if method == "GENQM" else 2000, seed=77)  # which is solved one by one
    assert faults(sets, method, sample=40) == []


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("test", ["z", "knha", "adhoc"])
def test_one_awkward_set_as_among_many(method: str, test: str) -> None:
    sets = awkward(60, seed=5)
    pairs = list(each(sets))
    many = pb.pool_many(
        yi=[y for y, _ in pairs], vi=[v for _, v in pairs], method=method, test=test,
        weights=[chosen(v) for _, v in pairs] if method.startswith("GENQ") else None,
    )  # fmt: skip
    for i, (y, v) in enumerate(pairs):
        weights = chosen(v) if method.startswith("GENQ") else None
        fit = pb.pool(y, v, method=method, test=test, weights=weights)
        assert np.isfinite([fit.tau2, fit.I2, fit.QE, *fit.beta, *fit.se]).all()
        assert fit.tau2 == pytest.approx(many.tau2[i], rel=1e-12, abs=1e-12 * v.min())
        assert fit.beta[0] == pytest.approx(many.beta[i], rel=1e-12, abs=1e-10 * fit.se[0])
        assert fit.se[0] == pytest.approx(many.se[i], rel=1e-12)


def test_the_sets_are_awkward() -> None:
    ratios, sizes = [], []
    for y, v in each(awkward(2000, seed=77)):
        ratios.append(v.max() / v.min())
        sizes.append(len(y))
    assert max(ratios) > 1e9
    assert (min(sizes), max(sizes)) == (2, 50)


@pytest.mark.parametrize("fault", ["nan", "tau2"])
def test_a_wrong_fit_would_be_told(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pb.pool_many

    def spoilt(**given: object) -> pb.PooledMany:
        out = real(**given)  # type: ignore[arg-type]
        (out.tau2 if fault == "tau2" else out.beta)[3] = np.nan if fault == "nan" else 1e30
        return out

    monkeypatch.setattr(pb, "pool_many", spoilt)
    told = faults(awkward(20, seed=77), "REML", sample=10)
    assert len(told) == 1
    assert "set 3" in told[0]
