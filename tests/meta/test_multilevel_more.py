"""Crossed and nested effects, structures, V and R of data that no other test uses: metafor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probatum as pb

CASES = json.loads(
    (Path(__file__).parents[2] / "validation" / "multilevel_more.json").read_text("utf-8")
)


def fitted(case: dict[str, Any]) -> pb.MultilevelFit:
    data, spec = case["d"], case["spec"]
    if "mods" in spec:
        pytest.importorskip("formulaic")
    options = {name: spec[name] for name in ("struct", "mods", "method") if name in spec}
    random = spec["random"] if isinstance(spec["random"], list) else [spec["random"]]
    V: Any = "vi"
    if "rho" in spec:
        V = pb.vcalc(data, vi="vi", cluster="s", obs="e", rho=spec["rho"])
    if "R" in spec:
        related = random[-1].split("| ")[1]
        options["R"] = {related: (spec["R"]["levels"], np.array(spec["R"]["A"]))}
    return pb.pool_multilevel("yi", V, random=random, data=data, **options)


@pytest.mark.parametrize("case", CASES, ids=[c["nm"] for c in CASES])
def test_metafors_fits_of_unused_data(case: dict[str, Any]) -> None:
    fit = fitted(case)
    assert fit.ll == pytest.approx(case["ll"], abs=1e-7)
    assert fit.ll > case["ll"] - 1e-8
    assert fit.beta == pytest.approx(np.ravel(case["b"]), rel=1e-5, abs=1e-7)
    assert fit.se == pytest.approx(np.ravel(case["se"]), rel=2e-5)
    assert pytest.approx(case["QE"], rel=1e-10) == fit.QE
    if len(fit.sigma2):
        assert fit.sigma2 == pytest.approx(np.ravel(case["s2"]), rel=1e-4, abs=1e-8)
    if len(fit.tau2):
        assert fit.tau2 == pytest.approx(np.ravel(case["t2"]), rel=1e-4)


def test_robust_errors_of_unused_data() -> None:
    case = next(c for c in CASES if "cr" in c)
    fit, cluster = fitted(case), case["d"]["s"]
    plain = pb.robust(fit, cluster, type="CR1p", small=False)
    assert plain.se == pytest.approx(np.ravel(case["cr"]), rel=1e-6)
    found = pb.robust(fit, cluster, type="CR2")
    assert found.se == pytest.approx(np.ravel(case["cr2"]), rel=1e-6)
    assert found.dfs == pytest.approx(np.ravel(case["crdf"]), rel=1e-6)
