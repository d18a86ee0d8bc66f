"""Patients of several case series: against lme4, by hand, and what both stages must agree on."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probatum as pb

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "patients.json").read_text())[
    "pooled"
]
PEOPLE = PINNED["people"]


def pooled(**more: Any) -> pb.PatientPool:
    return pb.pool_patients(PEOPLE, series="series", before="before", after="after", **more)


def test_one_stage_is_the_model_of_both_measurements_in_lme4() -> None:
    # lme4 was given the 30 measurements with an effect of each patient, ours their 15 changes
    fit = pooled().one_stage
    assert fit.beta[0] == pytest.approx(PINNED["beta"][0], rel=1e-8)
    assert fit.se[0] == pytest.approx(PINNED["se"][0], rel=1e-6)
    assert fit.G[0, 0] == pytest.approx(PINNED["tau2"][0], rel=1e-6)
    assert fit.sigma2 == pytest.approx(PINNED["sigma2"][0], rel=1e-6)


def test_one_stage_of_events_is_the_logistic_model_of_each_patient_in_lme4() -> None:
    pinned = PINNED["events"]
    found = pb.pool_patients(pinned["cases"], series="series", event="event")
    fit = found.one_stage
    assert fit.beta[0] == pytest.approx(pinned["beta"][0], rel=1e-5)
    assert fit.tau2 == pytest.approx(pinned["tau2"][0], rel=1e-5)
    assert fit.se[0] == pytest.approx(pinned["se"][0], rel=1e-3)  # lme4's by differences
    # ours counts the ways to order the events of a series
    es = found.effects
    ways = sum(
        math.log(math.comb(int(n), int(x))) for x, n in zip(es.inputs["xi"], es.ni, strict=True)
    )
    assert fit.ll - ways == pytest.approx(pinned["ll"][0], rel=1e-8)
    assert fit.ll - ways >= pinned["ll"][0] - 1e-7
    share = found.table()[1]["estimate"]
    assert share == pytest.approx(1 / (1 + math.exp(-pinned["beta"][0])), rel=1e-5)
    assert math.isnan(found.table()[1]["pval"])


def test_two_stages_are_the_series_own_means_pooled() -> None:
    found = pooled(test="knha", level=90)
    change = np.array(PEOPLE["after"]) - PEOPLE["before"]
    own = [change[np.array(PEOPLE["series"]) == s] for s in (1, 3, 4)]
    by_hand = pb.pool(
        [x.mean() for x in own], [x.var(ddof=1) / len(x) for x in own], test="knha", level=90
    )
    assert found.two_stage is not None
    assert found.two_stage.beta[0] == pytest.approx(by_hand.beta[0], rel=1e-12)
    assert found.two_stage.ci_lb[0] == pytest.approx(by_hand.ci_lb[0], rel=1e-12)
    assert found.effects.slab == ("1", "2", "3", "4", "5")
    assert [bool(why) for why in found.effects.reasons] == [False, True, False, False, True]
    two, one = found.table()
    assert (two["series"], two["patients"], one["series"], one["patients"]) == (3, 13, 5, 15)


def test_series_of_one_size_have_the_t_interval_of_their_means() -> None:
    rng = np.random.default_rng(4)
    d = rng.normal(-5, 3, 6)[:, None] + rng.normal(0, 2, (6, 4))
    found = pb.pool_patients(series=np.repeat(list("abcdef"), 4), change=d.ravel())
    means = d.mean(axis=1)
    assert found.one_stage.beta[0] == pytest.approx(means.mean(), rel=1e-10)
    assert found.one_stage.se[0] == pytest.approx(means.std(ddof=1) / math.sqrt(6), rel=1e-7)
    assert found.one_stage.dfs[0] == pytest.approx(5, rel=1e-5)


def test_the_stages_agree_where_series_are_large_and_alike() -> None:
    rng = np.random.default_rng(9)
    series = np.repeat(np.arange(12), 200)
    d = rng.normal(2, 1, 12)[series] + rng.normal(0, 1.5, len(series))
    two, one = pb.pool_patients(series=series, change=d, test="knha").table()
    assert two["estimate"] == pytest.approx(one["estimate"], abs=0.02)
    assert two["se"] == pytest.approx(one["se"], rel=0.02)
    assert two["tau2"] == pytest.approx(one["tau2"], rel=0.05)


def test_what_is_assumed_is_said() -> None:
    two, one, both = pooled().assumptions
    assert "3 of 5 series enter" in two
    assert "all 15 patients of 5 series" in one
    assert "not an effect" in both
    text = pooled().summary()
    assert two in text
    assert "one-stage" in text


def test_two_stages_need_two_series_with_a_spread() -> None:
    found = pb.pool_patients(series=["a", "a", "b", "c"], change=[1.0, 3.0, 2.0, 5.0])
    assert found.two_stage is None
    assert [row["stage"] for row in found.table()] == ["one"]
    alike = pb.pool_patients(series=list("aabbb"), change=[1.0, 1.0, 2.0, 5.0, 3.0])
    assert "alike" in alike.effects.reasons[0]


def test_missing_patients_are_counted() -> None:
    found = pb.pool_patients(series=list("aabbb"), change=[1.0, 2.0, math.nan, 5.0, 3.0])
    assert found.n_left_out == 1
    assert found.table()[-1]["patients"] == 4


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"series": list("ab")}, "give change, before and after, or event"),
        ({"series": list("ab"), "event": [1, 0], "change": [1, 2]}, "either event"),
        ({"series": list("ab"), "before": [1, 0], "change": [1, 2]}, "either change"),
        ({"series": list("aab"), "before": [1, 0, 1]}, "belong together"),
        ({"series": ["a", None], "change": [1, 2]}, "has no series"),
        ({"series": list("ab"), "event": [1, 2]}, "1 for yes"),
        ({"series": list("ab"), "event": ["yes", "no"]}, "not numbers"),
        ({"series": list("aa"), "change": [1, 2]}, "1 series have patients"),
        ({"series": [], "change": []}, "0 series"),
        ({"series": list("abc"), "change": [1, 2]}, "one row each"),
        ({"series": list("abc"), "change": [1, 2, 3]}, "each series has one patient"),
        ({"series": "clinic", "change": [1, 2]}, "names a column"),
        ({"series": list("aab"), "change": [1, 2, 3], "test": "w"}, "knha"),
    ],
)
def test_misuse_says_what_to_do(given: dict[str, Any], words: str) -> None:
    with pytest.raises(pb.ProbatumError, match=words):
        pb.pool_patients(**given)
