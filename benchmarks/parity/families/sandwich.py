"""Cluster-robust inference: metafor's robust(), alone and with clubSandwich."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.stats import f, t

import probatum as pb
from benchmarks.parity import fields
from benchmarks.parity.ledger import Node
from benchmarks.parity.reference import table
from benchmarks.parity.registry import Estimates, of_estimates

#: the column that generate.R clusters a data set by
CLUSTERS = {
    "konstantopoulos2011": "district", "berkey1998": "trial", "assink2016": "study",
    "crede2010": "studyid", "curtis1998": "paper", "kalaian1996": "study",
    "tannersmith2016": "studyid", "bcg": "alloc", "raudenbush1985": "author",
}  # fmt: skip
#: what generate.R calls CR1 is m / (m - p), our CR1p
AS_IN_METAFOR = {
    "CR1": {"type": "CR1p", "small": False},
    "CR0": {"type": "CR0", "small": False},
    "CR2_clubSandwich": {"type": "CR2", "small": True},
}


@of_estimates("robust")
def of_plain_fits(node: Node, e: Estimates) -> None:
    robust(node, e.fit())


def robust(whole: Node, fit: Any, tol: float = fields.ITERATED) -> None:
    """The three estimators; where metafor refuses, ours does."""
    cluster = table(whole.ledger.name)[CLUSTERS[whole.ledger.name]]
    for node in whole.nodes():
        how: Any = AS_IN_METAFOR[node.key]
        if node.failed:
            node.refused_too(lambda how=how: pb.robust(fit, cluster, **how))
            continue
        out = pb.robust(fit, cluster, **how)
        if how["type"] != "CR2" and getattr(fit, "s2w", 1.0) != 1.0:
            one_sandwich(node, times(out, fit.s2w), tol)
            node.known("robust-of-knha")
        else:
            one_sandwich(node, out, tol)


def times(out: pb.RobustFit, factor: float) -> Any:
    """All that follows from errors larger by a factor."""
    se, df = factor * out.se, out.dfs
    stat, QM = out.beta / se, out.QM / factor**2
    half = t.isf(0.5 - out.level / 200.0, df) * se
    return SimpleNamespace(
        clusters=out.clusters, beta=out.beta, se=se, zval=stat, pval=2.0 * t.sf(np.abs(stat), df),
        ci_lb=out.beta - half, ci_ub=out.beta + half, dfs=df, vb=factor**2 * out.vb, QM=QM,
        QMdf=out.QMdf, QMp=float(f.sf(QM, *out.QMdf)),
    )  # fmt: skip


def one_sandwich(node: Node, out: Any, tol: float) -> None:
    node.same("n", out.clusters, 0.0)
    for name in ("beta", "ci_lb", "ci_ub"):
        node.same(name, getattr(out, name), tol, out.se)
    node.same("se", out.se, tol)
    node.same("stat", out.zval, tol, 1.0)
    node.same("pval", out.pval, fields.tail(out.zval**2, tol))
    node.same("vb", out.vb, tol, np.outer(out.se, out.se))
    # one number for all coefficients, unless they differ
    node.same("ddf", out.dfs[: np.size(node.value["ddf"])], 10 * tol)
    fields.omnibus(node, out, 10 * tol)
