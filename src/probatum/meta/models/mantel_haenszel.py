"""Mantel-Haenszel pooling of 2x2 tables and of person-time tables."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from scipy.special import chdtrc

from probatum.errors import BadInput, UnknownOption
from probatum.meta.columns import yes_or_no
from probatum.meta.models.tables import (
    PERSON_TIME,
    TWO_BY_TWO,
    Tables,
    assemble,
    read_tables,
    zero_rules,
)
from probatum.meta.options import typed_options
from probatum.meta.types import EffectSizes, Floats, MetaFit, need

MEASURES_MH = {
    "OR": "odds ratio",
    "RR": "risk ratio",
    "RD": "risk difference",
    "IRR": "incidence rate ratio",
    "IRD": "incidence rate difference",
}
Pooled = tuple[float, float, Floats, dict[str, float]]


@typed_options
def pool_mh(
    es: EffectSizes,
    *,
    measure: str | None = None,
    level: float = 95,
    correct: bool = True,
    add: Any = 0.5,
    to: Any = "only0",
    drop00: Any = True,
) -> MetaFit:
    """Pool tables by the Mantel-Haenszel method (an equal-effects model, good with few events).

    Parameters
    ----------
    es : EffectSizes
        Made from ``ai bi ci di`` (or ``n1i n2i`` in place of ``bi di``), or from
        ``x1i t1i x2i t2i``.
    measure : {"OR", "RR", "RD", "IRR", "IRD"}, optional
        What to pool; the measure of `es` by default.
    level : float
        Confidence level in percent.
    correct : bool
        Whether the Mantel-Haenszel and Cochran chi-squares get a continuity correction.
    add, to, drop00 : float, str, bool, or a pair of them
        What is done about zeros (see `effect_sizes`) in the studies' own estimates, which are for
        display and QE; the second of a pair is for the pooled tables, which are else taken as they
        are.

    Returns
    -------
    MetaFit
        `beta` is the log for ratios. `k` counts the complete tables; `extra` has ``k_yi``, the
        tables with an estimate of their own (QE has k_yi - 1 degrees of freedom), and the tests
        ``MH MHp`` (no effect; OR and IRR), ``CO COp`` (Cochran), ``BD BDp`` (Breslow-Day) and
        ``TA TAp`` (Tarone; equal odds ratios), which are for OR.

    Raises
    ------
    UnknownOption
        If `measure` can't be pooled this way.
    BadInput
        If the tables are not there, or the ratio does not exist because one side has no events.

    Notes
    -----
    Odds ratio: Mantel N, Haenszel W (1959), JNCI 22, 719-748; its variance: Robins J, Breslow N,
    Greenland S (1986), Biometrics 42, 311-323. Risk ratio, rates: Greenland S, Robins JM (1985),
    Biometrics 41, 55-68. Risk difference's variance: Sato T, Greenland S, Robins JM (1989),
    Biometrics 45, 1323-1324. Breslow NE, Day NE (1980), Statistical methods in cancer research
    I, p. 142; Tarone RE (1985), Biometrika 72, 91-95; Cochran WG (1954), Biometrics 10, 417-451.

    Unless asked for, no continuity correction enters the pooled estimate. Every study's own
    estimate (`data`, from which QE and the likelihoods come) has 1/2 added to tables with a zero
    cell.

    Examples
    --------
    >>> from probatum.meta.measures import effect_sizes
    >>> es = effect_sizes(measure="OR", ai=[4, 6], bi=[119, 300], ci=[11, 29], di=[128, 274])
    >>> fit = pool_mh(es)
    >>> round(float(fit.beta[0]), 4), round(float(fit.se[0]), 4)
    (-1.4215, 0.3595)
    """
    need(es, "EffectSizes", name="es")
    correct = yes_or_no("correct", correct)
    code = es.measure if measure is None else measure
    if code not in MEASURES_MH:
        raise UnknownOption("measure", code, MEASURES_MH, "Mantel-Haenszel pools OR RR RD IRR IRD.")
    names = PERSON_TIME if code in ("IRR", "IRD") else TWO_BY_TWO
    tables = read_tables(es, code, names, "Mantel-Haenszel", zero_rules(add, to, drop00))
    beta, se, weight, extra = _POOL[code](tables, correct)
    fit = assemble(tables, beta, se, weight, level=level, model="Mantel-Haenszel", extra=extra)
    options: dict[str, Any] = {"add": add, "to": to, "drop00": drop00, "level": level}
    return replace(fit, again=partial(pool_mh, measure=code, correct=correct, **options))


def _log_ratio(R: float, S: float, code: str) -> float:
    if R <= 0.0 or S <= 0.0:
        raise BadInput(
            f"the Mantel-Haenszel {MEASURES_MH[code]} does not exist for these tables: over all "
            "of them one group has no events (or nothing but events). Use a difference "
            f'(measure "{"IRD" if code == "IRR" else "RD"}") or pool_peto.'
        )
    return math.log(R / S)


def _odds_ratio(tables: Tables, correct: bool) -> Pooled:
    a, b, c, d = (tables.cells[name] for name in TWO_BY_TWO)
    N = a + b + c + d
    r, s, p, q = a * d / N, b * c / N, (a + d) / N, (b + c) / N
    R, S = float(r.sum()), float(s.sum())
    beta = _log_ratio(R, S, "OR")
    var = 0.5 * (np.sum(p * r) / R**2 + np.sum(p * s + q * r) / (R * S) + np.sum(q * s) / S**2)
    extra = _no_association(a, b, c, d, correct) | _equal_odds_ratios(a, b, c, d, R / S)
    return beta, math.sqrt(var), s, extra


def _risk_ratio(tables: Tables, correct: bool) -> Pooled:
    a, b, c, d = (tables.cells[name] for name in TWO_BY_TWO)
    n1, n2 = a + b, c + d
    N = n1 + n2
    r, s = a * n2 / N, c * n1 / N
    R, S = float(r.sum()), float(s.sum())
    beta = _log_ratio(R, S, "RR")
    var = np.sum((n1 / N) * (n2 / N) * (a + c) - a * c / N) / (R * S)
    return beta, math.sqrt(var), s, {}


def _risk_difference(tables: Tables, correct: bool) -> Pooled:
    a, b, c, d = (tables.cells[name] for name in TWO_BY_TWO)
    n1, n2 = a + b, c + d
    N = n1 + n2
    w = n1 * n2 / N
    W = float(w.sum())
    beta = float(np.sum((a * n2 - c * n1) / N)) / W
    f1, f2 = n1 / N, n2 / N
    P = np.sum(c * f1**2 - a * f2**2 + 0.5 * f1 * f2 * (n2 - n1))
    Q = 0.5 * np.sum((a * d + c * b) / N)
    var = float(beta * P + Q) / W**2
    if not var > 0.0:
        raise BadInput(
            "the Mantel-Haenszel risk difference has no standard error for these tables: every "
            "group has no events or only events."
        )
    return beta, math.sqrt(var), w, {}


def _rate_ratio(tables: Tables, correct: bool) -> Pooled:
    x1, t1, x2, t2 = (tables.cells[name] for name in PERSON_TIME)
    T, x = t1 + t2, x1 + x2
    r, s = x1 * t2 / T, x2 * t1 / T
    R, S = float(r.sum()), float(s.sum())
    beta = _log_ratio(R, S, "IRR")
    spread = float(np.sum((t1 / T) * (t2 / T) * x))
    gap = float(np.sum(x1 - x * t1 / T))
    MH = _corrected_square(gap, correct) / spread
    return beta, math.sqrt(spread / (R * S)), s, {"MH": MH, "MHp": float(chdtrc(1, MH))}


def _rate_difference(tables: Tables, correct: bool) -> Pooled:
    x1, t1, x2, t2 = (tables.cells[name] for name in PERSON_TIME)
    T = t1 + t2
    w = t1 * t2 / T
    W = float(w.sum())
    beta = float(np.sum((x1 * t2 - x2 * t1) / T)) / W
    var = float(np.sum((t2 / T) ** 2 * x1 + (t1 / T) ** 2 * x2)) / W**2
    if not var > 0.0:
        raise BadInput("there are no events in any table, so the rate difference has no error.")
    return beta, math.sqrt(var), w, {}


def _corrected_square(gap: float, correct: bool) -> float:
    """(|gap| - 1/2)^2, never correcting beyond 0 (Mantel & Haenszel 1959 leave that open)."""
    return max(0.0, abs(gap) - (0.5 if correct else 0.0)) ** 2


def _no_association(a: Floats, b: Floats, c: Floats, d: Floats, correct: bool) -> dict[str, float]:
    """Mantel-Haenszel's and Cochran's chi-squares of no effect (1 degree of freedom)."""
    n1, n2, m = a + b, c + d, a + c
    N = n1 + n2
    square = _corrected_square(float(np.sum(a - n1 * m / N)), correct)
    binomial = (n1 / N) * (n2 / N) * m * ((N - m) / N)
    # a table of one person has no hypergeometric variance
    hypergeometric = binomial * N / np.where(N > 1.0, N - 1.0, 1.0)
    MH, CO = square / float(hypergeometric.sum()), square / float(binomial.sum())
    return {"MH": MH, "MHp": float(chdtrc(1, MH)), "CO": CO, "COp": float(chdtrc(1, CO))}


def _equal_odds_ratios(a: Floats, b: Floats, c: Floats, d: Floats, psi: float) -> dict[str, float]:
    """Breslow-Day's chi-square of equal odds ratios, and Tarone's correction of it."""
    n1, n2, m = a + b, c + d, a + c
    some = (m > 0.0) & (b + d > 0.0) & (n1 > 0.0) & (n2 > 0.0)
    a, n1, n2, m = a[some], n1[some], n2[some], m[some]
    expected = _expected(n1, n2, m, psi)
    cells = np.array([expected, n1 - expected, m - expected, n2 - m + expected])
    V = 1.0 / np.sum(1.0 / cells, axis=0)
    BD = float(np.sum((a - expected) ** 2 / V))
    TA = BD - float(np.sum(a - expected)) ** 2 / float(V.sum())
    df = len(a) - 1
    if df < 1:
        return {"BD": math.nan, "BDp": math.nan, "TA": math.nan, "TAp": math.nan}
    return {"BD": BD, "BDp": float(chdtrc(df, BD)), "TA": TA, "TAp": float(chdtrc(df, TA))}


def _expected(n1: Floats, n2: Floats, m: Floats, psi: float) -> Floats:
    """Expected first cell of tables with these margins and odds ratio psi.

    The root of (1 - psi) x^2 + h x - psi n1 m, h = n2 - m + psi (n1 + m), that keeps all four
    cells positive, written so that nothing cancels (psi may be 1).
    """
    h = n2 - m + psi * (n1 + m)
    root = np.sqrt(h * h + 4.0 * (1.0 - psi) * psi * n1 * m)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(h >= 0.0, 2.0 * psi * n1 * m / (h + root), (root - h) / (2 * (1 - psi)))


_POOL = {
    "OR": _odds_ratio,
    "RR": _risk_ratio,
    "RD": _risk_difference,
    "IRR": _rate_ratio,
    "IRD": _rate_difference,
}
