"""Conversions: against metafor, against its manual's examples, by simulation; bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import probatum as pb
from probatum.meta.conversions.fivenum import SUMMARIES
from probatum.meta.conversions.quantiles import SHAPES, nearest
from probatum.meta.measures import MEASURES

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "conversions.json").read_text())


@pytest.mark.parametrize("case", PINNED["vcalc"], ids=lambda case: "-".join(case["args"]))
def test_covariances_equal_metafor(case: dict[str, Any]) -> None:
    rho = case["args"].get("rho")
    args = case["args"] | ({"rho": tuple(rho)} if isinstance(rho, list) else {})
    V = pb.vcalc(vi=PINNED["vi"], cluster=PINNED["cluster"], check=False, **args)
    np.testing.assert_allclose(V, case["V"], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("case", PINNED["aggregate"], ids=lambda case: case["args"]["struct"])
def test_aggregates_equal_metafor(case: dict[str, Any]) -> None:
    es = pb.effect_sizes(measure="GEN", yi=PINNED["yi"], vi=PINNED["vi"])
    found = pb.aggregate(es, PINNED["cluster"], **case["args"])
    np.testing.assert_allclose(found.yi, case["yi"], rtol=1e-12)
    np.testing.assert_allclose(found.vi, case["vi"], rtol=1e-12)
    assert all("2 estimates" in note or "4 estimates" in note for note in found.notes)
    assert all("assumes" in note for note in found.notes)


@pytest.mark.parametrize("case", PINNED["transf"], ids=lambda case: case["name"])
def test_transformations_equal_metafor(case: dict[str, Any]) -> None:
    found = pb.transf(case["x"], case["name"], **case["more"])
    theirs = np.array(case["result"], dtype=float)
    # metafor's Cohen's U1 of a negative difference is negative: a share can't be
    theirs = np.abs(theirs) if case["name"] == "dtou1" else theirs
    tolerance = 1e-6 if case["name"].endswith(".int") else 1e-11  # R's integrate()
    np.testing.assert_allclose(found, theirs, rtol=tolerance, atol=1e-14)


def test_the_cases_did_not_shrink() -> None:
    assert [len(PINNED[kind]) for kind in ("vcalc", "aggregate", "transf")] == [12, 10, 28]


@pytest.mark.parametrize(
    ("there", "back", "n"),
    [("log", "exp", None), ("logit", "ilogit", None), ("arcsin", "iarcsin", None),
     ("pft", "ipft", 37), ("irft", "iirft", 37), ("rtoz", "ztor", None), ("sqrt", "isqrt", None),
     ("probit", "iprobit", None), ("r2toz", "ztor2", None), ("ahw", "iahw", None),
     ("abt", "iabt", None)],
)  # fmt: skip
def test_there_and_back(there: str, back: str, n: float | None) -> None:
    x = np.array([0.01, 0.2, 0.5, 0.93])
    np.testing.assert_allclose(pb.transf(pb.transf(x, there, n=n), back, n=n), x, rtol=1e-11)


def test_every_measure_comes_back_by_name() -> None:
    for found in MEASURES.values():
        if found.transf not in ("ift", "iirft"):
            assert np.isfinite(pb.transf(0.3, found.transf))


# Wald intervals and tests


def test_reported_results_equal_the_manual_of_metafor() -> None:
    # conv.wald's examples: an odds ratio of 0.64, by its interval and by its p-value
    table = {"ai": [23, None, 4], "n1i": [194, 183, 46], "ci": [38, None, 7], "n2i": [201, 188, 44]}
    es = pb.effect_sizes(measure="OR", **table)
    data = {"or": [None, 0.64, None], "lower": [None, 0.33, None], "upper": [None, 1.22, None]}
    data["p"] = [None, 0.17, None]
    by_ci = pb.conv_wald(data, out="or", ci_lb="lower", ci_ub="upper", transf="log", into=es)
    assert by_ci.yi.round(4).tolist() == [-0.55, -0.4463, -0.6864]
    assert by_ci.vi.round(4).tolist() == [0.0818, 0.1113, 0.4437]
    by_p = pb.conv_wald(data, out="or", pval="p", transf="log", into=es)
    assert by_p.vi.round(4).tolist() == [0.0818, 0.1058, 0.4437]
    assert by_p.measure == "OR"
    assert [bool(note) for note in by_p.notes] == [False, True, False]
    assert by_p.reasons == ("", "", "")


def test_all_ways_to_a_standard_error_agree() -> None:
    y, se = np.log(1.7), 0.21
    z = 1.959963984540054
    limits = {"ci_lb": np.exp(y - z * se), "ci_ub": np.exp(y + z * se)}
    p = (
        2 * (1 - 0.5 * (1 + float(np.math.erf(y / se / np.sqrt(2)))))
        if hasattr(np, "math")
        else None
    )
    ways: list[dict[str, Any]] = [{"se": se}, limits, {"zval": y / se}]
    ways += [{"pval": p}] if p is not None else []
    for way in ways:
        es = pb.conv_wald(out=1.7, transf="log", **way)
        assert es.yi[0] == pytest.approx(y, rel=1e-12)
        assert es.vi[0] == pytest.approx(se**2, rel=1e-9)
        assert "assumes" in es.notes[0] or "as reported" in es.notes[0]


def test_t_intervals_and_levels() -> None:
    # qt(0.95, 7) = 1.894578605
    es = pb.conv_wald(out=2.0, ci_lb=2 - 1.894578605, ci_ub=2 + 1.894578605, df=7, level=90)
    assert es.vi[0] == pytest.approx(1, rel=1e-8)
    assert es.notes == (
        "standard error from the 90% interval: assumes a t interval (7 df) of estimate",
    )


def test_what_looks_wrong_is_said() -> None:
    es = pb.conv_wald(
        out=[2.0, 2.0, 0.0, 2.0, -1.0, 2.0],
        ci_lb=[1.0, 3.0, 1.0, None, 1.0, 1.9],
        ci_ub=[4.0, 1.0, 2.0, None, 2.0, 9.0],
        transf="log",
    )
    assert es.reasons == (
        "", "ci_lb = 3 is over ci_ub = 1", "out = 0 has no log(estimate)",
        "se, ci_lb and ci_ub, zval or pval is missing", "out = -1 has no log(estimate)", "",
    )  # fmt: skip
    assert es.notes[5].endswith("but the estimate is not in the middle of the interval")
    with pytest.raises(pb.BadInput, match="level is in percent: 95 where"):
        pb.conv_wald(out=1.0, se=1.0, level=0.95)
    with pytest.raises(pb.UnknownOption, match='transf "ln" does not exist'):
        pb.conv_wald(out=1.0, se=1.0, transf="ln")
    with pytest.raises(pb.UnknownOption, match="measure"):
        pb.conv_wald(out=1.0, se=1.0, measure="odds")


# five-number summaries


def test_the_published_formulas() -> None:
    n = 81
    full = pb.conv_fivenum(min=2, q1=5, median=6, q3=8, max=13, n=n, test=False)
    w1, w2 = 2.2 / (2.2 + 81**0.75), 0.7 - 0.72 / 81**0.55
    assert full["mean"][0] == pytest.approx(w1 * 7.5 + w2 * 6.5 + (1 - w1 - w2) * 6, rel=1e-13)
    quartiles = pb.conv_fivenum(q1=5, median=6, q3=8, n=n, test=False)
    w = 0.7 + 0.39 / 81
    assert quartiles["mean"][0] == pytest.approx(w * 6.5 + (1 - w) * 6, rel=1e-13)
    ends = pb.conv_fivenum(min=2, median=6, max=13, n=n, test=False)
    w = 4 / (4 + 81**0.75)
    assert ends["mean"][0] == pytest.approx(w * 7.5 + (1 - w) * 6, rel=1e-13)
    # the fullest set a row has is used
    mixed = pb.conv_fivenum(
        min=[2, None, 2],
        q1=[5, 5, None],
        median=6,
        q3=[8, 8, None],
        max=[13, None, 13],
        n=n,
        test=False,
    )
    one_by_one = [full["sd"][0], quartiles["sd"][0], ends["sd"][0]]
    assert mixed["sd"].tolist() == one_by_one
    assert [note.split(" and n (")[1].split(", which")[0] for note in mixed.notes] == [
        "Luo 2016, Shi 2020): assumes a normal distribution",
        "Luo 2016, Wan 2014): assumes a normal distribution",
        "Luo 2016, Wan 2014): assumes a normal distribution",
    ]


@pytest.mark.parametrize("summary", SUMMARIES, ids=lambda s: "-".join(s.names))
@pytest.mark.parametrize("n", [9, 41, 401])
def test_means_sds_and_tests_do_what_they_promise(summary: Any, n: int) -> None:
    # 20,000 normal samples (mean 50, SD 10): unbiased, and 5% are called skewed
    rng = np.random.default_rng(n)
    raw = np.sort(rng.normal(50, 10, (20_000, n)), axis=1)
    five = np.quantile(raw, [0, 0.25, 0.5, 0.75, 1], axis=1)
    numbers = dict(zip(("min", "q1", "median", "q3", "max"), five, strict=True))
    found = pb.conv_fivenum(**{name: numbers[name] for name in summary.names}, n=n, test=False)
    assert found["mean"].mean() == pytest.approx(50, abs=0.25)
    assert found["sd"].mean() == pytest.approx(10, rel=0.06 if n < 20 else 0.02)
    called = float(np.mean(found["skewness"] > found["critical"]))
    assert 0.03 < called < 0.07


def test_skewed_numbers_are_left_out_or_said_to_be() -> None:
    numbers = {"min": 1, "q1": 3, "median": 4, "q3": 9, "max": 30, "n": 60}
    found = pb.conv_fivenum(**numbers)
    assert "too skewed for a normal distribution" in found.reasons[0]
    assert np.isnan(found["mean"][0])
    kept = pb.conv_fivenum(**numbers, test=False)
    assert kept.notes[0].endswith("which the numbers speak against")


@pytest.mark.parametrize("name", [shape.name for shape in SHAPES])
def test_quantile_estimation_finds_the_distribution_it_came_from(name: str) -> None:
    shape = next(s for s in SHAPES if s.name == name)
    truth = {"normal": [5.0, 0.3], "log-normal": [1.2, -0.5], "gamma": [0.7, 0.4],
             "beta": [0.4, 1.1], "Weibull": [0.9, 1.5]}[name]  # fmt: skip
    n = 200.0
    p = np.array([1 / n, 0.25, 0.5, 0.75, 1 - 1 / n])
    values = dict(zip(("min", "q1", "median", "q3", "max"), shape.quantile(p, np.array(truth))))
    mean, sd, said = nearest({k: float(v) for k, v in values.items()}, n)
    assert (mean, sd) == pytest.approx(shape.moments(np.array(truth)), rel=1e-6)
    assert name in said


def test_moments_of_the_shapes() -> None:
    rng = np.random.default_rng(3)
    u = rng.uniform(size=400_000)
    for shape in SHAPES:
        t = np.array([0.6, -0.5])
        drawn = shape.quantile(u, t)
        assert shape.moments(t) == pytest.approx((drawn.mean(), drawn.std()), rel=0.02)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"q1": 4, "median": 3, "q3": 5, "n": 20}, "q1 = 4 is over median = 3"),
        ({"q1": 4, "median": 4, "q3": 4, "n": 20}, "all numbers are the same"),
        ({"q1": 4, "median": 4.5, "q3": 5, "n": 4}, "n = 4: fewer than 5"),
        ({"median": 4.5, "q3": 5, "n": 40}, "the median, or both quartiles"),
        ({"q1": 4, "median": 4.5, "q3": np.inf, "n": 40}, "q3 = inf is too extreme"),
    ],
)
@pytest.mark.parametrize("method", ["luo/wan/shi", "qe", "bc", "mln"])
def test_five_numbers_that_do_not_fit(cells: dict[str, Any], why: str, method: str) -> None:
    found = pb.conv_fivenum(**cells, method=method)
    assert found.reasons[0].startswith(why)
    assert np.isnan(found["mean"][0])
    assert found.notes == ("",)


def test_converted_rows_are_data_for_effect_sizes() -> None:
    data = pd.DataFrame({"q1": [4, 5], "m": [6, 7], "q3": [8, 9], "n": [40, 30]}, index=[9, 2])
    one = pb.conv_fivenum(data, q1="q1", median="m", q3="q3", n="n")
    es = pb.effect_sizes(one, measure="MN", mi="mean", sdi="sd", ni="n")
    assert es.yi.tolist() == one["mean"].tolist()


# 2x2 tables


def test_tables_come_back() -> None:
    # the example of conv.2x2 in metafor's manual, and its numbers unrounded
    a, b, c, d = 36, 86, 20, 98
    n, n1, n2 = a + b + c + d, a + b, a + c
    phi = (a * d - b * c) / np.sqrt(n1 * (n - n1) * n2 * (n - n2))
    yates = n * (abs(a * d - b * c) - n / 2) ** 2 / (n1 * (n - n1) * n2 * (n - n2))
    ways: list[dict[str, Any]] = [
        {"ori": 2.05}, {"ri": round(phi, 2)}, {"x2i": round(yates, 2)},
        {"x2i": n * phi**2, "correct": False}, {"ori": a * d / (b * c)},
    ]  # fmt: skip
    for way in ways:
        found = pb.conv_2x2(ni=n, n1i=n1, n2i=n2, **way)
        assert [found[name][0] for name in ("ai", "bi", "ci", "di")] == [a, b, c, d]
        assert "rounded to whole people" in found.notes[0]


def test_every_table_comes_back_from_every_statistic() -> None:
    rng = np.random.default_rng(5)
    cells = rng.integers(1, 60, (4, 500)).astype(float)
    a, b, c, d = cells
    n, n1, n2 = a + b + c + d, a + b, a + c
    cross = a * d - b * c
    margins = n1 * (n - n1) * n2 * (n - n2)
    more = {"ni": n, "n1i": n1, "n2i": n2}
    for found in (
        pb.conv_2x2(ori=a * d / (b * c), **more),
        pb.conv_2x2(ri=cross / np.sqrt(margins), **more),
        pb.conv_2x2(x2i=np.sign(cross) * n * cross**2 / margins, correct=False, **more),
    ):
        np.testing.assert_array_equal(np.array([found[x] for x in ("ai", "bi", "ci", "di")]), cells)


def test_tables_that_can_not_be() -> None:
    found = pb.conv_2x2(ri=[0.54, 0.54, 2], ni=400, n1i=200, n2i=[200, 50, 50])
    assert found["ai"][0] == 154
    assert found.reasons[1].startswith("a cell would be negative")
    assert found.reasons[2] == "ri = 2 is outside -1 to 1"
    with pytest.raises(pb.BadInput, match="margins alone"):
        pb.conv_2x2(ni=4, n1i=2, n2i=2)
    assert pb.conv_2x2(ori=-0.4, ni=4, n1i=2, n2i=2).reasons[0].endswith("not its log")


# covariances and aggregates


def test_correlations_by_pair_and_refusals() -> None:
    rows = {"vi": [1.0, 1.0, 1.0], "cluster": ["a"] * 3, "obs": ["x", "y", "z"]}
    V = pb.vcalc(**rows, rho={("x", "y"): 0.2, ("z", "x"): 0.3, ("y", "z"): 0.4})
    assert V[np.triu_indices(3, 1)].tolist() == [0.2, 0.3, 0.4]
    with pytest.raises(pb.BadInput, match="no correlation of obs 'x' and 'z'"):
        pb.vcalc(**rows, rho={("x", "y"): 0.2})
    with pytest.raises(pb.BadInput, match="not possible together in cluster a"):
        pb.vcalc(**rows, rho=-0.9)
    with pytest.raises(pb.BadInput, match="need rho"):
        pb.vcalc(**rows)
    with pytest.raises(pb.BadInput, match=r"rho = 1.2 is outside -1 to 1"):
        pb.vcalc(**rows, rho=1.2)
    with pytest.raises(pb.BadInput, match="say in what estimates"):
        pb.vcalc(vi=[1.0], cluster=["a"])
    with pytest.raises(pb.BadInput, match="cluster has 2 values for 3 rows"):
        pb.vcalc(vi=[1.0, 1, 1], cluster=["a", "b"], obs=[1, 2, 3], rho=0.5)
    with pytest.raises(pb.BadInput, match="cluster is missing in row 2"):
        pb.vcalc(vi=[1.0, 1], cluster=["a", None], obs=[1, 2], rho=0.5)
    frame = pd.DataFrame({"v": [1.0, 2.0], "s": ["a", "a"], "t": [1, 2]}, index=[5, 1])
    V = pb.vcalc(frame, vi="v", cluster="s", time1="t", phi=0.5)
    assert V[0, 1] == pytest.approx(0.5 * np.sqrt(2))


def test_aggregating_keeps_what_is_known() -> None:
    es = pb.effect_sizes(measure="OR", ai=[4, 6, 3], n1i=20, ci=[5, 2, None], n2i=[22, 25, 20])
    found = pb.aggregate(es, ["A", "A", "B"], rho=0.5)
    assert (found.measure, found.slab) == ("OR", ("A", "B"))
    assert found.reasons == ("", "none of its estimates is known")
    assert found.ni is not None
    assert found.ni[0] == 45
    assert np.isfinite(pb.pool(found).beta[0])
    given = pb.aggregate(es, ["A", "A", "B"], V=np.diag([es.vi[0], es.vi[1], 1.0]))
    independent = pb.aggregate(es, ["A", "A", "B"], struct="ID")
    assert given.yi[0] == pytest.approx(independent.yi[0], rel=1e-14)
    with pytest.raises(pb.BadInput, match="needs rho"):
        pb.aggregate(es, ["A", "A", "B"])
    with pytest.raises(pb.UnknownOption, match="struct"):
        pb.aggregate(es, ["A", "A", "B"], struct="AR")
    with pytest.raises(pb.BadInput, match="needs time"):
        pb.aggregate(es, ["A", "A", "B"], struct="CAR", phi=0.5)


@pytest.mark.parametrize(
    "value", [None, "x", [], {}, [object()], float("nan"), b"1", [[1]], -1, 10**400]
)
def test_no_traceback_other_than_ours(value: Any) -> None:
    two = pb.effect_sizes(measure="GEN", yi=[1, 2], vi=[1, 1])
    calls = (
        lambda: pb.conv_wald(out=value, se=value),
        lambda: pb.conv_wald(out=[1.0, 2.0], ci_lb=value, ci_ub=value, pval=value, df=value),
        lambda: pb.conv_fivenum(q1=value, median=value, q3=value, n=value),
        lambda: pb.conv_fivenum(min=value, median=value, max=value, n=value, method="qe"),
        lambda: pb.conv_fivenum(min=value, median=value, max=value, n=value, method="bc"),
        lambda: pb.conv_fivenum(q1=value, median=value, q3=value, n=value, method="mln"),
        lambda: pb.conv_2x2(ori=value, ri=value, ni=value, n1i=value, n2i=value),
        lambda: pb.vcalc(vi=value, cluster=value, obs=value, rho=value),
        lambda: pb.aggregate(two, value, rho=value),
    )
    outcomes: list[Any] = []
    for call in calls:
        try:
            outcomes.append(call())
        except pb.ProbatumError as error:
            outcomes.append(str(error))
    assert all(outcome is not None and outcome != "" for outcome in outcomes)
