"""Fits without moderators: every estimator and test, unweighted, and what a fit tells."""

from __future__ import annotations

import numpy as np

import probatum as pb
from benchmarks.parity import fields
from benchmarks.parity.exactly import overrule_by_digits
from benchmarks.parity.ledger import NEARER, Node
from benchmarks.parity.registry import Estimates, of_estimates


@of_estimates("grid")
def grid(whole: Node, e: Estimates) -> None:
    for node in whole.nodes():
        method, test = node.ask("method"), node.ask("test")
        fit = e.fit(method, test)
        if method == "DLIT":
            iterated_dl(node, fit, e)
        else:
            one_fit(node["result"], fit)
        if "tau2_at_default_control" in node:
            at_default(node, fit)


def one_fit(node: Node, fit: pb.MetaFit) -> None:
    fields.fit(node, fit, fields.tolerance(fit.method))
    overrule_by_digits(node, fit)


def iterated_dl(node: Node, fit: pb.MetaFit, e: Estimates) -> None:
    """3.8-1 stops elsewhere, or not at all; the root of the equation is Paule and Mandel's."""
    result = node["result"]
    root = e.fit("PM", fit.test)
    v = float(np.nanmean(e.v))
    holds = abs(fit.tau2 - root.tau2) <= fields.ITERATED * max(root.tau2, v)
    if result.failed:
        result.given("warnings")
        result.better("the root of the estimator's equation", "error", if_true=holds)
    elif abs(result.value["tau2"] - fit.tau2) <= fields.ITERATED * max(fit.tau2, v):
        one_fit(result, fit)
    else:
        result.given("warnings")
        result.excluded_if(holds, "iterated-dl")


def at_default(node: Node, fit: pb.MetaFit) -> None:
    """What a user of metafor sees: its search stopped early."""
    name, result = "tau2_at_default_control", node["result"]
    seen = node.value[name]
    if seen is None or (fit.method == "DLIT" and not result.failed):
        node.excluded("iterated-dl", name)
        return
    v = float(np.mean(fit.data.vi[fit.included]))
    if abs(fit.tau2 - seen) <= fields.ITERATED * max(seen, v):
        node.same(name, fit.tau2, fields.ITERATED, v)
        return
    tight = result.value["tau2"]
    nearer = abs(fit.tau2 - tight) <= 1e-3 * abs(seen - tight)
    node.better(NEARER, name, if_true=nearer)


@of_estimates("unweighted")
def unweighted(whole: Node, e: Estimates) -> None:
    for node in whole.nodes():
        method = node.ask("method")
        one_fit(node["result"], pb.pool(e.y, e.v, method=method, test="z", weighted=False))


@of_estimates("reml", "ml", "fe")
def whole_fit(node: Node, e: Estimates) -> None:
    fit = e.fit({"reml": "REML", "ml": "ML", "fe": "EE"}[node.key])
    everything(node, fit)


def everything(node: Node, fit: pb.MetaFit) -> None:
    """A fit, its likelihoods, and what it says of each estimate."""
    tol = fields.tolerance(fit.method)
    one_fit(node, fit)
    fields.likelihoods(node["fit_stats"], fit, tol)
    if fit.method in ("ML", "REML"):
        node["fit_stats"]["ll"].likelihood(fit.method, fit.ll)
    fields.rows(node, fit, tol)
    node.same("hat", pb.influence(fit).hat, tol)
    node.same("rstandard_z", pb.rstandard(fit).z, tol, 1.0)
