"""Links of prose to other files of the review: ``bladder.md``, ``../studies/a-2020/study.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import normpath

from probatum.review.model import REGISTERS

_INLINE = re.compile(r"\]\(\s*<?([^)\s>]+)")
#: Files that have a page, by what they hold; the page's own path is understood too.
_PLACES = (
    ("question", re.compile(r"questions/([\w.-]+)\.(?:md|html)")),
    ("analysis", re.compile(r"analyses/([\w.-]+)\.(?:toml|html)")),
    ("study", re.compile(r"studies/([\w.-]+)(?:/study\.toml|\.html)")),
    ("register", re.compile(rf"({'|'.join(REGISTERS)})\.(?:csv|html)")),
)


@dataclass(frozen=True, slots=True)
class Linked:
    """What a link leads to inside the review, and the place on its page."""

    kind: str  # question, analysis, study or register
    id: str
    anchor: str


def linked(href: str) -> Linked | None:
    """Return what a link in a question's prose leads to; None for other addresses.

    Examples
    --------
    >>> linked("../studies/a-2020/study.toml#results")
    Linked(kind='study', id='a-2020', anchor='results')
    """
    path, _, anchor = href.partition("#")
    whole = normpath(f"questions/{path}")
    for kind, pattern in _PLACES:
        if found := pattern.fullmatch(whole):
            return Linked(kind, found[1], anchor)
    return None


def inner_links(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, address) of each Markdown link that does not lead out to the web."""
    for number, line in enumerate(text.split("\n"), 1):
        for href in _INLINE.findall(line):
            if not re.match(r"[a-z][a-z0-9+.-]*:|#", href, re.IGNORECASE):
                yield number, href
