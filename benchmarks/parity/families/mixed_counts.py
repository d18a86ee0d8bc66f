"""Generalised linear mixed models of counts.

metafor hands most to lme4. With several nodes lme4 reports the log-likelihood given the modes of
the random effects, with one node the Laplace approximation; ours is the marginal one. So what
metafor reports is computed at metafor's estimates, and the marginal likelihoods are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

import probatum as pb
from benchmarks.parity import fields
from benchmarks.parity.ledger import LOGLIK, Node
from benchmarks.parity.reference import cells, floats
from benchmarks.parity.registry import of_file
from probatum.meta.models.glmm.fit import _counts
from probatum.meta.models.glmm.models import fit_equal, likelihood
from probatum.meta.models.glmm.quadrature import marginal

STATISTICS = ("ll", "dev", "AIC", "BIC", "AICc")


@of_file("rma_glmm")
def compare(whole: Node) -> None:
    for node in whole.nodes():
        node.given("measure", "model", "method", "test", "cols", "NA")
        asked = node.value
        model = asked.get("model") or "UM.FS"
        es = pb.effect_sizes(measure=asked["measure"], **cells(node.ledger.name, asked["cols"]))
        method, test = asked.get("method") or "ML", asked.get("test") or "z"
        fit = pb.pool_glmm(es, model=model, method=method, test=test)
        exact = method == "EE" or (asked["measure"], model) == ("OR", "CM.EL")
        if model == "UM.RS":
            laplace(node["result"], fit, Problem.of(es, model))
        elif exact or fit.status == "boundary":
            estimates(node["result"], fit, 2e-6, "")
            node["result"]["fit_stats"]["ll"].likelihood("ML", fit.ll, fit.converged)
            statistics(node["result"]["fit_stats"], fit, "")
        else:
            seven_nodes(node["result"], fit, Problem.of(es, model))
        saturated(node["result"], fit, model)


@dataclass
class Problem:
    """The likelihood of a model at any point."""

    chosen: Any

    @classmethod
    def of(cls, es: pb.EffectSizes, model: str) -> Problem:
        counts = _counts(es, es.measure, True)
        X = np.ones((int(counts.usable.sum()), 1))
        return cls(likelihood(es.measure, model, counts.used(), X, 0.5, False))

    def at(self, beta: Any, spread: Any, nodes: int) -> tuple[Any, Any]:
        """The marginal likelihood, and the studies' own levels where they are parameters."""
        alpha = None
        if self.chosen.random.own is not None:
            alpha = fit_equal(self.chosen).alpha
            for _ in range(60):
                at = marginal(self.chosen.random, beta, spread, alpha, nodes, None)
                alpha = alpha - at.g_own / at.h_own
        return marginal(self.chosen.random, beta, spread, alpha, nodes, None), alpha


def estimates(node: Node, fit: pb.MetaFit, tol: float, cause: str) -> None:
    """Coefficients and variances, as near as metafor's search gets."""
    node.given("warnings")
    node.same("k", fit.k, 0.0)
    v = float(np.nanmedian(fit.data.vi))
    node.same("beta", fit.beta, tol, fit.se, cause)
    for name, size in (("tau2", 1e-2 * v), ("I2", 100.0), ("H2", 1.0)):
        node.same(name, getattr(fit, name), max(tol, 1e-5), size, cause)
    near = max(tol, 1e-4)  # second derivatives are numerical
    for name in ("se", "ci_lb", "ci_ub"):
        node.same(name, getattr(fit, name), near, fit.se, cause)
    node.same("pval", fit.pval, fields.tail(fit.zval**2, 2 * near), 0.0, cause)
    for name in ("sigma2", "rho"):
        if node.value[name] is None:
            node.given(name)
        else:
            node.excluded(cause, name)


