"""Predictions of location-scale models, against metafor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probatum as pb

FILE = Path(__file__).parents[2] / "validation" / "location_scale_predict.json"
PINNED = json.loads(FILE.read_text(encoding="utf-8"))
NAMES = {"pred": "pred", "se": "se", "ci_lb": "ci.lb", "ci_ub": "ci.ub", "pi_lb": "pi.lb",
         "pi_ub": "pi.ub"}  # fmt: skip
IDS = [f"{c['mods']}-{c['link']}-{c['test']}".replace(" ", "") for c in PINNED["cases"]]


def fitted(case: dict[str, Any]) -> Any:
    mods = None if case["mods"] == "~ 1" else case["mods"]
    return pb.pool_location_scale(
        PINNED["yi"], PINNED["vi"], mods=mods, scale=case["scale"], link=case["link"],
        test=case["test"], data=PINNED,
    )  # fmt: skip


@pytest.mark.parametrize("case", PINNED["cases"], ids=IDS)
def test_they_are_metafors(case: dict[str, Any]) -> None:
    fit = fitted(case)
    new = None if case["mods"] == "~ 1" else [30]
    # metafor's search with its usual settings ends some 1e-5 from the maximum
    for found, asked in (
        (fit.predict(), case["fitted"]),
        (fit.predict(new, [-6]), case["new"]),
        (fit.predict_scale([-6, 4]), case["log"]),
    ):
        for ours, theirs in NAMES.items():
            if theirs not in asked:
                assert np.isnan(getattr(found, ours)).all()
                continue
            values = getattr(found, ours)
            known = np.resize(np.atleast_1d(asked[theirs]).astype(float), values.shape)
            assert values == pytest.approx(known, rel=1e-3, abs=1e-4)


def test_what_is_asked_for_in_other_forms() -> None:
    fit = fitted(PINNED["cases"][0])
    one = fit.predict({"ablat": [30]}, {"when": [-6, 4]})
    assert one.pi_ub == pytest.approx(fit.predict([30, 30], [-6, 4]).pi_ub)
    assert np.isnan(fit.predict([30]).pi_lb).all()  # no tau2 is known there
    assert fit.predict([30], [-6], transf="exp").pred == pytest.approx(np.exp(one.pred[:1]))
    tau2 = fit.predict_scale(transf="exp").pred
    assert tau2 == pytest.approx(fit.tau2)
    plain = pb.pool_location_scale(
        PINNED["yi"], PINNED["vi"], mods="~ ablat", scale=np.ones((13, 0)), data=PINNED
    )
    assert np.isfinite(plain.predict([30]).pi_lb).all()  # one tau2 for all


def test_bad_values_are_told() -> None:
    fit = fitted(PINNED["cases"][0])
    with pytest.raises(pb.BadInput, match="give as many"):
        fit.predict([1, 2, 3], [1, 2])
    with pytest.raises(pb.BadInput, match="newscale has 2 columns"):
        fit.predict(newscale=[[1, 2]])
