"""What can be found on the site: gathered from the finished pages, so that search knows just
what a reader can see, and a new kind of page is found without being told."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections import Counter
from typing import Any

from probatum.build.engine import Context, StepFailed, step
from probatum.site.finish import cut, said, summary, unlinked
from probatum.site.registers import REGISTER_PAGES

#: Kinds of pages by folder, and of what can be found on a page by itself, in the order in
#: which equal hits stand.
KINDS = {
    "questions": "Question",
    "themes": "Theme",
    "": "Page",
    "glossary.html": "Word",
    "analyses": "Analysis",
    "studies": "Study",
    **{one.path: one.row for one in REGISTER_PAGES},
}
_MANY = 2
_PAGE, _ROW = 200, 120  # letters of a text in the index: the page has all
PART = "Section"  # a heading on a page: it comes after all whole things
_NOT_FOUND = ("search.html", "404.html", "problems.html")
_DEEP = ("", "questions", "themes")  # pages whose headings can be found

_TITLE = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.S)
_PART = re.compile(r'<h[23] id="([^"]+)"[^>]*>(.*?)</h[23]>', re.S)
#: An element that can be found by itself: it has an id and ``data-find``, which names its
#: title (when empty, the text makes the title).
_ITEM = re.compile(r'<(\w+) id="([^"]+)"[^>]*? data-find="([^"]*)"[^>]*>(.*?)</\1>', re.S)
_ASIDE = re.compile(r'<p class="(?:source|note)">.*?</p>', re.S)  # not what an item is about
_NUMBER = re.compile(r'data-n="([^"]*)"')


def kind_of(path: str) -> str:
    """Return the kind of page a path is, as a reader calls it."""
    folder, _, name = path.rpartition("/")
    return KINDS[""] if name == "index.html" else KINDS.get(folder, KINDS[""])


@step("find")
def find(ctx: Context, path: str) -> dict[str, Any] | None:
    """Return what can be found on one page: itself, and as its parts headings and marked items.

    The title also stands as HTML, with the numbers in it. A page without a title is not found.
    """
    made = ctx.get(f"page:{path}")
    markup = str(made["html"])
    title = _TITLE.search(markup)
    if title is None:
        return None
    body = markup.partition("<main")[2].partition("</main>")[0]
    heading = unlinked(title[1]).strip()
    inside = set(map(html.unescape, _NUMBER.findall(heading)))
    kind = kind_of(path)
    page = {
        "kind": kind,
        "title": said(heading),
        "url": path,
        "text": cut(summary(body), _PAGE),
        "html": heading,
        "shown": [s for s in made["shown"] if s["id"] in inside],
    }
    parts = []
    if path.rpartition("/")[0] in _DEEP:
        parts = [
            {"kind": PART, "title": said(words), "at": anchor, "text": ""}
            for anchor, words in _PART.findall(body)
        ]
    for _, anchor, name, words in _ITEM.findall(body):
        text = said(_ASIDE.sub(" ", words))
        shown = html.unescape(name) or cut(text, 90)
        parts.append(
            {
                "kind": KINDS.get(path, kind),
                "title": shown,
                "at": anchor,
                "text": cut(text.removeprefix(shown.removesuffix(" …")).strip(), _ROW),
            }
        )
    return {**page, "parts": parts}


@step("findable")
def findable(ctx: Context, argument: str) -> list[dict[str, Any]]:
    """Return what can be found, page by page."""
    paths = [
        node.removeprefix("page:")
        for node in ctx.get("outputs.pages").values()
        if node.startswith("page:")
    ]
    found = []
    for path in sorted(set(paths) - set(_NOT_FOUND)):
        try:
            entry = ctx.get(f"find:{path}")
        except StepFailed:
            continue  # told where the page is written
        if entry:
            found.append(entry)
    return found


@step("search-index")
def search_index(ctx: Context, argument: str) -> str:
    """Return the index as a script: a page from a disk may load it, and fetch nothing else.

    A page is ``[kind, title, address, text, parts]``, a part ``[kind, title, anchor, text]``.
    """
    kinds = [*dict.fromkeys(KINDS.values()), PART]
    found = ctx.get("findable")
    usual = _usual(found)
    pages = []
    for page in found:
        parts = [
            [kinds.index(p["kind"]), p["title"], p["at"], p["text"]]
            for p in page["parts"]
            if p["kind"] != PART or p["title"] not in usual
        ]
        pages.append([kinds.index(page["kind"]), page["title"], page["url"], page["text"], parts])
    pages.sort(key=lambda page: (page[0], sort_key(page[1]), page[2]))
    text = json.dumps({"kinds": kinds, "pages": pages}, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":  # nothing in it can end a script or begin a tag
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"window.probatumIndex={text};\n"


def _usual(found: list[dict[str, Any]]) -> set[str]:
    """Return headings that stand on many pages: nobody looks for them."""
    counted = Counter(p["title"] for page in found for p in page["parts"] if p["kind"] == PART)
    return {title for title, times in counted.items() if times > _MANY}


def sort_key(title: str) -> tuple[str, str]:
    """Return what a title is sorted by: letters without marks, then the title itself."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", title) if not unicodedata.combining(c))
    return bare.casefold().lstrip("\"'“‘(« "), title
