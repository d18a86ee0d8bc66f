"""Mantel-Haenszel and Peto."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

import probatum as pb
from benchmarks.parity import fields
from benchmarks.parity.families.diagnostics import list_of_fits
from benchmarks.parity.ledger import Node
from benchmarks.parity.reference import cells
from benchmarks.parity.registry import of_file

COLUMNS = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub", "QE", "QEp", "I2", "H2")
TESTS = ("MH", "MHp", "BD", "BDp", "TA", "TAp", "CO", "COp")


@of_file("rma_mh")
def mantel_haenszel(whole: Node) -> None:
    for node in whole.nodes():
        node.given("measure", "cols", "opts")
        es = pb.effect_sizes(measure=node.value["measure"], **arguments(node))
        fit = pb.pool_mh(es, **(node.value["opts"] or {}))
        pooled(node["result"], fit)
        left_out(node["leave1out"], es, node.value["opts"] or {})


@of_file("rma_peto")
def peto(whole: Node) -> None:
    for node in whole.nodes():
        node.given("cols", "opts")
        es = pb.effect_sizes(measure="PETO", **arguments(node))
        pooled(node["result"], pb.pool_peto(es, **(node.value["opts"] or {})))


def arguments(node: Node) -> dict[str, Any]:
    return cells(node.ledger.name, node.value["cols"])


def pooled(node: Node, fit: pb.MetaFit) -> None:
    node.given("warnings")
    node.same("k", fit.k, 0.0)
    for name in ("beta", "ci_lb", "ci_ub"):
        node.same(name, getattr(fit, name), fields.CLOSED, fit.se)
    node.same("se", fit.se, fields.CLOSED)
    node.same("stat", fit.zval, fields.CLOSED, 1.0)
    node.same("pval", fit.pval, fields.tail(fit.zval**2, fields.CLOSED))
    node.same("QE", fit.QE, fields.CLOSED, 1.0)
    node.same("QEp", fit.QEp, fields.tail(fit.QE, fields.CLOSED))
    node.same("I2", fit.I2, fields.CLOSED, 100.0)
    node.same("H2", fit.H2, fields.CLOSED, 1.0)
    for name in TESTS:
        ours = fit.extra.get(name, np.nan)
        stat = fit.extra.get(name.removesuffix("p"), np.nan)
        node.same(name, ours, fields.tail(stat, fields.CLOSED), 0.0 if name[-1] == "p" else 1.0)
    fields.likelihoods(node["fit_stats"], fit, fields.CLOSED)
    for name, column in (("yi", fit.data.yi), ("vi", fit.data.vi)):
        # metafor may list the incomplete tables too
        whole = len(node.value[name]) == len(column)
        node.same(name, column if whole else column[fit.included], fields.CLOSED)


def left_out(node: Node, es: pb.EffectSizes, opts: dict[str, Any]) -> None:
    """Without each table in turn; metafor may leave the incomplete ones out of its list."""
    node.given("warnings")
    complete = np.isfinite(sum(es.inputs.values()))
    listed = np.arange(len(es))
    if len(node.value["estimate"]) != len(es):
        listed = listed[complete]
    fits = []
    for i in listed:
        kept = {n: np.delete(x, i) for n, x in es.inputs.items()}
        fits.append(pb.pool_mh(pb.effect_sizes(measure=es.measure, **kept), **opts))
    columns = {n: np.array([np.ravel(getattr(f, n))[0] for f in fits]) for n in COLUMNS}
    found = SimpleNamespace(estimate=columns.pop("beta"), **columns)
    list_of_fits(node, found, fields.CLOSED, 1.0)
