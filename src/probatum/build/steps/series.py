"""Case series: a line of the forest plot for the patients of each study, and their pooling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from probatum.build.results import StudyEffect
from probatum.build.steps.effects import Contrast, keys_of, labels_of
from probatum.build.steps.pooling import fitter
from probatum.meta.patients.mixed import MixedFit
from probatum.meta.patients.pairs import ROUNDING
from probatum.meta.patients.standardised import standardised_change
from probatum.meta.types import Floats
from probatum.review.model import AnalysisSpec

LONE = "one person has no spread; a one-stage model can take the person in"
FEW = "too few people for a standardised change"
ALIKE = "all changed alike, so there is no spread"


def series_effects(contrasts: Sequence[Contrast], spec: AnalysisSpec) -> list[StudyEffect]:
    """One line per study: the change of its patients, with limits from t.

    Standardised changes have those of the noncentral t distribution. A single person has a
    change and no limits, and stands in models that need no spread of each study.
    """
    lines = []
    for key, label, contrast in zip(keys_of(contrasts), labels_of(contrasts), contrasts):
        before = np.array([row.before.value for row in contrast.people if row.before])
        after = np.array([row.after.value for row in contrast.people if row.after])
        change = after - before
        tiny = ROUNDING * float(max(np.abs(before).max(), np.abs(after).max()))
        measured = _standardised if spec.measure == "SMCC" else _mean
        found = measured(change, tiny, spec)
        lines.append(
            StudyEffect(
                key=key,
                study=contrast.study,
                label=label,
                result=contrast.result,
                refs=contrast.refs(),
                arm="after",
                comparator="before",
                cells={
                    "mean_before": float(before.mean()),
                    "n_people": float(len(change)),
                    "mean_after": float(after.mean()),
                },
                changes=[float(x) for x in change],
                n=float(len(change)),
                subgroup=contrast.subgroup,
                frame=contrast.frame,
                source_type=next((x.source_type for x in contrast.people if x.source_type), ""),
                **found,
            )
        )
    return lines


def _mean(change: Floats, tiny: float, spec: AnalysisSpec) -> dict[str, float | str | None]:
    n, mean = len(change), float(change.mean())
    spread = float(change.std(ddof=1)) if n > 1 else 0.0
    if spread > tiny:
        half = -float(stdtrit(n - 1, 0.5 - spec.level / 200)) * spread / n**0.5
        limits = {"ci_lb": mean - half, "ci_ub": mean + half}
        return {"yi": mean, "vi": spread**2 / n, "estimate": mean, **limits}
    if spec.model in ("one-stage", "none"):
        return {"yi": mean, "estimate": mean}
    return {"reason": LONE if n == 1 else ALIKE}


def _standardised(change: Floats, tiny: float, spec: AnalysisSpec) -> dict[str, float | str | None]:
    if len(change) < 3:
        return {"reason": FEW}
    if float(change.std(ddof=1)) <= tiny:
        return {"reason": ALIKE}
    found = standardised_change(change, alpha=1 - spec.level / 100)
    limits = {"ci_lb": found.ci_lb, "ci_ub": found.ci_ub}
    return {"yi": found.estimate, "vi": found.vi, "estimate": found.estimate, **limits}


@dataclass(frozen=True, slots=True)
class _OneStage:
    """A mixed model as the other fits look: `QEdf` and heterogeneity have no counterpart."""

    fit: MixedFit
    weights: Floats

    def __getattr__(self, name: str) -> object:
        return getattr(self.fit, name)

    @property
    def tau2(self) -> float:
        """Variance between the studies."""
        return float(self.fit.G[0, 0])


@fitter("one-stage")
def _one_stage(lines: Sequence[StudyEffect], spec: AnalysisSpec, test: str) -> _OneStage:
    from probatum.meta.patients.series import pool_patients

    found = pool_patients(
        series=[line.key for line in lines for _ in line.changes],
        change=[change for line in lines for change in line.changes],
        method=spec.method,
        test="z" if test == "z" else "t",
        level=spec.level,
    )
    fit = found.one_stage
    assert isinstance(fit, MixedFit)  # of changes
    sizes = np.array([len(line.changes) for line in lines], dtype=np.float64)
    weights = sizes / (fit.sigma2 + sizes * fit.G[0, 0])
    return _OneStage(fit, 100 * weights / weights.sum())
