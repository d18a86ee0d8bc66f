"""Meta-regressions: fits of every estimator, and what is asked of one."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import numpy as np

import probatum as pb
from benchmarks.parity import fields
from benchmarks.parity.families.diagnostics import moved
from benchmarks.parity.families.intervals import limits, prediction
from benchmarks.parity.families.pooled import everything, one_fit
from benchmarks.parity.families.sandwich import robust
from benchmarks.parity.ledger import Node
from benchmarks.parity.reference import table
from benchmarks.parity.registry import Estimates, of_estimates


@of_estimates("meta_regression")
def regressions(whole: Node, e: Estimates) -> None:
    for node in whole.nodes():
        design = moderators(node, e)
        fit = partial(pb.pool, e.y, e.v, mods=design)
        for one in node["fits"].nodes():
            method, test = one.ask("method"), one.ask("test")
            one_fit(one["result"], fit(method=method, test=test))
        questions(node, fit(method="REML", test="knha"), e)
        if "lrt_vs_intercept" in node:
            likelihood_ratio(node["lrt_vs_intercept"], fit(method="ML", test="z"), e)


def moderators(node: Node, e: Estimates) -> Any:
    """metafor's design matrix without the intercept; NaN in the rows that it left out."""
    t, X = table(e.name), np.array(node.ask("X"), dtype=float)
    columns = [c for c in t if re.search(rf"\b{re.escape(c)}\b", node.ask("mods"))]
    known = np.isfinite(e.y) & np.isfinite(e.v)
    for c in columns:
        known &= ~np.isnan(t[c]) if t[c].dtype == float else ~np.isin(t[c], ["", "NA"])
    if known.sum() != len(X) or not (X[:, 0] == 1.0).all():
        raise ValueError(f"{e.name} {node.value['mods']}: {known.sum()} rows, metafor {len(X)}")
    out = np.full((len(e.y), X.shape[1]), np.nan)
    out[known] = X
    return out[:, 1:]


def questions(node: Node, fit: pb.MetaFit, e: Estimates) -> None:
    """Of the fit by REML with Knapp and Hartung's test."""
    everything(node["reml_knha_full"], fit)
    prediction(node["predict"], fit, fit.predict(), fields.ITERATED)
    limits(node["confint_qp"], fit, "QP")
    node["vif"].same("vif", list(pb.vif(fit).values()), fields.ITERATED)
    if "anova_btt_2" in node:
        fields.omnibus(node["anova_btt_2"], pb.wald_test(fit, [1]), fields.ITERATED)
    if "influence" in node:
        moved(node["influence"], fit)
    if "robust" in node:
        robust(node["robust"], fit)


def likelihood_ratio(node: Node, full: pb.MetaFit, e: Estimates) -> None:
    reduced = e.fit("ML")
    if node.failed:  # not the same estimates
        node.refused_too(lambda: pb.anova(full, reduced))
        return
    found = pb.anova(full, reduced)
    node.same("LRT", found.LRT, fields.ITERATED, 1.0)
    node.same("pval", found.pval, fields.tail(found.LRT, fields.ITERATED))
