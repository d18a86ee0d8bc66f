"""Each kind of page in Chromium, from the file system: WCAG, phone, themes, nothing fetched."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest
from kinds import of_each_kind

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SHIFT = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(e => { sum += e.value; }))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 60);
})"""


CONTRAST = {"type": "rule", "values": ["color-contrast"]}
ALL = {"type": "tag", "values": RULES}
# what another width can change; colours are the same
LAYOUT = {
    "type": "rule",
    "values": [
        "target-size",
        "scrollable-region-focusable",
        "list",
        "label",
        "link-name",
        "button-name",
        "aria-hidden-focus",
        "link-in-text-block",
        "nested-interactive",
    ],
}


class Looker:
    """Opens pages of a site and keeps what is wrong, to say it all at once."""

    def __init__(self, browser, site: Path) -> None:
        package = pytest.importorskip("axe_playwright_python")
        self.axe = (Path(package.__file__).parent / "axe.min.js").read_text("utf-8")
        self.site, self.wrong = site, []
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.page = self.context.new_page()
        self.page.on("console", lambda m: self.say(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.say(str(e)))
        self.page.on("request", self.request)

    def say(self, *what: object) -> None:
        self.wrong.append((self.page.url.removeprefix(f"file://{self.site}/"), *what))

    def request(self, request) -> None:
        if not unquote(request.url).startswith(f"file://{self.site}/"):
            self.say("asks for", request.url)

    def open(self, name: str, width: int, theme: str) -> None:
        """Load a page: nothing moves while it does, nothing is wider than the screen."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=theme)
        self.page.goto(f"file://{self.site / name}")
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            self.say(width, "is", wide, "wide")
        if shift := self.page.evaluate(SHIFT):
            self.say(width, "shifts by", shift)
        self.page.evaluate(self.axe)

    def check(self, rules: dict[str, object], theme: str) -> None:
        self.page.emulate_media(color_scheme=theme)
        found = self.page.evaluate(
            "options => axe.run(document, options).then(r => r.violations.map("
            "v => [v.id, v.nodes.slice(0, 2).map(n => n.html.slice(0, 120))]))",
            {"runOnly": rules, "resultTypes": ["violations"], "preload": False},
        )
        for violation in found:
            self.say(theme, *violation)


def test_hostile_text(browser, site: Path) -> None:
    """All rules on a desk, contrast in both themes, and what a phone can break."""
    looker = Looker(browser, site)
    for path in of_each_kind(site):
        looker.open(path, 1280, "light")
        looker.check(ALL, "light")
        looker.check(CONTRAST, "dark")
        looker.open(path, 360, "dark")
        looker.check(LAYOUT, "dark")
        looker.check(CONTRAST, "dark")
    looker.context.close()
    assert not looker.wrong


@pytest.mark.parametrize(("name", "theme"), [("bcg", "light"), ("flagship", "dark")])
def test_real_reviews(browser, request: pytest.FixtureRequest, name: str, theme: str) -> None:
    """All rules on a desk; on a phone those that another width can break."""
    looker = Looker(browser, request.getfixturevalue(name))
    for path in of_each_kind(looker.site):
        looker.open(path, 1280, theme)
        looker.check(ALL, theme)
        looker.open(path, 360, theme)
        looker.check(LAYOUT, theme)
    looker.context.close()
    assert not looker.wrong


def test_answers_are_two_taps_away_and_seen_without_scrolling(browser, flagship: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 780})
    page.goto(f"file://{flagship / 'index.html'}")
    linked = set(page.locator("#questions a").evaluate_all("all => all.map(a => a.href)"))
    pages = sorted((flagship / "questions").glob("*.html"))
    assert {f"file://{path}" for path in pages} <= linked
    for path in pages:
        page.goto(f"file://{path}")
        for part in (".answer", "dl.meta"):
            box = page.locator(part).first.bounding_box()
            assert box is not None, (path.name, part)
            assert box["y"] + box["height"] <= 780, (path.name, part)
        assert "Certainty" in page.locator("dl.meta").first.inner_text()
        assert "As of" in page.locator("dl.meta").first.inner_text()
    page.close()


@pytest.mark.parametrize(
    ("width", "scale", "font"),
    [(640, 2, "100%"), (320, 1, "100%"), (1280, 1, "200%"), (768, 1, "100%")],
    ids=["zoomed-200", "zoomed-400", "text-200", "tablet"],
)
def test_nothing_is_lost_when_zoomed(browser, flagship: Path, width, scale, font) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, device_scale_factor=scale
    )
    page = context.new_page()
    wrong = []
    for name in of_each_kind(flagship):
        page.goto(f"file://{flagship / name}")
        page.evaluate(f"document.documentElement.style.fontSize = '{font}'")
        wide = page.evaluate("document.documentElement.scrollWidth")
        wrong += [(name, wide)] if wide > width else []
    context.close()
    assert not wrong


def test_forced_colours(browser, flagship: Path) -> None:
    context = browser.new_context(forced_colors="active", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    path = next(p for p in of_each_kind(flagship) if "analyses/" in p and "index" not in p)
    page.goto(f"file://{flagship / path}")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    mark = "getComputedStyle(document.querySelector('#figure svg rect, #figure svg line'))"
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    ink = page.evaluate(f"{mark}.stroke") + page.evaluate(f"{mark}.fill")
    assert ink != "nonenone"
    assert paper not in page.evaluate(f"{mark}.stroke")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    context.close()


def test_prints(browser, flagship: Path) -> None:
    page = browser.new_page()
    for name in of_each_kind(flagship):
        page.goto(f"file://{flagship / name}")
        printed = page.pdf(format="A4")
        assert printed.startswith(b"%PDF"), name
        assert len(printed) > 8_000, name
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"file://{flagship / 'index.html'}")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator(".mainnav").is_visible()
    page.close()
