"""The methods page: the flow as figure and table, each number with its sets, and the searches."""

import datetime
import json
from pathlib import Path

import pytest

from probatum.cli.main import main
from probatum.review.searches.importing import Facts, import_export

DAY = datetime.date(2026, 11, 25)
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "review"
    assert main(["new", str(folder)]) == 0
    export = tmp_path / "a.ris"
    export.write_text("".join(f"TY  - JOUR\nTI  - t {i} {HOSTILE}\nER  - \n" for i in range(3)))
    facts = Facts(database=f"Embase {HOSTILE}", query=f"1. ketamine\n2. {HOSTILE}")
    name = import_export(folder, export, facts, today=DAY).search
    ids = [f"{name}-{n:05d}" for n in (1, 2, 3)]
    (folder / "records").mkdir()
    (folder / "records/duplicates.csv").write_text(f"a,b,decision\n{ids[0]},{ids[2]},duplicate\n")
    place = folder / "screening/full-text"
    place.mkdir(parents=True)
    (place / "ann.csv").write_text(f"record,decision,reason\n{ids[1]},exclude,{HOSTILE}\n")
    unrun = folder / "searches/pubmed"
    unrun.mkdir()
    (unrun / "search.toml").write_text('database = "PubMed"\nquery = "ketamine[mh]"\n')
    assert main(["build", str(folder), "--out", str(tmp_path / "site")]) == 0
    return tmp_path / "site"


def test_every_box_is_in_the_manifest_with_its_sets(built: Path) -> None:
    numbers = json.loads((built / "manifest.json").read_text())["numbers"]
    flow = {name[5:]: entry["display"] for name, entry in numbers.items() if name[:5] == "flow/"}
    expected = {"identified": "3", "duplicates": "1", "works": "2", "screened": "1"}
    expected |= {"unscreened": "1", "assessed": "1", "excluded_reports": "1", "included": "0"}
    assert expected.items() <= flow.items()
    assert all(entry["refs"] for entry in numbers.values())


def test_what_was_not_run_is_told_and_nothing_hostile_gets_through(built: Path) -> None:
    page = (built / "methods.html").read_text()
    assert "Not all searches that are written below have been run" in page
    assert "PubMed: not run yet" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_review_without_searches_shows_no_flow(tmp_path: Path) -> None:
    assert main(["new", str(tmp_path / "r")]) == 0
    assert main(["build", str(tmp_path / "r"), "--out", str(tmp_path / "site")]) == 0
    assert 'id="flow"' not in (tmp_path / "site/methods.html").read_text()
