"""Studies left out, added, judged: influence, residuals, cumulative fits, shrinkage, subsets."""

from __future__ import annotations

from typing import Any

import numpy as np

import probatum as pb
from benchmarks.parity import fields
from benchmarks.parity.ledger import Node
from benchmarks.parity.reference import floats
from benchmarks.parity.registry import Estimates, of_estimates
from probatum.meta.diagnostics.influence import baujat as coordinates

FITS = {"reml_z": ("REML", "z"), "reml_knha": ("REML", "knha"), "dl_z": ("DL", "z"),
        "fe": ("EE", "z"), "fe_z": ("EE", "z")}  # fmt: skip
#: our columns of a list of fits, metafor's names, and what a value of 0 is measured against
COLUMNS = (
    ("estimate", ("estimate",)), ("se", ("se",)), ("zval", ("zval", "tval")),
    ("pval", ("pval", "pvals")), ("ci_lb", ("ci.lb",)), ("ci_ub", ("ci.ub",)), ("QE", ("Q",)),
    ("QEp", ("Qp",)), ("tau2", ("tau2",)), ("I2", ("I2",)), ("H2", ("H2",)),
)  # fmt: skip


def list_of_fits(node: Node, found: Any, tol: float, v: float) -> None:
    """Fits without one study each, or of ever more studies."""
    theirs = floats(node.value["estimate"])
    lost = np.isnan(theirs) & np.isfinite(found.estimate)
    se = np.nan_to_num(floats(node.value["se"]), nan=1.0)
    stat = np.abs(np.nan_to_num(found.zval))
    sizes = {"estimate": se, "ci_lb": se, "ci_ub": se, "zval": 1.0, "QE": 1.0, "tau2": v,
             "I2": 100.0, "H2": 1.0}  # fmt: skip
    for ours, names in COLUMNS:
        tails = {"pval": np.maximum(stat**2, 1.0), "QEp": np.maximum(found.QE, 1.0)}
        size = sizes.get(ours, 0.0)
        for name in set(names) & set(node.value):
            if ours in tails:  # a tail moves by more than its statistic does
                size = np.nan_to_num(floats(node.value[name])) * tails[ours]
            cause = "no-convergence" if lost.any() else ""
            node.same(name, getattr(found, ours), tol, size, cause, skip=lost)


@of_estimates("leave1out")
def leave1out(whole: Node, e: Estimates) -> None:
    for node in whole.nodes():
        fit = e.fit(*FITS[node.key])
        list_of_fits(node, pb.leave1out(fit), fields.tolerance(fit.method), float(np.nanmean(e.v)))


@of_estimates("cumul")
def cumul(whole: Node, e: Estimates) -> None:
    order = np.empty(len(e.y))
    order[whole.ask("order")] = np.arange(len(e.y))
    for node in whole.nodes():
        if node.key == "order":
            continue
        fit = e.fit(*FITS[node.key])
        found = pb.cumulative(fit, order)
        list_of_fits(node, found, fields.tolerance(fit.method), float(np.nanmean(e.v)))


@of_estimates("influence")
def influence(whole: Node, e: Estimates) -> None:
    for node in whole.nodes():
        moved(node, e.fit(*FITS[node.key]))


def moved(node: Node, fit: pb.MetaFit) -> None:
    """What the coefficients do without each study, and who counts as influential."""
    found, tol = pb.influence(fit), fields.tolerance(fit.method)
    node["dfbs"].given("slab", "digits")
    columns = [n for n in node.value["dfbs"] if n not in ("slab", "digits")]
    for j, name in enumerate(columns):
        node["dfbs"].same(name, found.dfbs[:, j], tol, 1.0)
    if "is_infl" in node:
        node.same("is_infl", found.is_infl, 0.0)


@of_estimates("rstudent")
def rstudent(node: Node, e: Estimates) -> None:
    fit = e.fit()
    found, tol = pb.rstudent(fit), fields.tolerance("REML")
    node.same("resid", found.resid, tol, found.se)
    node.same("se", found.se, tol)
    node.same("z", found.z, tol, 1.0)


@of_estimates("baujat")
def baujat(node: Node, e: Estimates) -> None:
    fit = e.fit("EE")
    found = coordinates(fit)
    node.same("x", found.x, fields.CLOSED, 1.0)
    # the square of a small difference of two estimates
    node.same("y", found.y, fields.CLOSED, 2.0 * np.sqrt(found.y) * abs(fit.beta[0]) / fit.se[0])


@of_estimates("blup", "ranef")
def shrunken(node: Node, e: Estimates) -> None:
    fit = e.fit()
    found = (pb.blup if node.key == "blup" else pb.ranef)(fit)
    v = float(np.nanmean(e.v))
    if fit.tau2 == 0.0 and node.key == "ranef":
        # metafor's tau2 stops just above 0, and its root is what it shows
        tiny = np.max(np.abs(floats(node.value["se"]))) < 1e-4 * v**0.5
        node.excluded_if(bool(tiny and not found.se.any() and not found.pred.any()), "tau2-not-0")
        return
    for ours, name in (("pred", "pred"), ("se", "se"), ("pi_lb", "pi.lb"), ("pi_ub", "pi.ub")):
        node.same(name, getattr(found, ours), fields.ITERATED, np.maximum(found.se, v**0.5))


@of_estimates("permutest_exact")
def permutest(whole: Node, e: Estimates) -> None:
    for node in whole.nodes():
        found = pb.permutest(e.fit(*FITS[node.key]), exact=True)
        node.same("pval", found.pval, fields.CLOSED)
        node.given("n")  # null everywhere


@of_estimates("gosh_fe")
def gosh(node: Node, e: Estimates) -> None:
    """About 60 of all subsets, found among ours by what they include; and means over all."""
    node.given("columns", "rows")
    found = pb.gosh(e.fit("EE"))
    node.same("n", len(found.k), 0.0)
    code = 1 << np.arange(found.incl.shape[1])
    place = {int(x): i for i, x in enumerate(found.incl @ code)}
    asked = np.array(node.value["incl"]) > 0
    at = [place[int(x)] for x in asked @ code]
    node.same("incl", found.incl[at], 0.0)
    ours = np.column_stack([found.k, found.QE, found.I2, found.H2, found.tau2, found.estimate])
    size = np.array([1.0, 1.0, 100.0, 1.0, 1.0, float(e.fit("EE").se[0])])
    node.same("res", ours[at], fields.CLOSED, size)
    node.same("mean", ours.mean(axis=0), fields.CLOSED, size)
