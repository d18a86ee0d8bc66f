"""What callers give: masks, complex numbers, dates, Series that were sorted, "no", wrong fits."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import probatum as pb

Y = [0.30, 0.11, 0.52, 0.24, -0.05, 0.4, 0.2, 0.33]
V = [0.02, 0.03, 0.05, 0.01, 0.04, 0.03, 0.02, 0.06]
X = [1.0, 2.0, 5.0, 3.0, 0.0, 4.0, 2.0, 5.0]
HIDDEN = np.arange(8) == 2


@pytest.mark.parametrize("where", ["yi", "vi", "mods", "weights", "offset"])
def test_what_a_mask_hides_is_missing(where: str) -> None:
    given: dict[str, Any] = {"yi": Y, "vi": V, "mods": X, "weights": V, "offset": X}
    masked = given | {where: np.ma.array(given[where], mask=HIDDEN)}
    gone = given | {where: np.where(HIDDEN, np.nan, given[where])}
    assert pb.pool(**masked).k == 7
    assert pb.pool(**masked).beta == pytest.approx(pb.pool(**gone).beta, rel=1e-14)


def test_masks_in_many_fits_clusters_and_groups() -> None:
    by = ["a"] * 4 + ["b"] * 4
    many = pb.pool_many(by=by, yi=np.ma.array(Y, mask=HIDDEN), vi=V)
    assert many.k.tolist() == [3, 4]
    es = pb.EffectSizes(np.array(Y), np.array(V))
    groups = pb.subgroups(es, np.ma.array(by, mask=HIDDEN))
    assert sum(f.k for f in groups.fits) == 7
    data = {"yi": Y, "vi": V, "study": np.ma.array([1, 1, 2, 2, 3, 3, 4, 4], mask=HIDDEN)}
    assert pb.pool_multilevel("yi", "vi", random="~ 1 | study", data=data).k == 7
    with pytest.raises(pb.BadInput, match="cluster is missing"):
        pb.robust(pb.pool(Y, V), data["study"])


@pytest.mark.parametrize("where", ["yi", "vi", "mods", "weights", "offset"])
@pytest.mark.parametrize(
    ("column", "words"),
    [
        (np.array(V) + 0j, "complex|number"),
        (np.array(["2020-01-01"] * 8, dtype="M8[ns]"), "dates|number"),
        ([np.datetime64("2020-01-01")] * 8, "dates|number"),
        (["a"] * 8, "not a number"),
        ([[0.1], [0.2, 0.3]] * 4, "not a number"),
        ({1, 2, 3}, "not a number"),
        (object(), "not a number"),
    ],
)
def test_what_is_no_number_is_refused_without_a_warning(
    where: str, column: Any, words: str
) -> None:
    given: dict[str, Any] = {"yi": Y, "vi": V} | {where: column}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(pb.BadInput, match=words):
            pb.pool(**given)


def test_series_in_another_order_are_refused() -> None:
    pandas = pytest.importorskip("pandas")
    y, v = pandas.Series(Y), pandas.Series(V)
    turned = v.sort_values()
    assert pb.pool(y, v).k == 8
    assert pb.pool(y, turned.reindex(y.index)).beta == pytest.approx(pb.pool(y, v).beta)
    assert pb.pool(y, turned.to_numpy()).k == 8
    with pytest.raises(pb.BadInput, match=r"reindex\(yi.index\)"):
        pb.pool(y, turned)
    n = pandas.Series([40] * 8, index=range(8, 0, -1))
    with pytest.raises(pb.BadInput, match="different indexes"):
        pb.effect_sizes(measure="COR", ri=y, ni=n)
    with pytest.raises(pb.BadInput, match="different indexes"):
        pb.conv_wald(out=y, se=turned)


def test_columns_are_found_by_what_they_are_called() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({0: Y, 1: V})
    assert pb.pool("0", "1", data=table).beta == pytest.approx(pb.pool(Y, V).beta)
    with pytest.raises(pb.BadInput, match="got list"):
        pb.pool("yi", "vi", data=[Y, V])
    with pytest.raises(pb.BadInput, match="got float"):
        pb.pool_many(0.5, yi="yi", vi="vi")


FIT = pb.pool(Y, V, test="z")


@pytest.mark.parametrize(
    "call",
    [
        lambda: pb.pool(Y, V, weighted="no"),
        lambda: pb.pool(Y, V, mods=X, intercept="False"),
        lambda: pb.permutest(FIT, ci="no"),
        lambda: pb.robust(FIT, [1, 1, 2, 2, 3, 3, 4, 4], small="no"),
        lambda: pb.fsn(FIT, weighted="no"),
        lambda: pb.effect_sizes(measure="PLO", xi=[1], ni=[5], drop00="no"),
        lambda: pb.pool_many(yi=[Y], vi=[V], weighted="no"),
    ],
)
def test_no_is_not_yes(call: Callable[[], Any]) -> None:
    with pytest.raises(pb.BadInput, match="True or False"):
        call()


def test_a_level_of_true_is_no_percentage() -> None:
    with pytest.raises(pb.BadInput, match="level"):
        pb.pool(Y, V, level=True)


TAKERS = (
    "asymmetry baujat blup bootstrap bubble cumulative drapery forest funnel gosh hc influence "
    "influence_plot leave1out limitmeta permutest petpeese profile profile_plot puniform qqnorm "
    "radial ranef ranktest regtest robust rstandard rstudent selmodel simulate tes trimfill vif"
)


@pytest.mark.parametrize("name", TAKERS.split())
@pytest.mark.parametrize("wrong", [None, 3, Y, pb.EffectSizes(np.array(Y), np.array(V))])
def test_what_is_no_fit_is_refused(name: str, wrong: Any) -> None:
    with pytest.raises(pb.ProbatumError, match=f"{type(wrong).__name__}"):
        getattr(pb, name)(wrong)


@pytest.mark.parametrize("name", ["cumulative", "gosh", "hc", "trimfill", "profile", "selmodel"])
def test_a_multilevel_fit_is_refused_where_it_has_no_place(name: str) -> None:
    data = {"yi": Y, "vi": V, "study": [1, 1, 2, 2, 3, 3, 4, 4]}
    fit = pb.pool_multilevel("yi", "vi", random="~ 1 | study", data=data)
    with pytest.raises(pb.BadInput, match="MultilevelFit; this takes fit"):
        getattr(pb, name)(fit)


@pytest.mark.parametrize(
    "name",
    ["aggregate", "multiverse", "pool_mh", "pool_peto", "pool_glmm", "pool_beta_binomial"],
)
def test_what_needs_effect_sizes_says_where_a_fit_has_them(name: str) -> None:
    more = ([1] * 8,) if name == "aggregate" else ()
    with pytest.raises(pb.BadInput, match=r"fit\.data"):
        getattr(pb, name)(FIT, *more)


@pytest.mark.parametrize(
    "name",
    ["asymmetry", "cumulative", "hc", "limitmeta", "petpeese", "puniform", "trimfill", "robma"],
)
def test_a_moderator_without_an_intercept_is_a_moderator(name: str) -> None:
    fit = pb.pool(Y, V, mods=X, intercept=False, test="z")
    assert fit.p == 1
    assert fit.moderated
    with pytest.raises(pb.BadInput, match="moderators"):
        getattr(pb, name)(fit)


def test_a_tau2_out_of_all_proportion_is_refused() -> None:
    for call in (lambda t: pb.pool(Y, V, tau2=t), lambda t: pb.pool_many(yi=[Y], vi=[V], tau2=t)):
        assert call(1e10) is not None
        with pytest.raises(pb.BadInput, match="tau2"):
            call(1e300)


def test_estimates_that_all_agree_give_numbers_or_nan_but_no_warning() -> None:
    fit = pb.pool([0.3] * 5, [0.1] * 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.inf == pb.wald_test(fit, [0]).QM
        assert np.isfinite(pb.permutest(fit).pval).all()
        assert np.isnan(pb.trimfill(pb.pool([0.3] * 5, [0.1] * 5, test="z")).se_k0)
        assert pb.pool([0.0, 0.0, 1.87], [1.0] * 3, test="kr").QMdf == (1.0, pytest.approx(2.0))


def test_effect_sizes_may_be_made_of_lists() -> None:
    es = pb.EffectSizes(Y, np.ma.array(V, mask=HIDDEN))  # type: ignore[arg-type]
    assert pb.pool(es).k == 7
    for yi, vi in ((Y, V[:5]), ([Y], [V]), (0.3, 0.1), (Y, np.array(V) + 1j), (["a"] * 8, V)):
        with pytest.raises(pb.BadInput, match=r"yi|vi"):
            pb.EffectSizes(yi, vi)  # type: ignore[arg-type]


def test_levels_that_a_fit_has_not_seen_have_no_prediction() -> None:
    pytest.importorskip("formulaic")
    fit = pb.pool(Y, V, mods="~ drug", data={"drug": list("aabbccdd")})
    assert fit.predict({"drug": ["b"]}).pred.shape == (1,)
    with pytest.raises(pb.BadInput, match=r"outside of the nominated levels.*z"):
        fit.predict({"drug": ["z"]})
    with pytest.raises(pb.BadInput, match="no column"):
        fit.predict({"dose": [1]})


@pytest.mark.parametrize(
    ("mods", "column", "words"),
    [
        ("~ nofunction(x)", X, "no column"),
        ("~ x", [X, X], "dimensions|rows"),
        ("~ x", 3.0, "rows"),
        ("~ x", [1e300, *X[1:]], "over 1e"),
        ("~ x", np.array(["2020-01-01"] * 8, dtype="M8[D]"), "can't be computed|follows"),
    ],
)
def test_formulas_that_fail_say_so(mods: str, column: Any, words: str) -> None:
    pytest.importorskip("formulaic")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(pb.BadInput, match=words):
            pb.pool(Y, V, mods=mods, data={"x": column})


def test_columns_of_a_formula_are_of_one_length() -> None:
    pytest.importorskip("formulaic")
    with pytest.raises(pb.BadInput, match="differ in length: x has 8, z has 7"):
        pb.pool(Y, V, mods="~ x + z", data={"x": X, "z": X[1:]})


def test_a_data_frames_missing_labels_are_missing() -> None:
    pandas = pytest.importorskip("pandas")
    labels = pandas.Series([pandas.NA, *"aabbccd"], dtype="string")
    es = pb.EffectSizes(np.array(Y), np.array(V))
    groups = pb.subgroups(es, labels)
    assert sum(f.k for f in groups.fits) == 7
    with pytest.raises(pb.BadInput, match="cluster is missing in row 1"):
        pb.aggregate(es, labels, rho=0.5)
    with pytest.raises(pb.BadInput, match="order has missing"):
        pb.cumulative(pb.pool(es), [None, *X[1:]])
    dates = pandas.date_range("2020-01-01", periods=8)
    with pytest.raises(pb.BadInput, match="dates"):
        pb.pool(dates, V)
    assert pb.cumulative(pb.pool(es), dates[::-1]).slab[0] == "8"


def test_sizes_that_can_t_be_computed_with_are_refused_by_every_model() -> None:
    data = {"study": [1, 1, 2, 2, 3, 3, 4, 4]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for yi, vi in (([1e300, *Y[1:]], V), (Y, [1e-300, *V[1:]])):
            with pytest.raises(pb.BadInput, match="Check the units"):
                pb.pool_multilevel(yi, vi, random="~ 1 | study", data=data)


def test_what_a_formula_makes_missing_leaves_the_row_out() -> None:
    pytest.importorskip("formulaic")
    fit = pb.pool(Y, V, mods="~ np.log(x)", data={"x": [-1.0, *(x + 1.0 for x in X[1:])]})
    assert fit.k == 7
    assert fit.left_out[0] == "no moderator"
