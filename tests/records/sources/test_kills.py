"""A process that is killed at any moment: the folder loads, nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_services import Fake, serving

from probatum.cli.main import main
from probatum.review.load import load

MOMENTS = 50


def probatum(*words: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "probatum.cli.main", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )


def killed(start: Callable[[], subprocess.Popen[bytes]], longest: float, seed: int) -> int:
    """Start and kill again and again; how many were cut before they had ended."""
    rng, cut = random.Random(seed), 0
    for _ in range(MOMENTS):
        process = start()
        time.sleep(rng.random() * longest)
        cut += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    return cut


@pytest.fixture
def review(tmp_path: Path) -> Path:
    assert main(["new", str(tmp_path / "review")]) == 0
    return tmp_path / "review"


def sound(review: Path) -> list[str]:
    """No problem is found; the ids of all records."""
    found = load(review)
    assert found.problems == []
    return [one.id for search in found.searches.values() for one in search.records]


@pytest.mark.slow
def test_imports_are_whole_or_not_there(review: Path, tmp_path: Path) -> None:
    exports = []
    for number in range(MOMENTS):
        path = tmp_path / f"{number}.ris"
        rows = (f"TY  - JOUR\nTI  - Title {number} {i}\nER  - \n" for i in range(3000))
        path.write_text("".join(rows))
        exports.append(path)
    turn = iter(exports)

    def start() -> subprocess.Popen[bytes]:
        return probatum("import", str(next(turn)), "--review", str(review), "--database", "X")

    cut = killed(start, 1.2, seed=1)
    assert cut > 5
    before = sound(review)
    assert len(before) % 3000 == 0
    assert main(["import", *map(str, exports), "--review", str(review), "--database", "X"]) == 0
    ids = sound(review)
    assert len(set(ids)) == len(ids) == 3000 * MOMENTS
    assert set(before) <= set(ids)


@pytest.mark.slow
def test_a_search_goes_on_after_every_kill(review: Path) -> None:
    folder = review / "searches" / "s"
    folder.mkdir(parents=True)
    text = 'database = "Europe PMC"\nservice = "europe-pmc"\nquery = "ketamine"\n'
    (folder / "search.toml").write_text(text)
    fake = Fake(25_000)
    with serving(fake) as base:
        where = {"PROBATUM_EUROPE_PMC_URL": f"{base}/europe"}
        words = ("search", "run", "s", "--review", str(review))
        killed(lambda: probatum(*words, **where), 1.5, seed=2)
        if not (folder / "run.json").is_file():
            assert probatum(*words, **where).wait() == 0
        assert fake.asked < 25 + MOMENTS + 5  # what had arrived was not asked for again
        assert len(set(sound(review))) == 25_000
        fake.count = 27_000
        words = ("search", "update", "s", "--review", str(review))
        killed(lambda: probatum(*words, **where), 1.5, seed=3)
        assert probatum(*words, **where).wait() == 0
    ids = sound(review)
    assert len(set(ids)) == len(ids)
    titles = set()
    for place in (review / "searches").glob("*/records.jsonl"):
        titles |= {json.loads(line)["title"] for line in place.read_text().splitlines()}
    assert len(titles) == 27_000


@pytest.mark.slow
def test_a_look_for_duplicates_is_whole_or_not_there(review: Path, tmp_path: Path) -> None:
    def take(number: int) -> None:
        rows = (
            f"TY  - JOUR\nTI  - A study of number {i} and what became of it\nAU  - Name{i}, A\n"
            f"PY  - 2001\nJF  - J\nVL  - {i}\nSP  - {i + 1}\nER  - \n"
            for i in range(number * 20, number * 20 + 40)  # half of them came before
        )
        path = tmp_path / f"{number}.ris"
        path.write_text("".join(rows))
        assert main(["import", str(path), "--review", str(review), "--database", "X"]) == 0

    rng, cut = random.Random(4), 0
    for number in range(MOMENTS):
        take(number)
        process = probatum("dedup", str(review))
        time.sleep(0.3 + rng.random() * 1.5)
        cut += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        sound(review)
    assert cut > 5
    assert main(["dedup", str(review)]) == 0
    assert len(sound(review)) == 40 * MOMENTS
    found = load(review)
    pairs = [(one.a, one.b) for one in found.links if one.decision == "duplicate"]
    assert len(set(pairs)) == len(pairs) == 20 * (MOMENTS - 1)
