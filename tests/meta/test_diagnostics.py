"""Diagnostics against metafor: pinned cases, and every data set of ../shared/reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from metafor_reference import Comparison, floats

import probatum as pb
from probatum.meta.diagnostics.influence import baujat

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "diagnostics.json").read_text())
TIGHT = 1e-9
LIST = {"estimate": "estimate", "se": "se", "ci_lb": "ci.lb", "ci_ub": "ci.ub"}


def _fit(case: dict[str, Any]) -> pb.MetaFit:
    d = PINNED["data"][case["set"]]
    formula = case.get("mods", "~1").replace(" ", "")
    mods = None if formula == "~1" else {n: d[n] for n in formula[1:].split("+")}
    test = case.get("test", "z")
    return pb.pool(d["yi"], d["vi"], mods=mods, method=case["method"], test=test)


def _compare(c: Comparison, case: dict[str, Any]) -> None:
    fit, ref, kind = _fit(case), case["result"], case["fn"]
    where = f"{kind} {case['set']} {case.get('mods', '')} {case['method']} {case.get('test')}"
    if kind == "influence":
        found = pb.influence(fit)
        for name in ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del", "hat"):
            theirs = ref[name.replace("_", ".")]
            size = float(np.max(np.abs(floats(theirs))))
            c.same(f"{where} {name}", getattr(found, name), theirs, TIGHT, size)
        c.same(f"{where} weight", found.weight, ref["weight"], TIGHT)
        for j, column in enumerate(ref["dfbs"].values()):
            c.same(f"{where} dfbs {j}", found.dfbs[:, j], column, TIGHT, 1.0)
        c.same(f"{where} is_infl", found.is_infl, [float(x) for x in ref["is_infl"]], 0.0)
    elif kind == "residuals":
        deleted, own = pb.rstudent(fit), pb.rstandard(fit)
        for name, ours in (("rstudent", deleted.z), ("rstudent_se", deleted.se),
                           ("rstandard", own.z), ("rstandard_se", own.se)):  # fmt: skip
            c.same(f"{where} {name}", ours, ref[name], TIGHT, 1.0)
    elif kind == "baujat":
        found_at = baujat(fit)
        c.same(f"{where} x", found_at.x, ref["x"], TIGHT, 1e-3)
        c.same(f"{where} y", found_at.y, ref["y"], TIGHT, 1e-3)
    elif kind == "blup":
        whole, deviation = pb.blup(fit), pb.ranef(fit)
        for name in ("pred", "se", "pi_lb", "pi_ub"):
            c.same(f"{where} {name}", getattr(whole, name), ref[name], TIGHT, 0.1)
        c.same(f"{where} ranef", deviation.pred, ref["ranef"], TIGHT, 0.1)
        c.same(f"{where} ranef se", deviation.se, ref["ranef_se"], TIGHT, 0.1)
    elif kind == "cumul":
        rows = pb.cumulative(fit, PINNED["data"][case["set"]]["year"])
        for ours, theirs in LIST.items():
            c.same(f"{where} {ours}", getattr(rows, ours), ref[theirs], TIGHT, 0.1)
    elif kind == "permutest":
        found_p = pb.permutest(fit, exact=True)
        c.same(f"{where} pval", found_p.pval, ref["pval"], TIGHT)
        if "QMp" in ref:
            c.same(f"{where} QMp", found_p.QMp, ref["QMp"], TIGHT)
    elif kind == "gosh":
        subsets = pb.gosh(fit)
        c.same(f"{where} n", len(subsets.k), ref["n"], 0.0)
        c.same(f"{where} estimates", np.sort(subsets.estimate), ref["sorted"], TIGHT, 0.1)
    elif kind == "profile":
        c.same(f"{where} ll", pb.profile(fit, ref["tau2"]).ll, ref["ll"], TIGHT)
    else:
        raise AssertionError(f"a case of {kind} is compared by nothing")


@pytest.mark.parametrize("kind", sorted({case["fn"] for case in PINNED["cases"]}))
def test_pinned_cases(kind: str) -> None:
    c = Comparison()
    for case in PINNED["cases"]:
        if case["fn"] == kind:
            _compare(c, case)
    assert not c.wrong, "\n".join(c.wrong[:20])


def test_the_pinned_cases_did_not_shrink() -> None:
    assert len(PINNED["cases"]) == 199


def test_leaving_out_clusters_and_bad_input() -> None:
    fit = pb.pool([0.1, 0.2, 0.6, 0.7], [0.1, 0.1, 0.2, 0.2], method="DL", test="z")
    halves = pb.leave1out(fit, cluster=["a", "a", "b", "b"])
    assert halves.slab == ("a", "b")
    assert halves.estimate == pytest.approx([0.65, 0.15])
    with pytest.raises(pb.BadInput, match="3 rows; there are 4"):
        pb.leave1out(fit, cluster=[1, 2, 3])
    with pytest.raises(pb.BadInput, match="at least two"):
        pb.leave1out(pb.pool([0.1], [0.1]))
    with pytest.raises(pb.BadInput, match="missing values"):
        pb.cumulative(fit, [1.0, np.nan, 2.0, 3.0])
    with pytest.raises(pb.BadInput, match="one effect for all"):
        pb.blup(pb.pool([0.1, 0.2], [0.1, 0.1], method="EE", test="z"))
    with pytest.raises(pb.BadInput, match="no likelihood"):
        pb.profile(fit)


def test_a_version_that_cannot_be_fitted_is_nan() -> None:
    group = np.array([0.0, 0.0, 0.0, 1.0])
    fit = pb.pool([0.1, 0.2, 0.3, 0.9], [0.1, 0.1, 0.1, 0.1], mods=group, method="DL", test="z")
    left = pb.leave1out(fit)
    assert np.isnan(left.estimate[3]).all()
    assert np.isfinite(left.estimate[:3]).all()


def test_random_subsets_and_permutations_repeat_and_differ_by_seed() -> None:
    rng = np.random.default_rng(1)
    fit = pb.pool(rng.normal(size=30), np.full(30, 0.1))
    first, again = pb.gosh(fit, subsets=200), pb.gosh(fit, subsets=200)
    assert np.array_equal(first.estimate, again.estimate)
    assert not np.array_equal(first.estimate, pb.gosh(fit, subsets=200, seed=1).estimate)
    whole = pb.permutest(fit, iterations=400)
    assert whole.versions == 400
    assert not whole.exact
    assert whole.pval[0] >= 1 / 400
