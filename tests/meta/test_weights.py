"""Estimators of tau2, users' weights, unweighted fits and given tau2 against metafor 3.8-1.

The numbers are made by validation/weights.R.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from metafor_reference import CLOSED, FILE, ITERATED, Comparison, compare_fit, floats

import probatum as pb
from probatum.meta.diagnostics.influence import baujat
from probatum.meta.types import MetaFit

#: searches that metafor ends by a threshold, or finds with uniroot
SEARCHED = {"ML", "REML", "EB", "PM", "PMM", "SJIT", "GENQM"}


@cache
def reference() -> Any:
    return json.loads(gzip.decompress((FILE.parent / "weights.json.gz").read_bytes()))


FITS, CASES = reference()["fits"], reference()["cases"]
SETS = tuple(reference()["data"])


def fitted(g: dict[str, Any], *, mods: str | None = None, test: str | None = None) -> MetaFit:
    """Our fit of a case."""
    d = {name: floats(x) for name, x in reference()["data"][g["set"]].items()}
    mods = mods or g["mods"]
    columns = {n: d[n] for n in ("x1", "x2", "x3") if n in mods} or None
    more: dict[str, Any] = {"weights": d["w"]} if g["kind"] == "user" else {}
    if g["kind"] == "unweighted":
        more["weighted"] = False
    if "tau2" in g:
        more["tau2"] = g["tau2"]
    return pb.pool(
        d["yi"], d["vi"], mods=columns, intercept=not mods.endswith("-1"),
        method=g["method"], test=test or g["test"], **more,
    )  # fmt: skip


def tolerance(g: dict[str, Any]) -> float:
    return ITERATED if g["method"] in SEARCHED and "tau2" not in g else CLOSED


def named(g: dict[str, Any]) -> str:
    names = ("fn", "set", "mods", "kind", "method", "test", "tau2")
    return " ".join(str(g[n]) for n in names if n in g)


def check(c: Comparison) -> None:
    assert not c.wrong, f"{len(c.wrong)} of {c.count} differ:\n" + "\n".join(c.wrong[:12])


def test_nothing_was_dropped() -> None:
    assert (len(FITS), len(CASES)) == (1912, 1151)


@pytest.mark.parametrize("name", SETS)
def test_fits(name: str) -> None:
    c = Comparison()
    for g in (g for g in FITS if g["set"] == name):
        fit, ref, tol = fitted(g), dict(g["result"]), tolerance(g)
        where = " ".join(
            str(g.get(n, "")) for n in ("set", "mods", "kind", "method", "test", "tau2")
        )
        if fit.tau2_given:
            ref["se_tau2"] = None  # metafor gives the estimator's; nothing was estimated
        ref["ddf"] = ref["ddf"] or None
        compare_fit(c, where, fit, ref, tol)
        c.same(f"{where} weights", fit.weights, ref["weights"], tol)
        c.same(f"{where} vb", fit.vb.ravel(), ref["vb"], tol, float(np.max(np.abs(fit.vb))) * 1e-3)
        for kind in ("ML", "REML"):
            stats = fit.fit_stats[kind]
            ours = [stats.ll, stats.dev, stats.AIC, stats.BIC, stats.AICc]
            c.same(f"{where} {kind}", ours, ref["fit_stats"][kind], tol, 1.0)
    check(c)


def of(fn: str) -> list[dict[str, Any]]:
    return [g for g in CASES if g["fn"] == fn]


def compare(fn: str, ours: Any, *, numbers: int, scale: float = 1e-3) -> None:
    """Each field of metafor's results, over all cases of a function; `numbers` in all."""
    c = Comparison()
    for g in of(fn):
        for name, value in ours(g).items():
            if name in g["result"]:  # an equal-effects fit has no prediction interval
                c.same(f"{named(g)} {name}", value, g["result"][name], 10 * tolerance(g), scale)
    check(c)
    assert c.count == numbers


def dotted(found: Any, *names: str) -> dict[str, Any]:
    return {n.replace("_", "."): getattr(found, n) for n in names}


def test_predictions() -> None:
    names = ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
    compare("predict", lambda g: dotted(fitted(g).predict(), *names), numbers=5248)


def test_influence() -> None:
    names = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del", "hat", "weight")

    def ours(g: dict[str, Any]) -> dict[str, Any]:
        found = pb.influence(fitted(g))
        dfbs = dict(zip(g["result"]["dfbs"], found.dfbs.T, strict=True))
        g["result"].update({f"dfbs {n}": x for n, x in g["result"]["dfbs"].items()})
        out = dotted(found, *names) | {f"dfbs {n}": x for n, x in dfbs.items()}
        return out | {"is_infl": found.is_infl}

    compare("influence", ours, numbers=17556)


