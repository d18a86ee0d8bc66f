"""Abbreviations of the glossary lead to it where they first stand on a page."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Mapping

#: Inside these an abbreviation is left alone: links don't nest, headings stay quiet.
_CLOSED = frozenset({"a", "h1", "h2", "h3", "thead", "summary", "code", "pre", "svg", "button"})
_CLOSED |= {"select", "form", "nav", "dt"}
_PIECES = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?([a-zA-Z][\w-]*)")


def explain(page: str, places: Mapping[str, str]) -> str:
    """Link the first use of each abbreviation in the main part of a page.

    Parameters
    ----------
    page : str
        A finished page.
    places : mapping
        Abbreviation -> link to where it is explained, relative to the page.

    Examples
    --------
    >>> explain("<main><p>An RCT. One more RCT.</p></main>", {"RCT": "g.html#rct"})
    '<main><p>An <a class="gloss" href="g.html#rct">RCT</a>. One more RCT.</p></main>'
    """
    before, start, rest = page.partition("<main")
    body, end, after = rest.partition("</main>")
    if not places or not end:
        return page
    left = {html.escape(short): link for short, link in places.items()}
    pieces = _PIECES.split(body)
    closed = 0
    for at, piece in enumerate(pieces):
        if at % 2:
            closed += _step(piece)
        elif not closed and left and not piece.isspace():
            pieces[at] = _linked(piece, left)
    return before + start + "".join(pieces) + end + after


def _step(tag: str) -> int:
    """Return 1 where a closed element begins, -1 where it ends."""
    found = _NAME.match(tag)
    if found is None or found[1] not in _CLOSED or tag.endswith("/>"):
        return 0
    return -1 if tag.startswith("</") else 1


def _linked(text: str, left: dict[str, str]) -> str:
    """Link abbreviations that were not met yet, and take them from `left`."""
    if not any(short in text for short in left):
        return text

    def link(found: re.Match[str]) -> str:
        target = left.pop(found[0], "")
        if not target:
            return found[0]
        return f'<a class="gloss" href="{html.escape(target)}">{found[0]}</a>'

    return _any_of(tuple(left)).sub(link, text)


@functools.lru_cache(maxsize=256)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{longest_first})(?=s?(?![\w-]))")
