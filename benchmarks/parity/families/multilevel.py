"""Multilevel and multivariate models: rma.mv, by default and with a tight stopping rule."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

import probatum as pb
from benchmarks.parity import fields
from benchmarks.parity.families.intervals import prediction
from benchmarks.parity.families.sandwich import robust
from benchmarks.parity.ledger import NEARER, Node
from benchmarks.parity.reference import floats, table
from benchmarks.parity.registry import of_file

#: metafor's search on a flat surface: variances, what rests on them, coefficients
COMPONENT, COEFFICIENT = 1e-4, 1e-5
#: 95% of a chi-square with one degree of freedom, halved
HALF_CHI2 = 3.841458820694124 / 2.0
KINDS = ("sigma2", "tau2", "rho", "gamma2", "phi")


def compound(v: Any, cluster: Any, rho: float) -> Any:
    """Covariances of one correlation within clusters."""
    sd = np.sqrt(v)
    same = np.asarray(cluster)[:, None] == np.asarray(cluster)
    return np.where(np.eye(len(v)) > 0, np.diag(v), np.where(same, rho * np.outer(sd, sd), 0.0))


def paired(t: dict[str, Any]) -> list[Any]:
    """The blocks of Berkey's five trials, as they stand in the columns v1i and v2i."""
    both = np.column_stack([t["v1i"], t["v2i"]])
    return [both[t["trial"] == i] for i in np.unique(t["trial"])]


def read_V(note: str, t: dict[str, Any], vi: Any) -> Any:
    """The sampling covariances that generate.R describes."""
    if note == "diag(vi)":
        return vi
    if note.startswith("blocks"):
        return paired(t)
    if "phi" in note:
        sd = np.sqrt(vi)
        same = t["study"][:, None] == t["study"]
        lag = np.abs(t["time"][:, None] - t["time"])
        return np.where(same, 0.97**lag, 0.0) * np.outer(sd, sd)
    found = re.search(r"rho=([.\d]+)", note)
    if not found:
        raise ValueError(f"V is {note!r}: unknown")
    V = compound(vi, t["study"], float(found[1]))
    if "type" in note:  # estimates of one outcome by one study are the same thing measured twice
        sd = np.sqrt(vi)
        twice = (t["study"][:, None] == t["study"]) & (t["outcome"][:, None] == t["outcome"])
        V = np.where(twice, np.outer(sd, sd), V)
    return V


def fit_of(node: Node, **fixed: Any) -> pb.MultilevelFit:
    """Our fit of one of the file's models."""
    name, r = node.ledger.name, node.value
    t, e = table(name), node.ledger.whole["escalc"][r["escalc_index"]]
    mods = r["mods"].replace("factor(", "C(") if r["mods"] else None
    if name == "senn2013":
        mods = '~ C(study) + C(treatment, contr.treatment("placebo")) - 1'
        fixed["rho"] = 0.5
    vi = floats(e["vi"])
    return pb.pool_multilevel(
        floats(e["yi"]), read_V(r["V"], t, vi), mods=mods, random=r["random"],
        struct=r["struct"] or "CS", data=t, method=r["method"], test=r["test"] or "z",
        dfs=r["dfs"] or "residual", **fixed,
    )  # fmt: skip


@of_file("rma_mv")
def compare(whole: Node) -> None:
    for node in whole.nodes():
        node.given("escalc_index", "random", "struct", "mods", "method", "test", "dfs", "V")
        fit = fit_of(node)
        one_fit(node["tight"], fit)
        one_fit(node["default"], fit)
        nearer_to_tight(node["default"], node["tight"])
        prediction(node["predict"], fit, fit.predict(), COMPONENT)
        rows(node, fit)
        effects(node["ranef"], fit)
        if "confint" in node:
            intervals(node["confint"], fit, node)
        if "robust" in node:
            robust(node["robust"], fit, 3e-5)


def one_fit(node: Node, fit: pb.MultilevelFit) -> None:
    """Likelihood first: where ours is higher, the rest differs accordingly.

    A log-likelihood lower by d is that of a point about sqrt(2 d) standard errors away, and the
    coefficients' errors move relatively as much.
    """
    node.given("names", "s.nlevels", "g.levels")
    likelihoods(node["fit_stats"], fit)
    off = fit.ll - float(floats(node.value["fit_stats"]["ll"][fit.method])[0])
    better = (2.0 * max(0.0, off)) ** 0.5
    components(node, fit, COMPONENT + better)
    coefficients(node, fit, COEFFICIENT + better)
    node.same("k", fit.k, 0.0)
    node.same("p", fit.p, 0.0)
    node.same("QE", fit.QE, fields.CANCELLED)
    node.same("QEp", fit.QEp, fields.tail(fit.QE, fields.CANCELLED))
    fields.omnibus(node, fit, COMPONENT + better)


def likelihoods(node: Node, fit: pb.MultilevelFit) -> None:
    """The likelihood that was not maximised moves with the components."""
    node.given("columns")
    node["ll"].likelihood(fit.method, fit.ll, fit.converged)
    for kind, stats in fit.fit_stats.items():
        theirs = float(floats(node.value["ll"][kind])[0])
        if kind != fit.method:
            node["ll"].same(kind, stats.ll, COMPONENT, 1.0)
        for name in ("dev", "AIC", "BIC", "AICc"):  # what is added to -2 ll
            ours = getattr(stats, name) + 2.0 * (stats.ll - theirs)
            node[name].same(kind, ours, 1e-10, 1.0 + abs(theirs))


