"""Effect measures against metafor's escalc, over every case of the fixtures."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr, ndtri
from scipy.stats import t as student_t

from probatum.errors import BadInput, UnknownOption
from probatum.meta.measures import MEASURES, effect_sizes, measures
from probatum.meta.measures.hedges import correction
from probatum.meta.types import EffectSizes

FIXTURES = Path(__file__).parents[1] / "fixtures/reference"


def load(name: str) -> list[dict[str, Any]]:
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))["cases"]


SHARED, EDGES, ZEROS, MORE = (
    load(f"{n}.json") for n in ("escalc", "escalc_edges", "zero_cells", "escalc_measures")
)
DERIVED = [case for case in MORE if case["id"].endswith("-derived")]
CALLS = [case for case in MORE if case not in DERIVED]
# 3.8-1 had no second-order correction; ours is on by default (validation/divergences.md)
LATER_CORRECTED = {"ROM", "ROMC", "CVR", "CVRC"}


def compute(case: dict[str, Any]) -> EffectSizes:
    data = {name: np.array(x, dtype=float) for name, x in case["data"].items()}
    opts = case["opts"] | ({"correct": False} if case["measure"] in LATER_CORRECTED else {})
    return effect_sizes(data, measure=case["measure"], **opts, **{name: name for name in data})


def as_before(es: EffectSizes) -> Any:
    """Our variances by the formulas of 3.8-1, where later versions have others.

    validation/divergences.md says which and why.
    """
    n = es.inputs
    if es.measure == "SMDH":
        return es.vi * correction(n["n1i"] + n["n2i"] - 2) ** 2
    if es.measure == "SMD1H":
        ratio = n["sd1i"] ** 2 / n["sd2i"] ** 2
        return ratio / n["n1i"] + 1 / n["n2i"] + es.yi**2 / (2 * n["n2i"])
    if es.measure == "SMCRH":
        return es.vi * correction(n["ni"] - 1) ** 2
    if es.measure == "PCOR":
        return es.vi * (n["ni"] - n["mi"]) / (n["ni"] - n["mi"] - 1)
    if es.measure == "ZPCOR":
        return es.vi * (n["ni"] - n["mi"] - 2) / (n["ni"] - n["mi"] - 1)
    return es.vi


def assert_equal(case: dict[str, Any], tolerance: float = 1e-11) -> None:
    es = compute(case)
    yi, vi = np.array(case["yi"], dtype=float), np.array(case["vi"], dtype=float)
    # metafor may keep one of the two; such a row can't be pooled, and ours has neither. Nor has
    # it one where the correlation is impossible, as metafor since 4.0-0
    lost = np.isnan(yi) | np.isnan(vi) | [why.endswith("with these margins") for why in es.reasons]
    yi, vi = np.where(lost, np.nan, yi), np.where(lost, np.nan, vi)
    np.testing.assert_allclose(es.yi, yi, rtol=tolerance, atol=1e-15)
    np.testing.assert_allclose(as_before(es), vi, rtol=tolerance, atol=1e-17)
    assert [bool(why) for why in es.reasons] == np.isnan(es.yi).tolist()


def metafor_searches(case: dict[str, Any]) -> bool:
    """Whether metafor finds the estimate by a search of limited precision."""
    return bool(case["measure"] == "RTET" and case not in DERIVED)


@pytest.mark.parametrize(
    "case",
    [case for case in SHARED + EDGES + CALLS if not metafor_searches(case)],
    ids=lambda case: case["id"],
)
def test_equals_metafor(case: dict[str, Any]) -> None:
    assert_equal(case)


@pytest.mark.parametrize("case", DERIVED, ids=lambda case: case["id"])
def test_measures_after_3_8_equal_their_derivation(case: dict[str, Any]) -> None:
    assert_equal(case, 1e-7 if "TET" in case["measure"] else 1e-9)  # numerical derivatives


@pytest.mark.parametrize("code", sorted({case["measure"] for case in ZEROS}))
def test_zero_cells_equal_metafor(code: str) -> None:
    for case in ZEROS:
        if case["measure"] == code:
            assert_equal(case)


def test_tetrachoric_correlation_gives_back_the_table() -> None:
    compared = 0
    for case in SHARED + CALLS:
        if not metafor_searches(case):
            continue
        es, theirs = compute(case), np.array(case["yi"], dtype=float)
        for i in range(len(es)):
            cells = {name: x[i] for name, x in es.inputs.items()}
            if min(cells.values()) == 0:
                assert np.isnan(es.yi[i])
                continue
            n = sum(cells[name] for name in ("ai", "bi", "ci", "di"))
            h, k = ndtri((cells["ai"] + cells["bi"]) / n), ndtri((cells["ai"] + cells["ci"]) / n)
            # Plackett 1954: the probability, as an integral over the angle of the correlation
            area, _ = quad(
                lambda t, h=h, k=k: np.exp(
                    -(h * h - 2 * h * k * np.sin(t) + k * k) / (2 * np.cos(t) ** 2)
                ),
                0,
                np.arcsin(es.yi[i]),
                epsabs=1e-14,
            )
            both = ndtr(h) * ndtr(k) + area / (2 * np.pi)
            assert both == pytest.approx(cells["ai"] / n, rel=1e-11)
            assert es.yi[i] == pytest.approx(theirs[i], abs=5e-5)  # metafor's search
            compared += 1
    assert compared == 23


def test_tetrachoric_variance_is_that_of_its_delta_method() -> None:
    cells = np.array([34.0, 12.0, 20.0, 41.0])
    es = effect_sizes(measure="RTET", **dict(zip(("ai", "bi", "ci", "di"), cells)))
    steps = []
    for i in range(4):
        near = [cells + sign * 1e-3 * np.eye(4)[i] for sign in (1, -1)]
        r = [
            effect_sizes(measure="RTET", **dict(zip(("ai", "bi", "ci", "di"), at))).yi[0]
            for at in near
        ]
        steps.append((r[0] - r[1]) / 2e-3)
    n = cells.sum()
    slope = np.array(steps) * n  # by the proportions
    p = cells / n
    assert es.vi[0] == pytest.approx((p @ slope**2 - (p @ slope) ** 2) / n, rel=1e-6)


def test_unbiased_correlations_of_any_size_equal_the_series() -> None:
    """scipy's hypergeometric function is NaN for many samples of 200 and more."""
    n = np.array([4, 7, 30, 81, 82, 83, 84, 210, 335, 1832, 5000], dtype=float)
    for r in (0.0, 0.03, -0.15, 0.5, 0.99):
        ours = effect_sizes(measure="UCOR", ri=np.full(len(n), r), ni=n)
        unbiased = effect_sizes(measure="UCOR", vtype="UB", ri=np.full(len(n), r), ni=n)
        z = mpmath.mpf(1) - mpmath.mpf(r) ** 2
        for i in range(1, len(n)):
            size = mpmath.mpf(n[i])
            yi = r * mpmath.hyp2f1(0.5, 0.5, (size - 2) / 2, z)
            rest = z * mpmath.hyp2f1(1, 1, size / 2, z) * (size - 3) / (size - 2)
            assert ours.yi[i] == pytest.approx(float(yi), rel=1e-13)
            assert unbiased.vi[i] == pytest.approx(float(yi**2 - 1 + rest), rel=1e-10, abs=1e-15)
        assert (ours.vi > 0).all()


