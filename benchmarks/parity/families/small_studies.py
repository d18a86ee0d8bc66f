"""Small-study effects: trim and fill, regression and rank tests, fail-safe numbers and the rest."""

from __future__ import annotations

from typing import Any

import numpy as np

import probatum as pb
from benchmarks.parity import fields
from benchmarks.parity.exactly import overrule_by_digits
from benchmarks.parity.families.diagnostics import FITS
from benchmarks.parity.families.pooled import one_fit
from benchmarks.parity.ledger import Node
from benchmarks.parity.reference import floats, table
from benchmarks.parity.registry import Estimates, of_estimates

#: metafor trims and fills with its default threshold, 1e-5 in tau2: the filled studies move by
#: 2e-4 standard errors, which is so many tolerances
THRESHOLD = 2e-4 / fields.ITERATED
ROUNDING = 1e-12  # of a log-likelihood
#: and it integrates over a jump for Henmi and Copas, which leaves so many standard errors
INTEGRAL = 2e-4
#: sizes of the studies, where generate.R gave them: columns that are added up
SIZES = {
    "bcg": ("tpos", "tneg", "cpos", "cneg"), "normand1999": ("n1i", "n2i"),
    "curtis1998": ("n1i", "n2i"), "mcdaniel1994": ("ni",), "molloy2014": ("ni",),
    "pritz1997": ("ni",), "nielweise2007": ("n1i", "n2i"), "raudenbush1985": ("n1i", "n2i"),
    "bangertdrowns2004": ("ni",), "egger2001": ("n1i", "n2i"), "yusuf1985_t6": ("n1i", "n2i"),
    "viechtbauer2021": ("nTi", "nCi"), "lee2004": ("n1i", "n2i"), "lau1992": ("n1i", "n2i"),
    "crede2010": ("ni",),
}  # fmt: skip


@of_estimates("trimfill")
def trimfill(whole: Node, e: Estimates) -> None:
    for node in whole.nodes():
        fit, estimator = e.fit(node.ask("method")), node.ask("estimator")
        node["result"].given("warnings")
        if node["result"].failed:  # the square root of a negative number
            node["result"].refused_too(lambda f=fit, q=estimator: pb.trimfill(f, estimator=q))
        else:
            filled(node["result"], pb.trimfill(fit, estimator=estimator))


def filled(node: Node, found: Any) -> None:
    """The number of missing studies, the studies filled in, and the fit with them."""
    fit = found.fit
    node.same("k0", found.k0, 0.0)
    node.same("se_k0", found.se_k0, fields.CLOSED)
    node.same("p_k0", found.p_k0, fields.CLOSED)
    node.equal_text("side", found.side)
    theirs = floats(node.value["filled_yi"])
    unknown = bool(np.isnan(theirs).any())
    for name, column in (("filled_yi", fit.data.yi), ("filled_vi", fit.data.vi)):
        if unknown:
            node.excluded("filled-rows", name)
            continue
        ours = np.empty(found.k0)
        ours[np.argsort(floats(node.value[name]), kind="stable")] = np.sort(column[found.filled])
        node.same(name, ours, fields.tolerance(fit.method), float(np.max(fit.se)))
    one_fit(node, fit)
    wrong = node.wrong()
    if wrong and fit.method == "REML":
        near = [n for n in wrong if node.off(n).off <= node.off(n).tol * THRESHOLD]
        if unknown:
            node.excluded("filled-rows", *near)
        elif stopped_early(node, found):
            filled_in = {"filled_yi", "filled_vi"}
            node.overrule("a higher likelihood", THRESHOLD, *filled_in & set(wrong))
            node.overrule("a higher likelihood", np.inf, *set(wrong) - filled_in)


def stopped_early(node: Node, found: Any) -> bool:
    """Whether all that differs is metafor's tau2, where its default threshold stopped it.

    With that tau2 ours are the same numbers, and the likelihood is lower.
    """
    seen, data = ~found.filled, found.fit.data
    y = np.concatenate([data.yi[seen], floats(node.value["filled_yi"])])
    v = np.concatenate([data.vi[seen], floats(node.value["filled_vi"])])
    theirs = pb.pool(y, v, method="REML", test="z", tau2=node.value["tau2"])
    settled = pb.pool(y, v, method="REML", test="z")
    trial = node.elsewhere()
    fields.fit(trial, theirs, fields.ITERATED)
    left = set(trial.wrong())
    return left <= {"se_tau2"} and settled.ll >= theirs.fit_stats["REML"].ll - ROUNDING


