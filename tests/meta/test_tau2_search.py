"""The search for tau2: its sums, what its proofs rest on, and the highest of several maxima."""

from __future__ import annotations

from collections.abc import Iterator

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from probatum.meta import scalar, solvers
from probatum.meta.climb import points
from probatum.meta.kernel import Batch, forms, padded, single
from probatum.meta.scalar import Point

Floats = NDArray[np.float64]
Set = tuple[Floats, Floats]
EITHER = pytest.mark.parametrize("restricted", [True, False], ids=["REML", "ML"])


def uneven(count: int, seed: int, *, most: int = 8) -> Iterator[Set]:
    """Few estimates, variances up to 1e8 apart, outliers: often with several maxima."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        k = int(rng.integers(2, most))
        v = np.exp(rng.uniform(0, np.log(10.0 ** rng.uniform(0, 8)), k))
        yield rng.normal(0, np.sqrt(v)) * rng.choice([1, 3, 10]) + 0.3, v


def alone(y: Floats, v: Floats) -> Batch:
    return single(y, v, np.ones((len(y), 1)))


def together(sets: list[Set]) -> Batch:
    shape = (len(sets), max(len(y) for y, _ in sets))
    y, v, mask = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    for i, (a, b) in enumerate(sets):
        y[i, : len(a)], v[i, : len(a)], mask[i, : len(a)] = a, b, True
    return padded(y, v, mask)


def likelihood(y: Floats, v: Floats, t: Floats, restricted: bool) -> Floats:
    """Profile log-likelihood, straight from its definition."""
    total = v + t[:, None]
    w = 1 / total
    off = y - ((w @ y) / w.sum(axis=1))[:, None]
    extra = np.log(w.sum(axis=1)) if restricted else 0.0
    return np.asarray(-0.5 * (np.log(total).sum(axis=1) + (w * off**2).sum(axis=1) + extra))


def grid(y: Floats, v: Floats, points: int = 3000) -> Floats:
    top = 10 * (np.ptp(y) ** 2 + v.max())
    return np.asarray(v.min() * np.expm1(np.linspace(0, np.log1p(top / v.min()), points)))


def exact_forms(y: Floats, v: Floats, tau2: float) -> list[float]:
    """y'Py, y'PPy, y'PPPy, tr P and tr PP from the k x k matrix, in 60 digits."""
    with mpmath.workdps(60):
        k = len(y)
        w = [1 / (mpmath.mpf(float(b)) + mpmath.mpf(tau2)) for b in v]
        total = mpmath.fsum(w)
        P = mpmath.matrix(k, k)
        for i in range(k):
            for j in range(k):
                P[i, j] = (w[i] if i == j else 0) - w[i] * w[j] / total
        col = mpmath.matrix([mpmath.mpf(float(a)) for a in y])
        PP = P * P
        out = [(col.T * M * col)[0] for M in (P, PP, PP * P)]
        return [float(x) for x in (*out, *(sum(M[i, i] for i in range(k)) for M in (P, PP)))]


@pytest.mark.parametrize("ratio", [1.0, 1e4, 1e10])
def test_sums_keep_their_digits_however_unequal_the_variances(ratio: float) -> None:
    rng = np.random.default_rng(11)
    for k in (2, 3, 7):
        v = 0.01 * np.exp(rng.uniform(0, np.log(ratio), k)) if ratio > 1 else np.full(k, 0.01)
        y = 5.0 + rng.normal(0, np.sqrt(v))
        for tau2 in (0.0, 0.003, 2.0):
            one = forms(alone(y, v), np.array([tau2]))
            two = forms(together([(y, v), (y[::-1].copy(), v[::-1].copy())]), np.full(2, tau2))
            for got in ([x[0] for x in one], [x[0] for x in two], [x[1] for x in two]):
                # y and v are rounded once when they are put on the standard scale
                assert got[:5] == pytest.approx(exact_forms(y, v, tau2), rel=2e-12)


@EITHER
def test_the_centres_never_fall_and_stay_in_bounds(restricted: bool) -> None:
    for y, v in uneven(60, 5, most=20):
        batch = alone(y, v)
        t = np.expm1(np.linspace(0, np.log(1e12), 200))
        p = points(batch.standard.take(np.zeros(200, dtype=np.int64)), t, restricted)
        for distance, limit in ((p.a, solvers.far(batch)[0]), (p.b, v.max() / v.min())):
            centre, error = distance - t, 1e-9 * (1 + t)
            assert (np.diff(centre) >= -error[1:]).all()
            assert (centre >= 1 - error).all()
            assert (centre <= limit * (1 + 1e-9) + error).all()