def test_an_area_of_the_paper_that_gave_its_variance() -> None:
    # Hanley & McNeil 1982, Radiology 143:29: area 0.893 of 51 abnormal and 58 normal images
    es = effect_sizes(measure="AUC", vtype="LS2", ai=0.893, n1i=51, n2i=58)
    assert np.sqrt(es.vi[0]) == pytest.approx(0.032, abs=6e-4)


def test_areas_turn_round_with_the_groups() -> None:
    for vtype in ("LS", "LS2"):
        one = effect_sizes(measure="CLES", vtype=vtype, ai=0.7, n1i=12, n2i=30)
        other = effect_sizes(measure="CLES", vtype=vtype, ai=0.3, n1i=30, n2i=12)
        assert one.vi[0] == pytest.approx(other.vi[0], rel=1e-13)
    groups = {"m1i": 4, "sd1i": 2, "n1i": 20, "m2i": 3, "sd2i": 3, "n2i": 9}
    turned = {name.translate({49: "2", 50: "1"}): x for name, x in groups.items()}
    one, other = (effect_sizes(measure="AUCN", **cells) for cells in (groups, turned))
    assert one.yi[0] + other.yi[0] == pytest.approx(1, rel=1e-14)
    assert one.vi[0] == pytest.approx(other.vi[0], rel=1e-13)