def components(node: Node, fit: pb.MultilevelFit, tol: float) -> None:
    """Variances and correlations; a kind that the model lacks is 0 in metafor."""
    v = float(np.median(fit.data.vi))
    for kind in KINDS:
        ours, theirs = getattr(fit, kind), floats(node.value[kind])
        if not len(ours):
            node.same(kind, np.zeros(len(theirs)), 0.0)
            continue
        size = [s for s, x in zip(fit.component_se, fit.components) if x.kind == kind]
        floor = 1.0 if kind in ("rho", "phi") else 1e-2 * v
        # a correlation that the data can't tell is 0 in metafor and NaN here
        lost = np.isnan(ours)
        cause = "untold-correlation" if lost.any() else ""
        node.same(kind, ours, tol, np.fmax(size, floor), cause, skip=lost)


def coefficients(node: Node, fit: pb.MultilevelFit, tol: float) -> None:
    order = in_metafor_order(node, fit)
    se = fit.se[order]
    for name in ("beta", "ci_lb", "ci_ub"):
        node.same(name, getattr(fit, name)[order], tol, se)
    node.same("se", se, tol)
    node.same("stat", fit.zval[order], tol, 1.0)
    node.same("pval", fit.pval[order], fields.tail(fit.zval**2, 2.0 * tol))
    node.same("vb", fit.vb[np.ix_(order, order)], 2.0 * tol, np.outer(se, se))
    node.same("ddf", fit.dfs[order][: np.size(node.value["ddf"])], 0.0)


def in_metafor_order(node: Node, fit: pb.MultilevelFit) -> Any:
    """Formula codings order the coefficients of factors differently; all else is as it is."""
    if node.ledger.name != "senn2013":
        return np.arange(fit.p)
    order = np.empty(fit.p, dtype=int)
    order[np.argsort(floats(node.value["beta"]))] = np.argsort(fit.beta)
    return order


def nearer_to_tight(default: Node, tight: Node) -> None:
    """Where metafor's default search stopped early, ours is nearer to its tight one."""
    for name in default.wrong():
        seen, settled = floats(default.value[name]), floats(tight.value[name])
        ours = tight.off(name)
        nearer = ours.status == "equal" and np.shape(seen) == np.shape(settled)
        default.overruled_if(nearer, NEARER, name)


def rows(node: Node, fit: pb.MultilevelFit) -> None:
    """What a fit says of each estimate."""
    size = float(np.max(fit.se))
    node.same("fitted", fit.fitted()[fit.included], COEFFICIENT, size)
    node.same("hat", fit.hatvalues(), COMPONENT, 1e-2)
    found = pb.rstandard(fit)
    # rows with a coefficient of their own are fitted exactly: rounding over rounding
    lost = np.isnan(found.z) & (np.abs(found.resid) < 1e-9)
    cause = "fitted-exactly" if lost.any() else ""
    node["rstandard"].same("z", found.z, COMPONENT, 1.0, cause, skip=lost)


def effects(whole: Node, fit: pb.MultilevelFit) -> None:
    """Predicted random effects; levels are listed in another order, so both are sorted."""
    for node, ours in zip(whole.nodes(), fit.ranef().values(), strict=True):
        errors = floats(node.value["se"])
        if not ours.se.any():  # a variance of 0, where metafor stops just above it
            node.excluded_if(float(np.max(errors)) < 1e-4, "variance-not-0")
            continue
        size = max(1e-3, float(np.max(errors)))
        for name, column in (("intrcpt", ours.pred), ("se", ours.se)):
            back = np.empty_like(column)
            back[np.argsort(floats(node.value[name]), kind="stable")] = np.sort(column)
            node.same(name, back, COMPONENT, size)


def intervals(whole: Node, fit: pb.MultilevelFit, model: Node) -> None:
    """Profile likelihood limits: of the file's two or three components the last is kept."""
    whole.given("warnings")
    found = fit.confint()
    node = next(n for n in whole.nodes() if n.key == "")
    par = node.ask("par")[0]
    which = len(found.names) - 1  # both list correlations last
    three = np.array([found.estimate[which], found.ci_lb[which], found.ci_ub[which]])
    ours = np.array([three, np.sqrt(three)]) if par.startswith("sigma") else three[None, :]
    theirs = floats(node.value["v"])
    lost = np.isnan(theirs)
    node.same("v", np.where(lost, np.nan, ours), COMPONENT, 1e-2)
    if lost.any() or node.off("v").status == "different":
        node.overruled_if(limits_hold(model, fit, three, par), "the likelihood at our limits", "v")


def limits_hold(model: Node, fit: pb.MultilevelFit, three: Any, par: str) -> bool:
    """Whether the likelihood has fallen by half a chi-square quantile, or a range ends."""
    for limit in three[1:]:
        fixed = {"rho": limit} if par == "rho" else {"sigma2": [None, limit]}
        drop = fit.ll - fit_of(model, **fixed).ll
        ends = abs(limit) == 1.0 and drop <= HALF_CHI2
        if not ends and abs(drop - HALF_CHI2) > 1e-6:
            return False
    return True
