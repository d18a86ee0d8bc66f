"""Every row of a multiverse is the fit that its choices name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.plots.test_gallery import MAKER

import probatum as pb
from probatum.meta.multiverse import Multiverse

BCG = MAKER.BCG
ES = pb.effect_sizes(BCG, measure="RR", ai="tpos", bi="tneg", ci="cpos", di="cneg", slab="trial")
OLD = np.array(BCG["year"]) < 1960
BIG = ["TPT Madras 1980", "Comstock 1974"]
WHOLE = pb.multiverse(
    ES,
    measures=["RR", "OR", "RD"],
    models=["inverse variance", "Mantel-Haenszel", "Peto"],
    methods=["REML", "DL", "EE"],
    tests=["knha", "z", "kr"],
    exclude={"before 1960": OLD, "the largest": BIG},
)


def by_hand(row: dict[str, Any]) -> pb.MetaFit:
    keep = np.ones(13, dtype=bool)
    if "before 1960" in row["excluded"]:
        keep &= ~OLD
    if "the largest" in row["excluded"]:
        keep &= ~np.isin(BCG["trial"], BIG)
    cells = {
        a: np.array(BCG[b])[keep]
        for a, b in zip(("ai", "bi", "ci", "di"), ("tpos", "tneg", "cpos", "cneg"))
    }
    es = pb.effect_sizes(measure=row["measure"], **cells)
    if row["model"] == "Mantel-Haenszel":
        return pb.pool_mh(es)
    if row["model"] == "Peto":
        return pb.pool_peto(es)
    return pb.pool(es, method=row["method"], test=row["test"])


@pytest.mark.parametrize("row", WHOLE.tidy(), ids=lambda r: " ".join(list(r.values())[:5]))
def test_each_row_is_its_fit(row: dict[str, Any]) -> None:
    fit = by_hand(row)
    assert row["k"] == fit.k
    expected = [fit.beta[0], fit.se[0], fit.ci_lb[0], fit.ci_ub[0], fit.pval[0], fit.I2]
    found = [row[n] for n in ("estimate", "se", "ci_lb", "ci_ub", "pval", "I2")]
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert row["tau2"] == pytest.approx(0.0 if np.isnan(fit.tau2) else fit.tau2, rel=1e-9)
    assert row["reason"] == ""


def test_which_choices_are_combined() -> None:
    # REML with three tests, DL with two (kr is for REML), EE with z; MH for each, Peto for OR
    assert len(WHOLE) == 4 * (3 * (3 + 2 + 1) + 3 + 1)
    assert WHOLE.choices[0] == ("RR", "inverse variance", "REML", "knha", "")
    assert WHOLE.varied()["excluded"] == (
        "", "before 1960", "the largest", "before 1960 + the largest",
    )  # fmt: skip
    assert len(set(WHOLE.choices)) == len(WHOLE)


def test_glance_says_how_far_they_agree() -> None:
    alone = pb.multiverse(ES, methods=["REML", "EE"], tests=["z"], leave1out=True)
    assert len(alone) == 2 * 14
    seen = alone.glance()
    assert seen["combinations"] == seen["computed"] == 28
    assert seen["estimate_min"] == alone.estimate.min()
    assert seen["share_below_0"] == 1.0
    assert seen["share_ci_without_0"] == np.mean(alone.ci_ub < 0)
    assert {c.excluded for c in alone.choices} == {"", *BCG["trial"]}
    gone = pb.leave1out(pb.pool(ES, test="z"))
    rows = [i for i, c in enumerate(alone.choices) if c.method == "REML" and c.excluded]
    assert alone.estimate[rows] == pytest.approx(gone.estimate)
    assert np.isnan(WHOLE.glance()["estimate_min"])  # three measures have no common scale


def test_nothing_left_is_a_row_with_a_reason() -> None:
    found = pb.multiverse(
        ES, models=["inverse variance", "Mantel-Haenszel"], methods=["REML"], tests=["z"],
        exclude={"all": np.ones(13, dtype=bool)},
    )  # fmt: skip
    assert found.reason[:2] == ("", "")
    assert "no estimates are left" in found.reason[2]
    assert found.reason[3]
    assert np.isnan(found.estimate[2:]).all()
    assert found.glance()["computed"] == 2


def test_rows_without_an_estimate_are_left_out_of_every_row() -> None:
    yi, vi = np.array([0.1, np.nan, 0.5, 0.9]), np.array([0.1, 0.1, 0.2, 0.1])
    es = pb.EffectSizes(yi, vi, slab=("a", "b", "c", "d"))
    found = pb.multiverse(es, methods=["REML"], tests=["z"], exclude={"c is odd": ["c"]})
    assert found.k.tolist() == [3, 2]
    assert found.estimate[1] == pytest.approx(pb.pool(yi[[0, 3]], vi[[0, 3]]).beta[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"models": ["MH"]}, "Mantel-Haenszel"),
        ({"models": ["Peto"]}, "none of these choices"),
        ({"methods": ["REM"]}, "REML"),
        ({"tests": ["Z"]}, "test"),
        ({"tests": ["kr"], "methods": ["DL"]}, "none of these choices"),
        ({"measures": ["SMD"]}, "SMD"),
        ({"exclude": {"x": [True]}}, "1 rows; there are 13"),
        ({"exclude": {"x": ["Hart"]}}, "Hart"),
        ({"exclude": {str(i): [] for i in range(13)}}, "combinations"),
    ],
)
def test_misuse(options: dict[str, Any], message: str) -> None:
    with pytest.raises(pb.ProbatumError, match=message):
        pb.multiverse(ES, **options)


def test_tables_are_needed_for_table_models() -> None:
    es = pb.EffectSizes(ES.yi, ES.vi, "OR")
    with pytest.raises(pb.BadInput, match="not made from any"):
        pb.multiverse(es, models=["Mantel-Haenszel"])


def test_columns_for_any_frame() -> None:
    columns = WHOLE.to_dict()
    assert {len(c) for c in columns.values()} == {len(WHOLE)}
    assert isinstance(WHOLE, Multiverse)
    assert list(columns)[:5] == ["measure", "model", "method", "test", "excluded"]