def test_variances_of_areas_hold_in_simulations() -> None:
    rng = np.random.default_rng(8)
    n1, n2, ratio = 15, 25, 2.5
    x, y = rng.exponential(ratio, (20_000, n1)), rng.exponential(1, (20_000, n2))
    order = np.argsort(np.argsort(np.hstack([x, y]), axis=1), axis=1)[:, :n1] + 1
    U = order.sum(axis=1) - n1 * (n1 + 1) / 2
    area = ratio / (1 + ratio)
    assert np.mean(U / (n1 * n2)) == pytest.approx(area, abs=0.003)
    exact = effect_sizes(measure="AUC", vtype="LS2", ai=area, n1i=n1, n2i=n2).vi[0]
    assert np.var(U / (n1 * n2)) == pytest.approx(exact, rel=0.03)
    u, v = rng.normal(1, 1, (20_000, 60)), rng.normal(0, 2, (20_000, 90))
    cells = {"m1i": u.mean(axis=1), "sd1i": u.std(axis=1, ddof=1), "n1i": np.full(20_000, 60)}
    cells |= {"m2i": v.mean(axis=1), "sd2i": v.std(axis=1, ddof=1), "n2i": np.full(20_000, 90)}
    es = effect_sizes(measure="CLESN", **cells)
    assert es.yi.mean() == pytest.approx(ndtr(1 / np.sqrt(5)), abs=0.002)
    assert es.yi.var() == pytest.approx(es.vi.mean(), rel=0.04)


def test_areas_of_groups_that_do_not_overlap_have_no_variance() -> None:
    es = effect_sizes(measure="AUC", ai=[0, 1, 1.2, 0.6], n1i=9, n2i=9)
    assert ["don't overlap" in why for why in es.reasons] == [True, True, False, False]
    assert "outside 0 to 1" in es.reasons[2]
    far = effect_sizes(measure="AUCN", m1i=1e3, m2i=0, sd1i=1, sd2i=1, n1i=9, n2i=9)
    assert np.isnan(far.yi[0])
    assert np.isnan(far.vi[0])


def test_the_grid_did_not_shrink() -> None:
    assert Counter(case["measure"] for case in SHARED) == {
        "GEN": 13, "RR": 13, "OR": 18, "RD": 9, "AS": 5, "PETO": 6,
        "MD": 4, "SMD": 6, "SMDH": 2, "ROM": 5, "SMD1": 1, "SMD1H": 1, "VR": 2, "CVR": 2,
        "PR": 1, "PLN": 1, "PLO": 1, "PAS": 1, "PFT": 1, "PHI": 2, "YUQ": 2, "YUY": 1, "RTET": 1,
        "PBIT": 1, "OR2D": 1, "OR2DN": 1, "OR2DL": 1, "D2OR": 1, "D2ORN": 1, "D2ORL": 1,
        "IR": 1, "IRLN": 1, "IRS": 1, "IRFT": 1, "IRR": 2, "IRD": 2, "IRSD": 2,
        "COR": 3, "ZCOR": 3, "PCOR": 1, "ZPCOR": 1, "SPCOR": 1, "RPB": 2, "RBIS": 1,
        "MC": 1, "SMCC": 1, "SMCR": 1, "SMCRH": 1, "ROMC": 1, "CVRC": 1, "VRC": 1,
        "MPRR": 1, "MPOR": 1, "MPRD": 1, "MPORC": 1, "MPPETO": 1, "MPORM": 1,
        "MN": 2, "MNLN": 1, "CVLN": 1, "SDLN": 1, "ARAW": 1, "AHW": 1, "ABT": 1,
    }  # fmt: skip
    tables = {"RR", "OR", "RD", "AS", "PETO", "PHI", "YUQ", "YUY", "PBIT", "OR2D", "OR2DN", "OR2DL"}
    assert Counter(case["measure"] for case in ZEROS) == {
        **dict.fromkeys(tables - {"RR", "OR", "RD", "AS", "PETO"}, 20), **dict.fromkeys(
            ("RR", "OR", "RD", "AS", "PETO"), 31), "MPORM": 20, "REH": 11,
        **dict.fromkeys(("MPRR", "MPOR", "MPRD", "MPORC", "MPPETO"), 11),
        **dict.fromkeys(("PR", "PLN", "PLO", "PAS", "PFT", "IR", "IRLN", "IRS", "IRFT"), 11),
        **dict.fromkeys(("IRR", "IRD", "IRSD"), 20),
    }  # fmt: skip
    assert (len(EDGES), len(CALLS), len(DERIVED)) == (34, 88, 24)
    assert sum(len(case["yi"]) for case in SHARED + EDGES + ZEROS + MORE) >= 6800


