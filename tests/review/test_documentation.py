"""docs/review-folder.md names every key and column that there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from probatum.review import model
from probatum.review.decisions import DecisionRow
from probatum.review.duplicates import Link
from probatum.review.searches.model import Limit, Search

DOCS = (Path(__file__).parents[2] / "docs" / "review-folder.md").read_text(encoding="utf-8")
FROM_NAMES = {"id", "body"}  # of a file or folder, or the text after the front matter


@pytest.mark.parametrize(
    "kind",
    [model.ReviewInfo, model.SourceType, model.Study, model.Report, model.Arm, model.OutcomeRow,
     model.Estimate, model.Patient, model.RobRow, *model.REGISTERS.values(), model.AnalysisSpec,
     model.Select, model.Sensitivity, model.Certainty, model.CertaintyReason, model.Question,
     model.Claim, model.Theme, model.Topic, model.GlossaryTerm, model.RegisterInfo,
     Search, Limit, Link, DecisionRow],
)  # fmt: skip
def test_every_field_is_named(kind: type[model.Frozen]) -> None:
    tables = {"outcomes", "estimates", "patients", "rob", "lost", "lost_patients"}
    tables = tables if kind is model.Study else set()
    missing = [f for f in kind.model_fields if f"`{f}`" not in DOCS]
    assert [f for f in missing if f not in FROM_NAMES | tables] == []
