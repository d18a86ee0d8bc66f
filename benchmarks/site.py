"""What a reader waits for: first paint and layout shift of each kind of page, over loopback.

Run ``python -m benchmarks.site``; it needs Debian's Chromium at /usr/bin/chromium.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from probatum.build.build import build
from probatum.cli.build import register_pages
from probatum.cli.serve import server

REVIEW = Path(__file__).parents[1] / "reviews" / "ketamine"
CHROMIUM = "/usr/bin/chromium"
ROUNDS = 5
GOAL = 0.5  # seconds to the first paint
KINDS = (
    "index.html",
    "themes/harms.html",
    "questions/bladder.html",
    "analyses/esketamine-dissociation.html",
    "studies/index.html",
    "studies/dakwar-2020.html",
    "facts.html",
    "search.html",
    "glossary.html",
)
_MEASURE = """() => new Promise(done => {
  let shift = 0;
  new PerformanceObserver(list => list.getEntries().forEach(e => { shift += e.value; }))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    done([paint ? paint.startTime / 1000 : 9, shift]);
  }, 150);
})"""


def measure(page: Page, address: str) -> tuple[float, float]:
    """Seconds to the first contentful paint, the best of some rounds, and the largest shift."""
    rounds = []
    for _ in range(ROUNDS):
        page.goto(address)
        rounds.append(page.evaluate(_MEASURE))
    return min(paint for paint, _ in rounds), max(shift for _, shift in rounds)


def main() -> int:
    """Print one line per kind of page; exit 1 if a goal is missed."""
    register_pages()
    missed = 0
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        out = Path(name) / "site"
        build(REVIEW, out)
        with server(out, 0) as running:
            threading.Thread(target=running.serve_forever, daemon=True).start()
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 360, "height": 780})
            for path in KINDS:
                if not (out / path).is_file():
                    continue
                paint, shift = measure(page, f"http://127.0.0.1:{running.server_port}/{path}")
                met = paint < GOAL and shift == 0
                missed += not met
                size = (out / path).stat().st_size / 1000
                verdict = f"goal < {GOAL:g} s and no shift   {'met' if met else 'MISSED'}"
                print(f"{path:40} {size:5.0f} kB   first paint {paint:.3f} s   {verdict}")
            browser.close()
            running.shutdown()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
