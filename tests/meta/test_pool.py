"""`pool`: published numbers, exact arithmetic, edge cases and messages."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import probatum as pb

# ruff: noqa: SIM300  (I2, R2, QE are fields, not constants)
# BCG trials (Colditz 1994): cases and others, vaccinated and not, as log risk ratios; latitude.
# The pooled numbers in these tests are metafor 3.8's on the same rows
_A = np.array([4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27], dtype=float)
_C = np.array([11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29], dtype=float)
_B = np.array([119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886])
_D = np.array([128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825])
Y = np.log((_A / (_A + _B)) / (_C / (_C + _D)))
V = 1 / _A - 1 / (_A + _B) + 1 / _C - 1 / (_C + _D)
LAT = np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33], dtype=float)
ALL = ("EE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM")


def test_reml_and_knha_give_metafors_numbers() -> None:
    fit = pb.pool(Y, V)
    assert fit.tau2 == pytest.approx(0.3132432581364859, rel=1e-8)
    assert fit.beta[0] == pytest.approx(-0.7145323421581397, rel=1e-8)
    assert fit.se[0] == pytest.approx(0.18079174409284798, rel=1e-8)
    assert fit.ci_lb[0] == pytest.approx(-1.1084437136855514, rel=1e-8)
    assert fit.I2 == pytest.approx(92.22138452126907, rel=1e-8)
    assert fit.se_tau2 == pytest.approx(0.16642575283697314, rel=1e-8)
    assert fit.QE == pytest.approx(152.2330080823733, rel=1e-12)
    assert fit.fit_stats["REML"].ll == pytest.approx(-12.202371415493571, rel=1e-9)
    assert fit.fit_stats["ML"].dev == pytest.approx(37.16141159885221, rel=1e-9)
    assert fit.fit_stats["REML"].BIC == pytest.approx(29.374556130563143, rel=1e-9)
    assert fit.status == "converged"


def test_prediction_interval_uses_the_tests_own_quantile() -> None:
    z = pb.pool(Y, V, test="z").predict()
    t = pb.pool(Y, V, test="knha").predict()
    assert z.pi_lb[0] == pytest.approx(-1.8666922179028962, rel=1e-8)
    assert t.pi_ub[0] == pytest.approx(0.5669521498799327, rel=1e-8)
    ratio = pb.pool(Y, V).predict(transf="exp")
    assert ratio.pi_ub[0] == pytest.approx(np.exp(t.pi_ub[0]))
    assert np.isnan(ratio.se[0])


def test_q_profile_limits_are_where_q_is_the_quantile() -> None:
    interval = pb.pool(Y, V).confint()
    assert interval.tau2[1:] == pytest.approx((0.11971836, 1.11147908), rel=1e-6)
    assert interval.I2[1:] == pytest.approx((81.92057456, 97.67807496), rel=1e-7)
    assert not interval.empty
    wide = pb.pool(Y, V).confint(level=99)
    assert wide.tau2[1] < interval.tau2[1] < interval.tau2[2] < wide.tau2[2]


def test_q_profile_of_estimates_too_alike_is_empty() -> None:
    interval = pb.pool([0.1, 0.101, 0.099, 0.1, 0.1], [0.4, 0.2, 0.3, 0.1, 0.2]).confint()
    assert interval.empty
    assert interval.tau2[1:] == (0.0, 0.0)


def test_moderators_as_array_mapping_and_formula_agree() -> None:
    table = {"ablat": LAT, "yi": Y, "vi": V}
    fits = [
        pb.pool(Y, V, mods=LAT),
        pb.pool(Y, V, mods={"ablat": LAT}),
        pb.pool("yi", "vi", mods="~ ablat", data=table),
    ]
    for fit in fits:
        assert fit.beta == pytest.approx(fits[0].beta, rel=1e-12)
        assert fit.names[0] == "intrcpt"
        assert fit.m == 1
    assert fits[2].names == ("intrcpt", "ablat")
    new = fits[2].predict({"ablat": [0, 60]}).pred
    assert new == pytest.approx(fits[0].predict([0, 60]).pred, rel=1e-12)
    assert pb.pool(Y, V, mods=LAT, method="DL", test="z").tau2 == pytest.approx(
        0.06330050242641522, rel=1e-10
    )
    assert pb.pool(Y, V, mods=LAT, method="DL").R2 == pytest.approx(79.498494450165, rel=1e-10)


def test_a_formula_codes_categories_and_can_drop_the_intercept() -> None:
    alloc = np.array(["a", "b"] * 6 + ["a"])
    fit = pb.pool(Y, V, mods="~ alloc - 1", data={"alloc": alloc}, method="EE", test="z")
    alone = pb.pool(Y[alloc == "b"], V[alloc == "b"], method="EE", test="z")
    assert fit.p == fit.m == 2
    assert fit.beta[1] == pytest.approx(alone.beta[0], rel=1e-12)
    assert np.isnan(fit.R2)


def _exact_dl(y: list[Fraction], v: list[Fraction], x: list[Fraction]) -> Fraction:
    """DerSimonian-Laird with one moderator in exact arithmetic."""
    w = [1 / b for b in v]

    def s(*columns: list[Fraction]) -> Fraction:
        total = Fraction(0)
        for i, weight in enumerate(w):
            term = weight
            for c in columns:
                term *= c[i]
            total += term
        return total

    a, b, c = s(), s(x), s(x, x)
    det = a * c - b * b
    slope = (a * s(x, y) - b * s(y)) / det
    level = (s(y) - slope * b) / a
    rest = [p - level - slope * q for p, q in zip(y, x)]
    q = s(rest, rest)
    trace = a - (c * s(w) - 2 * b * s(w, x) + a * s(w, x, x)) / det
    return (q - (len(y) - 2)) / trace


def test_badly_scaled_moderators_keep_ten_digits() -> None:
    year = np.array([48, 49, 60, 77, 73, 53, 73, 80, 68, 61, 74, 69, 76]) + 1900.0
    exact = _exact_dl(*([Fraction(float(a)) for a in column] for column in (Y, V, year)))
    fit = pb.pool(Y, V, mods=year, method="DL", test="z")
    assert fit.tau2 == pytest.approx(float(exact), rel=1e-10)


@pytest.mark.parametrize("method", ALL)
def test_every_estimator_moves_with_scale_and_not_with_place(method: str) -> None:
    fit = pb.pool(Y, V, method=method, mods=LAT)
    moved = pb.pool(3 * Y + 7, 9 * V, method=method, mods=LAT)
    assert moved.tau2 == pytest.approx(9 * fit.tau2, rel=1e-8)
    assert moved.beta[1] == pytest.approx(3 * fit.beta[1], rel=1e-8)
    assert moved.I2 == pytest.approx(fit.I2, rel=1e-8)
    assert fit.weights.sum() == pytest.approx(100)


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_likelihood_is_nowhere_higher(method: str) -> None:
    # two clusters far apart, of very different precision: several maxima
    y = np.array([0.0, 0.01, -0.01, 4.0, 9.0])
    v = np.array([1e-4, 1e-4, 1e-4, 4.0, 9.0])
    fit = pb.pool(y, v, method=method, test="z")

    def loglik(t: float) -> float:
        w = 1 / (v + t)
        mu = (w * y).sum() / w.sum()
        extra = np.log(w.sum()) if method == "REML" else 0.0
        return -0.5 * float(np.log(v + t).sum() + (w * (y - mu) ** 2).sum() + extra)

    top = loglik(fit.tau2)
    assert all(loglik(t) <= top + 1e-10 for t in np.r_[0, np.geomspace(1e-8, 1e3, 4000)])


def test_fixed_names_are_one_model() -> None:
    fits = [pb.pool(Y, V, method=m, test="z") for m in ("EE", "FE", "CE")]
    assert {f.method for f in fits} == {"EE"}
    assert fits[0].beta[0] == pytest.approx(-0.4302851636540909, rel=1e-12)
    assert fits[0].status == "fixed"
    assert np.isnan(fits[0].se_tau2)
    with pytest.raises(pb.BadInput, match="no tau2"):
        fits[0].confint()


def test_unweighted_keeps_the_weighted_heterogeneity() -> None:
    plain, weighted = pb.pool(Y, V, weighted=False, test="z"), pb.pool(Y, V, test="z")
    assert plain.beta[0] == pytest.approx(Y.mean(), rel=1e-12)
    assert plain.se[0] == pytest.approx(0.1893399087998748, rel=1e-8)
    assert (plain.tau2, plain.QE, plain.I2) == (weighted.tau2, weighted.QE, weighted.I2)
    assert plain.weights == pytest.approx(np.full(13, 100 / 13))


def test_adhoc_is_never_narrower_than_t() -> None:
    y, v = [0.2, 0.21, 0.19], [0.04, 0.02, 0.03]
    t, hk, floor = (pb.pool(y, v, test=x).se[0] for x in ("t", "knha", "adhoc"))
    assert hk < t
    assert floor == t


def test_a_single_estimate_stands_for_itself() -> None:
    fit = pb.pool([0.3], [0.04])
    assert (fit.beta[0], fit.se[0], fit.tau2, fit.I2, fit.H2) == (0.3, 0.2, 0.0, 0.0, 1.0)
    assert fit.test == "z"
    assert fit.pval[0] == pytest.approx(0.13361440253771584)
    with pytest.raises(pb.BadInput, match="no heterogeneity"):
        fit.confint()


@pytest.mark.parametrize("method", ALL)
def test_two_estimates_and_identical_ones(method: str) -> None:
    two = pb.pool([0.1, 0.9], [0.04, 0.04], method=method, test="t")
    assert two.beta[0] == pytest.approx(0.5)
    assert two.dfs == 1
    same = pb.pool([0.2] * 4, [0.04, 0.02, 0.03, 0.01], method=method)
    assert same.tau2 == 0
    assert same.beta[0] == pytest.approx(0.2)
    assert same.se[0] == 0


def test_rows_left_out_are_counted_with_reasons() -> None:
    y, v, x = Y.copy(), V.copy(), LAT.copy()
    y[1], v[3], x[5] = np.nan, np.nan, np.nan
    fit = pb.pool(y, v, mods={"lat": x})
    keep = np.isfinite(y) & np.isfinite(v) & np.isfinite(x)
    alone = pb.pool(y[keep], v[keep], mods=x[keep])
    assert fit.beta == pytest.approx(alone.beta, rel=1e-12)
    assert (fit.k, fit.k_left_out) == (10, 3)
    assert fit.left_out[1] == "no estimate"
    assert fit.left_out[3] == "no sampling variance"
    assert fit.left_out[5] == "no moderator lat"
    assert np.isnan(fit.weights[[1, 3, 5]]).all()
    assert "Left out: 3 of 13 rows" in fit.summary()


def test_rows_missing_in_a_formulas_data_are_left_out() -> None:
    x = LAT.copy()
    x[5] = np.nan
    fit = pb.pool(Y, V, mods="~ lat", data={"lat": x})
    assert fit.k == 12
    assert fit.left_out[5] == "no moderator"
    assert fit.beta == pytest.approx(pb.pool(Y, V, mods=x).beta, rel=1e-12)


def test_tidy_glance_and_summary_say_what_the_fit_says() -> None:
    fit = pb.pool(Y, V, mods={"lat": LAT})
    assert [r["term"] for r in fit.tidy()] == ["intrcpt", "lat"]
    assert fit.tidy()[1]["estimate"] == fit.beta[1]
    assert fit.glance()["tau2"] == fit.tau2
    assert fit.glance()["AICc"] == fit.fit_stats["REML"].AICc
    text = fit.summary()
    for part in ("13 estimates", "REML", "lat", "Hartung-Knapp", f"{fit.beta[1]:.4f}", "F(1, 11)"):
        assert part in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": 0.95}, "level=95"),
        ({"level": 100}, "below 100"),
        ({"method": "RELM"}, 'Did you mean "REML"'),
        ({"test": "hksj"}, "knha"),
        ({"mods": LAT[:5]}, "5 rows; there are 13"),
        ({"mods": np.column_stack([LAT, 2 * LAT])}, "follows from"),
        ({"mods": {"zero": 0 * LAT}}, '"zero" is 0'),
        ({"mods": {"one": 0 * LAT + 1}}, '"one" follows'),
        ({"mods": "~ lat"}, "data="),
        ({"mods": "~ lat", "data": {"ablat": LAT}}, 'no column "lat".*It has: ablat'),
        ({"mods": "yi ~ lat", "data": {"lat": LAT}}, "starts with"),
        ({"mods": "~ lat +", "data": {"lat": LAT}}, "can't be read"),
        ({"mods": "lat", "data": {"lat": ["a"] * 13}}, '"~ lat" to code categories'),
        ({"slab": ["a"]}, "1 labels"),
        ({"sei": V}, "either"),
    ],
)
def test_misuse_says_what_to_do(options: dict[str, object], message: str) -> None:
    with pytest.raises(pb.ProbatumError, match=message):
        pb.pool(Y, V, **options)  # type: ignore[arg-type]


def test_bad_numbers_are_refused() -> None:
    with pytest.raises(pb.BadInput, match="must be positive"):
        pb.pool([0.1, 0.2], [0.0, 0.1])
    with pytest.raises(pb.BadInput, match="must be positive"):
        pb.pool([0.1, 0.2], sei=[-0.1, 0.1])
    with pytest.raises(pb.BadInput, match="none of the 2 rows"):
        pb.pool([np.nan, np.nan], [0.1, 0.1])
    with pytest.raises(pb.BadInput, match="can't carry"):
        pb.pool([0.1, 0.5], [0.04, 0.02], mods=[1, 2])


@pytest.mark.parametrize("frame", ["pandas", "polars"])
def test_data_frames_work_and_name_their_columns(frame: str) -> None:
    library = pytest.importorskip(frame)
    table = library.DataFrame({"yi": Y, "vi": V, "alloc": ["a", "b"] * 6 + ["a"]})
    fit = pb.pool("yi", "vi", mods="~ alloc", data=table)
    assert fit.k == 13
    with pytest.raises(pb.BadInput, match="It has: yi, vi, alloc"):
        pb.pool("yi", "var", data=table)


def test_standard_errors_are_squared() -> None:
    assert pb.pool(Y, sei=np.sqrt(V)).beta[0] == pytest.approx(pb.pool(Y, V).beta[0], rel=1e-12)


@pytest.mark.parametrize("method", ALL)
def test_moderators_explain_nothing_where_nothing_varies(method: str) -> None:
    # whatever the processor's rounding makes of differences that are 0
    rng = np.random.default_rng(3)
    for _ in range(40):
        k = int(rng.integers(4, 30))
        y = np.full(k, rng.choice([0.1, 0.25, -1.3, 1e6, 3e-9]))
        v = 10.0 ** rng.uniform(-6, 2, size=k)
        fit = pb.pool(y, v, mods=rng.normal(size=k), method=method)
        assert fit.R2 == 0.0
        assert pb.pool(y, v, mods=rng.normal(size=k), method=method, weighted=False).R2 == 0.0


def test_moderators_explain_nothing_where_q_is_its_expectation() -> None:
    # Q = k - 1 but for rounding: DL's tau2 is 0 or some 1e-17, and no share of it means anything
    for scale in np.arange(1, 30) / 10:
        y = scale * np.array([0.1, 0.7, 0.2, 0.9, 0.3])
        v = np.full(5, float(np.var(y, ddof=1)))
        assert pb.pool(y, v, mods=[1.0, 7, 2, 8, 4], method="DL").R2 == 0.0


def test_moderators_explain_all_of_a_small_but_real_difference() -> None:
    x = np.array([1.0, 2.0, 3.0, 5.0])
    fit = pb.pool(1.0 + 1e-8 * x, np.full(4, 0.1), mods=x, method="EE", test="z")
    assert fit.R2 == pytest.approx(100.0, abs=1e-4)


@pytest.mark.parametrize(
    ("y", "v"),
    [
        ([0.0, 1, 2], [1e-100, 1, 1e100]),
        ([1e200, 0, 1], [1, 1, 1]),
        ([1e40, 0, 1], [1, 1, 1.0]),
        ([0.0, 0, 0], [1e-300, 1e-300, 1e-300]),
        ([0.0, 0, 0], [1e300, 1e300, 1e300]),
    ],
)
def test_sizes_that_would_underflow_are_refused(y: list[float], v: list[float]) -> None:
    with pytest.raises(pb.BadInput, match="Check the units"):
        pb.pool(y, v)
    with pytest.raises(pb.BadInput, match="group 1 differ in size"):
        pb.pool_many(yi=[[0.1, 0.2, 0.3], y], vi=[[1.0, 2, 3], v])


@pytest.mark.parametrize("method", ALL)
@pytest.mark.filterwarnings("error")
def test_any_unit_will_do(method: str) -> None:
    base = pb.pool(Y, V, method=method, test="knha")
    for unit in (1e-65, 1e-20, 1e20, 1e65):
        fit = pb.pool(Y * unit, V * unit**2, method=method, test="knha")
        assert fit.beta[0] / unit == pytest.approx(base.beta[0], rel=1e-11)
        assert fit.se[0] / unit == pytest.approx(base.se[0], rel=1e-11)
        assert fit.I2 == pytest.approx(base.I2, rel=1e-9)
        many = pb.pool_many(yi=[Y * unit, Y], vi=[V * unit**2, V], method=method)
        assert many.pval == pytest.approx([base.pval[0]] * 2, rel=1e-9)
