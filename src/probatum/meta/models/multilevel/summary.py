"""A multilevel fit as plain rows, and as text."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from probatum.meta import summary as plain
from probatum.meta.models.multilevel.types import MultilevelFit


def glance(fit: MultilevelFit) -> dict[str, Any]:
    """One row for the fit: size, model, heterogeneity, omnibus test, fit statistics."""
    row: dict[str, Any] = {
        "k": fit.k,
        "k_left_out": fit.k_left_out,
        "p": fit.p,
        "measure": fit.measure,
        "model": "multilevel",
        "method": fit.method,
        "test": fit.test,
        "level": fit.level,
        "I2": fit.I2,
        "QE": fit.QE,
        "QEp": fit.QEp,
        "QM": fit.QM,
        "QMp": fit.QMp,
        "QMdf1": fit.QMdf[0],
        "QMdf2": fit.QMdf[1],
    }
    stats = fit.fit_stats[fit.method]
    row.update((n, getattr(stats, n)) for n in ("ll", "dev", "AIC", "BIC", "AICc"))
    row.update(status=fit.status, converged=fit.converged)
    return row


def summary(fit: MultilevelFit) -> str:
    """What was pooled, the variances, the coefficients, and what was left out or fixed."""
    what = f", {fit.p} coefficients" if fit.p > 1 else ""
    lines = [f"Multilevel model of {fit.k} estimates ({fit.measure}, by {fit.method}{what})", ""]
    lines += [*_components(fit), ""]
    left = "Residual heterogeneity" if fit.p > 1 else "Heterogeneity"
    total = "" if math.isnan(fit.I2) else f", I2 = {fit.I2:.1f}%"
    test = f"Q({fit.k - fit.p}) = {plain.number(fit.QE)}, {plain.p_text(fit.QEp)}"
    lines.append(f"{left}: {test}{total}")
    if fit.p > 1:
        lines.append(plain.omnibus_line(fit))
    lines += ["", *_coefficients(fit)]
    if fit.k_left_out:
        reasons = Counter(r for r in fit.left_out if r)
        told = "; ".join(f"{n} with {r}" if r.startswith("no ") else f"{n}: {r}"
                         for r, n in reasons.items())  # fmt: skip
        lines += ["", f"Left out: {fit.k_left_out} of {len(fit.data)} rows ({told})."]
    lines += [f"Note: {note}" for note in fit.notes]
    if not fit.converged:
        lines += ["", "The search for the variances did not converge: don't use these numbers."]
    return "\n".join(lines)


def _components(fit: MultilevelFit) -> list[str]:
    rows: list[tuple[str, ...]] = [("", "estimate", "se", "sqrt", "I2", "groups", "")]
    for row, c in zip(fit.variance_components(), fit.components):
        share = "-" if math.isnan(c.I2) else f"{c.I2:.1f}%"
        numbers = [plain.number(row[n]) for n in ("estimate", "se", "sqrt")]
        rows.append((c.name, *numbers, share, str(c.groups), "fixed" if c.fixed else ""))
    return plain.table(rows)


def _coefficients(fit: MultilevelFit) -> list[str]:
    stat = "z" if fit.test == "z" else "t"
    rows: list[tuple[str, ...]] = [
        ("", "estimate", "se", stat, "df", "p", f"{fit.level:g}% CI", "")
    ]
    for row, df in zip(plain.tidy(fit), fit.dfs):
        p = plain.p_text(row["pval"]).removeprefix("p = ").removeprefix("p ")
        numbers = [plain.number(row[n]) for n in ("estimate", "se", "stat")]
        limits = [plain.number(row["ci_lb"]), plain.number(row["ci_ub"])]
        rows.append((row["term"], *numbers, "-" if math.isnan(df) else f"{df:g}", p, *limits))
    return plain.table(rows)
