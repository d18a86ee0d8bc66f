"""The engine on toy steps: reuse, cutoff, failures, cycles, and a cache that may be lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from probatum.build.build import CACHE, build
from probatum.build.canonical import canonical
from probatum.build.engine import Context, Cycle, Engine, StepFailed
from probatum.build.folder import LOCK
from probatum.build.outputs import outputs
from probatum.build.store import Store
from probatum.errors import ProbatumError


def toy():
    steps = {}

    def number(ctx: Context, name: str) -> float:
        data = ctx.file(f"{name}.txt")
        return float(data.decode())

    def total(ctx: Context, _: str) -> float:
        names = [n[:-4] for n in ctx.list("") if n.endswith(".txt")]
        return sum(ctx.get(f"number:{name}") for name in names)

    def safe(ctx: Context, _: str) -> str:
        try:
            return f"{ctx.get('total')}"
        except StepFailed as failed:
            return f"no total: {failed.node}"

    def page(ctx: Context, path: str) -> dict:
        return {"html": f"<p>{path} {ctx.get('safe')}</p>", "shown": []}

    steps |= {
        "number": number,
        "total": total,
        "safe": safe,
        "page": page,
        "a": lambda ctx, _: ctx.get("b"),
        "b": lambda ctx, _: ctx.get("a"),
    }

    @outputs("pages", steps=steps)
    def pages(ctx: Context) -> dict[str, str]:
        return {f"{n[:-4]}/index.html": f"page:{n}" for n in ctx.list("") if n.endswith(".txt")}

    return steps


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "review"
    root.mkdir()
    for name, text in (("x", "1"), ("y", "2")):
        (root / f"{name}.txt").write_text(text)
    return root


def run(folder: Path, out: str = "site", code: str = "c1"):
    return build(folder, folder.parent / out, steps=toy(), code=code)


def test_canonical_refuses_what_is_not_a_number():
    assert canonical({"b": 1 / 3, "a": [0.1 + 0.2, -0.0]}) == '{"a":[0.3,0.0],"b":0.333333333333}'
    for bad in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="use None"):
            canonical({"x": [bad]})
    with pytest.raises(TypeError, match="plain data"):
        canonical({"x": {1, 2}})
    with pytest.raises(TypeError, match="keys are text"):
        canonical({1: 2})


def test_second_build_makes_nothing_and_a_change_makes_its_dependents_only(folder: Path):
    first = run(folder)
    assert (folder.parent / "site/x/index.html").read_text() == "<p>x.txt 3.0</p>"
    assert set(first.written) == {"x/index.html", "y/index.html"}
    second = run(folder)
    assert second.rebuilt_nodes == []
    assert set(second.unchanged) == set(first.written)
    (folder / "x.txt").write_text("5")
    third = run(folder)
    assert set(third.rebuilt_nodes) == {"number:x", "total", "safe", "page:x.txt", "page:y.txt"}


def test_early_cutoff(folder: Path):
    run(folder)
    (folder / "x.txt").write_text("1.0")  # other bytes, same number
    assert run(folder).rebuilt_nodes == ["number:x"]


def test_other_code_makes_everything_again(folder: Path):
    everything = set(run(folder).rebuilt_nodes)
    assert set(run(folder, code="c2").rebuilt_nodes) == everything


def test_new_and_removed_files(folder: Path):
    run(folder)
    (folder / "z.txt").write_text("4")
    (folder / "y.txt").unlink()
    report = run(folder)
    site = folder.parent / "site"
    assert (site / "z/index.html").read_text() == "<p>z.txt 5.0</p>"
    assert not (site / "y").exists()
    assert report.problems == []


def test_a_failure_is_shown_at_its_place_and_repaired_later(folder: Path):
    (folder / "x.txt").write_text("one")
    report = run(folder)
    site = folder.parent / "site"
    assert (site / "y/index.html").read_text() == "<p>y.txt no total: number:x</p>"
    assert set(report.written) == {"x/index.html", "y/index.html"}
    (folder / "x.txt").write_text("1")
    run(folder)
    assert (site / "y/index.html").read_text() == "<p>y.txt 3.0</p>"


def test_cycles_have_no_value(folder: Path):
    engine = Engine(folder, steps=toy(), code="c")
    with pytest.raises(Cycle, match="a -> b -> a"):
        engine.get("a")


def test_steps_cannot_leave_the_folder(folder: Path):
    (folder.parent / "secret.txt").write_text("9")
    steps = {"peek": lambda ctx, path: ctx.file(path) is not None}
    engine = Engine(folder, steps=steps, code="c")
    with pytest.raises(StepFailed, match="out of the review folder"):
        engine.get("peek:../secret.txt")
    (folder / "link").symlink_to(folder.parent / "secret.txt")
    with pytest.raises(StepFailed, match="out of the review folder"):
        engine.get("peek:link")


def test_values_are_fresh(folder: Path):
    steps = {"l": lambda ctx, _: [1], "m": lambda ctx, _: [ctx.get("l").append(2), ctx.get("l")]}
    assert Engine(folder, steps=steps, code="c").get("m") == [None, [1]]


def tree(path: Path) -> dict[str, bytes]:
    return {
        p.relative_to(path).as_posix(): p.read_bytes()
        for p in sorted(path.rglob("*"))
        if p.is_file()
    }


@pytest.mark.parametrize("damage", ["garbage", "truncated", "foreign", "flipped", "folder"])
def test_a_damaged_cache_is_no_failure(folder: Path, damage: str):
    run(folder)
    before = tree(folder.parent / "site")
    cache = folder / CACHE
    if damage == "garbage":
        cache.write_bytes(b"\0garbage" * 1000)
    elif damage == "truncated":
        cache.write_bytes(cache.read_bytes()[:3000])
    elif damage == "folder":
        cache.unlink()
        cache.mkdir()
    else:
        file = sqlite3.connect(cache)
        if damage == "foreign":
            file.execute("DROP TABLE trace")
            file.execute("PRAGMA user_version = 0")
            file.execute("CREATE TABLE other (x)")
        else:
            file.execute("UPDATE trace SET value = '\"wrong\"'")
        file.commit()
        file.close()
    (folder / "x.txt").write_text("7")
    run(folder)
    run(folder, "clean")
    assert tree(folder.parent / "site") == tree(folder.parent / "clean")
    assert tree(folder.parent / "site") != before
    if damage != "folder":
        assert run(folder).rebuilt_nodes == []


def test_a_locked_cache_is_no_failure(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("probatum.build.store.BUSY_SECONDS", 0.01)
    run(folder)
    other = sqlite3.connect(folder / CACHE)
    other.execute("BEGIN EXCLUSIVE")
    assert "total" in run(folder).rebuilt_nodes
    other.close()
    assert run(folder).rebuilt_nodes == []


def test_store_forgets_what_is_not_kept(folder: Path):
    run(folder)
    (folder / "y.txt").unlink()
    run(folder)
    assert "number:y" not in Store(folder / CACHE).nodes()


def test_foreign_folders_and_files_are_left_alone(folder: Path):
    out = folder.parent / "site"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(ProbatumError, match=r"thesis\.txt"):
        run(folder)
    (out / "thesis.txt").unlink()
    run(folder)
    (out / "x/index.html").unlink()
    (out / "notes.txt").write_text("mine")
    (out / "z").mkdir()
    (out / "z/index.html").write_text("mine")
    (folder / "z.txt").write_text("1")
    report = run(folder)
    assert [p.code for p in report.problems] == ["E605"]
    assert (out / "z/index.html").read_text() == "mine"
    (folder / "z.txt").unlink()
    run(folder)
    assert (out / "z/index.html").read_text() == "mine"
    assert (out / "notes.txt").read_text() == "mine"
    assert "x/index.html" in tree(out)


def test_links_out_of_the_site_are_not_followed(folder: Path):
    run(folder)
    out, away = folder.parent / "site", folder.parent / "away"
    away.mkdir()
    (out / "x/index.html").unlink()
    (out / "x").rmdir()
    (out / "x").symlink_to(away)
    assert [p.code for p in run(folder).problems] == ["E605"]
    assert list(away.iterdir()) == []


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import test_engine
from probatum.build import folder
plain = folder.SiteFolder.{method}
count = 0
def dies(self, *given):
    global count
    count += 1
    if count > {after}:
        (self.root / ".probatum-parts" / "half").write_bytes(b"x")
        os.kill(os.getpid(), 9)
    return plain(self, *given)
folder.SiteFolder.{method} = dies
test_engine.run(Path({folder!r}))
"""


@pytest.mark.parametrize("earlier", [False, True])
@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("method", ["_part", "_take"])
def test_killed_in_the_middle_of_writes(folder: Path, method: str, after: int, earlier: bool):
    site = folder.parent / "site"
    if earlier:
        run(folder)
        (folder / "y.txt").rename(folder / "z.txt")  # a page comes, a page goes, one changes
        (folder / "x.txt").write_text("7")
    before = tree(site) if earlier else {}
    program = KILLED.format(
        tests=str(Path(__file__).parent), method=method, after=after, folder=str(folder)
    )
    done = subprocess.run([sys.executable, "-c", program], env=dict(os.environ), check=False)
    assert done.returncode == -signal.SIGKILL
    if method == "_part":  # until all is written, what stood there stands there
        left = tree(site)
        assert {p: d for p, d in left.items() if not p.startswith((".probatum-p", LOCK))} == {
            p: d for p, d in before.items() if p != LOCK
        }
    report = run(folder)
    assert report.problems == []
    run(folder, "clean")
    assert tree(site) == tree(folder.parent / "clean")
