"""Program text that computes a result again, in Python and in R."""

from __future__ import annotations

from dataclasses import dataclass

from probatum.build.results import AnalysisResult


@dataclass(frozen=True, slots=True)
class Snippet:
    """Program text with a heading."""

    label: str
    text: str


def snippets(result: AnalysisResult) -> list[Snippet]:
    """Return how to pool the same effects with Probatum and with metafor."""
    if result.model == "one-stage" and result.pooled is not None:
        return _one_stage(result)
    found = [(s.yi, s.vi) for s in result.studies if s.yi is not None and s.vi is not None]
    if len(found) < 2 or result.pooled is None or result.model not in ("random", "equal"):
        return []
    yi = ", ".join(f"{y:.10g}" for y, _ in found)
    vi = ", ".join(f"{v:.10g}" for _, v in found)
    method = "EE" if result.model == "equal" else result.method
    python = (
        f"import probatum as pb\n\nyi = [{yi}]\nvi = [{vi}]\n"
        f'fit = pb.pool(yi, vi, method="{method}", test="{result.test}", level={result.level:g})\n'
        "print(fit.summary())\n"
    )
    r = (
        f"library(metafor)\n\nyi <- c({yi})\nvi <- c({vi})\n"
        f'rma(yi, vi, method = "{method}", test = "{result.test}", level = {result.level:g})\n'
    )
    return [Snippet("Python", python), Snippet("R (metafor)", r)]


def _one_stage(result: AnalysisResult) -> list[Snippet]:
    """The mixed model of every person's change."""
    pairs = [(i, change) for i, s in enumerate(result.studies, 1) for change in s.changes]
    series, change = (", ".join(f"{x:.10g}" for x in column) for column in zip(*pairs))
    python = (
        f"import probatum as pb\n\nseries = [{series}]\nchange = [{change}]\n"
        f'found = pb.pool_patients(series=series, change=change, method="{result.method}", '
        f'test="{result.test}", level={result.level:g})\n'
        "print(found.summary())\n"
    )
    r = (
        f"library(lme4)\n\nseries <- c({series})\nchange <- c({change})\n"
        f"summary(lmer(change ~ 1 + (1 | series), REML = {str(result.method == 'REML').upper()}))\n"
    )
    return [Snippet("Python", python), Snippet("R (mixed model)", r)]
