"""A fit as plain rows, and as text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from probatum.meta.types import MetaFit

if TYPE_CHECKING:
    from probatum.meta.models.multilevel.types import MultilevelFit

_TEST = {
    "z": "normal distribution",
    "t": "t-distribution",
    "knha": "Hartung-Knapp",
    "adhoc": "Hartung-Knapp, never narrower than the plain interval",
    "kr": "Kenward-Roger",
}


def tidy(fit: MetaFit | MultilevelFit) -> list[dict[str, Any]]:
    """One row per coefficient: ``term estimate se stat pval ci_lb ci_ub``."""
    return [
        {
            "term": name,
            "estimate": float(fit.beta[j]),
            "se": float(fit.se[j]),
            "stat": float(fit.zval[j]),
            "pval": float(fit.pval[j]),
            "ci_lb": float(fit.ci_lb[j]),
            "ci_ub": float(fit.ci_ub[j]),
        }
        for j, name in enumerate(fit.names)
    ]


def glance(fit: MetaFit) -> dict[str, Any]:
    """One row for the fit: size, model, heterogeneity, omnibus test, fit statistics."""
    stats = fit.fit_stats.get("REML" if fit.method == "REML" else "ML")
    row: dict[str, Any] = {
        "k": fit.k,
        "k_left_out": fit.k_left_out,
        "p": fit.p,
        "measure": fit.measure,
        "model": fit.model,
        "method": fit.method,
        "test": fit.test,
        "level": fit.level,
    }
    row.update((n, getattr(fit, n)) for n in ("tau2", "se_tau2", "I2", "H2", "R2", "QE", "QEp"))
    row.update(QM=fit.QM, QMp=fit.QMp, QMdf1=fit.QMdf[0], QMdf2=fit.QMdf[1])
    nan = float("nan")
    row.update((n, getattr(stats, n, nan)) for n in ("ll", "dev", "AIC", "BIC", "AICc"))
    row.update(status=fit.status, converged=fit.converged)
    return row


def summary(fit: MetaFit) -> str:
    """What was pooled, the heterogeneity, the coefficients, and what was left out and why."""
    lines = [_title(fit), ""]
    lines += [*_heterogeneity(fit), ""]
    if fit.p > 1:
        lines += [omnibus_line(fit), ""]
    lines += _coefficients(fit)
    if fit.k_left_out:
        reasons = Counter(r for r in fit.left_out if r)
        told = "; ".join(f"{n} with {r}" if r.startswith("no ") else f"{n}: {r}"
                         for r, n in reasons.items())  # fmt: skip
        lines += ["", f"Left out: {fit.k_left_out} of {len(fit.data)} rows ({told})."]
    if not fit.converged:
        lines += ["", "The search for tau2 did not converge: don't use these numbers."]
    return "\n".join(lines)


def _title(fit: MetaFit) -> str:
    kind = {"EE": "Equal-effects model"}.get(fit.method, "Random-effects model")
    if fit.model != "inverse variance":
        kind = f"{fit.model} model"
    elif fit.p > 1:
        kind = f"Meta-regression, {fit.p} coefficients"
    how = "" if fit.method == "EE" or fit.model != "inverse variance" else f", tau2 by {fit.method}"
    how = ", tau2 given" if fit.tau2_given else how
    plain = "" if fit.own_weights else ", weights given" if fit.weighted else ", unweighted"
    return f"{kind} of {fit.k} estimates ({fit.measure}{how}{plain})"


def _heterogeneity(fit: MetaFit) -> list[str]:
    if "LRT" in fit.extra:
        return _dispersion(fit)
    left = "Residual heterogeneity" if fit.p > 1 else "Heterogeneity"
    out = []
    if fit.method != "EE" and fit.model == "inverse variance":
        error = "" if math.isnan(fit.se_tau2) else f" (SE {number(fit.se_tau2)})"
        out.append(f"{left}: tau2 = {number(fit.tau2)}{error}, tau = {number(fit.tau2**0.5)}")
    r2 = "" if math.isnan(fit.R2) else f", R2 = {fit.R2:.1f}%"
    out.append(f"I2 = {fit.I2:.1f}%, H2 = {fit.H2:.2f}{r2}")
    out.append(f"Test: Q({fit.QEdf}) = {number(fit.QE)}, {p_text(fit.QEp)}")
    return out


def _dispersion(fit: MetaFit) -> list[str]:
    """Of a beta-binomial model, which has no tau2."""
    found = fit.extra
    if "beta" in found:
        out = [f"Heterogeneity: risks with common beta = {number(found['beta'])}"]
    else:
        error = "" if math.isnan(found["se_rho"]) else f" (SE {number(found['se_rho'])})"
        out = [f"Heterogeneity: intraclass correlation = {number(found['rho'])}{error}"]
    return [*out, f"Test of none: LRT = {number(found['LRT'])}, {p_text(found['LRTp'])}"]


def omnibus_line(fit: MetaFit | MultilevelFit) -> str:
    """The test of the moderators."""
    if math.isnan(fit.QMdf[1]):
        name = f"chi2({fit.QMdf[0]:g})"
    else:
        name = f"F({fit.QMdf[0]:g}, {fit.QMdf[1]:g})"
    return f"Moderators: {name} = {number(fit.QM)}, {p_text(fit.QMp)}"


def _coefficients(fit: MetaFit) -> list[str]:
    stat = "z" if fit.test == "z" else "t" if math.isnan(fit.dfs) else f"t({fit.dfs:g})"
    head = ("", "estimate", "se", stat, "p", f"{fit.level:g}% CI", "")
    rows = [head]
    for row in tidy(fit):
        p = p_text(row["pval"]).removeprefix("p = ").removeprefix("p ")
        numbers = [number(row[n]) for n in ("estimate", "se", "stat")]
        limits = [number(row["ci_lb"]), number(row["ci_ub"])]
        rows.append((row["term"], *numbers, p, *limits))
    return [*table(rows), f"(tests and intervals: {_TEST[fit.test]})"]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines of text: the first column to the left, the others to the right."""
    wide = [max(len(r[j]) for r in rows) for j in range(len(rows[0]))]
    text = [
        "  ".join(c.ljust(w) if j == 0 else c.rjust(w) for j, (c, w) in enumerate(zip(r, wide)))
        for r in rows
    ]
    return [line.rstrip() for line in text]


def number(x: float) -> str:
    """Four decimals, or powers of ten for very small and large numbers."""
    if math.isnan(x):
        return "-"
    return f"{x:.4f}" if x == 0 or 1e-3 <= abs(x) < 1e5 else f"{x:.3e}"


def p_text(p: float) -> str:
    """As in ``p = 0.0123`` or ``p < 0.0001``."""
    if math.isnan(p):
        return "p = -"
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.4f}"
