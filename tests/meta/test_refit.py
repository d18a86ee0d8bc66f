"""Many versions of one fit: the same numbers as each version fitted by itself, by every path."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from benchmarks.never_fail import awkward, each

import probatum as pb
from probatum.meta import compiled, refit
from probatum.meta.diagnostics import subsets
from probatum.meta.kernel import Batch, Standard
from probatum.meta.moderated import moderated
from probatum.meta.types import Bools, Floats

COLUMNS = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub")
NUMBERS = ("tau2", "I2", "H2", "QE", "QEp", "s2w")


def _data(k: int, seed: int, spread: float = 2.0) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    v = 10.0 ** rng.uniform(-2, spread - 2, k)
    return rng.normal(0.3, np.sqrt(v + 0.1)), v, rng.normal(5.0, 2.0, k)


def _path(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    if path == "compiled":
        pytest.importorskip("numba", reason="the extra `fast` is not installed")
    monkeypatch.setattr(compiled, "FROM", 1 if path == "compiled" else 10**12)


def _same(found: refit.Refits, i: int, alone: pb.MetaFit) -> None:
    for name in COLUMNS:
        ours, theirs = getattr(found, name)[i], getattr(alone, name)
        assert ours == pytest.approx(theirs, rel=1e-11, abs=1e-12), (name, i)
    for name in NUMBERS:
        ours, theirs = getattr(found, name)[i], getattr(alone, name)
        assert ours == pytest.approx(theirs, rel=1e-11, abs=1e-12), (name, i)


@pytest.mark.parametrize("path", ["NumPy", "compiled"])
@pytest.mark.parametrize("method", ["REML", "ML", "PM", "DL", "EE"])
@pytest.mark.parametrize("weighted", [True, False])
def test_every_subset_as_by_itself(
    path: str, method: str, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _path(monkeypatch, path)
    y, v, _ = _data(6, seed=3)
    fit = pb.pool(y, v, method=method, weighted=weighted)
    masks = subsets._all_masks(6, 1)
    found = refit.refit(fit, masks)
    for i, mask in enumerate(masks):
        test = "z" if mask.sum() == 1 else "knha"
        alone = pb.pool(y[mask], v[mask], method=method, test=test, weighted=weighted)
        _same(found, i, alone)


@pytest.mark.parametrize("method", ["REML", "ML", "PM", "DL"])
@pytest.mark.parametrize("columns", [1, 3])
def test_every_subset_with_moderators(method: str, columns: int) -> None:
    rng = np.random.default_rng(8)
    y, v, _ = _data(9, seed=4)
    mods = rng.normal(size=(9, columns))
    fit = pb.pool(y, v, mods=mods, method=method)
    masks = subsets._all_masks(9, columns + 2)
    found = refit.refit(fit, masks)
    for i in rng.choice(len(masks), 60, replace=False):
        _same(found, i, pb.pool(y[masks[i]], v[masks[i]], mods=mods[masks[i]], method=method))


@pytest.mark.parametrize("path", ["NumPy", "compiled"])
def test_subsets_of_awkward_sets_get_the_highest_maximum_too(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some of these likelihoods have two maxima, which padded rows must not hide."""
    _path(monkeypatch, path)
    looked = 0
    for y, v in islice(each(awkward(400, seed=991)), 70):
        y, v = y[:8], v[:8]
        found = pb.gosh(pb.pool(y, v))
        sets = [(y[some], v[some]) for some in found.incl]
        alone = [pb.pool(*one).tau2 for one in sets] if len(sets) < 30 else (
            pb.pool_many(yi=[a for a, _ in sets], vi=[b for _, b in sets]).tau2
        )  # fmt: skip
        assert found.tau2 == pytest.approx(alone, rel=1e-11, abs=1e-11 * v.min())
        looked += len(sets)
    assert looked > 10_000


@pytest.mark.parametrize("path", ["NumPy", "compiled"])
def test_other_estimates_and_variances(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _path(monkeypatch, path)
    y, v, x = _data(7, seed=5)
    rng = np.random.default_rng(1)
    draw = rng.integers(0, 7, (50, 7))
    masks = rng.random((50, 7)) < 0.8
    masks[masks.sum(axis=1) < 4] = True
    found = refit.refit(pb.pool(y, v), masks, y=y[draw], v=v[draw])
    for i, mask in enumerate(masks):
        _same(found, i, pb.pool(y[draw[i]][mask], v[draw[i]][mask]))
    X = np.stack([np.ones((50, 7)), x[draw]], axis=-1)
    X[:, :2, 1] = [0.0, 1.0]  # of full rank whatever was drawn
    masks[:, :2] = True
    found = refit.refit(pb.pool(y, v, mods=x), masks, X=X)
    for i, mask in enumerate(masks):
        _same(found, i, pb.pool(y[mask], v[mask], mods=X[i, mask, 1]))


def test_pieces_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fits = [pb.pool(*_data(8, seed=2)[:2])]
    y, v, x = _data(8, seed=2)
    fits.append(pb.pool(y, v, mods=x))
    whole = [pb.gosh(fit) for fit in fits]
    for name, size in (("_CELLS", 1000), ("_COMPILED_CELLS", 300)):
        monkeypatch.setattr(refit, name, size)
    monkeypatch.setattr(subsets, "_PIECE", 37)
    for path in ("NumPy", "compiled"):
        _path(monkeypatch, path)
        for fit, one in zip(fits, whole):
            parts = pb.gosh(fit)
            assert (parts.incl == one.incl).all()
            assert (parts.k == one.k).all()
            for name in ("estimate", "tau2", "I2", "QE"):
                ours, theirs = getattr(parts, name), getattr(one, name)
                assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-13), name


