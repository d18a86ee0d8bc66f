"""A review of many studies: the same site, an edit that rebuilds no more, memory with a bound."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import small_review

import probatum.site.pages  # noqa: F401  (registers the pages)
from probatum.build.build import build


def write(root: Path, count: int) -> Path:
    """Write a review of `count` trials."""
    small_review.write(root)
    shutil.rmtree(root / "studies")
    (root / "analyses/harm.toml").unlink()  # these trials have no harms
    dice = random.Random(count)
    for number in range(count):
        name = f"{number:04d}"
        folder = root / f"studies/trial-{name}"
        folder.mkdir(parents=True)
        condition = dice.choice(["first", "second"])
        study = small_review.STUDY.format(letter=name, condition=condition)
        (folder / "study.toml").write_text(study)
        n1, n2 = dice.randint(40, 90), dice.randint(40, 90)
        cells = (dice.randint(1, 20), n1, dice.randint(1, 20), n2)
        (folder / "outcomes.csv").write_text(small_review.outcomes(f"t{name}-", cells))
    return root


def edit(folder: Path) -> None:
    path = folder / "studies/trial-0007/outcomes.csv"
    text = path.read_text()
    line = next(line for line in text.split("\n") if ",T,relapse," in line)
    cells = line.split(",")
    cells[4] = str(int(cells[4]) + 1)
    path.write_text(text.replace(line, ",".join(cells)))


@pytest.mark.parametrize("count", [30, 120])
def test_an_edit_rebuilds_as_much_as_in_a_small_review(tmp_path: Path, count: int):
    folder, site = write(tmp_path / "review", count), tmp_path / "site"
    assert build(folder, site).problems == []
    entries = {e["id"]: e for e in json.loads((site / "data/analyses.json").read_text())}
    assert entries["relapse"]["k"] == count
    edit(folder)
    report = build(folder, site)
    assert report.problems == []
    touched = {n for n in report.rebuilt_nodes if "trial-" in n}
    assert all("trial-0007" in node for node in touched)
    assert 5 < len(report.rebuilt_nodes) < 60


MEASURED = """
import resource, sys
from probatum.cli.main import main
code = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MB")
sys.exit(code)
"""


@pytest.mark.slow
def test_two_thousand_studies(tmp_path: Path):
    folder, site = write(tmp_path / "review", 2000), tmp_path / "site"
    words = [sys.executable, "-c", MEASURED, "build", str(folder), "--out", str(site)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[-2]) < 1500
    assert len(list((site / "studies").glob("trial-*.html"))) == 2000
    entries = {e["id"]: e for e in json.loads((site / "data/analyses.json").read_text())}
    assert entries["relapse"]["k"] == 2000
    edit(folder)
    assert len(build(folder, site).rebuilt_nodes) < 60
