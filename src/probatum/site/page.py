"""One page while it is made: what it may print, and the register of what it showed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from posixpath import dirname, relpath

from markupsafe import Markup, escape

from probatum.build.shown import Shown

DIGIT = re.compile(r"\d")
#: Kinds of text that may hold digits without being a number of the review.
KINDS = frozenset({"citation", "date", "id", "axis", "code", "furniture"})


class UnsourcedNumber(Exception):
    """A template tried to print digits that lead nowhere."""


@dataclass(frozen=True, slots=True)
class Marked:
    """Text that may hold digits because of what it is: a citation, a date, an id, code."""

    kind: str
    text: str
    href: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r} does not exist; one of {sorted(KINDS)}")


@dataclass(frozen=True, slots=True)
class Attr:
    """The value of an HTML attribute, such as a relative link; never shown as text."""

    text: str


@dataclass(frozen=True, slots=True)
class Parts:
    """A sentence made of words and shown values."""

    items: tuple[object, ...]


def parts(*items: object) -> Parts:
    """Join words, shown values and marks into one printable sentence."""
    return Parts(tuple(items))


@cache
def _from(folder: str, file: str) -> str:
    """Return the way from a folder of the site to a file; pages ask for the same few again."""
    return relpath(f"/{file}", f"/{folder}")


@dataclass
class Page:
    """A page at `path` (relative to the site root) and what it has shown so far.

    With `root`, the address of the site, its links are whole: for the one page that is served
    wherever a reader went astray.
    """

    path: str
    root: str = ""
    shown: dict[str, Shown] = field(default_factory=dict)

    def url(self, target: str) -> Attr:
        """Make a link to a site path (with optional fragment) relative to this page."""
        return Attr(self.relative(target))

    def relative(self, target: str) -> str:
        """Return `target` (a site path with optional fragment) relative to this page."""
        file, hash_, fragment = target.partition("#")
        if file == self.path and fragment:
            return f"#{fragment}"
        if self.root:
            return f"{self.root}/{target}"
        return _from(dirname(self.path), file) + hash_ + fragment

    def register(self, value: Shown) -> None:
        """Remember that this page shows `value`.

        Raises
        ------
        UnsourcedNumber
            The value has no refs, or its id already stands for another text here.
        """
        if not value.refs:
            raise UnsourcedNumber(f"{value.id!r} has no refs: {value.display!r}")
        known = self.shown.get(value.id)
        if known is not None and known.display != value.display:
            raise UnsourcedNumber(
                f"{self.path}: {value.id!r} is shown as {known.display!r} and as {value.display!r}"
            )
        self.shown[value.id] = value

    def render(self, value: Shown) -> Markup:
        """Return the HTML of a shown value: a link to its provenance where there is one."""
        self.register(value)
        if value.href:
            return Markup('<a class="n" data-n="{}" href="{}">{}</a>').format(
                value.id, self.relative(value.href), value.display
            )
        return self.bare(value)

    def bare(self, value: Shown) -> Markup:
        """Return the HTML of a shown value without a link (inside links and headings)."""
        self.register(value)
        return Markup('<span data-n="{}">{}</span>').format(value.id, value.display)

    def text(self, value: str, ref: str, item: int = 0) -> Shown | str:
        """Let free text of the review through; with digits it becomes a shown value.

        `ref` is where the text stands: ``"<file>#<row key>[.<field>]"``; `item` counts the
        entries of a list that stands there.
        """
        if not DIGIT.search(value):
            return value
        words = " ".join(value.split())
        return Shown(
            id=f"text/{ref}" + (f"/{item}" if item else ""),
            value=words,
            display=words,
            scale="text",
            node="file:" + ref.partition("#")[0],
            refs=(ref,),
        )

    def html(self, value: object) -> Markup:
        """Turn anything printable into HTML, or refuse it."""
        if isinstance(value, Shown):
            return self.render(value)
        if isinstance(value, Markup):
            return value
        if isinstance(value, Marked):
            return mark_html(value)
        if isinstance(value, Attr):
            return escape(value.text)
        if isinstance(value, Parts):
            return self.join(value.items)
        if isinstance(value, str):
            if DIGIT.search(value):
                raise UnsourcedNumber(
                    f"{self.path}: {value!r} has digits and no source. Make it a Shown "
                    "(site/numbers.py), or mark it as citation, date, id or code."
                )
            return escape(value)
        raise UnsourcedNumber(
            f"{self.path}: a template printed {value!r} ({type(value).__name__}); "
            "numbers go through site/numbers.py"
        )

    def join(self, items: Iterable[object]) -> Markup:
        """Join the HTML of several printable things."""
        return Markup("").join(self.html(item) for item in items)

    def finish(self, html: str) -> dict[str, object]:
        """Return what a page step yields."""
        return {
            "html": html,
            "shown": [
                {
                    "id": s.id,
                    "value": s.value,
                    "display": s.display,
                    "scale": s.scale,
                    "node": s.node,
                    "refs": list(s.refs),
                    "href": s.href,
                }
                for s in sorted(self.shown.values(), key=lambda s: s.id)
            ],
        }


def mark_html(mark: Marked) -> Markup:
    """Return the HTML of marked text."""
    if mark.href:
        return Markup('<a data-x="{}" href="{}">{}</a>').format(mark.kind, mark.href, mark.text)
    return Markup('<span data-x="{}">{}</span>').format(mark.kind, mark.text)