def test_subsets_are_listed_once_each_and_large_enough() -> None:
    masks = subsets._all_masks(7, 3)
    assert len(np.unique(masks, axis=0)) == len(masks) == 2**7 - 1 - 7 - 21
    assert masks.sum(axis=1).min() == 3


def _batch(p: int, seed: int, spread: float) -> Batch:
    rng = np.random.default_rng(seed)
    many, k = 40, 12
    v = 10.0 ** rng.uniform(0, spread, (many, k))
    y = rng.normal(size=(many, k)) * np.sqrt(v)
    mask: Bools = rng.random((many, k)) < 0.9
    v = np.where(mask, v, np.inf)
    X = np.concatenate([np.ones((many, k, 1)), rng.normal(size=(many, k, p - 1))], axis=-1)
    size = mask.sum(axis=1).astype(np.float64)
    return Batch(y, v, mask, X, False, size, size - p, False)


def _exact(y: Floats, v: Floats, X: Floats, t: float) -> list[mp.mpf]:
    """y'Py, y'PPy, y'PPPy, tr P and tr PP by their definition."""
    with mp.workdps(80):
        design, w = mp.matrix(X.tolist()), mp.diag([1 / (mp.mpf(x) + t) for x in v.tolist()])
        P = w - w * design * mp.inverse(design.T * w * design) * design.T * w
        py = P * mp.matrix(y.tolist())
        ppy, k = P * py, range(len(y))
        square = P * P
        return [
            mp.fdot(y.tolist(), py), mp.fdot(py, py), mp.fdot(py, ppy),
            mp.fsum(P[i, i] for i in k), mp.fsum(square[i, i] for i in k),
        ]  # fmt: skip


@pytest.mark.parametrize("p", [2, 3, 6])
@pytest.mark.parametrize("spread", [1.0, 10.0])
def test_column_by_column_is_as_exact_as_householder(p: int, spread: float) -> None:
    batch = _batch(p, seed=p, spread=spread)
    unit = batch.unit[:, None]
    plain = Standard(batch.y / np.sqrt(unit), batch.v / unit, batch.X)
    quick = moderated(batch.y, batch.v, batch.X, batch.unit)
    for t in (0.0, 3.0, 1e6):
        forms = [part.forms(np.full(40, t)) for part in (quick, plain)]
        worst = np.zeros((2, 5))
        for i in range(0, 40, 8):
            use = batch.mask[i]
            exact = _exact(plain.y[i, use], plain.v[i, use], batch.X[i, use], t)
            off = [[abs(float(x[i] / e - 1)) for x, e in zip(f[:5], exact)] for f in forms]
            worst = np.maximum(worst, off)
        assert (worst[0] < 10.0 * worst[1] + 1e-14).all(), t
        if spread == 1.0:
            assert worst.max() < 1e-13


@pytest.mark.parametrize("spread", [10.0, 30.0])
def test_very_unequal_variances_with_moderators_give_numbers(spread: float) -> None:
    y, v, x = _data(10, seed=6, spread=spread)
    rng = np.random.default_rng(2)
    fit = pb.pool(y, v, mods=x)
    orders = np.argsort(rng.random((200, 10)), axis=1)
    found = refit.refit(fit, np.ones((200, 10), dtype=bool), X=fit.X[orders])
    for name in ("beta", "se", "tau2", "QE", "pval"):
        assert np.isfinite(getattr(found, name)).all(), name
    for i in range(0, 200, 10):
        alone = pb.pool(y, v, mods=x[orders[i]])
        assert alone.tau2 == pytest.approx(found.tau2[i], rel=1e-8, abs=1e-8 * v.min())


@pytest.mark.slow
def test_compiling_is_told_once_and_kept(tmp_path: Path) -> None:
    pytest.importorskip("numba", reason="the extra `fast` is not installed")
    code = (
        "import numpy as np, probatum as pb; from probatum.meta import compiled; "
        "y = np.random.default_rng(1).normal(size=(compiled.FROM, 3)); "
        "pb.pool_many(yi=y, vi=y * 0 + 1)"
    )
    told: list[Any] = []
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        told.append("compiling the search" in run.stderr)
    assert told == [True, False]