@EITHER
def test_what_is_proven_of_an_interval_holds_in_it(restricted: bool) -> None:
    rng = np.random.default_rng(8)
    proofs = np.zeros(5, dtype=int)
    for y, v in uneven(600, 9):
        batch = alone(y, v)
        begin = rng.uniform(0, np.log(10 * v.max() / v.min()))
        low, high = np.expm1([begin, begin + rng.choice([0.3, 1.0, 4.0])])
        t = np.r_[low, np.exp(np.linspace(np.log1p(low), np.log1p(high), 300))[1:-1] - 1, high]
        fine = points(batch.standard.take(np.zeros(300, dtype=np.int64)), t, restricted)
        p, q = (Point(*(float(x[i]) for x in fine)) for i in (0, -1))
        ratio = fine.rise / fine.fall
        slack = 1e-9
        if scalar.falls_until(p, scalar.centre(q)):
            proofs[0] += 1
            assert (ratio <= 1 + slack).all()
        if scalar.rises_from(p, q):
            proofs[1] += 1
            assert (ratio >= 1 - slack).all()
        if scalar.turns_once(p, q):
            proofs[2] += 1
            assert (np.diff(ratio) <= slack * ratio[1:]).all()
        if scalar.dips_once(p, q):
            proofs[3] += 1
            assert (np.diff(ratio) >= -slack * ratio[1:]).all()
        if scalar.falls_until(p, float(solvers.far(batch)[0])):
            proofs[4] += 1
            beyond = np.expm1(np.linspace(np.log1p(low), np.log(1e12), 300))
            more = points(batch.standard.take(np.zeros(300, dtype=np.int64)), beyond, restricted)
            assert (more.rise <= more.fall * (1 + slack)).all()
    assert (proofs >= 10).all(), proofs


@EITHER
def test_the_highest_of_several_maxima_is_found(restricted: bool) -> None:
    sets = list(uneven(800, 21))
    found = solvers.maximise(together(sets), restricted=restricted).tau2
    several = 0
    for (y, v), batched in zip(sets, found):
        by_itself = float(solvers.maximise(alone(y, v), restricted=restricted).tau2[0])
        assert by_itself == pytest.approx(batched, rel=1e-11, abs=1e-12 * v.min())
        fine = grid(y, v)
        ll = likelihood(y, v, fine, restricted)
        rising = np.diff(ll) > 1e-12
        several += int((rising[:-1] & ~rising[1:]).sum() + (not rising[0]) > 1)
        best = likelihood(y, v, np.array([batched]), restricted)[0]
        assert best >= ll.max() - 1e-9
    assert several >= 30  # the sets are as awkward as they are meant to be


def test_moderators_too_get_the_highest_maximum() -> None:
    rng = np.random.default_rng(4)
    for y, v in uneven(150, 33, most=9):
        if len(y) < 4:
            continue
        X = np.column_stack([np.ones(len(y)), rng.normal(size=len(y))])
        fine = grid(y, v, 400)
        for restricted in (True, False):
            tau2 = float(solvers.maximise(single(y, v, X), restricted=restricted).tau2[0])
            ll = [_with_moderators(y, v, X, t, restricted) for t in (tau2, *fine)]
            assert ll[0] >= max(ll) - 1e-8


def _with_moderators(y: Floats, v: Floats, X: Floats, t: float, restricted: bool) -> float:
    w = 1 / (v + t)
    Q, R = np.linalg.qr(X * np.sqrt(w)[:, None])
    z = np.sqrt(w) * y
    off = z - Q @ (Q.T @ z)
    extra = 2 * np.log(np.abs(np.diagonal(R))).sum() if restricted else 0.0
    return float(-0.5 * (np.log(v + t).sum() + off @ off + extra))


def test_scale_and_place_change_nothing() -> None:
    for y, v in uneven(40, 2):
        base = solvers.maximise(alone(y, v), restricted=True).tau2[0]
        for unit in (1e-140, 1e-60, 1e60, 1e140):
            moved = solvers.maximise(alone(y * np.sqrt(unit), v * unit), restricted=True).tau2[0]
            assert moved / unit == pytest.approx(base, rel=1e-9, abs=1e-12 * v.min())


@pytest.mark.parametrize("goal", [0.5, 2.0, 9.0])
def test_q_is_what_it_was_asked_to_be(goal: float) -> None:
    sets = list(uneven(200, 14))
    batch = together(sets)
    found = solvers.solve_q(batch, np.full(len(sets), goal))
    at_zero = forms(batch, np.zeros(len(sets))).q1
    inner = at_zero > goal
    assert inner.sum() > 20
    assert found.at.q1[inner] == pytest.approx(np.full(inner.sum(), goal), rel=1e-11)
    assert (found.tau2[~inner] == 0).all()
    for (y, v), batched in zip(sets, found.tau2):
        by_itself = solvers.solve_q(alone(y, v), np.array([goal])).tau2[0]
        number, _, _ = scalar.match_q(alone(y, v).standard.problem, goal)
        assert by_itself == pytest.approx(batched, rel=1e-11, abs=1e-12 * v.min())
        assert number * v.min() == pytest.approx(batched, rel=1e-11, abs=1e-12 * v.min())


@EITHER
def test_differences_that_vanish_in_rounding_divide_nothing(restricted: bool) -> None:
    edge = Point(0.0, 1.0, 0.5, np.nextafter(2.0, 0.0) * 3.0, 3.0)
    assert not scalar.steep(edge) or np.isfinite(scalar.newton(edge))
    low, high = Point(0.0, 9.0, 1.0, 1.0, 1.0), Point(1e20, 1.0, 1.0, 1e20, 1e20)
    assert scalar.rises_from(low, high) in (True, False)
    rng = np.random.default_rng(6)
    for size in (1e5, 1e10, 1e15, 1e25):
        for k in (2, 3, 12):
            y, v = size * rng.normal(size=k), rng.uniform(1, 5, k)
            tau2 = solvers.maximise(alone(y, v), restricted=restricted).tau2[0]
            # so far beyond the variances it is the estimates' own variance
            assert tau2 == pytest.approx(np.var(y, ddof=int(restricted)), rel=1e-7)
