"""Each kind of page in Chromium, from the file system: WCAG, phone, themes, keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
PAGES = [
    "index.html",
    "analyses/index.html",
    "analyses/pooled.html",
    "analyses/two-studies.html",
    "analyses/exact.html",
    "analyses/failed.html",
    "studies/index.html",
    "studies/alpha.html",
    "questions/help.html",
    "methods.html",
    "problems.html",
    "404.html",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_wcag_and_layout(browser, site: Path, tmp_path: Path, width: int, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: errors.append(str(e)))
    requests: list[str] = []
    page.on("request", lambda r: requests.append(r.url))
    for name in PAGES:
        page.goto(f"file://{site / name}")
        page.screenshot(path=tmp_path / f"{name.replace('/', '-')}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (name, wide)
        assert not errors, (name, errors)
        assert all(url.startswith("file://") for url in requests), name
        found = axe.run(page, options={"runOnly": {"type": "tag", "values": RULES}})
        faults = [
            (v["id"], [n["html"][:120] for n in v["nodes"][:2]])
            for v in found.response["violations"]
        ]
        assert not faults, (name, faults)
        errors.clear()  # axe itself asks for the style sheet, which file:// refuses
    context.close()


def test_reads_without_javascript_and_swaps_the_figure(browser, site: Path) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{site / 'analyses/pooled.html'}")
    assert page.locator("#figure .narrow svg").is_visible()
    assert not page.locator("#figure .wide svg").is_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.locator("#figure .wide svg").is_visible()
    page.locator(".answer a.n").first.click()
    assert page.url.endswith("#how")
    page.locator("#how ~ p a:not(.n)").first.click()
    assert "/studies/alpha.html#o-R0-T" in page.url
    assert page.locator("#o-R0-T").is_visible()
    context.close()


def test_keyboard_focus_is_visible_and_the_skip_link_comes_first(browser, site: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"file://{site / 'index.html'}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    for _ in range(4):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid"
    context.close()
