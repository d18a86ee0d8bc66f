"""Mantel-Haenszel by properties and at the edges (the numbers: test_parity_models.py)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from probatum.errors import BadInput, UnknownOption
from probatum.meta.measures import effect_sizes
from probatum.meta.models.mantel_haenszel import pool_mh
from probatum.meta.models.peto import pool_peto
from probatum.meta.types import EffectSizes

CELLS: dict[str, Any] = {
    "ai": [4, 6, 0, 0],
    "bi": [119, 300, 20, 25],
    "ci": [11, 29, 2, 0],
    "di": [128, 274, 20, 25],
}
TIMES: dict[str, Any] = {
    "x1i": [7, 0, 3],
    "t1i": [100.0, 40.0, 70.0],
    "x2i": [9, 2, 8],
    "t2i": [95.0, 44.0, 60.0],
}


def tables(measure: str, **change: list[float]) -> EffectSizes:
    return effect_sizes(measure=measure, **{**CELLS, **change})


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_swapping_the_groups_turns_the_effect_round(measure: str) -> None:
    c = CELLS
    there = pool_mh(effect_sizes(measure=measure, **c))
    back = pool_mh(effect_sizes(measure=measure, ai=c["ci"], bi=c["di"], ci=c["ai"], di=c["bi"]))
    assert back.beta[0] == pytest.approx(-there.beta[0], rel=1e-13)
    assert back.se[0] == pytest.approx(there.se[0], rel=1e-12)


@pytest.mark.parametrize("measure", ["IRR", "IRD"])
def test_swapping_the_groups_of_person_time(measure: str) -> None:
    t = TIMES
    there = pool_mh(effect_sizes(measure=measure, **t))
    back = pool_mh(
        effect_sizes(measure=measure, x1i=t["x2i"], t1i=t["t2i"], x2i=t["x1i"], t2i=t["t1i"])
    )
    assert back.beta[0] == pytest.approx(-there.beta[0], rel=1e-13)
    assert back.se[0] == pytest.approx(there.se[0], rel=1e-12)


def test_one_table_gives_its_own_odds_ratio() -> None:
    fit = pool_mh(effect_sizes(measure="OR", ai=[12], bi=[30], ci=[20], di=[25]))
    assert fit.beta[0] == pytest.approx(np.log(12 * 25 / (30 * 20)), rel=1e-14)
    # Woolf's variance, which the Robins-Breslow-Greenland variance is for a single table
    assert fit.se[0] ** 2 == pytest.approx(1 / 12 + 1 / 30 + 1 / 20 + 1 / 25, rel=1e-13)
    assert (fit.QE, fit.QEp, fit.I2, fit.H2) == (0.0, 1.0, 0.0, 1.0)


def test_a_double_zero_table_counts_as_a_study_but_changes_no_ratio() -> None:
    full = pool_mh(tables("OR"))
    short = pool_mh(effect_sizes(measure="OR", **{n: x[:3] for n, x in CELLS.items()}))
    assert (full.beta[0], full.se[0]) == pytest.approx((short.beta[0], short.se[0]), rel=1e-14)
    assert (full.k, full.extra["k_yi"], full.QEdf) == (4, 3.0, 2)
    assert f"Q(2) = {full.QE:.4f}" in full.summary()
    assert full.weights[3] == 0.0
    assert full.weights.sum() == pytest.approx(100.0)


def test_an_incomplete_table_is_left_out_with_a_reason() -> None:
    fit = pool_mh(tables("OR", ai=[4, 6, float("nan"), 0]))
    assert (fit.k, fit.k_left_out) == (3, 1)
    assert fit.left_out[2]
    assert not fit.left_out[0]
    assert np.isnan(fit.weights[2])


def test_equal_odds_ratios_have_no_breslow_day_scatter() -> None:
    fit = pool_mh(effect_sizes(measure="OR", ai=[10, 20], bi=[20, 40], ci=[5, 30], di=[20, 120]))
    assert fit.beta[0] == pytest.approx(np.log(2.0), rel=1e-14)
    assert fit.extra["BD"] == pytest.approx(0.0, abs=1e-12)
    assert fit.extra["BDp"] == pytest.approx(1.0, abs=1e-6)


def test_expected_cells_keep_the_pooled_odds_ratio_when_it_is_one() -> None:
    # 1 - psi = 0 turns the quadratic into a line
    fit = pool_mh(effect_sizes(measure="OR", ai=[10, 20], bi=[10, 20], ci=[5, 30], di=[5, 30]))
    assert fit.beta[0] == 0.0
    assert fit.extra["BD"] == pytest.approx(0.0, abs=1e-12)


def test_the_correction_never_goes_beyond_no_difference() -> None:
    es = effect_sizes(measure="OR", ai=[10, 20], bi=[10, 20], ci=[5, 30], di=[5, 30])
    assert pool_mh(es).extra["MH"] == 0.0
    assert pool_mh(es, correct=False).extra["MH"] == 0.0


def test_the_measure_of_the_effect_sizes_is_the_default() -> None:
    es = tables("RR")
    assert pool_mh(es).measure == "RR"
    assert pool_mh(es, measure="RD").measure == "RD"
    assert pool_mh(es, measure="RD").beta[0] == pool_mh(tables("RD")).beta[0]


def test_a_narrower_level_is_a_narrower_interval() -> None:
    wide, narrow = pool_mh(tables("OR")), pool_mh(tables("OR"), level=90)
    assert narrow.ci_lb[0] > wide.ci_lb[0]
    assert narrow.se[0] == wide.se[0]


def test_no_events_in_one_group_is_refused_with_a_way_out() -> None:
    es = tables("OR", ai=[0, 0, 0, 0])
    with pytest.raises(BadInput, match="one group has no events"):
        pool_mh(es)
    assert np.isfinite(pool_mh(es, measure="RD").se[0])


def test_no_events_at_all_is_refused() -> None:
    es = tables("RD", ai=[0, 0, 0, 0], ci=[0, 0, 0, 0])
    with pytest.raises(BadInput, match="no standard error"):
        pool_mh(es)


def test_a_measure_that_cannot_be_pooled_this_way() -> None:
    with pytest.raises(UnknownOption, match="Mantel-Haenszel pools OR RR RD IRR IRD"):
        pool_mh(tables("OR"), measure="SMD")


def test_estimates_without_tables_are_refused() -> None:
    es = effect_sizes(measure="GEN", yi=[0.1, 0.2], vi=[0.1, 0.1])
    with pytest.raises(BadInput, match="needs ai, bi, ci, di"):
        pool_mh(es, measure="OR")


SPARSE: dict[str, Any] = {
    "ai": [4, 6, 0, 0, 3, 5],
    "bi": [119, 300, 20, 25, 7, 0],
    "ci": [11, 29, 2, 0, 1, 7],
    "di": [128, 274, 20, 25, 9, 0],
}


@pytest.mark.parametrize(
    ("measure", "rules", "expected"),
    [  # metafor 3.8-1: k, beta, se, QE of rma.mh and rma.peto on these tables
        ("OR", {"add": (0.5, 0.5), "to": ("only0", "only0")},
         (6, -1.16030262907, 0.311574908494, 5.41768722893)),
        ("OR", {"add": (0.5, 0.1), "to": ("only0", "all")},
         (6, -1.20233298903, 0.320241462775, 5.39860646527)),
        ("OR", {"drop00": (True, True)}, (4, -1.2321506798, 0.326110238832, 5.40356944233)),
        ("OR", {"drop00": False}, (6, -1.2321506798, 0.326110238832, 5.97281723876)),
        ("RR", {"drop00": (True, True)}, (4, -1.16524771842, 0.309162136506, 5.71717955583)),
        ("RR", {"drop00": False}, (6, -0.928584992373, 0.241426148718, 41.1786932805)),
        ("RD", {"add": (0.5, 0.1), "to": ("only0", "all")},
         (6, -0.0585846469965, 0.0145077130126, 3.42312473789)),
        ("PETO", {"add": (0.5, 0.5), "to": ("only0", "only0")},
         (6, -1.05666966218, 0.268736160488, 5.83258478752)),
        ("PETO", {"drop00": (True, True)}, (4, -1.11090839608, 0.276027171396, 5.7216031968)),
    ],
)  # fmt: skip
def test_zero_rules_equal_metafor(measure: str, rules: Any, expected: Any) -> None:
    es = effect_sizes(measure=measure, **SPARSE)
    fit = pool_peto(es, **rules) if measure == "PETO" else pool_mh(es, **rules)
    assert (fit.k, fit.beta[0], fit.se[0], fit.QE) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"add": (0.5, 0.5, 0.5)}, "add is one value, or two"),
        ({"add": -1}, "add is one number, 0 or more"),
        ({"add": None}, "no None"),
        ({"to": ("only0", "zero")}, 'to "zero" does not exist'),
        ({"drop00": "yes"}, "drop00 is True or False"),
    ],
)
def test_zero_rules_that_do_not_exist(rules: Any, message: str) -> None:
    with pytest.raises((BadInput, UnknownOption), match=message):
        pool_mh(effect_sizes(measure="OR", **SPARSE), **rules)
