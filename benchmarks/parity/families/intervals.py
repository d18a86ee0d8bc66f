"""Predictions, and intervals of the heterogeneity."""

from __future__ import annotations

from typing import Any

import numpy as np

import probatum as pb
from benchmarks.parity import fields
from benchmarks.parity.exactly import overrule_by_digits
from benchmarks.parity.ledger import Node
from benchmarks.parity.reference import floats
from benchmarks.parity.registry import Estimates, of_estimates


@of_estimates("predict")
def predict(whole: Node, e: Estimates) -> None:
    asked = {"z": ("REML", "z", 95), "knha": ("REML", "knha", 95), "dl_z": ("DL", "z", 95),
             "z_90": ("REML", "z", 90)}  # fmt: skip
    for node in whole.nodes():
        method, test, level = asked[node.key]
        fit = e.fit(method, test)
        prediction(node, fit, fit.predict(level=level), fields.tolerance(method))


def prediction(node: Node, fit: Any, found: Any, tol: float) -> None:
    """Means, their intervals and prediction intervals; one row per study with moderators."""
    size = floats(node.value["se"])
    for name in ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub"):
        ours = np.asarray(getattr(found, name))
        ours = ours[fit.included] if len(ours) == len(fit.included) and fit.p > 1 else ours
        node.same(name.replace("_", "."), ours, tol, size)
        if name.startswith("pi"):  # credible interval: its older name
            node.same(name.replace("pi_", "cr."), ours, tol, size)
    if "pi.ddf" in node:
        node.same("pi.ddf", np.full(np.size(node.value["pi.ddf"]), np.min(fit.dfs)), 0.0)
    overrule_by_digits(node, fit)


@of_estimates("confint")
def confint(whole: Node, e: Estimates) -> None:
    for node in whole.nodes():
        method, kind = node.ask("method"), node.ask("type")
        limits(node["result"], e.fit(method), kind)


def limits(node: Node, fit: pb.MetaFit, kind: str) -> None:
    """tau2, tau, I2 and H2: estimates and limits; the signs tell of an empty interval."""
    node.given("par")
    found = fit.confint(type=kind)
    four = np.array([found.tau2, found.tau, found.I2, found.H2])
    v = float(np.mean(fit.data.vi[fit.included]))
    for name in ("lb_sign", "ub_sign"):
        node.equal_text(name, "<" if found.empty else "")
    for i, name in enumerate(("estimate", "lb", "ub")):
        tol = fields.ITERATED if i else fields.tolerance(fit.method)
        # a difference of tau2 is that of tau times 2 tau
        tau = max(float(four[1, i]), (tol * v) ** 0.5)
        node.same(name, four[:, i], tol, np.array([v, v / tau, 100.0, 1.0]))
    overrule_by_digits(node, fit)