def statistics(node: Node, fit: pb.MetaFit, cause: str) -> None:
    """What is added to the deviance; the log-likelihood itself has been compared."""
    node.given("columns")
    theirs = {n: float(floats(node.value[n]["ML"])[0]) for n in STATISTICS}
    stats = fit.fit_stats["ML"]
    for name in STATISTICS:
        node[name].given("REML")  # NA everywhere
        if name in ("AIC", "BIC", "AICc"):
            ours = getattr(stats, name) + 2.0 * stats.ll - 2.0 * theirs["ll"]
            node[name].same("ML", ours, 1e-10, 1.0, cause)
    if cause:
        node["dev"].excluded(cause, "ML")
    else:
        node["dev"].same("ML", stats.dev, 1e-6, 1.0)


def seven_nodes(node: Node, fit: pb.MetaFit, problem: Problem) -> None:
    """lme4 with seven nodes: its number given the modes, and ours never below at its estimates."""
    warned = "failed to converge" in " ".join(node.value.get("warnings", []))
    estimates(node, fit, 1e-3 if warned else 4e-4, "seven-nodes")
    beta, tau = floats(node.value["beta"]), np.sqrt(floats(node.value["tau2"]))
    at, alpha = problem.at(beta, tau, 41)
    higher = fit.converged and fit.ll >= float(at.ll.sum()) - LOGLIK
    given = 0.0
    for j, arm in enumerate(problem.chosen.arms):
        eta = problem.chosen.random.fixed[j] @ beta
        eta = eta + tau * problem.chosen.random.slopes[0, j] * at.mode[:, 0]
        eta = eta if alpha is None else eta + alpha
        given += float(arm.at(eta[:, None]).value.sum())
    # the levels at its estimates are known only as well as its search found them
    near = abs(given - node.value["fit_stats"]["ll"]["ML"][0]) < (1e-6 if alpha is None else 2e-2)
    node["fit_stats"]["ll"]["ML"].excluded_if(higher and near, "likelihood-given-modes")
    statistics(node["fit_stats"], fit, "likelihood-given-modes")


def laplace(node: Node, fit: pb.MetaFit, problem: Problem) -> None:
    """With one node ours is metafor's log-likelihood, at metafor's estimates."""
    estimates(node, fit, 1e-2, "laplace")
    spread = np.sqrt([node.value["sigma2"], node.value["tau2"]])

    def at(level: float, nodes: int = 1) -> float:
        b = np.array([level, node.value["beta"][0]])
        return float(marginal(problem.chosen.random, b, spread, None, nodes, None).ll.sum())

    def best(nodes: int) -> float:
        found = minimize_scalar(lambda x: -at(x, nodes), bounds=(-12, 3), method="bounded",
                                options={"xatol": 1e-9})  # fmt: skip
        return -float(found.fun)

    ll = node.value["fit_stats"]["ll"]["ML"][0]
    near = ll - 1e-7 <= best(1) <= ll + 2e-5  # lme4 stops a little short
    node["fit_stats"]["ll"]["ML"].excluded_if(
        near and fit.converged and fit.ll >= best(31) - LOGLIK, "laplace"
    )
    statistics(node["fit_stats"], fit, "laplace")


def saturated(node: Node, fit: pb.MetaFit, model: str) -> None:
    """The tests of heterogeneity: against the model with an effect for each study."""
    cause, tol = ("saturated-laplace", 2e-2) if model == "UM.RS" else ("", 1e-5)
    if model == "CM.EL":
        cause, tol = "saturated-hessian", 1e-2
    if (node.ledger.name, model) == ("bcg", "CM.EL"):
        node.excluded(cause, "QE_Wld", "QEp_Wld")
    else:
        Q = fit.extra["QE_Wld"]
        node.same("QE_Wld", Q, tol, 1.0, cause)
        node.same("QEp_Wld", fit.extra["QEp_Wld"], fields.tail(Q, tol), 0.0, cause)
    Q, tol = fit.extra["QE_LRT"], 1e-3 if model == "UM.RS" else 1e-9
    cause = cause if model == "UM.RS" else ""
    node.same("QE_LRT", Q, tol, 1.0, cause)
    node.same("QEp_LRT", fit.extra["QEp_LRT"], fields.tail(Q, tol), 0.0, cause)
