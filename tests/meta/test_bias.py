"""Small-study effects against metafor, R's lm(), and at the edges."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from metafor_reference import Comparison, floats
from shared_reference import FOLDER, NAMES, data_set, failed, needs_reference, univariate

import probatum as pb

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "asymmetry.json").read_text())


def _fits(e: Any) -> dict[str, pb.MetaFit]:
    y, v = floats(e["yi"]), floats(e["vi"])
    fits = {m: pb.pool(y, v, method=m, test="z") for m in ("REML", "DL", "EE")}
    fits |= {"FE": fits["EE"], "FE z": fits["EE"], "REML z": fits["REML"]}
    return fits | {"REML knha": pb.pool(y, v, method="REML", test="knha")}


def _trimfill(c: Comparison, label: str, unit: Any, fits: Any) -> int:
    count = 0
    for r in unit.get("trimfill") or []:
        q = r["result"]
        if failed(q):
            continue
        count += 1
        found = pb.trimfill(fits[r["method"]], estimator=r["estimator"])
        where = f"{label} trimfill {r['estimator']} {r['method']}"
        assert (found.k0, found.side) == (q["k0"], q["side"]), where
        c.same(f"{where} se", found.se_k0, q["se_k0"], 1e-10)
        # metafor fits again with its default threshold, an absolute 1e-5 in tau2
        tol = 2e-4 if r["method"] == "REML" else 1e-9
        c.same(f"{where} beta", found.fit.beta, q["beta"], tol, 0.01)
        c.same(f"{where} tau2", found.fit.tau2, q["tau2"], tol, 0.1)
        if q["p_k0"] is not None:
            c.same(f"{where} p", found.p_k0, q["p_k0"], 1e-12)
        theirs = [x for x in q["filled_yi"] if x is not None]
        if len(theirs) == q["k0"]:  # with missing rows the fixture lists others
            ours = np.sort(found.fit.data.yi[found.filled])
            c.same(f"{where} filled", ours, sorted(theirs), tol, 0.1)
    return count


def _regtest(c: Comparison, label: str, unit: Any, fits: Any) -> int:
    count = 0
    for r in unit.get("regtest") or []:
        q, fit = r["result"], fits[r["base"]]
        if failed(q) or (r["predictor"] not in ("sei", "vi") and fit.data.ni is None):
            continue
        count += 1
        found = pb.regtest(fit, model=r["model"], predictor=r["predictor"])
        where = f"{label} regtest {r['model']} {r['predictor']} {r['base']}"
        c.same(f"{where} stat", found.stat, q["stat"], 1e-6, 0.1)
        c.same(f"{where} p", found.pval, q["pval"], 1e-5, 1e-8)
        if q["est"] is not None:
            ours = [found.limit, found.limit_lb, found.limit_ub]
            c.same(f"{where} limit", ours, [q["est"], q["ci_lb"], q["ci_ub"]], 1e-6, 0.1)
    return count


def _rest(c: Comparison, label: str, unit: Any, fits: Any) -> Counter[str]:
    n: Counter[str] = Counter()
    if not failed(q := unit.get("ranktest")):
        found = pb.ranktest(fits["REML"])
        c.same(f"{label} rank", [found.tau, found.pval], [q["tau"], q["pval"]], 1e-8, 1e-8)
        n["ranktest"] += 1
    for r in unit.get("fsn") or []:
        q, safe = r["result"], pb.fsn(fits["EE"], type=r["type"])
        assert safe.fsnum == q["fsnum"], f"{label} {r['type']}"
        if q["pval"] is not None:
            c.same(f"{label} fsn p", safe.pval, q["pval"], 1e-9)
        n["fsn"] += 1
    if not failed(q := unit.get("tes")):
        # metafor takes the chi-square where its exact count would be too long
        excess = pb.tes(fits["EE"], test="exact" if q["X2"] is None else "chi2")
        c.same(f"{label} tes", [excess.E, excess.theta], [q["E"], q["theta"]], 1e-10)
        c.same(f"{label} tes p", excess.pval, q["pval"], 1e-8, 1e-8)
        c.same(f"{label} power", excess.power, q["power"], 1e-10)
        assert q["O"] == excess.O
        n["tes"] += 1
    if not failed(q := unit.get("hc")):
        wide = pb.hc(fits["DL"])
        c.same(
            f"{label} hc", [wide.beta, wide.se, wide.tau2], [q["beta"], q["se"], q["tau2"]], 1e-9
        )
        # metafor's quadrature leaves 1e-4 of a standard error; ours is tested by refinement
        worst = max(abs(wide.ci_lb - q["ci_lb"]), abs(wide.ci_ub - q["ci_ub"])) / q["se"]
        assert worst < 2e-4, label
        n["hc"] += 1
    for name in ("pet", "peese"):
        if not failed(q := unit.get(name)):
            ours = getattr(pb.petpeese(fits["EE"]), name)
            c.same(f"{label} {name}", ours.beta, q["beta"], 1e-8, 0.1)
            c.same(f"{label} {name} se", ours.se, q["se"], 1e-8)
            n[name] += 1
    return n


@needs_reference
def test_every_data_set_of_the_reference() -> None:
    c, n = Comparison(), Counter[str]()
    for name in NAMES:
        for label, e, unit in univariate(name):
            fits = _fits(e)
            n["trimfill"] += _trimfill(c, label, unit, fits)
            n["regtest"] += _regtest(c, label, unit, fits)
            n += _rest(c, label, unit, fits)
    assert not c.wrong, f"{len(c.wrong)} of {c.count}\n" + "\n".join(c.wrong[:20])
    assert n == {"trimfill": 318, "regtest": 222, "ranktest": 37, "fsn": 111, "tes": 37,
                 "hc": 37, "pet": 37, "peese": 37}  # fmt: skip


@needs_reference
def test_regressions_on_sample_size() -> None:
    c, count = Comparison(), 0
    for name in ("bcg", "normand1999", "nielweise2007", "lau1992", "yusuf1985_t6"):
        with (FOLDER / data_set(name)["csv"]).open(newline="", encoding="utf-8") as f:
            rows = list(csv.DictReader(f))
        for label, e, unit in univariate(name):
            columns = e.get("cols") or {}
            if e["measure"] not in ("RR", "OR", "RD", "SMD", "MD") or e["opts"]:
                continue
            if not set(columns.values()) <= set(rows[0]):
                continue
            cells = {
                a: [float(r[col]) if r[col] not in ("", "NA") else np.nan for r in rows]
                for a, col in columns.items()
            }
            es = pb.effect_sizes(measure=e["measure"], **cells)
            fit = pb.pool(es, method="REML", test="z")
            n_only = {"regtest": [r for r in unit.get("regtest") or [] if "n" in r["predictor"]]}
            count += _regtest(c, label, n_only, {"REML z": fit, "FE z": fit, "REML knha": fit})
    assert not c.wrong, "\n".join(c.wrong[:20])
    assert count == 48


@pytest.mark.parametrize("method", ["Egger", "Harbord", "Peters", "Macaskill", "Deeks", "Thompson"])
def test_named_tests_of_tables(method: str) -> None:
    es = pb.effect_sizes(measure="OR", **PINNED["tables"])
    found = pb.asymmetry(pb.pool(es), method)
    for field, value in PINNED["OR"][method].items():
        if not (field == "limit" and method == "Macaskill"):  # the intercept is no limit there
            assert getattr(found, field) == pytest.approx(value, rel=1e-9), field


def test_pustejovsky() -> None:
    es = pb.effect_sizes(measure="SMD", **PINNED["means"])
    found = pb.asymmetry(pb.pool(es), "Pustejovsky")
    for field, value in PINNED["SMD"]["Pustejovsky"].items():
        assert getattr(found, field) == pytest.approx(value, rel=1e-9), field


def test_other_forms_of_fail_safe_and_excess() -> None:
    fit = pb.pool(pb.effect_sizes(measure="OR", **PINNED["tables"]), method="EE", test="z")
    asked: dict[str, dict[str, Any]] = {
        "orwin_weighted": {"type": "Orwin", "weighted": True},
        "orwin_target": {"type": "Orwin", "target": -0.1},
        "rosenthal_01": {"alpha": 0.01},
        "rosenberg_01": {"type": "Rosenberg", "alpha": 0.01},
    }
    for name, options in asked.items():
        assert pb.fsn(fit, **options).fsnum == PINNED["fsn"][name]["fsnum"], name
    tests: dict[str, dict[str, Any]] = {
        "chi2": {"test": "chi2"}, "binom": {"test": "binom"}, "exact": {},
        "theta": {"theta": -0.3},
    }  # fmt: skip
    for name, options in tests.items():
        found = pb.tes(fit, **options)
        assert found.pval == pytest.approx(PINNED["tes"][name]["pval"], rel=1e-8), name
        assert pytest.approx(PINNED["tes"][name]["E"], rel=1e-10) == found.E, name


def test_henmi_copas_quadrature_has_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    from probatum.meta.bias import henmi_copas

    fit = pb.pool([0.1, 0.9, 0.5, 2.0], [0.01, 0.02, 0.03, 0.5], method="DL", test="z")
    found = pb.hc(fit)
    nodes, weights = np.polynomial.legendre.leggauss(1000)
    monkeypatch.setattr(henmi_copas, "_NODES", nodes)
    monkeypatch.setattr(henmi_copas, "_WEIGHTS", weights)
    assert found.ci_lb == pytest.approx(pb.hc(fit).ci_lb, abs=1e-9)


def test_bad_input_is_told() -> None:
    same = pb.pool([0.1, 0.2, 0.3], [0.1, 0.1, 0.1], method="DL", test="z")
    with pytest.raises(pb.BadInput, match="same sei"):
        pb.regtest(same)
    with pytest.raises(pb.BadInput, match="sample sizes"):
        pb.regtest(same, predictor="ni")
    with pytest.raises(pb.UnknownOption, match="sqrtninv"):
        pb.regtest(same, predictor="size")
    with pytest.raises(pb.BadInput, match="2x2"):
        pb.asymmetry(same, "Peters")
    with pytest.raises(pb.UnknownOption, match="Harbord"):
        pb.asymmetry(same, "Harbor")
    with pytest.raises(pb.BadInput, match="at least three"):
        pb.trimfill(pb.pool([0.1, 0.2], [0.1, 0.2]))
    with pytest.raises(pb.BadInput, match="probability"):
        pb.fsn(same, alpha=5)
    with pytest.raises(pb.BadInput, match="exactly 0"):
        pb.fsn(same, type="Orwin", target=0)
    assert np.isnan(pb.ranktest(same).tau)
    assert pb.trimfill(same).side == "left"


def test_q0_says_when_it_has_no_value() -> None:
    # all but one estimate on one side of a centre that the first one pulls down
    fit = pb.pool([0.0, 0.5, 0.6, 0.7, 0.8], [0.001, 0.1, 0.1, 0.1, 0.1], method="EE", test="z")
    with pytest.raises(pb.BadInput, match='Use estimator="L0" or "R0"'):
        pb.trimfill(fit, estimator="Q0", side="left")
    assert pb.trimfill(fit, estimator="L0", side="left").k0 >= 1


def test_trim_and_fill_mirrors() -> None:
    rng = np.random.default_rng(3)
    v = rng.uniform(0.01, 0.5, 20)
    y = 0.3 + rng.normal(size=20) * np.sqrt(v) + np.sqrt(v)
    for estimator in ("L0", "R0", "Q0"):
        left = pb.trimfill(pb.pool(y, v), estimator=estimator)
        right = pb.trimfill(pb.pool(-y, v), estimator=estimator)
        assert {left.side, right.side} == {"left", "right"}
        assert left.k0 == right.k0
        assert left.fit.beta == pytest.approx(-right.fit.beta, abs=1e-12)


def test_a_whole_number_of_null_studies_is_not_rounded_up() -> None:
    # 160 (0.21 - 0.15) / 0.15 = 64; in floating point a little more
    assert pb.fsn([0.21] * 160, [1.0] * 160, type="Orwin", target=0.15).fsnum == 64
    assert pb.fsn([0.211] * 160, [1.0] * 160, type="Orwin", target=0.15).fsnum == 66
