"""The list of a page's headings, for wide screens, made from the finished page."""

from __future__ import annotations

import re

PLACE = "<!--contents-->\n"
_SHEET = '<div class="sheet band">'
_HEADING = re.compile(r'<h2 id="([^"]+)"[^>]*>(.*?)</h2>', re.S)
_LINK = re.compile(r"</?a\b[^>]*>")
_LEAST = 3


def add_contents(html: str) -> str:
    """Put the list where the template has its place; short pages go without.

    The headings are HTML already: numbers in them keep their marks, links lose theirs.
    """
    before, place, after = html.partition(PLACE)
    headings = _HEADING.findall(before)
    if not place or len(headings) < _LEAST:
        return before + after
    items = "".join(
        f'<li><a href="#{anchor}">{_LINK.sub("", words)}</a></li>\n' for anchor, words in headings
    )
    listed = (
        '<nav class="toc noprint" aria-labelledby="toc"><h2 id="toc">On this page</h2>\n'
        f"<ol>\n{items}</ol></nav>\n"
    )
    return before.replace(_SHEET, '<div class="sheet band has-toc">') + listed + after
