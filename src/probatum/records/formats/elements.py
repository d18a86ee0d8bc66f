"""The entries of an XML file, cut out of its text one by one.

Each entry is parsed on its own: a damaged one costs only itself, its lines are known, memory is
bounded by one entry, and no document type, and so no entity of the file's own, is ever read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5
from xml.etree.ElementTree import Element, ParseError, fromstring

from probatum.records.reading import Rejected, Stray
from probatum.records.source import ENTRY, Source

CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Entry:
    """An element, with its lines."""

    element: Element
    line_from: int
    line_to: int
    section: str = ""


def elements(
    source: Source, names: tuple[str, ...], *, stray: bool = True, sections: tuple[str, ...] = ()
) -> Iterator[Entry | Rejected | Stray]:
    """Every outermost element of these names; with `stray`, also the text between them.

    An element tells the last of `sections` that was opened above it.
    """
    opened = re.compile(rf"<({'|'.join(sections)})[\s/>]")
    section = ""
    loose: Stray | None = None
    for cut in _cuts(source, names):
        if isinstance(cut, _Cut) and not cut.name:
            loose = _outside(cut, loose) if stray else None
            for found in opened.finditer(cut.text) if sections else ():
                section = found[1]
            continue
        if loose:
            yield loose
            loose = None
        yield cut if isinstance(cut, Rejected) else _parsed(cut, section)
    if loose:
        yield loose


@dataclass(frozen=True, slots=True)
class _Cut:
    """An element's own text; without a name, what stands between two."""

    name: str
    text: str
    line_from: int
    line_to: int


_FURNITURE = re.compile(r"<!--.*?-->|<[^<>]*>|\ufeff|\]>", re.DOTALL)


def _outside(cut: _Cut, before: Stray | None) -> Stray | None:
    """Text that no element holds, joined to what was found just before."""
    text = _FURNITURE.sub(lambda found: "\n" * found.group().count("\n"), cut.text)
    kept = text.strip()
    if not kept:
        return before
    first = cut.line_from + text[: len(text) - len(text.lstrip())].count("\n")
    last = first + kept.count("\n")
    if before:
        return Stray(before.line_from, last, before.text)
    return Stray(first, last, kept[:200])


class _Text:
    """The text of a file, and how far it has been cut."""

    def __init__(self, source: Source) -> None:
        self.file = source.text()
        self.text = ""
        self.at = 0
        self.line = 1

    @property
    def left(self) -> int:
        """How many characters are held and not cut yet."""
        return len(self.text) - self.at

    def more(self) -> int:
        """Hold more text; how far places in it have moved to the front, -1 at the end."""
        piece = self.file.read(max(CHUNK, self.left))
        if not piece:
            return -1
        moved, self.at = self.at, 0
        self.text = self.text[moved:] + piece
        return moved

    def take(self, end: int, name: str = "") -> _Cut:
        """Cut off the text up to `end`."""
        text, first = self.text[self.at : end], self.line
        self.line += text.count("\n")
        self.at = end
        return _Cut(name, text, first, self.line)

    def drop(self, reason: str, end: int) -> Rejected:
        """Cut off what can't be read."""
        cut = self.take(end)
        last = cut.line_to - (cut.text.endswith("\n") and cut.line_to > cut.line_from)
        return Rejected(cut.line_from, last, reason, cut.text[:200])


def _cuts(source: Source, names: tuple[str, ...]) -> Iterator[_Cut | Rejected]:
    opens = re.compile(rf"<({'|'.join(names)})(?=[\s/>])")
    held = _Text(source)
    while True:
        found = opens.search(held.text, held.at)
        if found:
            if found.start() > held.at:
                yield held.take(found.start())
            yield _one(held, found[1])
            continue
        last = held.text.rfind("<", max(held.at, len(held.text) - 200))  # a tag may be cut in two
        yield held.take(last if last >= 0 else len(held.text))
        if held.more() < 0:
            yield held.take(len(held.text))
            return


def _one(held: _Text, name: str) -> _Cut | Rejected:
    """The element that begins where the text has been cut."""
    while not (tag := _TAG.match(held.text, held.at)):
        if held.left > ENTRY or held.more() < 0:
            return held.drop(f"<{name} is not closed", len(held.text))
    if tag.group().endswith("/>"):
        return held.take(tag.end(), name)
    next_one = re.compile(rf"</{name}\s*>|<{name}(?=[\s/>])")
    seen = tag.end()
    while not (found := next_one.search(held.text, seen)):
        if held.left > ENTRY:
            reason = f"<{name}> does not end within {ENTRY:,} characters"
            return held.drop(reason, len(held.text))
        seen = max(seen, len(held.text) - len(name) - 40)
        if (moved := held.more()) < 0:
            return held.drop(f"the file ends inside <{name}>", len(held.text))
        seen -= moved
    if found.group().startswith("</"):
        return held.take(found.end(), name)
    return held.drop(f"<{name}> is not closed before the next begins", found.start())


_TAG = re.compile(r"""<(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""")


def _parsed(cut: _Cut, section: str) -> Entry | Rejected:
    """The element, with the most frequent damage mended: it must lose no letter by that."""
    element = _element(cut.text)
    if not isinstance(element, Element):
        element = _element(_mended(cut.text))
    if isinstance(element, Element):
        return Entry(element, cut.line_from, cut.line_to, section)
    fault, line = element
    reason = f"no valid XML: {fault}, line {cut.line_from + line - 1}"
    return Rejected(cut.line_from, cut.line_to, reason, cut.text[:200])


def _element(text: str) -> Element | tuple[str, int]:
    """The element, or what is wrong and on which of its lines."""
    try:
        return fromstring(text)
    except ParseError as error:
        return str(error).split(":")[0], error.position[0]
    except (ValueError, RecursionError) as error:
        return str(error), 1


_LOOSE = re.compile(r"&(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{0,31});)?")
_XML = ("amp", "lt", "gt", "quot", "apos")
_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_TAG = re.compile(r"<(?![A-Za-z_/!?])")


def _mended(text: str) -> str:
    """Text with stray ampersands, HTML's entities, bare < and illegal characters made legal."""
    return _NO_TAG.sub("&lt;", _LOOSE.sub(_entity, _ILLEGAL.sub("", text)))


def _entity(found: re.Match[str]) -> str:
    number, name = found.groups()
    if number:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        legal = code <= 0x10FFFF and not _ILLEGAL.match(chr(code))
        return found.group() if legal else ""
    if name in _XML:
        return found.group()
    if name and f"{name};" in html5:
        return html5[f"{name};"]
    return f"&amp;{found.group()[1:]}"


def text_of(element: Element | None) -> str:
    """All text below an element, MathML and italics included."""
    return "" if element is None else "".join(element.itertext()).strip()


def texts(element: Element, path: str) -> list[str]:
    """The text of every element at a path, the empty ones left out."""
    return [text for one in element.iterfind(path) if (text := text_of(one))]


def first_text(element: Element, *paths: str) -> str:
    """The first text at the first of these paths that has one."""
    return next((text for path in paths for text in texts(element, path)), "")
