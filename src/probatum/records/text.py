"""Text of exports as text: mark-up, entities and odd blanks gone, every letter kept."""

from __future__ import annotations

import html
import re
import unicodedata
from html.entities import html5

# only tags that publishers put into titles and abstracts: "p < 0.05 and n > 3" is no tag
_INLINE = (
    "i|b|u|em|strong|sup|sub|sc|scp|small|span|font|style|tt|italic|bold|underline|title|"
    "p|br|div|sec|list|list-item|ul|ol|li|h[1-6]"
)
_TAG = re.compile(
    rf"</?(?:jats:|mml:|m:)?(?:{_INLINE}|math|mrow|mi|mn|mo|msub|msup|msubsup|mfrac|mtext|mstyle|"
    r"mover|munder|mspace|semantics|annotation|inline-formula|tex-math|alternatives)"
    r"(?:\s[^<>]{0,300})?\s*/?>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"</?(?:jats:)?(?:p|br|div|sec|title|li|h[1-6])(?:\s[^<>]{0,300})?/?>", re.I)
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\ufff9-\ufffb]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")
_BLANKS_IN_LINE = re.compile(r"[^\S\n\r\v\f\x85\u2028\u2029]+")
_LABEL = re.compile(r"(?<=[.!?;)\]])\s+(?=[A-Z][A-Z0-9 ,/&'()-]{2,60}:\s)")
_AGAIN = 8


def tidy(text: str) -> str:
    """One line of plain text: inline mark-up and entities resolved, blanks single, NFC.

    Examples
    --------
    >>> tidy("Ketamine&amp;sleep: <i>a</i>  trial (p < 0.05)")
    'Ketamine&sleep: a trial (p < 0.05)'
    """
    return _BLANKS.sub(" ", _plain(_BLANKS.sub(" ", text))).strip()


def tidy_block(text: str) -> str:
    """As `tidy`, with paragraphs kept as lines.

    Examples
    --------
    >>> tidy_block("<p>Background: a.</p><p>Methods:  b.</p>")
    'Background: a.\\nMethods: b.'
    """
    lines = _plain(_BLANKS_IN_LINE.sub(" ", text)).splitlines()
    return "\n".join(line for line in (_BLANKS.sub(" ", part).strip() for part in lines) if line)


def paragraphs(text: str) -> str:
    """A structured abstract that was printed as one line, with each labelled part on its own.

    Examples
    --------
    >>> paragraphs("AIM: To see. METHODS: We looked: twice.")
    'AIM: To see.\\nMETHODS: We looked: twice.'
    """
    return _LABEL.sub("\n", text)


def _plain(text: str) -> str:
    """Until nothing changes, so that what was escaped twice is text too, and tidy text stays."""
    if text.isascii() and text.isprintable() and "<" not in text and "&" not in text:
        return text  # most are: nothing to change
    for _ in range(_AGAIN):
        before = text
        text = _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))
        if "&" in text:
            text = _ENTITY.sub(_character, text)
        if "<" in text:
            text = _TAG.sub("", _BREAK.sub("\n", text))
        text = unicodedata.normalize("NFC", text)
        if text == before:
            return text
    return text.replace("<", " ").replace("&", " ")  # nested on purpose


def _character(found: re.Match[str]) -> str:
    """What an entity stands for; one that HTML does not know stays as it is."""
    name = found.group(3)
    return html5.get(f"{name};", found.group()) if name else html.unescape(found.group())
