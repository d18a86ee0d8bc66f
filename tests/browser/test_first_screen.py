"""What a phone shows of a question before anybody scrolls."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

BOTTOM = """sel => {
  const found = document.querySelector(sel);
  return found ? found.getBoundingClientRect().bottom : null;
}"""


def test_answer_certainty_date_and_help_need_no_scrolling(browser, flagship: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 780})
    pages = sorted((flagship / "questions").glob("*.html"))
    assert len(pages) >= 20
    late = {}
    for path in pages:
        page.goto(path.as_uri())
        answer, meta = (page.evaluate(BOTTOM, sel) for sel in ("main .answer", "main .meta"))
        urgent = page.evaluate(BOTTOM, "main .urgent p")
        words = page.locator("main .meta").inner_text()
        assert "Certainty" in words, path.name
        assert "As of" in words, path.name
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path.name
        if not (answer < meta <= 600 and (urgent is None or urgent <= 780)):
            late[path.name] = (answer, meta, urgent)
    page.close()
    assert late == {}
