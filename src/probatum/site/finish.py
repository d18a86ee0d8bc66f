"""What a finished page says of itself: the list of its headings, and a line for its head."""

from __future__ import annotations

import html
import re

CONTENTS = "<!--contents-->\n"
#: Stands where a page says in a line what it is about; replaced when the page is finished.
ABOUT = "\ue0ff"
_SHEET = '<div class="sheet band">'
_HEADING = re.compile(r'<h2 id="([^"]+)"[^>]*>(.*?)</h2>', re.S)
_SUMMARY = re.compile(r'<p class="(?:answer|lead)"[^>]*>(.*?)</p>', re.S)
_LINK = re.compile(r"</?a\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_LEAST, _LONGEST = 3, 300


def said(fragment: str) -> str:
    """Return what HTML says as plain text.

    Examples
    --------
    >>> said('<b>Fish</b> &amp; <a href="#">chips</a>')
    'Fish & chips'
    """
    return " ".join(html.unescape(_TAG.sub("", fragment)).split())


def cut(text: str, longest: int = _LONGEST) -> str:
    """Return the words of a text that fit."""
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"


def unlinked(fragment: str) -> str:
    """Return HTML without its links; what they held stays, numbers keep their marks."""
    return _LINK.sub("", fragment)


def summary(page: str) -> str:
    """Return the answer or the lead of a page as plain text, or nothing."""
    found = _SUMMARY.search(page)
    return cut(said(found[1])) if found else ""


def finish(page: str, *, about: str) -> str:
    """Fill in the two places of the frame; `about` is for pages without answer or lead."""
    page = page.replace(ABOUT, html.escape(summary(page) or cut(about)))
    before, place, after = page.partition(CONTENTS)
    headings = _HEADING.findall(before)
    if not place or len(headings) < _LEAST:
        return before + after
    items = "".join(
        f'<li><a href="#{anchor}">{unlinked(words)}</a></li>\n' for anchor, words in headings
    )
    listed = (
        '<nav class="toc noprint" aria-labelledby="toc"><h2 id="toc">On this page</h2>\n'
        f"<ol>\n{items}</ol></nav>\n"
    )
    return before.replace(_SHEET, '<div class="sheet band has-toc">') + listed + after
