"""A whole small review: the incremental build equals a clean one, and makes only what it must."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import small_review

import probatum.site.pages  # noqa: F401  (registers the pages)
from probatum.build import build as module
from probatum.build.build import CACHE, BuildReport, build
from probatum.build.manifest import Manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_review.write(tmp_path / "review")


def tree(path: Path) -> dict[str, bytes]:
    return {
        p.relative_to(path).as_posix(): p.read_bytes()
        for p in sorted(path.rglob("*"))
        if p.is_file()
    }


def clean(folder: Path, name: str) -> dict[str, bytes]:
    """Bytes of a build of a copy without any cache."""
    copy = folder.parent / name
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".probatum"))
    build(copy, folder.parent / f"{name}-site")
    return tree(folder.parent / f"{name}-site")


def made(report: BuildReport, kind: str) -> set[str]:
    return {node for node in report.rebuilt_nodes if node.partition(":")[0] == kind}


def test_small_review_is_without_problems(folder: Path):
    report = build(folder, folder.parent / "site")
    assert [str(found) for found in report.problems] == []
    entries = json.loads((folder.parent / "site/data/analyses.json").read_text())
    assert [entry["id"] for entry in entries] == ["harm", "relapse", "relapse--risk"]
    assert [entry["k"] for entry in entries] == [2, 5, 5]


def test_two_builds_are_identical_and_the_second_makes_nothing(folder: Path):
    site = folder.parent / "site"
    build(folder, site)
    before = tree(site)
    again = build(folder, site)
    assert (again.rebuilt_nodes, again.written) == ([], [])
    assert tree(site) == before == clean(folder, "other")


@pytest.mark.parametrize("seed", range(4))
def test_incremental_equals_clean_over_random_edits(folder: Path, seed: int):
    dice = random.Random(seed)
    site = folder.parent / "site"
    build(folder, site)
    done = []
    for turn in range(6):
        done.append(small_review.edit(folder, dice))
        build(folder, site)
        assert tree(site) == clean(folder, f"clean{turn}"), done


def test_a_cell_rebuilds_only_what_rests_on_it(folder: Path):
    site = folder.parent / "site"
    build(folder, site)
    path = folder / "studies/trial-e/outcomes.csv"  # of relapse, not of harm
    path.write_text(path.read_text().replace("e1,T,relapse,40,6", "e1,T,relapse,40,7"))
    report = build(folder, site)
    assert made(report, "parsed") == {"parsed:study:trial-e"}
    assert made(report, "study") == {"study:trial-e"}
    assert made(report, "keys") == {"keys:trial-e"}
    assert made(report, "index") == made(report, "having") == made(report, "spec") == set()
    assert made(report, "result") == {"result:relapse", "result:relapse--risk"}
    pages = made(report, "page")
    assert {"page:analyses/relapse.html", "page:studies/trial-e.html"} <= pages
    assert not {"page:analyses/harm.html", "page:studies/trial-a.html", "page:methods.html"} & pages


def test_a_blank_line_changes_nothing_of_the_site(folder: Path):
    site = folder.parent / "site"
    build(folder, site)
    path = folder / "studies/trial-e/outcomes.csv"
    path.write_text(path.read_text() + "\n\n")
    report = build(folder, site)
    assert made(report, "parsed") == {"parsed:study:trial-e"}
    assert report.written == []
    assert made(report, "result") == made(report, "page") == set()


def test_manifest_fits_its_schema_and_every_ref_resolves(folder: Path):
    build(folder, folder.parent / "site")
    manifest = json.loads((folder.parent / "site/manifest.json").read_text())
    schema = Path(module.__file__).with_name("manifest.schema.json")
    jsonschema.validate(manifest, json.loads(schema.read_text()))
    assert manifest["numbers"]
    known = Manifest(manifest)
    for name in known.numbers:
        assert known.refs(name)
        assert all(known.source(ref) for ref in known.refs(name)), name
    one = known.source("studies/trial-a/outcomes.csv#a1/T.events")
    assert one is not None
    assert (one["file"], one["row"], one["field"]) == (
        "studies/trial-a/outcomes.csv",
        "a1/T",
        "events",
    )
    assert (one["citation"], one["locator"], one["source_type"]) == (
        "Trial a 2001",
        "p. 3",
        "paper",
    )
    assert one["cite_url"] == "https://doi.org/10.1000/a"
    # what all numbers of a pooled result share is written once
    shared = manifest["numbers"]["relapse/estimate"]["refs"]
    assert shared == manifest["numbers"]["relapse/ci"]["refs"]
    assert len(shared) == 1
    assert len(known.refs("relapse/estimate")) == 10
    assert known.source("studies/trial-a/outcomes.csv#nothing/T") is None


def test_a_number_that_leads_nowhere_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch):
    from probatum.build.steps import sources

    def forgets(known: dict[str, Any], key: str) -> tuple[str, dict[str, Any]] | None:
        return None if key.startswith("c1/T") else plain(known, key)

    plain = sources.resolve
    monkeypatch.setattr("probatum.build.manifest.resolve", forgets)
    found = build(folder, folder.parent / "site").problems
    assert {p.code for p in found} == {"E610"}
    assert any("studies/trial-c/outcomes.csv#c1/T" in p.message for p in found)


def test_garbage_in_the_cache_is_made_good(folder: Path):
    site = folder.parent / "site"
    build(folder, site)
    before = tree(site)
    (folder / CACHE).write_bytes(os.urandom(5000))
    assert build(folder, site).problems == []
    assert tree(site) == before
    assert build(folder, site).rebuilt_nodes == []


def test_a_damaged_study_leaves_the_rest(folder: Path):
    (folder / "studies/trial-a/study.toml").write_text("title = \n")
    report = build(folder, folder.parent / "site")
    assert report.failed
    assert {p.file for p in report.problems if p.severity == "error"} == {
        "studies/trial-a/study.toml"
    }
    entries = json.loads((folder.parent / "site/data/analyses.json").read_text())
    assert [entry["k"] for entry in entries] == [1, 4, 4]


def test_no_review_is_a_problem_not_a_traceback(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    report = build(tmp_path / "empty", tmp_path / "site")
    assert "E101" in {found.code for found in report.problems}
    assert not any("Error" in found.message for found in report.problems)


def test_killed_at_any_moment(folder: Path):
    site = folder.parent / "site"
    program = (
        "import sys, pathlib; import probatum.site.pages;"
        "from probatum.build.build import build; print('go', flush=True);"
        "build(*[pathlib.Path(text) for text in sys.argv[1:]])"
    )
    for wait in (0.02, 0.1, 0.25):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(folder), str(site)], stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(wait)
            child.send_signal(signal.SIGKILL)
    assert build(folder, site).problems == []
    assert tree(site) == clean(folder, "other")
