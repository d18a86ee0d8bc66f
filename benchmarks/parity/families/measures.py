"""Effect sizes: escalc."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import hyp2f1

import probatum as pb
from benchmarks.parity.fields import CANCELLED, CLOSED
from benchmarks.parity.ledger import Node
from benchmarks.parity.reference import cells, floats
from benchmarks.parity.registry import of_file
from probatum.meta.measures.hedges import correction

#: measures whose estimates got a second-order correction after 3.8-1
CORRECTED = {"ROM", "ROMC", "CVR", "CVRC"}


@of_file("escalc")
def compare(whole: Node) -> None:
    for node in whole.nodes():
        node.given("cols", "opts", "measure", "warnings")
        measure, opts = node.value["measure"] or "GEN", dict(node.value.get("opts") or {})
        arguments = cells(node.ledger.name, node.value["cols"])
        if node.failed:
            without_metafor(node, measure, arguments, opts)
            continue
        if (measure, opts) == ("CVR", {"vtype": "AV"}):
            node.excluded("option-ignored", "yi", "vi")
            continue
        if measure in CORRECTED:
            opts["correct"] = False
        one_measure(node, pb.effect_sizes(measure=measure, **arguments, **opts))


def one_measure(node: Node, es: pb.EffectSizes) -> None:
    known = 1e-3 * np.sqrt(np.nan_to_num(es.vi))
    if es.measure == "RTET":
        lost = np.isnan(es.yi)
        for name, ours, tol, size in (("yi", es.yi, 3e-5, 1.0), ("vi", es.vi, 1e-3, 0.0)):
            theirs = floats(node.value[name])
            node.same(name, np.where(lost, theirs, ours), tol, size, cause="tetrachoric")
        return
    # no such table exists; metafor since 4.0-0 gives NA too
    lost = np.isnan(es.yi) & np.isfinite(floats(node.value["yi"])) & (es.measure == "MPORM")
    cause = "impossible-tables" if lost.any() else ""
    node.same("yi", es.yi, CLOSED, known, cause, skip=lost)
    older = as_before(es)
    if older is not None:
        node.same("vi", older, CLOSED, cause="later-variances")
    else:
        # J(m) as a difference of log-gammas cancels in metafor
        tol = CANCELLED if node.value["opts"] in ({"vtype": "UB"}, {"vtype": "LS2"}) else CLOSED
        node.same("vi", es.vi, tol, 0.0, cause, skip=lost)


def as_before(es: pb.EffectSizes) -> Any:
    """Our variances by the formulas of 3.8-1; None where later versions have the same."""
    n = es.inputs
    if es.measure == "SMDH":
        return es.vi * correction(n["n1i"] + n["n2i"] - 2) ** 2
    if es.measure == "SMD1H":
        ratio = n["sd1i"] ** 2 / n["sd2i"] ** 2
        return ratio / n["n1i"] + 1 / n["n2i"] + es.yi**2 / (2 * n["n2i"])
    if es.measure == "SMCRH":
        return es.vi * correction(n["ni"] - 1) ** 2
    if es.measure == "PCOR":
        return es.vi * (n["ni"] - n["mi"]) / (n["ni"] - n["mi"] - 1)
    if es.measure == "ZPCOR":
        return es.vi * (n["ni"] - n["mi"] - 2) / (n["ni"] - n["mi"] - 1)
    return None


def without_metafor(node: Node, measure: str, arguments: Any, opts: Any) -> None:
    """metafor gave an error: the gsl package is missing, or the variance is unknown."""
    if measure == "UCOR":  # Olkin & Pratt 1958
        es = pb.effect_sizes(measure=measure, **arguments, **opts)
        r, n = arguments["ri"], arguments["ni"]
        exact = r * hyp2f1(0.5, 0.5, (n - 2) / 2, 1 - r * r)  # NaN for some
        known = np.isfinite(exact)
        near = np.allclose(es.yi[known], exact[known], rtol=CLOSED, atol=1e-300)
        holds = near and bool((es.vi > 0).all())
        node.better("Olkin and Pratt's series", "error", if_true=holds)
        return
    node.refused_too(lambda: pb.effect_sizes(measure=measure, **arguments, **opts))
