"""Who is right where rounding differs: weighted least squares in 60-digit arithmetic."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

import probatum as pb
from benchmarks.parity.fields import CANCELLED, CLOSED
from benchmarks.parity.ledger import Node
from benchmarks.parity.reference import floats
from benchmarks.parity.sixty_digits import decimals, exact_tau2, inverse, regress

#: estimators that 60-digit arithmetic has
EXACT = ("EE", "FE", "DL", "HE", "HS", "SJ")


def overrule_by_digits(node: Node, fit: pb.MetaFit) -> None:
    """Let stand what differs by rounding, where the fit is exact to 1e-12 by 60 digits.

    Rounding is up to ten times metafor's own distance from the exact values, or 1e-10 where it
    shows none of them; tails and what else is compared more loosely, in proportion.
    """
    wrong = node.wrong()
    if not wrong or fit.method not in EXACT:
        return
    exact = solution(fit)
    se = np.array(exact["se"])
    sizes = {"beta": se, "se": se, "tau2": float(np.mean(fit.data.vi[fit.included])), "QE": 1.0,
             "QM": 1.0}  # fmt: skip
    if not fit.own_weights:  # QE has those of the model all the same
        sizes = {"QE": 1.0}
    # of the Wald statistic's inverse, columns that nearly follow from others cost ours digits too
    allowed = {"QM": CANCELLED}
    if any(_off(getattr(fit, n), exact[n], sizes[n]) > allowed.get(n, CLOSED) for n in sizes):
        return
    theirs = [_off(floats(node.value[n]), exact[n], sizes[n]) for n in sizes if n in node]
    limit = 10 * max(theirs) if theirs else CANCELLED
    node.overrule("60-digit arithmetic", limit / CLOSED, *wrong)


def _off(found: Any, exact: Any, size: Any) -> float:
    whole = np.maximum(np.abs(exact), size)
    return float(np.max(np.abs(np.atleast_1d(found) - exact) / whole))


def solution(fit: pb.MetaFit) -> dict[str, Any]:
    """tau2, coefficients, standard errors, QE and QM of the fit's rows."""
    used = fit.included
    y, v = decimals(fit.data.yi[used].tolist()), decimals(fit.data.vi[used].tolist())
    X, one = decimals(fit.X[used].tolist()), decimals([1] * fit.k)
    tau2 = exact_tau2("FE" if fit.method == "EE" else fit.method, y, v, X)
    w = [1 / (x + tau2) for x in v]
    e = regress(y, w, X, one)
    # Knapp and Hartung's factor
    scale = float(e.Q) / (fit.k - fit.p) if fit.test in ("knha", "adhoc") else 1.0
    scale = max(1.0, scale) if fit.test == "adhoc" else scale
    tested = range(1 if fit.p > 1 else 0, fit.p)
    b, cov = [e.beta[j] for j in tested], [[e.vb[i][j] for j in tested] for i in tested]
    wald = sum((x * w * z for x, row in zip(b, inverse(cov)) for w, z in zip(row, b)), Decimal(0))
    return {
        "QM": float(wald) / scale / (1.0 if np.isnan(fit.QMdf[1]) else len(b)),
        "tau2": float(tau2),
        "beta": [float(b) for b in e.beta],
        "se": [(scale * float(e.vb[j][j])) ** 0.5 for j in range(fit.p)],
        "QE": float(regress(y, [1 / x for x in v], X, one).Q),
    }
