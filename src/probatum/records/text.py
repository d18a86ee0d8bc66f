"""Text of exports as text: mark-up, entities and odd blanks gone, every letter kept."""

from __future__ import annotations

import html
import re
import unicodedata

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
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\ufff9-\ufffb]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")


def tidy(text: str) -> str:
    """One line of plain text: inline mark-up and entities resolved, blanks single, NFC.

    Examples
    --------
    >>> tidy("Ketamine&amp;sleep: <i>a</i>  trial (p < 0.05)")
    'Ketamine&sleep: a trial (p < 0.05)'
    """
    return _BLANKS.sub(" ", _plain(text)).strip()


def tidy_block(text: str) -> str:
    """As `tidy`, with paragraphs kept as lines.

    Examples
    --------
    >>> tidy_block("<p>Background: a.</p><p>Methods:  b.</p>")
    'Background: a.\\nMethods: b.'
    """
    lines = _plain(_BREAK.sub("\n", text)).splitlines()
    return "\n".join(line for line in (_BLANKS.sub(" ", part).strip() for part in lines) if line)


def _plain(text: str) -> str:
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found.group()), text)
        if "<" in text:  # mark-up that was escaped once
            text = _TAG.sub("", text)
    text = _CONTROL.sub("", text)
    text = _SURROGATE.sub("\ufffd", text)
    return unicodedata.normalize("NFC", text)
