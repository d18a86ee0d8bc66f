"""Location-scale models."""

from __future__ import annotations

from typing import Any

import numpy as np

import probatum as pb
from benchmarks.parity.ledger import Node
from benchmarks.parity.reference import floats, table
from benchmarks.parity.registry import of_file


@of_file("location_scale")
def compare(whole: Node) -> None:
    name = whole.ledger.name
    # the models of bcg are of its odds ratios, the second set
    e = whole.ledger.whole["escalc"][1 if name == "bcg" else 0]
    for node in whole.nodes():
        node.given("scale", "mods", "method")
        scale, mods = node.value["scale"][2:], (node.value.get("mods") or "")[2:]
        fit = pb.pool_location_scale(
            floats(e["yi"]), floats(e["vi"]), scale={scale: table(name)[scale]},
            mods={mods: table(name)[mods]} if mods else None, method=node.value["method"],
        )  # fmt: skip
        one_model(node["result"], fit)


def one_model(node: Node, fit: Any) -> None:
    node.likelihood("ll", fit.ll, fit.converged)
    node.same("QE", fit.QE, 1e-12)
    for name, size, tol in (
        ("beta", fit.se, 1e-4), ("se", 0.0, 1e-4), ("alpha", fit.se_alpha, 1e-4),
        ("se_alpha", 0.0, 1e-4), ("pval_alpha", 1e-3, 1e-4), ("QM", 1.0, 1e-4), ("QS", 1.0, 1e-4),
        ("QSp", 1e-3, 1e-4), ("tau2", float(np.mean(fit.tau2)), 1e-4),
    ):  # fmt: skip
        node.same(name, getattr(fit, name), tol, size)
