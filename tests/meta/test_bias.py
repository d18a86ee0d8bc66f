"""Small-study effects against metafor, R's lm(), and at the edges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probatum as pb

PINNED = json.loads((Path(__file__).parents[2] / "validation" / "asymmetry.json").read_text())


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