@of_estimates("regtest")
def regtest(whole: Node, e: Estimates) -> None:
    sizes = sum(table(e.name)[c] for c in SIZES.get(e.name, ()))
    known = pb.EffectSizes(e.y, e.v, ni=np.broadcast_to(sizes, e.y.shape).astype(float))
    for node in whole.nodes():
        node.given("model", "predictor", "base")
        model, predictor = node.value["model"], node.value["predictor"]
        base = {"REML z": "reml_z", "REML knha": "reml_knha", "FE z": "fe"}[node.value["base"]]
        fit = e.fit(*FITS[base])
        if predictor not in ("sei", "vi"):
            fit = pb.pool(known, method=fit.method, test=fit.test)
        found = pb.regtest(fit, model=model, predictor=predictor)
        tol = fields.ITERATED if model == "rma" and fit.method == "REML" else fields.CLOSED
        one_regtest(node["result"], found, tol, fit)


def one_regtest(node: Node, found: Any, tol: float, fit: pb.MetaFit) -> None:
    """The test, and the estimate of a study without error where there is one."""
    node.same("stat", found.stat, tol, 1.0)
    node.same("pval", found.pval, fields.tail(found.stat**2, tol))
    node.same("ddf", found.dfs, 0.0)
    half = (found.limit_ub - found.limit_lb) / 2.0
    for ours, name in (("limit", "est"), ("limit_lb", "ci_lb"), ("limit_ub", "ci_ub")):
        node.same(name, getattr(found, ours), tol, half)


@of_estimates("ranktest")
def ranktest(node: Node, e: Estimates) -> None:
    node.given("warnings")
    found = pb.ranktest(e.fit())
    node.same("tau", found.tau, fields.CLOSED, 1.0)
    node.same("pval", found.pval, fields.CLOSED, 1e-3)


@of_estimates("fsn")
def fsn(whole: Node, e: Estimates) -> None:
    for node in whole.nodes():
        found = pb.fsn(e.y, e.v, type=node.ask("type"))
        result = node["result"]
        result.same("fsnum", found.fsnum, 0.0)
        if result.value["alpha"] is None:  # Orwin's has none
            result.given("alpha")
        else:
            result.same("alpha", found.alpha, 0.0)
        result.same("pval", found.pval, 100 * fields.CLOSED)
        result.same("meanes", found.average, fields.CLOSED)
        result.same("target", found.target, fields.CLOSED)


@of_estimates("hc")
def henmi_copas(node: Node, e: Estimates) -> None:
    found = pb.hc(e.fit("DL"))
    node.same("beta", found.beta, fields.CLOSED, found.se)
    node.same("se", found.se, fields.CLOSED)
    node.same("tau2", found.tau2, fields.CLOSED, float(np.nanmean(e.v)))
    node.same("ci_lb", found.ci_lb, INTEGRAL, found.se, cause="integral-over-a-jump")
    node.same("ci_ub", found.ci_ub, INTEGRAL, found.se, cause="integral-over-a-jump")


@of_estimates("tes")
def excess(node: Node, e: Estimates) -> None:
    """metafor takes the chi-square where its exact count would be too long."""
    node.given("warnings")
    found = pb.tes(e.fit("EE"), test="exact" if node.value["X2"] is None else "chi2")
    for ours, name in (("k", "k"), ("O", "O"), ("E", "E"), ("ratio", "OEratio"), ("X2", "X2"),
                       ("theta", "theta"), ("power", "power"), ("pval", "pval")):  # fmt: skip
        node.same(name, getattr(found, ours), fields.CLOSED)


@of_estimates("pet", "peese")
def precision_effect(node: Node, e: Estimates) -> None:
    found = pb.petpeese(e.fit("EE"))
    fit = found.pet if node.key == "pet" else found.peese
    fields.fit(node, fit, fields.CLOSED)
    overrule_by_digits(node, fit)
