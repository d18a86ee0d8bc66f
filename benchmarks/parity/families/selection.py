"""Selection models."""

from __future__ import annotations

from typing import Any

import numpy as np

import probatum as pb
from benchmarks.parity.ledger import LOGLIK, Node
from benchmarks.parity.quadrature import by_quadrature, errors
from benchmarks.parity.reference import floats
from benchmarks.parity.registry import Estimates, of_estimates
from probatum.meta.bias.weightfunctions import FUNCTIONS

#: metafor's search has numerical derivatives (README of the reference: 1e-3)
SEARCHED = 1e-3
#: where parameters of weight functions end, other than at 0
ENDS = sorted({100.0, *(b for f in FUNCTIONS.values() for b in (*f.lower, *f.upper))})
ERRORS = ("se", "pval", "ci_lb", "ci_ub", "se_tau2", "se_delta")
PARAMETERS = ("beta", "tau2", "delta", "LRT", "LRTp", *ERRORS)


@of_estimates("selmodel")
def selection(whole: Node, e: Estimates) -> None:
    for node in whole.nodes():
        node.given("type", "steps", "alternative", "base")
        asked = node.value
        kind, steps = asked["type"], asked["steps"]
        result, plain = node["result"], e.fit("ML")
        result.given("warnings")

        def call(kind: str = kind, steps: Any = steps, asked: Any = asked) -> Any:
            return pb.selmodel(e.fit("ML"), kind, steps=steps, alternative=asked["alternative"])

        if not result.failed:
            one_model(result, call(), e, kind)
        elif kind == "stepfun":  # an interval without a p-value
            result.refused_too(call)
        else:
            found = call()
            higher = found.converged and found.ll >= plain.ll - 1e-9
            result.better("the likelihood has a maximum", "error", if_true=higher)


def one_model(node: Node, found: Any, e: Estimates, kind: str) -> None:
    """Likelihood first: where ours is higher, the rest differs accordingly."""
    node.likelihood("ll", found.ll, found.converged)
    entry = node.off("ll")
    if entry.status == "different" and found.converged and integral_is_off(node, found, e, kind):
        entry.status, entry.why = "better", "metafor's integral is off"
    node.same("LRTdf", found.LRTdf, 0.0)
    sizes = {"beta": found.se, "ci_lb": found.se, "ci_ub": found.se, "tau2": found.se_tau2,
             "delta": found.se_delta, "LRT": 1.0}  # fmt: skip
    for name in PARAMETERS:
        ours, theirs = np.atleast_1d(getattr(found, name)), floats(node.value[name])
        # no information about what is at a bound, and none that metafor could invert
        lost = np.isnan(ours) & at_bound(found, name) & np.isfinite(theirs)
        cause = "at-a-bound" if lost.any() else ""
        node.same(name, ours, SEARCHED, sizes.get(name, 0.0), cause, skip=lost)
    wrong = node.wrong()
    if entry.status == "better":
        node.overrule(entry.why, np.inf, *wrong)
    elif wrong and bounded(node):
        node.excluded("at-a-bound", *set(wrong) & set(ERRORS))
    wrong = node.wrong()
    if wrong and kind != "stepfun" and set(wrong) <= set(ERRORS):
        shown = errors_hold(found, e, kind)
        node.overruled_if(shown, "second derivatives of the likelihood", *wrong)


def at_bound(found: Any, name: str) -> Any:
    """Whether the parameters of these errors are at the ends of their ranges."""
    at = {"se_tau2": found.tau2, "se_delta": found.delta}.get(name, np.nan)
    return (np.abs(np.atleast_1d(at)) < 1e-12) | np.isin(np.atleast_1d(at), ENDS)


def integral_is_off(node: Node, found: Any, e: Estimates, kind: str) -> bool:
    """At metafor's optimum, adaptive quadrature gives no more than ours has."""
    theta = [*node.value["beta"], node.value["tau2"], *node.value["delta"]]
    return found.ll >= by_quadrature(kind, e.y, e.v, theta, FUNCTIONS[kind].p_min) - LOGLIK


def bounded(node: Node) -> bool:
    """Whether metafor says that a delta is at a bound: there is no information about it."""
    return any("lower or upper bound" in w for w in node.value.get("warnings", []))


def errors_hold(found: Any, e: Estimates, kind: str) -> bool:
    """Our standard errors are those of numerical second derivatives."""
    theta = np.array([*found.beta, found.tau2, *found.delta])
    ours = np.array([*found.se, found.se_tau2, *found.se_delta])
    free = np.isfinite(ours)
    exact = errors(kind, e.y, e.v, theta, FUNCTIONS[kind].p_min, free)
    return bool(np.allclose(ours[free], exact, rtol=1e-3))
