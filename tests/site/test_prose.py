"""Prose of a question: whatever is written, no markup and no number gets through unmarked."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from walk import walk

from probatum.review.claims import Placeholder
from probatum.review.links import linked
from probatum.site.prose import paragraphs, sentence

OURS = ("{{", "}}", "{{ k }}", "{{ claim.a }}", "{{ facts F1 }}", "{{ figure }}")
BLOCKS = ("\n", "\n\n", "#", "## ", "- ", "1. ", "> ", "```\n", "| a | b |\n|---|---|\n")
LINES = (" ", "word", "é", "*", "_", "`", "[x](", "y.md)", "42", "&#52;", "\\4")
HOSTILE = ("<b>", "<script>", "![i](http://x/y.png)", "[j](javascript:a)")
PIECES = st.sampled_from(OURS + BLOCKS + LINES + HOSTILE)


def fill(spot: Placeholder) -> Markup:
    return Markup('<i data-n="{}">9</i>').format(spot.text)


def block(spot: Placeholder) -> Markup:
    return Markup('<div data-n="{}">9</div>').format(spot.text)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=60))
def test_any_text_becomes_safe_html(text: str) -> None:
    for html in (
        paragraphs(text, fill=fill, block=block, link=lambda to: f"{to.id}.html"),
        sentence(text, fill=fill, link=lambda to: f"{to.id}.html"),
    ):
        page = walk(str(html))
        assert not page.faults, html
        assert not {"script", "img", "b", "iframe"} & set(page.tags)
        assert len(page.ids) == len(set(page.ids))
        assert all(re.match(r"https?://|[\w./#-]+\Z", url) for _, _, url in page.links), html
        for words, stack in page.texts:
            if re.search(r"\d", words):
                assert any("data-n" in a or "data-x" in a for _, a in stack), (words, html)


def test_a_block_stands_between_paragraphs() -> None:
    html = paragraphs("One\n{{ facts F1 }}\nTwo", fill=fill, block=block, link=lambda to: "")
    assert html == '<p>One</p>\n<div data-n="facts F1">9</div><p>Two</p>\n'


def test_a_link_out_of_the_folder_leads_nowhere() -> None:
    for href in ("../../etc/passwd", "/etc/passwd", "..\\x.md", "../questions/../../a.md", "x.txt"):
        assert linked(href) is None, href
