"""Leave-one-out and cumulative fits of tables, against metafor."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probatum as pb

FILE = Path(__file__).parents[2] / "validation" / "tables_subsets.json"
PINNED = json.loads(FILE.read_text(encoding="utf-8"))
COLUMNS = ("estimate", "se", "zval", "pval", "ci_lb", "ci_ub", "QE", "QEp")


def fitted(case: dict[str, Any]) -> pb.MetaFit:
    cells = {name: x for name, x in PINNED[case["set"]].items() if name != "order"}
    es = pb.effect_sizes(measure=case["measure"], **cells)
    return pb.pool_peto(es) if case["measure"] == "PETO" else pb.pool_mh(es)


@pytest.mark.parametrize("case", PINNED["cases"], ids=lambda c: c["measure"])
def test_they_are_metafors(case: dict[str, Any]) -> None:
    fit = fitted(case)
    order = PINNED[case["set"]]["order"]
    for kind, found in (
        ("leave1out", pb.leave1out(fit)),
        ("cumulative", pb.cumulative(fit, order)),
    ):
        assert found.kind == kind
        for name in COLUMNS:
            asked = np.array(case[kind][name], dtype=float)
            assert getattr(found, name) == pytest.approx(asked, rel=1e-9, abs=1e-11), (kind, name)


def test_options_and_clusters_are_kept() -> None:
    cells = {name: x for name, x in PINNED["bcg"].items() if name != "order"}
    es = pb.effect_sizes(measure="RR", **cells)
    fit = pb.pool_mh(es, measure="OR", level=90)
    cluster = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6]
    found = pb.leave1out(fit, cluster=cluster)
    first = {name: x[2:] for name, x in cells.items()}
    again = pb.pool_mh(pb.effect_sizes(measure="OR", **first), level=90)
    assert found.ci_lb[0] == pytest.approx(again.ci_lb[0], rel=1e-12)
    assert found.k.tolist() == [11, 11, 11, 11, 11, 10]
    assert pickle.loads(pickle.dumps(fit)).again(es).beta == pytest.approx(fit.beta)


def test_what_does_not_exist_is_nan() -> None:
    es = pb.effect_sizes(measure="OR", ai=[0, 3], bi=[10, 9], ci=[2, 4], di=[8, 8])
    found = pb.cumulative(pb.pool_mh(es))
    assert np.isnan(found.estimate[0])  # no events in a group: no ratio
    assert np.isfinite(found.estimate[1])
