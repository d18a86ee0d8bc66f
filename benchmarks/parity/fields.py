"""Comparing what fits have in common, field by field.

Every size says what a difference is measured against where the value itself may be 0 or the small
difference of large terms: a coefficient against its standard error, tau2 against the sampling
variances that it is separated from, an estimate's residual against the largest residual.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import probatum as pb
from benchmarks.parity.ledger import Node
from benchmarks.parity.reference import floats

#: relative differences that the task allows: closed forms, those in which
#: metafor subtracts large numbers, and solutions of equations
CLOSED, CANCELLED, ITERATED = 1e-12, 1e-10, 1e-8
ITERATIVE = {"ML", "REML", "EB", "PM", "PMM", "SJIT", "DLIT"}


def tolerance(method: str) -> float:
    return ITERATED if method in ITERATIVE else CLOSED


def tail(stat: Any, tol: float) -> float:
    """What a relative `tol` of a statistic does to the tail beyond it (normal, chi-square)."""
    known = np.nan_to_num(np.atleast_1d(stat), posinf=1.0, neginf=1.0)
    return tol * max(1.0, float(np.max(np.abs(known))))


def fit(node: Node, ours: Any, tol: float) -> None:
    """Everything that metafor reports of a univariate fit."""
    node.given("warnings", "names")
    coefficients(node, ours, tol)
    v = ours.data.vi[ours.included]
    node.same("tau2", ours.tau2, tol, float(np.mean(v)))
    for name in ("k", "p", "m", "QEdf"):
        if name in node:
            node.same(name, getattr(ours, name), 0.0)
    node.same("se_tau2", ours.se_tau2, tol)
    for name, size in (("I2", 100.0), ("H2", 1.0), ("R2", 100.0), ("s2w", 1.0)):
        node.same(name, getattr(ours, name), tol, size)
    if "vt" in node:
        node.same("vt", typical_variance(ours), tol)


def typical_variance(fit: Any) -> float:
    """The sampling variance that I2 and H2 rest on, from the I2 of a given tau2."""
    tau2 = float(np.mean(fit.data.vi[fit.included]))
    given = pb.pool(fit.data, mods=fit.X, intercept=False, tau2=tau2, test="z")
    return tau2 * (100.0 / given.I2 - 1.0)


def coefficients(node: Node, ours: Any, tol: float) -> None:
    """Estimates, tests and intervals, and the two omnibus tests."""
    se = np.nan_to_num(floats(node.value["se"]), posinf=0.0)
    for name in ("beta", "ci_lb", "ci_ub"):
        node.same(name, getattr(ours, name), tol, se)
    node.same("se", ours.se, tol)
    node.same("stat", ours.zval, tol, 1.0)
    node.same("pval", ours.pval, tail(floats(node.value["stat"]) ** 2, tol))
    if "vb" in node:
        node.same("vb", ours.vb, tol, np.outer(se, se))
    if "ddf" in node:
        node.same("ddf", np.resize(ours.ddf, np.size(node.value["ddf"])), tol)
    omnibus(node, ours, tol)
    if "QE" in node:
        node.same("QE", ours.QE, tol, 1.0)
        node.same("QEp", ours.QEp, tail(ours.QE, tol))


def omnibus(node: Node, ours: Any, tol: float) -> None:
    """The test of the moderators, or of all coefficients."""
    node.same("QM", ours.QM, tol, 1.0)
    node.same("QMdf", ours.QMdf, tol)
    node.same("QMp", ours.QMp, tail(ours.QM, tol))


def likelihoods(node: Node, ours: Any, tol: float) -> None:
    """Log-likelihoods and what rests on them."""
    node.given("columns")
    for name in ("ll", "dev", "AIC", "BIC", "AICc"):
        for kind in ("ML", "REML"):
            value = getattr(ours.fit_stats[kind], name)
            node[name].same(kind, value, tol, 1.0)


def rows(node: Node, ours: Any, tol: float) -> None:
    """What a fit says of each estimate."""
    used = ours.included
    size = float(np.max(np.abs(ours.data.yi[used])))
    node.same("fitted", ours.fitted()[used], tol, size)
    node.same("resid", ours.residuals()[used], tol, size)
    node.same("weights", ours.weights[used], tol)