def test_every_measure_has_a_case_a_source_and_a_docstring() -> None:
    assert set(MEASURES) == {case["measure"] for case in SHARED + MORE}
    offered = {(code, kind) for code, found in MEASURES.items() for kind in found.vtypes[1:]}
    # Fisher's z of a measure takes its variance from the measure
    tested = {(case["measure"], case["opts"].get("vtype")) for case in SHARED + EDGES + MORE}
    assert offered - tested == {("ZPHI", "CS"), ("ZPB", "ST"), ("ZSPCOR", "AV"), ("R2", "AV")}
    for entry in measures():
        assert any(ch.isdigit() for ch in entry["source"]) or entry["code"] == "GEN"
        assert MEASURES[entry["code"]].compute.__doc__
        assert entry["scale"] in {
            "ratio", "difference", "proportion", "correlation", "rate", "none",
        }  # fmt: skip


def test_hedges_correction_keeps_its_digits() -> None:
    # gamma(m/2) / (sqrt(m/2) gamma((m-1)/2)) to 20 digits, by mpmath
    exact = {
        2: 0.56418958354775628695,
        10: 0.92274560805308710336,
        100: 0.9924780549814448666,
        300: 0.99749756684385860828,
        301: 0.99750588864056449984,
        12345: 0.99993924522315221218,
        1e9: 0.99999999924999999978,
    }
    got = correction(np.array(list(exact), dtype=float))
    np.testing.assert_allclose(got, list(exact.values()), rtol=1e-15)
    assert np.isnan(correction(np.array([1.0, 0.0, -3.0]))).all()


def test_smdh_is_not_shrunk_twice() -> None:
    es = effect_sizes(measure="SMDH", m1i=5, m2i=3, sd1i=1, sd2i=1.5, n1i=10, n2i=9)
    s2 = (1 + 2.25) / 2
    part = es.yi[0] ** 2 * (1 / 9 + 1.5**4 / 8) / (8 * s2**2)
    assert es.vi[0] == pytest.approx(part + (1 / 9 + 2.25 / 8) / s2, rel=1e-14)


def test_rom_bias_correction() -> None:
    cells = {"m1i": 5, "m2i": 3, "sd1i": 1, "sd2i": 1.5, "n1i": 10, "n2i": 9}
    raw = effect_sizes(measure="ROM", correct=False, **cells)
    es = effect_sizes(measure="ROM", **cells)
    assert raw.yi[0] == pytest.approx(np.log(5 / 3), rel=1e-15)
    assert es.yi[0] - raw.yi[0] == pytest.approx((0.04 / 10 - 0.25 / 9) / 2, rel=1e-12)
    assert es.vi[0] == raw.vi[0]


@pytest.mark.parametrize(("code", "r"), [("SMCRP", 0.6), ("SMCRPH", -0.4), ("SMCRH", 0.5)])
def test_standardised_changes_are_unbiased_with_the_variance_they_say(code: str, r: float) -> None:
    # a simulation: means and variances of 40,000 studies of 25 people each, true change 0.8 SD
    rng = np.random.default_rng(20261125)
    n, k = 25, 40_000
    first = rng.standard_normal((k, n))
    second = r * first + np.sqrt(1 - r * r) * rng.standard_normal((k, n))
    cells = {"m1i": first.mean(1) + 0.8, "m2i": second.mean(1), "ni": np.full(k, float(n))}
    cells |= {"sd1i": first.std(1, ddof=1), "sd2i": second.std(1, ddof=1), "ri": np.full(k, r)}
    es = effect_sizes(measure=code, **cells)
    assert es.yi.mean() == pytest.approx(0.8, abs=4 * es.yi.std() / np.sqrt(k))
    assert es.vi.mean() == pytest.approx(es.yi.var(), rel=0.06)  # large-sample formulas


@pytest.mark.parametrize("code", ["ROM", "CVR", "VR"])
def test_corrections_take_the_bias_away(code: str) -> None:
    rng = np.random.default_rng(7)
    n1, n2, k = 20, 60, 100_000
    one, two = rng.normal(5, 2.5, (k, n1)), rng.normal(4, 0.8, (k, n2))
    moments = {"m1i": one.mean(1), "sd1i": one.std(1, ddof=1), "m2i": two.mean(1)}
    moments |= {"sd2i": two.std(1, ddof=1), "n1i": float(n1), "n2i": float(n2)}
    truth = {"ROM": 5 / 4, "CVR": (2.5 / 5) / (0.8 / 4), "VR": 2.5 / 0.8}[code]
    if code == "VR":
        moments = {name: moments[name] for name in ("sd1i", "sd2i", "n1i", "n2i")}
    off = [
        abs(effect_sizes(measure=code, correct=correct, **moments).yi.mean() - np.log(truth))
        for correct in (True, False)
    ]
    assert off[0] < 0.3 * off[1]


