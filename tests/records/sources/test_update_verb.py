"""``probatum search`` and ``probatum update`` against a loopback service."""

import json
from pathlib import Path

import pytest
from fake_services import Fake, serving

from probatum.cli.main import main

pytest.importorskip("polars")


@pytest.fixture
def review(tmp_path: Path) -> Path:
    folder = tmp_path / "review"
    assert main(["new", str(folder)]) == 0
    place = folder / "searches" / "s"
    place.mkdir(parents=True)
    (place / "search.toml").write_text(
        'database = "Europe PMC"\nservice = "europe-pmc"\nquery = "ketamine"\n'
    )
    return folder


def test_run_update_and_list(
    review: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = Fake(5)
    with serving(fake) as base:
        monkeypatch.setenv("PROBATUM_EUROPE_PMC_URL", f"{base}/europe")
        assert main(["update", str(review)]) == 1
        assert "was not run yet" in capsys.readouterr().err
        assert main(["search", "run", "--review", str(review)]) == 0
        assert "reported 5 results; 5 entries = 5 records + 0" in capsys.readouterr().out
        assert main(["search", "run", "s", "--review", str(review)]) == 1
        assert "probatum search update s" in capsys.readouterr().err
        fake.count = 6
        assert main(["update", str(review), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["title"] for row in told["searches"][0]["new"]] == ["Work 5"]
    assert told["duplicates"]["records"] == 11
    assert main(["search", "list", "--review", str(review)]) == 0
    assert "5 records" in capsys.readouterr().out
    assert main(["check", str(review)]) == 0


def test_a_service_that_is_down_is_told(
    review: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from probatum.records.sources import client

    monkeypatch.setattr(client, "TRIES", 1)
    monkeypatch.setenv("PROBATUM_EUROPE_PMC_URL", "http://127.0.0.1:9")
    assert main(["search", "run", "s", "--review", str(review)]) == 1
    assert "Run the same command again" in capsys.readouterr().err
    assert main(["search", "run", "t", "--review", str(review)]) == 1
    assert "There are: s" in capsys.readouterr().err


def test_misuse_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["update", str(tmp_path)]) == 2
    assert main(["search", "list", "--review", str(tmp_path)]) == 2
    assert "no review.toml" in capsys.readouterr().err
