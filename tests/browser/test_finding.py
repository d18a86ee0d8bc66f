"""Search and filters: from a disk, with the keyboard, said aloud, harmless, and not needed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser


def test_search_from_any_page(browser, flagship: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"file://{flagship / 'analyses/index.html'}")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("confidence interval")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=confidence*")
    assert page.locator("#found").get_attribute("role") == "status"
    assert "found" in page.locator("#found").inner_text()
    first = page.locator("#hits a").first
    assert first.inner_text() == "Confidence interval (CI)"
    assert not page.locator("#everything").is_visible()
    first.click()
    assert page.url.endswith("/glossary.html#confidence-interval")
    page.close()


@pytest.mark.parametrize("words", ["bladder", "dakwar 2019", "MIDAZOLAM", "withdrawl", "zzzz"])
def test_search_answers(browser, flagship: Path, words: str) -> None:
    page = browser.new_page()
    page.goto(f"file://{flagship / 'search.html'}")
    page.locator("#find").fill(words)
    hits = page.locator("#hits li")
    if words in ("zzzz", "withdrawl"):
        assert hits.count() == 0
        assert page.locator("#found").inner_text().startswith("Nothing found")
    else:
        assert hits.count() >= 1
        assert words.split()[0].lower() in hits.first.inner_text().lower()
    page.locator("#find").fill("")
    assert page.locator("#everything").is_visible()
    page.close()


def test_hostile_titles_are_text_in_the_results(browser, site: Path) -> None:
    page = browser.new_page()
    alarms: list[str] = []
    page.on("dialog", lambda d: (alarms.append(d.message), d.dismiss()))
    page.goto(f"file://{site / 'search.html'}?q=script")
    assert "<script>alert(1)</script>" in page.locator("#hits").inner_text()
    assert page.locator("#hits script").count() == 0
    page.locator("#find").fill("alert(2) ' \" <img src=x onerror=alert(9)>")
    assert page.locator("#hits img").count() == 0
    assert not alarms
    page.close()


def test_without_scripts_everything_is_listed(browser, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{site / 'search.html'}")
    assert not page.locator("#find").is_visible()
    assert page.locator("#everything a", has_text="Aber 1990").is_visible()
    page.goto(f"file://{site / 'studies/index.html'}")
    assert not page.locator("form.filters").is_visible()
    assert page.locator("[data-row]:visible").count() == 2
    context.close()


def test_filters_of_studies(browser, site: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"file://{site / 'studies/index.html'}")
    said = page.locator("form.filters output")
    assert said.get_attribute("aria-live") == "polite"
    assert said.inner_text() == "All 2 are shown."
    page.select_option("#by-status", "still running")
    assert said.inner_text() == "1 of 2 are shown."
    assert page.locator("[data-row]:visible").count() == 1
    assert page.locator("[data-rows]:visible").count() == 1
    page.locator("button[type=reset]").click()
    page.wait_for_function("document.querySelector('form.filters output').value.startsWith('All')")
    page.locator("#words").fill("unal")  # found without its mark
    assert page.locator("[data-row]:visible").inner_text().startswith("Ünal 2025")
    options = page.locator("#by-topic option").all_text_contents()
    assert options == ["All topics", "sleep <u>2</u> / rest (1)"]
    page.close()
