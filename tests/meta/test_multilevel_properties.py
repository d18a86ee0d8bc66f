"""What holds of multilevel models whatever the data, published examples, and bad input."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from benchmarks.parity.families.multilevel import compound, paired
from hypothesis import given, settings
from hypothesis import strategies as st
from test_multilevel import table_of

import probatum as pb
from probatum.meta.models.multilevel.blockwise import Blockwise
from probatum.meta.models.multilevel.bordered import Bordered
from probatum.meta.models.multilevel.effects import Effect, LevelEffect
from probatum.meta.models.multilevel.likelihood import Likelihood
from probatum.meta.models.multilevel.nested import Nested, is_nested
from probatum.meta.models.multilevel.sampling import Sampling
from probatum.meta.models.multilevel.structures import STRUCTURES, Structure

NESTED = "~ 1 | study/id"


def simulated(seed: int, studies: int = 12) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 5, studies)
    study = np.repeat(np.arange(studies), size)
    k = len(study)
    vi = np.exp(rng.normal(-3, rng.uniform(0, 2), k))
    between, within = rng.choice([0.0, 0.1, 1.0, 30.0], 2)
    yi = rng.normal(size=k) * np.sqrt(vi + within) + rng.normal(size=studies)[study] * between
    return {"study": study, "id": np.arange(k), "lab": rng.integers(0, 4, k), "yi": yi, "vi": vi}


# the two ways to compute ---------------------------------------------------------------------


@pytest.mark.parametrize("restricted", [True, False])
def test_closed_sums_and_blocks_give_the_same(restricted: bool) -> None:
    rng = np.random.default_rng(1)
    k = 60
    a = rng.integers(0, 4, k)
    _, b = np.unique(a * 3 + rng.integers(0, 3, k), return_inverse=True)
    codes = [b, np.arange(k), a]
    v, y = rng.uniform(0.1, 1.0, k), rng.normal(size=k)
    X = np.column_stack([np.ones(k), rng.normal(size=k) + 2000.0])
    theta = np.array([0.5, 0.2, 0.3])
    layouts = [Nested(v, codes), Blockwise(Sampling(v), [Effect(c) for c in codes])]
    closed, blocks = (Likelihood(y, X, v, x, restricted=restricted).at(theta) for x in layouts)
    assert closed.ll == pytest.approx(blocks.ll, abs=1e-10)
    for name in ("beta", "vb", "gradient", "information", "Py"):
        assert getattr(closed, name) == pytest.approx(getattr(blocks, name), rel=1e-9, abs=1e-12)
    for i in range(3):
        ours = [closed.unsorted(x) for x in closed.M.effects(i, closed.model.yX)]
        theirs = [blocks.unsorted(x) for x in blocks.M.effects(i, blocks.model.yX)]
        for one, other in zip(ours, theirs):
            assert one == pytest.approx(other, rel=1e-9, abs=1e-12)
    errors = closed.unsorted(closed.M.errors())
    assert errors == pytest.approx(blocks.unsorted(blocks.M.errors()), rel=1e-9)


def test_nesting_is_seen_whatever_the_formula_says() -> None:
    district, school = np.array([0, 0, 1, 1]), np.array([0, 1, 2, 3])
    assert is_nested([school, district])
    assert not is_nested([district, np.array([0, 1, 0, 1])])
    t = table_of("konst")
    crossed = pb.pool_multilevel("yi", "vi", random=["~ 1 | study", "~ 1 | district"], data=t)
    nested = pb.pool_multilevel("yi", "vi", random="~ 1 | district/school", data=t)
    assert crossed.ll == pytest.approx(nested.ll, abs=1e-10)
    assert crossed.sigma2 == pytest.approx(nested.sigma2[::-1], rel=1e-6)


@pytest.mark.parametrize("struct", ["CS", "HCS", "UN", "ID", "DIAG", "AR", "HAR", "CAR"])
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_gradient(struct: str, method: str) -> None:
    t = table_of("d")
    inner = "time" if struct == "CAR" else "outcome"
    fit = pb.pool_multilevel(
        t["yi"], compound(t["vi"], t["study"], 0.4), data=t, method=method, struct=struct,
        random=[f"~ {inner} | study", "~ 1 | lab"],
    )  # fmt: skip
    model = fit.fitted_model.point.model
    theta = fit.fitted_model.point.theta * 0.8 + 0.05
    slope = model.at(theta).gradient
    for i in range(len(theta)):
        step = np.zeros(len(theta))
        step[i] = 1e-5
        change = (model.at(theta + step).ll - model.at(theta - step).ll) / 2e-5
        assert slope[i] == pytest.approx(change, abs=1e-6)


# the optimum -----------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_no_point_of_a_grid_is_higher(seed: int) -> None:
    t = simulated(seed)
    fit = pb.pool_multilevel("yi", "vi", random=NESTED, data=t)
    model = fit.fitted_model
    assert fit.converged
    found = model.point.theta
    grid = [0.0, 1e-3, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1e4]
    near = [0.0, 0.3, 0.8, 0.95, 1.05, 1.2, 2.0]
    places = [*itertools.product(grid, grid)]
    places += [(a * found[0], b * found[1]) for a, b in itertools.product(near, near)]
    best = max(model.point.model.at(np.array(p)).ll for p in places)
    assert model.point.ll >= best - 1e-9


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1e-8, 1e-3, 1e3, 1e8]))
def test_scale_and_order_do_not_matter(seed: int, factor: float) -> None:
    t = simulated(seed)
    random = [NESTED, "~ 1 | lab"]
    fit = pb.pool_multilevel("yi", "vi", random=random, data=t)
    order = np.random.default_rng(seed).permutation(len(t["yi"]))
    other = {n: x[order] for n, x in t.items()}
    other["yi"], other["vi"] = other["yi"] * factor, other["vi"] * factor**2
    again = pb.pool_multilevel("yi", "vi", random=random, data=other)
    assert again.beta / factor == pytest.approx(fit.beta, rel=1e-5, abs=1e-5 * fit.se[0])
    assert again.se / factor == pytest.approx(fit.se, rel=1e-4)
    shift = len(t["yi"]) - fit.p
    assert again.ll + shift * np.log(factor) == pytest.approx(fit.ll, abs=1e-7)


def test_one_row_per_study_is_the_plain_model() -> None:
    t = table_of("konst")
    plain = pb.pool(t["yi"], t["vi"], mods=t["year"], test="z")
    fit = pb.pool_multilevel(t["yi"], t["vi"], mods=t["year"], random="~ 1 | study", data=t)
    assert fit.sigma2[0] == pytest.approx(plain.tau2, rel=1e-6)
    assert fit.beta == pytest.approx(plain.beta, rel=1e-6)
    assert fit.ll == pytest.approx(plain.ll, abs=1e-8)
    assert (fit.QE, fit.QEp) == pytest.approx((plain.QE, plain.QEp))
    assert pytest.approx(plain.I2, rel=1e-5) == fit.I2
    assert fit.component_se[0] == pytest.approx(plain.se_tau2, rel=0.2)
    assert pb.blup(fit).pred == pytest.approx(pb.blup(plain).pred, rel=1e-5)
    assert pb.blup(fit).se == pytest.approx(pb.blup(plain).se, rel=1e-5)


def test_all_ways_to_give_V_are_one() -> None:
    from scipy.sparse import csr_array

    t = table_of("berkey")
    blocks = paired(t)
    dense = np.zeros((10, 10))
    for i, block in enumerate(blocks):
        dense[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = block
    es = pb.EffectSizes(t["yi"], t["vi"], V=dense)
    ways = [(t["yi"], blocks), (t["yi"], dense), (t["yi"], csr_array(dense)), (es, None)]
    fits = [
        pb.pool_multilevel(y, V, random="~ outcome | trial", mods="~ outcome", struct="UN", data=t)
        for y, V in ways
    ]
    assert {round(f.ll, 10) for f in fits} == {round(fits[0].ll, 10)}
    # a row without an estimate leaves its block
    gap = t["yi"].copy()
    gap[3] = np.nan
    some = np.arange(10) != 3
    left = pb.pool_multilevel(gap, blocks, random="~ 1 | trial", data=t)
    cut = {n: x[some] for n, x in t.items()}
    same = pb.pool_multilevel(cut["yi"], dense[np.ix_(some, some)], random="~ 1 | trial", data=cut)
    assert left.ll == pytest.approx(same.ll, abs=1e-12)
    assert (left.k, left.k_left_out, left.left_out[3]) == (9, 1, "no estimate")


def related() -> dict[str, Any]:
    """Ten species with known relations, in whole-matrix form for comparison."""
    rng = np.random.default_rng(4)
    A = rng.normal(size=(10, 14))
    R = A @ A.T
    R = R / np.sqrt(np.outer(np.diagonal(R), np.diagonal(R)))
    return {"levels": [f"s{i}" for i in range(10)], "R": R, "codes": rng.integers(0, 10, 90)}


def test_a_border_around_small_blocks_gives_what_whole_matrices_give() -> None:
    rng, kin = np.random.default_rng(5), related()
    k = 90
    study = np.sort(rng.integers(0, 30, k))
    _, study = np.unique(study, return_inverse=True)
    lab, outcome = rng.integers(0, 6, k), rng.integers(0, 3, k)
    y, v = rng.normal(size=k), rng.uniform(0.1, 1.0, k)
    X = np.column_stack([np.ones(k), rng.normal(size=k)])
    levels = LevelEffect(study, outcome, outcome[:, None] * 1.0, Structure(STRUCTURES["UN"], 3, 3))
    effects = [Effect(lab), levels, Effect(kin["codes"], kin["R"])]
    theta = np.array([0.4, 0.6, 0.7, 0.8, 1.0, 1.2, 2.0, 0.5])
    V = Sampling(v)
    for restricted in (True, False):
        whole = Likelihood(y, X, v, Blockwise(V, effects), restricted=restricted).at(theta)
        for border in ((0,), (2,), (0, 2)):
            layout = Bordered(V, effects, border)
            other = Likelihood(y, X, v, layout, restricted=restricted).at(theta)
            assert other.ll == pytest.approx(whole.ll, abs=1e-10)
            for name in ("beta", "vb", "gradient", "information", "Py", "U"):
                ours = np.abs(getattr(other, name))  # signs of QR factors are free
                assert ours == pytest.approx(np.abs(getattr(whole, name)), rel=1e-8, abs=1e-11)
            for i in range(3):
                for one, two in zip(
                    other.M.effects(i, other.model.yX[:, -1:]),
                    whole.M.effects(i, whole.model.yX[:, -1:]),
                ):
                    assert other.unsorted(one) == pytest.approx(whole.unsorted(two), abs=1e-10)
            errors = other.unsorted(other.M.errors())
            assert errors == pytest.approx(whole.unsorted(whole.M.errors()), rel=1e-9)


def test_large_crossed_sets_get_a_border() -> None:
    rng = np.random.default_rng(6)
    k = 4000
    study, lab = rng.integers(0, 800, k), rng.integers(0, 60, k)
    vi = rng.uniform(0.02, 0.2, k)
    yi = rng.normal(size=800)[study] * 0.5 + rng.normal(size=60)[lab] * 0.4
    yi = yi + rng.normal(size=k) * np.sqrt(vi)
    fit = pb.pool_multilevel(
        yi, vi, random=["~ 1 | study", "~ 1 | lab"], data={"study": study, "lab": lab}
    )
    assert isinstance(fit.fitted_model.point.model.layout, Bordered)
    assert fit.sigma2 == pytest.approx([0.25, 0.16], rel=0.4)
    effects = pb.ranef(fit)
    assert len(effects["lab"].pred) == 60
    assert np.abs(effects["lab"].pred).max() < 2.0


def test_relations_come_as_frames_pairs_or_matrices() -> None:
    import pandas as pd

    kin = related()
    rng = np.random.default_rng(7)
    species = np.array(kin["levels"], dtype=object)[kin["codes"]]
    data = {"species": species, "id": np.arange(90)}
    yi, vi = rng.normal(size=90), np.full(90, 0.1)
    turned = rng.permutation(10)
    frame = pd.DataFrame(kin["R"] * 4.0, index=kin["levels"], columns=kin["levels"])
    pair = ([kin["levels"][i] for i in turned], kin["R"][np.ix_(turned, turned)])
    fits = [
        pb.pool_multilevel(
            yi, vi, random=["~ 1 | species", "~ 1 | id"], R={"species": R}, data=data
        )
        for R in (kin["R"], frame, pair)
    ]
    assert {round(f.ll, 9) for f in fits} == {round(fits[0].ll, 9)}
    for R, words in (
        ({"genus": kin["R"]}, 'R has a matrix for "genus"'),
        ({"species": np.eye(3)}, "it takes 10 by 10"),
        ({"species": (["s1", "s2"], np.eye(2))}, "has no row for s0"),
        ({"species": -np.eye(10)}, "variance that is not positive"),
        ({"species": 2.0 * np.ones((10, 10)) - np.eye(10) * 3.0 + 2.0}, "not positive"),
        (kin["R"], "takes a mapping"),
    ):
        with pytest.raises(pb.BadInput, match=words):
            pb.pool_multilevel(yi, vi, random="~ 1 | species", R=R, data=data)


def test_random_coefficients() -> None:
    t = table_of("d")
    fit = pb.pool_multilevel(
        t["yi"], t["vi"], mods="~ x", random="~ x | study", struct="GEN", data=t
    )
    assert [c.level for c in fit.components] == ["intrcpt", "x", "intrcpt, x"]
    theta = fit.fitted_model.point.theta
    G = np.diag(fit.tau2)
    G[0, 1] = G[1, 0] = fit.rho[0] * np.sqrt(np.prod(fit.tau2))
    Z = np.column_stack([np.ones(len(t["x"])), t["x"]])
    M = np.diag(t["vi"]) + (Z @ G @ Z.T) * (t["study"][:, None] == t["study"])
    X = fit.X
    W = np.linalg.inv(M)
    assert fit.vb == pytest.approx(np.linalg.inv(X.T @ W @ X), rel=1e-8)
    found = (Z @ G @ Z.T) * (t["study"][:, None] == t["study"]) @ W @ fit.residuals()
    assert fit.ranef()["x | study"].pred == pytest.approx(found, abs=1e-8)
    assert len(theta) == 3
    with pytest.raises(pb.BadInput, match='needs numbers; "outcome"'):
        pb.pool_multilevel("yi", "vi", random="~ outcome | study", struct="GEN", data=t)


def test_distances_may_be_in_any_unit() -> None:
    t = table_of("d")
    random = ["~ lat + lon | half", "~ 1 | id"]
    fit = pb.pool_multilevel("yi", "vi", random=random, struct="SPEXP", data=t)
    metres = t | {"lat": t["lat"] * 1e5, "lon": t["lon"] * 1e5}
    far = pb.pool_multilevel("yi", "vi", random=random, struct="SPEXP", data=metres)
    assert far.ll == pytest.approx(fit.ll, abs=1e-9)
    assert far.rho == pytest.approx(fit.rho * 1e5, rel=1e-4)
    held = pb.pool_multilevel("yi", "vi", random=random, struct="SPEXP", rho=2e5, data=metres)
    assert held.rho.tolist() == pytest.approx([2e5])
    assert held.ll < far.ll
    here = t | {"lat": t["lat"] * 0, "lon": t["lon"] * 0}
    with pytest.raises(pb.BadInput, match="all estimates in one place"):
        pb.pool_multilevel("yi", "vi", random=random, struct="SPEXP", data=here)


def test_without_a_cluster_is_the_fit_of_the_rest() -> None:
    t = table_of("d")
    fit = pb.pool_multilevel("yi", "vi", mods="~ x", random=NESTED, data=t)
    left = pb.leave1out(fit, cluster=t["lab"])
    some = t["lab"] != 3
    rest = {n: x[some] for n, x in t.items()}
    own = pb.pool_multilevel("yi", "vi", mods="~ x", random=NESTED, data=rest)
    at = left.slab.index("3")
    assert left.beta[at] == pytest.approx(own.beta, rel=1e-6)
    assert left.values[at] == pytest.approx(own.sigma2, rel=1e-5)
    assert left.QE[at] == pytest.approx(own.QE)
    assert left.k[at] == own.k
    assert left.to_dict()["sigma2 study"][at] == pytest.approx(own.sigma2[0], rel=1e-5)
    with pytest.raises(pb.BadInput, match="at least two clusters"):
        pb.leave1out(fit, cluster=np.zeros(fit.k))


def test_many_rows_in_little_memory() -> None:
    import tracemalloc

    rng = np.random.default_rng(2)
    study = np.repeat(np.arange(20_000), 5)
    vi = rng.uniform(0.02, 0.2, len(study))
    yi = rng.normal(size=20_000)[study] * 0.3 + rng.normal(size=len(study)) * np.sqrt(vi + 0.04)
    tracemalloc.start()
    fit = pb.pool_multilevel(yi, vi, random=NESTED, data={"study": study, "id": np.arange(100_000)})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert fit.sigma2 == pytest.approx([0.09, 0.04], rel=0.05)
    assert peak < 100e6


# published examples ----------------------------------------------------------------------------


def test_cheung_2014_three_level_example() -> None:
    """Cheung MWL (2014), Psychological Methods 19, 211-229: Cooper's schools, by ML.

    As printed by his metaSEM for this example: intercept 0.1845 (0.0805), level-2 variance 0.0329,
    level-3 variance 0.0577, I2 of level 2 0.3440 and of level 3 0.6043.
    """
    t = table_of("konst")
    fit = pb.pool_multilevel("yi", "vi", random="~ 1 | district/school", method="ML", data=t)
    assert fit.beta[0] == pytest.approx(0.1845, abs=5e-5)
    assert fit.se[0] == pytest.approx(0.0805, abs=5e-5)
    assert fit.sigma2 == pytest.approx([0.0577, 0.0329], abs=5e-5)
    assert [c.I2 for c in fit.components] == pytest.approx([60.43, 34.40], abs=5e-3)


def test_van_houwelingen_2002_bivariate_model() -> None:
    """van Houwelingen HC et al. (2002), Statistics in Medicine 21, 589-624, section 4: by ML.

    Log odds of tuberculosis -4.834 (0.340) with vaccination and -4.096 (0.435) without; variances
    1.431 and 2.407, covariance 1.757.
    """
    t = table_of("arms")
    fit = pb.pool_multilevel(
        "yi", "vi", mods="~ group - 1", random="~ group | trial", struct="UN", method="ML", data=t
    )
    assert fit.names == ("group[CON]", "group[EXP]")
    assert fit.beta == pytest.approx([-4.096, -4.834], abs=5e-4)
    assert fit.se == pytest.approx([0.435, 0.340], abs=5e-4)
    assert fit.tau2 == pytest.approx([2.407, 1.431], abs=5e-4)
    assert fit.rho[0] * np.sqrt(np.prod(fit.tau2)) == pytest.approx(1.757, abs=5e-4)


# what the data can't tell, and bad input ---------------------------------------------------------


def test_what_cannot_be_estimated_is_fixed_and_said() -> None:
    t = table_of("d") | {"one": np.ones(len(table_of("d")["yi"]))}
    fit = pb.pool_multilevel("yi", "vi", random="~ 1 | one/study", data=t)
    assert fit.sigma2[0] == 0.0
    assert "one has one level" in fit.notes[0]
    assert "fixed" in fit.summary()
    alone = pb.pool_multilevel("yi", "vi", random="~ outcome | id", struct="CS", data=t)
    assert alone.rho[0] == 0.0
    assert "correlation is set to 0" in alone.notes[0]
    apart = table_of("apart")
    un = pb.pool_multilevel("yi", "vi", random="~ outcome | study", struct="UN", data=apart)
    assert [c.fixed for c in un.components] == [False] * 5 + [True]
    assert np.isnan(un.rho[2])


def test_components_that_are_given_stay() -> None:
    t = table_of("d")
    fit = pb.pool_multilevel("yi", "vi", random=NESTED, sigma2=[0.2, 0.1], data=t)
    assert fit.sigma2.tolist() == [0.2, 0.1]
    assert fit.status == "fixed"
    assert pytest.approx(2 - 2 * fit.ll) == fit.fit_stats["REML"].AIC
    for more, words in (
        ({"sigma2": [0.1]}, "has 1 values; the model has 2"),
        ({"sigma2": -0.1}, "lies between 0 and inf"),
        ({"rho": 0.5}, "the model has 0 of them"),
        ({"sigma2": "x"}, "takes a number"),
    ):
        with pytest.raises(pb.BadInput, match=words):
            pb.pool_multilevel("yi", "vi", random=NESTED, data=t, **more)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"random": "~ 1 | studie"}, 'no column "studie"'),
        ({"random": "study"}, 'looks like "~ 1 | study"'),
        ({"random": ["~ 1 | study", "~ 1 | study/id"]}, 'the term "study" twice'),
        ({"random": "~ outcome | study", "struct": "XX"}, 'struct "XX" does not exist'),
        ({"random": "~ outcome | study", "struct": "CAR"}, "CAR needs numbers"),
        ({"random": NESTED, "method": "DL"}, 'method "DL" does not exist'),
        ({"random": NESTED, "test": "knha"}, 'test "knha" does not exist'),
        ({"random": NESTED, "dfs": "best"}, 'dfs "best" does not exist'),
        ({"random": NESTED, "level": 0.95}, "write level=95"),
        ({"random": NESTED, "V": None}, "give the sampling variances as V"),
        ({"random": NESTED, "V": np.eye(3)}, "V has 3 rows; there are"),
        ({"random": NESTED, "V": np.ones((113, 2))}, "V is 113 by 2"),
        ({"random": NESTED, "V": [np.eye(2), np.ones((2, 3))]}, "block 2 of V has shape"),
        ({"random": NESTED, "V": -np.ones(113)}, "must be positive; 113 are not"),
        ({"random": NESTED, "mods": "~ x + x2"}, '"x2" follows from'),
        ({"random": "~ id | study", "struct": "UN"}, "can't carry"),
    ],
)
def test_bad_input(arguments: dict[str, Any], words: str) -> None:
    t = table_of("d")
    t["x2"] = 2.0 * t["x"]
    more = {"V": "vi"} | arguments
    with pytest.raises(pb.ProbatumError, match=words.replace("|", r"\|")):
        pb.pool_multilevel("yi", data=t, **more)


def test_a_V_that_is_no_covariance_is_refused_with_its_rows() -> None:
    t = table_of("d")
    V = compound(t["vi"], t["study"], 0.999999999999999)
    with pytest.raises(pb.BadInput, match="not positive definite: the block of rows"):
        pb.pool_multilevel("yi", V, random=NESTED, data=t)
    V = compound(t["vi"], t["study"], 0.5)
    V[0, 1] += 0.01
    with pytest.raises(pb.BadInput, match="not symmetric: rows 1 and 2"):
        pb.pool_multilevel("yi", V, random=NESTED, data=t)


def test_rows_with_gaps_are_left_out_and_counted() -> None:
    t = {n: x.astype(object) for n, x in table_of("d").items()}
    t["study"][0], t["yi"][1], t["vi"][2] = None, None, float("nan")
    yi, vi = t["yi"].astype(float), t["vi"].astype(float)
    fit = pb.pool_multilevel(yi, vi, random=NESTED, data=t)
    assert fit.left_out[:4] == ("no study", "no estimate", "no sampling variance", "")
    assert "Left out: 3 of 113 rows" in fit.summary()


def test_predictions_of_levels() -> None:
    t = table_of("berkey")
    fit = pb.pool_multilevel(
        "yi", paired(t), mods="~ outcome - 1", random="~ outcome | trial", struct="UN", data=t
    )
    new = {"outcome": ["AL", "PD"]}
    assert np.isnan(fit.predict(new).pi_lb).all()
    asked = fit.predict(new, inner=["AL", "PD"])
    assert asked.pi_lb == pytest.approx(fit.predict().pi_lb[[1, 0]])
    with pytest.raises(pb.BadInput, match='"XX" is no level'):
        fit.predict(new, inner="XX")


def test_rows_and_words() -> None:
    t = table_of("konst")
    fit = pb.pool_multilevel("yi", "vi", random="~ 1 | district/school", data=t)
    assert fit.glance()["k"] == 56
    assert fit.tidy()[0]["term"] == "intrcpt"
    rows = fit.variance_components()
    assert [r["term"] for r in rows] == ["district", "district/school"]
    assert "sigma2 district/school" in fit.summary()
    assert pytest.approx(sum(r["I2"] for r in rows)) == fit.I2
    effects = pb.ranef(fit)
    assert len(effects["district"].slab) == 11
    whole = (
        fit.beta[0]
        + np.repeat(
            effects["district"].pred, np.bincount(np.unique(t["district"], return_inverse=True)[1])
        )
        + effects["district/school"].pred
    )
    assert pb.blup(fit).pred == pytest.approx(whole)  # fmt: skip
