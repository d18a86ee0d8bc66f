"""The golden review: thirteen trials of BCG vaccination (Colditz et al. 1994)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from probatum.build.build import build
from probatum.review.load import load

ROOT = Path(__file__).parents[2]
BCG = ROOT / "examples" / "bcg"


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    out = tmp_path_factory.mktemp("bcg")
    assert build(BCG, out).problems == []
    return {e["id"]: e for e in json.loads((out / "data" / "analyses.json").read_text())}


def test_folder_is_clean():
    review = load(BCG)
    assert review.problems == []
    assert len(review.studies) == 13


def test_published_result(entries):
    """Colditz et al. 1994, abstract: RR 0.49 (95% CI 0.34 to 0.70), DerSimonian-Laird."""
    entry = entries["tuberculosis--as-published"]
    assert entry["k"] == 13
    assert entry["estimate"] == pytest.approx(0.49, abs=0.005)
    assert entry["ci_lb"] == pytest.approx(0.34, abs=0.006)
    assert entry["ci_ub"] == pytest.approx(0.70, abs=0.006)


def test_reml_is_metafors(entries):
    """metafor 3.8: rma(ai=tpos, ..., measure="RR", method="REML"), tau2 and estimate."""
    entry = entries["tuberculosis"]
    assert entry["tau2"] == pytest.approx(0.313243258, rel=1e-6)
    assert entry["I2"] == pytest.approx(92.22138, rel=1e-6)
