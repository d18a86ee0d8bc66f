"""Weighted least squares and the closed-form tau2 in 60-digit arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, getcontext
from typing import Any

Row = list[Decimal]
getcontext().prec = 60


def inverse(A: list[Row]) -> list[Row]:
    """By Gauss-Jordan elimination."""
    n = len(A)
    M = [[*row, *(Decimal(int(i == j)) for j in range(n))] for i, row in enumerate(A)]
    for c in range(n):
        lead = max(range(c, n), key=lambda r: abs(M[r][c]))
        M[c], M[lead] = M[lead], M[c]
        M[c] = [x / M[c][c] for x in M[c]]
        for r in range(n):
            if r != c and M[r][c] != 0:
                M[r] = [x - M[r][c] * y for x, y in zip(M[r], M[c], strict=True)]
    return [row[n:] for row in M]


@dataclass
class Exact:
    """Coefficients, their covariance, y'Py, and the traces tr P and tr of P without weights."""

    beta: Row
    vb: list[Row]
    Q: Decimal
    trace: Decimal


def regress(y: Row, w: Row, X: list[Row], d: Row) -> Exact:
    """Regress y on X with weights w; `trace` is tr(P D)."""
    p, rows = len(X[0]), range(len(y))
    vb = inverse([[sum((w[i] * X[i][a] * X[i][b] for i in rows), Decimal(0)) for b in range(p)]
                  for a in range(p)])  # fmt: skip
    xy = [sum((w[i] * X[i][a] * y[i] for i in rows), Decimal(0)) for a in range(p)]
    beta = [sum((v * z for v, z in zip(row, xy, strict=True)), Decimal(0)) for row in vb]
    r = [y[i] - sum((X[i][a] * beta[a] for a in range(p)), Decimal(0)) for i in rows]
    Q = sum((w[i] * r[i] ** 2 for i in rows), Decimal(0))
    trace = Decimal(0)
    for i in rows:
        h = sum((X[i][a] * vb[a][b] * X[i][b] for a in range(p) for b in range(p)), Decimal(0))
        trace += d[i] * w[i] * (1 - w[i] * h)
    return Exact(beta, vb, Q, trace)


def exact_tau2(method: str, y: Row, v: Row, X: list[Row]) -> Decimal:
    """FE, DL, HE, HS and SJ as their papers define them, truncated at 0."""
    k, p, one = len(y), len(X[0]), [Decimal(1)] * len(y)
    w = [1 / x for x in v]
    at0 = regress(y, w, X, one)
    if method == "FE":
        return Decimal(0)
    if method == "DL":
        return max(Decimal(0), (at0.Q - (k - p)) / at0.trace)
    if method == "HS":
        return max(Decimal(0), (at0.Q - k) / sum(w, Decimal(0)))
    if method == "HE":
        flat = regress(y, one, X, v)
        return max(Decimal(0), (flat.Q - flat.trace) / (k - p))
    assert method == "SJ"
    mean = sum(y, Decimal(0)) / k
    start = sum(((x - mean) ** 2 for x in y), Decimal(0)) / k
    if start == 0:
        return start
    q = regress(y, [start / (x + start) for x in v], X, one).Q
    return q / (k - p)


def decimals(values: Any) -> Any:
    """The exact values of floating-point numbers, as they nest."""
    if isinstance(values, (int, float)):
        return Decimal(values)
    return [decimals(x) for x in values]
