"""Markdown of a question as HTML: no raw HTML, no images, no digit that leads nowhere.

Placeholders and blocks are filled by the page; links between files of the review, such as
``bladder.md``, ``../facts.csv`` or ``../studies/a-2020/study.toml``, become links between
pages of the site.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup, escape

from probatum.review.claims import DIRECTIVES, Placeholder, placeholders
from probatum.review.links import Linked, linked
from probatum.site.addresses import slug, web_url

Fill = Callable[[Placeholder], Markup]
Link = Callable[[Linked], str]  # the relative address of a page, "" where there is none
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
_BLOCK = re.compile(r"\{\{\s*(" + "|".join(DIRECTIVES) + r")\b[^{}]*\}\}\s*\Z")


def paragraphs(text: str, *, fill: Fill, block: Fill, link: Link) -> Markup:
    """Turn a body into HTML."""
    return Markup(_markdown().render(text, {"fill": fill, "block": block, "link": link}))


def sentence(text: str, *, fill: Fill, link: Link) -> Markup:
    """Turn the text of a claim into HTML that may stand inside a paragraph."""
    return Markup(_markdown().renderInline(text, {"fill": fill, "link": link}))


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    made.inline.ruler.before("emphasis", "placeholder", _inline)
    made.block.ruler.before("paragraph", "directive", _directive, {"alt": ["paragraph"]})
    for name, rule in _RULES.items():
        made.add_render_rule(name, rule)
    return made


def _inline(state: StateInline, silent: bool) -> bool:
    end = state.src.find("}}", state.pos)
    if not state.src.startswith("{{", state.pos) or end < 0:
        return False
    if not silent:
        state.push("placeholder", "", 0).content = state.src[state.pos : end + 2]
    state.pos = end + 2
    return True


def _directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    line = state.getLines(start, start + 1, state.blkIndent, False).strip()
    if not _BLOCK.match(line):
        return False
    if not silent:
        token = state.push("directive", "", 0)
        token.content, token.map = line, [start, start + 1]
        state.line = start + 1
    return True


Env = dict[str, Any]


def _filled(_: Any, tokens: list[Token], at: int, options: Any, env: Env) -> str:
    token = tokens[at]
    return str(env["fill" if token.type == "placeholder" else "block"](_spot(token.content)))


def _spot(text: str) -> Placeholder:
    found = placeholders(text)
    return found[0] if found else Placeholder(text.strip("{} "), "", "", (), 1, 0, len(text))


def _text(_: Any, tokens: list[Token], at: int, options: Any, env: Env) -> str:
    """Typed numbers have no source: the checks name them, and the page marks the place."""
    out, last, text = [], 0, tokens[at].content
    if at and tokens[at - 1].markup == "autolink":
        return str(Markup('<span data-x="id">{}</span>').format(text))
    for match in _NUMBER.finditer(text):
        out += [escape(text[last : match.start()]), Markup("<mark>(typed number)</mark>")]
        last = match.end()
    return str(Markup("").join([*out, escape(text[last:])]))


def _code(_: Any, tokens: list[Token], at: int, options: Any, env: Env) -> str:
    code = Markup('<code data-x="code">{}</code>').format(tokens[at].content)
    return str(code if tokens[at].type == "code_inline" else Markup("<pre>{}</pre>").format(code))


def _heading(_: Any, tokens: list[Token], at: int, options: Any, env: Env) -> str:
    token = tokens[at]
    tag = "h2" if token.tag == "h1" else token.tag  # the title of the page is its only h1
    if token.nesting < 0:
        return f"</{tag}>\n"
    used = env.setdefault("anchors", set(_TAKEN))
    wanted = name = slug(tokens[at + 1].content.casefold()) or "part"
    count = 1
    while name in used:
        count += 1
        name = f"{wanted}-{count}"
    used.add(name)
    return f'<{tag} id="{name}">'


def _link(_: Any, tokens: list[Token], at: int, options: Any, env: Env) -> str:
    href = str(tokens[at].attrs.get("href", ""))
    if not (web_url(href) or href.startswith("#")):
        inside = linked(href)
        href = env["link"](inside) if inside else ""
    return str(Markup('<a href="{}">').format(href)) if href else "<a>"


#: Anchors of the page around the prose.
_TAKEN = ("main", "toc", "cite")
_RULES = {
    "placeholder": _filled,
    "directive": _filled,
    "text": _text,
    "code_inline": _code,
    "code_block": _code,
    "fence": _code,
    "heading_open": _heading,
    "heading_close": _heading,
    "link_open": _link,
}
