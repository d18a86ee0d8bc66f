"""Every digit a reader sees leads somewhere."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest
from walk import walk

from probatum.build.manifest import Manifest
from probatum.site.page import KINDS

DIGIT = re.compile(r"\d")


def pages(out: Path) -> list[Path]:
    found = sorted(out.rglob("*.html"))
    assert len(found) > 5
    return found


def test_all_pages_were_made(built) -> None:
    _, _, _, report = built
    assert not [
        p.message for p in report.problems if p.code.startswith("E60") and "page:" in p.message
    ]


def test_each_text_with_a_digit_is_sourced_or_marked(built) -> None:
    _, _, out, _ = built
    bad = []
    for path in pages(out):
        for text, stack in walk(path.read_text("utf-8")).texts:
            if not DIGIT.search(text) or stack[-1][0] == "style":
                continue
            near = next((a for _, a in reversed(stack) if "data-n" in a or "data-x" in a), None)
            if near is None:
                bad.append((path.name, text))
    assert not bad, bad[:10]


def test_marks_are_of_few_kinds_and_furniture_stays_out_of_results(built) -> None:
    _, _, out, _ = built
    for path in pages(out):
        for text, stack in walk(path.read_text("utf-8")).texts:
            kinds = [a["data-x"] for _, a in stack if "data-x" in a]
            assert set(kinds) <= KINDS, (path, kinds)
            inside = any(tag == "main" for tag, _ in stack)
            caution = any(a.get("class") == "caution" for _, a in stack)
            if inside and not caution:
                assert "furniture" not in kinds, (path, text)


def test_each_number_is_in_the_manifest_as_displayed_and_resolves(built) -> None:
    name, folder, out, _ = built
    if name == "tiny":
        pytest.skip("the tiny review has results made by hand and no manifest")
    manifest = Manifest(json.loads((out / "manifest.json").read_text("utf-8")))
    seen = 0
    for path in pages(out):
        for ident, text in walk(path.read_text("utf-8")).numbers:
            entry = manifest.numbers[ident]
            assert entry["display"] == text, (path, ident)
            assert manifest.refs(ident), ident
            for ref in manifest.refs(ident):
                source = manifest.source(ref)
                assert source is not None, ref
                assert (folder / source["file"]).is_file(), ref
                file = ref.partition("#")[0]
                if file.endswith(".csv"):
                    assert source["row"], ref
                    # a row of a register may name its source (a law, a label) without a place
                    named = "/" not in file and source["citation"]
                    assert source["locator"] or named, ref
            seen += 1
    assert seen > 50


def test_links_and_anchors_resolve_and_nothing_is_fetched(built) -> None:
    _, _, out, _ = built
    walked = {p.relative_to(out).as_posix(): walk(p.read_text("utf-8")) for p in pages(out)}
    bad = []
    for path, page in walked.items():
        assert len(page.ids) == len(set(page.ids)), (path, "an id stands twice")
        for tag, attr, url in page.links:
            assert not url.lower().startswith(("javascript:", "data:")), (path, url)
            if path == "404.html" and url == "../index.html":
                continue  # served at any depth: a second try for readers one folder down
            if url.startswith(("http://", "https://")):
                assert (tag, attr) == ("a", "href"), (path, url)
                continue
            if re.fullmatch(r"(tel|sms):\+?\d+", url):
                continue
            file, _, anchor = url.partition("#")
            target = (out / path).parent.joinpath(file).resolve() if file else out / path
            if not target.is_file() or (
                anchor
                and anchor
                not in walked[target.relative_to(out.resolve() if file else out).as_posix()].ids
            ):
                bad.append((path, url))
    assert not bad, bad[:10]


def test_pages_are_small_well_formed_and_with_two_scripts_at_most(built) -> None:
    _, _, out, _ = built
    for path in pages(out):
        html = path.read_text("utf-8")
        page = walk(html)
        assert len(html.encode()) < 150_000, path
        assert not page.faults, (path, page.faults[:3])
        sources = [url for tag, _, url in page.links if tag == "script"]
        assert page.tags.count("script") == len(sources) <= 2, path  # none is inline
        assert {s.rpartition("/")[2] for s in sources} <= {"site.js", "search-index.js"}, path
        assert page.tags.count("style") == (path.name == "404.html"), path
        assert not re.search(r"<[^>]*\son[a-z]+\s*=", html), path  # no script in an attribute
        assert page.tags.count("h1") == 1, path
        levels = [int(t[1]) for t in page.tags if re.fullmatch("h[1-6]", t)]
        assert all(b <= a + 1 for a, b in itertools.pairwise(levels)), (path, levels)
        assert html.startswith('<!doctype html>\n<html lang="en">')


def test_no_mirror_is_a_link_target(built) -> None:
    name, folder, out, _ = built
    urls, own = set(), set()
    for toml in (folder / "studies").glob("*/study.toml"):
        urls |= set(re.findall(r'^url = "([^"]+)"', toml.read_text("utf-8"), re.M))
        own |= set(re.findall(r'^cite_url = "([^"]+)"', toml.read_text("utf-8"), re.M))
    urls -= own  # read where the document itself stands
    urls = {u for u in urls if not u.startswith(("https://doi.org/", "https://pubmed."))}
    if not urls:
        pytest.skip(f"{name} has no report that was read at another address")
    for path in (out / "studies").glob("*.html"):
        for _, _, url in walk(path.read_text("utf-8")).links:
            assert url not in urls, (path, url)
