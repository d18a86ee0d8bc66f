"""The packages ours is measured against, each as its documentation says to use it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import Floats


def pymare(y: Floats, v: Floats) -> tuple[float, float]:
    """REML by PyMARE: estimate and tau2."""
    from pymare import Dataset
    from pymare.estimators import VarianceBasedLikelihoodEstimator

    data = Dataset(y=y[:, None], v=v[:, None], X=np.ones((len(y), 1)), add_intercept=False)
    out = VarianceBasedLikelihoodEstimator(method="REML").fit_dataset(data).summary()
    return float(np.ravel(out.get_fe_stats()["est"])[0]), float(np.ravel(out.tau2)[0])


def statsmodels(y: Floats, v: Floats) -> Any:
    """Paule-Mandel by statsmodels, which has no REML."""
    from statsmodels.stats.meta_analysis import combine_effects

    return combine_effects(y, v, method_re="iterated").summary_frame()


def pymetaanalysis(y: Floats, v: Floats) -> tuple[float, float]:
    """REML with Hartung-Knapp intervals by PyMetaAnalysis: estimate and tau2."""
    from meta_analyze import meta_analysis

    out = meta_analysis(effect=y, variance=v, tau2_method="REML", ci_method="hartung_knapp")
    return float(out.estimate), float(out.tau2)


def in_r(script: str, text: str, *arguments: str) -> Any:
    """What one of the R scripts here finds in `text`; or, as a string, why it can't be run."""
    if shutil.which("Rscript") is None:
        return "R is not installed (Debian: apt-get install r-cran-metafor)"
    path = Path(__file__).with_name(script)
    run = subprocess.run(
        ["Rscript", "--vanilla", str(path), *arguments],
        input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if run.returncode != 0:
        return f"R has no metafor: {run.stderr.strip().splitlines()[-1]}"
    return json.loads(run.stdout)


def metafor(sets: list[tuple[Floats, Floats]], rounds: int) -> dict[str, Any] | str:
    """CPU seconds of metafor for one REML + knha fit of each set, or why it can't be measured.

    The least of `rounds` rounds over all sets, and the tau2 (None where metafor stopped).
    """
    text = "\n".join(" ".join(map(repr, y.tolist() + v.tolist())) for y, v in sets)
    found: dict[str, Any] | str = in_r("metafor.R", text, str(rounds))
    return found
