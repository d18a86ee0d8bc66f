"""Multilevel models against metafor: pinned cases (benchmarks/parity has the reference's)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.parity.families.multilevel import compound, paired
from metafor_reference import Comparison, floats

import probatum as pb

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "multilevel.json").read_text())
LOGLIK, COMPONENT, COEFFICIENT = 1e-8, 1e-4, 1e-5


def table_of(name: str) -> dict[str, Any]:
    return {n: np.array(x) for n, x in PINNED["data"][name].items()}


def fit_pinned(case: dict[str, Any]) -> pb.MultilevelFit:
    name = case.get("set", "d")
    t = table_of(name)
    V = t["vi"]
    if case.get("V") == "blocks":
        V = paired(t) if name == "berkey" else compound(t["vi"], t["study"], 0.5)
    if "R" in case:
        kin = PINNED["kin"]
        case = case | {"R": {"kin": (kin["levels"], kin["R"])}}
    more = {n: case[n] for n in ("R", "test", "dfs", "sigma2", "tau2", "rho") if n in case}
    return pb.pool_multilevel(
        t["yi"], V, mods=case.get("mods"), random=case["random"], struct=case.get("struct", "CS"),
        data=t, method=case.get("method", "REML"), **more,
    )  # fmt: skip


def label(case: dict[str, Any]) -> str:
    return " ".join(
        f"{n}={v}" for n, v in case.items() if n not in ("result", "confint", "cluster")
    )


CASES = pytest.mark.parametrize("case", PINNED["cases"], ids=label)


def test_the_pinned_cases_did_not_shrink() -> None:
    assert len(PINNED["cases"]) == 42
    assert not [c for c in PINNED["cases"] if "error" in c]


def compare(c: Comparison, where: str, fit: pb.MultilevelFit, ref: Any, stats: Any) -> None:
    """Likelihood first: ours may only be higher; where it is, the rest may differ accordingly.

    A log-likelihood lower by d is that of a point about sqrt(2 d) standard errors away, and the
    coefficients' errors move relatively as much.
    """
    for kind in ("ML", "REML"):
        for name in ("ll", "dev", "AIC", "BIC", "AICc"):
            ours = getattr(fit.fit_stats[kind], name)
            # the likelihood that was not maximised moves with the components
            tol = 1e-4 if kind != fit.method or name in ("dev", "AICc") else 1e-6
            c.same(f"{where} {kind} {name}", ours, stats(name, kind), tol, 1.0)
    assert fit.ll >= stats("ll", fit.method) - LOGLIK, where
    better = math.sqrt(2.0 * max(0.0, fit.ll - stats("ll", fit.method)))
    for kind in ("sigma2", "tau2", "rho", "gamma2", "phi"):
        ours = getattr(fit, kind)
        if len(ours):
            # a correlation that the data can't tell is 0 in metafor and NaN here
            theirs = np.where(np.isnan(ours), np.nan, floats(ref[kind]))
            size = [s for s, x in zip(fit.component_se, fit.components) if x.kind == kind]
            floor = 1.0 if kind in ("rho", "phi") else 1e-2 * float(np.median(fit.data.vi))
            scale = np.fmax(size, floor)
            c.same(f"{where} {kind}", ours, theirs.tolist(), COMPONENT, scale)
    c.same(f"{where} beta", fit.beta, ref["beta"], COEFFICIENT + better, floats(ref["se"]))
    c.same(f"{where} se", fit.se, ref["se"], COEFFICIENT + better)
    c.same(f"{where} QE", fit.QE, ref["QE"], 1e-10)
    c.same(f"{where} QM", fit.QM, ref["QM"], 1e-4)
    c.same(f"{where} QMp", fit.QMp, ref["QMp"], 1e-4 * max(1.0, fit.QM), 1e-300)


@CASES
def test_pinned(case: dict[str, Any]) -> None:
    c, ref, fit = Comparison(), case["result"], fit_pinned(case)

    def stats(name: str, kind: str) -> float:
        row = ["ll", "dev", "AIC", "BIC", "AICc"].index(name)
        return float(ref["fit"][kind][row])

    compare(c, "fit", fit, ref, stats)
    c.same("pval", fit.pval, ref["pval"], 1e-3, 1e-6)
    c.same("ci_lb", fit.ci_lb, ref["ci_lb"], 1e-4, fit.se)
    if fit.test == "t":
        c.same("dfs", fit.dfs, np.broadcast_to(ref["ddf"], fit.p).tolist(), 0.0)
    c.same("rstandard", pb.rstandard(fit).z, ref["rstandard"], 1e-4, 1.0)
    c.same("hat", fit.hatvalues(), ref["hat"], 1e-4, 1e-2)
    assert not c.wrong, "\n".join(c.wrong)


@CASES
def test_standard_errors_of_the_components(case: dict[str, Any]) -> None:
    theirs = case["result"].get("se_components")
    if theirs is None:
        pytest.skip("no random effects")
    fit = fit_pinned(case)
    if fit.status == "boundary":
        pytest.skip("metafor's have no meaning at a bound")
    if case.get("struct") == "SPSPH":
        pytest.skip("second derivatives jump where a distance is the range")
    ours = fit.component_se[~np.isnan(fit.component_se)]
    # metafor lists intercepts first; its second derivatives are numerical
    assert np.sort(ours) == pytest.approx(np.sort(list(theirs.values())), rel=2e-3)


@pytest.mark.parametrize("case", [c for c in PINNED["cases"] if c.get("confint")], ids=label)
def test_profile_likelihood_intervals(case: dict[str, Any]) -> None:
    found = fit_pinned(case).confint()
    theirs = np.array(case["result"]["confint"])
    # metafor lists intercepts first
    order = sorted(range(len(theirs)), key=lambda i: not found.names[i].startswith("sigma2"))
    ours = np.column_stack([found.estimate, found.ci_lb, found.ci_ub])[order]
    assert ours[:, 0] == pytest.approx(theirs[:, 0], rel=1e-4)
    if case.get("struct") == "SPEXP":
        # metafor looks for limits of the range between a tenth and ten times the estimate
        assert ours[2, 1] < theirs[2, 1]
        assert ours[2, 2] > theirs[2, 2]
        ours, theirs = ours[:2], theirs[:2]
    assert ours[:, 1] == pytest.approx(theirs[:, 1], rel=2e-3, abs=1e-6)
    assert ours[:, 2] == pytest.approx(theirs[:, 2], rel=2e-3)


@pytest.mark.parametrize("case", [c for c in PINNED["cases"] if c.get("cluster")], ids=label)
def test_without_each_cluster(case: dict[str, Any]) -> None:
    ref = case["result"]
    found = pb.leave1out(fit_pinned(case))
    assert list(found.slab) == ref["levels"]
    # NA where metafor's search did not settle without the cluster
    known = ~np.isnan(floats(ref["cook"]))
    assert np.isfinite(found.cook_d).all()
    assert found.cook_d[known] == pytest.approx(floats(ref["cook"])[known], rel=1e-4)
    for j, theirs in enumerate(ref["dfbs"].values()):
        assert found.dfbs[known, j] == pytest.approx(floats(theirs)[known], rel=1e-3, abs=1e-5)
    assert known.sum() in (6, 10)


def test_a_profile_limit_is_where_the_likelihood_says() -> None:
    t = table_of("d")
    V = compound(t["vi"], t["study"], 0.5)

    def fit(**fixed: Any) -> pb.MultilevelFit:
        return pb.pool_multilevel(
            t["yi"], V, random="~ outcome | study", struct="HCS", data=t, **fixed
        )

    whole = fit()
    found = whole.confint()
    half = 3.841458820694124 / 2
    for name, i in (("tau2", 0), ("tau2", 2), ("rho", 3)):
        for limit in (found.ci_lb[i], found.ci_ub[i]):
            value = limit if name == "rho" else [limit if j == i else None for j in range(3)]
            assert fit(**{name: value}).ll == pytest.approx(whole.ll - half, abs=1e-6)


def test_a_limit_rests_on_the_highest_maximum_of_the_rest() -> None:
    """By maximum likelihood one of Berkey's variances is 0 where rho is below -0.46.

    The profile is flat from there on, above the cut; a climb from rho's estimate follows a lower
    maximum, which crosses the cut at -0.507.
    """
    t = table_of("berkey")

    def fit(**fixed: Any) -> pb.MultilevelFit:
        return pb.pool_multilevel(
            t["yi"], paired(t), mods="~ outcome - 1", random="~ outcome | trial", struct="UN",
            method="ML", data=t, **fixed,
        )  # fmt: skip

    whole = fit()
    found = whole.confint()
    assert (found.ci_lb[-1], found.ci_ub[-1]) == (-1.0, 1.0)
    for rho in (-0.999, -0.75, -0.507, 0.9):
        assert fit(rho=rho).ll > whole.ll - 3.841458820694124 / 2
    assert fit(rho=-0.75).tau2[1] == 0.0


def test_correlations_of_unstructured_effects_have_intervals_too() -> None:
    t = table_of("d")
    fit = pb.pool_multilevel(t["yi"], t["vi"], random="~ outcome | study", struct="UN", data=t)
    found = fit.confint()
    assert [n.split(" ")[0] for n in found.names] == ["tau2"] * 3 + ["rho"] * 3
    assert (found.ci_lb < found.estimate).all()
    assert (found.estimate < found.ci_ub).all()
    assert (found.ci_ub <= 1.0)[3:].all()
    # the order of levels is a matter of names: the same intervals come out
    other = dict(t, outcome=np.array([{"a": "c", "b": "a", "c": "b"}[x] for x in t["outcome"]]))
    again = pb.pool_multilevel(
        t["yi"], t["vi"], random="~ outcome | study", struct="UN", data=other
    ).confint()
    assert again.ci_ub[[2, 0, 1]] == pytest.approx(found.ci_ub[:3], rel=1e-5)
    assert again.ci_lb[[4, 5, 3]] == pytest.approx(found.ci_lb[3:], rel=1e-4)
