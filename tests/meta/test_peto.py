"""Peto's odds ratio by properties and at the edges (the numbers: test_parity_models.py)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from probatum.errors import BadInput
from probatum.meta.measures import effect_sizes
from probatum.meta.models.peto import pool_peto

CELLS: dict[str, Any] = {
    "ai": [4, 6, 0, 0],
    "bi": [119, 300, 20, 25],
    "ci": [11, 29, 2, 0],
    "di": [128, 274, 20, 25],
}


def test_swapping_the_groups_turns_the_effect_round() -> None:
    c = CELLS
    there = pool_peto(effect_sizes(measure="PETO", **c))
    back = pool_peto(effect_sizes(measure="PETO", ai=c["ci"], bi=c["di"], ci=c["ai"], di=c["bi"]))
    assert back.beta[0] == pytest.approx(-there.beta[0], rel=1e-13)
    assert back.se[0] == pytest.approx(there.se[0], rel=1e-13)
    assert pytest.approx(there.QE, rel=1e-12) == back.QE


def test_by_hand() -> None:
    # 3 of 10 against 1 of 10: expected 2, variance 4*16*10*10 / (20^2 * 19)
    fit = pool_peto(effect_sizes(measure="PETO", ai=[3], n1i=[10], ci=[1], n2i=[10]))
    variance = 4 * 16 * 100 / (400 * 19)
    assert fit.beta[0] == pytest.approx((3 - 2) / variance, rel=1e-14)
    assert fit.se[0] == pytest.approx(variance**-0.5, rel=1e-14)
    assert fit.QE == 0.0


def test_a_table_without_events_counts_but_weighs_nothing() -> None:
    full = pool_peto(effect_sizes(measure="OR", **CELLS))
    short = pool_peto(effect_sizes(measure="OR", **{n: x[:3] for n, x in CELLS.items()}))
    assert (full.beta[0], full.QE) == pytest.approx((short.beta[0], short.QE), rel=1e-14)
    assert (full.k, full.extra["k_yi"], full.weights[3]) == (4, 3.0, 0.0)


def test_no_events_anywhere_is_refused() -> None:
    es = effect_sizes(measure="PETO", ai=[0, 0], n1i=[10, 12], ci=[0, 0], n2i=[10, 9])
    with pytest.raises(BadInput, match="does not exist"):
        pool_peto(es)


def test_estimates_without_tables_are_refused() -> None:
    es = effect_sizes(measure="GEN", yi=[0.1, 0.2], vi=[0.1, 0.1])
    with pytest.raises(BadInput, match="Peto pooling works on the tables"):
        pool_peto(es)


def test_an_incomplete_table_is_left_out() -> None:
    cells = {**CELLS, "ai": [4, float("nan"), 0, 0]}
    fit = pool_peto(effect_sizes(measure="PETO", **cells))
    assert (fit.k, fit.k_left_out) == (3, 1)
    assert np.isnan(fit.weights[1])
