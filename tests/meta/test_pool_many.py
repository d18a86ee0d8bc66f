"""`pool_many` gives what `pool` gives, however the groups arrive."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from numpy.typing import NDArray

import probatum as pb
from probatum.meta import compiled

FIELDS = ("se", "ci_lb", "ci_ub", "pval", "beta")


def _rows(groups: int = 60) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(7)
    k = rng.integers(1, 12, size=groups)
    by = np.repeat(np.arange(groups), k)
    v = rng.uniform(0.01, 0.3, size=len(by))
    y = rng.normal(0.2, np.sqrt(v + rng.choice([0.0, 0.2], size=groups)[by]))
    return y, v, by


@pytest.mark.parametrize("method", ["EE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM"])
@pytest.mark.parametrize(("test", "weighted"), [("knha", True), ("z", True), ("adhoc", False)])
def test_each_group_as_by_itself(method: str, test: str, weighted: bool) -> None:
    y, v, by = _rows()
    shuffled = np.random.default_rng(1).permutation(len(by))
    table = {"g": by[shuffled], "yi": y[shuffled], "vi": v[shuffled]}
    out = pb.pool_many(table, by="g", method=method, test=test, weighted=weighted)
    assert sorted(out.key) == list(range(60))
    assert out.key[0] == by[shuffled][0]
    for i, key in enumerate(out.key):
        fit = pb.pool(y[by == key], v[by == key], method=method, test=test, weighted=weighted)
        assert out.k[i] == fit.k
        assert out.converged[i]
        assert out.tau2[i] == pytest.approx(fit.tau2, rel=1e-12, abs=1e-14)
        assert out.I2[i] == pytest.approx(fit.I2, rel=1e-12, abs=1e-12)
        assert out.QE[i] == pytest.approx(fit.QE, rel=1e-12, abs=1e-14)
        for name in FIELDS:
            assert getattr(out, name)[i] == pytest.approx(getattr(fit, name)[0], rel=1e-12)


def test_arrays_lists_and_columns_agree() -> None:
    y, v, by = _rows()
    columns = pb.pool_many(by=by, yi=y, vi=v)
    lists = pb.pool_many(
        yi=[y[by == g] for g in range(60)], vi=[v[by == g].tolist() for g in range(60)]
    )
    wide_y, wide_v = np.full((60, 14), np.nan), np.full((60, 14), np.nan)
    for g in range(60):  # with holes before and between
        n = (by == g).sum()
        place = np.sort(np.random.default_rng(g).permutation(14)[:n])
        wide_y[g, place], wide_v[g, place] = y[by == g], v[by == g]
    wide = pb.pool_many(yi=wide_y, vi=wide_v)
    for name in ("beta", "ci_ub", "tau2"):
        assert getattr(columns, name) == pytest.approx(getattr(lists, name), rel=1e-9)
        assert getattr(columns, name) == pytest.approx(getattr(wide, name), rel=1e-9, abs=1e-12)


def test_a_group_without_usable_rows_keeps_its_place() -> None:
    out = pb.pool_many(
        {"g": ["b", "b", "a", "a"], "yi": [0.1, 0.4, np.nan, 0.3], "vi": [0.1, 0.1, 0.1, np.nan]},
        by="g",
        test="z",
    )
    assert list(out.key) == ["b", "a"]
    assert out.k.tolist() == [2, 0]
    assert np.isnan(out.beta[1])
    assert not out.converged[1]
    assert out.to_dict()["beta"][0] == pytest.approx(0.25)


def test_misuse_says_what_to_do() -> None:
    with pytest.raises(pb.BadInput, match="must be positive; they are not in group 1"):
        pb.pool_many(yi=[[0.1], [0.2]], vi=[[0.1], [-0.1]])
    with pytest.raises(pb.BadInput, match="differ"):
        pb.pool_many(yi=[[0.1], [0.2]], vi=[[0.1], [0.1, 0.1]])
    with pytest.raises(pb.BadInput, match="shape"):
        pb.pool_many(yi=np.ones((2, 3)), vi=np.ones((3, 2)))
    with pytest.raises(pb.BadInput, match="one array per meta-analysis"):
        pb.pool_many(yi=[0.1, 0.2], vi=[0.1, 0.2])
    with pytest.raises(pb.BadInput, match="differ in shape"):
        pb.pool_many(by=[1, 2, 3], yi=[0.1, 0.2], vi=[0.1, 0.2])
    with pytest.raises(pb.BadInput, match="data="):
        pb.pool_many(by="g", yi=[0.1], vi=[0.1])
    with pytest.raises(pb.UnknownOption, match="REML"):
        pb.pool_many(yi=[[0.1]], vi=[[0.1]], method="reml2")


def test_no_groups_at_all() -> None:
    assert len(pb.pool_many(yi=np.empty((0, 3)), vi=np.empty((0, 3)))) == 0
    assert len(pb.pool_many(yi=[], vi=[])) == 0
    assert len(pb.pool_many(by=[], yi=[], vi=[])) == 0


def test_the_estimators_are_listed_with_their_sources() -> None:
    listed = pb.tau2_methods()
    assert {"REML", "DL", "PM", "EE"} <= {m["code"] for m in listed}
    assert all(m["source"] and m["name"] for m in listed)


def _ordinary(groups: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Groups of 1 to 30 estimates, some of very unequal variance, some all alike."""
    rng = np.random.default_rng(seed)
    k = rng.integers(1, 31, size=groups)
    by = np.repeat(np.arange(groups), k)
    v = np.exp(rng.uniform(np.log(0.01), rng.uniform(-4, 8, groups)[by]))
    y = rng.normal(0.2, np.sqrt(v + rng.choice([0.0, 0.05, 4.0], size=groups)[by]))
    alike = rng.random(groups) < 0.02
    return {"g": by, "yi": np.where(alike[by], 0.3, y), "vi": v}


@pytest.mark.parametrize("method", ["REML", "ML", "PM", "EB"])
def test_compiled_code_gives_the_same_numbers(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba", reason="the extra `fast` is not installed")
    table = _ordinary(3000, 12)
    monkeypatch.setattr(compiled, "FROM", 10**9)
    plain = pb.pool_many(table, by="g", method=method)
    monkeypatch.setattr(compiled, "FROM", 1)
    calls = []
    search = compiled.search
    monkeypatch.setattr(compiled, "search", lambda *a: calls.append(1) or search(*a))
    quick = pb.pool_many(table, by="g", method=method)
    assert calls == [1]
    assert (quick.k == plain.k).all()
    assert (quick.converged & plain.converged).all()
    for name in (*FIELDS, "tau2", "I2", "QE"):
        ours, theirs = getattr(quick, name), getattr(plain, name)
        assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-13), name


def test_numba_is_loaded_for_large_batches_only() -> None:
    code = (
        "import sys, numpy as np, probatum as pb; from probatum.meta import compiled; "
        "r = np.random.default_rng(1); y = r.normal(size=({}, 4)); "
        "pb.pool_many(yi=y, vi=y * 0 + 1); print('numba' in sys.modules)"
    )
    few, many = (
        subprocess.run(
            [sys.executable, "-c", code.format(n)], capture_output=True, text=True, check=True
        ).stdout.strip()
        for n in (compiled.FROM - 1, compiled.FROM)
    )
    assert few == "False"
    assert many == str(find_spec("numba") is not None)
