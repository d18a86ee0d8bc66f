"""Confidence limits by inverting a permutation test."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import probatum as pb
from probatum.meta.diagnostics import permutation

FILE = Path(__file__).parents[2] / "validation" / "permutation_limits.json"
PINNED = json.loads(FILE.read_text())
YI, VI = np.array(PINNED["yi"]), np.array(PINNED["vi"])
LATITUDE = np.array([44, 55, 42, 52, 13, 44, 19.0])


@pytest.mark.parametrize("case", PINNED["cases"], ids=lambda c: f"{c['method']}-{c['test']}")
def test_limits_are_metafors(case: dict[str, str | float]) -> None:
    fit = pb.pool(YI, VI, method=str(case["method"]), test=str(case["test"]))
    found = pb.permutest(fit, ci=True)
    assert found.pval[0] == pytest.approx(case["pval"])
    # what counts as a tie (1e-7 here, 1.5e-8 there) moves the value at which p jumps
    assert found.ci_lb[0] == pytest.approx(case["ci_lb"], rel=1e-5)
    assert found.ci_ub[0] == pytest.approx(case["ci_ub"], rel=1e-5)


def test_the_pinned_cases_did_not_shrink() -> None:
    assert len(PINNED["cases"]) == 4


@pytest.mark.parametrize("level", [95.0, 80.0])
def test_values_beyond_the_limits_are_refuted_and_those_within_are_not(level: float) -> None:
    fit = pb.pool(YI, VI, mods=LATITUDE, method="DL", test="z")
    found = pb.permutest(fit, exact=False, iterations=300, ci=True, level=level)
    alpha = 1.0 - level / 100.0
    for j in range(2):
        for limit, outwards in ((found.ci_lb[j], -1.0), (found.ci_ub[j], 1.0)):
            if np.isinf(limit):
                continue
            for step, refuted in ((1e-4, True), (-1e-4, False)):
                value = limit + outwards * step * fit.se[j]
                moved = pb.pool(YI - fit.X[:, j] * value, VI, mods=LATITUDE, method="DL", test="z")
                again = pb.permutest(moved, exact=False, iterations=300)
                assert (again.pval[j] <= alpha) == refuted
    assert np.isfinite(found.ci_lb).all() or level == 95.0
    assert (found.ci_lb < fit.beta).all()
    assert (found.ci_ub > fit.beta).all()


def test_too_few_versions_refute_nothing() -> None:
    found = pb.permutest(pb.pool(YI[:4], VI[:4]), ci=True)
    assert found.versions == 16
    assert (found.ci_lb[0], found.ci_ub[0]) == (-np.inf, np.inf)
    eighty = pb.permutest(pb.pool(YI[:4], VI[:4]), ci=True, level=80)
    assert np.isfinite([eighty.ci_lb[0], eighty.ci_ub[0]]).all()


def test_limits_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = pb.pool(YI, VI)
    assert np.isnan(pb.permutest(fit).ci_lb).all()
    monkeypatch.setattr(permutation, "_MOST_FOR_LIMITS", 100)
    with pytest.raises(pb.BadInput, match="at most 100 versions"):
        pb.permutest(fit, ci=True)
