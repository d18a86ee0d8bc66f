"""Abbreviations lead to the glossary once on a page, and break nothing on the way."""

from __future__ import annotations

import pytest

from probatum.site.abbreviations import explain

PLACES = {"CI": "g.html#ci", "R&D": "g.html#rd", "PHQ-9": "g.html#phq", "PHQ": "g.html#p"}


@pytest.mark.parametrize(
    "body",
    [
        "<p>a CIA report, PRE-CI, CI-like</p>",
        '<h1>CI</h1><p><a href="x">CI</a></p><code>CI</code>',
        '<p title="CI">none</p>',
        "<table><thead><tr><th>CI</th></tr></thead></table>",
    ],
)
def test_left_alone(body: str) -> None:
    page = f"<title>CI</title><main>{body}</main><footer>CI</footer>"
    assert explain(page, PLACES) == page


def test_first_use_only_inside_sourced_text_too() -> None:
    body = '<p>(CI) and <span data-n="x">CI 5, R&amp;D</span></p><p>PHQ-9 and PHQ</p>'
    made = explain(f"<main>{body}</main>", PLACES)
    assert made.count('class="gloss"') == 4
    assert '(<a class="gloss" href="g.html#ci">CI</a>) and' in made
    assert '<a class="gloss" href="g.html#rd">R&amp;D</a>' in made
    assert '<a class="gloss" href="g.html#phq">PHQ-9</a>' in made


def test_each_page_of_the_site_explains_an_abbreviation_once(built) -> None:
    _, _, out, _ = built
    linked = 0
    for path in out.rglob("*.html"):
        links = path.read_text("utf-8").split('<a class="gloss" href="')[1:]
        targets = [link.partition('"')[0] for link in links]
        assert len(targets) == len(set(targets)), path
        linked += len(targets)
    assert linked or not (out / "glossary.html").exists()


def test_a_plural_is_explained_too() -> None:
    made = explain("<main><p>Some CIs, no CIsx.</p></main>", PLACES)
    assert made == '<main><p>Some <a class="gloss" href="g.html#ci">CI</a>s, no CIsx.</p></main>'
