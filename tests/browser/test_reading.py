"""Reading with the keyboard, with a screen reader, and without scripts."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from kinds import of_each_kind

pytestmark = pytest.mark.browser


def test_reads_without_scripts_and_swaps_the_figure(browser, site: Path) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{site / 'analyses/pooled.html'}")
    assert page.locator("#figure .narrow svg").is_visible()
    assert not page.locator("#figure .wide svg").is_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.locator("#figure .wide svg").is_visible()
    page.locator(".answer a.n").first.click()
    assert page.url.endswith("#how")
    page.locator("#how ~ p a:not(.n):not(.gloss)").first.click()
    assert "/studies/alpha.html#o-R0-T" in page.url
    assert page.locator("#o-R0-T").is_visible()
    context.close()


def test_the_menu_of_a_phone_needs_no_script(browser, site: Path) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 780}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{site / 'studies/alpha.html'}")
    studies = page.locator(".mainnav a", has_text="Studies")
    assert not studies.is_visible()
    page.locator(".menu summary").press("Enter")
    assert studies.is_visible()
    studies.click()
    assert page.url.endswith("/studies/index.html")
    context.close()


def test_keyboard_order_and_focus(browser, site: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"file://{site / 'questions/much.html'}")
    seen = []
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        seen.append(
            page.evaluate(
                "(document.activeElement.closest('header.top, .crumbs, main') || {}).className"
                " || document.activeElement.className"
            )
        )
    assert seen[0] == "skip"
    assert page.evaluate("document.querySelector('.skip').getBoundingClientRect().left < 0")
    assert list(dict.fromkeys(seen)) == ["skip", "top"]  # brand, search, main navigation
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.crumbs, main') !== null")
    page.goto(f"file://{site / 'questions/much.html'}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.close()


def test_what_a_screen_reader_hears(browser, flagship: Path) -> None:
    """One banner, one main part, named navigation; the title first; no level is skipped."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    for name in of_each_kind(flagship):
        page.goto(f"file://{flagship / name}")
        heard = page.locator("body").aria_snapshot()
        order = [heard.index(f"- {mark}") for mark in ("banner", "main", "contentinfo")]
        assert order == sorted(order), name
        assert heard.count("- main") == 1, name
        assert len(re.findall(r"^\s*- navigation:", heard, re.M)) == 0, name  # each has a name
        levels = [int(n) for n in re.findall(r"- '?heading .*\[level=(\d)\]", heard)]
        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        assert all(b <= a + 1 for a, b in itertools.pairwise(levels)), (name, levels)
    page.close()


def test_the_page_for_lost_readers_looks_right_at_any_depth(browser, site: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    lost = (site / "404.html").read_text("utf-8")
    page.route(
        "http://site.example/**",
        lambda r: r.fulfill(status=404, body=lost, content_type="text/html; charset=utf-8"),
    )
    page.goto("http://site.example/questions/gone.html")
    assert page.evaluate("getComputedStyle(document.body).display") == "flex"
    up = page.locator("main a", has_text="one level up")
    assert up.evaluate("a => a.href") == "http://site.example/index.html"
    page.close()
