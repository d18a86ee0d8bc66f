"""`probatum why`: from a shown number to where it was read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from probatum.cli.main import main

sys.path.insert(0, str(Path(__file__).parents[1] / "build"))
import small_review


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(small_review.write(tmp_path / "review"))


def test_an_analysis_leads_to_its_rows(folder: str, capsys: pytest.CaptureFixture[str]):
    assert main(["why", "relapse", "--folder", folder]) == 0
    told = capsys.readouterr().out
    assert "made by result:relapse" in told
    assert "analyses/relapse.toml" in told
    assert "studies/trial-c/outcomes.csv#c1/T" in told
    assert "Trial c 2001, p. 3, paper" in told
    assert "https://doi.org/10.1000/c" in told


def test_a_row_leads_to_its_numbers(folder: str, capsys: pytest.CaptureFixture[str]):
    assert main(["why", "d1", "--folder", folder, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told
    assert all("trial-d" in ref for item in told for ref in item["refs"])
    one = next(item for item in told if item["refs"][0].endswith("d1/C.events"))
    assert one["display"] == "2"
    assert any(node == "file:studies/trial-d/outcomes.csv" for node in one["path"])


def test_an_unknown_number_is_misuse(folder: str, capsys: pytest.CaptureFixture[str]):
    assert main(["why", "relapse/estimat", "--folder", folder]) == 2
    assert 'Did you mean "relapse/estimate"?' in capsys.readouterr().err
