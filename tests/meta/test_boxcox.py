"""conv_fivenum by powers that make values normal: limits, closed forms, simulations, bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import ndtri
from scipy.stats import norm

import probatum as pb
from probatum.meta.conversions.boxcox import changed, moments, order_likelihood

SETS = (("q1", "median", "q3"), ("min", "median", "max"), ("min", "q1", "median", "q3", "max"))


def scores(names: tuple[str, ...], n: int) -> Any:
    """Normal scores of the numbers, as Wan et al. (2014) take them."""
    end, quarter = ndtri((n - 0.375) / (n + 0.25)), ndtri((0.75 * n - 0.125) / (n + 0.25))
    all_of = {"min": -end, "q1": -quarter, "median": 0.0, "q3": quarter, "max": end}
    return np.array([all_of[name] for name in names])


def row(names: tuple[str, ...], values: Any) -> dict[str, float]:
    return {name: float(x) for name, x in zip(names, values, strict=True)}


@pytest.mark.parametrize("names", SETS, ids="-".join)
@pytest.mark.parametrize(
    ("power", "of"),
    [
        (1.0, lambda z: 50 + 10 * z),
        (0.5, lambda z: (6 + z) ** 2),
        (0.0, lambda z: np.exp(3 + 0.4 * z)),
    ],
    ids=["normal", "square of normal", "log-normal"],
)
def test_bc_gives_back_the_distribution(names: tuple[str, ...], power: float, of: Any) -> None:
    n = 121
    found = pb.conv_fivenum(**row(names, of(scores(names, n))), n=n, method="bc", test=False)
    truth = {1.0: (50, 10), 0.5: (37, np.sqrt(4 * 36 + 2)), 0.0: (
        np.exp(3.08), np.exp(3.08) * np.sqrt(np.expm1(0.16)))}[power]  # fmt: skip
    # the formula for all five numbers is a fit to simulations, good to 1%
    near = 1e-5 if len(names) == 3 else 0.012
    assert found["mean"][0] == pytest.approx(truth[0], rel=near)
    assert found["sd"][0] == pytest.approx(truth[1], rel=near)
    told = "a log-normal distribution" if power == 0 else f"to the power {power:.3g}"
    assert told in found.notes[0]


@pytest.mark.parametrize("names", SETS, ids="-".join)
@pytest.mark.parametrize("method", ["bc", "mln"])
def test_units_do_not_matter(names: tuple[str, ...], method: str) -> None:
    numbers = {"min": 1.1, "q1": 3.0, "median": 4.2, "q3": 7.5, "max": 19.0}
    one = pb.conv_fivenum(**{k: numbers[k] for k in names}, n=60, method=method)
    other = pb.conv_fivenum(**{k: 1e4 * numbers[k] for k in names}, n=60, method=method)
    assert other["mean"][0] == pytest.approx(1e4 * one["mean"][0], rel=1e-8)
    assert other["sd"][0] == pytest.approx(1e4 * one["sd"][0], rel=1e-8)


@pytest.mark.parametrize("names", SETS, ids="-".join)
def test_mln_is_the_maximum(names: tuple[str, ...]) -> None:
    numbers = {"min": 1.1, "q1": 3.0, "median": 4.2, "q3": 7.5, "max": 19.0}
    n, place = 61, {"min": 0, "q1": 15, "median": 30, "q3": 45, "max": 60}
    x, below = np.array([numbers[k] for k in names]), [place[k] for k in names]

    def ll(t: Any) -> float:
        """Of whole numbers of values below, between and above, written out with scipy.stats."""
        lam, at = abs(t[0]), norm(t[1], np.exp(t[2]))
        y = np.log(x) if lam < 1e-8 else (x**lam - 1) / lam
        out = below[0] * at.logcdf(y[0]) + (n - 1 - below[-1]) * at.logsf(y[-1])
        for j in range(len(y) - 1):
            out += (below[j + 1] - below[j] - 1) * np.log(at.cdf(y[j + 1]) - at.cdf(y[j]))
        return float(out + np.sum(at.logpdf(y) + (lam - 1) * np.log(x)))

    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000}
    best = minimize(lambda t: -ll(t), [0.2, 1.5, -0.5], method="Nelder-Mead", options=options)
    lam, mu, sigma = abs(best.x[0]), best.x[1], np.exp(best.x[2])
    z = norm.rvs(size=400_000, random_state=5)
    y = np.maximum(1 + lam * (mu + sigma * z), 0)
    drawn = np.exp(mu + sigma * z) if lam < 1e-6 else y ** (1 / lam)
    found = pb.conv_fivenum(**{k: numbers[k] for k in names}, n=n, method="mln")
    assert found["mean"][0] == pytest.approx(drawn.mean(), rel=5e-3)
    assert found["sd"][0] == pytest.approx(drawn.std(), rel=1.5e-2)
    # the same likelihood, up to its constant, at points away from the optimum too
    ranks = 1.0 + np.array(below)
    for t in ([0.3, 1.4, -0.6], [0.8, 2.0, 0.1]):
        ours = order_likelihood(np.array(t), x, ranks, n) - order_likelihood(
            np.array([0.5, 1.5, 0.0]), x, ranks, n
        )
        assert ours == pytest.approx(ll(t) - ll([0.5, 1.5, 0.0]), rel=1e-10)


@pytest.mark.parametrize("method", ["bc", "mln"])
@pytest.mark.parametrize("names", SETS, ids="-".join)
def test_skewed_samples_on_average(names: tuple[str, ...], method: str) -> None:
    rng = np.random.default_rng(2)
    raw = np.exp(rng.normal(3, 0.5, (40, 401)))
    five = dict(zip(SETS[2], np.quantile(raw, [0, 0.25, 0.5, 0.75, 1], axis=1), strict=True))
    numbers = {name: five[name] for name in names}
    found = pb.conv_fivenum(**numbers, n=401, method=method)
    normal = pb.conv_fivenum(**numbers, n=401, test=False)
    mean, sd = raw.mean(), raw.std(axis=1).mean()
    assert found["mean"].mean() == pytest.approx(mean, rel=0.025)
    assert found["sd"].mean() == pytest.approx(sd, rel=0.08)
    assert abs(found["mean"].mean() - mean) < abs(normal["mean"].mean() - mean)


def test_moments_in_closed_form() -> None:
    # (1 + Y/2)^2 of Y normal: a square of N(a, b^2)
    a, b = 1 + 0.3 / 2, 0.1
    assert moments(0.5, 0.3, 0.2) == pytest.approx(
        (a**2 + b**2, np.sqrt(4 * a**2 * b**2 + 2 * b**4)), rel=1e-8
    )
    assert moments(1.0, 0.3, 0.1) == pytest.approx((1.3, 0.1), rel=1e-10)
    # continuous at the log
    assert moments(1e-8, 0.1, 0.7) == pytest.approx(moments(0.0, 0.1, 0.7), rel=1e-6)
    x = np.array([0.2, 1.0, 5.0])
    np.testing.assert_allclose(changed(x, 1e-8), changed(x, 0.0), atol=1e-7)
    np.testing.assert_allclose(changed(x, 2.0), (x**2 - 1) / 2, rtol=1e-14)


@pytest.mark.parametrize("method", ["bc", "mln"])
def test_what_no_power_can_do(method: str) -> None:
    below = pb.conv_fivenum(q1=-1, median=2, q3=3, n=40, method=method)
    assert below.reasons == ("powers need values over 0",)
    left = pb.conv_fivenum(q1=0.01, median=9.99, q3=10, n=40, method=method)
    assert np.isnan(left["sd"][0]) == bool(left.reasons[0])
    more = pb.conv_fivenum(q1=3.9, median=4, q3=9, n=40, method=method)
    assert "assumes a log-normal distribution" in more.notes[0]
    mixed = pb.conv_fivenum(q1=[3, -1], median=4, q3=9, n=40, method=method)
    assert [bool(why) for why in mixed.reasons] == [False, True]


def test_the_same_number_twice() -> None:
    tied = pb.conv_fivenum(q1=4, median=4, q3=9, n=40, method="mln")
    assert "two of the numbers are the same" in tied.reasons[0]
    assert "even more skewed" in pb.conv_fivenum(q1=4, median=4, q3=9, n=40, method="bc").notes[0]
