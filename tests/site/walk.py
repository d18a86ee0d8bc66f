"""Reads a built page: text nodes with the elements around them, ids, links."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "line", "polygon", "rect", "circle", "path"}


@dataclass
class Walked(HTMLParser):
    texts: list[tuple[str, list[tuple[str, dict[str, str]]]]] = field(default_factory=list)
    numbers: list[tuple[str, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    links: list[tuple[str, str, str]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self, convert_charrefs=True)
        self.stack: list[tuple[str, dict[str, str]]] = []
        self.open: list[tuple[int, str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {k: v or "" for k, v in attrs}
        self.tags.append(tag)
        if "id" in have:
            self.ids.append(have["id"])
        for name in ("href", "src"):
            if name in have:
                self.links.append((tag, name, have[name]))
        if tag in VOID:
            return
        self.stack.append((tag, have))
        if "data-n" in have:
            self.open.append((len(self.stack), have["data-n"], []))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack[-1][0] != tag:
            self.faults.append(f"</{tag}> closes {self.stack[-1][0] if self.stack else 'nothing'}")
            return
        if self.open and self.open[-1][0] == len(self.stack):
            _, name, words = self.open.pop()
            self.numbers.append((name, "".join(words)))
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append((data, list(self.stack)))
        for _, _, words in self.open:
            words.append(data)


def walk(html: str) -> Walked:
    page = Walked()
    page.feed(html)
    page.close()
    page.faults += [f"<{tag}> is never closed" for tag, _ in page.stack]
    return page