def test_residuals() -> None:
    def ours(g: dict[str, Any]) -> dict[str, Any]:
        inner, outer = pb.rstandard(fitted(g)), pb.rstudent(fitted(g))
        return {"rstandard": inner.z, "rstandard_se": inner.se, "rstudent": outer.z}

    compare("residuals", ours, numbers=5016)


def test_baujat() -> None:
    compare("baujat", lambda g: dotted(baujat(fitted(g)), "x", "y"), numbers=3344)


def test_intervals_of_tau2() -> None:
    """metafor takes the generalised Q for GENQ and GENQM, and Q-profile otherwise."""

    def q_profile(g: dict[str, Any]) -> dict[str, Any]:
        if g["method"].startswith("GENQ"):
            return {}
        found = fitted(g).confint()
        rows = (found.tau2, found.tau, found.I2, found.H2)
        return {"lb": [r[1] for r in rows], "ub": [r[2] for r in rows]}

    compare("confint", q_profile, numbers=576)
    generalised = [g for g in of("confint") if g["method"].startswith("GENQ")]
    assert len(generalised) == 24
    for g in generalised:
        # metafor's root search has an absolute error of 1.2e-4 (see test_intervals)
        theirs = [g["result"]["lb"][0], g["result"]["ub"][0]]
        assert fitted(g).confint(type="GENQ").tau2[1:] == pytest.approx(theirs, abs=1.3e-4)


def subsets(found: Any) -> dict[str, Any]:
    names = ("estimate", "se", "zval", "ci_lb", "ci_ub", "tau2", "I2", "H2")
    return dotted(found, *names) | {"Q": found.QE, "Qp": found.QEp}


def test_leave_one_out() -> None:
    compare("leave1out", lambda g: subsets(pb.leave1out(fitted(g))), numbers=7866)


def test_cumulative() -> None:
    compare("cumul", lambda g: subsets(pb.cumulative(fitted(g))), numbers=7866)


def test_all_subsets() -> None:
    def ours(g: dict[str, Any]) -> dict[str, Any]:
        found = pb.gosh(fitted(g))
        return {n: np.sort(getattr(found, n)) for n in ("estimate", "tau2", "I2")}

    compare("gosh", ours, numbers=4158)


def test_permutations() -> None:
    def ours(g: dict[str, Any]) -> dict[str, Any]:
        if (g["method"], g["mods"]) == ("SJIT", "~x1"):
            return {}  # one of metafor's 720 versions did not converge, and it went on without
        found = pb.permutest(fitted(g))
        return {"pval": found.pval, "QMp": found.QMp}

    compare("permutest", ours, numbers=52)


def test_regression_test_and_trim_and_fill() -> None:
    def regtest(g: dict[str, Any]) -> dict[str, Any]:
        found = pb.regtest(fitted(g))
        return {"stat": found.stat, "pval": found.pval}

    def trimfill(g: dict[str, Any]) -> dict[str, Any]:
        found = pb.trimfill(fitted(g, mods="~1"), estimator=g["mods"])
        if "tau2" in g:
            return {}  # metafor forgets a given tau2 when it fits again
        assert (found.side, found.k0) == (g["result"]["side"], g["result"]["k0"]), named(g)
        if g["test"] != "z" or g["method"] in SEARCHED:
            return {}  # and the test, in its last fit, and how tightly to search
        return {"k0": found.k0, "beta": found.fit.beta, "se": found.fit.se, "tau2": found.fit.tau2}

    compare("regtest", regtest, numbers=264)
    compare("trimfill", trimfill, numbers=96)


def test_profiles() -> None:
    def ours(g: dict[str, Any]) -> dict[str, Any]:
        return {"ll": pb.profile(fitted(g), g["result"]["tau2"]).ll}

    compare("profile", ours, numbers=72)


def test_likelihood_ratios_and_wald_tests() -> None:
    def anova(g: dict[str, Any]) -> dict[str, Any]:
        found = pb.anova(fitted(g), fitted(g, mods="~1"))
        return {"LRT": found.LRT, "pval": found.pval, "R2": found.R2}

    def wald(g: dict[str, Any]) -> dict[str, Any]:
        return dotted(pb.wald_test(fitted(g), [1]), "QM", "QMp")

    compare("anova", anova, numbers=24)
    compare("wald", wald, numbers=132)


def test_bootstrapped_studies_keep_their_weights() -> None:
    """Weights 1 / (vi + tau2) at a given tau2 are the model's own."""
    d = {name: floats(x) for name, x in reference()["data"]["bcg"].items()}
    plain = pb.pool(d["yi"], d["vi"], tau2=0.3, test="z")
    same = pb.pool(d["yi"], d["vi"], tau2=0.3, weights=1 / (d["vi"] + 0.3), test="z")
    ours, theirs = (
        pb.bootstrap(f, kind="nonparametric", iterations=60).interval() for f in (same, plain)
    )
    assert ours == pytest.approx(theirs, rel=1e-9, nan_ok=True)