def test_statistics_may_stand_for_means() -> None:
    cells = {"m1i": 5, "m2i": 3.2, "sd1i": 1.1, "sd2i": 1.4, "n1i": 12, "n2i": 15}
    whole = effect_sizes(measure="SMD", **cells)
    d = whole.yi[0] / correction(np.array([25.0]))[0]
    t = d / np.sqrt(1 / 12 + 1 / 15)
    p = 2 * student_t.sf(t, 25)
    for code in ("SMD", "RPB", "RBIS", "D2OR", "D2ORN", "ZPB"):
        own = effect_sizes(measure=code, **cells)
        for name, value in (("di", d), ("ti", t), ("pi", p)):
            es = effect_sizes(measure=code, n1i=12, n2i=15, **{name: value})
            assert es.yi[0] == pytest.approx(own.yi[0], rel=1e-12)
            assert es.vi[0] == pytest.approx(own.vi[0], rel=1e-12)
            turned = effect_sizes(measure=code, n1i=12, n2i=15, **{name: -value})
            assert turned.yi[0] == pytest.approx(-own.yi[0], rel=1e-12)
    mixed = {name: [value, np.nan] for name, value in cells.items()} | {"n1i": 12, "n2i": 15}
    es = effect_sizes(measure="SMD", ti=[np.nan, t], **mixed)
    assert es.yi == pytest.approx(whole.yi[[0, 0]], rel=1e-12)
    lacking = effect_sizes(measure="SMD", di=[np.nan, d], n1i=12, n2i=15)
    assert lacking.reasons == ("m1i (or di, ti, pi) is missing", "")


def test_tests_may_stand_for_correlations() -> None:
    # the manual of metafor 4.7 has these three values
    assert effect_sizes(measure="COR", pi=-0.07, ni=30).yi[0] == pytest.approx(-0.3354, abs=5e-5)
    es = effect_sizes(measure="PCOR", pi=-0.07, mi=5, ni=30)
    assert es.yi[0] == pytest.approx(-0.3610, abs=5e-5)
    assert effect_sizes(measure="SMCC", pi=-0.018, ni=50).yi[0] == pytest.approx(-0.3408, abs=5e-5)
    by_r = effect_sizes(measure="PCOR", ri=es.yi, mi=5, ni=30)
    assert (by_r.yi[0], by_r.vi[0]) == (es.yi[0], es.vi[0])
    t = -0.4 * np.sqrt(18 / (1 - 0.16))
    assert effect_sizes(measure="ZCOR", ti=t, ni=20).yi[0] == pytest.approx(np.arctanh(-0.4))


def test_a_variance_formula_per_row() -> None:
    table = {"ai": [4, 6, 9], "bi": [19, 30, 11], "ci": [11, 29, 4], "di": [28, 27, 15]}
    cross, fixed = (effect_sizes(measure="PHI", vtype=kind, **table) for kind in ("CS", "ST"))
    mixed = effect_sizes(measure="PHI", vtype=["CS", "ST", "CS"], **table)
    assert mixed.vi.tolist() == [cross.vi[0], fixed.vi[1], cross.vi[2]]
    with pytest.raises(BadInput, match="vtype has 2 values for 3 rows"):
        effect_sizes(measure="PHI", vtype=["CS", "ST"], **table)
    with pytest.raises(UnknownOption, match='vtype "UB" does not exist'):
        effect_sizes(measure="PHI", vtype=["CS", "UB", "CS"], **table)
    with pytest.raises(BadInput, match="one name per row; got 3"):
        effect_sizes(measure="PHI", vtype=3, **table)  # type: ignore[arg-type]


def test_pairs_without_contrast_are_dropped_and_discordant_ones_kept() -> None:
    es = effect_sizes(
        measure="MPRD", ai=[0, 0, 7], bi=[0, 4, 0], ci=[0, 0, 0], di=[9, 5, 0], drop00=True
    )
    assert [bool(why) for why in es.reasons] == [True, False, True]


def test_marginal_odds_ratio_from_the_margins_equals_that_of_the_pairs() -> None:
    pairs = {"ai": 12, "bi": 9, "ci": 4, "di": 22}
    phi = effect_sizes(measure="PHI", **pairs).yi[0]
    whole = effect_sizes(measure="MPOR", **pairs)
    margins = effect_sizes(measure="MPORM", ai=21, bi=26, ci=16, di=31, ri=phi)
    assert margins.yi[0] == pytest.approx(whole.yi[0], rel=1e-14)
    assert margins.vi[0] == pytest.approx(whole.vi[0], rel=1e-14)
    impossible = effect_sizes(measure="MPORM", ai=21, bi=26, ci=2, di=45, ri=0.9)
    assert impossible.reasons == ("ri = 0.9 is not possible with these margins",)
